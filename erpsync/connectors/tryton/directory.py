"""What exists in a Tryton database to be granted, by name and by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from erpsync.connectors.tryton.rpc import Rpc, RpcError
from erpsync.errors import RefusedError, TargetError
from erpsync.model import Catalogue, Target
from erpsync.schema import suggest

ADMINISTRATOR = "administrator"
"""The entitlement that stands for the administrator flag, which bypasses every group."""
GROUP_PREFIX = "group:"
"""Marks, where roles are managed, a group that an account has without any role behind it."""

Kind = Literal["roles", "groups"]


@dataclass(frozen=True, slots=True)
class Directory:
    """Roles, groups, companies and languages of the database; names are unique here.

    A name that the ERP has twice gets the record's id added (``Buyer#12``), so that it can be seen
    but never granted by mistake.
    """

    kind: Kind
    roles: Mapping[int, str]
    role_groups: Mapping[int, frozenset[int]]
    groups: Mapping[int, str]
    companies: Mapping[int, str] | None
    languages: Mapping[int, str]

    @property
    def catalogue(self) -> Catalogue:
        """What can be granted, by name."""
        names = self.roles if self.kind == "roles" else self.groups
        return Catalogue(
            entitlements=frozenset(names.values()),
            scopes={} if self.companies is None else {"company": tuple(sorted(self.companies.values()))},
            languages=frozenset(self.languages.values()),
            fixed={ADMINISTRATOR: "only an administrator may change the administrator flag, in the ERP"},
        )


def entitlement_kind(target: Target) -> Kind:
    """Whether a target's entitlements are roles or groups.

    Raises:
        RefusedError: the target has an option that this connector does not know.
    """
    known = {"entitlements": ("roles", "groups")}
    for option, value in target.options.items():
        where = f"target {target.name!r}"
        if option not in known:
            raise RefusedError(
                f"unknown option {option!r}", where=where, hint=suggest(option, known, "known options")
            )
        if value not in known[option]:
            raise RefusedError(f"option {option!r} cannot be {value!r}", where=where, hint="roles or groups")
    return "groups" if target.options.get("entitlements") == "groups" else "roles"


def read_directory(rpc: Rpc, kind: Kind) -> Directory:
    """Read the directory.

    Raises:
        TargetError: roles are wanted, but the module for them is not there.
    """
    modules = {
        module["name"]
        for module in _all(rpc, "ir.module", ["name"], [["state", "in", ["activated", "to upgrade"]]])
    }
    if kind == "roles" and "user_role" not in modules:
        raise TargetError(
            "the module user_role is not activated, so the ERP has no roles",
            where=rpc.where,
            hint="activate user_role in Tryton, or manage groups: options: {entitlements: groups}",
        )
    roles = _all(rpc, "res.role", ["name", "groups"]) if kind == "roles" else []
    groups = _all(rpc, "res.group", ["name", "xml_id"])
    companies = _all(rpc, "company.company", ["party.name"]) if "company" in modules else None
    languages = _all(rpc, "ir.lang", ["code"], [["translatable", "=", True]])
    return Directory(
        kind=kind,
        roles=_unique((role["id"], role["name"]) for role in roles),
        role_groups={role["id"]: frozenset(role["groups"]) for role in roles},
        groups=_unique((group["id"], group["xml_id"] or group["name"]) for group in groups),
        companies=None
        if companies is None
        else _unique((company["id"], company["party."]["name"]) for company in companies),
        languages={language["id"]: language["code"] for language in languages},
    )


def _all(rpc: Rpc, model: str, fields: list[str], domain: list[Any] | None = None) -> list[dict[str, Any]]:
    try:
        records = rpc.call(f"model.{model}.search_read", domain or [], 0, None, [["id", "ASC"]], fields, {})
    except RpcError as error:
        raise TargetError(f"{model} cannot be read: {error.message}", where=rpc.where,
                          hint="see docs/tryton.md for the rights that erpsync needs") from error  # fmt: skip
    return list(records)


def _unique(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    named = list(pairs)
    times = Counter(name for _, name in named)
    return {number: name if times[name] == 1 else f"{name}#{number}" for number, name in named}
