"""What an emergency lock did, and what has to follow, in words for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from erpsync.connectors.base import Outcome
from erpsync.model import Emergency, HeldBack
from erpsync.render.escape import plain, plain_lines
from erpsync.render.text import Paint, bounded, no_paint
from erpsync.render.words import plural

_JOURNAL = "erpsync journal show has them all"


@dataclass(frozen=True, slots=True)
class Locking:
    """What became of the accounts of one target: locked now, locked already, left, or not there.

    ``problem`` is what ended the target before its end.
    """

    target: str
    locked: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    held: tuple[HeldBack, ...] = ()
    missing: tuple[str, ...] = ()
    failed: tuple[Outcome, ...] = ()
    problem: str | None = None

    @property
    def complete(self) -> bool:
        """Whether nobody who was meant can still get in there."""
        return not self.held and not self.failed and self.problem is None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written into the access files, and what has to be written there by hand."""

    files: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()


def render_locking(locking: Locking, paint: Paint = no_paint) -> str:
    """The figures of a target, then everybody by name."""
    figures = [
        f"{len(who)} {words}"
        for who, words in (
            (locking.locked, "locked"),
            (locking.again, "locked already"),
            (locking.held, "held back"),
            (locking.failed, "not locked"),
            (locking.missing, "without an account"),
        )
        if who
    ]
    lines = [paint(f"{locking.target}: {', '.join(figures) or 'nothing done'}", "bold")]
    if locking.problem:
        lines.append(paint(f"  stopped: {plain_lines(locking.problem)}", "red"))
    lines += [
        paint(f"  {line}", "red")
        for line in bounded([f"NOT LOCKED {_outcome(item)}" for item in locking.failed], _JOURNAL)
    ]
    lines += [f"  held back {plain(held.login)}: {plain(held.why)}" for held in locking.held]
    for words, logins in (("locked", locking.locked), ("locked already", locking.again)):
        lines += [f"  {words} {plain(login)}" for login in bounded(logins, _JOURNAL)]
    lines += [f"  no account of {plain(who)}" for who in bounded(locking.missing, _JOURNAL)]
    return "".join(f"{line}\n" for line in lines)


def _outcome(outcome: Outcome) -> str:
    why = f": {plain(outcome.message)}" if outcome.message else ""
    return f"{plain(outcome.login)}: {outcome.status.value}{why}"


def render_next_steps(
    emergency: Emergency, access_dir: Path, written: Written, unknown: Sequence[str], paint: Paint = no_paint
) -> str:
    """What was written, what must be written by hand, and how it gets into git."""
    lines = [paint(f"no user {plain(name)!r} is declared: nothing was done", "red") for name in unknown]
    lines += [f"written {plain(file)}" for file in written.files]
    lines += [paint(f"TO WRITE BY HAND {plain_lines(what)}", "yellow") for what in written.by_hand]
    return "".join(f"{line}\n" for line in [*lines, *_steps(emergency, access_dir)])


def _steps(emergency: Emergency, access_dir: Path) -> Iterator[str]:
    key = emergency.key
    users = plural(len(emergency.users), "user")
    yield f"Next, so that git says it too ({users}; until then plans made here keep them locked):"
    yield f"  git switch -c emergency-{key}"
    yield f"  git add {quote(str(access_dir))}"
    yield f"  git commit -m 'Emergency {key}'"
    yield "  git push -u origin HEAD, and open the pull request"
    yield f"  write report: {{cause, symptoms, handling, result}} at {key} under emergencies:"
