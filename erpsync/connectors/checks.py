"""What ``erpsync target check`` finds out about a target, and how a connector has its say in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

CLOCKS_DIFFER = timedelta(minutes=1)
"""How far clocks may be apart before it is worth a warning: days begin and end by them."""
NAMED = 20
"""Most names told in one message."""


class Purpose(StrEnum):
    """What the login is for that is checked."""

    PLAN = "plan"
    """It reads, for plans and drift, and must not be able to write."""
    APPLY = "apply"
    """It also writes what apply writes, and should be able to do nothing else."""


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    """It works, but somebody should look at it."""
    FAIL = "fail"
    """Something that is needed is missing, or something is there that must not be."""
    UNKNOWN = "unknown"
    """The ERP does not tell."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    ``name`` is a word or two that stay the same, such as ``clock``; ``message`` is what was found, one
    sentence without a full stop; ``hint`` is what to do about it.
    """

    name: str
    verdict: Verdict
    message: str
    hint: str | None = None


@runtime_checkable
class Checkable(Protocol):
    """A reader of an ERP that can say whether it is set up as erpsync needs it. Optional."""

    def checks(self, purpose: Purpose) -> Iterable[Check]:
        """What is well and what is not: version, rights of the login, clock, and whatever else may be amiss.

        Everything is found out by asking, such as for access rights of the ERP itself; nothing is written,
        also not to try it. What cannot be told is unknown, not well.

        Args:
            purpose: what the login is for; `judge` turns rights into checks by it.

        Raises:
            TargetError: the ERP cannot be reached any more.
        """


class Needed(StrEnum):
    """What a right is needed for."""

    ALWAYS = "to plan and to apply"
    TO_APPLY = "to apply"
    NEVER = "never"

    def by(self, purpose: Purpose) -> bool:
        """Whether a login for this purpose needs it."""
        return self is Needed.ALWAYS or (self is Needed.TO_APPLY and purpose is Purpose.APPLY)


@dataclass(frozen=True, slots=True)
class Right:
    """Something a login may do or not: ``what`` follows the word "may", as in ``read res.user``.

    ``held`` is None where the ERP does not tell.
    """

    what: str
    needed: Needed
    held: bool | None


def judge(rights: Iterable[Right], purpose: Purpose, hint: str) -> Iterator[Check]:
    """The rights of a login as checks: those that are missing, that are too many, unknown, and right.

    Args:
        rights: what the login may do and what not.
        purpose: what it is for.
        hint: where the rights that it needs are told, such as ``see docs/tryton.md on service accounts``.
    """
    found: dict[tuple[bool | None, bool], list[str]] = {}
    for right in rights:
        found.setdefault((right.held, right.needed.by(purpose)), []).append(right.what)
    if missing := found.get((False, True)):
        message = f"may not {named(missing)}: needed to {purpose}"
        yield Check("rights", Verdict.FAIL, message, f"give the right; {hint}")
    if beyond := found.get((True, False)):
        message = f"may {named(beyond)}: not needed to {purpose}"
        yield Check("rights", Verdict.FAIL, message, f"take the right away; {hint}")
    if unknown := [*found.get((None, True), ()), *found.get((None, False), ())]:
        yield Check("rights", Verdict.UNKNOWN, f"whether it may {named(unknown)} cannot be told", hint)
    if held := found.get((True, True)):
        yield Check("rights", Verdict.OK, f"may {named(held)}")
    if kept := found.get((False, False)):
        yield Check("rights", Verdict.OK, f"may not {named(kept)}")


def named(names: Sequence[str]) -> str:
    """Names in a message: the first `NAMED` of them, and how many there are beside."""
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def clock(ahead: timedelta | None) -> Check:
    """Whether the clock of an ERP agrees with that of this machine.

    Args:
        ahead: how far the ERP's is ahead, or None if it does not tell.
    """
    if ahead is None:
        return Check("clock", Verdict.UNKNOWN, "the ERP does not tell its time")
    if abs(ahead) < CLOCKS_DIFFER:
        return Check("clock", Verdict.OK, "agrees with the one here to a minute")
    minutes = abs(ahead) // timedelta(minutes=1)
    way = "ahead of" if ahead > timedelta() else "behind"
    return Check(
        "clock",
        Verdict.WARN,
        f"the ERP's is {minutes} min {way} the one here",
        "set both by NTP: access begins and ends by the clock",
    )
