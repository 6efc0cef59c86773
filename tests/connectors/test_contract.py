"""What every connector must do: drift, plan, apply, clean, broken by hand, drift, apply, clean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from erpsync.access import load_valid
from erpsync.apply import Result
from erpsync.apply import apply as carry_out
from erpsync.connectors.base import Status
from erpsync.model import Access
from erpsync.plan import TargetPlan
from erpsync.planning import plan_target
from tests.connectors.harness import Harness, MemoryHarness, ScimHarness, TrytonHarness
from tests.support.access_files import AccessFiles
from tests.support.erp import COMPANIES, SHANGHAI
from tests.support.memory import MemoryErp

TODAY = datetime.now(SHANGHAI).date()
DAY = timedelta(days=1)

ORGANISATION = """\
departments: {{purchasing: {{title: Purchasing}}}}
subsystems: {{materials: {{title: Materials}}}}
positions: {{buyer: {{title: Buyer, department: purchasing, roles: [buyer]}}}}
roles:
  buyer: {{title: Buyer, subsystem: materials, owner: owner, entitlements: {{erp: [{0}]}}}}
  clerk: {{title: Clerk, subsystem: materials, owner: owner, entitlements: {{erp: [{1}]}}}}
users:
  owner: {{name: Owner, department: purchasing, type: dedicated}}
"""


@dataclass
class Company:
    """A declared state and the ERP it is for."""

    harness: Harness
    files: AccessFiles

    def declare(self, *users: str) -> None:
        """Declare exactly these users; each is one line of YAML."""
        self.files.users(*users)

    def access(self) -> Access:
        """The declared state, for the target under the contract."""
        access = load_valid(self.files.path)
        target = replace(self.harness.target(), ignore=("*",))
        return replace(access, targets={"erp": target})

    def plan(self) -> TargetPlan:
        """Plan for today."""
        access = self.access()
        with self.harness.reading() as reader:
            return plan_target(access, access.targets["erp"], reader, TODAY)

    def apply(self, plan: TargetPlan) -> Result:
        """Carry a plan out."""
        with self.harness.writing() as writer:
            return carry_out(plan, self.harness.target(), writer, TODAY)

    def drift(self) -> dict[str, list[str]]:
        """What differs, in words, by login."""
        return {
            change.login: [f"{item.kind} {item.subject}".strip() for item in change.changes]
            for change in self.plan().accounts
        }

    def settle(self) -> None:
        """Plan and apply; then nothing differs."""
        result = self.apply(self.plan())
        assert {outcome.status for outcome in result.outcomes} <= {Status.DONE}, result.outcomes
        assert self.drift() == {}


SCIM = {
    "scim": ("scim_server", {}),
    "scim without bulk, filter, sort and etag": ("plain_scim_server", {}),
    "scim with entitlements": ("scim_server", {"profile": "infor-os", "known": "Buyer, Clerk"}),
}


@pytest.fixture(params=["memory", "tryton with roles", "tryton with groups", *SCIM])
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Company:
    """An organisation of two roles, over each ERP in turn."""
    harness = _harness(request)
    files = AccessFiles(tmp_path / "access")
    files.write("organisation.yaml", ORGANISATION.format(*harness.entitlements))
    return Company(harness, files)


def _harness(request: pytest.FixtureRequest) -> Harness:
    fixture = request.getfixturevalue
    if request.param == "memory":
        return MemoryHarness(MemoryErp())
    if request.param in SCIM:
        server, options = SCIM[request.param]
        return ScimHarness(fixture(server), options)
    if request.param == "tryton with roles":
        sessions = fixture("read_rpc"), fixture("write_rpc")
        return TrytonHarness(fixture("erp"), *sessions, ("Buyer", "Clerk"), COMPANIES)
    groups = ("party.group_party_admin", "company.group_company_admin")
    sessions = fixture("groups_read_rpc"), fixture("groups_rpc")
    return TrytonHarness(fixture("groups_erp"), *sessions, groups, COMPANIES[:1])


def user(key: str, more: str = "", name: str = "陈静") -> str:
    """A buyer."""
    return f"{key}: {{name: {name}, department: purchasing, position: buyer, type: dedicated{more}}}"


def test_the_loop(company: Company) -> None:
    harness = company.harness
    new, mover, leaver, locked = (harness.login(name) for name in ("new", "mover", "leaver", "locked"))
    buyer, clerk = harness.entitlements
    scope = f", scope: {{company: [{harness.companies[0]}]}}" if harness.companies else ""
    for login in (mover, leaver, locked):
        harness.make(login)
        harness.give(login, clerk)
    company.declare(
        user(new, scope), user(mover), user(leaver, ", status: left"), user(locked, ", status: locked")
    )  # fmt: skip

    assert company.drift() == {
        leaver: ["lock", f"revoke {clerk}"],
        locked: ["lock", f"revoke {clerk}", f"grant {buyer}"],
        mover: [f"revoke {clerk}", "update name", f"grant {buyer}"],
        new: ["create", *["rescope company"] * bool(scope), f"grant {buyer}"],
    }
    company.settle()

    harness.set_active(leaver, active=True)
    harness.set_active(new, active=False)
    harness.give(mover, clerk)
    harness.rename(mover, "Somebody else")
    harness.take(locked, buyer)
    assert company.drift() == {
        leaver: ["lock"],
        locked: [f"grant {buyer}"],
        mover: [f"revoke {clerk}", "update name"],
        new: ["unlock"],
    }
    company.settle()


def test_accounts_are_written_in_the_order_of_the_plan_with_locks_first(company: Company) -> None:
    harness = company.harness
    a, z = harness.login("a.new"), harness.login("z.leaver")
    harness.make(z)
    company.declare(user(a), user(z, ", status: left"))
    result = company.apply(company.plan())
    assert [outcome.login for outcome in result.outcomes] == [z, a]


def test_the_same_plan_applied_again_finds_everything_done(company: Company) -> None:
    login = company.harness.login("twice")
    company.declare(user(login))
    plan = company.plan()
    company.apply(plan)
    assert [outcome.status for outcome in company.apply(plan).outcomes] == [Status.ALREADY]


def test_a_renamed_user_keeps_the_account(company: Company) -> None:
    old, new = company.harness.login("wang.li"), company.harness.login("chen.li")
    company.declare(user(old))
    company.settle()
    company.declare(user(new, f", previously: [{old}]"))
    assert company.drift() == {new: ["update login"]}
    company.settle()
    with company.harness.reading() as reader:
        assert list(reader.snapshot([old, new]).accounts) == [new]


def test_scope_is_set_changed_by_hand_and_put_back(company: Company) -> None:
    harness = company.harness
    if not harness.companies:
        pytest.skip("the ERP has no scope")
    login = harness.login("scoped")
    company.declare(user(login, ", scope: {company: all}"))
    company.settle()
    with harness.reading() as reader:
        assert reader.snapshot([login]).accounts[login].scope == {"company": tuple(sorted(harness.companies))}
    harness.set_companies(login)
    assert company.drift() == {login: ["rescope company"]}
    company.settle()


def test_validity_is_kept_from_day_to_day(company: Company) -> None:
    harness = company.harness
    login, (_, clerk) = harness.login("dated"), harness.entitlements
    days = f"valid_from: {TODAY - DAY}, valid_to: {TODAY + DAY}"
    company.declare(user(login, f", assignments: [{{role: clerk, reason: stands in, {days}}}]"))
    company.settle()
    with harness.reading() as reader:
        (grant,) = (
            item for item in reader.snapshot([login]).accounts[login].grants if item.entitlement == clerk
        )
        assert grant.valid_to == (TODAY + DAY if reader.capabilities.validity else None)
    days = f"valid_from: {TODAY - 2 * DAY}, valid_to: {TODAY - DAY}"
    company.declare(user(login, f", assignments: [{{role: clerk, reason: stands in, {days}}}]"))
    assert company.drift() == {login: [f"revoke {clerk}"]}
    company.settle()


def test_a_grant_that_begins_later_gives_nothing_today(company: Company) -> None:
    harness = company.harness
    login, (buyer, clerk) = harness.login("later"), harness.entitlements
    days = f"valid_from: {TODAY + 2 * DAY}"
    company.declare(user(login, f", assignments: [{{role: clerk, reason: starts soon, {days}}}]"))
    company.settle()
    with harness.reading() as reader:
        account = reader.snapshot([login]).accounts[login]
        planned = [clerk] if reader.capabilities.validity else []
        assert sorted(grant.entitlement for grant in account.grants) == sorted([buyer, *planned])


def test_a_user_who_left_and_comes_back_has_what_is_declared_and_nothing_else(company: Company) -> None:
    harness = company.harness
    login, (_, clerk) = harness.login("boomerang"), harness.entitlements
    company.declare(user(login))
    company.settle()
    company.declare(user(login, ", status: left"))
    company.settle()
    harness.give(login, clerk)
    company.declare(user(login, ", email: back@huaxin.example", name="陈静静"))
    company.settle()


def test_an_account_that_git_does_not_know_is_never_touched(company: Company) -> None:
    harness = company.harness
    stranger = harness.login("stranger")
    harness.make(stranger)
    harness.give(stranger, harness.entitlements[0])
    with harness.reading() as reader:
        before = reader.snapshot([stranger])
    company.declare(user(harness.login("known")))
    company.settle()
    with harness.reading() as reader:
        assert reader.snapshot([stranger]) == before


def test_an_account_changed_between_plan_and_apply_is_not_overwritten(company: Company) -> None:
    login = company.harness.login("raced")
    company.harness.make(login)
    company.declare(user(login))
    plan = company.plan()
    company.harness.rename(login, "By hand")
    with pytest.raises(Exception, match="changed in the ERP since the plan was made"):
        company.apply(plan)
    with company.harness.reading() as reader:
        account = reader.snapshot([login]).accounts[login]
    assert (account.name, account.grants) == ("By hand", ())


def test_both_sessions_see_the_same_instance(company: Company) -> None:
    with company.harness.reading() as reader, company.harness.writing() as writer:
        assert reader.instance() == writer.instance()
        assert reader.capabilities == writer.capabilities
