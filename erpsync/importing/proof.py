"""Whether users say exactly what the target has: compared as a plan does it, everything enforced. Pure."""

from __future__ import annotations

from dataclasses import replace

from erpsync.diff import ENFORCE_ALL, Difference, diff
from erpsync.importing.values import Ground
from erpsync.model import Access, Account, Change, ChangeKind
from erpsync.resolve import Resolver, resolver

_SAID = {
    ChangeKind.LOCK: "is active and holds nothing today; lock it in the ERP, or give it what it is for",
    ChangeKind.UNLOCK: "is locked, which the files cannot say of it",
    ChangeKind.RETIME: "holds {} more than once for days that meet; leave one of them in the ERP",
    ChangeKind.GRANT: "lacks {}, which a rule or a position of the files gives",
    ChangeKind.REVOKE: "holds {}, which no role gives alone",
    ChangeKind.RESCOPE: "may touch values of {} that the files cannot name",
    ChangeKind.UPDATE: "has a {} that the files cannot name",
}
"""Why an account cannot be declared, by the difference that would be left."""


def said(change: Change) -> str:
    """Why an account cannot be declared of which this would be left."""
    return _SAID.get(change.kind, "is not there").format(change.subject)


def resolver_of(ground: Ground, access: Access) -> Resolver:
    """What a declared state says of the target, resolved as a plan does it."""
    can, implies = ground.capabilities, ground.catalogue.implies
    return resolver(access, ground.target.name, ground.as_of, validity=can.validity, implies=implies)


def strangers(ground: Ground) -> tuple[Account, ...]:
    """The accounts that git does not know and that the settings neither protect nor ignore."""
    return _compared(ground, ground.access).unmanaged


def differing(ground: Ground, access: Access) -> dict[str, Change]:
    """By user of a declared state: the first thing that is not as the target has it.

    Nothing is passed over, as a plan would do with what is observed, protected or fixed.
    """
    target = replace(ground.target, manage=ENFORCE_ALL, protected=())
    plain = replace(
        ground,
        target=target,
        live=replace(ground.live, protected={}),
        catalogue=replace(ground.catalogue, fixed={}),
    )
    return {item.user: item.changes[0] for item in _compared(plain, access).accounts}


def _compared(ground: Ground, access: Access) -> Difference:
    return diff(
        resolver_of(ground, access).desired(),
        ground.live,
        target=ground.target,
        catalogue=ground.catalogue,
        capabilities=ground.capabilities,
        as_of=ground.as_of,
    )
