"""What every connector must do: drift, plan, apply, clean, broken by hand, drift, apply, clean."""

from __future__ import annotations

from erpsync.connectors.base import Status
from tests.contract.company import Company, user


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


def test_both_sessions_see_the_same_instance(company: Company) -> None:
    with company.harness.reading() as reader, company.harness.writing() as writer:
        assert reader.instance() == writer.instance()
        assert reader.capabilities == writer.capabilities
