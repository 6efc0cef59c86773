"""AccountChange → what is sent to Frappe. Pure.

A User is one document and one transaction; its permissions are documents of their own. So an account whose
scope changes is written in up to three steps, in an order in which it never holds more than it had or will
have: what it loses, then the scope, then what it gains. A new account is made with its permissions in one
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from erpsync.connectors.frappe.answers import Json
from erpsync.connectors.frappe.directory import MODULES, PROFILE, code_of
from erpsync.connectors.frappe.users import LEFT_KEY, Record, Terms, record_of, scope_of
from erpsync.model import ALL, Account, fold


@dataclass(frozen=True, slots=True)
class Rescope:
    """User Permissions to make, and those to delete after that: without any, everything may be touched."""

    insert: tuple[Json, ...]
    delete: tuple[str, ...]

    does: str = "scope changed"


@dataclass(frozen=True, slots=True)
class Become:
    """The User is to be like this account, but for its scope."""

    account: Account
    does: str


Step = Rescope | Become


def steps(live: Account, after: Account, terms: Terms) -> Iterator[Step]:
    """What leads from a live account to what it is to become."""
    now = live
    if live.scope != after.scope:
        less = _what_stays(live, after)
        if less != live:
            yield Become(less, "taken away what it loses")
            now = less
        yield rescope(live, after, terms)
        now = replace(now, scope=after.scope)
    if now != after:
        yield Become(after, "changed")


def _what_stays(live: Account, after: Account) -> Account:
    """The live account without what it is to lose."""
    wanted = set(after.grants)
    kept = tuple(grant for grant in live.grants if grant in wanted)
    return replace(live, active=live.active and after.active, grants=kept)


# --- the User ---------------------------------------------------------------------------------------


def creation(after: Account, terms: Terms) -> list[Json]:
    """The documents of a new account: made together, so that no role is there before its scope."""
    user: Json = {
        "doctype": "User",
        "email": after.login,
        "enabled": 1,
        # By default Frappe would write to the new user at once.
        "send_welcome_email": int(terms.options.invite),
        "first_name": after.name or after.login.partition("@")[0],
        **_language(after),
        **entitlements(after, None, terms),
    }
    return [user, *(_permission(after, kind, value, terms) for kind, value in _values(after))]


def alteration(now: Account, after: Account, terms: Terms) -> Json:
    """The fields of a User that change, with the version that it must still have."""
    record = record_of(now)
    values: Json = {"modified": record.modified}
    if not after.active or LEFT_KEY in _held(now) - _held(after):
        # Frappe goes on accepting the key of a disabled user.
        values |= {"api_key": None, "api_secret": ""}
    if now.active != after.active:
        values["enabled"] = int(after.active)
    if after.name is not None and after.name != now.name:
        values |= _name(after.name, record)
    if after.language != now.language:
        values |= _language(after)
    if now.grants != after.grants:
        values |= entitlements(after, record, terms)
    return values


def entitlements(after: Account, record: Record | None, terms: Terms) -> Json:
    """Roles, or the role profiles that bring them; and the module profile.

    Kept rows keep their names, so that Frappe's own history tells only what really changed. Roles that are
    not managed stay: the table is replaced as a whole.
    """
    held = _held(after)
    profiles = sorted(name.removeprefix(PROFILE) for name in held if name.startswith(PROFILE))
    values: Json = {}
    if terms.options.module_profiles:
        values["module_profile"] = next(
            (_module(name) for name in sorted(held) if name.startswith(MODULES)), ""
        )
        if not values["module_profile"]:
            values["block_modules"] = []
    if terms.several_profiles:
        known = record.rows.profiles if record else {}
        values["role_profiles"] = [_row("role_profile", name, known.get(name)) for name in profiles]
    elif profiles or (record and record.rows.profiles):
        values["role_profile_name"] = profiles[0] if profiles else ""
    if not profiles:
        values["roles"] = _roles(held, record, terms)
    return values


def _roles(held: set[str], record: Record | None, terms: Terms) -> list[Json]:
    known = record.rows.roles if record else {}
    from_erp = terms.directory.roles.keys() | known.keys()
    # What is neither shown nor changed stays: it is in the table that is replaced.
    silent = {name for name in known if name in terms.options.unmanaged_roles}
    return [_row("role", name, known.get(name)) for name in sorted((held & from_erp) | silent)]


def _row(field: str, value: str, name: str | None) -> Json:
    return {"name": name, field: value} if name else {field: value}


def _module(name: str) -> str:
    return name.removeprefix(MODULES)


def _name(name: str, record: Record) -> Json:
    """A name in the fields of Frappe: the last name, if it still ends with it, and the rest as the first."""
    first = name.removesuffix(f" {record.last_name}") if record.last_name else name
    kept = {} if first != name else {"last_name": ""}
    return {"first_name": first, "middle_name": "", **kept}


def _language(account: Account) -> Json:
    return {} if account.language is None else {"language": code_of(account.language)}


def _held(account: Account) -> set[str]:
    return {grant.entitlement for grant in account.grants}


# --- the scope --------------------------------------------------------------------------------------


def rescope(live: Account, after: Account, terms: Terms) -> Rescope:
    """What makes the User Permissions as they are to be."""
    rows = record_of(live).rows.permissions
    insert: list[Json] = []
    delete: list[str] = []
    for kind, wanted in after.scope.items():
        mine = [row for row in rows if row.kind == kind]
        if scope_of(kind, mine) == wanted:
            continue
        known = {row.label for row in mine}
        insert += [_permission(after, kind, value, terms) for value in wanted if value not in {ALL, *known}]
        # A restriction for one doctype alone narrows `all`; among named values it would add one.
        delete += [row.row for row in mine if row.label not in wanted and not (wanted == (ALL,) and row.only)]
    return Rescope(tuple(insert), tuple(delete))


def _values(after: Account) -> Iterator[tuple[str, str]]:
    for kind, values in after.scope.items():
        if values != (ALL,):
            yield from ((kind, value) for value in values)


def _permission(account: Account, kind: str, value: str, terms: Terms) -> Json:
    return {
        "doctype": "User Permission",
        "user": fold(account.login),
        "allow": terms.options.scopes[kind],
        "for_value": value,
        "apply_to_all_doctypes": 1,
    }


# --- what came of it --------------------------------------------------------------------------------


def unlike(asked: Account, got: Account) -> str:
    """What a User was asked to hold and does not, and the other way round; empty where all is as asked."""
    lost, extra = sorted(_held(asked) - _held(got)), sorted(_held(got) - _held(asked))
    told = [f"Frappe did not give {', '.join(lost)}"] * bool(lost)
    told += [f"Frappe gave {', '.join(extra)} too"] * bool(extra)
    told += [f"Frappe left it {'active' if got.active else 'disabled'}"] * (asked.active != got.active)
    return "; ".join(told)
