"""Separation of duties: who comes to both halves of what nobody may do alone, and on which days. Pure.

Two roles conflict only on days on which both hold, and only where their scopes meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import reduce
from itertools import pairwise, product

from erpsync.model import ALL, Access, SodRisk, User
from erpsync.policy.days import Span, Spans, common, joined
from erpsync.policy.duties import MaskedRisk, Rulebook
from erpsync.policy.holdings import Holding, Source, persons


class Seat(StrEnum):
    """Where a conflict sits, which says where it is mended."""

    FUNCTION = "one critical function"
    ROLE = "inside one role"
    COMPOSITE = "inside one role, by what it includes"
    POSITION = "by position"
    BETWEEN = "between roles"
    STAND_IN = "by an assignment for a time"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A risk that a person has: on which days, and by which holdings each side comes.

    ``person`` is the first key of the person's users; ``users`` are those by which the risk comes.
    """

    person: str
    users: tuple[str, ...]
    risk: SodRisk
    spans: Spans
    sides: tuple[tuple[Holding, ...], ...]
    seat: Seat


def conflicts(access: Access, book: Rulebook, source: Source) -> Iterator[Conflict]:
    """Every conflict of every person, by person and risk.

    Args:
        access: who there is, and whose scope is what.
        book: the functions of roles, and the risks.
        source: the roles of a user, as git or as the ERP has them.
    """
    for person, users in persons(access.users.values()).items():
        yield from conflicts_of(person, users, access, book, source)


def conflicts_of(
    person: str, users: Iterable[User], access: Access, book: Rulebook, source: Source
) -> Iterator[Conflict]:
    """The conflicts of one person, who is these users."""
    users = list(users)
    # Few get further, so only for them it is looked which days and scopes meet.
    if not book.made_by(_mask((role for user in users for role in source.roles(user)), book)):
        return
    held = sorted((item for user in users for item in source.holdings(user)), key=lambda item: item.order)
    for risk in book.made_by(_mask((item.role for item in held), book)):
        found = _conflict(person, risk, held, access, book)
        if found:
            yield found


def _mask(roles: Iterable[str], book: Rulebook) -> int:
    mask = 0
    for role in roles:
        mask |= book.masks[role]
    return mask


def _conflict(
    person: str, risk: MaskedRisk, held: Sequence[Holding], access: Access, book: Rulebook
) -> Conflict | None:
    spans: list[Span] = []
    parts: list[dict[int, Holding]] = [{} for _ in risk.sides]
    for meeting in _meetings(risk, held, access, book):
        days = _together(meeting)
        spans += days
        for part, side in zip(parts, meeting, strict=True):
            part.update((id(item), item) for item in side if common(((item.first, item.last),), days))
    if not spans:
        return None
    sides = tuple(tuple(item for item in held if id(item) in part) for part in parts)
    users = tuple(sorted({item.user for side in sides for item in side}))
    seat = _seat(risk, [item for side in sides for item in side], access, book)
    return Conflict(person, users, risk.risk, joined(spans), sides, seat)


def _meetings(
    risk: MaskedRisk, held: Sequence[Holding], access: Access, book: Rulebook
) -> Iterator[list[list[Holding]]]:
    """For one function of each side, and one user each whose scopes meet: their holdings that bring it."""
    masks = book.masks
    for pairing in risk.pairings:
        sides = [[item for item in held if masks[item.role] & bit] for bit in pairing.functions]
        for keys in product(*(sorted({item.user for item in side}) for side in sides)):
            if _meet([access.users[key] for key in dict.fromkeys(keys)], pairing.kinds):
                yield [
                    [item for item in side if item.user == key] for side, key in zip(sides, keys, strict=True)
                ]


def _meet(users: Sequence[User], kinds: Iterable[str]) -> bool:
    """Whether some value of each kind of scope is everybody's. What is not declared narrows nothing."""
    if len(users) == 1:
        return True
    for kind in kinds:
        scopes = [set(user.scope[kind]) for user in users if kind in user.scope]
        named = [scope for scope in scopes if ALL not in scope]
        if named and not set.intersection(*named):
            return False
    return True


def _together(sides: Sequence[Sequence[Holding]]) -> Spans:
    """The days on which some holding of each side holds."""
    return reduce(common, [joined([(item.first, item.last) for item in side]) for side in sides])


def _seat(risk: MaskedRisk, held: Sequence[Holding], access: Access, book: Rulebook) -> Seat:
    if len(risk.sides) == 1:
        return Seat.FUNCTION
    alone = [
        role for item in held if risk.made_by(book.masks[item.role]) for role in book.closures[item.role]
    ]
    if alone:
        return Seat.ROLE if any(risk.made_by(book.own[role]) for role in alone) else Seat.COMPOSITE
    if _meets(risk, [item for item in held if not item.assigned], access, book):
        return Seat.POSITION
    lasting = [item for item in held if not item.assigned or item.last == date.max]
    return Seat.BETWEEN if _meets(risk, lasting, access, book) else Seat.STAND_IN


def _meets(risk: MaskedRisk, held: Sequence[Holding], access: Access, book: Rulebook) -> bool:
    return any(_together(meeting) for meeting in _meetings(risk, held, access, book))


def role_conflicts(access: Access, book: Rulebook) -> Iterator[tuple[str, SodRisk]]:
    """Roles that bring a risk of several sides by themselves, whether anybody has them or not.

    Of roles that include each other the innermost is named, since that is the one to split.
    """
    for key in sorted(access.roles):
        for risk in book.made_by(book.masks[key]):
            inner = any(
                risk.made_by(book.masks[other]) and key not in book.closures[other]
                for other in book.closures[key]
            )
            if len(risk.sides) > 1 and not inner:
                yield key, risk.risk


def over_limit(found: Iterable[Conflict]) -> Iterator[Conflict]:
    """The conflicts that count: of a risk that some may have, only on days on which too many do."""
    by_risk: dict[str, list[Conflict]] = {}
    for conflict in found:
        if conflict.risk.max_holders is None:
            yield conflict
        else:
            by_risk.setdefault(conflict.risk.key, []).append(conflict)
    for group in by_risk.values():
        crowded = _crowded(group, group[0].risk.max_holders or 0)
        for conflict in group:
            if spans := common(conflict.spans, crowded):
                yield replace(conflict, spans=spans)


def _crowded(group: Sequence[Conflict], most: int) -> Spans:
    """The days on which more people than the most have it."""
    steps: dict[int, int] = {}
    for conflict in group:
        for first, last in conflict.spans:
            steps[first.toordinal()] = steps.get(first.toordinal(), 0) + 1
            steps[last.toordinal() + 1] = steps.get(last.toordinal() + 1, 0) - 1
    days, count = sorted(steps), 0
    found = []
    for day, following in pairwise(days):
        count += steps[day]
        if count > most:
            found.append((date.fromordinal(day), date.fromordinal(following - 1)))
    return joined(found)
