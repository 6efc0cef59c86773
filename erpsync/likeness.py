"""Whether a live account is as it should be, by short digests of both. Pure.

In a large company nearly every account is. Its digest tells so, and can be kept from one run to the
next, so that neither side of the comparison has to be made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import blake2b

from erpsync.diff import settle, written_out
from erpsync.model import Account, Capabilities, Catalogue, When

PART = 16
"""Bytes of one part: nobody finds two values with the same 128 bits."""
_ANYTHING = bytes(PART)
"""A part that is not compared."""
LENGTH = 5 * PART
"""Bytes of the whole: what it may do, its scope, name, e-mail and language."""


def wanted_likeness(account: Account, catalogue: Catalogue, can: Capabilities) -> bytes:
    """What a live account must be like for nothing to be changed in it, whatever is enforced."""
    account = written_out(account, None, catalogue, can)
    if not account.active:
        # Of an account that is locked and stays so, nothing but what it is granted is compared.
        return _rights(account) + _ANYTHING * 4
    return b"".join((_rights(account), _scope(account.scope), *map(_part, _attributes(account))))


def live_likeness(account: Account, as_of: date, can: Capabilities) -> bytes:
    """What a live account is like on a day."""
    account = settle(account, as_of, can)
    return b"".join((_rights(account), _scope(account.scope), *map(_part, _attributes(account))))


def alike(wanted: bytes, live: bytes) -> bool:
    """Whether a live account is as is wanted."""
    if wanted == live:
        return True
    parts = range(0, LENGTH, PART)
    return all(wanted[at : at + PART] in (_ANYTHING, live[at : at + PART]) for at in parts)


def _attributes(account: Account) -> tuple[str | None, ...]:
    return account.name, account.email, account.language


def _part(text: str | None) -> bytes:
    return (
        _ANYTHING
        if text is None
        else blake2b(text.encode("utf-8", "surrogatepass"), digest_size=PART).digest()
    )


def _rights(account: Account) -> bytes:
    said = [(grant.entitlement, _when(grant.valid_from), _when(grant.valid_to)) for grant in account.grants]
    return _part(repr((account.active, said)))


def _scope(scope: Mapping[str, tuple[str, ...]]) -> bytes:
    return _part(repr(sorted(scope.items())))


def _when(when: When) -> str | None:
    return None if when is None else when.isoformat()
