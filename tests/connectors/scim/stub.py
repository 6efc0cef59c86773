"""A SCIM service that answers as the test says: what the real one does not do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.http_server import Answer, Request

Route = Callable[[Request], Answer] | Answer


def scim(body: Any, status: int = 200, **headers: str) -> Answer:
    """An answer with a body."""
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/scim+json", **headers})


def refusal(status: int, detail: str = "", kind: str = "", **headers: str) -> Answer:
    """A refusal as the standard has it."""
    error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status)}
    return scim({**error, "detail": detail, "scimType": kind}, status, **headers)


def page(*resources: Any, total: int | None = None) -> Answer:
    """A list, or a part of one."""
    return scim({"totalResults": len(resources) if total is None else total, "Resources": resources})


def config(**features: Any) -> Answer:
    """What a service says of itself; it can PATCH, and nothing else unless the test says so."""
    return scim({"patch": {"supported": True}, **features})


def routes(**answers: Route) -> Callable[[Request], Answer]:
    """Answers by the first part of the path; what a service does not have is not there."""
    known: dict[str, Route] = {
        "ServiceProviderConfig": config(),
        "Users": page(),
        "Groups": page(),
        **answers,
    }

    def answer(request: Request) -> Answer:
        found = known.get(request.path.split("?")[0].split("/")[1], refusal(404))
        return found(request) if callable(found) else found

    return answer
