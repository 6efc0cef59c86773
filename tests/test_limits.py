"""How much one plan may change: what each limit counts, where it ends, and what a waiver lets through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from erpsync.limits import Excess, check_limits, counts
from erpsync.model import (
    Account,
    AccountChange,
    Catalogue,
    Change,
    ChangeKind,
    Grant,
    Limit,
    LimitKind,
    Risk,
    Value,
    Waiver,
)
from tests.builders import AT, CAN, ERP, TODAY, Case, assign, declare, make_target, role, snapshot, user
from tests.strategies import USERS, cases

LIVE = Account("chen.jing")


def account(user: str, *kinds: ChangeKind, risk: Risk = Risk.LOW) -> AccountChange:
    """An account in which these changes happen."""
    changes = tuple(Change(kind, "x", risk=risk) for kind in kinds)
    return AccountChange(user, user, LIVE, LIVE, "", changes)


def locks(number: int) -> list[AccountChange]:
    """So many accounts that are locked."""
    return [account(f"user.{index}", ChangeKind.LOCK) for index in range(number)]


def over(
    changes: list[AccountChange], population: int, limit: Limit, *waivers: Waiver, day: date = TODAY
) -> list[Excess]:
    """What goes over the limit on locks."""
    return list(check_limits(changes, population, {LimitKind.LOCK: limit}, waivers, day))


def waiver(*users: str, limits: tuple[LimitKind, ...] = (LimitKind.LOCK,), until: date = TODAY) -> Waiver:
    """A waiver for these users."""
    return Waiver("plant-closes", "closed", "wu.lan", frozenset(limits), frozenset(users), until, AT)


# --- where a limit ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "refused"), [(2, False), (3, False), (4, True)])
def test_exactly_at_the_count_passes_and_one_over_refuses(number: int, refused: bool) -> None:
    assert bool(over(locks(number), 1000, Limit(count=3))) is refused


@given(population=st.integers(1, 500), percent=st.integers(0, 100))
@example(population=100, percent=29)  # 0.29 * 100 is less than 29 in floating point
@example(population=100, percent=57)
def test_exactly_at_the_share_passes_and_one_over_refuses(population: int, percent: int) -> None:
    allowed = population * percent // 100
    limit = Limit(share=percent / 100)
    assert over(locks(allowed), population, limit) == []
    assert over(locks(allowed + 1), population, limit) != []


@pytest.mark.parametrize(
    ("number", "population", "refused"), [(2, 100, False), (3, 100, True), (2, 10, True)]
)
def test_of_count_and_share_the_narrower_one_decides(number: int, population: int, refused: bool) -> None:
    assert bool(over(locks(number), population, Limit(count=2, share=0.1))) is refused


def test_small_targets_are_not_exempt() -> None:
    assert over(locks(1), 2, Limit(share=0.49)) == [Excess(LimitKind.LOCK, 1, 0, 2, Limit(share=0.49))]
    assert over(locks(1), 2, Limit(share=0.5)) == []


def test_of_an_empty_target_no_share_can_be_created() -> None:
    created = [account("chen.jing", ChangeKind.CREATE)]
    assert list(check_limits(created, 0, {LimitKind.CREATE: Limit(share=1.0)}, (), TODAY)) != []


def test_a_limit_of_none_refuses_the_first_account() -> None:
    assert over([], 10, Limit(count=0)) == []
    assert over(locks(1), 10, Limit(count=0)) != []


def test_without_a_limit_everything_passes() -> None:
    assert list(check_limits(locks(50), 50, {}, (), TODAY)) == []


def test_one_user_counts_once() -> None:
    assert over([account("a", ChangeKind.LOCK), account("a", ChangeKind.LOCK)], 10, Limit(count=1)) == []


def test_each_limit_that_is_passed_is_told() -> None:
    limits = {kind: Limit(count=0) for kind in LimitKind}
    changes = [account("a", ChangeKind.LOCK, ChangeKind.REVOKE, risk=Risk.CRITICAL)]
    told = [excess.kind for excess in check_limits(changes, 10, limits, (), TODAY)]
    assert told == [LimitKind.LOCK, LimitKind.CRITICAL]


# --- what counts --------------------------------------------------------------------------------------

KINDS = {
    ChangeKind.CREATE: {LimitKind.CREATE},
    ChangeKind.LOCK: {LimitKind.LOCK},
    ChangeKind.REVOKE: {LimitKind.REVOKE},
    ChangeKind.UPDATE: set[LimitKind](),
    ChangeKind.RETIME: set[LimitKind](),
    ChangeKind.RESCOPE: set[LimitKind](),
    ChangeKind.GRANT: set[LimitKind](),
    ChangeKind.UNLOCK: set[LimitKind](),
}


@pytest.mark.parametrize("kind", ChangeKind)
def test_each_kind_of_change_counts_towards_its_own_limit_only(kind: ChangeKind) -> None:
    assert {limit for limit in LimitKind if counts(account("a", kind), limit)} == KINDS[kind]


TRADING, BOTH = ("Huaxin Trading",), ("Huaxin Castings", "Huaxin Trading")
SOON, LATER = (Grant("x", None, TODAY),), (Grant("x", None, TODAY + timedelta(days=9)),)


@pytest.mark.parametrize(
    ("kind", "before", "after", "loses"),
    [
        (ChangeKind.RESCOPE, BOTH, TRADING, True),
        (ChangeKind.RESCOPE, TRADING, BOTH, False),
        (ChangeKind.RETIME, LATER, SOON, True),
        (ChangeKind.RETIME, SOON, LATER, False),
    ],
)
def test_whatever_takes_something_away_counts_as_revoked(
    kind: ChangeKind, before: Value, after: Value, loses: bool
) -> None:
    change = AccountChange("a", "a", LIVE, LIVE, "", (Change(kind, "x", before, after),))
    assert counts(change, LimitKind.REVOKE) is loses


def test_who_is_locked_does_not_count_as_revoked_too() -> None:
    assert not counts(account("a", ChangeKind.LOCK, ChangeKind.REVOKE), LimitKind.REVOKE)


@pytest.mark.parametrize("risk", Risk)
def test_a_grant_counts_by_its_risk(risk: Risk) -> None:
    high = risk in (Risk.HIGH, Risk.CRITICAL)
    assert counts(account("a", ChangeKind.GRANT, risk=risk), LimitKind.GRANT_HIGH) is high


@pytest.mark.parametrize("kind", [ChangeKind.REVOKE, ChangeKind.LOCK])
def test_losing_something_of_high_risk_is_no_high_grant(kind: ChangeKind) -> None:
    assert not counts(account("a", kind, risk=Risk.CRITICAL), LimitKind.GRANT_HIGH)


@pytest.mark.parametrize("kind", ChangeKind)
@pytest.mark.parametrize("risk", Risk)
def test_whatever_changes_of_critical_risk_counts_as_critical(kind: ChangeKind, risk: Risk) -> None:
    assert counts(account("a", kind, risk=risk), LimitKind.CRITICAL) is (risk is Risk.CRITICAL)


# --- waivers ------------------------------------------------------------------------------------------


def test_waived_users_do_not_count_and_only_those() -> None:
    changes = locks(3)
    assert over(changes, 10, Limit(count=1), waiver("user.0", "user.1")) == []
    (excess,) = over(changes, 10, Limit(count=1), waiver("user.0"))
    assert (excess.count, excess.waived) == (2, 1)


def test_a_waiver_for_users_who_do_not_change_lets_nobody_else_through() -> None:
    (excess,) = over(locks(2), 10, Limit(count=1), waiver("he.qi", "lin.tao"))
    assert (excess.count, excess.waived) == (2, 0)


@pytest.mark.parametrize(("days", "refused"), [(-1, True), (0, False), (1, False)])
def test_a_waiver_holds_through_its_last_day(days: int, refused: bool) -> None:
    until = TODAY + timedelta(days=days)
    assert bool(over(locks(1), 10, Limit(count=0), waiver("user.0", until=until))) is refused


def test_a_waiver_is_for_the_limits_it_names_only() -> None:
    others = tuple(kind for kind in LimitKind if kind is not LimitKind.LOCK)
    assert over(locks(1), 10, Limit(count=0), waiver("user.0", limits=others)) != []
    assert over(locks(1), 10, Limit(count=0), waiver("user.0", limits=(*others, LimitKind.LOCK))) == []


def test_waivers_add_up() -> None:
    assert over(locks(2), 10, Limit(count=0), waiver("user.0"), waiver("user.1")) == []


# --- for every plan -----------------------------------------------------------------------------------

limits_strategy = st.dictionaries(
    st.sampled_from(LimitKind),
    st.builds(Limit, count=st.integers(0, 2), share=st.none() | st.sampled_from([0.0, 0.1, 0.5])),
)
waivers = st.lists(
    st.builds(
        waiver,
        st.sampled_from(USERS),
        limits=st.lists(st.sampled_from(LimitKind), min_size=1).map(tuple),
        until=st.integers(-6, 6).map(lambda days: TODAY + timedelta(days=days)),
    ),
    max_size=3,
)


@given(cases(), limits_strategy, waivers, st.data())
def test_one_more_waiver_or_one_change_less_never_adds_an_excess(
    case: Case, limits: dict[LimitKind, Limit], some: list[Waiver], data: st.DataObject
) -> None:
    changes = case.target_plan().accounts
    population = len(case.live.accounts)

    def exceeded(changes: tuple[AccountChange, ...], waivers: list[Waiver]) -> set[LimitKind]:
        return {item.kind for item in check_limits(changes, population, limits, waivers, case.as_of)}

    before = exceeded(changes, some)
    assert exceeded(changes, [*some, *data.draw(waivers)]) <= before
    left = tuple(change for change in changes if data.draw(st.booleans()))
    assert exceeded(left, some) <= before


# --- in words, and in a plan --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("excess", "words"),
    [
        (
            Excess(LimitKind.LOCK, 4, 0, 20, Limit(count=3)),
            "4 of 20 accounts would be locked; the limit `lock` is 3",
        ),
        (
            Excess(LimitKind.CREATE, 4, 2, 20, Limit(share=0.1)),
            "4 of 20 accounts would be created (2 more are waived); the limit `create` is 10%",
        ),
        (
            Excess(LimitKind.GRANT_HIGH, 4, 0, 20, Limit(3, 0.125)),
            (
                "4 of 20 accounts would gain an entitlement of high or critical risk; "
                "the limit `grant_high` is 3 or 12.5%"
            ),
        ),
    ],
)
def test_an_excess_tells_its_figures(excess: Excess, words: str) -> None:
    assert str(excess) == words


@pytest.mark.parametrize("kind", LimitKind)
def test_every_kind_of_limit_has_words(kind: LimitKind) -> None:
    assert f"the limit `{kind}` is 1" in str(Excess(kind, 2, 0, 9, Limit(count=1)))


@pytest.mark.parametrize("percent", ["0.25%", "0.05%", "12.75%"])
def test_a_share_is_told_as_it_was_written(percent: str) -> None:
    assert str(Limit(share=float(percent.removesuffix("%")) / 100)) == percent


def locking_case(waived: tuple[Waiver, ...] = ()) -> Case:
    """Two users who end locked, of four accounts, where one lock is allowed."""
    access = declare(
        users=[user("chen.jing"), user("lin.tao"), user("wu.lan", assignments=[assign("buyer")])],
        roles=[role("buyer", "Purchase")],
        target=replace(make_target(), limits={LimitKind.LOCK: Limit(count=1)}),
    )
    live = snapshot(*(Account(login, "陈静") for login in ("chen.jing", "lin.tao", "wu.lan", "admin")))
    access = replace(access, waivers={item.key: item for item in waived})
    return Case(access, live, Catalogue(frozenset({"Purchase"})), CAN)


def test_a_plan_has_the_limits_it_goes_over_and_the_population() -> None:
    plan = locking_case().target_plan()
    assert plan.population == 4
    assert plan.excess == ("2 of 4 accounts would be locked; the limit `lock` is 1",)
    assert locking_case().plan().excess == (f"{ERP}: {plan.excess[0]}",)


def test_a_plan_whose_users_are_waived_goes_over_nothing() -> None:
    assert locking_case((waiver("lin.tao"),)).target_plan().excess == ()
    assert locking_case((waiver("wu.lan"),)).target_plan().excess != ()
