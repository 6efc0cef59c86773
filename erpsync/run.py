"""Who or what carries a plan out: the facts that a record of it needs."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from erpsync.codec import Json
from erpsync.forge.job import job_url


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command that writes: its id, who started it, where, and the CI job, if it is one.

    ``approved`` is the evidence of the approvals it rests on: each pull request with its reviews.
    """

    id: str
    by: str
    host: str
    job: str | None = None
    approved: tuple[Mapping[str, Json], ...] = ()


def this_run(now: datetime | None = None) -> Run:
    """The facts of the present run, from the environment of GitHub Actions or from the machine."""
    began = (now or datetime.now(UTC)).astimezone(UTC)
    env = os.environ
    return Run(
        id=f"{began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        by=env.get("GITHUB_ACTOR") or _login_name(),
        host=socket.gethostname(),
        job=job_url(env),
    )


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a number that has no name.
        return f"uid {os.getuid()}"
