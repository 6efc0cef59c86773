"""Steps → requests: in bulk where the service takes it and it helps, else one after the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from erpsync.connectors.scim.answers import ScimError, not_scim, refused
from erpsync.connectors.scim.discovery import Service
from erpsync.connectors.scim.messages import BULK, Json
from erpsync.connectors.scim.session import WriteSession
from erpsync.connectors.scim.steps import NEW, Step


class StepError(Exception):
    """A step was refused. Those before it in the same part are done."""

    def __init__(self, step: Step, done: Sequence[Step], refusal: ScimError) -> None:
        super().__init__(refusal.message)
        self.step = step
        self.done = tuple(done)
        self.refusal = refusal


def deliver(session: WriteSession, service: Service, steps: Sequence[Step], etag: str | None) -> None:
    """Carry steps out, in order, up to the first that is refused.

    Args:
        session: writes.
        service: says whether it takes several at once, and how many.
        steps: of one account.
        etag: the version that its User must still have; none where the service has no versions.

    Raises:
        StepError: a step was refused.
        TargetError: the service cannot be reached, so that it is not known what happened.
    """
    request = bulk_request(steps, [etag] * len(steps), stop=True)
    size = len(json.dumps(request))
    fits = len(steps) <= service.bulk and (not service.bulk_bytes or size <= service.bulk_bytes)
    if len(steps) > 1 and fits:
        _in_bulk(session, steps, request)
    else:
        _one_by_one(session, steps, etag)


def _one_by_one(session: WriteSession, steps: Sequence[Step], etag: str | None) -> None:
    made = NEW
    for number, step in enumerate(steps):
        try:
            body = replaced(step.body, made)
            answer = session.write(step.method, step.path, body, etag if step.of_user else None)
        except ScimError as error:
            raise StepError(step, steps[:number], error) from error
        if step.method == "POST":
            made = _id(answer, session.where)


def _id(answer: Json, where: str) -> str:
    found = answer.get("id")
    if not isinstance(found, str):
        raise not_scim(where)
    return found


def replaced(body: Any, made: str) -> Any:
    """The same body with the id of the new account where it stands for it."""
    if isinstance(body, dict):
        return {key: replaced(value, made) for key, value in body.items()}
    if isinstance(body, list):
        return [replaced(value, made) for value in body]
    return made if body == NEW else body


def bulk_request(steps: Sequence[Step], etags: Sequence[str | None], *, stop: bool) -> Json:
    """Several requests as one.

    Args:
        steps: the requests. With ``stop`` they are of one account, and later ones may name the one it makes.
        etags: the version that the User of each must still have.
        stop: whether what follows a refusal is not to be done.
    """
    operations = [
        _operation(step, etag, NEW if stop else f"{NEW}{number}")
        for number, (step, etag) in enumerate(zip(steps, etags, strict=True))
    ]
    return {"schemas": [BULK], **({"failOnErrors": 1} if stop else {}), "Operations": operations}


def _operation(step: Step, etag: str | None, name: str) -> Json:
    operation: Json = {"method": step.method, "path": step.path, "data": step.body}
    if step.method == "POST":
        operation["bulkId"] = name.partition(":")[2]
    if step.of_user and etag is not None:
        operation["version"] = etag
    return operation


def _in_bulk(session: WriteSession, steps: Sequence[Step], request: Json) -> None:
    try:
        answer = session.write("POST", "/Bulk", request)
    except ScimError as error:
        raise StepError(steps[0], (), error) from error
    for number, found in enumerate(each_result(steps, answer, session.where)):
        if isinstance(found, ScimError):
            raise StepError(steps[number], steps[:number], found)


def each_result(steps: Sequence[Step], answer: Json, where: str) -> list[str | ScimError | None]:
    """What became of each of several requests: the id of what it made, a refusal, or none of both.

    Raises:
        TargetError: the answer is none, or about other requests than those that were sent.
    """
    operations = answer.get("Operations")
    if not isinstance(operations, list) or not all(isinstance(item, dict) for item in operations):
        raise not_scim(where)
    untold = [ScimError(500, "", "the service did not say what became of it")] * len(steps)
    told = [_result(step, item, where) for step, item in zip(steps, operations, strict=False)]
    return [*told, *untold[len(told) :]]


def _result(step: Step, item: Json, where: str) -> str | ScimError | None:
    status = _status(item.get("status"), where)
    if status >= 400:
        body = item.get("response")
        return refused(status, body if isinstance(body, dict) else {})
    place = str(item.get("location") or "").rstrip("/")
    if step.method == "POST":
        return unquote(place.rpartition("/")[2]) or None
    if place and not unquote(place).endswith(unquote(step.path)):
        raise not_scim(where)
    return None


def _status(status: object, where: str) -> int:
    """The status of one operation; some services wrap it, as drafts of the standard did."""
    code = status.get("code") if isinstance(status, dict) else status
    try:
        return int(str(code))
    except ValueError:
        raise not_scim(where) from None
