"""Another key for a user or a role, everywhere at once, with nobody's access changed. Pure.

Where names stand is known from the tables of `erpsync.references`, by which the validator looks names
up: what it would find missing afterwards is exactly what is renamed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from erpsync.draft import Edits
from erpsync.merge import Merged
from erpsync.model import Access, Account, User, fold
from erpsync.references import CONDITIONS, ITEMS, REFERENCES
from erpsync.resolve import resolver
from erpsync.user_edits import KEYS
from erpsync.yaml_edit import Edit, Path, Put, Remove, Rename
from erpsync.yaml_tree import Map, Seq


def renames(merged: Merged, section: str, old: str, new: str) -> Edits:
    """The edits that give an entry another key, at the entry itself and wherever it is named."""
    found: dict[str, list[Edit]] = {}
    found.setdefault(merged[section][old].at.file, []).append(Rename((section, old), new))
    for file, path, is_key in references(merged, section, old):
        found.setdefault(file, []).append(Rename(path, new) if is_key else Put(path, new))
    return found


EACH = "*"
"""Stands for every item of a list."""

PLACES = (
    *((holder, (key,), referenced) for holder, key, referenced in REFERENCES),
    *((holder, ("when", condition), referenced) for holder, condition, referenced in CONDITIONS),
    *((holder, (listed, EACH, key), referenced) for holder, listed, key, referenced in ITEMS),
)
"""Where in the entries of which section entries of which other section are named."""


def references(merged: Merged, section: str, name: str) -> Iterator[tuple[str, Path, bool]]:
    """Where an entry is named: the file, the path in it, and whether it is a key there and not a value."""
    for holder, where, referenced in PLACES:
        if referenced == section:
            for key, entry, at in merged.good(holder):
                for path, is_key in _named(entry, where, name):
                    yield at.file, (holder, key, *path), is_key


def _named(value: object, where: tuple[str, ...], name: str) -> Iterator[tuple[Path, bool]]:
    """Where in a value a name stands, seen from there."""
    if where:
        first, *rest = where
        if first == EACH:
            parts: Iterable[tuple[str | int, object]] = enumerate(value if isinstance(value, Seq) else ())
        else:
            parts = ((first, value.get(first)),) if isinstance(value, Map) else ()
        for part, inner in parts:
            yield from (((part, *path), is_key) for path, is_key in _named(inner, tuple(rest), name))
    elif value == name:
        yield (), False
    elif isinstance(value, Seq):
        yield from (((index,), False) for index, item in enumerate(value) if item == name)
    elif isinstance(value, Map) and name in value:
        yield (name,), True


# --- users --------------------------------------------------------------------------------------------


def user_renames(merged: Merged, access: Access, old: str, new: str, *, keep_login: bool) -> Edits:
    """The edits that give a user another key.

    The old key stays known as an earlier one, so that the trail of the user does not end there.

    Args:
        merged: the entries of the files.
        access: the declared state that they make.
        old: the key of the user.
        new: a key that nobody has.
        keep_login: keep the login where it was the key; else it becomes the new key in the ERP too.
    """
    user = access.users[old]
    edits = {file: [*held] for file, held in renames(merged, "users", old, new).items()}
    own = edits[user.at.file]
    if keep_login:
        own += _logins(user, new, access)
    own += _earlier_keys(user, new)
    return edits


def _logins(user: User, new: str, access: Access) -> Iterator[Edit]:
    path = ("users", user.key, "logins")
    pinned = {target: user.key for target in access.targets if target not in user.logins}
    if pinned and not user.logins:
        yield Put(path, pinned, _after("logins"))
        return
    for target, login in pinned.items():
        yield Put((*path, target), login)
    for target, login in user.logins.items():
        if login == new:  # what the key says need not be said
            yield Remove((*path, target))


def _earlier_keys(user: User, new: str) -> Iterator[Edit]:
    kept = [key for key in user.previously if fold(key) != fold(new)]
    if fold(user.key) != fold(new):
        kept.append(user.key)
    if kept and kept != list(user.previously):
        yield Put(("users", user.key, "previously"), kept, _after("previously"))
    elif user.previously and not kept:
        yield Remove(("users", user.key, "previously"))


def _after(key: str) -> tuple[str, ...]:
    return KEYS[KEYS.index(key) + 1 :]


# --- that nothing else changes --------------------------------------------------------------------------


def differing(before: Access, after: Access, new_keys: Mapping[str, str], day: date) -> list[str]:
    """The accounts that a plan would change because of a refactoring: ``target: login``; none if it is one.

    Args:
        before: the declared state as it is.
        after: the declared state as it would be.
        new_keys: by old key, the new keys of users.
        day: today. What begins later is looked at with its days.
    """
    found: list[str] = []
    for target in before.targets:
        old, new = _accounts(before, target, day, new_keys), _accounts(after, target, day, {})
        different = (key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        found += (f"{target}: {(old.get(key) or new[key]).login}" for key in different)
    return sorted(found)


def _accounts(access: Access, target: str, day: date, new_keys: Mapping[str, str]) -> dict[str, Account]:
    prepared = resolver(access, target, day, validity=True)
    return {new_keys.get(key, key): prepared.account(user) for key, user in access.users.items()}


# --- what is not renamed ---------------------------------------------------------------------------------


def mentions(text: str, key: str) -> list[int]:
    """The lines, counted from 1, in which a key stands as a word: in comments, reasons, expressions."""
    word = re.compile(rf"(?<![\w.@-]){re.escape(key)}(?![\w@-]|\.\w)")
    return [number for number, line in enumerate(text.splitlines(), start=1) if word.search(line)]
