"""Which files have users that something may be wrong with, across all files. Pure.

It errs on the side of suspicion: a suspected file is only read once more, by the checks that know
every place and say exactly what is wrong, or that nothing is. A file that is not suspected has no
finding; a property test holds the two to that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from erpsync.mentions import HANDLE, OPEN, PREVIOUSLY, Alias, Mentions
from erpsync.model import fold
from erpsync.pages import Page


@dataclass(frozen=True, slots=True)
class Known:
    """What stands in files that are not pages.

    ``keys`` has those of the entries of each section, ``longest`` the days for which some roles may be
    given at most, ``aliases`` the other names of users.
    """

    keys: Mapping[str, Collection[str]]
    longest: Mapping[str, int]
    aliases: Sequence[Alias]


def suspects(pages: Sequence[Page], known: Known) -> set[int]:
    """The numbers of the suspected pages."""
    users: dict[str, str] = {}
    involved = set(_twice(pages, known.keys["users"], users))
    aliases = [*known.aliases, *(alias for page in pages for alias in page.mentions.aliases)]
    involved |= set(_clashing(aliases, users))
    return {
        number
        for number, page in enumerate(pages)
        if _is_unknown(page.mentions, known.keys, users)
        or _is_too_long(page.mentions, known.longest)
        or not involved.isdisjoint(page.keys)
    }


def _twice(pages: Iterable[Page], others: Iterable[str], users: dict[str, str]) -> Iterator[str]:
    """Keys that are there twice but for case; ``users`` gets each key under its folded form."""
    for key in (*others, *(key for page in pages for key in page.keys)):
        folded = fold(key)
        if folded in users:
            yield from (key, users[folded])
        # Most keys are folded already: kept as they are, they take no memory of their own.
        users[key if folded == key else folded] = key


def _is_unknown(found: Mentions, known: Mapping[str, Collection[str]], users: Mapping[str, str]) -> bool:
    for section, names in found.names.items():
        if section == "users":
            if any(users.get(fold(name)) != name for name in names):
                return True
        elif any(name not in known[section] for name in names):
            return True
    return False


def _is_too_long(found: Mentions, longest: Mapping[str, int]) -> bool:
    return any(
        days == OPEN or days > longest[role] for role, days in found.longest.items() if role in longest
    )


def _clashing(aliases: Sequence[Alias], users: Mapping[str, str]) -> Iterator[str]:
    """The users of whom one may be taken for the other."""
    earlier = {fold(name): key for key, kind, name in aliases if kind == PREVIOUSLY}
    taken: dict[tuple[str, str], str] = {}
    for key, kind, name in aliases:
        folded = fold(name)
        others = {taken.setdefault((kind, folded), key)}
        if not kind.startswith(HANDLE):
            others |= {users.get(folded, key), earlier.get(folded, key)}
        if others != {key} or (kind == PREVIOUSLY and folded in users):
            yield from (key, *others)
