"""A run cut into shards, one for each of several jobs, whose plans add up to exactly the whole. Pure.

Targets are dealt first: with no more shards than targets, each shard reads targets of its own, and nothing
is read twice. Only where there are more shards than targets, several read one target; each decides over all
of it and keeps a part of its users. So whoever keeps a part knows the whole: limits are judged on the whole
target.

Users are dealt by department, so that a department's changes are reviewed and written together. A department
that is too large for one part is dealt by user, and so are users without one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from erpsync.model import User
from erpsync.plan import Plan, TargetPlan


@dataclass(frozen=True, slots=True)
class Part:
    """One of some parts of equal standing, counted from 0."""

    index: int
    count: int

    @classmethod
    def of(cls, text: str) -> Part:
        """The part that people write as ``2/4``.

        Raises:
            ValueError: it is none.
        """
        number, slash, count = text.partition("/")
        # No signs, spaces or other digits, which int() would take.
        if not (slash and number.isascii() and number.isdigit() and count.isascii() and count.isdigit()):
            raise ValueError(text)
        if not 1 <= int(number) <= int(count):
            raise ValueError(text)
        return cls(int(number) - 1, int(count))

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"


def parts_of(targets: Collection[str], shard: Part) -> dict[str, Part]:
    """The targets that a shard reads, by name, each with the part of its users that the shard keeps."""
    names = sorted(targets)
    if shard.count <= len(names):
        return dict.fromkeys(names[shard.index :: shard.count], Part(0, 1))
    target = shard.index % len(names)
    sharing = len(range(target, shard.count, len(names)))
    return {names[target]: Part(shard.index // len(names), sharing)}


def shares(users: Mapping[str, User], count: int) -> dict[str, int]:
    """For each user the index of the part that keeps it; the same whatever the order of the users."""
    sizes = Counter(user.department for user in users.values())
    fair = len(users) / count
    alone = {None, *(department for department, size in sizes.items() if size > fair)}
    found = {key: _dealt(key, count) for key, user in users.items() if user.department in alone}
    filled = Counter(found.values())
    homes: dict[str | None, int] = {}
    # The largest first, each into the part that has least so far: the parts come out nearly even.
    for department, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0] or "")):
        if department not in alone:
            homes[department] = min(range(count), key=lambda index: filled[index])
            filled[homes[department]] += size
    return found | {key: homes[user.department] for key, user in users.items() if key not in found}


def _dealt(key: str, count: int) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) % count


def part_of_plan(plan: Plan, shard: Part, parts: Mapping[str, Part], users: Mapping[str, User]) -> Plan:
    """What a shard keeps of the plan of the targets that it read.

    Args:
        plan: the plan of these targets, whole.
        shard: which one it is.
        parts: what `parts_of` says of it.
        users: all that are declared.
    """
    targets = tuple(_part_of_target(target, parts[target.target], users) for target in plan.targets)
    return replace(plan, targets=targets, shard=str(shard))


def _part_of_target(plan: TargetPlan, part: Part, users: Mapping[str, User]) -> TargetPlan:
    """The changes of the users of a part. Figures and limits stay those of the whole target.

    Accounts that git does not know are nobody's, so the first part tells of them.
    """
    if part.count == 1:
        return plan
    share = shares(users, part.count)
    return replace(
        plan,
        accounts=tuple(change for change in plan.accounts if share[change.user] == part.index),
        held=tuple(held for held in plan.held if share[held.user] == part.index),
        unmanaged=plan.unmanaged if part.index == 0 else (),
    )
