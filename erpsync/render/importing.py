"""What an import has written, for a terminal and as the body of a pull request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from erpsync.importing.values import TO_BE_NAMED, UNSORTED, Ground, Imported
from erpsync.importing.values import Told as About
from erpsync.model import Status, UserType
from erpsync.render.escape import markdown, plain
from erpsync.render.page import LIMIT, Section, fit, size
from erpsync.render.text import Paint, bounded, no_paint
from erpsync.render.words import plural

_SPARE = 200
"""Room for the line that says how much was left out."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was imported, from what; the files written, and the examples removed for it."""

    ground: Ground
    imported: Imported
    files: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def figures(self) -> str:
        """How much was imported: ``143 of 150 new accounts imported, 38 new roles``."""
        new, left = len(self.users), len(self.imported.left_out) + len(self.imported.protected)
        if self.imported.empty and not left:
            return "nothing is new"
        accounts = f"{new} of {plural(new + left, 'account')} that git did not know"
        return f"{accounts} imported, with {plural(len(self.imported.roles), 'new role')}"

    @property
    def users(self) -> list[str]:
        """The new users who have an account: all but the one that stands for nobody."""
        return [key for key in self.imported.users if not self.stands_for_nobody(key)]

    def stands_for_nobody(self, key: str) -> bool:
        """Whether a user is the placeholder."""
        return key == self.imported.owner and key.startswith(TO_BE_NAMED)


def render_text(told: Told, paint: Paint = no_paint) -> str:
    """What was imported, what was not and why, what to fill in, and what to do next."""
    lines = [paint(f"{told.ground.target.name} on {told.ground.as_of}: {told.figures}", "bold")]
    for title, items, colour in (
        ("Written", list(_written(told)), "green"),
        ("Left out: not declared, so no plan changes them", list(_about(told.imported.left_out)), "yellow"),
        ("To look at", list(_about(told.imported.notes)), ""),
        ("To fill in", list(_open(told)), ""),
    ):
        if items:
            lines += ["", paint(title, "bold")]
            lines += [f"  {paint(line, colour) if colour else line}" for line in bounded(items)]
    lines += ["", *_proved(told), *_steps(told)]
    return "".join(f"{line}\n" for line in lines)


def render_markdown(told: Told) -> str:
    """The body of a pull request."""
    title = f"### Access imported from {markdown(told.ground.target.name)} on {told.ground.as_of}\n\n"
    title += (
        f"**{markdown(told.figures)}**\n\n" + "".join(f"{markdown(line)}\n" for line in _proved(told)) + "\n"
    )
    sections = [
        _section("Written:", list(_written(told))),
        _section("To fill in:", list(_open(told))),
        _section("Left out: not declared, so no plan changes them:", list(_about(told.imported.left_out))),
        _section("To look at:", list(_about(told.imported.notes))),
    ]
    shown, missing = fit(sections, LIMIT - size(title) - _SPARE)
    cut = (
        f"> **Cut short**: {plural(missing, 'entry is', 'entries are')} left out here.\n\n" if missing else ""
    )
    return f"{title}{cut}{shown}"


def render_json(told: Told) -> str:
    """Everything that is told, however much: for programs."""
    imported = told.imported
    document = {
        "target": told.ground.target.name,
        "as_of": told.ground.as_of.isoformat(),
        "files": told.files,
        "removed": told.removed,
        "users": told.users,
        "roles": list(imported.roles),
        "protected": imported.protected,
        "left_out": [{"login": item.login, "why": item.what} for item in imported.left_out],
        "notes": [{"login": item.login, "what": item.what} for item in imported.notes],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _section(title: str, lines: list[str]) -> Section:
    entries: list[Callable[[], str]] = [partial("- {}\n".format, markdown(line)) for line in lines]
    return Section(f"{title}\n\n", entries, "\n") if entries else Section("")


def _written(told: Told) -> Iterator[str]:
    imported = told.imported
    for name in told.files:
        yield plain(name)
    for name in told.removed:
        yield f"{plain(name)}: removed, an example of erpsync init that nobody had changed"
    users = [imported.users[key] for key in told.users]
    kinds = Counter(user.type for user in users)
    locked = sum(user.status is Status.LOCKED for user in users)
    given = sum(len(user.assignments) for user in users)
    if users:
        technical = kinds[UserType.SERVICE]
        yield (
            f"{plural(len(users), 'user')}, {technical} of them technical and {locked} locked, "
            f"with {plural(given, 'assignment')}"
        )
    if imported.joined:
        count = plural(len(imported.joined), "user", "users")
        yield f"{count} whom git knew from another target, with what they hold in this one"
    for login in imported.protected:
        yield f"{plain(login)}: built in or erpsync's own, so proposed as protected"


def _about(items: tuple[About, ...]) -> Iterator[str]:
    for item in items:
        yield f"{plain(item.login)}: {plain(item.what)}"


def _open(told: Told) -> Iterator[str]:
    imported, owner = told.imported, told.imported.owner
    services = sum(user.type is UserType.SERVICE for user in imported.users.values())
    if imported.roles:
        yield f"owner, subsystem and risk of {plural(len(imported.roles), 'role')}; now they are with {owner}"
    if services:
        yield f"owner and purpose of {plural(services, 'technical account')}; now they are with {owner}"
    unsorted = sum(imported.users[key].department == UNSORTED for key in told.users)
    if unsorted:
        yield f"department and position of {plural(unsorted, 'user')}, whom the ERP does not sort"
    if imported.unheld:
        yield (
            f"nobody holds {plural(imported.unheld, 'entitlement')} of the ERP, so no role gives them: "
            "--all-roles makes them"
        )
    if imported.differing:
        count = plural(imported.differing, "declared user is", "declared users are")
        yield f"{count} not as the ERP has them, which is drift: erpsync drift --adopt writes it"


def _proved(told: Told) -> Iterator[str]:
    if told.files:
        yield (
            "Proved: the files are valid, and of what is new nothing would change in the ERP, "
            "even if everything were enforced."
        )


def _steps(told: Told) -> Iterator[str]:
    if told.files:
        yield "Next:"
        yield f"  erpsync plan --target {plain(told.ground.target.name)} --detailed-exitcode"
        yield "  erpsync propose roles, which finds the jobs behind these assignments"
        yield "  commit it, and open a pull request; --format markdown writes its text before it is done"
