"""Desired × live → changes, case by case. The properties are in test_properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from erpsync.codec import fingerprint
from erpsync.diff import Difference, diff
from erpsync.model import (
    ALL,
    Account,
    AccountChange,
    Capabilities,
    Catalogue,
    Change,
    ChangeKind,
    Grant,
    Manage,
    Mode,
    Snapshot,
    Target,
)
from erpsync.resolve import Desired
from tests.builders import ADDITIVE, CAN, ENFORCE, OBSERVE, TODAY, make_target, snapshot

CATALOGUE = Catalogue(frozenset({"Purchase", "Stock"}), {"company": ("Huaxin Group", "Huaxin Trading")})
WANTED = Account("chen.jing", "陈静", grants=(Grant("Purchase"),))


def desire(*accounts: Account, earlier: Mapping[str, tuple[str, ...]] | None = None) -> Desired:
    by_login = {account.login.casefold(): account for account in accounts}
    return Desired(by_login, {login: login for login in by_login}, earlier or {})


def difference(
    desired: Desired,
    live: Snapshot,
    *,
    target: Target | None = None,
    catalogue: Catalogue = CATALOGUE,
    can: Capabilities = CAN,
    as_of: date = TODAY,
) -> Difference:
    return diff(
        desired,
        live,
        target=target or make_target(),
        catalogue=catalogue,
        capabilities=can,
        as_of=as_of,
    )


def compare(
    wanted: Account, live: Account | None, manage: Manage = ENFORCE, *, can: Capabilities = CAN
) -> Difference:
    accounts = (live,) if live else ()
    return difference(desire(wanted), snapshot(*accounts), target=make_target(manage), can=can)


def only(found: Difference) -> AccountChange:
    (change,) = found.accounts
    return change


def kinds(found: Difference) -> list[tuple[str, str]]:
    return [(change.kind.value, change.subject) for change in only(found).changes]


# --- one account ------------------------------------------------------------------------------------


def test_equal_account_needs_nothing() -> None:
    assert compare(WANTED, WANTED) == Difference((), (), ())


def test_missing_account_is_created_with_everything() -> None:
    wanted = replace(WANTED, email="chen.jing@huaxin.example", scope={"company": ("Huaxin Group",)})
    found = compare(wanted, None)
    assert kinds(found) == [("create", ""), ("rescope", "company"), ("grant", "Purchase")]
    assert only(found).before is None
    assert only(found).after == wanted
    assert only(found).fingerprint == fingerprint(None)


def test_account_that_nobody_may_use_is_not_created() -> None:
    assert compare(replace(WANTED, active=False), None) == Difference((), (), ())


def test_leaver_is_locked_and_loses_the_grants() -> None:
    found = compare(replace(WANTED, active=False, grants=()), WANTED)
    assert kinds(found) == [("lock", ""), ("revoke", "Purchase")]


def test_locked_account_keeps_its_attributes_and_scope() -> None:
    live = replace(WANTED, active=False, name="Chen", scope={"company": ("Huaxin Group",)})
    assert compare(replace(WANTED, active=False), live).accounts == ()


def test_unlocked_account_gets_everything() -> None:
    found = compare(WANTED, replace(WANTED, active=False, name="Chen", grants=()))
    assert kinds(found) == [("unlock", ""), ("update", "name"), ("grant", "Purchase")]


def test_attribute_that_is_not_declared_is_left_alone() -> None:
    live = replace(WANTED, email="old@huaxin.example", language="en")
    assert compare(WANTED, live).accounts == ()


def test_attributes_are_updated_with_before_and_after() -> None:
    found = compare(replace(WANTED, language="zh_CN"), replace(WANTED, name="Chen", language="en"))
    assert only(found).changes == (
        Change(ChangeKind.UPDATE, "name", "Chen", "陈静"),
        Change(ChangeKind.UPDATE, "language", "en", "zh_CN"),
    )


def test_grants_are_revoked_granted_and_retimed() -> None:
    end = date(2026, 12, 31)
    live = replace(WANTED, grants=(Grant("Purchase"), Grant("Sale")))
    wanted = replace(WANTED, grants=(Grant("Purchase", None, end), Grant("Stock")))
    assert only(compare(wanted, live)).changes == (
        Change(ChangeKind.REVOKE, "Sale", before=(Grant("Sale"),)),
        Change(ChangeKind.RETIME, "Purchase", (Grant("Purchase"),), (Grant("Purchase", None, end),)),
        Change(ChangeKind.GRANT, "Stock", after=(Grant("Stock"),)),
    )


def test_two_spans_of_one_entitlement_are_one_change() -> None:
    later = date(2027, 1, 1)
    spans = (Grant("Stock", None, date(2026, 12, 1)), Grant("Stock", later))
    found = compare(replace(WANTED, grants=(Grant("Purchase"), *spans)), WANTED)
    assert only(found).changes == (Change(ChangeKind.GRANT, "Stock", after=spans),)


def test_scope_is_changed_per_kind() -> None:
    wanted = replace(WANTED, scope={"company": ("Huaxin Group",)})
    found = compare(wanted, replace(WANTED, scope={"company": ("Huaxin Trading",)}))
    assert only(found).changes == (
        Change(ChangeKind.RESCOPE, "company", ("Huaxin Trading",), ("Huaxin Group",)),
    )


def test_all_is_written_out_as_what_exists() -> None:
    found = compare(replace(WANTED, scope={"company": (ALL,)}), WANTED)
    assert only(found).after.scope == {"company": ("Huaxin Group", "Huaxin Trading")}


def test_all_stays_one_value_where_the_erp_knows_it() -> None:
    knows_all = replace(CAN, unbounded=frozenset({"company"}))
    everything = replace(WANTED, scope={"company": (ALL,)})
    assert compare(everything, everything, can=knows_all) == Difference((), (), ())
    every_one = replace(WANTED, scope={"company": ("Huaxin Group", "Huaxin Trading")})
    assert only(compare(every_one, everything, can=knows_all)).after == every_one


def test_additive_scope_never_narrows_all() -> None:
    knows_all = replace(CAN, unbounded=frozenset({"company"}))
    everything = replace(WANTED, scope={"company": (ALL,)})
    named = replace(WANTED, scope={"company": ("Huaxin Group",)})
    assert only(compare(everything, named, ADDITIVE, can=knows_all)).after == everything
    assert compare(named, everything, ADDITIVE, can=knows_all).accounts == ()


def test_all_of_nothing_is_no_difference() -> None:
    wanted = replace(WANTED, scope={"company": (ALL,)})
    nothing = replace(CATALOGUE, scopes={"company": ()})
    found = difference(desire(wanted), snapshot(WANTED), catalogue=nothing)
    assert found == Difference((), (), ())


def test_kind_of_scope_that_the_erp_does_not_know_is_left_out() -> None:
    assert compare(replace(WANTED, scope={"warehouse": ("Main",)}), WANTED).accounts == ()


# --- dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "live",
    [
        Grant("Purchase", TODAY),
        Grant("Purchase", TODAY - timedelta(days=400)),
        Grant("Purchase", datetime(2026, 11, 20, 23, 59, tzinfo=UTC)),
    ],
)
def test_live_grant_that_has_begun_counts_as_open_at_its_beginning(live: Grant) -> None:
    assert compare(WANTED, replace(WANTED, grants=(live,))).accounts == ()


@pytest.mark.parametrize("end", [TODAY - timedelta(days=1), datetime(2026, 11, 19, 23, tzinfo=UTC)])
def test_live_grant_that_has_ended_counts_as_gone(end: date) -> None:
    ended = Grant("Stock", None, end)
    assert compare(WANTED, replace(WANTED, grants=(Grant("Purchase"), ended))).accounts == ()


def test_live_grant_on_its_last_day_still_counts() -> None:
    last = Grant("Stock", None, TODAY)
    assert kinds(compare(WANTED, replace(WANTED, grants=(Grant("Purchase"), last)))) == [("revoke", "Stock")]


def test_live_grant_that_begins_tomorrow_is_retimed() -> None:
    live = replace(WANTED, grants=(Grant("Purchase", TODAY + timedelta(days=1)),))
    assert kinds(compare(WANTED, live)) == [("retime", "Purchase")]


def test_dates_do_not_count_where_the_erp_keeps_none() -> None:
    live = replace(WANTED, grants=(Grant("Purchase", None, date(2030, 1, 1)),))
    assert compare(WANTED, live, can=Capabilities(validity=False)).accounts == ()


def test_fingerprint_is_that_of_the_account_as_it_was_read() -> None:
    live = replace(
        WANTED, name="Chen", grants=(Grant("Purchase", TODAY), Grant("Old", None, date(2020, 1, 1)))
    )
    assert only(compare(WANTED, live)).fingerprint == fingerprint(live)


# --- who is who -------------------------------------------------------------------------------------


def test_login_that_differs_only_in_case_is_the_same_and_kept() -> None:
    found = compare(WANTED, replace(WANTED, login="Chen.Jing", name="Chen"))
    assert kinds(found) == [("update", "name")]
    assert only(found).after.login == "Chen.Jing"


def test_account_under_an_earlier_login_is_renamed() -> None:
    old = replace(WANTED, login="chen.j")
    found = difference(desire(WANTED, earlier={"chen.jing": ("gone", "chen.j")}), snapshot(old))
    assert kinds(found) == [("update", "login")]
    assert found.unmanaged == ()


def test_where_the_erp_renames_nobody_the_account_keeps_its_login_and_people_are_told() -> None:
    old = replace(WANTED, login="chen.j", name="Chen")
    can = replace(CAN, renames=False)
    found = difference(desire(WANTED, earlier={"chen.jing": ("chen.j",)}), snapshot(old), can=can)
    assert only(found).after == replace(WANTED, login="chen.j")
    (held,) = found.held
    assert held.changes == (Change(ChangeKind.UPDATE, "login", "chen.j", "chen.jing"),)
    assert held.why.endswith("rename the account in the ERP by hand")


def test_account_under_an_earlier_login_is_left_where_the_new_one_exists() -> None:
    old = replace(WANTED, login="chen.j")
    found = difference(desire(WANTED, earlier={"chen.jing": ("chen.j",)}), snapshot(WANTED, old))
    assert found.accounts == ()
    assert found.unmanaged == (old,)


def test_earlier_login_that_somebody_else_has_now_is_not_taken() -> None:
    other = replace(WANTED, login="chen.j", name="陈娟")
    found = difference(desire(WANTED, other, earlier={"chen.jing": ("chen.j",)}), snapshot(other))
    assert [(change.login, change.before) for change in found.accounts] == [("chen.jing", None)]


def test_unmanaged_accounts_are_those_neither_declared_nor_ignored_nor_protected() -> None:
    names = ["admin", "legacy-7", "nobody", "Stranger", "chen.jing"]
    live = snapshot(*(replace(WANTED, login=name) for name in names))
    target = make_target(protected=["Admin"], ignore=["LEGACY-*"])
    found = difference(desire(WANTED), live, target=target)
    assert [account.login for account in found.unmanaged] == ["nobody", "Stranger"]


# --- protection and modes ---------------------------------------------------------------------------


def test_protected_account_is_held_back_with_the_reason() -> None:
    live = snapshot(replace(WANTED, grants=()), protected={"chen.jing": "an administrator of the ERP"})
    found = difference(desire(WANTED), live)
    assert found.accounts == ()
    assert [(held.why, len(held.changes)) for held in found.held] == [("an administrator of the ERP", 1)]


def test_protection_of_the_earlier_login_counts() -> None:
    live = snapshot(replace(WANTED, login="chen.j"))
    desired = desire(WANTED, earlier={"chen.jing": ("chen.j",)})
    found = difference(desired, live, target=make_target(protected=["chen.j"]))
    assert found.accounts == ()
    assert found.held[0].why == "protected by the target's settings"


def test_protected_login_is_not_created() -> None:
    found = difference(desire(WANTED), snapshot(), target=make_target(protected=["chen.*"]))
    assert found.accounts == ()
    assert [change.kind for change in found.held[0].changes] == [ChangeKind.CREATE, ChangeKind.GRANT]


def test_observed_account_is_not_created_and_all_of_it_waits() -> None:
    manage = replace(ENFORCE, accounts=Mode.OBSERVE)
    found = compare(replace(WANTED, scope={"company": ("Huaxin Group",)}), None, manage)
    assert found.accounts == ()
    (held,) = found.held
    assert held.why == "accounts are managed as observe"
    assert len(held.changes) == 3


def test_additive_creates_unlocks_and_adds() -> None:
    live = replace(WANTED, active=False, name="", grants=(Grant("Sale"),), scope={"company": ("A",)})
    wanted = replace(WANTED, email="chen.jing@huaxin.example", scope={"company": ("B",)})
    after = only(compare(wanted, live, ADDITIVE)).after
    assert after == replace(wanted, scope={"company": ("A", "B")}, grants=(Grant("Purchase"), Grant("Sale")))


def test_additive_neither_locks_nor_revokes_and_says_so() -> None:
    found = compare(replace(WANTED, active=False, grants=()), WANTED, ADDITIVE)
    assert found.accounts == ()
    assert {held.why: [change.kind for change in held.changes] for held in found.held} == {
        "accounts are managed as additive": [ChangeKind.LOCK],
        "entitlements are managed as additive": [ChangeKind.REVOKE],
    }


def test_observe_holds_every_kind_back_by_its_own_name() -> None:
    live = Account("chen.jing", "Chen", active=True, scope={"company": ("A",)}, grants=(Grant("Sale"),))
    found = compare(replace(WANTED, scope={"company": ("B",)}), live, OBSERVE)
    assert {held.why for held in found.held} == {
        "attributes are managed as observe",
        "entitlements are managed as observe",
        "scope are managed as observe",
    }


def test_attributes_of_an_account_that_stays_locked_wait_for_the_account() -> None:
    manage = replace(ENFORCE, accounts=Mode.OBSERVE)
    found = compare(WANTED, replace(WANTED, active=False, name="Chen"), manage)
    assert found.accounts == ()
    assert [(held.why, len(held.changes)) for held in found.held] == [("accounts are managed as observe", 2)]


def test_fixed_entitlement_is_neither_given_nor_taken() -> None:
    fixed = replace(CATALOGUE, fixed={"Sale": "comes from the ERP itself", "Root": "the ERP's own"})
    live = replace(WANTED, grants=(Grant("Purchase"), Grant("Sale")))
    wanted = replace(WANTED, grants=(Grant("Purchase"), Grant("Root")))
    found = difference(desire(wanted), snapshot(live), catalogue=fixed)
    assert found.accounts == ()
    assert {held.why: held.changes[0].kind for held in found.held} == {
        "comes from the ERP itself": ChangeKind.REVOKE,
        "the ERP's own": ChangeKind.GRANT,
    }


# --- order ------------------------------------------------------------------------------------------


def test_accounts_are_locked_first_then_those_that_only_lose_then_the_rest() -> None:
    def named(login: str, **changes: object) -> Account:
        return replace(WANTED, login=login, **changes)  # type: ignore[arg-type]

    live = snapshot(
        named("a.gains", grants=()),
        named("b.loses", grants=(Grant("Purchase"), Grant("Sale"))),
        named("c.leaves"),
        named("d.both", grants=(Grant("Sale"),)),
    )
    wanted = desire(
        named("a.gains"), named("b.loses"), named("c.leaves", active=False, grants=()), named("d.both")
    )
    found = difference(wanted, live)
    assert [change.login for change in found.accounts] == ["c.leaves", "b.loses", "a.gains", "d.both"]


@pytest.mark.parametrize(
    "less",
    [
        {"grants": (), "email": "new@huaxin.example"},
        {"scope": {"company": ("Huaxin Group",)}},
        {"grants": (Grant("Purchase", None, date(2027, 1, 1)),)},
    ],
    ids=["an entitlement, with a new address", "a company", "some days"],
)
def test_whoever_loses_anything_and_gains_nothing_comes_before_whoever_gains(less: dict[str, Any]) -> None:
    both = {"company": ("Huaxin Group", "Huaxin Trading")}
    loses = replace(WANTED, login="b.loses", scope=both)
    gains = replace(WANTED, login="a.gains", grants=())
    wanted = desire(replace(WANTED, login="a.gains"), replace(loses, **less))
    found = difference(wanted, snapshot(gains, loses))
    assert [change.login for change in found.accounts] == ["b.loses", "a.gains"]


def test_whoever_only_gets_another_name_waits_with_the_rest() -> None:
    named = replace(WANTED, login="b.named", name="王芳")
    gains = replace(WANTED, login="c.gains", grants=())
    loses = replace(WANTED, login="d.loses", grants=(Grant("Purchase"), Grant("Sale")))
    wanted = desire(
        replace(named, name="陈静"), replace(WANTED, login="c.gains"), replace(WANTED, login="d.loses")
    )
    found = difference(wanted, snapshot(named, gains, loses))
    assert [change.login for change in found.accounts] == ["d.loses", "b.named", "c.gains"]


def test_within_an_account_what_is_taken_stands_before_what_is_given() -> None:
    grants = (Grant("Sale"), Grant("Stock"))
    live = Account("chen.jing", "Chen", active=False, scope={"company": ("A",)}, grants=grants)
    wanted = replace(
        WANTED, scope={"company": ("B",)}, grants=(Grant("Purchase"), Grant("Stock", None, date(2030, 1, 1)))
    )
    shown = [change.kind.value for change in only(compare(wanted, live)).changes]
    assert shown == ["revoke", "unlock", "rescope", "update", "grant", "retime"]


def test_unlock_and_create_of_a_kind_without_mode_stay_with_accounts() -> None:
    found = compare(WANTED, replace(WANTED, active=False), OBSERVE)
    assert [(held.why, held.changes[0].kind) for held in found.held] == [
        ("accounts are managed as observe", ChangeKind.UNLOCK)
    ]


def test_what_the_target_does_not_tell_of_an_account_is_not_compared() -> None:
    names_only = Capabilities(validity=False, attributes=frozenset({"name"}))
    wanted = Account("chen.jing", "陈静", "chen.jing@huaxin.example", "zh_CN")
    assert difference(desire(wanted), snapshot(Account("chen.jing", "陈静")), can=names_only).accounts == ()
    (created,) = difference(desire(wanted), snapshot(), can=names_only).accounts
    assert created.after == Account("chen.jing", "陈静")
