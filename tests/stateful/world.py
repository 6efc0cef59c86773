"""The world that erpsync lives in: git and the ERP change, and days pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from erpsync.model import Access, Capabilities, Manage, Target, fold
from tests.builders import ADDITIVE, ENFORCE, ERP, role
from tests.stateful.company import EDITS, ENTITLEMENT_OF, company, joining, root
from tests.stateful.declared import LAST_DAY, declared
from tests.stateful.erp import LivingErp
from tests.stateful.luck import What, several_deeds, several_edits, some
from tests.stateful.trouble import ByHand
from tests.strategies import ROLES, USERS, manages

some_manages = st.sampled_from([ENFORCE, ENFORCE, ADDITIVE]) | manages


class World(RuleBasedStateMachine):
    """What happens to the files, in the ERP and with time, whatever erpsync does."""

    access: Access
    erp: LivingErp

    @initialize(
        validity=st.booleans(),
        fixed=st.booleans(),
        manage=some_manages,
        edits=several_edits,
        deeds=several_deeds,
    )
    def begin(
        self, validity: bool, fixed: bool, manage: Manage, edits: list[What], deeds: list[What]
    ) -> None:
        self.erp = LivingErp(Capabilities(validity, frozenset({"company"})), fixed)
        for login, deed in (
            ("admin", "give Stock"),
            ("legacy-1", "give Purchase"),
            ("lin.tao", "give Stock"),
        ):
            self.erp.by_hand(ByHand(login, deed))
        self.access = company()
        self.edits = 0
        self.said: dict[str, set[tuple[str, date]]] = {}
        self.owners: dict[int, set[str]] = {}
        self.switch_the_manage_modes(manage)
        self.edit_users(edits)
        self.change_the_erp_by_hand(deeds)

    # --- git

    @property
    def target(self) -> Target:
        return self.access.targets[ERP]

    def commit(self, access: Access) -> None:
        """Merge a change of the files."""
        self.edits += 1
        self.access = replace(access, digest=f"sha256:{self.edits:064}")
        self.hear()

    def hear(self) -> None:
        """Remember what git says now of everybody."""
        for person in self.access.users.values():
            said = self.said.setdefault(root(person), set())
            said |= declared(self.access, person, self.erp.today, self.erp.capabilities)

    def set_target(self, target: Target) -> None:
        self.commit(replace(self.access, targets={ERP: target}))

    @rule(edits=several_edits)
    def edit_users(self, edits: list[What]) -> None:
        users = dict(self.access.users)
        for who, edit in edits if users else ():
            person = EDITS[edit](users.pop(sorted(users)[who % len(users)]), self.erp.today)
            users[person.key] = person
        self.commit(replace(self.access, users=users))

    @rule(key=st.sampled_from(USERS), where=st.sampled_from(["buyer", "keeper", None]))
    def join(self, key: str, where: str | None) -> None:
        person = joining(self.access, key, where)
        if person is not None:
            self.commit(replace(self.access, users={**self.access.users, person.key: person}))

    @rule(who=some)
    def forget_a_user(self, who: int) -> None:
        users = dict(self.access.users)
        if users:
            users.pop(sorted(users)[who % len(users)])
            self.commit(replace(self.access, users=users))

    @rule(
        key=st.sampled_from(ROLES), other=st.sampled_from(ROLES), includes=st.sampled_from(["", "", *ROLES])
    )
    def change_a_role(self, key: str, other: str, includes: str) -> None:
        changed = role(key, ENTITLEMENT_OF[other], includes=[includes] if includes else [])
        self.commit(replace(self.access, roles={**self.access.roles, key: changed}))

    @rule(manage=some_manages)
    def switch_the_manage_modes(self, manage: Manage) -> None:
        self.set_target(replace(self.target, manage=manage))

    @rule(patterns=st.sampled_from([("admin",), ("admin", "WU.*"), ("admin", "ma.li")]))
    def protect_in_the_settings(self, patterns: tuple[str, ...]) -> None:
        self.set_target(replace(self.target, protected=patterns))

    # --- people and time

    def action(self, what: What) -> ByHand:
        """What somebody does, to an account that is there or that git waits for."""
        logins = {fold(person.login(ERP)): person.login(ERP) for person in self.access.users.values()}
        logins |= {login: account.login for login, account in self.erp.accounts.items()}
        number, deed = what
        return ByHand([*logins.values(), "nobody"][number % (len(logins) + 1)], deed)

    @rule(deeds=several_deeds)
    def change_the_erp_by_hand(self, deeds: list[What]) -> None:
        for what in deeds:
            self.erp.by_hand(self.action(what))

    @rule()
    def dismiss_the_administrators(self) -> None:
        self.erp.administrators.clear()

    @rule()
    def back_up(self) -> None:
        self.erp.backup = dict(self.erp.accounts)

    @rule(name=st.sampled_from(["memory:1", "memory:1", "memory:2"]))
    def point_to_an_erp(self, name: str) -> None:
        self.erp.name = name

    @rule(days=st.integers(1, 3))
    def let_days_pass(self, days: int) -> None:
        for _ in range(days):
            if self.erp.today < LAST_DAY:
                self.erp.today += timedelta(days=1)
                self.hear()
