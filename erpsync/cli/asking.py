"""Questions on a terminal, each of which an option answers too; without a terminal nothing is asked."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from erpsync.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from erpsync.model import Access, Position, Role, User

T = TypeVar("T")


class Titled(Protocol):
    """An entry with a title."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def title_zh(self) -> str | None:
        """Its Chinese title."""


E = TypeVar("E", bound=Titled)

CHOICES = 12
"""Most entries that are offered at once."""


def on_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def answer(given: str | None, question: str, option: str) -> str:
    """What was given, else what somebody answers.

    Raises:
        UsageError: there is nobody to ask.
    """
    if given is not None and given.strip():
        return given.strip()
    if not on_terminal():
        how = "Say it with" if option.startswith("-") else "Give it as"
        raise UsageError(f"{option} is missing", hint=f"{question}? {how} {option}")
    while True:
        said: str = click.prompt(question, err=True, default="", show_default=False)
        if said.strip():
            return said.strip()


def answer_or_none(given: str | None, question: str) -> str | None:
    """The same for what may be left out: with nobody to ask it is."""
    if given is not None or not on_terminal():
        return given
    said: str = click.prompt(f"{question} (empty for none)", err=True, default="", show_default=False)
    return said.strip() or None


def day_of(text: str, today: date, start: date | None = None) -> date:
    """A day as people say it.

    Raises:
        UsageError: it is no day.
    """
    from erpsync.days import EXAMPLES, day_in_words

    try:
        return day_in_words(text, today, start)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day", hint=f"write it like {EXAMPLES}") from error


def day_or_none(given: str | None, question: str, today: date, start: date | None = None) -> date | None:
    """A day that may be left out."""
    text = answer_or_none(given, question)
    return day_of(text, today, start) if text else None


def confirmed(question: str, *, yes: bool) -> None:
    """Go on only if somebody agrees; with nobody to ask, the options have said it.

    Raises:
        click.Abort: no.
    """
    if on_terminal() and not yes:
        click.confirm(question, abort=True, err=True)


# --- one of many ----------------------------------------------------------------------------------------


def which_user(access: Access, term: str | None, *, what: str = "Who (name, number or pinyin)") -> User:
    """The one user whom a term means.

    Raises:
        UsageError: there is none, or there are several and nobody to ask.
    """
    from erpsync.people_search import find_people
    from erpsync.schema import suggest

    term = answer(term, what, "USER")
    found = find_people(term, access.users.values())
    if not found:
        hint = suggest(term, access.users, None) or "search by name, employee number, login or pinyin"
        raise UsageError(f"no user {term!r} is declared", hint=hint)
    return _one_of(found, [_user_line(user, access) for user in found], f"{len(found)} users fit {term!r}")


def _user_line(user: User, access: Access) -> str:
    position = access.positions.get(user.position or "")
    job = (position.title_zh or position.title) if position else user.type.value
    number = f", {user.employee_no}" if user.employee_no else ""
    return f"{user.key} ({user.name}{number}, {job}, {user.status.value})"


def which_role(access: Access, term: str | None, question: str = "Which role (title or key)") -> Role:
    """The one role that a term means: its key, its title in any language, or a part of one.

    Raises:
        UsageError: there is none, or there are several and nobody to ask.
    """
    return _titled(access.roles, term, question, "ROLE", "role")


def which_position(access: Access, term: str | None) -> Position:
    """The one position that a term means.

    Raises:
        UsageError: there is none, or there are several and nobody to ask.
    """
    return _titled(access.positions, term, "Which position (title or key)", "--position", "position")


def _titled(entries: Mapping[str, E], term: str | None, question: str, option: str, what: str) -> E:
    from erpsync.model import fold
    from erpsync.schema import suggest

    term = answer(term, question, option)
    if term in entries:
        return entries[term]
    wanted = fold(term)
    names = {
        key: [fold(name) for name in (key, item.title, item.title_zh or "")] for key, item in entries.items()
    }
    same = [key for key, known in names.items() if wanted in known]
    found = same or [key for key, known in names.items() if any(wanted in name for name in known)]
    if not found:
        titles = {item.title: key for key, item in entries.items()}
        hint = suggest(term, [*entries, *titles], None) or f"erpsync validate knows every {what}"
        raise UsageError(f"no {what} {term!r} is declared", hint=hint)
    lines = [f"{key} ({entries[key].title_zh or entries[key].title})" for key in found]
    return _one_of([entries[key] for key in found], lines, f"{len(found)} {what}s fit {term!r}")


def _one_of(found: Sequence[T], lines: Sequence[str], problem: str) -> T:
    if len(found) == 1:
        return found[0]
    from erpsync.render.escape import plain

    more = f", and {len(lines) - CHOICES} more" if len(lines) > CHOICES else ""
    if not on_terminal():
        shown = ", ".join(plain(line) for line in lines[:CHOICES])
        raise UsageError(problem, hint=f"say which: {shown}{more}")
    for number, line in enumerate(lines[:CHOICES], start=1):
        click.echo(f"  {number}  {plain(line)}", err=True)
    if more:
        click.echo(f"  {more.removeprefix(', ')}: say more of the name to see them", err=True)
    chosen: int = click.prompt("Which", type=click.IntRange(1, min(len(found), CHOICES)), err=True)
    return found[chosen - 1]
