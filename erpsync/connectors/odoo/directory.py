"""What exists in an Odoo database to be granted: groups by external id, roles, companies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erpsync.connectors.odoo.answers import RIGHTS, OdooError
from erpsync.connectors.odoo.options import Kind
from erpsync.connectors.odoo.session import Session
from erpsync.errors import TargetError
from erpsync.model import Catalogue

GROUP_PREFIX = "group:"
"""Marks, where roles are managed, a group that an account has without any role behind it."""
SYSTEM = "base.group_system"
"""Settings: who has it may change everything, roles of others and themselves included."""
INTERNAL = "base.group_user"
USER_TYPES = (INTERNAL, "base.group_portal", "base.group_public")
"""Internal user, portal, public: an account is one of them."""
MULTI_COMPANY = "base.group_multi_company"
AUTOMATIC = frozenset({MULTI_COMPANY, "mail.group_mail_notification_type_inbox"})
"""Odoo gives and takes these by itself: with several companies, and as people wish to be notified."""
BUILT_IN = frozenset({
    "base.user_root", "base.default_user", "base.public_user", "base.template_portal_user_id",
})  # fmt: skip
"""Users of Odoo itself. New users are copied from the default user, so it must never be changed."""
ROLE_LINES = "base_user_role.model_res_users_role_line"

_NO_SETTINGS = "only an administrator may give it, in Odoo"
_BRINGS_SETTINGS = f"it brings {SYSTEM}, which makes an administrator"


@dataclass(frozen=True, slots=True)
class Directory:
    """Groups, roles and companies; names are unique here.

    A name that Odoo has twice gets the record's id added, so that it can be seen but never granted by
    mistake. ``implied`` has by group all that come with it, ``roles`` by role its group.
    """

    kind: Kind
    groups: Mapping[int, str]
    titles: Mapping[str, str]
    """What people call a group, by its name here, in English."""
    implied: Mapping[int, frozenset[int]]
    system: int
    """The group that makes an administrator, whatever else bears its name."""
    multi_company: int | None
    automatic: frozenset[int]
    roles: Mapping[int, str]
    role_groups: Mapping[int, int]
    has_roles: bool
    companies: Mapping[int, str]
    closed: frozenset[int]
    """Companies that are archived."""
    built_in: frozenset[int]
    born: str
    """When the database was made, as far as Odoo tells."""

    def catalogue(self, languages: frozenset[str]) -> Catalogue:
        """What can be granted, by name, and the languages that users can have."""
        open_ones = self.companies.keys() - self.closed
        scopes = {"company": tuple(sorted(self.companies[number] for number in open_ones))}
        fixed = self._fixed()
        if self.kind == "roles":
            return Catalogue(frozenset(self.roles.values()) - fixed.keys(), scopes, languages, fixed)
        names = {number: name for number, name in self.groups.items() if number not in self.automatic}
        implies = {
            name: frozenset(names[brought] for brought in self.implied[number] if brought in names)
            for number, name in names.items()
        }
        return Catalogue(
            entitlements=frozenset(names.values()) - fixed.keys(),
            scopes=scopes,
            languages=languages,
            fixed=fixed,
            implies={name: brought for name, brought in implies.items() if brought},
        )

    def _fixed(self) -> dict[str, str]:
        """What would make an administrator, and why that cannot be given: in itself, or by what it brings."""
        if self.kind == "roles":
            makers = (
                role for role, group in self.role_groups.items() if self.system in self.closure([group])
            )
            return {self.roles[role]: _BRINGS_SETTINGS for role in makers}
        bringing = (group for group, brought in self.implied.items() if self.system in brought)
        fixed = {self.groups[group]: _BRINGS_SETTINGS for group in bringing}
        return fixed | {self.group_name(self.system): _NO_SETTINGS}

    def closure(self, groups: Iterable[int]) -> frozenset[int]:
        """Some groups with all that come with them."""
        held = frozenset(groups)
        return held.union(*(self.implied.get(group, frozenset()) for group in held))

    def bringing(self, groups: frozenset[int]) -> frozenset[int]:
        """Those of some groups that bring the rest of them; of a circle only the first."""
        brought = frozenset().union(*(self.implied.get(group, frozenset()) for group in groups))
        return frozenset(g for g in groups if g not in brought or self._first_of_circle(g, groups))

    def _first_of_circle(self, group: int, groups: frozenset[int]) -> bool:
        """Whether none but groups that it brings itself bring a group, and it is the first of them."""
        circle = {other for other in self.implied[group] & groups if group in self.implied[other]}
        beyond = groups - circle
        return min(circle, default=0) > group and not any(
            group in self.implied.get(other, frozenset()) for other in beyond
        )

    def group_name(self, number: int) -> str:
        """The name of a group, also of one that cannot be read."""
        return self.groups.get(number, f"#{number}")


def read_directory(session: Session, kind: Kind) -> Directory:
    """Read the directory.

    Raises:
        TargetError: it cannot be read, or roles are wanted but the module for them is not there.
    """
    # All at once: how many calls a plan needs is felt with 50 targets.
    domain = ["|", ["model", "in", ["res.groups", "res.users"]],
              "&", ["model", "=", "ir.model"], ["name", "=", "model_res_users_role_line"]]  # fmt: skip
    known = records(session, "ir.model.data", domain, ["module", "name", "model", "res_id"])
    external = {f"{row['module']}.{row['name']}": row["res_id"] for row in known}
    has_roles = ROLE_LINES in external
    if kind == "roles" and not has_roles:
        raise TargetError(
            "the module base_user_role is not installed, so Odoo has no roles",
            where=session.where,
            hint="install it in Odoo, or manage groups: options: {entitlements: groups}",
        )
    if SYSTEM not in external:
        raise TargetError(
            f"{SYSTEM} cannot be found, so nobody knows who is an administrator",
            where=session.where,
            hint=RIGHTS,
        )
    fields = ["full_name", "implied_ids", *(["role_id"] if kind == "roles" else [])]
    groups = records(session, "res.groups", [], fields)
    companies = records(session, "res.company", [], ["name", "active", "create_date"])
    names = _names(groups, [row for row in known if row["model"] == "res.groups"])
    roles = {role: group for group in groups for role in group.get("role_id", ())}
    return Directory(
        kind=kind,
        groups=names,
        titles={names[group["id"]]: str(group["full_name"]) for group in groups},
        implied=_transitive({group["id"]: group["implied_ids"] for group in groups}),
        system=external[SYSTEM],
        multi_company=external.get(MULTI_COMPANY),
        automatic=frozenset(external[name] for name in AUTOMATIC if name in external),
        roles=_unique((role, _short(str(group["full_name"]))) for role, group in roles.items()),
        role_groups={role: group["id"] for role, group in roles.items()},
        has_roles=has_roles,
        companies=_unique((company["id"], company["name"]) for company in companies),
        closed=frozenset(company["id"] for company in companies if not company["active"]),
        built_in=frozenset(external[name] for name in BUILT_IN if name in external),
        born="; ".join(str(company["create_date"]) for company in companies[:1]),
    )


def read_languages(session: Session) -> frozenset[str]:
    """The languages that users can have.

    Raises:
        TargetError: they cannot be read.
    """
    return frozenset(row["code"] for row in records(session, "res.lang", [["active", "=", True]], ["code"]))


def records(session: Session, model: str, domain: list[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
    """Every record of a model that the domain leaves.

    Raises:
        TargetError: they cannot be read.
    """
    try:
        return session.search_read(model, domain, fields)
    except OdooError as error:
        hint = RIGHTS if error.forbidden else None
        raise TargetError(
            f"{model} cannot be read: {error.message}", where=session.where, hint=hint
        ) from error


def _names(groups: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Groups by external id; those made by hand have none, and go by their name in English.

    A group may have several: an export makes one of its own, so the oldest counts. No group made by hand
    takes the name of another one's external id.
    """
    external: dict[int, str] = {}
    for row in sorted(known, key=lambda row: (row["module"].startswith("__"), row["id"])):
        external.setdefault(row["res_id"], f"{row['module']}.{row['name']}")
    by_hand = [(group["id"], group["full_name"]) for group in groups if group["id"] not in external]
    return _unique(by_hand, taken=frozenset(external.values())) | {
        group["id"]: external[group["id"]] for group in groups if group["id"] in external
    }


def _short(full_name: str) -> str:
    """The name of a role: that of its group, without the category that the module puts it into."""
    category, _, name = full_name.partition(" / ")
    return name or category


def _transitive(direct: Mapping[int, Iterable[int]]) -> dict[int, frozenset[int]]:
    """By group everything that comes with it, however deep; a circle is walked once."""
    found = {}
    for start in direct:
        seen: set[int] = set()
        pending = list(direct[start])
        while pending:
            group = pending.pop()
            if group not in seen:
                seen.add(group)
                pending += direct.get(group, ())
        found[start] = frozenset(seen - {start})
    return found


def _unique(pairs: Iterable[tuple[int, str]], taken: frozenset[str] = frozenset()) -> dict[int, str]:
    """Records by a name that no other one has, nor anything else that has taken it."""
    named = list(pairs)
    times = Counter([*(name for _, name in named), *taken])
    return {number: name if times[name] == 1 else f"{name}#{number}" for number, name in named}
