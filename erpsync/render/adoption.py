"""Drift that was adopted into the access files, for a terminal and as the body of a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path

from erpsync.adopt import Adoption, Difference
from erpsync.model import Account, Change, ChangeKind, Location
from erpsync.plan import TargetPlan
from erpsync.render.escape import markdown, plain
from erpsync.render.page import LIMIT, Section, fit, size
from erpsync.render.text import Paint, bounded, no_paint
from erpsync.render.words import found, plural

_SPARE = 200
"""Room for the line that says how much was left out."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the drift: found, adopted or not; where each user stands now; the files written."""

    as_of: date
    targets: tuple[TargetPlan, ...]
    adoption: Adoption
    places: Mapping[str, Location]
    files: tuple[str, ...]
    access_dir: Path

    @property
    def figures(self) -> str:
        """How much was adopted: ``3 of 5 differences adopted``."""
        total = len(self.adoption.differences) + len(self.strangers)
        if not total:
            return "no drift"
        return f"{len(self.adoption.adopted)} of {plural(total, 'difference')} adopted"

    def place(self, user: str) -> str:
        """Where a user stands: ``access/users/purchasing.yaml:60``."""
        at = self.places[user]
        return f"{at.file}:{at.line}"

    @property
    def drift(self) -> bool:
        """Whether there was any drift."""
        return any(target.drift for target in self.targets)

    @property
    def strangers(self) -> list[tuple[str, Account]]:
        """Accounts that git does not know, by target, where they count as drift."""
        plans = [plan for plan in self.targets if plan.unmanaged_is_drift]
        return [(plan.target, account) for plan in plans for account in plan.unmanaged]


def render_text(told: Told, paint: Paint = no_paint) -> str:
    """What was adopted, what was not and why, and what to do next."""
    lines = [paint(f"Drift for {told.as_of}: {told.figures}", "bold")]
    for differences in _by_user(told.adoption.adopted):
        lines += _adopted_text(told, differences, paint)
    left = [*_left_text(told), *_strangers_text(told)]
    if left:
        lines += ["", paint("Not adopted", "bold"), *(paint(f"  {line}", "yellow") for line in bounded(left))]
    if told.drift:
        lines += ["", *_steps(told)]
    return "".join(f"{line}\n" for line in lines)


def _adopted_text(told: Told, differences: Sequence[Difference], paint: Paint) -> Iterator[str]:
    first = differences[0]
    yield ""
    yield f"{plain(told.place(first.user))}  {plain(first.user)} in {plain(first.target)}"
    for item in differences:
        yield "  " + paint(f"+ {plain(_said(item.change))}", "green")
    if first.last:
        yield f"    changed there by {plain(str(first.last))}"


def _said(change: Change) -> str:
    """What was found, and what git said before it was adopted."""
    compared = change.kind in (ChangeKind.UPDATE, ChangeKind.RESCOPE, ChangeKind.RETIME)
    return found(change) + " before" * compared


def _left_text(told: Told) -> Iterator[str]:
    for item in told.adoption.left:
        who = f"{plain(item.user)} in {plain(item.target)} {plain(found(item.change))}"
        yield f"{who}: {plain(item.why_not)}"


def _strangers_text(told: Told) -> Iterator[str]:
    for target, account in told.strangers:
        yield f"{plain(account.login)} in {plain(target)}: git does not know it; declare a user, or ignore it"


def _steps(told: Told) -> Iterator[str]:
    if told.files:
        yield "Next:"
        yield f"  git diff {plain(str(told.access_dir))}, and read what git would say now"
        yield "  commit it, and open a pull request; --format markdown writes its text"
        yield f"  or keep git as it was: git restore {plain(' '.join(told.files))}"
    if told.adoption.left:
        yield "To undo in the ERP what is not adopted: erpsync drift --revert FILE"


def render_markdown(told: Told) -> str:
    """The body of a pull request: who changed what in the ERP and when, and what git says now."""
    title = f"### Access drift adopted for {told.as_of}\n\n**{markdown(told.figures)}**\n\n"
    adopted = [partial(_adopted_entry, told, group) for group in _by_user(told.adoption.adopted)]
    left: list[Callable[[], str]] = [
        partial(_entry, line) for line in (*_left_text(told), *_strangers_text(told))
    ]
    sections = [
        Section("Git says now what the ERP has:\n\n", adopted, "\n") if adopted else Section(""),
        Section("Not adopted:\n\n", left) if left else Section(""),
    ]
    shown, missing = fit(sections, LIMIT - size(title) - _SPARE)
    cut = (
        f"> **Cut short**: {plural(missing, 'entry is', 'entries are')} left out here.\n\n" if missing else ""
    )
    return f"{title}{cut}{shown}"


def _adopted_entry(told: Told, differences: Sequence[Difference]) -> str:
    first = differences[0]
    place = markdown(told.place(first.user))
    lines = [f"- **{markdown(first.user)}** in {markdown(first.target)} ({place})\n"]
    lines += [f"  - {markdown(_said(item.change))}\n" for item in differences]
    if first.last:
        lines.append(f"  - changed there by {markdown(str(first.last))}\n")
    return "".join(lines)


def _entry(line: str) -> str:
    return f"- {markdown(line)}\n"


def _by_user(differences: Sequence[Difference]) -> list[list[Difference]]:
    """The differences of one user in one target together."""
    return [list(group) for _, group in groupby(differences, lambda item: (item.target, item.user))]
