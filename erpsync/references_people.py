"""Checks of who is who and who approves: logins, handles, earlier keys, dates, approval rules.

They look only at entries that the schema found right. Findings stand at the very value.
"""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.merge import Merged
from erpsync.model import Approver, Finding, Location, fold
from erpsync.yaml_tree import Map, Seq


def check_people(merged: Merged) -> Iterator[Finding]:
    """All findings about users as such, and about the rules of their approvals."""
    yield from _logins(merged)
    yield from _inherited_logins(merged)
    yield from _handles(merged)
    yield from _validity(merged)
    yield from _earlier_keys(merged)
    yield from _approval_rules(merged)


def check_span(entry: Map) -> Iterator[Finding]:
    """The finding for an entry whose last day lies before its first."""
    first, last = entry.get("valid_from"), entry.get("valid_to")
    if first and last and first > last:
        yield Finding(
            "dates/reversed", f"ends ({last}) before it begins ({first})", entry.value_at("valid_to")
        )


def _logins(merged: Merged) -> Iterator[Finding]:
    """Two users with one login in a target, also when only case differs."""
    for target in merged["targets"]:
        taken: dict[str, tuple[str, Location]] = {}
        for key, user, at in merged.good("users"):
            logins = user.get("logins")
            if logins and target in logins:
                login, at = logins[target], logins.value_at(target)
            else:
                login = key
            other, other_at = taken.setdefault(fold(login), (key, at))
            if other != key:
                yield Finding("user/login-taken", f"login {login!r} in target {target!r} belongs to user "
                              f"{other!r} already", at, f"see {other_at}")  # fmt: skip


def _inherited_logins(merged: Merged) -> Iterator[Finding]:
    """A login under which somebody else's account is looked for, which would be taken over, past and all."""
    users = {key: user for key, user, _ in merged.good("users")}
    known = {
        fold(name): (key, at)
        for key, user in users.items()
        for name, at in ((key, user.at), *(user["previously"].entries() if "previously" in user else ()))
    }
    for key, user in users.items():
        for target, login, at in user["logins"].entries() if "logins" in user else ():
            other, other_at = known.get(fold(login), (key, at))
            # Who still has that login in the target is told of as one of two with one login.
            if other != key and fold(users[other].get("logins", {}).get(target, other)) != fold(login):
                message = f"login {login!r} is one under which the account of user {other!r} is looked for"
                hint = f"choose another login; see {other_at}"
                yield Finding("user/login-inherited", message, at, hint)


def _handles(merged: Merged) -> Iterator[Finding]:
    """Two users with one handle where changes are reviewed: nobody could say whose approval it is."""
    taken: dict[tuple[str, str], tuple[str, Location]] = {}
    for key, user, _ in merged.good("users"):
        for forge, handle in user.get("forge", {}).items():
            at = user["forge"].value_at(forge)
            other, other_at = taken.setdefault((forge, fold(handle)), (key, at))
            if other != key:
                message = f"{forge} handle {handle!r} belongs to user {other!r} already"
                yield Finding("user/handle-taken", message, at, f"see {other_at}")


def _validity(merged: Merged) -> Iterator[Finding]:
    for key, user, _ in merged.good("users"):
        if "valid_to" in user:
            yield from check_span(user)
        for absence in user.get("away", ()):
            yield from check_span(absence)
        if user.get("owner") == key:
            yield Finding("user/owns-itself", f"{key!r} cannot answer for itself", user.value_at("owner"),
                          "name a person who answers for it")  # fmt: skip
        if user.get("deputy") == key:
            yield Finding("user/own-deputy", f"{key!r} cannot stand in for itself", user.value_at("deputy"),
                          "name another person, or nobody")  # fmt: skip


def _earlier_keys(merged: Merged) -> Iterator[Finding]:
    """An earlier key names one account, so it can be that of one user only, and of nobody who is there."""
    taken: dict[str, tuple[str, Location]] = {}
    present = {fold(key): entry.at for key, entry in merged["users"].items()}
    for key, user, _ in merged.good("users"):
        for earlier, at in user["previously"].entries() if "previously" in user else ():
            other, other_at = taken.setdefault(fold(earlier), (key, at))
            if fold(earlier) in present:
                message = f"{earlier!r} is still a user of its own"
                hint = f"it is declared at {present[fold(earlier)]}"
                yield Finding("user/renamed-to-existing", message, at, hint)
            elif other != key:
                message = f"{earlier!r} is an earlier key of user {other!r} already"
                yield Finding("user/earlier-taken", message, at, f"see {other_at}")


def _approval_rules(merged: Merged) -> Iterator[Finding]:
    """Rules that could never match, and approvals that nobody could ever give."""
    rules = list(merged.good("approvals"))
    for _, rule, _ in rules:
        when = rule.get("when", {})
        if "section" in when and len(when) > 1:
            message = "a rule for sections is not for changes of users: its other conditions never hold"
            yield Finding("approval/section-alone", message, when.key_at("section"), "make it two rules")
    # An office of operations watches over the subsystems; it approves nothing.
    if any(office.get("kind") != "operations" for office in merged.mappings("oversight")):
        return
    hint = "name its members under oversight:"
    for _, _, at in rules[:1]:
        message = "there is no oversight office, which is asked where nobody else can approve"
        yield Finding("approval/no-office", message, at, hint)
    for _, rule, _ in rules:
        needs: Seq = rule["needs"]
        for need, at in needs.entries():
            if need == Approver.OVERSIGHT:
                message = "nobody can approve: there is no oversight office"
                yield Finding("approval/nobody", message, at, hint)
