"""A real SCIM service for the tests, scim2-server, and what an administrator does there by hand."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import requests

from demo.tryton_server import free_port
from erpsync.connectors.base import Connection
from erpsync.model import Location, Target
from tests.support.erp import ENFORCE, SHANGHAI

TOKEN = "scim-Secret-1"
USERNAME = "erpsync-client"
ENCODED = "ZXJwc3luYy1jbGllbnQ6c2NpbS1TZWNyZXQtMQ=="
"""Username and token as Infor OS wants them: base64 of both."""
MEDIA_TYPE = "application/scim+json"
GROUPS = ("Buyer", "Clerk", "Planner")

NOTHING_BUT_PATCH: dict[str, Any] = {
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": False, "maxResults": 3},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
}
"""A service that can do as little as may be, and lists three resources at once."""

# Ends when the process that started it ends, however that ended: its standard input is a pipe from there.
_SERVE = """
import os, threading
def watch():
    os.read(0, 1)
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
from scim2_server.testserver.cli import main
main()
"""

_numbers = count(1)


@dataclass(frozen=True)
class ScimServer:
    """A running service with three groups."""

    url: str

    # --- reaching it ------------------------------------------------------------------------------

    def target(self, **values: Any) -> Target:
        """The target `erp`, everything enforced."""
        declared: dict[str, Any] = {
            "name": "erp",
            "connector": "scim",
            "url": self.url,
            "username": "env:ERP_USERNAME",
            "password": "env:ERP_PASSWORD",
            "at": Location("access/erpsync.yaml", 4, 3),
            "manage": ENFORCE,
        }
        return Target(**(declared | values))

    def connection(self, password: str = TOKEN, **target: Any) -> Connection:
        """How erpsync would connect, with other values for the target where given."""
        return Connection(self.target(**target), USERNAME, password, SHANGHAI)

    # --- what an administrator does by hand -------------------------------------------------------

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return f"{name}.{next(_numbers)}"

    def create(self, login: str, **values: Any) -> str:
        """Make a user; its id."""
        known = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, "active": True}
        return str(self.call("POST", "/Users", {**known, "displayName": login, **values})["id"])

    def group(self, name: str, **values: Any) -> str:
        """Make a group; its id."""
        known = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name}
        return str(self.call("POST", "/Groups", {**known, **values})["id"])

    def patch(self, path: str, *operations: Mapping[str, Any]) -> None:
        """Change a resource."""
        schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        self.call("PATCH", path, {"schemas": [schema], "Operations": operations})

    def change(self, login: str, path: str, value: Any) -> None:
        """Set an attribute of a user."""
        self.patch(f"/Users/{self.id(login)}", {"op": "replace", "path": path, "value": value})

    def give(self, login: str, group: str) -> None:
        """Add a member."""
        operation = {"op": "add", "path": "members", "value": [{"value": self.id(login)}]}
        self.patch(f"/Groups/{self.group_id(group)}", operation)

    def take(self, login: str, group: str) -> None:
        """Remove a member."""
        path = f'members[value eq "{self.id(login)}"]'
        self.patch(f"/Groups/{self.group_id(group)}", {"op": "remove", "path": path})

    def delete(self, path: str) -> None:
        """Delete a resource."""
        self.call("DELETE", path)

    def read(self, login: str) -> dict[str, Any]:
        """What the service itself has of a user."""
        return next(user for user in self.all("/Users") if user["userName"].casefold() == login.casefold())

    def id(self, login: str) -> str:
        """The id of a user."""
        return str(self.read(login)["id"])

    def group_id(self, name: str) -> str:
        """The id of a group."""
        return str(next(group["id"] for group in self.all("/Groups") if group["displayName"] == name))

    def members(self, name: str) -> set[str]:
        """The ids of the members of a group."""
        group = self.call("GET", f"/Groups/{self.group_id(name)}")
        return {member["value"] for member in group.get("members", [])}

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every resource of a kind."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.call("GET", f"{path}?startIndex={len(found) + 1}")
            found += answer.get("Resources", [])
            if len(found) >= answer["totalResults"]:
                return found

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send a request; it must succeed."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": MEDIA_TYPE}
        answer = requests.request(method, self.url + path, json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return dict(answer.json()) if answer.content else {}


@contextmanager
def running(directory: Path, config: Mapping[str, Any] | None = None, **files: Any) -> Iterator[ScimServer]:
    """Start a service with nothing in it but three groups.

    Args:
        directory: for its files.
        config: what it says it can do; without it, everything.
        files: other documents that it is to serve, by option: `schema`, `resource_type`.
    """
    documents = {**files, **({"service_provider_config": config} if config else {})}
    options: list[str] = []
    for option, document in documents.items():
        path = directory / f"{option}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        options += [f"--{option.replace('_', '-')}", str(path)]
    port = free_port()
    command = [sys.executable, "-P", "-c", _SERVE, "--port", str(port), *options]
    tokens = ["--bearer-token", TOKEN, "--bearer-token", ENCODED]
    with (directory / "scim.log").open("wb") as log:
        process = subprocess.Popen([*command, *tokens], stdin=subprocess.PIPE, stdout=log, stderr=log)
    server = ScimServer(f"http://127.0.0.1:{port}")
    try:
        wait(server, process, directory / "scim.log")
        for name in GROUPS:
            server.group(name)
        yield server
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def wait(server: ScimServer, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the service answers."""
    for _ in range(600):
        assert process.poll() is None, log.read_text("utf-8", "replace")
        try:
            requests.get(f"{server.url}/ServiceProviderConfig", timeout=60)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text("utf-8", "replace"))
