"""Another SCIM service for the tests, written by others in another language: SCIMMY, on node.

Two services disagree where the standard leaves room, or where one of them is wrong: what erpsync does must
hold with both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.tryton_server import free_port
from tests.support.scim_server import GROUPS, TOKEN, USERNAME, ScimServer, wait

PROGRAM = Path(__file__).parents[1] / "scimmy" / "server.mjs"
MODULES = Path(sys.prefix) / "node" / "scimmy" / "node_modules"
"""Where `make scimmy` installs it."""


@contextmanager
def running(directory: Path) -> Iterator[ScimServer]:
    """Start a service with nothing in it but the account of erpsync itself and three groups.

    Args:
        directory: for its log.
    """
    _need()
    port = free_port()
    command = ["node", str(PROGRAM), str(MODULES), str(port), TOKEN, USERNAME]
    with (directory / "scimmy.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
    server = ScimServer(f"http://127.0.0.1:{port}/scim")
    try:
        wait(server, process, directory / "scimmy.log")
        for name in GROUPS:
            server.group(name)
        yield server
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def _need() -> None:
    """Without it a developer goes on; CI does not, since nobody would see what was left out there."""
    if shutil.which("node") and (MODULES / "scimmy").is_dir():
        return
    missing = "the second SCIM service is not installed: make scimmy, which needs npm"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
