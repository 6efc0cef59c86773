"""What an account in Frappe cannot be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from erpsync.connectors.frappe.directory import MODULES, PROFILE
from erpsync.connectors.frappe.users import Terms
from erpsync.model import Account

NAME_LENGTH = 140
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def objections(account: Account, terms: Terms) -> Iterator[str]:
    """Why an account cannot be as it is to become, each in words; nothing if it can."""
    if not _EMAIL.fullmatch(account.login):
        yield "its login is no e-mail address, which a login in Frappe is: name it below `logins`"
    elif account.login != account.login.lower():
        yield f"Frappe keeps logins in lower case: write it as {account.login.lower()}"
    if account.name is not None and len(account.name) > NAME_LENGTH:
        yield f"its name is longer than the {NAME_LENGTH} characters that Frappe keeps"
    if account.name is not None and set(account.name) & set("<>"):
        yield "its name has < or >, which Frappe takes for HTML and rewrites"
    if account.active:
        for kind in sorted(terms.options.scopes.keys() - account.scope.keys()):
            yield (
                f"it has no {kind}, and in Frappe that is every {kind}: "
                f"name those it may touch, or say `{kind}: all` if that is meant"
            )
    yield from _mixed(account, terms)


def _mixed(account: Account, terms: Terms) -> Iterator[str]:
    held = [grant.entitlement for grant in account.grants]
    profiles = [name.removeprefix(PROFILE) for name in held if name.startswith(PROFILE)]
    modules = [name for name in held if name.startswith(MODULES)]
    if len(profiles) > 1 and not terms.several_profiles:
        yield f"it has {len(profiles)} role profiles, and this version of Frappe knows one a user"
    if len(modules) > 1:
        yield f"it has {len(modules)} module profiles, and Frappe knows one a user"
    if profiles:
        brought = frozenset[str]().union(
            *(terms.directory.profiles.get(name, frozenset()) for name in profiles)
        )
        beside = [name for name in held if name in terms.directory.roles and name not in brought]
        if beside:
            yield (
                f"it has a role profile and {', '.join(beside)} beside it, "
                "which Frappe would take away: give roles or profiles, not both"
            )
