"""Is a Frappe site set up as docs/frappe.md says? Only asked, nothing is tried.

That the account of erpsync is a System Manager and has no User Permissions is known by then: without the
one, or with the other, there is no session.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from erpsync.connectors.checks import Check, Purpose, Verdict, clock, named
from erpsync.connectors.frappe.options import Options
from erpsync.connectors.frappe.session import Filters, FrappeSession

TESTED = frozenset({15})
"""The major versions that erpsync is tested with."""
NEWEST = 16
HINT = "see docs/frappe.md on the service account"


def look_around(
    session: FrappeSession,
    own: str,
    version: int,
    options: Options,
    ahead: timedelta | None,
    purpose: Purpose,
) -> Iterator[Check]:
    """Version, clock, the account of erpsync, and keys that should not be there.

    Args:
        session: reads.
        own: the login of the account of erpsync.
        version: the major version of the framework.
        options: of the target.
        ahead: how far the clock of the site is ahead.
        purpose: what the login is for.

    Raises:
        FrappeError, TargetError: it cannot be read.
    """
    yield _version(version)
    yield clock(ahead)
    yield _rights(purpose)
    yield _password(session, own)
    yield _left_keys(session)
    yield Check(
        "throttle",
        Verdict.UNKNOWN,
        f"the site does not tell how many users may be made within an hour; erpsync makes "
        f"{options.creates_per_hour} at most",
        "if the site has another `throttle_user_limit`, set `max_creates_per_hour` to it",
    )


def _version(version: int) -> Check:
    told = f"Frappe {version}"
    if version in TESTED:
        return Check("version", Verdict.OK, told)
    known = "know" if version <= NEWEST else "do not know"
    hint = f"erpsync is tested with {named(sorted(map(str, TESTED)))}: try it on a copy first"
    return Check("version", Verdict.WARN, f"{told}, whose differences these pages {known}", hint)


def _rights(purpose: Purpose) -> Check:
    if purpose is Purpose.APPLY:
        return Check("rights", Verdict.OK, "a System Manager, who may do what is needed, and everything else")
    return Check(
        "rights",
        Verdict.WARN,
        "a System Manager, who may also write: in Frappe nobody else sees who has which role",
        f"let a proxy pass only GET for the key that plans; {HINT}",
    )


def _password(session: FrappeSession, own: str) -> Check:
    """An account that only has a key has never logged in; a key does not count as that."""
    (mine,) = session.list("User", ["name", "last_login"], [["name", "=", own]])
    if not mine["last_login"]:
        return Check("password", Verdict.OK, "nobody has logged in as erpsync with a password")
    hint = f"give it no password, and nobody the mail with its reset; {HINT}"
    return Check("password", Verdict.WARN, f"somebody logged in as {own} with a password", hint)


def _left_keys(session: FrappeSession) -> Check:
    disabled: Filters = [["enabled", "=", 0], ["api_key", "is", "set"]]
    users = sorted(str(row["name"]) for row in session.list("User", ["name"], disabled))
    if not users:
        return Check("keys", Verdict.OK, "no disabled user has an API key")
    message = f"disabled users have API keys, which Frappe may go on accepting: {named(users)}"
    return Check(
        "keys", Verdict.WARN, message, "drift shows those of declared users; clear the others by hand"
    )
