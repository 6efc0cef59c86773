"""Is a SCIM service as erpsync needs it? What it says of itself; SCIM does not tell what a token may do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from erpsync.connectors.checks import Check, Needed, Purpose, Right, Verdict, clock, judge
from erpsync.connectors.scim.discovery import Service
from erpsync.connectors.scim.profiles import Profile

HINT = "see docs/scim.md on rights"


def look_around(
    service: Service, profile: Profile, ahead: timedelta | None, purpose: Purpose
) -> Iterator[Check]:
    """What a service offers, and what that means.

    Args:
        service: as it describes itself.
        profile: the ways of the product.
        ahead: how far its clock is ahead.
        purpose: what the login is for.
    """
    yield Check(
        "version", Verdict.OK, f"SCIM 2.0, profile {profile.name}, {profile.kind} at {service.location}"
    )
    yield clock(ahead)
    yield from _offered(service, purpose)
    rights = [Right("read Users and Groups", Needed.ALWAYS, True)]
    rights += [Right("create and change Users, and members of Groups", Needed.TO_APPLY, None)]
    yield from judge(rights, purpose, f"look at the token where it was made; {HINT}")


def _offered(service: Service, purpose: Purpose) -> Iterator[Check]:
    if service.patch:
        yield Check("patch", Verdict.OK, "single attributes and members can be changed")
    else:
        hint = "plan and drift work; without PATCH nothing can be applied"
        verdict = Verdict.FAIL if purpose is Purpose.APPLY else Verdict.WARN
        yield Check("patch", verdict, "the service offers no PATCH, by which erpsync writes", hint)
    if service.etag:
        yield Check("etag", Verdict.OK, "a change that comes between is refused by the service")
    else:
        message = "the service has no versions: values are compared just before each write instead"
        yield Check("etag", Verdict.WARN, message, "apply when nobody else changes accounts")
    if service.filter:
        yield Check("filter", Verdict.OK, f"accounts can be searched{_at_most(service.most)}")
    else:
        yield Check("filter", Verdict.WARN, "accounts cannot be searched: apply reads all, before and after")
    bulk = f"{service.bulk} operations a request" if service.bulk else "no: one request an operation"
    yield Check("bulk", Verdict.OK, bulk)


def _at_most(most: int) -> str:
    return f", {most} at most at once" if most else ""
