"""What was imported → edits of access files: in which file each entry stands, and with what comment on top.

New entries stand among the old ones where those are sorted, else behind them; nothing old is touched.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from erpsync.importing.comments import comment_for
from erpsync.importing.values import TO_BE_NAMED, Ground, Imported
from erpsync.model import ALL, Access, Department, Position, Role, Subsystem, User, UserType
from erpsync.user_edits import KEYS, user_edits, written
from erpsync.yaml_edit import Append, Edit, Put

TECHNICAL = "technical-accounts"
"""The file of technical accounts; a technical department may have one of its own."""
_DEFAULTS = {"status": "active", "risk": "medium"}
_ORDERED = (
    "title", "title_zh", "department", "subsystem", "owner", "risk", "includes", "entitlements",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewEntries:
    """What is new in one file: entries by section and key, as YAML values; and the comment if it is new."""

    comment: str
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    joined: list[User] = field(default_factory=list)
    protected: tuple[str, ...] = ()


def new_entries(imported: Imported, ground: Ground, root: str) -> dict[str, NewEntries]:
    """What is new, by the path of the file in which it is to stand.

    Args:
        imported: what is new.
        ground: what it was imported from; its users say where those of a department stand.
        root: the access directory, as it stands before the names of files.
    """
    files: dict[str, NewEntries] = {}

    def add(path: str, section: str, key: str, value: Any) -> None:
        made = files.setdefault(
            path, NewEntries(comment_for(path.removeprefix(f"{root}/"), ground, imported))
        )
        made.sections.setdefault(section, {})[key] = entry_of(value)

    organisation = f"{root}/organisation.yaml"
    for section in ("departments", "subsystems", "positions"):
        for key, value in getattr(imported, section).items():
            add(organisation, section, key, value)
    for key, role in imported.roles.items():
        add(f"{root}/roles/{ground.target.name}.yaml", "roles", key, role)
    usual = _usual_files(ground.access)
    for key, user in sorted(imported.users.items()):
        if key == imported.owner and key.startswith(TO_BE_NAMED):
            add(organisation, "users", key, user)
            continue
        place = TECHNICAL if user.type is UserType.SERVICE else user.department
        add(usual.get(place) or f"{root}/users/{place}.yaml", "users", key, user)
    for user in imported.joined.values():
        files.setdefault(user.at.file, NewEntries("")).joined.append(user)
    if imported.protected:
        file = ground.target.at.file
        files[file] = replace(files.get(file, NewEntries("")), protected=imported.protected)
    return files


def entry_edits(new: NewEntries, ground: Ground, path: str) -> Iterator[Edit]:
    """The edits of one file that put in what is new; its text may be the comment alone."""
    for section, entries in new.sections.items():
        known = [key for key, item in getattr(ground.access, section).items() if item.at.file == path]
        if not known:
            yield Put((section,), dict(sorted(entries.items())))
            continue
        in_order = known == sorted(known)
        for key, entry in sorted(entries.items()):
            following = known[bisect(known, key) :][:1] if in_order else []
            yield Put((section, key), entry, tuple(following))
    for user in new.joined:
        yield from user_edits(ground.access.users[user.key], user)
    for login in new.protected:
        yield Append(("targets", ground.target.name, "protected"), login)


def entry_of(value: User | Role | Department | Position | Subsystem) -> dict[str, Any]:
    """An entry as it stands in a file: in the usual order, defaults left out."""
    keys = KEYS if isinstance(value, User) else _ORDERED
    found = {key: _plain(getattr(value, key, None)) for key in keys}
    if isinstance(value, User):
        found["assignments"] = [dict(written(item)) for item in value.assignments]
    return {key: item for key, item in found.items() if item and _DEFAULTS.get(key) != item}


def _plain(value: object) -> Any:
    """A value of the model as YAML has it."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if value == (ALL,):
        return ALL
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return None if value is None else str(value)


def _usual_files(access: Access) -> dict[str | None, str]:
    """The file in which most users of each department stand, and most technical ones."""
    counts: dict[str | None, Counter[str]] = {}
    for user in access.users.values():
        place = TECHNICAL if user.type is UserType.SERVICE else user.department
        counts.setdefault(place, Counter())[user.at.file] += 1
    return {place: min(count, key=lambda file: (-count[file], file)) for place, count in counts.items()}
