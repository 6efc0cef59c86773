"""An ERP in memory that goes wrong when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import count

from erpsync.connectors.base import Edit, Outcome, Status
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Catalogue, Snapshot, fold


class Fault(Enum):
    """What goes wrong when an account is written."""

    REFUSE = auto()
    """The ERP says no."""
    PRETEND = auto()
    """The ERP says yes and does nothing."""
    BREAK_BEFORE = auto()
    """The connection breaks, and nothing was written."""
    BREAK_AFTER = auto()
    """The connection breaks, and the account was written."""
    INTERRUPT_BEFORE = auto()
    """Ctrl-C before the account is written."""
    INTERRUPT_AFTER = auto()
    """Ctrl-C after the account was written."""


BREAKS = {Fault.BREAK_BEFORE, Fault.BREAK_AFTER}
INTERRUPTS = {Fault.INTERRUPT_BEFORE, Fault.INTERRUPT_AFTER}
AFTER = {Fault.BREAK_AFTER, Fault.INTERRUPT_AFTER}


DATES_AND_COMPANIES = Capabilities(validity=True, scopes=frozenset({"company"}))


@dataclass
class MemoryErp:
    """Accounts by folded login. ``written`` has the login of each account as often as it was written."""

    accounts: dict[str, Account] = field(default_factory=dict)
    protected: dict[str, str] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    on_read: dict[int, Callable[[], None]] = field(default_factory=dict)
    """What happens just before the n-th snapshot, counted from 1."""
    capabilities: Capabilities = DATES_AND_COMPANIES
    implies: dict[str, frozenset[str]] = field(default_factory=dict)
    """What comes with an entitlement; like Odoo, the ERP gives it, and takes nothing of it back."""
    name: str = "memory:1"
    written: list[str] = field(default_factory=list)
    reads: int = 0
    _versions: Iterator[int] = field(default_factory=lambda: count(1))

    def put(self, account: Account) -> None:
        """What somebody does by hand: put an account there as it is given, with what comes with that."""
        brought = {
            replace(grant, entitlement=name)
            for grant in account.grants
            for name in self.implies.get(grant.entitlement, ())
        }
        if brought - set(account.grants):
            grants = sorted({*account.grants, *brought}, key=lambda grant: grant.order)
            account = replace(account, grants=tuple(grants))
        self.accounts[fold(account.login)] = replace(account, version=next(self._versions))

    def instance(self) -> str:
        """The name it was given."""
        return self.name

    def catalogue(self) -> Catalogue:
        """A few roles and companies."""
        return Catalogue(
            entitlements=frozenset({"Buyer", "Clerk", "Planner", "Staff"}),
            scopes={"company": ("Huaxin Castings", "Huaxin Trading")},
            languages=frozenset({"en", "zh_CN"}),
            implies=self.implies,
        )

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """The accounts with these logins, or all."""
        self.reads += 1
        if self.reads in self.on_read:
            self.on_read[self.reads]()
        found = {
            login: account for login, account in self.accounts.items() if logins is None or login in logins
        }
        return Snapshot(found, self.protected)

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write one account after the other, unless it moved or goes wrong."""
        for edit in edits:
            login = edit.change.login
            fault = self.faults.get(login)
            if fault is Fault.REFUSE:
                yield Outcome(login, Status.FAILED, "the ERP says no")
            elif fault is Fault.PRETEND:
                yield Outcome(login, Status.DONE)
            else:
                yield self._write(edit, fault)

    def _write(self, edit: Edit, fault: Fault | None) -> Outcome:
        change = edit.change
        if fault not in AFTER:
            _stop(fault)
        live = self.accounts.get(fold(edit.live.login)) if edit.live else None
        if edit.live is not None and (live is None or live.version != edit.live.version):
            return Outcome(change.login, Status.MOVED, "modified in the meantime")
        if edit.live is not None:
            del self.accounts[fold(edit.live.login)]
        self.put(change.after)
        self.written.append(change.login)
        _stop(fault)
        return Outcome(change.login, Status.DONE)


def _stop(fault: Fault | None) -> None:
    if fault in BREAKS:
        raise TargetError("the connection broke")
    if fault in INTERRUPTS:
        raise KeyboardInterrupt


def broken() -> None:
    """A read that fails."""
    raise TargetError("the ERP is gone")


def interrupted() -> None:
    """Ctrl-C."""
    raise KeyboardInterrupt
