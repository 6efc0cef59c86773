"""A real Tryton server on SQLite, on loopback, for the demo, the tests and CI.

Building a database takes about a minute, copying one takes no time: `build_template` builds it once,
`copy_database` copies it, `TrytonServer` serves the copy. The server always runs as a process of its
own and is never imported here.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Self

import requests

from demo import tryton_rpc

FULL = ("company", "account", "sale", "purchase", "stock", "production", "user_role")
MINIMAL = ("company", "user_role")
WITHOUT_USER_ROLE = ("company",)

LANGUAGES = ("zh_CN",)
HOST = "127.0.0.1"

# Runs a Tryton command that ends when the process that started it ends, however that ended: its standard
# input is a pipe from there, which the system closes. It works the same on Linux and macOS.
_GUARDED = """
import os, runpy, sys, threading
def watch():
    os.read(0, 1)
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


class ServerError(Exception):
    """The ERP could not be built or started; the message says why and where its log is."""


def build_template(root: Path, modules: Sequence[str], report: Callable[[str], None]) -> Path:
    """Return a ready database with these modules, building it under `root` the first time.

    The file's name is a digest of the modules and of the installed version, so an upgrade builds anew.
    Its administrator has a random password that nobody knows: see `set_admin_password`. Safe when two
    processes ask at once, and when one is killed half way. Raises ServerError.
    """
    templates = root / "templates"
    templates.mkdir(parents=True, exist_ok=True)
    template = templates / f"{_template_key(modules)}.sqlite"
    with _locked(template.with_suffix(".lock"), report):
        if not template.exists():
            _build(template, modules, report)
    return template


def copy_database(source: Path, destination: Path) -> Path:
    """Copy a database, in use or not, replacing `destination`, which no server may have open."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    partial = destination.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(partial)) as copy:
        original.backup(copy)
    for leftover in ("-wal", "-shm"):  # of the database that is replaced; they would corrupt the new one
        Path(f"{destination}{leftover}").unlink(missing_ok=True)
    partial.replace(destination)
    return destination


def set_admin_password(database: Path) -> str:
    """Give the administrator `admin` a new random password, keep it beside the database and return it."""
    password = secrets.token_urlsafe(24)
    file = _write_secret(_password_file(database), password)
    # Without --administrator, -p takes the administrator flag away.
    _admin(database, file, ["-p", "--administrator"], lambda _: None)
    return password


def admin_password(database: Path) -> str:
    """Return the password that `set_admin_password` kept; FileNotFoundError when it never ran."""
    return _password_file(database).read_text("utf-8").strip()


def free_port() -> int:
    """Return a loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class TrytonServer:
    """A running server of one database; a context manager that stops it.

    It also ends when this process ends without stopping it, even when killed.
    """

    def __init__(self, process: subprocess.Popen[bytes], database: Path, port: int, log: Path) -> None:
        self.url = f"http://{HOST}:{port}/"
        self.database = database.stem
        self.log = log
        self._process = process

    @classmethod
    def start(
        cls, database: Path, port: int, report: Callable[[str], None], *, timeout: float = 60
    ) -> TrytonServer:
        """Serve `database` on a loopback port and return when it answers.

        The log is written beside the database. Raises ServerError when there is no such file, when the port
        is taken, and when the server ends or does not answer within `timeout` seconds.
        """
        if not database.is_file():
            raise ServerError(f"there is no database {database}")
        _require_free(port)
        log = database.with_suffix(".log")
        environment = _environment(database) | {"TRYTOND_WEB__LISTEN": f"{HOST}:{port}"}
        process = _spawn(["trytond.cli", "-d", database.stem], environment, log)
        server = cls(process, database, port, log)
        try:
            server._wait_until_ready(report, timeout)
        except BaseException:
            server.stop()
            raise
        return server

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the server, by force after five seconds; nothing happens when it has ended already."""
        _end(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_ready(self, report: Callable[[str], None], timeout: float) -> None:
        report(f"Starting the ERP at {self.url}")
        started = time.monotonic()
        while not self._answers():
            waited = time.monotonic() - started
            if self._process.poll() is not None:
                raise ServerError(f"the ERP ended while it was starting\n{_tail(self.log)}")
            if waited > timeout:
                raise ServerError(f"the ERP did not answer within {timeout:.0f} s\n{_tail(self.log)}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            databases = tryton_rpc.databases(self.url)
        except (requests.RequestException, tryton_rpc.RpcError):
            return False
        # Another server may have taken the port in the meantime: ours must also be alive.
        return self.database in databases and self._process.poll() is None


def _build(template: Path, modules: Sequence[str], report: Callable[[str], None]) -> None:
    building = template.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)  # left by a build that was killed
    building.mkdir()
    database = building / "erp.sqlite"
    database.touch()  # the server opens a database, but does not create the file
    password = _write_secret(building / "password", secrets.token_urlsafe(24))
    report(f"Building the ERP database: {', '.join(modules)} (once, about a minute)")
    try:
        # Users may only have a language whose translations are loaded.
        languages = ["-l", *LANGUAGES]
        arguments = [*languages, "--activate-dependencies", "--email", "admin@example.com", "-u", *modules]
        _admin(database, password, arguments, report)
        copy_database(database, building / "ready.sqlite").replace(template)
    finally:
        shutil.rmtree(building)


def _admin(
    database: Path, password_file: Path, arguments: Sequence[str], report: Callable[[str], None]
) -> None:
    """Run trytond-admin to its end, reporting each module it loads. Raises ServerError with its log."""
    log = database.with_suffix(".admin.log")
    environment = _environment(database) | {"TRYTONPASSFILE": str(password_file)}
    process = _spawn(["trytond.cli.admin", "-vv", "-d", database.stem, *arguments], environment, log)
    reported = ""
    try:
        while process.poll() is None:
            module = _module_in_progress(log)
            if module not in ("", reported):
                report(f"Building the ERP database: {module}")
                reported = module
            time.sleep(0.1)
    finally:
        _end(process)
    if process.returncode:
        raise ServerError(f"trytond-admin failed\n{_tail(log)}")


def _spawn(command: Sequence[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a Tryton module as a program, in its own session: Ctrl-C is for us, who then stop it in order."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _GUARDED, *command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes], grace: float = 5) -> None:
    """End a process and wait until it is gone."""
    process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def _environment(database: Path) -> dict[str, str]:
    """Return the settings for a command on `database`, without any that the caller's shell may hold."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRYTON")}
    return inherited | {
        "TRYTOND_DATABASE__URI": "sqlite://",
        "TRYTOND_DATABASE__PATH": str(database.parent.resolve()),
        # Never look what other processes changed. On SQLite the look turns the transaction that it happens in
        # to autocommit, so that a refused call would keep half of its writes. There are no other processes:
        # scheduled actions run in the server, over RPC.
        "TRYTOND_CACHE__CLEAN_TIMEOUT": str(10 * 365 * 24 * 3600),
    }


def _template_key(modules: Sequence[str]) -> str:
    try:
        version = metadata.version("trytond")
    except metadata.PackageNotFoundError:
        raise ServerError("trytond is not installed: install erpsync with its demo extra") from None
    return hashlib.sha256(" ".join([version, *LANGUAGES, *sorted(modules)]).encode()).hexdigest()[:16]


@contextmanager
def _locked(path: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock that other processes wait for; the system gives it back when this one ends."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Waiting for another process that builds the same ERP database")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one just closed counts as free
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ServerError(
                f"port {port} is in use: stop what listens there or choose another port ({error.strerror})"
            ) from None


def _password_file(database: Path) -> Path:
    return database.with_suffix(".password")


def _write_secret(file: Path, secret: str) -> Path:
    """Write a file that only its owner may read, from its first byte on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(f"{secret}\n")
    return file


def _module_in_progress(log: Path) -> str:
    """Return the module that trytond-admin loads, going by its log, or nothing."""
    loaded = re.findall(r" INFO trytond\.modules (\w+) load ", log.read_text("utf-8", "replace"))
    return loaded[-1] if loaded else ""


def _tail(log: Path, lines: int = 15) -> str:
    """Return the end of a log, without the requests it was asked, and where to read the rest."""
    kept = [line for line in log.read_text("utf-8", "replace").splitlines() if " INFO werkzeug " not in line]
    return "\n".join([*kept[-lines:], f"(from {log})"])
