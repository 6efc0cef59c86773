"""Edits of YAML text that keep everything else as it is: comments, order, quotes, blank lines. Pure.

An edit names a place by its path and is made by cutting and putting in text where the value stands;
nothing is written anew. The result is read again, by the strict reader of access files, and must
hold exactly what the edits say: an edit that would break the file, or change more than it says, is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from erpsync.errors import ErpsyncError
from erpsync.model import Finding
from erpsync.yaml_places import Name, Place, UnfitError, places
from erpsync.yaml_splice import New, Splice, Text
from erpsync.yaml_tree import parse
from erpsync.yaml_write import Value, scalar

Path = tuple[Name, ...]
"""Keys of mappings and indexes of lists, from the top of the file."""


@dataclass(frozen=True, slots=True)
class Put:
    """Set a value, whether there was one or not; a key that is new stands before the first of ``before``."""

    path: Path
    value: Value
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Append:
    """Add an item to a list, which is made if it is not there."""

    path: Path
    item: Value


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a value away, with its key and the comment right above it; emptied collections go too."""

    path: Path


@dataclass(frozen=True, slots=True)
class Rename:
    """Give an entry another key; its value, and what stands around it, stay."""

    path: Path
    name: str


Edit = Put | Append | Remove | Rename


class EditError(ErpsyncError):
    """An edit cannot be made in this file without touching more than it says."""


def edit(text: str, edits: Iterable[Edit], name: str = "the file") -> str:
    """Make edits; their paths are those of the text as it is before any of them.

    Args:
        text: the YAML document; may be empty. Line breaks as they stand in the file.
        edits: what to change; no two of them at the same place.
        name: what the file is called in an error.

    Raises:
        EditError: the text is not one that can be edited safely, or has no such place.
    """
    wanted = list(edits)
    try:
        root = places(text)
        data = root.value if root else {}
        gone = _removals(data, wanted)
        source = Text(text)
        result = source.spliced(_splices(source, root, wanted, gone))
        expected = _edited(data, wanted, gone)
    except UnfitError as error:
        hint = "erpsync validate tells where"
        raise EditError(f"access files must not have {error}", where=name, hint=hint) from error
    except yaml.YAMLError as error:
        hint = "erpsync validate tells where"
        raise EditError("the file is not valid YAML", where=name, hint=hint) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise EditError(f"there is no such place to edit: {error}", where=name) from error
    if not holds(result, expected, name):
        hint = "write the entry in block style, one key a line, and try again; or edit the file by hand"
        raise EditError("the edit cannot be made without touching more than it says", where=name, hint=hint)
    return result


def holds(text: str, expected: Value, name: str) -> bool:
    """Whether the strict reader finds nothing wrong with a text, and exactly what is expected in it."""
    findings: list[Finding] = []
    found = parse(text.encode("utf-8", "surrogatepass"), name, findings)
    return not findings and (found or {}) == expected


def section_names(text: str) -> set[str]:
    """The keys at the top of a text that have something in them; none where it cannot be read."""
    try:
        root = places(text)
    except (UnfitError, yaml.YAMLError):
        return set()
    children = root.children if root and root.mapping and root.children else {}
    return {str(name) for name, child in children.items() if child.place.children}


# --- the data, before and after ---------------------------------------------------------------------


def _edited(data: Value, edits: Sequence[Edit], gone: set[Path]) -> Value:
    """The data after the edits, by the plainest means: what the text is held against. Changes ``data``."""
    for change in edits:
        if isinstance(change, Put):
            _made(data, change.path[:-1], {})[change.path[-1]] = change.value
        elif isinstance(change, Append):
            _made(data, change.path, []).append(change.item)
    # From the end of each list, so that no index moves before it is used.
    for path in sorted(gone, key=lambda path: [str(part).rjust(9) for part in path], reverse=True):
        del _at(data, path[:-1])[path[-1]]
    renames = [change for change in edits if isinstance(change, Rename)]
    # The innermost first, so that no path goes through a key that is new already.
    for rename in sorted(renames, key=lambda rename: len(rename.path), reverse=True):
        holder = _at(data, rename.path[:-1])
        if rename.name in holder:
            raise ValueError(f"{rename.name} is there already")
        holder[rename.name] = holder.pop(rename.path[-1])
    return data


def _at(data: Value, path: Path) -> Value:
    for part in path:
        data = data[part]
    return data


def _made(data: Value, path: Path, empty: Value) -> Value:
    """The collection at a path; made if nothing is written there."""
    if not path:
        return data
    parent = _at(data, path[:-1])
    if isinstance(parent, dict) and parent.get(path[-1]) is None:
        parent[path[-1]] = empty
    return parent[path[-1]]


def _removals(data: Value, edits: Sequence[Edit]) -> set[Path]:
    """The places to remove; a collection of which nothing would be left goes as a whole."""
    gone = {change.path for change in edits if isinstance(change, Remove)}
    filled = {change.path[:-1] for change in edits if isinstance(change, Put)}
    filled |= {change.path for change in edits if isinstance(change, Append)}
    while True:
        parents = {path[:-1] for path in gone if len(path) > 1} - filled - gone
        emptied = {path for path in parents if _children(data, path) <= gone}
        if not emptied:
            return {path for path in gone if not any(path[:size] in gone for size in range(1, len(path)))}
        gone |= emptied


def _children(data: Value, path: Path) -> set[Path]:
    held = _at(data, path)
    parts: Iterable[Name] = held if isinstance(held, Mapping) else range(len(held))
    return {(*path, part) for part in parts}


# --- the text -----------------------------------------------------------------------------------------


def _splices(source: Text, root: Place | None, edits: Sequence[Edit], gone: set[Path]) -> Iterator[Splice]:
    out: dict[Path, set[Name]] = {}
    for path in gone:
        out.setdefault(path[:-1], set()).add(path[-1])
    added: dict[Path, list[New]] = {}
    for change in _gathered(root, edits):
        if isinstance(change, Remove):
            continue
        if isinstance(change, Rename):
            yield _renamed(root, change)
        elif isinstance(change, Put) and root and root.find(change.path) is not None:
            yield from _replaced(source, root, change.path, change.value)
        else:
            path, new = _addition(root, change)
            added.setdefault(path, []).append(new)
    # Of what is put in at one place, that which belongs to the entry before it comes first.
    for path in sorted(out.keys() | added.keys(), key=len, reverse=True):
        yield from _collection(source, root, path, out.get(path, set()), added.get(path, []))


def _gathered(root: Place | None, edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits, where all that is added to a list that is not there yet makes the list in one go."""
    made: dict[Path, list[Value]] = {}
    for change in edits:
        if not isinstance(change, Append) or (root and root.find(change.path) is not None):
            yield change
        elif change.path in made:
            made[change.path].append(change.item)
        else:
            made[change.path] = [change.item]
    for path, items in made.items():
        yield Put(path, items)


def _replaced(source: Text, root: Place, path: Path, value: Value) -> Iterator[Splice]:
    parent = root.find(path[:-1])
    assert parent is not None
    assert parent.children is not None
    return source.replaced(parent.children[path[-1]], parent, value)


def _renamed(root: Place | None, change: Rename) -> Splice:
    parent = root.find(change.path[:-1]) if root else None
    if parent is None or not parent.mapping or parent.children is None:
        raise KeyError(".".join(map(str, change.path)))
    child = parent.children[change.path[-1]]
    return Splice(child.start, child.key_end, scalar(change.name))


def _addition(root: Place | None, change: Put | Append) -> tuple[Path, New]:
    """Which collection something is added to, and what."""
    if isinstance(change, Put):
        return change.path[:-1], New(change.path[-1], change.value, change.before)
    assert root is not None
    place = root.find(change.path)
    assert place is not None
    return change.path, New(len(place.children or {}), change.item)


def _collection(
    source: Text, root: Place | None, path: Path, gone: set[Name], added: list[New]
) -> Iterator[Splice]:
    """The splices of one collection."""
    if root is None:
        if path:
            raise KeyError("the file is empty")
        yield source.fresh(added)
        return
    place = root.find(path)
    if place is None or (not place.collection and place.text is not None):
        raise KeyError(".".join(map(str, path)))
    if path and not place.children:
        mapping = place.mapping or not isinstance(added[0].name, int)
        value: Value = {new.name: new.value for new in added} if mapping else [new.value for new in added]
        yield from _replaced(source, root, path, value)
    elif place.flow:
        yield from source.in_flow(place, gone, added)
    else:
        yield from source.in_block(place, gone, added)
