"""Tryton's programs as processes of their own: they are never imported here, and never outlive us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Runs a Tryton command that ends when the process that started it ends, however that ended: its standard
# input is a pipe from there, which the system closes. It works the same on Linux and macOS.
_GUARDED = """
import os, runpy, sys, threading
def watch():
    os.read(0, 1)
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
# With it, where some other package brings it, Tryton asks the DNS about every e-mail address it is given.
sys.modules["email_validator"] = None
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


class ServerError(Exception):
    """The ERP could not be built or started; the message says why and where its log is."""


def spawn(command: Sequence[str], settings: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a Tryton module as a program, in its own session: Ctrl-C is for us, who then stop it in order."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _GUARDED, *command],
            env=settings,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], grace: float = 5) -> None:
    """End a process and wait until it is gone."""
    process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def environment(database: Path) -> dict[str, str]:
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


def tail(log: Path, lines: int = 15) -> str:
    """Return the end of a log, without the requests it was asked, and where to read the rest."""
    kept = [line for line in log.read_text("utf-8", "replace").splitlines() if " INFO werkzeug " not in line]
    return "\n".join([*kept[-lines:], f"(from {log})"])
