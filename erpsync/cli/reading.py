"""Read the chosen targets at once, and make one plan of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from erpsync.cli.common import chosen_targets, progress_bars, recorded_target, sealed, today
from erpsync.errors import ErpsyncError, RefusedError, StaleError

if TYPE_CHECKING:
    from erpsync.connectors.base import Progress, Reader
    from erpsync.model import Access, Target
    from erpsync.pages import Memory
    from erpsync.plan import Plan, TargetPlan
    from erpsync.reading import Reading

T = TypeVar("T")


def plan_of(
    access: Access,
    access_dir: Path,
    target_names: Sequence[str],
    as_of: date | None,
    live_file: Path | None,
    memory: Memory | None = None,
) -> Plan:
    """Resolve a declared state, read every chosen target and compare: what plan and drift have in common.

    A target that cannot be read is named in the plan, which says nothing else of it; see `must_be_whole`.

    Raises:
        ErpsyncError: none could be read.
    """
    from erpsync.pages import FORGETFUL
    from erpsync.planning import plan_target

    day, known = as_of or today(access), memory or FORGETFUL
    readings = read_targets(
        access,
        target_names,
        live_file,
        lambda target, reader: plan_target(access, target, reader, day, known),
        known,
    )
    return plan_from(readings, access, access_dir, day)


def plan_from(readings: Sequence[Reading[TargetPlan]], access: Access, access_dir: Path, day: date) -> Plan:
    """The plans of targets as one, which names those that could not be read.

    Raises:
        ErpsyncError: none could be read.
    """
    from erpsync.plan import Unread

    plans = [reading.found for reading in readings if reading.found]
    failed = [(reading.target.name, reading.error) for reading in readings if reading.error]
    if not plans:
        raise several(failed, "no target could be read")
    unread = [Unread(name, _reason(name, error), error.hint) for name, error in failed]
    return sealed(plans, access, access_dir, day, unread)


def must_be_whole(plan: Plan) -> None:
    """Refuse to end well with a plan that lacks targets, once it was shown.

    Raises:
        ErpsyncError: some could not be read.
    """
    if plan.unread:
        lines = [f"{item.target}: {item.message.splitlines()[0]}" for item in plan.unread]
        raise ErpsyncError(
            f"{len(plan.unread)} of {len(plan.unread) + len(plan.targets)} targets could not be read:\n  "
            + "\n  ".join(lines),
            hint="what is told of the others is whole; erpsync target check NAME says what is wrong",
        )


def several(failed: Sequence[tuple[str, ErpsyncError]], message: str) -> ErpsyncError:
    """The errors of several targets as one, which ends the command as they do; one alone stays as it is."""
    if len(failed) == 1:
        return failed[0][1]
    codes = {error.exit_code for _, error in failed}
    kind = next((kind for kind in (RefusedError, StaleError) if codes == {kind.exit_code}), ErpsyncError)
    return kind(f"{message}:\n  {each_of(failed)}")


def each_of(failed: Sequence[tuple[str, ErpsyncError]]) -> str:
    """What happened to each target and what to do about it, on lines of their own below a message."""
    return "\n  ".join(
        f"{name}: {_reason(name, error)}" + (f"\n    hint: {error.hint}" if error.hint else "")
        for name, error in failed
    )


def _reason(target: str, error: ErpsyncError) -> str:
    """What happened, and where, if that is not just the target."""
    return error.message if error.where in (None, f"target {target!r}") else f"{error.where}: {error.message}"


def read_targets(
    access: Access,
    target_names: Sequence[str],
    live_file: Path | None,
    read: Callable[[Target, Reader], T],
    memory: Memory | None = None,
) -> list[Reading[T]]:
    """Read the chosen targets at once, each with its own reader; or the one that a snapshot was recorded of.

    Returns:
        What was read, or the error that ended it, by the order of their names.
    """
    from erpsync.connectors.registry import connect, find_connector
    from erpsync.reading import Reading, read_each

    if live_file:
        from erpsync.connectors.recorded import open_recorded
        from erpsync.pages import FORGETFUL

        recorded = open_recorded(live_file, memory or FORGETFUL)
        target = recorded_target(access, target_names, recorded)
        return [Reading(target, found=read(target, recorded))]

    def open_and_read(target: Target, progress: Progress) -> T:
        connector = find_connector(target)
        with connector.read(connect(target, access.timezone, progress)) as reader:
            return read(target, reader)

    with progress_bars() as progress_of:
        return read_each(chosen_targets(access, target_names), open_and_read, progress_of)
