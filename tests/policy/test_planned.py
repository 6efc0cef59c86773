"""What a plan does to conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from erpsync.diff import compare, diff
from erpsync.model import Access, Account, AccountChange, Capabilities, Catalogue, Grant, Manage
from erpsync.policy.planned import planned_conflicts
from erpsync.policy.report import Comparison
from erpsync.resolve import resolver
from tests.builders import ADDITIVE, CAN, ENFORCE, ERP, TODAY, make_target, snapshot, user
from tests.support.policies import KEEPER, PAYER, both, company, keeper

CATALOGUE = Catalogue(frozenset({"Vendors", "Payments"}))


def compared(
    access: Access, *accounts: Account, manage: Manage = ENFORCE, can: Capabilities = CAN
) -> Comparison:
    access = replace(access, targets={ERP: make_target(manage)})
    desired = resolver(access, ERP, TODAY, validity=can.validity).desired()
    made = diff(
        desired,
        snapshot(*accounts),
        target=access.targets[ERP],
        catalogue=CATALOGUE,
        capabilities=can,
        as_of=TODAY,
    )
    return planned_conflicts(access, [(ERP, change) for change in made.accounts], TODAY)


def account(*entitlements: str) -> Account:
    grants = tuple(Grant(name) for name in sorted(entitlements))
    return Account("chen.jing", "陈静", grants=grants)


def ids(comparison: Comparison) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    return (
        [item.id for item in comparison.introduced],
        [item.id for item in comparison.removed],
        [item.id for item in comparison.remaining],
    )


P01 = ["sod/P01:chen.jing"]


def test_a_new_account_with_both_sides_brings_the_conflict() -> None:
    assert ids(compared(company(both()))) == (P01, [], [])


def test_the_second_side_brings_it_too() -> None:
    assert ids(compared(company(both()), account("Vendors"))) == (P01, [], [])


def test_taking_one_side_away_ends_it() -> None:
    assert ids(compared(company(keeper()), account("Vendors", "Payments"))) == ([], P01, [])


def test_what_is_so_already_stays_and_is_not_new() -> None:
    assert ids(compared(company(both()), account("Vendors", "Payments"))) == ([], [], P01)
    renamed = replace(account("Vendors", "Payments"), name="陈靖")
    assert ids(compared(company(both()), renamed)) == ([], [], P01)


def test_what_git_does_not_declare_and_the_plan_leaves_counts() -> None:
    live = account("Payments")
    assert ids(compared(company(keeper()), live, manage=ADDITIVE)) == (P01, [], [])
    assert ids(compared(company(keeper()), live)) == ([], [], [])


def test_others_have_what_git_says() -> None:
    nobody = user("wu.lan")
    assert ids(compared(company(nobody, both()), account("Vendors", "Payments"))) == ([], [], P01)


def test_a_role_in_a_target_that_the_plan_leaves_alone_is_the_other_side() -> None:
    """One side is there already, in another ERP; the plan brings only the second one."""
    payer = replace(PAYER, entitlements={"bank": ("Payments",)})
    access = company(both(), roles=(KEEPER, payer))
    access = replace(access, targets={ERP: make_target(), "bank": replace(make_target(), name="bank")})
    after = account("Vendors")
    change = AccountChange("chen.jing", "chen.jing", None, after, "sha256:1", tuple(compare(None, after)))

    assert ids(planned_conflicts(access, [(ERP, change)], TODAY)) == (P01, [], [])
    # A plan that knows both targets comes to the same.
    there = account("Payments")
    renamed = replace(there, name="陈静静")
    known = AccountChange(
        "chen.jing", "chen.jing", there, renamed, "sha256:1", tuple(compare(there, renamed))
    )
    assert ids(planned_conflicts(access, [(ERP, change), ("bank", known)], TODAY)) == (P01, [], [])


def test_a_role_that_the_plan_ends_in_its_only_target_is_no_other_side() -> None:
    access = company(keeper())
    access = replace(access, targets={ERP: make_target(), "bank": replace(make_target(), name="bank")})
    live, after = account("Vendors", "Payments"), account("Vendors")
    change = AccountChange("chen.jing", "chen.jing", live, after, "sha256:1", tuple(compare(live, after)))

    assert ids(planned_conflicts(access, [(ERP, change)], TODAY)) == ([], P01, [])
