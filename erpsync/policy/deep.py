"""Which functions roles really bring: what the ERP lets their entitlements do, held against patterns. Pure.

A role's ``functions`` are a claim. Here they are derived from the ERP's own permissions, by the patterns
of each function for the target's connector; any one of them that is met is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from erpsync.model import EVERYBODY, Access
from erpsync.resolve import included

Permissions = Mapping[str, Mapping[str, frozenset[str]]]
"""By target and entitlement, everything that it allows, each as one text."""
Found = Mapping[str, tuple[str, ...]]
"""By function, the permissions that amount to it: ``write party.party in erp``."""


@dataclass(frozen=True, slots=True)
class Deep:
    """What the ERP says of roles.

    ``brings`` has what a role brings by its own entitlements. ``everybody`` has what whoever can log in
    may do, which counts for no role. ``extra`` is what a role brings beyond what it and the roles that
    it includes claim; ``unmet`` what it claims and nothing in it allows.
    """

    brings: Mapping[str, Found]
    everybody: Found
    extra: Mapping[str, frozenset[str]]
    unmet: Mapping[str, frozenset[str]]


def examine(access: Access, permissions: Permissions) -> Deep:
    """Hold what roles claim against what the targets that were read let them do.

    Args:
        access: the declared state.
        permissions: of the targets that were read.
    """
    index = {target: _index(access, target, words) for target, words in permissions.items()}
    everybody = _found(access, index, dict.fromkeys(permissions, (EVERYBODY,)), permissions)
    brings = {
        key: _found(access, index, role.entitlements, permissions) for key, role in access.roles.items()
    }
    closures = {key: tuple(included(key, access.roles)) for key in access.roles}
    extra, unmet = {}, {}
    for key, closure in closures.items():
        claimed = {function for role in closure for function in access.roles[role].functions}
        brought = {function for role in closure for function in brings[role]}
        extra[key] = frozenset(brings[key]) - claimed - everybody.keys()
        silent = frozenset(access.roles[key].functions) - brought - everybody.keys()
        unmet[key] = frozenset(name for name in silent if _told(access, name, closure, permissions))
    return Deep(brings, everybody, extra, unmet)


def _index(access: Access, target: str, words: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """By permission, the functions that it amounts to; each is looked at once, however many have it."""
    connector = access.targets[target].connector
    patterns = [
        (key, _pattern(function.permissions[connector]))
        for key, function in access.functions.items()
        if connector in function.permissions
    ]
    return {
        word: tuple(key for key, pattern in patterns if pattern.fullmatch(word))
        for word in frozenset().union(*words.values())
    }


def _pattern(patterns: Iterable[str]) -> re.Pattern[str]:
    """Patterns with ``*`` and ``?`` as one; nothing else in them is special."""
    escaped = (re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") for pattern in patterns)
    return re.compile("|".join(escaped), re.DOTALL)


def _found(
    access: Access,
    index: Mapping[str, Mapping[str, tuple[str, ...]]],
    entitlements: Mapping[str, Iterable[str]],
    permissions: Permissions,
) -> Found:
    """The functions that entitlements of several targets bring together, each with its permissions."""
    found: dict[str, list[str]] = {}
    for target, word in _words(entitlements, permissions):
        for function in index[target][word]:
            found.setdefault(function, []).append(f"{word} in {target}")
    return {function: tuple(found[function]) for function in access.functions if function in found}


def _words(entitlements: Mapping[str, Iterable[str]], permissions: Permissions) -> Iterator[tuple[str, str]]:
    """What entitlements allow together, by target. One that a target does not have allows nothing there."""
    for target, names in sorted(entitlements.items()):
        allowed = permissions.get(target, {})
        for word in sorted(frozenset().union(*(allowed.get(name, frozenset()) for name in names))):
            yield target, word


def _told(access: Access, function: str, closure: Iterable[str], permissions: Permissions) -> bool:
    """Whether it can be told that nothing amounts to a function: all that a role grants was read.

    Where no pattern says what would amount to it, nothing can be told.
    """
    granting = {
        target for role in closure for target, names in access.roles[role].entitlements.items() if names
    }
    patterns = access.functions[function].permissions
    looked_at = granting or permissions.keys()
    return (
        bool(looked_at)
        and looked_at <= permissions.keys()
        and all(access.targets[target].connector in patterns for target in looked_at)
    )
