"""Which functions roles bring, and which risks a set of functions makes. Pure, and fast for many users.

Functions are bits and roles are masks, so that a user without a conflict, which is nearly everybody,
costs a few additions. A role brings the functions of every role that it includes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from erpsync.model import Access, SodRisk
from erpsync.resolve import included


@dataclass(frozen=True, slots=True)
class Pairing:
    """One function of each side of a risk, as masks, and the kinds of scope in which they must meet.

    These are the kinds that narrow every one of them: what a function does everywhere meets every scope.
    """

    functions: tuple[int, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MaskedRisk:
    """A risk with each of its sides as a mask of functions, and every choice of one of each."""

    risk: SodRisk
    sides: tuple[int, ...]
    pairings: tuple[Pairing, ...]

    def made_by(self, mask: int) -> bool:
        """Whether somebody with these functions has one of each side."""
        return all(mask & side for side in self.sides)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The functions of every role and the risks, ready to be held against many users.

    ``own`` has the functions that a role claims itself, ``masks`` those of the roles that it includes
    too, and ``closures`` which roles these are, itself the first.
    """

    bits: Mapping[str, int]
    own: Mapping[str, int]
    masks: Mapping[str, int]
    closures: Mapping[str, tuple[str, ...]]
    risks: tuple[MaskedRisk, ...]
    _made: dict[int, tuple[MaskedRisk, ...]] = field(default_factory=dict, compare=False, repr=False)

    def made_by(self, mask: int) -> tuple[MaskedRisk, ...]:
        """The risks that a set of functions makes; few different sets stand behind many users."""
        found = self._made.get(mask)
        if found is None:
            found = self._made[mask] = tuple(risk for risk in self.risks if risk.made_by(mask))
        return found

    def brings(self, role: str, function: str) -> bool:
        """Whether a role brings a function, itself or by what it includes."""
        return bool(self.masks[role] & self.bits[function])

    def chain(self, role: str, function: str, access: Access) -> tuple[str, ...]:
        """The shortest way from a role to the one that claims a function, both included; or empty."""
        chains: list[tuple[str, ...]] = [(role,)]
        seen = {role}
        for chain in chains:
            if self.own[chain[-1]] & self.bits[function]:
                return chain
            for key in access.roles[chain[-1]].includes:
                if key in self.own and key not in seen:
                    seen.add(key)
                    chains.append((*chain, key))
        return ()


def rulebook(access: Access, extra: Mapping[str, Iterable[str]] | None = None) -> Rulebook:
    """Prepare the risks of a declared state.

    Args:
        access: the declared state.
        extra: by role, functions that it was found to bring beyond what it claims.
    """
    bits = {key: 1 << number for number, key in enumerate(access.functions)}
    more = extra or {}
    own = {key: _mask((*role.functions, *more.get(key, ())), bits) for key, role in access.roles.items()}
    closures = {key: tuple(included(key, access.roles)) for key in access.roles}
    masks = {key: _union(own[role] for role in closure) for key, closure in closures.items()}
    risks = tuple(_masked(risk, bits, access) for _, risk in sorted(access.risks.items()))
    return Rulebook(bits, own, masks, closures, risks)


def _masked(risk: SodRisk, bits: Mapping[str, int], access: Access) -> MaskedRisk:
    pairings = []
    for keys in product(*risk.sides):
        first, *others = [access.functions[key].scope_keys for key in keys]
        kinds = tuple(kind for kind in first if all(kind in other for other in others))
        pairings.append(Pairing(tuple(bits[key] for key in keys), kinds))
    return MaskedRisk(risk, tuple(_mask(side, bits) for side in risk.sides), tuple(pairings))


def _mask(functions: Iterable[str], bits: Mapping[str, int]) -> int:
    return _union(bits[function] for function in functions)


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
