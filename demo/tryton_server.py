"""A real Tryton server on SQLite, on loopback, for the demo, the tests and CI.

It serves a database made by `demo.tryton_database`, as a process of its own.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import requests

from demo import tryton_rpc
from demo.tryton_process import ServerError, end, environment, spawn, tail

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(port: int) -> None:
    """Raise ServerError when a loopback port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one just closed counts as free
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ServerError(
                f"port {port} is in use: stop what listens there or choose another port ({error.strerror})"
            ) from None


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
        require_free(port)
        log = database.with_suffix(".log")
        settings = environment(database) | {"TRYTOND_WEB__LISTEN": f"{HOST}:{port}"}
        process = spawn(["trytond.cli", "-d", database.stem], settings, log)
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

    def wait(self) -> None:
        """Return when the server has ended by itself."""
        self._process.wait()

    def stop(self) -> None:
        """End the server, by force after five seconds; nothing happens when it has ended already."""
        end(self._process)

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
                raise ServerError(f"the ERP ended while it was starting\n{tail(self.log)}")
            if waited > timeout:
                raise ServerError(f"the ERP did not answer within {timeout:.0f} s\n{tail(self.log)}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            databases = tryton_rpc.databases(self.url)
        except (requests.RequestException, tryton_rpc.RpcError):
            return False
        # Another server may have taken the port in the meantime: ours must also be alive.
        return self.database in databases and self._process.poll() is None
