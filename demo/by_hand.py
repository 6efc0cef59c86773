"""What somebody changes in the ERP by hand, behind the back of git; done over RPC as administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.tryton_rpc import Client
from demo.workspace import DemoError


@dataclass(frozen=True)
class HandChange:
    """One change: whose account it is, what is done in words, and how."""

    login: str
    words: str
    make: Callable[[Client, int], None]


def _give(role: str) -> Callable[[Client, int], None]:
    def make(client: Client, user: int) -> None:
        row = {"role": _one(client, "res.role", [["name", "=", role]])}
        _write(client, user, {"roles": [["create", [row]]]})

    return make


def _take(role: str) -> Callable[[Client, int], None]:
    def make(client: Client, user: int) -> None:
        row = _one(client, "res.user.role", [["user", "=", user], ["role.name", "=", role]])
        _write(client, user, {"roles": [["delete", [row]]]})

    return make


def _set(**values: Any) -> Callable[[Client, int], None]:
    return lambda client, user: _write(client, user, values)


# Each of these users is declared in access/users/, and after an apply the ERP is as declared there.
CHANGES = (
    HandChange(
        "feng.lei",
        "gives the buyer feng.lei (冯磊) the role Cashier: now he orders and pays",
        _give("Cashier"),
    ),
    HandChange(
        "peng.fei", "unlocks peng.fei (彭飞), who left, “just to look something up”", _set(active=True)
    ),
    HandChange(
        "zhu.gang",
        "takes the role Warehouse Keeper from zhu.gang (朱刚), by mistake",
        _take("Warehouse Keeper"),
    ),
    HandChange(
        "he.meiling",
        "sends the mail of he.meiling (贺美玲), head of finance, to another address",
        _set(email="meiling.he@freemail.example"),
    ),
)


def change_by_hand(client: Client, change: HandChange) -> None:
    """Make the change. Raises DemoError when the ERP has no such account or role, and RpcError."""
    change.make(client, _one(client, "res.user", [["login", "ilike", change.login]]))


def _one(client: Client, model: str, domain: list[Any]) -> int:
    found: list[int] = client.call(f"model.{model}.search", domain, 0, 2, None, {"active_test": False})
    if len(found) != 1:
        raise DemoError(
            f"the story needs one {model} with {domain}, and there are {len(found)}: was access/ changed?"
        )
    return found[0]


def _write(client: Client, user: int, values: dict[str, Any]) -> None:
    client.call("model.res.user.write", [user], values, {})
