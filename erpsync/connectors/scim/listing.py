"""All resources of a kind, page by page (RFC 7644, section 3.4.2.4). All of them, or an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erpsync.connectors.scim.answers import not_scim
from erpsync.connectors.scim.messages import Json
from erpsync.errors import TargetError

ATTEMPTS = 3
"""How often a list is read that changes under the reading."""

Resources = list[dict[str, Any]]
Get = Callable[..., Json]
"""Asks for a page: a path, and the query by name."""
Told = Callable[[int, int], None]
"""Told how many resources are read, and how many there are."""


def read_all(get: Get, where: str, path: str, page: int, told: Told, **query: str) -> Resources:
    """Every resource below a path that the query leaves.

    A service may give fewer than it is asked for at once, and what it lists may shift while it is read:
    so resources are counted by id, and a list that ends too early is read again.

    Args:
        get: asks for a page.
        where: the target, for messages.
        path: of the kind.
        page: how many to ask for at once.
        told: is told how far it is.
        query: filter, sorting and attributes.

    Raises:
        ScimError: the service refuses the request.
        TargetError: the list stays shorter than the service says it is.
    """
    for _ in range(ATTEMPTS):
        found, total = _read_once(get, where, path, page, told, query)
        if len(found) >= total:
            return list(found.values())
    raise TargetError(
        f"{path} has {total} resources, but only {len(found)} could be read",
        where=where,
        hint="did somebody change many of them just now? try again; "
        "otherwise the token of erpsync may not see all of them",
    )


def _read_once(
    get: Get, where: str, path: str, page: int, told: Told, query: dict[str, str]
) -> tuple[dict[str, dict[str, Any]], int]:
    """The resources by id, as far as the pages go, and how many there are by the last of them."""
    found: dict[str, dict[str, Any]] = {}
    start = 1
    while True:
        answer = get(path, **query, startIndex=start, count=page)
        resources, total = _page(answer, where)
        found |= {resource["id"]: resource for resource in resources}
        told(len(found), total)
        start += len(resources)
        if not resources or start > total:
            return found, total


def _page(answer: Json, where: str) -> tuple[Resources, int]:
    total, resources = answer.get("totalResults"), answer.get("Resources")
    if resources is None:  # as services leave it out where there are none
        resources = []
    if not isinstance(total, int) or not isinstance(resources, list):
        raise not_scim(where)
    if not all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in resources):
        raise not_scim(where)
    return resources, total
