"""One plan being carried out, and what must be so at each write of it and of what it tells in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from erpsync.apply import Result
from erpsync.connectors.base import Edit, Outcome, Status
from erpsync.errors import ExitCode
from erpsync.model import Access, Account, AccountChange, Grant, LimitKind, Mode, Target, User, fold
from erpsync.plan import Plan, TargetPlan, load
from tests.builders import ERP
from tests.stateful.company import root
from tests.stateful.declared import conflicts, declared, held, logins_for, match, standing
from tests.stateful.deeds import FIXED
from tests.stateful.erp import LivingErp, half_unlocked, uid
from tests.stateful.trouble import Diary


@dataclass
class Saved:
    """A plan as its file has it, what the ERP was when it was made, and what it has done by now."""

    text: str
    accounts: Mapping[str, Account]
    instance: str
    done: dict[LimitKind, set[str]] = field(default_factory=lambda: {kind: set() for kind in LimitKind})

    @property
    def whole(self) -> Plan:
        """The plan, read back."""
        return load(self.text)

    @property
    def shown(self) -> TargetPlan:
        """What it does to the one target."""
        return self.whole.targets[0]


def is_protected(login: str, target: Target, erp: LivingErp) -> bool:
    """Whether a folded login is protected now, by the settings or by the ERP."""
    patterns = [fold(pattern) for pattern in target.protected]
    return login in erp.protected or any(fnmatchcase(login, pattern) for pattern in patterns)


def logins_of(change: AccountChange) -> set[str]:
    """The folded logins of an account before and after a change."""
    return {fold(change.after.login), *([fold(change.before.login)] if change.before else [])}


@dataclass
class Run:
    """A plan being carried out. ``why`` says why it must be refused; ``owners`` whose account was written."""

    saved: Saved
    access: Access
    erp: LivingErp
    diary: Diary
    owners: dict[int, set[str]]
    why: list[str] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shown = self.saved.shown
        self.target = self.access.targets[ERP]
        self.why += self._reasons_before_reading()

    # --- when a plan must be refused

    def _reasons_before_reading(self) -> list[str]:
        plan = self.saved.whole
        fits = {
            "files": plan.access_digest == self.access.digest,
            "day": plan.as_of == self.erp.today,
            "limits": not self.shown.excess,
            "erp": self.saved.instance == self.erp.name,
        }
        return [name for name, well in fits.items() if not well]

    def look(self) -> None:
        """Look at the ERP as the run finds it."""
        for change in self.shown.accounts:
            if any(is_protected(login, self.target, self.erp) for login in logins_of(change)):
                self.why.append(f"{change.login} is protected")
            if self._moved(change):
                self.why.append(f"{change.login} moved")

    def _moved(self, change: AccountChange) -> bool:
        accounts, new = self.erp.accounts, self.erp.accounts.get(fold(change.after.login))
        old = accounts.get(fold(change.before.login)) if change.before else None
        if old is not None and new is not None and old is not new:
            return True
        then, now = self.saved.accounts.get(fold(change.before.login)) if change.before else None, old or new
        return now != then and (now is None or not self._fits(change, standing(now, self.erp.today)))

    def _fits(self, change: AccountChange, now: Account) -> bool:
        """Whether an account is as it is after the change, or half of it."""
        return now in (change.after, half_unlocked(change))

    # --- what every write must be

    def see_write(self, edit: Edit, before: Account | None, after: Account) -> None:
        """Look at one write that has an effect."""
        erp, change = self.erp, edit.change
        assert not self.why
        assert change in self.shown.accounts
        was = standing(before, erp.today) if before else None
        assert was == change.before or was == half_unlocked(change)
        assert self._fits(change, standing(after, erp.today))
        assert after != was, "a write that changes nothing"
        assert erp.effects[uid(after)] <= 1, "written twice"
        for login in logins_of(change):
            assert not is_protected(login, self.target, erp), "a protected account was written"
        last = self.diary.last(change.login)
        assert last is not None
        assert (last["event"], last["before"]) == ("intend", change.fingerprint)
        self._see_modes(before, after)
        self._see_gain(self._owner(change, before, after), before, after)
        self._see_order(change, before, after)
        self._see_limits(change, before, after)

    def _owner(self, change: AccountChange, before: Account | None, after: Account) -> User:
        person = self.access.users[change.user]
        assert fold(after.login) in logins_for(self.access, person), "written for somebody else"
        was = match(self.access, self.saved.accounts, person)
        # By login, not by id: who deletes an account and makes the same again is not found out.
        assert before is None or (was is not None and fold(was.login) == fold(before.login)), (
            "nobody's account"
        )
        self.owners.setdefault(uid(after), set()).add(root(person))
        return person

    def _see_gain(self, person: User, before: Account | None, after: Account) -> None:
        today, can = self.erp.today, self.erp.capabilities
        was, now = held(before, today, can), held(after, today, can)
        wanted = declared(self.access, person, today, can)
        assert now - was <= wanted, "gains what git does not give"
        if self.target.manage.entitlements is not Mode.ADDITIVE:
            assert conflicts(now) <= conflicts(was) | conflicts(wanted), "holds both halves of a conflict"

    def _see_order(self, change: AccountChange, before: Account | None, after: Account) -> None:
        """Who is locked comes first, then who only loses, then the rest, and who is new last."""
        self.ranks.append(self._rank(before, after))
        assert self.ranks == sorted(self.ranks), f"{change.login} is written too late"

    def _rank(self, before: Account | None, after: Account) -> int:
        today, can = self.erp.today, self.erp.capabilities
        if before is None:
            return 3
        if before.active and not after.active:
            return 0
        scope, scope_then = (
            {name for names in who.scope.values() for name in names} for who in (after, before)
        )
        was, now = held(before, today, can), held(after, today, can)
        gains = now - was or scope - scope_then or (after.active and not before.active)
        return 1 if (was - now or scope_then - scope) and not gains else 2

    def _see_limits(self, change: AccountChange, before: Account | None, after: Account) -> None:
        if before is None:
            self.saved.done[LimitKind.CREATE].add(change.login)
        elif before.active and not after.active:
            self.saved.done[LimitKind.LOCK].add(change.login)
        for kind, limit in self.target.limits.items():
            assert limit.count is None or len(self.saved.done[kind]) <= limit.count, f"over the limit {kind}"

    def _see_modes(self, before: Account | None, after: Account) -> None:
        manage, today, can = self.target.manage, self.erp.today, self.erp.capabilities
        if manage.accounts is Mode.OBSERVE:
            assert before is not None
            assert before.active == after.active
        if manage.accounts is Mode.ADDITIVE and before is not None:
            assert after.active or not before.active
        if manage.entitlements is Mode.OBSERVE:
            assert after.grants == (before.grants if before else ())
        if manage.entitlements is Mode.ADDITIVE:
            assert held(before, today, can) <= held(after, today, can)
        if manage.scope is Mode.OBSERVE:
            assert after.scope == (before.scope if before else {})
        if self.erp.fixed:
            fixed, fixed_then = (self._fixed(account) for account in (after, before))
            assert fixed == fixed_then, "what cannot be given or taken was"

    def _fixed(self, account: Account | None) -> set[Grant]:
        return {grant for grant in account.grants if grant.entitlement == FIXED} if account else set()

    # --- what every run must tell

    def see_result(self, result: Result) -> None:
        """Look at what the run says it did."""
        changes = self.shown.accounts
        assert [outcome.login for outcome in result.outcomes] == [change.login for change in changes]
        for change, outcome in zip(changes, result.outcomes, strict=True):
            self._see_told(outcome, result)
            if not self.erp.handled:
                self._see_outcome(change, outcome)
        if self.diary.trouble.none and not self.erp.taken:
            assert result.exit_code is ExitCode.DONE
            assert result.stopped is None

    def _see_told(self, outcome: Outcome, result: Result) -> None:
        last = self.diary.last(outcome.login)
        if outcome.status is Status.UNKNOWN:
            assert result.stopped is not None
        elif last is not None:
            assert (last["event"], last.get("status")) == ("outcome", outcome.status)
        else:
            assert outcome.status in (Status.ALREADY, Status.NOT_TRIED)

    def _see_outcome(self, change: AccountChange, outcome: Outcome) -> None:
        account = self.erp.accounts.get(fold(change.after.login))
        planned = account is not None and standing(account, self.erp.today) == change.after
        if outcome.status is not Status.UNKNOWN:
            assert planned == (outcome.status in (Status.DONE, Status.ALREADY))
        if outcome.status is Status.DONE:
            assert change.login in self.erp.written
        if outcome.status in (Status.ALREADY, Status.MOVED, Status.NOT_TRIED):
            assert change.login not in self.erp.written
