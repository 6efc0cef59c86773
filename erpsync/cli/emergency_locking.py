"""Locking the accounts of an emergency in one target, under its lock and with its journal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from erpsync.cli.common import open_reader, sealed
from erpsync.cli.recording import Places, carry_out_target, locked, open_journal
from erpsync.cli.stopping import stopping
from erpsync.errors import ErpsyncError, StaleError

if TYPE_CHECKING:
    from erpsync.connectors.base import Outcome
    from erpsync.emergency import LockPlan
    from erpsync.model import Access, Emergency, Target
    from erpsync.plan import TargetPlan
    from erpsync.render.emergency import Locking
    from erpsync.run import Run

ROUNDS = 3
"""How often accounts that move while they are being locked are read and tried again."""


def lock_target(declared: Emergency, access: Access, target: Target, run: Run, places: Places) -> Locking:
    """Lock the accounts of one target. What goes wrong there keeps no other target from being locked."""
    from erpsync.open_emergencies import to_event
    from erpsync.render.emergency import Locking

    who = {"by": run.by, "host": run.host, "job": run.job}
    told = Locking(target.name)
    try:
        # One lock for the record and for all rounds: giving it back in between could fail, and then the
        # rounds would find the target locked by this very run.
        with locked(target, run, places):
            with open_journal(target.name, access, run, places) as append:
                append({**to_event(declared), **who})
            told = _rounds(declared, access, target, run, places)
    except ErpsyncError as error:
        return replace(told, problem="\n".join(filter(None, (told.problem, str(error)))))
    return told


def _rounds(declared: Emergency, access: Access, target: Target, run: Run, places: Places) -> Locking:
    """Read, plan and write, again for the accounts that moved in between."""
    from erpsync.connectors.base import Status
    from erpsync.render.emergency import Locking

    outcomes: dict[str, Outcome] = {}
    plans: list[LockPlan] = []
    problem: str | None = None
    try:
        for number in range(1, ROUNDS + 1):
            made = _planned(declared, access, target)
            plans.append(made)
            moved = {login for login, item in outcomes.items() if item.status is Status.MOVED}
            todo = [item for item in made.plan.accounts if item.login not in outcomes or item.login in moved]
            if problem or not todo:
                break
            plan = replace(made.plan, accounts=tuple(todo))
            attempt = replace(run, id=f"{run.id}.{target.name}.{number}")
            done, problem = _attempt(plan, declared, access, attempt, places)
            outcomes |= done
    except ErpsyncError as error:
        problem = str(error)
    right = [login for login, item in outcomes.items() if item.status in (Status.DONE, Status.ALREADY)]
    again = plans[0].again if plans else ()
    return Locking(
        target.name,
        locked=tuple(login for login in right if login not in again),
        again=tuple(login for login in right if login in again),
        held=plans[-1].plan.held if plans else (),
        missing=plans[-1].missing if plans else (),
        failed=tuple(item for login, item in outcomes.items() if login not in right),
        problem=problem,
    )


def _planned(declared: Emergency, access: Access, target: Target) -> LockPlan:
    from erpsync.emergency import lock_plan, logins_meant

    with open_reader(access, target) as reader:
        live = reader.snapshot(logins_meant(declared, access, target.name))
        return lock_plan(declared, access, target, live, reader.capabilities, reader.instance())


def _attempt(
    plan: TargetPlan, declared: Emergency, access: Access, run: Run, places: Places
) -> tuple[dict[str, Outcome], str | None]:
    """What became of each account of a plan, and what ended it early."""
    from erpsync.connectors.base import Outcome, Status
    from erpsync.plan import dump
    from erpsync.state import save_plan

    whole = sealed([plan], access, places.access, declared.day)
    save_plan(places.state, run.id, dump(whole))
    try:
        with stopping() as asked:
            result = carry_out_target(plan, whole, access, run, places, asked)
    except StaleError:
        return {change.login: Outcome(change.login, Status.MOVED) for change in plan.accounts}, None
    return {item.login: item for item in result.outcomes}, result.stopped
