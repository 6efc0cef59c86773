"""What ``--deep`` reads of a target: what its entitlements really allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from erpsync.errors import RefusedError

if TYPE_CHECKING:
    from erpsync.connectors.base import Reader
    from erpsync.model import Access, Target


def deep_facts(reader: Reader, access: Access, target: Target) -> Mapping[str, frozenset[str]]:
    """By entitlement, everything that it really allows in a target.

    Raises:
        RefusedError: the connector cannot tell, or no function says what amounts to it there, so that
            nothing would be found.
        TargetError: the ERP does not let it be read.
    """
    from erpsync.connectors.base import permissions

    if not any(target.connector in function.permissions for function in access.functions.values()):
        raise RefusedError(
            f"no function says which permissions of connector {target.connector!r} amount to it",
            where=f"target {target.name!r}",
            hint=f"write permissions: {{{target.connector}: […]}} into the functions, or look at others: "
            "--target NAME",
        )
    return permissions(reader, target)


def no_facts(*_: object) -> Mapping[str, frozenset[str]]:
    """Nothing: where nobody asked for it, no right to read it is needed."""
    return {}
