"""Is a target as erpsync needs it? Everything is found out by reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from erpsync.catalogue import check_catalogue
from erpsync.connectors.base import Reader
from erpsync.connectors.checks import Check, Checkable, Purpose, Verdict, named
from erpsync.errors import ErpsyncError
from erpsync.model import Access, Catalogue, Snapshot, Target, UserType, fold
from erpsync.protection import matches

SHOWN = 20
"""Most names that are not there, each on a line; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found out about a target with one login; ``reached`` is whether it let that in."""

    target: Target
    login: str
    purpose: Purpose
    reached: bool
    checks: tuple[Check, ...]

    @property
    def failed(self) -> int:
        """How many checks failed."""
        return self.count(Verdict.FAIL)

    def count(self, verdict: Verdict) -> int:
        """How many checks ended so."""
        return sum(check.verdict is verdict for check in self.checks)


def as_check(name: str, error: ErpsyncError) -> Check:
    """What ended a check, as a check that failed."""
    return Check(name, Verdict.FAIL, _line(error.message), _line(error.hint) if error.hint else None)


def _line(text: str) -> str:
    return "; ".join(line.strip() for line in text.splitlines()).replace(":;", ":")


def check_target(
    access: Access, target: Target, reader: Reader, login: str, purpose: Purpose
) -> Iterator[Check]:
    """Look at a target with a login that it let in.

    Args:
        access: the declared state.
        target: which one.
        reader: logged in.
        login: as whom; empty where nothing is logged in to.
        purpose: what that login is for.

    Yields:
        What was found. A read that the ERP refuses is a check that failed, and the others go on.
    """
    yield _connected(reader, login)
    if isinstance(reader, Checkable):
        try:
            yield from reader.checks(purpose)
        except ErpsyncError as error:
            yield as_check("rights", error)
    else:
        message = f"connector {target.connector!r} cannot tell what its login may do"
        yield Check(
            "rights", Verdict.UNKNOWN, message, "look it up in the ERP; the page of the connector says"
        )
    yield Check("time zone", Verdict.OK, f"days begin and end at midnight in {access.timezone}")
    try:
        catalogue = reader.catalogue()
        yield from _catalogue(access, target, catalogue)
        yield from _accounts(access, target, reader.snapshot(), login)
    except ErpsyncError as error:
        yield as_check("accounts", error)


def _connected(reader: Reader, login: str) -> Check:
    try:
        instance = reader.instance()
    except ErpsyncError as error:
        return as_check("instance", error)
    who = f" and lets {login!r} in" if login else ""
    return Check("connection", Verdict.OK, f"the ERP answers{who}; it is {instance}")


def _catalogue(access: Access, target: Target, catalogue: Catalogue) -> Iterator[Check]:
    """What the files name against what is there."""
    missing = list(check_catalogue(access, target.name, catalogue))
    for finding in missing[:SHOWN]:
        message = f"{finding.message} ({finding.at.file}:{finding.at.line})"
        yield Check("catalogue", Verdict.FAIL, message, finding.hint)
    if len(missing) > SHOWN:
        yield Check("catalogue", Verdict.FAIL, f"and {len(missing) - SHOWN} more names that are not there")
    granted = {name for role in access.roles.values() for name in role.entitlements.get(target.name, ())}
    if not missing:
        there = f"{len(catalogue.entitlements)} entitlements are there, "
        yield Check("catalogue", Verdict.OK, f"{there}and all {len(granted)} that the roles grant")
    if unused := sorted(catalogue.entitlements - granted):
        yield Check("catalogue", Verdict.OK, f"granted by no role: {named(unused)}")
    if catalogue.languages:
        yield Check("languages", Verdict.OK, named(sorted(catalogue.languages)))
    for kind, values in sorted(catalogue.scopes.items()):
        yield Check(f"scope {kind}", Verdict.OK, named(values) or "no values")


def _accounts(access: Access, target: Target, live: Snapshot, login: str) -> Iterator[Check]:
    """Accounts, those that must not be changed, and the one of erpsync itself."""
    yield Check("accounts", Verdict.OK, f"{len(live.accounts)} can be read")
    if live.protected:
        told = [f"{name} ({why})" for name, why in sorted(live.protected.items())]
        yield Check("protected", Verdict.OK, f"by the ERP: {named(told)}")
    for pattern in target.protected:
        found = sorted(name for name in live.accounts if matches(name, pattern))
        if found:
            yield Check("protected", Verdict.OK, f"{pattern!r} stands for {named(found)}")
        else:
            message = f"{pattern!r} under protected: stands for no account"
            yield Check("protected", Verdict.WARN, message, "correct it, or take it out")
    if login:
        yield _own(access, target, live, fold(login))


def _own(access: Access, target: Target, live: Snapshot, login: str) -> Check:
    """The account that erpsync logs in with, as git knows it."""
    name = "service account"
    if login not in live.accounts:
        return Check(name, Verdict.OK, f"{login!r} is no account that could be changed")
    owners = [user for user in access.users.values() if fold(user.login(target.name)) == login]
    if not owners:
        if any(matches(login, pattern) for pattern in target.ignore):
            return Check(name, Verdict.OK, f"{login!r} is left out by unmanaged: ignore")
        hint = "declare it as a user of the type service, with an owner who answers for it"
        return Check(name, Verdict.WARN, f"{login!r} is not declared in git", hint)
    if owners[0].type is not UserType.SERVICE:
        hint = "give erpsync an account of its own"
        message = f"{login!r} is the account of {owners[0].key!r}, who is no service"
        return Check(name, Verdict.WARN, message, hint)
    return Check(name, Verdict.OK, f"{login!r} is declared as {owners[0].key!r}, owner {owners[0].owner!r}")
