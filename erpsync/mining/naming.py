"""Business roles that were chosen → roles with key, titles, owner and risk; whom each fits best. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from erpsync.importing.names import Keys, slug
from erpsync.mining.candidates import holders
from erpsync.mining.matrix import Group, Matrix
from erpsync.mining.proposal import Fit
from erpsync.mining.selection import Chosen
from erpsync.model import Access, Location, Position, Role

NOWHERE = Location("proposal", 1, 1)
PREFIX = "job."
"""What the keys of proposed roles begin with."""
NAMED = 2
"""How many of its roles name a business role that no position or department names."""
ALIKE = 0.5
"""How like a group its holders must be for a role to be named after it (Jaccard, 0 to 1)."""


def named_roles(chosen: Sequence[Chosen], found: Matrix, access: Access) -> list[Role]:
    """The role of each choice: a new one, or the one there is where a rule gives that alone."""
    keys = Keys(access.roles)
    roles: list[Role] = []
    named: set[tuple[str, str]] = set()
    for item in chosen:
        parts = [access.roles[found.roles[number]] for number in item.roles]
        if len(parts) == 1:
            # What needs no new role: a rule gives the one there is.
            roles.append(parts[0])
            continue
        title, title_zh = _titles(item, found, access, named)
        roles.append(
            Role(
                key=keys.take(f"{PREFIX}{slug(title)}".rstrip("."), f"{PREFIX}role"),
                title=title,
                title_zh=title_zh,
                at=NOWHERE,
                subsystem=_usual(part.subsystem for part in parts),
                owner=_usual(part.owner for part in parts),
                risk=max((part.risk for part in parts), key=lambda risk: risk.rank),
                includes=tuple(part.key for part in parts),
            )
        )
    return roles


def _usual(values: Iterable[str | None]) -> str | None:
    """The most frequent value; of several, the first by name."""
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _titles(
    item: Chosen, found: Matrix, access: Access, named: set[tuple[str, str]]
) -> tuple[str, str | None]:
    """What a role is called: like the job it fits, else like the rarest of its roles, which say most.

    ``named`` are the groups that have given a role their name; this one is added.
    """
    fit = fit_of(item, found)
    group = fit.group
    alike = group.kind != "everybody" and fit.likeness >= ALIKE
    if (item.rule or alike) and (group.kind, group.key) not in named:
        named.add((group.kind, group.key))
        return _titles_of(group, access)
    rare = sorted(item.roles, key=lambda number: (found.held[number].bit_count(), number))[:NAMED]
    parts = [access.roles[found.roles[number]] for number in rare]
    more = len(item.roles) - len(parts)
    title = ", ".join(part.title for part in parts) + (f" and {more} more" if more else "")
    title_zh = "、".join(part.title_zh or part.title for part in parts) + (
        f"等{len(item.roles)}项" if more else ""
    )
    return title[:500], title_zh[:500]


def _titles_of(group: Group, access: Access) -> tuple[str, str | None]:
    if group.kind == "position":
        place: Position = access.positions[group.key]
        return place.title, place.title_zh
    if group.kind == "department":
        department = access.departments[group.key]
        return f"Everybody in {department.title}", f"{department.title_zh or department.title}全员"
    return "Everybody", "全员"


def fit_of(item: Chosen, found: Matrix) -> Fit:
    """The group that a role fits best: the one of its rule, else the one most like its holders (Jaccard)."""
    able = holders(item.roles, found.held)

    def likeness(group: Group) -> tuple[float, int]:
        both, either = (group.members & able).bit_count(), (group.members | able).bit_count()
        return both / either, -group.members.bit_count()

    group = item.rule or max(found.groups, key=likeness)
    members = group.members
    return Fit(
        group,
        members.bit_count(),
        (members & able).bit_count(),
        tuple(found.names(members & ~able)),
        tuple(found.names(able & ~members)),
    )
