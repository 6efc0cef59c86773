"""Which candidates together say who holds what in the fewest words. Pure.

Finding the least is NP-hard, also approximately (Vaidya, Atluri and Guo, The Role Mining Problem, SACMAT
2007, https://doi.org/10.1145/1266840.1266870), so it is done greedily, as Ene et al. found to come close in
practice (Fast Exact and Heuristic Methods for Role Minimization Problems, SACMAT 2008,
https://doi.org/10.1145/1377836.1377838). What counts is the weighted structural complexity of Molloy et al.
with all weights 1: one for each role, each role it includes, each assignment, each rule.

As assignments are replaced, a candidate can only save less than before. So one whose saving is still the
highest after it was computed again is the best of all, and the others need not be looked at (lazy greedy:
Minoux, Accelerated greedy algorithms for maximizing submodular set functions, 1978).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from erpsync.mining.candidates import Candidate, holders, of_groups, of_people
from erpsync.mining.matrix import KINDS, Group, Matrix
from erpsync.mining.terms import Terms


@dataclass(frozen=True, slots=True)
class Chosen:
    """A business role: its roles by number; whom a rule gives it; the bits of those who are assigned it.

    ``extra`` has, for each of its roles, the bits of the users who would get something new by it.
    """

    roles: tuple[int, ...]
    rule: Group | None
    assigned: int
    extra: tuple[int, ...]
    saving: int


def select(matrix: Matrix, terms: Terms) -> list[Chosen]:
    """The business roles: what all have in common first, then departments, then jobs, then likeness alone.

    From the broad to the narrow, so that what everybody has is not taken for a part of each job.
    """
    least = terms.worth(sum(bits.bit_count() for bits in matrix.given))
    chosen: list[Chosen] = []
    left = matrix.given
    for kind in (*KINDS, ""):
        now = replace(matrix, given=left)
        found = of_groups(now, kind, terms) if kind else of_people(now, terms)
        picked, left = _greedy(found, now, terms, least, terms.most_roles - len(chosen))
        chosen += picked
    return chosen


def _greedy(
    found: Sequence[Candidate], matrix: Matrix, terms: Terms, least: int, most: int
) -> tuple[list[Chosen], tuple[int, ...]]:
    """The best candidates, the one that saves most first; and what is left assigned for each role."""
    left = list(matrix.given)
    heap = [(-_evaluate(item, matrix, terms, left).saving, place) for place, item in enumerate(found)]
    heap = [item for item in heap if -item[0] >= least]
    heapify(heap)
    chosen: list[Chosen] = []
    while heap and len(chosen) < most:
        _, place = heappop(heap)
        best = _evaluate(found[place], matrix, terms, left)
        if best.saving < least:
            continue
        if heap and best.saving < -heap[0][0]:
            heappush(heap, (-best.saving, place))
            continue
        chosen.append(best)
        replaced = ~(best.assigned | (best.rule.members if best.rule else 0))
        for role in best.roles:
            left[role] &= replaced
    return chosen, tuple(left)


def _evaluate(candidate: Candidate, matrix: Matrix, terms: Terms, left: Sequence[int]) -> Chosen:
    """What a candidate would be now, and how many words it would save."""
    roles = candidate.roles
    able = holders(roles, matrix.held)
    rule = candidate.group if _may_rule(candidate, able, terms) else None
    members = rule.members if rule else 0
    # Who loses two assignments or more for the one that is new. Each pass adds one role.
    once = twice = 0
    for role in roles:
        bits = left[role] & able & ~members
        twice |= once & bits
        once |= bits
    replaced = sum((left[role] & (twice | members)).bit_count() for role in roles)
    cost = len(roles) + 1 + twice.bit_count() + (rule is not None)
    extra = tuple(members & ~matrix.held[role] for role in roles)
    return Chosen(roles, rule, twice, extra, replaced - cost)


def _may_rule(candidate: Candidate, able: int, terms: Terms) -> bool:
    """Whether a rule may give a candidate to its group: all hold it, or extra access is allowed."""
    return candidate.group is not None and (terms.allow_extra or candidate.group.members & ~able == 0)
