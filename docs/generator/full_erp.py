"""The stages of docs/import.md: a fresh repository, one that was imported, one with jobs filled in."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from datetime import date
from importlib.resources import files
from pathlib import Path

from erpsync.access import load_valid
from erpsync.cli.importing import import_target
from erpsync.cli.init import scaffold
from erpsync.cli.main import run
from erpsync.user_edits import KEYS
from erpsync.yaml_edit import Edit, Put, edit


def begin(stage: Path) -> None:
    """The access files as ``erpsync init`` makes them."""
    for name, text in scaffold(files("erpsync").joinpath("scaffold", "access")).items():
        path = stage / "access" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def fill_in(stage: Path, example: Path, as_of: str) -> None:
    """Import the recorded ERP, then fill in departments and positions as the personnel department has them.

    Those are the ones of the example company, which the ERP was recorded of.
    """
    folder = stage / "access"
    import_target("erp", folder, date.fromisoformat(as_of), stage / "live.json", None, all_roles=False)
    company = load_valid(example)
    known = {user.login("erp").casefold(): user for user in company.users.values()}
    people, organisation = folder / "users" / "unsorted.yaml", folder / "organisation.yaml"
    edits: list[Edit] = []
    departments: dict[str, object] = {}
    positions: dict[str, object] = {}
    for key, user in load_valid(folder).users.items():
        person = known.get(user.login("erp").casefold())
        if person is None or person.department is None or user.at.file != people.as_posix():
            continue
        edits.append(Put(("users", key, "department"), person.department))
        departments[person.department] = _titles(company.departments[person.department])
        if person.position:
            place = company.positions[person.position]
            edits.append(Put(("users", key, "position"), place.key, KEYS[KEYS.index("position") + 1 :]))
            departments[place.department] = _titles(company.departments[place.department])
            positions[place.key] = _titles(place) | {"department": place.department}
    people.write_text(edit(people.read_text("utf-8"), edits), "utf-8")
    more = [Put(("departments", key), value) for key, value in departments.items()]
    text = edit(organisation.read_text("utf-8"), [*more, Put(("positions",), positions)])
    organisation.write_text(text, "utf-8")


def propose(stage: Path, example: Path, as_of: str) -> None:
    """The same with the roles that are proposed for it."""
    fill_in(stage, example, as_of)
    with redirect_stdout(io.StringIO()):
        run(["propose", "roles", "--write", "--as-of", as_of])


def _titles(item: object) -> dict[str, str]:
    return {name: value for name in ("title", "title_zh") if (value := getattr(item, name))}
