"""What a tool needs to be measured: an environment of its own, the users, something to run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, Protocol

import yaml

from bench.company import company
from bench.peers.postgres import Cluster

ROOT = Path(__file__).parents[2] / ".erpsync" / "bench" / "peers"

User = Mapping[str, Any]
"""What the access files say of a user, and its ``key``."""


class MissingError(Exception):
    """Something that a tool needs is not to be had here; the message says what."""


@dataclass(frozen=True)
class Work:
    """A command that compares and changes nothing, and how to change one user in what it reads."""

    command: Sequence[str]
    change_one: Callable[[], None]
    environment: Mapping[str, str] = field(default_factory=dict)
    expected: Sequence[int] = (0,)


@dataclass(frozen=True)
class Stage:
    """Where a tool is measured: with so many users, in a directory, with PostgreSQL where there is one."""

    users: Sequence[User]
    place: Path
    postgres: Cluster | None

    def database(self) -> Cluster:
        """The database server.

        Raises:
            MissingError: there is none.
        """
        if self.postgres is None:
            raise MissingError("PostgreSQL is not installed (Debian: postgresql)")
        return self.postgres


class Tool(Protocol):
    """A tool to compare with."""

    name: str
    entry: str
    """What one user is to it."""

    def version(self) -> str:
        """Which one is measured, after installing it if need be.

        Raises:
            MissingError: it cannot be had.
        """

    def prepare(self, stage: Stage) -> Work:
        """Write what it reads, and bring about what it compares that with."""


def users_of(count: int) -> list[User]:
    """The users of the company of a size."""
    loader = yaml.CSafeLoader
    return [
        {"key": person.key, **yaml.load(text, loader)[person.key]}  # noqa: S506 - a safe loader
        for person, text in company(count).users()
    ]


def installed(name: str, *packages: str) -> Path:
    """The programs of packages in an environment of their own, made when there is none.

    Raises:
        MissingError: they cannot be installed.
    """
    place = ROOT / name
    python = place / "bin" / "python"
    mark = place / "installed"
    if not mark.is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if "rror" in line] or ["pip failed"]
            raise MissingError(f"cannot be installed: {lines[-1].strip()}")
        mark.touch()
    return python.parent


def version_of(programs: Path, package: str) -> str:
    """The version of a package in an environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([str(programs / "python"), "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageNotFoundError(package)
    return done.stdout.strip()
