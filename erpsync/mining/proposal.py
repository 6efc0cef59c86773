"""What is proposed: business roles, why each, and the declared state with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from erpsync.mining.matrix import Group
from erpsync.model import Access, Role, SodRisk


@dataclass(frozen=True, slots=True)
class Fit:
    """How a role fits the group most like its holders: how many are in it, and hold all of it."""

    group: Group
    size: int
    covered: int
    lacking: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def likeness(self) -> float:
        """The share of those who are in both, of those who are in either."""
        return self.covered / (self.size + len(self.others))


@dataclass(frozen=True, slots=True)
class ProposedRole:
    """A business role and why it is proposed: a new one, or one there is that a rule is to give.

    ``rule`` says whom a rule gives it to; ``assigned`` are the users who are assigned it. ``extra`` are
    the users who would get something new, with the roles that are new to them.
    """

    role: Role
    parts: tuple[str, ...]
    rule: Group | None
    assigned: tuple[str, ...]
    fit: Fit
    saving: int
    extra: Mapping[str, tuple[str, ...]]
    conflicts: tuple[SodRisk, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A role that nearly all of a group hold, so that a rule could give it but for those who lack it."""

    role: str
    group: Group
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleProposal:
    """What is proposed: the roles, and the declared state with them.

    ``before`` and ``after`` count the assignments of the people who were looked at.
    """

    roles: tuple[ProposedRole, ...]
    access: Access
    people: int
    before: int
    after: int
    exceptions: Mapping[str, tuple[str, ...]]
    """By role that would stay assigned directly and alone: to whom."""
    near: tuple[Near, ...]
    """What a rule could give if a few held it too, or were no part of the group."""

    @property
    def new_roles(self) -> list[ProposedRole]:
        """The roles that there are not yet."""
        return [item for item in self.roles if len(item.parts) > 1]

    @property
    def words(self) -> int:
        """How many words of the files it saves: the weighted structural complexity before less after."""
        return sum(item.saving for item in self.roles)
