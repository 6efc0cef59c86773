"""The lines of a personnel list, each as the request that it makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import TypeVar

from erpsync.access_requests import Asked, ends_by, home_of, join, leave, move
from erpsync.days import day_in_words
from erpsync.errors import UsageError
from erpsync.model import Access, Department, HrList, Position, Status, User, fold
from erpsync.people_search import suggested_key
from erpsync.schema import suggest
from erpsync.user_edits import KEYS
from erpsync.yaml_edit import Edit, Put

E = TypeVar("E", Department, Position)


@dataclass(frozen=True, slots=True)
class Person:
    """A line of the list: empty texts where it says nothing."""

    line: int
    employee_no: str
    name: str
    department: str = ""
    position: str = ""
    email: str = ""
    status: str = ""
    left_on: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What of the list cannot be taken, with its line (0 for none), and what to do about it."""

    line: int
    message: str
    hint: str | None = None


class Sorting:
    """Takes line after line, and remembers what each asks for."""

    def __init__(self, access: Access, described: HrList, folder: str, today: date) -> None:
        self.access = access
        self.described = described
        self.folder = folder
        self.today = today
        self.found: dict[str, list[Asked]] = {"joins": [], "moves": [], "changes": [], "leaves": []}
        self.troubles: list[Trouble] = []
        self.without_access = 0
        self.keys = {*access.users, *(key for user in access.users.values() for key in user.previously)}
        self.by_number: dict[str, list[User]] = {}
        for user in access.users.values():
            if user.employee_no:
                self.by_number.setdefault(user.employee_no, []).append(user)
        self.bare = {number.lstrip("0"): number for number in self.by_number}

    def take(self, person: Person) -> None:
        """Take a line; what cannot be taken becomes a trouble."""
        users = self.by_number.get(person.employee_no, [])
        left = fold(person.status) in map(fold, self.described.left)
        try:
            if len(users) > 1:
                keys = ", ".join(user.key for user in users)
                raise _Unclear(
                    f"employee number {person.employee_no} is that of {keys}", "mend the access files"
                )
            if users:
                self._known(person, users[0], left=left)
            elif not left:
                self._new(person)
        except (_Unclear, UsageError) as problem:
            self.troubles.append(Trouble(person.line, problem.message, problem.hint))

    # --- who is declared --------------------------------------------------------------------------

    def _known(self, person: Person, user: User, *, left: bool) -> None:
        if left:
            if user.status is not Status.LEFT:
                last = self._last_day(person)
                if not ends_by(user, last, self.today):
                    self.found["leaves"].append(leave(user, last, self.today))
            return
        if user.status is Status.LEFT:
            hint = "who comes back is declared anew by hand, or is still in the list by mistake"
            raise _Unclear(f"{user.key} has left, and is in the list", hint)
        department, position = self._place(person)
        edits = [
            Put(("users", user.key, key), value, tuple(KEYS[KEYS.index(key) + 1 :]))
            for key, value in (("name", person.name), ("email", person.email))
            if value and value != (getattr(user, key) or "")
        ]
        if position and position.key != user.position:
            asked = move(self.access, user, position.key, self.today)
            self.found["moves"].append(_with(asked, edits))
        elif department and not position and department.key != user.department:
            path = ("users", user.key, "department")
            edits.append(Put(path, department.key, tuple(KEYS[KEYS.index("department") + 1 :])))
            title = f"Move {user.key} to department {department.key}"
            self.found["moves"].append(Asked(user.key, user.at.file, tuple(edits), title))
        elif edits:
            names = " and ".join(str(item.path[-1]) for item in edits)
            title = f"Correct {names} of {user.key}"
            self.found["changes"].append(Asked(user.key, user.at.file, tuple(edits), title))

    def _last_day(self, person: Person) -> date:
        if not person.left_on:
            return self.today
        try:
            # Databases export a day as 2026-12-31 00:00:00.
            return day_in_words(person.left_on.split(" ")[0], self.today)
        except ValueError as error:
            raise _Unclear(
                f"{person.name}: {person.left_on!r} is no day", "write it as 2026-12-31"
            ) from error

    # --- who is new ---------------------------------------------------------------------------------

    def _new(self, person: Person) -> None:
        if any(fnmatchcase(person.position, pattern) for pattern in self.described.without_access):
            self.without_access += 1
            return
        same = self.bare.get(person.employee_no.lstrip("0"))
        if same:
            hint = "keep the numbers of the list as texts: a table takes zeros away"
            raise _Unclear(
                f"employee number {person.employee_no} may be {same}, {self.by_number[same][0].key}", hint
            )
        department, position = self._place(person)
        if position is None:
            hint = "name it below positions: or without_access: in settings: hr:"
            raise _Unclear(f"{person.name} is new, and the list names no position", hint)
        if not person.name:
            raise _Unclear(f"employee number {person.employee_no} has no name")
        key = suggested_key(person.name, self.keys) or person.employee_no
        department_key = department.key if department else position.department
        values = {
            "name": person.name,
            "employee_no": person.employee_no,
            "email": person.email or None,
            "department": department_key,
            "position": position.key,
            "type": "dedicated",
            "status": "active",
        }
        file = home_of(self.access, department_key, self.folder)
        self.found["joins"].append(join(self.access, key, values, file))
        self.keys.add(key)

    # --- where somebody works -----------------------------------------------------------------------

    def _place(self, person: Person) -> tuple[Department | None, Position | None]:
        """The department and position of a line; None for what it does not say."""
        departments = _named(person.department, self.access.departments, self.described.departments)
        if person.department and not departments:
            raise self._unknown(person, "department", person.department, self.access.departments)
        positions = _named(person.position, self.access.positions, self.described.positions)
        if person.position and not positions:
            raise self._unknown(person, "position", person.position, self.access.positions)
        own = {item.key for item in departments}
        if len(positions) > 1:
            positions = [item for item in positions if item.department in own] or positions
        if len(positions) > 1 or len(departments) > 1:
            keys = ", ".join([*(item.key for item in positions), *(item.key for item in departments)])
            raise _Unclear(f"{person.name}: {keys} are called alike", "say which in settings: hr:")
        position = positions[0] if positions else None
        if position and own and position.department not in own:
            message = (
                f"{person.name}: {position.key} is one of {position.department}, not of {person.department}"
            )
            raise _Unclear(
                message, "correct the list, or name the position below positions: in settings: hr:"
            )
        return (departments[0] if departments else None), position

    def _unknown(
        self, person: Person, what: str, word: str, entries: Mapping[str, Department | Position]
    ) -> _Unclear:
        titles = [name for item in entries.values() for name in (item.title_zh, item.title) if name]
        near = suggest(word, [*entries, *titles], None)
        hint = f"{near} " if near else ""
        return _Unclear(
            f"{person.name}: no {what} is called {word!r}", f"{hint}name it below {what}s: in settings: hr:"
        )


class _Unclear(Exception):  # noqa: N818 - a line that cannot be taken is no error of the program
    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def _with(asked: Asked, edits: Sequence[Edit]) -> Asked:
    return replace(asked, edits=(*asked.edits, *edits))


def _named(word: str, entries: Mapping[str, E], meant: Mapping[str, str]) -> list[E]:
    """The entries that a word of the list means: as the settings say, by key, or by title."""
    key = meant.get(word, word)
    if not word or key in entries:
        return [entries[key]] if word else []
    wanted = fold(word)
    return [item for item in entries.values() if wanted in (fold(item.title), fold(item.title_zh or ""))]
