"""A declared state as the text of access files, with a comment at everything, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from erpsync.building import build
from erpsync.merge import merge
from erpsync.model import ALL, Access, Birthright, Role, User
from erpsync.yaml_edit import Put, edit
from erpsync.yaml_tree import parse
from erpsync.yaml_write import entry, inline

USERS_FILE = "access/users.yaml"


def users_text(access: Access) -> str:
    """The users, each with a comment above it; the first and every other one a key a line."""
    text = "# Everybody.\nusers:\n"
    for number, (key, user) in enumerate(access.users.items()):
        lines = entry(key, _user(user), 2) if number % 2 == 0 else [f"  {key}: {inline(_user(user))}"]
        text += f"  # about {key}\n" + "\n".join(lines) + f"  # the end of {key}\n\n"
    return text


def read_back(access: Access, text: str) -> Access:
    """The same state with its users as this text declares them, each at its place."""
    findings: list[Any] = []
    sections = {
        "roles": {key: _role(role) for key, role in access.roles.items()},
        "positions": {
            key: {"title": item.title, "department": item.department, "roles": list(item.roles)}
            for key, item in access.positions.items()
        },
        "birthright": {key: _birthright(rule) for key, rule in access.birthright.items()},
    }
    rest = edit("", [Put((name,), value) for name, value in sections.items() if value])
    documents = [
        parse(rest.encode(), "access/roles.yaml", findings),
        parse(text.encode(), USERS_FILE, findings),
    ]
    merged, merge_findings = merge([document for document in documents if document is not None], set())
    assert not findings
    assert not merge_findings
    return replace(build(merged, access.digest), targets=access.targets, timezone=access.timezone)


def _role(role: Role) -> dict[str, Any]:
    grants = {target: list(names) for target, names in role.entitlements.items() if names}
    values = {"title": role.title, "subsystem": "materials", "owner": "wu.lan", "risk": role.risk.value}
    return values | {"includes": list(role.includes), "entitlements": grants}


def _birthright(rule: Birthright) -> dict[str, Any]:
    when = {"type": rule.types, "department": rule.departments, "position": rule.positions}
    held = {key: sorted(values) for key, values in when.items() if values}
    return {"title": rule.title, "roles": list(rule.roles), "when": held}


def _user(user: User) -> dict[str, Any]:
    simple = [
        "name",
        "email",
        "language",
        "department",
        "position",
        "type",
        "status",
        "valid_from",
        "valid_to",
    ]
    values: dict[str, Any] = {
        key: str(getattr(user, key)) for key in simple if getattr(user, key) is not None
    }
    values |= {"logins": dict(user.logins)} if user.logins else {}
    values |= {"previously": list(user.previously)} if user.previously else {}
    values |= {"scope": _scope(user.scope)} if user.scope else {}
    keys = ("role", "valid_from", "valid_to", "reason", "request")
    items = [
        {key: str(getattr(item, key)) for key in keys if getattr(item, key) is not None}
        for item in user.assignments
    ]
    return values | ({"assignments": items} if items else {})


def _scope(scope: Mapping[str, tuple[str, ...]]) -> dict[str, str | list[str]]:
    return {kind: ALL if values == (ALL,) else list(values) for kind, values in scope.items()}
