"""What Tryton's groups really allow, by model and by button.

Words: ``read|write|create|delete MODEL``, ``button MODEL:NAME``, ``administrator *``. They are the most
that a group allows there: rules about records and fields and the state of a record only narrow it.
Source: trytond 8.2, ``ModelAccess.get_access`` (ir/model.py), ``ModelView.button`` (model/modelview.py),
``User.get_groups`` (res/user.py). Wizards are left out: Tryton shows nobody those of other groups.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from erpsync.connectors.tryton.directory import ADMINISTRATOR, GROUP_PREFIX, Directory
from erpsync.connectors.tryton.rpc import Rpc, RpcError
from erpsync.errors import TargetError
from erpsync.model import EVERYBODY

PAGE = 2000
"""Records a call."""
MODES = ("read", "write", "create", "delete")
EVERYTHING = "administrator *"
"""What the administrator flag allows beside every other word: it bypasses groups altogether."""

_Groups = frozenset[int]
_Item = TypeVar("_Item")


class Row(NamedTuple):
    """One ``ir.model.access``; without a group it is the default for everybody."""

    group: int | None
    modes: frozenset[str]


class Button(NamedTuple):
    """One ``ir.model.button``, and the groups one of which it asks for, if any."""

    model: str
    name: str
    groups: _Groups

    @property
    def word(self) -> str:
        """What it is called."""
        return f"button {self.model}:{self.name}"

    def follows(self, words: Container[str], able: Container[str]) -> bool:
        """Whether it asks for no group, and these words are the right to write by which it can be pressed.

        ``able`` are these words and those of everybody: whoever presses it must also be able to read.
        """
        return not self.groups and f"write {self.model}" in words and f"read {self.model}" in able


@dataclass(frozen=True)
class Rights:
    """Everything that decides who may do what; groups by id.

    ``above`` has, by group, the active groups that it stands for: itself and whatever it inherits from.
    ``models`` are those that can be reached from outside, ``follows`` the models whose rows count for
    a model too.
    """

    above: Mapping[int, _Groups]
    models: frozenset[str]
    follows: Mapping[str, frozenset[str]]
    rows: Mapping[str, tuple[Row, ...]]
    buttons: tuple[Button, ...]

    def rows_of(self, model: str) -> Iterator[Row]:
        """The rows that decide about a model: its own, and those of the models that it follows."""
        return (row for name in _reach(model, self.follows) for row in self.rows.get(name, ()))

    @cached_property
    def everybody(self) -> frozenset[str]:
        """What a user without any group may do: the defaults, and all where no row speaks of a model."""
        words: set[str] = set()
        for model in self.models:
            defaults = [row.modes for row in self.rows_of(model) if row.group is None]
            words |= {f"{mode} {model}" for mode in _union(defaults or [frozenset(MODES)])}
        return frozenset(words | {item.word for item in self.buttons if item.follows(words, words)})

    @cached_property
    def everything(self) -> frozenset[str]:
        """What an administrator may do."""
        words = {f"{mode} {model}" for model in self.models for mode in MODES}
        return frozenset({EVERYTHING} | words | {item.word for item in self.buttons})

    def of(self, groups: Iterable[int]) -> frozenset[str]:
        """What groups together allow by rows and buttons of their own, not what everybody may do anyway.

        More groups never allow less here. In Tryton they may: a row of a group ends what everybody
        may do with a model as long as no row speaks of it. That is told of everybody, once.
        """
        held = _union(self.above.get(group, frozenset()) for group in groups)
        words = {
            f"{mode} {model}"
            for model in self.models
            for row in self.rows_of(model)
            if row.group in held
            for mode in row.modes
        }
        able = words | self.everybody
        pressed = {
            item.word
            for item in self.buttons
            if item.follows(words, able) or (item.groups & held and f"read {item.model}" in able)
        }
        return frozenset(words | pressed)


def _union(sets: Iterable[frozenset[_Item]]) -> frozenset[_Item]:
    return frozenset().union(*sets)


def _reach(start: Any, edges: Mapping[Any, Iterable[Any]]) -> frozenset[Any]:
    """Everything that is reached from somewhere, the start included; circles do no harm."""
    seen = {start}
    waiting = [start]
    while waiting:
        new = set(edges.get(waiting.pop(), ())) - seen
        seen |= new
        waiting += new
    return frozenset(seen)


def by_entitlement(directory: Directory, rights: Rights) -> dict[str, frozenset[str]]:
    """What each entitlement allows, by its name; and what everybody may do."""
    prefix = GROUP_PREFIX if directory.kind == "roles" else ""
    found = {prefix + name: rights.of([group]) for group, name in directory.groups.items()}
    for role, name in directory.roles.items():
        found[name] = rights.of(directory.role_groups[role])
    return found | {ADMINISTRATOR: rights.everything, EVERYBODY: rights.everybody}


def read_rights(rpc: Rpc) -> Rights:
    """Read everything that decides who may do what: four models, in pages, and which models there are.

    Raises:
        TargetError: one of them may not be read, or there is none of what every Tryton has.
    """
    # Inactive groups too, since they still hand on what they inherit.
    groups = list(_records(rpc, "res.group", ["parent", "active"], ["active", "in", [True, False]]))
    rows: dict[str, list[Row]] = {}
    for record in _records(rpc, "ir.model.access", ["model", "group", *(f"perm_{mode}" for mode in MODES)]):
        modes = frozenset(mode for mode in MODES if record[f"perm_{mode}"])
        rows.setdefault(record["model"], []).append(Row(record["group"], modes))
    follows: dict[str, set[str]] = {}
    for record in _records(rpc, "ir.model.field", ["model", "relation"], ["access", "=", True]):
        follows.setdefault(record["model"], set()).add(record["relation"])
    if not rows or not follows:
        raise TargetError(
            "no access records can be seen, which every Tryton has",
            where=rpc.where,
            hint=_hint(rpc, "ir.model.access and ir.model.field"),
        )
    return Rights(
        above=_above(groups),
        models=_reached(_call(rpc, "the list of methods", "system.listMethods")),
        follows={model: frozenset(names) for model, names in follows.items()},
        rows={model: tuple(found) for model, found in rows.items()},
        buttons=tuple(
            Button(record["model"], record["name"], frozenset(record["groups"]))
            for record in _records(rpc, "ir.model.button", ["model", "name", "groups"])
        ),
    )


def _reached(methods: Iterable[str]) -> frozenset[str]:
    """The models whose records can be asked for and changed from outside. Others have no methods for it."""
    return frozenset(
        name.removeprefix("model.").removesuffix(".write")
        for name in methods
        if name.startswith("model.") and name.endswith(".write")
    )


def _above(groups: Iterable[Mapping[str, Any]]) -> dict[int, _Groups]:
    """The active groups that each group stands for. An inactive one still hands on what it inherits."""
    records = {group["id"]: group for group in groups}
    parents = {number: [group["parent"]] for number, group in records.items() if group["parent"] is not None}
    active = {number for number, group in records.items() if group["active"]}
    return {number: _reach(number, parents) & active for number in records}


def _records(rpc: Rpc, model: str, fields: list[str], *domain: Any) -> Iterator[dict[str, Any]]:
    """All active records of a model that meet a domain, by id."""
    last, order = -1, [["id", "ASC"]]
    while True:
        after = [["id", ">", last], *domain]
        records = _call(rpc, model, f"model.{model}.search_read", after, 0, PAGE, order, fields, {})
        yield from records
        if len(records) < PAGE:
            return
        last = records[-1]["id"]


def _call(rpc: Rpc, what: str, method: str, *params: Any) -> list[Any]:
    try:
        return list(rpc.call(method, *params))
    except RpcError as error:
        raise TargetError(
            f"{what} cannot be read: {error.message}", where=rpc.where, hint=_hint(rpc, what)
        ) from error


def _hint(rpc: Rpc, models: str) -> str:
    return f"give {rpc.username!r} the right to read {models}: see docs/tryton.md on check --deep"
