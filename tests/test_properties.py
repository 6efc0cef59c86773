"""What must hold for every declared state, every live state, every setting and every day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from hypothesis import example, given, settings
from hypothesis import strategies as st

from erpsync.diff import settle
from erpsync.model import (
    ALL,
    Account,
    AccountChange,
    Catalogue,
    ChangeKind,
    Grant,
    Manage,
    Mode,
    Snapshot,
    Status,
    User,
    fold,
)
from erpsync.plan import dump
from erpsync.protection import protection
from erpsync.render import markdown, text
from erpsync.summary import gives, takes
from tests.builders import (
    ADDITIVE,
    CAN,
    ENFORCE,
    ERP,
    OBSERVE,
    Case,
    assign,
    declare,
    role,
    snapshot,
    user,
)
from tests.strategies import ALL_MANAGES, COMPANIES, ENTITLEMENTS, cases

T = TypeVar("T")

more_examples = settings(max_examples=100)
"""For what everything else stands on."""

BUYER = role("buyer", "Purchase")
MEMBER = Case(
    declare(users=[user(assignments=[assign("buyer")], scope={"company": (ALL,)})], roles=[BUYER]),
    snapshot(Account("chen.jing", name="陈静", grants=(Grant("Stock"),))),
    Catalogue(frozenset(ENTITLEMENTS), {"company": COMPANIES}),
    CAN,
)
NO_COMPANY_YET = replace(MEMBER, catalogue=Catalogue(frozenset(ENTITLEMENTS), {"company": ()}))


def unprotected(case: Case) -> Case:
    target = replace(case.target, protected=())
    return replace(
        case,
        access=replace(case.access, targets={ERP: target}),
        live=replace(case.live, protected={}),
        catalogue=replace(case.catalogue, fixed={}),
    )


def matching(case: Case, key: str) -> Account | None:
    """The live account of a user, looked for in the plainest way."""
    person = case.access.users[key]
    if fold(person.login(ERP)) in case.live.accounts:
        return case.live.accounts[fold(person.login(ERP))]
    claimed = {fold(other.login(ERP)) for other in case.access.users.values()}
    for login in (person.key, *person.previously):
        if fold(login) in case.live.accounts and fold(login) not in claimed:
            return case.live.accounts[fold(login)]
    return None


# --- the plan reaches what is declared --------------------------------------------------------------


@more_examples
@given(cases(st.just(ENFORCE)))
@example(NO_COMPANY_YET)
def test_applying_the_plan_reaches_the_declared_state(case: Case) -> None:
    after = unprotected(case).applied()
    for key, person in after.access.users.items():
        wanted, account = after.resolver.account(person), matching(after, key)
        if account is None:
            assert not wanted.active
            continue
        account = settle(account, after.as_of, after.capabilities)
        assert account.active == wanted.active
        assert account.grants == wanted.grants
        if wanted.active:
            assert fold(account.login) == fold(wanted.login)
            assert account.name == wanted.name
            assert account.email == (wanted.email or account.email)
            assert account.language == (wanted.language or account.language)
            assert account.scope == declared_scope(after, wanted)


def declared_scope(case: Case, wanted: Account) -> dict[str, tuple[str, ...]]:
    kinds = case.capabilities.scopes & wanted.scope.keys()
    scope = {
        kind: case.catalogue.scopes[kind] if wanted.scope[kind] == (ALL,) else wanted.scope[kind]
        for kind in kinds
    }
    return {kind: values for kind, values in scope.items() if values}


@more_examples
@given(cases(), st.sampled_from(ALL_MANAGES))
@example(NO_COMPANY_YET, ENFORCE)
def test_second_plan_is_empty_under_every_combination_of_modes(case: Case, manage: Manage) -> None:
    case = case.with_manage(manage)
    first, second = case.diff(), case.applied().diff()
    assert second.accounts == ()
    assert [item.changes for item in second.held] == [item.changes for item in first.held]


@given(cases(st.just(ENFORCE)))
def test_nothing_is_held_back_when_all_is_enforced_and_nothing_protected(case: Case) -> None:
    assert unprotected(case).diff().held == ()


@given(cases())
def test_every_account_that_changes_has_changes_that_differ(case: Case) -> None:
    difference = case.diff()
    for changes in [item.changes for item in difference.accounts] + [
        item.changes for item in difference.held
    ]:
        assert changes
        for change in changes:
            assert change.kind in (ChangeKind.LOCK, ChangeKind.UNLOCK) or change.before != change.after


@given(cases())
def test_plan_names_every_account_once(case: Case) -> None:
    plan = case.diff()
    assert len({change.login for change in plan.accounts}) == len(plan.accounts)
    befores = [fold(change.before.login) for change in plan.accounts if change.before]
    assert len(set(befores)) == len(befores)


# --- order never matters ----------------------------------------------------------------------------


def shuffled(mapping: Mapping[str, T], data: st.DataObject) -> dict[str, T]:
    return dict(data.draw(st.permutations(list(mapping.items()))))


def shuffled_user(person: User, data: st.DataObject) -> User:
    return replace(person, assignments=tuple(data.draw(st.permutations(person.assignments))))


@given(cases(), st.data())
def test_order_of_everything_declared_and_live_never_matters(case: Case, data: st.DataObject) -> None:
    access = replace(
        case.access,
        users={key: shuffled_user(item, data) for key, item in shuffled(case.access.users, data).items()},
        roles=shuffled(case.access.roles, data),
        positions=shuffled(case.access.positions, data),
        birthright=shuffled(case.access.birthright, data),
    )
    live = replace(case.live, accounts=shuffled(case.live.accounts, data))
    assert replace(case, access=access, live=live).diff() == case.diff()


@given(cases(), st.data())
def test_order_of_users_and_accounts_does_not_change_a_byte_of_the_plan(
    case: Case, data: st.DataObject
) -> None:
    access = replace(case.access, users=shuffled(case.access.users, data))
    live = replace(case.live, accounts=shuffled(case.live.accounts, data))
    assert dump(replace(case, access=access, live=live).plan()) == dump(case.plan())


# --- what may never be touched ----------------------------------------------------------------------


def touched(change: AccountChange) -> set[str]:
    return {fold(change.after.login)} | ({fold(change.before.login)} if change.before else set())


@more_examples
@given(cases())
def test_protected_accounts_are_never_touched(case: Case) -> None:
    for change in case.diff().accounts:
        for login in touched(change):
            assert login not in case.live.protected
            assert protection(login, case.target, case.live) is None


@given(cases())
def test_accounts_of_nobody_declared_are_never_touched(case: Case) -> None:
    ours = {fold(name) for person in case.access.users.values() for name in names(person)}
    after = case.applied().live.accounts
    for login, account in case.live.accounts.items():
        if login not in ours:
            assert after[login] == account


def names(person: User) -> tuple[str, ...]:
    return (person.login(ERP), person.key, *person.previously)


@given(cases())
def test_every_live_account_is_matched_or_unmanaged_or_known_by_pattern(case: Case) -> None:
    unmanaged = {fold(account.login) for account in case.diff().unmanaged}
    matched = {fold(found.login) for key in case.access.users if (found := matching(case, key))}
    assert not unmanaged & matched
    for login in case.live.accounts.keys() - unmanaged - matched:
        assert protection(login, case.target, Snapshot({})) is not None


# --- modes ------------------------------------------------------------------------------------------


@given(cases(st.just(OBSERVE)))
def test_observe_changes_nothing(case: Case) -> None:
    assert case.diff().accounts == ()


@given(cases(st.just(OBSERVE)))
def test_observe_reports_what_enforce_would_change(case: Case) -> None:
    case = unprotected(case)
    observed = {item.user for item in case.diff().held}
    assert observed == {item.user for item in case.with_manage(ENFORCE).diff().accounts}


@more_examples
@given(cases(st.just(ADDITIVE)))
def test_additive_never_takes_anything_away(case: Case) -> None:
    for change in case.diff().accounts:
        assert not any(takes(item) for item in change.changes)
        before, after = change.before, change.after
        if before is not None:
            assert after.active >= before.active
            assert set(before.grants) <= set(after.grants)
            for kind, values in before.scope.items():
                assert set(values) <= set(after.scope[kind])
            assert (before.name or after.name, before.email or after.email) == (after.name, after.email)


@given(cases())
def test_only_kinds_that_are_managed_change(case: Case) -> None:
    manage = case.target.manage
    for change in case.diff().accounts:
        before = change.before
        if manage.accounts is Mode.OBSERVE:
            assert before is not None
            assert change.after.active == before.active
        if manage.entitlements is Mode.OBSERVE:
            assert change.after.grants == (before.grants if before else ())
        if manage.scope is Mode.OBSERVE:
            assert change.after.scope == (before.scope if before else {})
        if manage.attributes is Mode.OBSERVE and before:
            assert replace(before, active=True, scope={}, grants=()) == replace(
                change.after, active=True, scope={}, grants=()
            )


@given(cases())
def test_nothing_is_held_back_by_a_mode_that_would_let_it_pass(case: Case) -> None:
    assert not any(item.why.endswith("as enforce") for item in case.diff().held)


@given(cases())
def test_fixed_entitlements_are_neither_given_nor_taken(case: Case) -> None:
    for change in case.diff().accounts:
        for item in change.changes:
            if item.kind in (ChangeKind.GRANT, ChangeKind.REVOKE, ChangeKind.RETIME):
                assert item.subject not in case.catalogue.fixed


@given(cases(st.just(ENFORCE)))
def test_who_has_left_or_is_past_the_last_day_ends_locked_and_without_grants(case: Case) -> None:
    after = unprotected(case).applied()
    for key, person in after.access.users.items():
        if person.status is Status.LEFT or (person.valid_to is not None and person.valid_to < after.as_of):
            account = matching(after, key)
            if account is not None:
                account = settle(account, after.as_of, after.capabilities)
                assert (account.active, account.grants) == (False, ())


@given(cases())
def test_accounts_are_locked_first_and_those_that_only_lose_come_next(case: Case) -> None:
    ranks = [
        0
        if change.has(ChangeKind.LOCK)
        else 1
        if {item.kind for item in change.changes} == {ChangeKind.REVOKE}
        else 2
        for change in case.diff().accounts
    ]
    assert ranks == sorted(ranks)


@given(cases())
def test_within_an_account_revoke_and_rescope_come_before_grant(case: Case) -> None:
    first, last = {ChangeKind.LOCK, ChangeKind.REVOKE}, {ChangeKind.GRANT, ChangeKind.RETIME}
    for change in case.diff().accounts:
        ranks = [0 if item.kind in first else 2 if item.kind in last else 1 for item in change.changes]
        assert ranks == sorted(ranks)


@given(cases())
def test_every_change_of_a_plan_has_a_reason(case: Case) -> None:
    plan = case.target_plan()
    for changes in [item.changes for item in plan.accounts] + [item.changes for item in plan.held]:
        for change in changes:
            assert change.reasons
            assert all(reason.text for reason in change.reasons)


@given(cases())
def test_who_gains_or_loses_is_told_by_the_changes(case: Case) -> None:
    for change in case.diff().accounts:
        before = set(change.before.grants) if change.before else set()
        if set(change.after.grants) > before:
            assert any(gives(item) for item in change.changes)
        if set(change.after.grants) < before:
            assert any(takes(item) for item in change.changes)


@given(cases())
def test_plans_can_always_be_shown(case: Case) -> None:
    plan = case.plan()
    for render in (text.render_plan, text.render_drift, markdown.render_plan, markdown.render_drift):
        assert str(case.as_of) in render(plan)
    assert plan.drift >= (not plan.empty)
