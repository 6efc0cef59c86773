"""The personnel list → who joins, moves and leaves, as requests. Pure.

People are known by their employee number, and by nothing else. Only what the list says is taken: who
is missing in it is told, and stays, for a list can be short. What cannot be understood is told with
its line, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from erpsync.access_requests import Asked
from erpsync.hr_lines import Person, Sorting, Trouble
from erpsync.model import Access, HrList, Status, User, UserType
from erpsync.table import Table


@dataclass(frozen=True, slots=True)
class Feed:
    """What the list asks for, who is missing in it, what is no concern of the ERP, and what is wrong with it.

    ``employees`` is how many people with a number are declared and have not left.
    """

    joins: tuple[Asked, ...]
    moves: tuple[Asked, ...]
    changes: tuple[Asked, ...]
    leaves: tuple[Asked, ...]
    missing: tuple[User, ...]
    without_access: int
    troubles: tuple[Trouble, ...]
    employees: int

    @property
    def asked(self) -> tuple[Asked, ...]:
        """All that it asks for: who leaves first, so that nobody holds two positions on the way."""
        return (*self.leaves, *self.moves, *self.changes, *self.joins)

    def excess(self, described: HrList) -> str | None:
        """In words, whether more leave than may by one list; None if not."""
        count, limit = len(self.leaves), described.limit
        over = limit.count is not None and count > limit.count
        if limit.share is not None:
            over = over or count * 10_000 > round(limit.share * 10_000) * self.employees
        return f"{count} of {self.employees} people would leave; the limit is {limit}" if over else None


def people_of(table: Table, described: HrList) -> list[Person]:
    """The lines of the list.

    Raises:
        TargetError: a column is not there.
    """
    names = list(described.columns)
    rows = table.select([described.columns[name] for name in names])
    return [Person(number, **dict(zip(names, cells, strict=True))) for number, cells in rows]


def compare(people: Sequence[Person], access: Access, described: HrList, folder: str, today: date) -> Feed:
    """Hold the list against what is declared.

    Args:
        people: the lines of the list.
        access: the declared state.
        described: how the list is read.
        folder: the access directory, as files are shown in it.
        today: the first day of what it brings.
    """
    sorting = Sorting(access, described, folder, today)
    for person in _known_once(people, sorting.troubles):
        sorting.take(person)
    numbers = {person.employee_no for person in people}
    employees = [
        user
        for user in access.users.values()
        if user.employee_no and user.status is not Status.LEFT and user.type is UserType.DEDICATED
    ]
    missing = tuple(user for user in employees if user.employee_no not in numbers)
    found = sorting.found
    return Feed(
        tuple(found["joins"]), tuple(found["moves"]), tuple(found["changes"]), tuple(found["leaves"]),
        missing, sorting.without_access, tuple(sorted(sorting.troubles, key=lambda item: item.line)),
        len(employees),
    )  # fmt: skip


def _known_once(people: Sequence[Person], troubles: list[Trouble]) -> Iterator[Person]:
    """Those who have a number of their own; of two with one number nobody knows who is meant."""
    lines: dict[str, list[int]] = {}
    for person in people:
        lines.setdefault(person.employee_no, []).append(person.line)
    for person in people:
        if not person.employee_no:
            troubles.append(Trouble(person.line, f"{person.name or 'somebody'} has no employee number"))
        elif len(lines[person.employee_no]) > 1:
            others = ", ".join(str(line) for line in lines[person.employee_no] if line != person.line)
            message = f"employee number {person.employee_no} is in line {others} too"
            troubles.append(Trouble(person.line, message, "neither of them is taken"))
        else:
            yield person
