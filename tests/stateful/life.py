"""A company lives with erpsync: plans are made, kept, carried out and cut short, in a world that moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from erpsync import apply as apply_module
from erpsync.apply import Result, apply
from erpsync.errors import RefusedError, StaleError, TargetError
from erpsync.model import Limit, LimitKind, Status, User, fold
from erpsync.plan import dump, make_plan, verify
from erpsync.planning import plan_target
from tests.builders import ENFORCE, ERP
from tests.stateful.declared import declared, held, match, written_out
from tests.stateful.deeds import FIXED
from tests.stateful.erp import uid
from tests.stateful.luck import (
    Luck,
    What,
    bad_luck,
    comings,
    in_between,
    several_deeds,
    several_edits,
    some,
    some_faults,
    stops,
)
from tests.stateful.run import Run, Saved, is_protected, logins_of
from tests.stateful.trouble import ByHand, Diary, Fault, Killed, Moment, Stop, Trouble
from tests.stateful.world import World


class Life(World):
    """What erpsync does, and what must be so after each step."""

    saved: Saved | None = None

    @property
    def now(self) -> datetime:
        day = self.erp.today
        return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)

    @rule()
    def plan(self) -> None:
        erp = self.erp
        erp.begin(Trouble(), lambda: None, lambda edit, before, after: pytest.fail("planning writes"))
        erp.effects.clear()
        planned = plan_target(self.access, self.target, erp, erp.today)
        digest = self.access.digest
        made = make_plan([planned], as_of=erp.today, now=self.now, access_digest=digest, commit=None)
        self.saved = Saved(dump(made), dict(erp.accounts), erp.name)

    @precondition(lambda self: self.saved)
    @rule()
    def apply_the_plan(self) -> None:
        self.carry_out(Luck())

    @precondition(lambda self: self.saved)
    @rule(luck=bad_luck)
    def apply_the_plan_in_bad_luck(self, luck: Luck) -> None:
        self.carry_out(luck)

    @rule(
        edits=several_edits,
        deeds=several_deeds,
        between=st.just([]) | st.lists(in_between, max_size=2),
        luck=bad_luck,
        days=st.integers(0, 2),
        overnight=st.sampled_from([0, 0, 0, 0, 1]),
    )
    def change_plan_and_apply_twice(
        self, edits: list[What], deeds: list[What], between: list[What], luck: Luck, days: int, overnight: int
    ) -> None:
        self.let_days_pass(days)
        self.edit_users(edits)
        self.change_the_erp_by_hand(deeds)
        self.plan()
        assert self.saved is not None
        for what in between:
            self.erp.by_hand(self.aimed(what, self.saved))
        self.let_days_pass(overnight)
        self.carry_out(luck)
        self.carry_out(Luck())

    @rule(who=st.lists(some, min_size=2, max_size=4), stop=stops, luck=bad_luck)
    def lock_by_hand_and_bring_back(self, who: list[int], stop: Stop, luck: Luck) -> None:
        """Bringing an account back may take an ERP two steps, and all may end between them."""
        deeds = [(number, "lock, other name") for number in who]
        between: dict[int, Fault] = dict.fromkeys(who[1:], (Moment.BETWEEN, stop))
        self.change_plan_and_apply_twice([], deeds, [], replace(luck, faults=between), 0, 0)

    def aimed(self, what: What, saved: Saved) -> ByHand:
        """What somebody does to an account of the plan, if there is one."""
        logins = sorted({login for change in saved.shown.accounts for login in logins_of(change)})
        number, deed = what
        return ByHand(logins[number % len(logins)], deed) if logins else self.action(what)

    @rule(who=some, edit=st.sampled_from(["rename", "login"]), read=st.integers(0, 2), number=some)
    def take_a_login_that_somebody_is_to_get(self, who: int, edit: str, read: int, number: int) -> None:
        """An account appears before the plan is applied, or when it is read for the first or second time."""
        between, luck = [(number, "nothing")] * (read == 0), Luck(reads={read: (number, "nothing")})
        self.change_plan_and_apply_twice([(who, edit)], [], between, luck, 0, 0)

    @rule(edits=several_edits, faults=some_faults)
    def be_answered_wrongly(self, edits: list[What], faults: dict[int, Fault]) -> None:
        """While no person is in the way, so that the run must know exactly what it did."""
        self.change_plan_and_apply_twice(edits, [], [], Luck(faults), 0, 0)

    @rule(kind=st.sampled_from([LimitKind.LOCK, LimitKind.CREATE]), most=st.integers(0, 1), edits=comings)
    def stay_within_a_limit(self, kind: LimitKind, most: int, edits: list[What]) -> None:
        settings = self.target
        self.set_target(replace(settings, limits={kind: Limit(most)}))
        self.change_plan_and_apply_twice(edits, [], [], Luck(), 0, 0)
        self.set_target(settings)

    def trouble(self, luck: Luck, saved: Saved) -> Trouble:
        """Bad luck, now that it is known which accounts the plan has."""
        logins = [change.login for change in saved.shown.accounts]
        if not logins:
            return Trouble(records=luck.records, patience=luck.patience)
        return Trouble(
            {logins[number % len(logins)]: fault for number, fault in luck.faults.items()},
            {
                n: what if isinstance(what, Stop) else self.aimed(what, saved)
                for n, what in luck.reads.items()
            },
            {logins[number % len(logins)]: self.aimed(what, saved) for number, what in luck.writes.items()},
            luck.records,
            luck.patience,
        )

    def carry_out(self, luck: Luck) -> None:
        """Do what the command does, and look at what came of it."""
        assert self.saved is not None
        trouble = self.trouble(luck, self.saved)
        run = Run(self.saved, self.access, self.erp, Diary(trouble), self.owners)
        self.erp.begin(trouble, run.look, run.see_write)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(apply_module, "BATCH", luck.batch)
                patch.setattr(apply_module, "MOST_FAILURES_IN_A_ROW", luck.patience)
                result = self.command(run)
        except (StaleError, RefusedError):
            assert run.why, "a plan that still fits was refused"
            assert not self.erp.written
        except (TargetError, KeyboardInterrupt):
            assert isinstance(trouble.reads.get(1), Stop)
            assert not self.erp.written
        except Killed:
            assert not run.why
        else:
            assert not run.why, "a plan that does not fit any more was carried out"
            run.see_result(result)

    def command(self, run: Run) -> Result:
        plan, erp = run.saved.whole, self.erp
        verify(plan, access_digest=self.access.digest, today=erp.today, now=self.now)
        return apply(plan.targets[0], self.target, erp, erp.today, record=run.diary.record)

    # --- in the end

    @rule()
    def come_to_rest(self) -> None:
        """With everything enforced and nobody in the way, two rounds are enough."""
        settings = self.target
        self.set_target(replace(self.target, manage=ENFORCE, limits={}))
        for _ in range(2):
            self.plan()
            self.carry_out(Luck())
        self.plan()
        assert self.saved is not None
        assert not self.saved.shown.accounts
        fixed = {FIXED} if self.erp.fixed else set()
        for item in self.saved.shown.held:
            protected = self.protected(self.access.users[item.user])
            assert protected or {change.subject for change in item.changes} <= fixed
        for person in self.access.users.values():
            if not self.protected(person):
                self.see_as_declared(person)
        self.set_target(settings)

    def protected(self, person: User) -> bool:
        account = match(self.access, self.erp.accounts, person)
        logins = {fold(person.login(ERP)), *([fold(account.login)] if account else [])}
        return any(is_protected(login, self.target, self.erp) for login in logins)

    def see_as_declared(self, person: User) -> None:
        today, can = self.erp.today, self.erp.capabilities
        account = match(self.access, self.erp.accounts, person)
        wanted = declared(self.access, person, today, can)
        current = any(day == (today if can.validity else day) for _, day in wanted)
        active = current and person.status is Status.ACTIVE
        if account is None:
            assert not active
            return
        holds = {item for item in held(account, today, can) if not (self.erp.fixed and item[0] == FIXED)}
        assert account.active == active
        assert holds == (wanted if current else set())
        if active:
            assert fold(account.login) == fold(person.login(ERP))
            assert account.name == person.name
            assert person.email in (None, account.email)
            assert person.language in (None, account.language)
            assert account.scope == written_out(person.scope)

    # --- after every step

    @invariant()
    def nobody_holds_what_neither_git_nor_a_person_gave(self) -> None:
        erp = self.erp
        for account in erp.accounts.values():
            given = set(erp.given_by_hand.get(uid(account), set()))
            for person in self.owners.get(uid(account), set()):
                given |= self.said[person]
            assert held(account, erp.today, erp.capabilities) <= given
