"""SAP S/4HANA Cloud as far as SCIM goes: a real service with its extensions, behind a guard of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from erpsync.connectors.scim.profiles import SAP_EXTENSION
from tests.support import scim_server as scim
from tests.support.http_server import Answer, Request, StubServer, html
from tests.support.scim_server import ScimServer

USER, GROUP = f"{SAP_EXTENSION}:User", f"{SAP_EXTENSION}:Group"
OPTIONS = {"profile": "sap-s4hana-cloud"}
BUSINESS_ROLES = ("BROL_BUYER", "BROL_CLERK")
USER_GROUP = "BUGR_OFFICE"
TOKEN, COOKIE = "tok-1", "sap-session=s1"
FORWARDED = ("Authorization", "Content-Type", "If-Match")


@dataclass(frozen=True)
class Cloud:
    """The service itself, as its administrators reach it, and the door that erpsync has to take."""

    server: ScimServer
    door: ScimServer


@contextmanager
def running(like: ScimServer, directory: Path) -> Iterator[Cloud]:
    """Start one with two business roles and a user group.

    Args:
        like: a service with the schemas of the standard.
        directory: for its files.
    """
    schemas = like.all("/Schemas")
    schemas += [_extension(USER, "validFrom", "validTo", "loginTime", "userUuid")]
    schemas += [_extension(GROUP, "type", "supportedOperations")]
    kinds = like.all("/ResourceTypes")
    for kind, urn in (("User", USER), ("Group", GROUP)):
        (found,) = [item for item in kinds if item["id"] == kind]
        found.setdefault("schemaExtensions", []).append({"schema": urn, "required": False})
    with (
        scim.running(directory, schema=schemas, resource_type=kinds) as started,
        StubServer() as guard,
    ):
        for name in (*BUSINESS_ROLES, USER_GROUP):
            kind = "userGroup" if name == USER_GROUP else "authorization"
            started.group(name, **{GROUP: {"type": kind, "supportedOperations": "readWrite"}})
        guard.default = _guarding(started)
        yield Cloud(started, ScimServer(guard.url.rstrip("/")))


def _extension(urn: str, *attributes: str) -> dict[str, Any]:
    """A schema of texts."""
    texts = [{"name": name, "type": "string", "multiValued": False, "required": False} for name in attributes]
    schema = "urn:ietf:params:scim:schemas:core:2.0:Schema"
    return {"schemas": [schema], "id": urn, "name": urn, "attributes": texts}


def _guarding(server: ScimServer) -> Callable[[Request], Answer]:
    """No write passes without the token that was fetched, and the cookie that came with it."""

    def answer(request: Request) -> Answer:
        headers = {name.lower(): value for name, value in request.headers.items()}
        token = headers.get("x-csrf-token")
        if request.verb != "GET" and (token, headers.get("cookie")) != (TOKEN, COOKIE):
            return html(403, "CSRF token validation failed", **{"x-csrf-token": "Required"})
        kept = {name: headers[name.lower()] for name in FORWARDED if name.lower() in headers}
        found = requests.request(
            request.verb, server.url + request.path, data=request.body, headers=kept, timeout=60
        )
        fetched = {"X-CSRF-Token": TOKEN, "Set-Cookie": f"{COOKIE}; Path=/"} if token == "Fetch" else {}
        return Answer(found.status_code, found.content, {"Content-Type": scim.MEDIA_TYPE, **fetched})

    return answer
