"""An ERP in memory with a clock, people of its own and bad luck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from erpsync.connectors.base import Edit, Outcome, Status
from erpsync.model import Account, AccountChange, Capabilities, Catalogue, Grant, Snapshot, fold
from tests.builders import TODAY
from tests.stateful.declared import held, standing
from tests.stateful.deeds import DATED, DEEDS, FIXED
from tests.stateful.trouble import ByHand, Lie, Moment, Stop, Trouble
from tests.strategies import COMPANIES, ENTITLEMENTS

Audit = Callable[[Edit, Account | None, Account], None]
"""Sees each write that has an effect: the account before and after it."""


@dataclass
class LivingErp:
    """Accounts by folded login. The version of each is its id and the number of its last change."""

    capabilities: Capabilities
    fixed: bool
    today: date = TODAY
    name: str = "memory:1"
    accounts: dict[str, Account] = field(default_factory=dict)
    backup: dict[str, Account] = field(default_factory=dict)
    administrators: set[int] = field(default_factory=set)
    """The ids of the accounts that the ERP itself protects."""
    given_by_hand: dict[int, set[tuple[str, date]]] = field(default_factory=dict)
    effects: Counter[int] = field(default_factory=Counter)
    """How often erpsync changed each account as planned since somebody else did, or since it was emptied."""
    trouble: Trouble = field(default_factory=Trouble)
    reads: int = 0
    handled: set[str] = field(default_factory=set)
    """The logins that somebody changed by hand in this run."""
    written: list[str] = field(default_factory=list)
    """The logins of the changes that took effect in this run, also those that took half of it."""
    taken: set[str] = field(default_factory=set)
    """The logins of the changes of this run whose new login somebody else had."""
    seen: set[str] = field(default_factory=set)
    """The logins that the last read found."""
    on_first_read: Callable[[], None] = lambda: None
    audit: Audit = lambda edit, before, after: None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self, trouble: Trouble, on_first_read: Callable[[], None], audit: Audit) -> None:
        """A run begins."""
        self.trouble, self.reads = trouble, 0
        self.handled, self.written, self.taken = set(), [], set()
        self.on_first_read, self.audit = on_first_read, audit

    # --- people

    def by_hand(self, action: ByHand) -> None:
        """Somebody does something, also to an account that is not there yet."""
        login = fold(action.login)
        now = self.accounts.get(login)
        self.handled.add(login)
        if action.deed == "delete":
            self.accounts.pop(login, None)
        elif action.deed == "restore":
            if login in self.backup:
                self._keep_by_hand(self.backup[login])
        elif action.deed == "protect":
            account = self._stamped(now or Account(action.login, action.login), now)
            self._keep_by_hand(account)
            self.administrators.add(uid(account))
        elif self.capabilities.validity or action.deed not in DATED:
            after = DEEDS[action.deed](now or Account(action.login, action.login), self.today)
            if fold(after.login) == login or fold(after.login) not in self.accounts:
                self.accounts.pop(login, None)
                self._keep_by_hand(self._stamped(after, now))

    def _keep_by_hand(self, account: Account) -> None:
        self.handled.add(fold(account.login))
        self.effects.pop(uid(account), None)
        self.accounts[fold(account.login)] = account
        given = self.given_by_hand.setdefault(uid(account), set())
        given |= held(account, self.today, self.capabilities)

    def _stamped(self, account: Account, before: Account | None) -> Account:
        return replace(account, version=(uid(before) if before else next(self._numbers), next(self._numbers)))

    # --- what erpsync calls

    def instance(self) -> str:
        """The name of this ERP."""
        return self.name

    def catalogue(self) -> Catalogue:
        """What there is."""
        fixed = {FIXED: "comes from the ERP itself"} if self.fixed else {}
        return Catalogue(
            frozenset(ENTITLEMENTS), {"company": COMPANIES}, frozenset({"en", "zh_CN"}), fixed=fixed
        )

    @property
    def protected(self) -> dict[str, str]:
        """The folded logins of the administrators."""
        found = (login for login, account in self.accounts.items() if uid(account) in self.administrators)
        return dict.fromkeys(found, "an administrator of the ERP")

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """The accounts, after whatever happens at this read."""
        self.reads += 1
        event = self.trouble.reads.get(self.reads)
        if isinstance(event, Stop):
            event.strike()
        elif event is not None:
            self.by_hand(event)
        if self.reads == 1:
            self.on_first_read()
        found = {key: value for key, value in self.accounts.items() if logins is None or key in logins}
        self.seen = set(found)
        return Snapshot(found, self.protected)

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write one account after the other, while erpsync asks for the next."""
        failures = 0
        for edit in edits:
            assert failures < self.trouble.patience, "goes on though it should have stopped"
            change = edit.change
            logins = {fold(who.login) for who in (change.before, change.after) if who}
            assert len(logins) == 1 or not logins <= self.seen, "gives a login that was seen to be taken"
            outcome = self._answer(edit)
            failures = 0 if outcome.status is Status.DONE else failures + 1
            yield outcome

    def _answer(self, edit: Edit) -> Outcome:
        login = edit.change.login
        if login in self.trouble.writes:
            self.by_hand(self.trouble.writes[login])
        fault = self.trouble.faults.get(login)
        if fault is Lie.REFUSE:
            return Outcome(login, Status.FAILED, "the ERP says no")
        if fault is Lie.PRETEND:
            return Outcome(login, Status.DONE)
        if isinstance(fault, tuple):
            return self._cut_short(edit, *fault)
        outcome = self._write(edit, edit.change.after)
        return Outcome(login, Status.FAILED, "asked again") if fault is Lie.DENY else outcome

    def _cut_short(self, edit: Edit, moment: Moment, stop: Stop) -> Outcome:
        half = half_unlocked(edit.change)
        if moment is Moment.BETWEEN and half and edit.live and not edit.live.active:
            self._write(edit, half)
        if moment is Moment.AFTER:
            self._write(edit, edit.change.after)
        stop.strike()
        raise AssertionError("not reached")

    def _write(self, edit: Edit, goal: Account) -> Outcome:
        change = edit.change
        now = self.accounts.get(fold(edit.live.login)) if edit.live else None
        if edit.live and (now is None or now.version != edit.live.version):
            return Outcome(change.login, Status.MOVED, "modified in the meantime")
        if self.accounts.get(fold(goal.login)) not in (None, now):
            self.taken.add(change.login)
            return Outcome(change.login, Status.FAILED, "somebody else has this login")
        after = self._stamped(self._merged(now, goal), now)
        if now:
            del self.accounts[fold(now.login)]
        self.accounts[fold(after.login)] = after
        self.written.append(change.login)
        self.effects[uid(after)] += goal == change.after
        self.audit(edit, now, after)
        return Outcome(change.login, Status.DONE)

    def _merged(self, now: Account | None, after: Account) -> Account:
        """The new values, where the ERP keeps what has ended and the first day of what goes on."""
        missing = set(after.grants)
        kept: list[Grant] = []
        for grant in now.grants if now else ():
            current = standing(Account("", grants=(grant,)), self.today).grants
            if not current or current[0] in missing:
                kept.append(grant)
                missing.difference_update(current)
        return replace(after, grants=tuple(sorted([*kept, *missing], key=lambda grant: grant.order)))


def half_unlocked(change: AccountChange) -> Account | None:
    """What an account is when it is active again but not edited yet; None if that takes one step."""
    before, after = change.before, change.after
    if before is None or before.active or not after.active:
        return None
    return replace(after, login=before.login, name=before.name, email=before.email, language=before.language)


def uid(account: Account) -> int:
    """The id of an account in the ERP, which a new login does not change."""
    assert isinstance(account.version, tuple)
    number: int = account.version[0]
    return number
