"""How much of the plan of now may be carried out: what was approved, or what the calendar brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from erpsync.cli.common import sealed
from erpsync.errors import ErpsyncError, StaleError

if TYPE_CHECKING:
    from erpsync.cli.ci.merges import Merge
    from erpsync.forge.base import Checks
    from erpsync.model import Access
    from erpsync.plan import Plan, TargetPlan

ARTIFACT = "erpsync-plan"
"""The name under which the job of a pull request keeps its plan."""
MOST_SHOWN = 20
"""Most changes named when a plan does more than was approved."""


def approved_plans(merges: Sequence[Merge], files: Sequence[Path], checks: Checks | None) -> list[Plan]:
    """The plans that were shown when the merges were approved.

    Args:
        merges: those whose pull requests the plans were made for.
        files: plans that were kept elsewhere; then the forge is not asked.
        checks: where the jobs of pull requests keep theirs.

    Raises:
        ErpsyncError: one cannot be read, or was changed since.
    """
    from erpsync.plan import load

    try:
        texts = [file.read_text(encoding="utf-8") for file in files]
    except (OSError, UnicodeDecodeError) as error:
        raise ErpsyncError(f"an approved plan cannot be read: {error}") from error
    if not texts and checks is not None:
        kept = (checks.artifact(merge.pull.head, ARTIFACT) for merge in merges if merge.pull)
        texts = [data.decode(errors="replace") for data in kept if data is not None]
    return [load(text) for text in texts]


def refuse_more(made: Plan, approved: Sequence[Plan], access: Access) -> None:
    """Refuse a plan that does more than the approved ones, the calendar aside.

    Where no rule asks for approvals and no plan was kept, there is nothing to hold it against.

    Raises:
        StaleError: it does; what is new is named.
    """
    from erpsync.render.words import sentence, who
    from erpsync.widening import beyond

    if not approved and not access.approvals:
        return
    since = min((plan.as_of for plan in approved), default=made.as_of)
    due = due_users(made, access, since)
    new = beyond(approved, made, lambda target, user: user in due[target])
    if not new:
        return
    told = [
        f"{target}: {who(account)}: {'; '.join(sentence(change) for change in account.changes)}"
        for target, account in new[:MOST_SHOWN]
    ]
    told += [f"and {len(new) - MOST_SHOWN} more"] * (len(new) > MOST_SHOWN)
    why = (
        "more would change than was approved"
        if approved
        else "no plan was kept that could have been approved"
    )
    raise StaleError(
        f"{why}, so nothing was written:\n  " + "\n  ".join(told),
        hint="look at it with erpsync drift; then take it into git (drift --adopt), or run the job by hand "
        "with drift: revert, which does all that git says",
    )


def due_plan(made: Plan, access: Access, access_dir: Path, since: date) -> Plan:
    """The part of a plan that only the calendar brings."""
    due = due_users(made, access, since)
    targets = [_only(target, due[target.target], access, made.as_of) for target in made.targets]
    return sealed(targets, access, access_dir, made.as_of, made.unread)


def due_users(made: Plan, access: Access, since: date) -> dict[str, set[str]]:
    """By target, the users whose account should differ between a day and that of the plan."""
    from erpsync.agenda import due

    return {target.target: due(access, target.target, since, made.as_of) for target in made.targets}


def _only(plan: TargetPlan, users: set[str], access: Access, as_of: date) -> TargetPlan:
    from erpsync.limits import excess_of

    accounts = tuple(change for change in plan.accounts if change.user in users)
    excess = excess_of(accounts, plan.population, access, plan.target, as_of)
    return replace(plan, accounts=accounts, excess=excess)


def why_nothing(made: Plan, merges: Sequence[Merge]) -> str:
    """Why a run finds nothing to do: a green job must not be taken for work that was done."""
    from erpsync.render.words import plural

    rest = sum(len(target.accounts) for target in made.targets)
    held = sum(len(target.held) for target in made.targets)
    if rest:
        differ = plural(rest, "account differs", "accounts differ")
        return (
            f"Nothing was merged and no day has come; {differ} from git, which "
            "erpsync drift tells of. Run the job by hand with drift: revert to make them as declared.\n"
        )
    if held:
        return (
            f"Nothing was done: {plural(held, 'difference is', 'differences are')} held back by the settings "
            "of the target; erpsync drift names them.\n"
        )
    if any(merge.reviewed.proposal.changes for merge in merges):
        return "Nothing to do: the ERP is as declared already, or what was merged begins on a later day.\n"
    if merges:
        return "Nothing to do: what was merged changes nothing of what a user may do today.\n"
    return "Nothing to do: nothing was merged, no day has come, and the ERP is as declared.\n"
