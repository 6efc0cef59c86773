"""Sets of roles that could be one business role. Pure.

Two sources. What most people of a position or department have in common: roles with a meaning to people,
as Molloy et al. ask for (Mining Roles with Semantic Meanings, SACMAT 2008,
https://doi.org/10.1145/1377836.1377840). And what two people have in common, whoever they are: the
algorithm FastMiner of Vaidya, Atluri and Warner (RoleMiner: Mining Roles Using Subset Enumeration,
CCS 2006, https://doi.org/10.1145/1180405.1180424), whose number is quadratic in different holdings, not
exponential in roles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations

from erpsync.mining.matrix import Group, Matrix, numbers
from erpsync.mining.terms import Terms

COMMON = 400
"""How many different holdings are compared with each other: the most frequent ones."""
IN_A_GROUP = 40
"""How many of those within one position or department, evenly chosen, so that no small one is passed over."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Roles by number, in ascending order; and the group whom a rule could give them, if any."""

    roles: tuple[int, ...]
    group: Group | None = None


def holders(roles: Iterable[int], held: Sequence[int]) -> int:
    """The bits of the users who hold all of some roles."""
    return reduce(int.__and__, (held[role] for role in roles))


def of_groups(matrix: Matrix, kind: str, terms: Terms) -> list[Candidate]:
    """What is common to each group of a kind that has enough people.

    Of a position that is its job: what nearly all in it hold, if half of them hold all of it. Else, and of
    all people and departments, it is what everybody there holds: assigned one by one that saves nothing.
    """
    found = []
    for group in matrix.groups:
        if group.kind == kind and group.members.bit_count() >= terms.least_users:
            roles: tuple[int, ...] = ()
            if kind == "position" or terms.allow_extra:
                roles = common_to(group, matrix, terms.coverage)
            able = holders(roles, matrix.held) & group.members if roles else 0
            if 2 * able.bit_count() < group.members.bit_count():
                roles = common_to(group, matrix, 1)
            found += [Candidate(roles, group)] if roles else []
    return found


def of_people(matrix: Matrix, terms: Terms) -> list[Candidate]:
    """What any two people have in common and enough people hold; in a fixed order."""
    found = []
    for mask in sorted(_intersections(matrix)):
        roles = tuple(numbers(mask))
        if len(roles) > 1 and holders(roles, matrix.held).bit_count() >= terms.least_users:
            found.append(Candidate(roles))
    return found


def common_to(group: Group, matrix: Matrix, coverage: float) -> tuple[int, ...]:
    """The roles each of which enough of a group hold, and that are assigned to somebody there at least."""
    least = coverage * group.members.bit_count()
    return tuple(
        role
        for role in range(len(matrix.roles))
        if matrix.given[role] & group.members and (matrix.held[role] & group.members).bit_count() >= least
    )


def _intersections(matrix: Matrix) -> set[int]:
    """What any two of the usual holdings have in common, and these themselves, as bits of roles."""
    rows = _rows(matrix)
    counts = Counter(rows)
    usual = sorted(counts, key=lambda row: (-counts[row], -row.bit_count(), row))[:COMMON]
    found = set(usual)
    found.update(one & other for one, other in combinations(usual, 2))
    for group in matrix.groups:
        members = sorted({rows[number] for number in numbers(group.members)})
        some = members[:: max(1, len(members) // IN_A_GROUP)]
        found.update(one & other for one, other in combinations(some, 2))
    return found


def _rows(matrix: Matrix) -> list[int]:
    """What each user was given, as bits of roles."""
    rows = [0] * len(matrix.users)
    for role, bits in enumerate(matrix.given):
        for number in numbers(bits):
            rows[number] |= 1 << role
    return rows
