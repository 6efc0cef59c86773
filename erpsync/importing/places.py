"""Departments and positions as the ERP calls them → the declared ones, or new ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from erpsync.importing.names import Keys, slug, titles
from erpsync.importing.people import Place
from erpsync.importing.values import NOWHERE, UNSORTED, Ground
from erpsync.model import Department, Description, Position

NOBODY = Description()


class Places:
    """Finds where people work, and keeps what had to be made for it."""

    def __init__(self, ground: Ground) -> None:
        access = ground.access
        self.departments: dict[str, Department] = {}
        self.positions: dict[str, Position] = {}
        self._names = {name: key for key, item in access.departments.items() for name in _names(key, item)}
        self._jobs = {
            (item.department, name): key
            for key, item in access.positions.items()
            for name in _names(key, item)
        }
        self._department_keys = Keys(access.departments)
        self._position_keys = Keys(access.positions)

    def add(self, descriptions: Iterable[Description]) -> None:
        """Make what is new among these, in the order of their names, so that keys do not depend on people."""
        found = {(item.department or "", item.position or "") for item in descriptions}
        for department, position in sorted(found):
            if department and department not in self._names:
                key = self._department_keys.take(slug(department), "department")
                self.departments[key] = _department(key, department)
                self._names[department] = key
            where = self._names.get(department, UNSORTED)
            if position and (where, position) not in self._jobs:
                made = slug(position)
                key = self._position_keys.take(f"{where}.{made}" if made else "", f"{where}.position")
                self.positions[key] = _position(key, position, where)
                self._jobs[where, position] = key

    def of(self, description: Description, *, person: bool) -> Place:
        """Where somebody works; a person whom the ERP does not sort is in the department of those."""
        department = self._names.get(description.department or "")
        if person and department is None:
            department = UNSORTED
        position = self._jobs.get((department or UNSORTED, description.position or ""))
        return Place(department, position if person else None, description.employee_no or None)


def _department(key: str, name: str) -> Department:
    title, title_zh = titles(name)
    return Department(key, title, NOWHERE, title_zh)


def _position(key: str, name: str, department: str) -> Position:
    title, title_zh = titles(name)
    return Position(key, title, department, (), NOWHERE, title_zh)


def _names(key: str, item: Department | Position) -> list[str]:
    return [name for name in (key, item.title, item.title_zh) if name]
