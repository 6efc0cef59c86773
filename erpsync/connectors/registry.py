"""From a declared target to a connection: find its connector, read its secrets."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from erpsync.connectors.base import Connection, Connector, Progress
from erpsync.errors import ErpsyncError, RefusedError
from erpsync.model import Target
from erpsync.schema import suggest

GROUP = "erpsync.connectors"


def find_connector(target: Target) -> Connector:
    """The installed connector that a target names.

    Raises:
        RefusedError: no such connector is installed.
    """
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    if target.connector not in installed:
        raise RefusedError(
            f"target {target.name!r}: no connector {target.connector!r} is installed",
            where=str(target.at),
            hint=suggest(target.connector, installed, "installed connectors"),
        )
    return cast("Connector", installed[target.connector].load())


def connect(target: Target, timezone: str, progress: Progress) -> Connection:
    """What the connector needs: the target, the secrets it refers to, the company's time zone.

    Raises:
        ErpsyncError: a secret is not where the target says.
    """
    return Connection(
        target=target,
        username=_secret(target, "username", target.username),
        password=_secret(target, "password", target.password),
        timezone=ZoneInfo(timezone),
        progress=progress,
    )


def _secret(target: Target, what: str, reference: str | None) -> str:
    if reference is None:  # the schema asks for it where the connector needs it
        return ""
    kind, _, name = reference.partition(":")
    where = f"target {target.name!r}"
    if kind == "env":
        value = os.environ.get(name, "")
        if not value:
            raise ErpsyncError(
                f"the {what} is expected in the environment variable {name}, which is not set",
                where=where,
                hint=f"export {name}=…",
            )
        return value
    try:
        value = Path(name).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ErpsyncError(f"the {what} cannot be read from {name}: {why}", where=where) from error
    if not value:
        raise ErpsyncError(f"the {what} is expected in {name}, which is empty", where=where)
    return value
