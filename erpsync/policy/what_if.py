"""Which conflicts roles would bring or end if they were given or taken away, before anybody asks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from erpsync.model import Access, Assignment, User
from erpsync.policy.base import Facts
from erpsync.policy.days import Spans, without
from erpsync.policy.duties import rulebook
from erpsync.policy.holdings import declared, persons
from erpsync.policy.sod import conflicts, conflicts_of
from erpsync.policy.sod_rule import Told, tell_of


@dataclass(frozen=True, slots=True)
class Moved:
    """A conflict that comes or goes, and the days on which it does."""

    told: Told
    spans: Spans


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change of roles would bring and end."""

    brought: tuple[Moved, ...]
    ended: tuple[Moved, ...]

    @property
    def blocks(self) -> bool:
        """Whether something that it brings would refuse."""
        return any(moved.told.finding.blocks for moved in self.brought)


def with_roles(user: User, granted: Sequence[Assignment], revoked: Collection[str]) -> User:
    """A user with some more assignments, and without those of some roles."""
    kept = [item for item in user.assignments if item.role not in revoked]
    return replace(user, assignments=(*kept, *granted))


def what_if(facts: Facts, changed: User) -> Outcome:
    """What would be different in conflicts, of whomever, if a user were declared like this.

    Args:
        facts: the declared state as it is.
        changed: one of its users, with other assignments.
    """
    access = facts.access
    book = rulebook(access)
    before = list(conflicts(access, book, declared(access, facts.as_of)))
    after = replace(access, users={**access.users, changed.key: changed})
    person, users = person_of(after, changed.key)
    others = [conflict for conflict in before if conflict.person != person]
    own = conflicts_of(person, users, after, book, declared(after, facts.as_of))
    old = tell_of(before, book, facts)
    new = tell_of([*others, *own], book, replace(facts, access=after))
    return Outcome(tuple(_more(old, new)), tuple(_more(new, old)))


def person_of(access: Access, key: str) -> tuple[str, list[User]]:
    """The person who is a user, with all that person's users; the user alone if it has left."""
    for person, users in persons(access.users.values()).items():
        if any(user.key == key for user in users):
            return person, users
    return key, []


def _more(old: Sequence[Told], new: Sequence[Told]) -> Iterator[Moved]:
    """What the new ones have that the old ones have not, or not on these days, or that now refuses."""
    known = {told.finding.id: told for told in old}
    for told in new:
        before = known.get(told.finding.id)
        spans = without(_spans(told), _spans(before) if before else ())
        if spans:
            yield Moved(told, spans)
        elif before and told.finding.blocks and not before.finding.blocks:
            yield Moved(told, _spans(told))


def _spans(told: Told) -> Spans:
    return told.conflict.spans if told.conflict else ()
