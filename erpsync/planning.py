"""From the declared state and a reader to the plan of one target."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from erpsync.catalogue import check_catalogue
from erpsync.connectors.base import Reader, objections, seen
from erpsync.diff import Difference, diff
from erpsync.errors import TargetError
from erpsync.gaps import Tally, gaps_from, gaps_of
from erpsync.model import Access, Catalogue, Snapshot, Target
from erpsync.pages import FORGETFUL, Memory, Roster, kept
from erpsync.plan import TargetPlan, target_plan
from erpsync.resolve import Resolver, resolver
from erpsync.unlike import Question, UnfitError, unlike

OBJECTIONS_SHOWN = 20
"""Most of what an ERP cannot have that is named when a plan is refused for it."""


def plan_target(
    access: Access, target: Target, reader: Reader, as_of: date, memory: Memory = FORGETFUL
) -> TargetPlan:
    """Read the target and plan what makes it as declared.

    Args:
        access: the declared state; with a `Roster` of users only those are built that are not as they
            should be.
        target: which target.
        reader: reads it.
        as_of: the day.
        memory: may know what accounts are like and should be like.

    Raises:
        TargetError: it cannot be read, lacks something that the files name, or cannot have an account
            as they say.
    """
    catalogue, capabilities = reader.catalogue(), reader.capabilities
    roster = access.users if isinstance(access.users, Roster) else None
    _must_fit(replace(access, users={}) if roster is not None else access, target, catalogue)
    live = compared = reader.snapshot()
    prepared = resolver(access, target.name, as_of, validity=capabilities.validity, implies=catalogue.implies)
    counted: Tally | None = None
    if roster is not None:
        question = Question(prepared, catalogue, capabilities)
        prepared, compared, counted = _narrowed(question, roster, live, seen(reader), memory)
    desired = prepared.desired()
    difference = diff(
        desired,
        compared,
        target=target,
        catalogue=catalogue,
        capabilities=capabilities,
        as_of=as_of,
    )
    _refuse_impossible(difference, reader, target)
    changes = len(difference.accounts)
    if counted is None:
        gaps = gaps_of(desired, prepared, capabilities, target.manage, changes)
    else:
        gaps = gaps_from(counted, capabilities, target.manage, changes)
    return target_plan(difference, prepared, reader.instance(), len(live.accounts), gaps)


def _narrowed(
    question: Question, roster: Roster, live: Snapshot, seen: bytes, memory: Memory
) -> tuple[Resolver, Snapshot, Tally]:
    """The same question, of those users and accounts only that are not as they should be."""
    prepared = question.resolver
    try:
        users, logins, counted = unlike(question, roster, live, seen, memory)
    except UnfitError:
        whole = kept(prepared.access)
        _must_fit(whole, whole.targets[prepared.target], question.catalogue)
        raise
    some = {login: live.accounts[login] for login in logins}
    access = replace(prepared.access, users=roster.some(users))
    return replace(prepared, access=access), Snapshot(some, live.protected), counted


def _must_fit(access: Access, target: Target, catalogue: Catalogue) -> None:
    """Make sure that the target has what the files name.

    Raises:
        TargetError: it does not.
    """
    missing = list(check_catalogue(access, target.name, catalogue))
    if missing:
        lines = [f"{item.at}: {item.message}" + (f"; {item.hint}" if item.hint else "") for item in missing]
        raise TargetError(
            "the ERP lacks what the access files name; nothing was changed:\n  " + "\n  ".join(lines),
            where=f"target {target.name!r}",
        )


def _refuse_impossible(difference: Difference, reader: Reader, target: Target) -> None:
    """Refuse accounts that the ERP cannot have so, before anybody approves them.

    Raises:
        TargetError: it cannot have some of them.
    """
    wrong = [
        f"{change.login}: {why}" for change in difference.accounts for why in objections(reader, change.after)
    ]
    if wrong:
        shown = wrong[:OBJECTIONS_SHOWN]
        shown += [f"and {len(wrong) - OBJECTIONS_SHOWN} more"] * (len(wrong) > OBJECTIONS_SHOWN)
        raise TargetError(
            "the ERP cannot have what the access files say; nothing was changed:\n  " + "\n  ".join(shown),
            where=f"target {target.name!r}",
            hint="correct these users or their roles",
        )
