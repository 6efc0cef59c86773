"""What a careful administrator sets up in the ERP once, before erpsync works on it.

Companies, Tryton roles, and two service accounts with the least rights that will do: `erpsync` changes
people's accounts, but neither administrators nor itself; `erpsync-plan` only reads. As Tryton lets every user
write, each may still write its own preferences. What is there already is left as it is, so that running
this again does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from demo.tryton_rpc import Client

APPLY_LOGIN = "erpsync"
PLAN_LOGIN = "erpsync-plan"

# Only administrators may set these; they are exempt from field access.
_PASSWORD_FIELDS = ("password", "password_hash", "password_reset", "password_reset_expire")


class BootstrapError(Exception):
    """The catalogue asks for something that this ERP does not have."""


@dataclass(frozen=True)
class Catalogue:
    """What the ERP holds besides people: companies, and Tryton roles with the xml_ids of their groups."""

    companies: Sequence[str] = ()
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Catalogue:
        """Read a YAML file with `companies` and `roles`."""
        return cls(**yaml.safe_load(file.read_text("utf-8")))


def bootstrap(
    client: Client,
    catalogue: Catalogue,
    apply_password: str,
    plan_password: str,
    report: Callable[[str], None],
) -> None:
    """Set up the ERP that `client` is logged in to as administrator.

    Both service accounts get the given password, also when they exist. In an ERP without the module
    user_role the catalogue must have no roles. Raises BootstrapError, and RpcError when the ERP refuses.
    """
    has_roles = _has_roles(client)
    if catalogue.roles and not has_roles:
        raise BootstrapError("the catalogue has roles, but the module user_role is not activated")
    report(f"Setting up {len(catalogue.companies)} companies and {len(catalogue.roles)} roles")
    _create_companies(client, catalogue.companies)
    _create_roles(client, catalogue.roles)
    report(f"Setting up the service accounts {APPLY_LOGIN} and {PLAN_LOGIN}")
    _deny_privileged_fields(client)
    _reserve_password_reset(client)
    apply_group = _ensure(client, "res.group", {"name": "Access Sync"})
    plan_group = _ensure(client, "res.group", {"name": "Access Plan"})
    _let_change_users(client, apply_group, has_roles=has_roles)
    _let_see_rest_keys(client, apply_group, cancel=True)
    _let_see_rest_keys(client, plan_group, cancel=False)
    for group in (apply_group, plan_group):
        _forbid_the_rest(client, group)
    for login, password, name, group in (
        (APPLY_LOGIN, apply_password, "Access Sync", apply_group),
        (PLAN_LOGIN, plan_password, "Access Plan", plan_group),
    ):
        _create_service_account(client, login, password, _holding(client, name, group, has_roles=has_roles))


def _create_companies(client: Client, names: Sequence[str]) -> None:
    if not names:
        return
    yuan = _ensure(client, "currency.currency", {"code": "CNY"}, {"name": "Chinese Yuan", "symbol": "¥"})
    for name in names:
        party = _ensure(client, "party.party", {"name": name})
        _ensure(client, "company.company", {"party": party}, {"currency": yuan})


def _create_roles(client: Client, roles: Mapping[str, Sequence[str]]) -> None:
    groups = _search_read(client, "res.group", [], ["xml_id"])
    ids = {group["xml_id"]: group["id"] for group in groups if group["xml_id"]}
    missing = sorted({xml_id for wanted in roles.values() for xml_id in wanted} - ids.keys())
    if missing:
        raise BootstrapError(f"the ERP has no group {', '.join(missing)}: is the module activated?")
    for name, wanted in roles.items():
        _ensure(client, "res.role", {"name": name}, {"groups": [["add", [ids[xml_id] for xml_id in wanted]]]})


def _deny_privileged_fields(client: Client) -> None:
    """Keep everybody but administrators from making administrators and from handling passwords.

    Without this, the right to write users includes both.
    """
    _limit_field(client, "res.user", "administrator", None, read=True)
    for name in _PASSWORD_FIELDS:
        _limit_field(client, "res.user", name, None, read=False)


def _let_change_users(client: Client, group: int, *, has_roles: bool) -> None:
    """Let a group create and change users and their roles, except administrators and erpsync itself."""
    _allow(client, "res.user", group, "read", "write", "create")
    for relation in ("res.user-res.group", "res.user-company.company"):
        _allow(client, relation, group, "read", "write", "create", "delete")
    _restrict(client, "res.user", group, [["administrator", "=", False], ["login", "!=", APPLY_LOGIN]])
    if has_roles:
        _allow(client, "res.user.role", group, "read", "write", "create", "delete")
        _restrict(client, "res.user.role", group, [["user.login", "!=", APPLY_LOGIN]])


def _let_see_rest_keys(client: Client, group: int, *, cancel: bool) -> None:
    """Let a group see whose REST keys there are, but not the keys, and cancel them: they outlive a lock."""
    model = "res.user.application"
    rights = ("read", "write") if cancel else ("read",)
    _allow(client, model, group, *rights)
    for name in ("key", "rec_name"):  # the record's name is its key
        _limit_field(client, model, name, group, read=False)
    for name in ("user", "application"):  # else a key could be handed to an administrator's account
        _limit_field(client, model, name, group, read=True)
    rule_name = "All REST keys, to cancel them" if cancel else "All REST keys"
    _rule(client, rule_name, model, [], _permissions(*rights) | {"groups": [["add", [group]]]})


def _reserve_password_reset(client: Client) -> None:
    """Leave the button that mails a new password to the group Password Reset, which starts empty.

    Whoever may write users could press it otherwise, after changing the address that it mails to.
    """
    group = _ensure(client, "res.group", {"name": "Password Reset"})
    button = _ensure(client, "ir.model.button", {"model": "res.user", "name": "reset_password"})
    client.call("model.ir.model.button.write", [button], {"groups": [["add", [group]]]}, {})


def _forbid_the_rest(client: Client, group: int) -> None:
    """Take from a group what Tryton lets everybody write: each model that has no access record at all."""
    ruled = _search_read(client, "ir.model.access", [["group", "in", [None, group]]], ["model"])
    models = _search_read(client, "ir.model", [], ["name"])
    unruled = {model["name"] for model in models} - {access["model"] for access in ruled}
    read_only = {"group": group} | _permissions("read")
    records = [read_only | {"model": name} for name in sorted(unruled)]
    client.call("model.ir.model.access.create", records, {})


def _holding(client: Client, name: str, group: int, *, has_roles: bool) -> dict[str, Any]:
    """What makes a user hold a group: a role where there are roles, so that git can declare it."""
    if not has_roles:
        return {"groups": [["add", [group]]]}
    role = _ensure(client, "res.role", {"name": name}, {"groups": [["add", [group]]]})
    return {"roles": [["create", [{"role": role}]]]}


def _create_service_account(client: Client, login: str, password: str, holding: dict[str, Any]) -> None:
    # Where there is one company, Tryton gives it to every user created without saying so.
    values = {"name": login, "companies": [], "company": None, **holding}
    user = _ensure(client, "res.user", {"login": login}, values)
    client.call("model.res.user.write", [user], {"password": password}, {})


def _allow(client: Client, model: str, group: int, *rights: str) -> None:
    _ensure(client, "ir.model.access", {"model": model, "group": group}, _permissions(*rights))


def _limit_field(client: Client, model: str, name: str, group: int | None, *, read: bool) -> None:
    """Let a group, or everybody when it is None, at most read a field. Administrators are exempt."""
    permissions = _permissions("read") if read else _permissions()
    _ensure(client, "ir.model.field.access", {"model": model, "field": name, "group": group}, permissions)


def _restrict(client: Client, model: str, group: int, domain: list[Any]) -> None:
    """Limit what a group may write to the records of a domain; what it may read stays as it is."""
    rest = {"perm_read": False}
    limited = rest | {"groups": [["add", [group]]]}
    _rule(client, f"Neither administrators nor {APPLY_LOGIN}", model, domain, limited)
    # An administrator is in every rule group, so that this one, without a group, keeps them unlimited.
    _rule(client, "Administrators may change all", model, [], rest)


def _rule(client: Client, name: str, model: str, domain: list[Any], values: dict[str, Any]) -> None:
    rule = {"global_p": False, "default_p": False, "rules": [["create", [{"domain": json.dumps(domain)}]]]}
    _ensure(client, "ir.rule.group", {"model": model, "name": name}, rule | values)


def _permissions(*rights: str) -> dict[str, bool]:
    return {f"perm_{right}": right in rights for right in ("read", "write", "create", "delete")}


def _has_roles(client: Client) -> bool:
    domain = [["name", "=", "user_role"], ["state", "=", "activated"]]
    return bool(client.call("model.ir.module.search", domain, 0, None, None, {}))


def _ensure(client: Client, model: str, key: dict[str, Any], values: dict[str, Any] | None = None) -> int:
    """Return the id of the record with this key, inactive ones included, creating it if there is none."""
    domain = [[name, "=", value] for name, value in key.items()]
    found = client.call(f"model.{model}.search", domain, 0, 1, None, {"active_test": False})
    ids: list[int] = found or client.call(f"model.{model}.create", [key | (values or {})], {})
    return ids[0]


def _search_read(client: Client, model: str, domain: list[Any], fields: list[str]) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = client.call(
        f"model.{model}.search_read", domain, 0, None, None, fields, {}
    )
    return records
