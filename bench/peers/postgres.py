"""A PostgreSQL server of its own for the time of a run: on loopback, and without rights elsewhere."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.tryton_server import HOST, free_port

UNPRIVILEGED = "nobody"
"""Whom the server runs as if this process may do anything: PostgreSQL refuses to run as root."""


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    programs: Path
    port: int
    password: str

    @property
    def environment(self) -> dict[str, str]:
        """How clients find it."""
        return {
            "PGHOST": HOST,
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
        }

    def execute(self, statements: str) -> None:
        """Run statements as the owner."""
        command = [str(self.programs / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
        subprocess.run(
            command,
            input=statements,
            text=True,
            env={**os.environ, **self.environment},
            check=True,
            stdout=subprocess.DEVNULL,
        )


def find_programs() -> Path | None:
    """The directory of the server's programs, if they are installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    # Debian keeps them outside the path, by version.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A server with a database of its own, or None where PostgreSQL is not installed."""
    programs = find_programs()
    if programs is None:
        yield None
        return
    identity = _identity()
    with tempfile.TemporaryDirectory(prefix="erpsync-bench-") as folder:
        place = Path(folder)
        password = secrets.token_urlsafe(24)
        (place / "password").write_text(password, encoding="ascii")
        if identity:
            for path in (place, place / "password"):
                shutil.chown(path, identity["user"], identity["group"])
        _call([programs / "initdb", "-D", place / "data", "-U", "postgres", "-A", "scram-sha-256",
               f"--pwfile={place / 'password'}", "--no-sync"], place, identity)  # fmt: skip
        port = free_port()
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(place / "data"), "-h", HOST, "-p", str(port),
             "-k", str(place), "-c", "fsync=off"],
            cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity,
        )  # fmt: skip
        try:
            made = Cluster(programs, port, password)
            _wait_for(made, server)
            yield made
        finally:
            server.terminate()
            server.wait()


def _identity() -> dict[str, Any]:
    """As whom the server is started; as we are, unless that is root."""
    if os.geteuid() != 0:
        return {}
    return {"user": UNPRIVILEGED, "group": pwd.getpwnam(UNPRIVILEGED).pw_gid, "extra_groups": []}


def _call(command: Sequence[object], place: Path, identity: dict[str, Any]) -> None:
    subprocess.run(
        [str(part) for part in command], cwd=place, check=True, stdout=subprocess.DEVNULL, **identity
    )


def _wait_for(made: Cluster, server: subprocess.Popen[bytes]) -> None:
    command = [str(made.programs / "pg_isready"), "--quiet", "-h", HOST, "-p", str(made.port)]
    for _ in range(150):
        if subprocess.run(command, check=False).returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError("PostgreSQL did not start")
