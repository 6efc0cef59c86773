"""Whether a live account is as it should be, by short digests of both. Pure.

In a large company nearly every account is. Its digest tells so, and can be kept from one run to the
next, so that neither side of the comparison has to be made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b

from erpsync.diff import settled_grants, settled_scope, written_out
from erpsync.model import Account, Capabilities, Catalogue, Grant, When

PART = 16
"""Bytes of one part: nobody finds two values with the same 128 bits."""
_ANYTHING = bytes(PART)
"""A part that is not compared."""
LENGTH = 5 * PART
"""Bytes of the whole: what it may do, its scope, name, e-mail and language."""


def wanted_likeness(account: Account, catalogue: Catalogue, can: Capabilities) -> bytes:
    """What a live account must be like for nothing to be changed in it, whatever is enforced."""
    if not account.active:
        # Of an account that is locked and stays so, nothing but what it is granted is compared.
        return _rights(account.active, account.grants) + _ANYTHING * 4
    account = written_out(account, None, catalogue, can)
    return _likeness(account, account.grants, account.scope)


def live_likeness(account: Account, as_of: date, can: Capabilities) -> bytes:
    """What a live account is like on a day."""
    return _likeness(account, settled_grants(account, as_of, can), settled_scope(account, can))


def _likeness(account: Account, grants: Iterable[Grant], scope: Mapping[str, tuple[str, ...]]) -> bytes:
    attributes = (account.name, account.email, account.language)
    return b"".join((_rights(account.active, grants), _scope(scope), *map(_part, attributes)))


def alike(wanted: bytes, live: bytes) -> bool:
    """Whether a live account is as is wanted."""
    if wanted == live:
        return True
    parts = range(0, LENGTH, PART)
    return all(wanted[at : at + PART] in (_ANYTHING, live[at : at + PART]) for at in parts)


def _part(text: str | None) -> bytes:
    return (
        _ANYTHING
        if text is None
        else blake2b(text.encode("utf-8", "surrogatepass"), digest_size=PART).digest()
    )


def _rights(active: bool, grants: Iterable[Grant]) -> bytes:
    said = [(grant.entitlement, _when(grant.valid_from), _when(grant.valid_to)) for grant in grants]
    return _part(repr((active, said)))


def _scope(scope: Mapping[str, tuple[str, ...]]) -> bytes:
    return _part(repr(sorted(scope.items())))


def _when(when: When) -> str | None:
    return None if when is None else when.isoformat()
