"""From a declared target to a connection: find its connector, read its secrets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from erpsync.connectors.base import Connection, Connector, Progress
from erpsync.connectors.description import Description
from erpsync.errors import ErpsyncError, RefusedError
from erpsync.model import Target
from erpsync.redact import redact
from erpsync.schema import suggest

GROUP = "erpsync.connectors"


@dataclass(frozen=True, slots=True)
class Installed:
    """A connector that an installed package brings; ``problem`` says why it cannot be used."""

    name: str
    package: str
    version: str
    description: Description | None = None
    problem: str | None = None


def installed() -> list[Installed]:
    """Every connector that is installed, by name; nothing is connected to."""
    entries = sorted(_entries(), key=lambda entry: (entry.name, _package(entry)[0]))
    return [_look_at(entry, entries) for entry in entries]


def _look_at(entry: EntryPoint, entries: Sequence[EntryPoint]) -> Installed:
    package, version = _package(entry)
    found = Installed(entry.name, package, version)
    others = [_package(other)[0] for other in entries if other.name == entry.name and other is not entry]
    if others:
        return replace(found, problem=f"{', '.join(others)} brings a connector of the same name")
    try:
        return replace(found, description=_description(_load(entry)))
    except ErpsyncError as error:
        return replace(found, problem=error.message)


def _description(connector: Connector) -> Description | None:
    """What a connector says of itself, if it does.

    Raises:
        ErpsyncError: in a way that cannot be read.
    """
    description = getattr(connector, "describes", None)
    if not isinstance(description, Description):
        return None
    try:
        list(description.offers)
    except TypeError as error:
        raise ErpsyncError(f"it describes itself wrongly: reader: {error}") from error
    return description


def find_connector(target: Target) -> Connector:
    """The installed connector that a target names.

    Raises:
        RefusedError: no such connector is installed, or more than one.
        ErpsyncError: it cannot be loaded.
    """
    entries = [entry for entry in _entries() if entry.name == target.connector]
    if not entries:
        raise RefusedError(
            f"target {target.name!r}: no connector {target.connector!r} is installed",
            where=str(target.at),
            hint=suggest(target.connector, {entry.name for entry in _entries()}, "installed connectors"),
        )
    if len(entries) > 1:
        packages = ", ".join(sorted(_package(entry)[0] for entry in entries))
        raise RefusedError(
            f"target {target.name!r}: several packages bring a connector {target.connector!r}: {packages}",
            where=str(target.at),
            hint="uninstall all but one: they would be sent the login of the target",
        )
    try:
        return _load(entries[0])
    except ErpsyncError as error:
        raise ErpsyncError(
            f"target {target.name!r}: {error.message}", where=str(target.at), hint=error.hint
        ) from error


def _entries() -> list[EntryPoint]:
    return list(entry_points(group=GROUP))


def _package(entry: EntryPoint) -> tuple[str, str]:
    return (entry.dist.name, entry.dist.version) if entry.dist else ("an unknown package", "?")


def _load(entry: EntryPoint) -> Connector:
    """Import a connector.

    Raises:
        ErpsyncError: the package that brings it is broken.
    """
    package = " ".join(_package(entry))
    hint = f"install {package} anew, or ask whoever made it"
    try:
        connector = entry.load()
    except Exception as error:  # whatever the code of a package of somebody else raises
        message = f"connector {entry.name!r} of {package} cannot be loaded: {type(error).__name__}: {error}"
        raise ErpsyncError(redact(message), hint=hint) from error
    if not (callable(getattr(connector, "read", None)) and callable(getattr(connector, "write", None))):
        raise ErpsyncError(f"connector {entry.name!r} of {package} has no read and write", hint=hint)
    return cast("Connector", connector)


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
