"""The plan document: bound to what it was made from, and refused when it is not what was made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from erpsync.codec import digest
from erpsync.diff import compare
from erpsync.errors import ExitCode, RefusedError, StaleError
from erpsync.gaps import Gap, GapKind, Instead
from erpsync.model import (
    LIFETIME,
    Account,
    AccountChange,
    Change,
    ChangeKind,
    Grant,
    HeldBack,
    Location,
    Reason,
    Risk,
    Way,
)
from erpsync.plan import FORMAT, Plan, TargetPlan, Unread, dump, load, make_plan, verify
from erpsync.schema import load_schema
from tests.builders import DIGEST, NOW, TODAY, Case
from tests.strategies import cases

LIVE = Account("chen.jing", "陈静", scope={"company": ("A",)}, grants=(Grant("Sale"), Grant("Stock")))
AFTER = Account(
    "chen.jing",
    "陈静静",
    email="chen.jing@huaxin.example",
    scope={"company": ("B",)},
    grants=(Grant("Purchase"), Grant("Stock", None, date(2026, 12, 31))),
)


APPROVALS = ("key_user:materials", "oversight")


def account_change(before: Account | None = LIVE, after: Account = AFTER) -> AccountChange:
    place = Location("access/a:b.yaml", 3, 5)
    reason = Reason("assignment", place, "buyer", "REQ-2026-0417", Way.ASSIGNMENT)
    changes = tuple(
        replace(item, risk=Risk.HIGH, reasons=(reason, Reason("text")), approvals=APPROVALS)
        for item in compare(before, after)
    )
    return AccountChange(after.login, after.login, before, after, "sha256:1", changes)


def made(*accounts: AccountChange, drift: bool = False, unmanaged: tuple[Account, ...] = ()) -> Plan:
    held = (HeldBack("lin.tao", "lin.tao", "protected", (Change(ChangeKind.LOCK),)),) if drift else ()
    target = TargetPlan("erp", "tryton", "instance-1", accounts, held, unmanaged, unmanaged_is_drift=False)
    return make_plan([target], as_of=TODAY, now=NOW, access_digest=DIGEST, commit="c0ffee")


# --- made and verified ------------------------------------------------------------------------------


def test_plan_is_made_in_utc_to_the_second_and_expires() -> None:
    local = datetime(2026, 11, 20, 16, 30, 5, 999, tzinfo=timezone(timedelta(hours=8)))
    plan = make_plan([], as_of=TODAY, now=local, access_digest=DIGEST, commit=None)
    assert plan.created == datetime(2026, 11, 20, 8, 30, 5, tzinfo=UTC)
    assert plan.created.utcoffset() == timedelta(0)
    assert plan.expires - plan.created == LIFETIME


def test_plan_that_still_fits_is_verified() -> None:
    verify(made(), access_digest=DIGEST, today=TODAY, now=NOW + LIFETIME)


@pytest.mark.parametrize(
    ("now", "today", "access_digest", "says"),
    [
        (NOW, TODAY, "sha256:other", "the access files are not those"),
        (NOW, TODAY + timedelta(days=1), DIGEST, "the plan is for 2026-11-20, today is 2026-11-21"),
        (NOW + LIFETIME + timedelta(seconds=1), TODAY, DIGEST, "the plan expired at"),
    ],
)
def test_plan_that_no_longer_fits_is_stale(now: datetime, today: date, access_digest: str, says: str) -> None:
    with pytest.raises(StaleError, match=says) as raised:
        verify(made(), access_digest=access_digest, today=today, now=now)
    assert raised.value.exit_code is ExitCode.STALE
    assert raised.value.hint


def test_plan_without_accounts_is_empty_and_without_differences_no_drift() -> None:
    assert (made().empty, made().drift) == (True, False)
    assert (made(account_change()).empty, made(account_change()).drift) == (False, True)


def test_what_is_held_back_is_drift_but_nothing_to_do() -> None:
    assert (made(drift=True).empty, made(drift=True).drift) == (True, True)


@pytest.mark.parametrize("counts", [True, False])
def test_unmanaged_accounts_are_drift_if_the_settings_say_so(counts: bool) -> None:
    plan = made(unmanaged=(LIVE,))
    targets = tuple(replace(target, unmanaged_is_drift=counts) for target in plan.targets)
    assert replace(plan, targets=targets).drift is counts


# --- saved and loaded -------------------------------------------------------------------------------


def test_plan_with_every_kind_of_change_survives_dump_and_load() -> None:
    create, lock = account_change(None), account_change(LIVE, replace(LIVE, active=False, grants=()))
    unlock = account_change(replace(LIVE, active=False), LIVE)
    plan = made(account_change(), create, lock, unlock, drift=True, unmanaged=(LIVE,))
    assert {item.kind for change in plan.targets[0].accounts for item in change.changes} == set(ChangeKind)
    assert load(dump(plan)) == plan


def test_targets_that_could_not_be_read_survive_dump_and_load_and_are_told_in_their_place() -> None:
    plan = replace(made(), unread=(Unread("aaa", "it is gone", "wait"), Unread("zzz", "no")))
    assert load(dump(plan)) == plan
    assert [item.target for item in plan.told] == ["aaa", *(target.target for target in plan.targets), "zzz"]
    jsonschema_rs.Draft202012Validator(load_schema("plan")).validate(json.loads(dump(plan)))
    assert "unread" not in json.loads(dump(replace(plan, unread=())))


def test_what_a_target_cannot_do_survives_dump_and_load() -> None:
    plan = made()
    gaps = (Gap(GapKind.SCOPE, Instead.NOBODY, 2, "warehouse"), Gap(GapKind.WRITING, Instead.PEOPLE, 1))
    plan = replace(plan, targets=(replace(plan.targets[0], gaps=gaps),))
    assert load(dump(plan)) == plan
    jsonschema_rs.Draft202012Validator(load_schema("plan")).validate(json.loads(dump(plan)))


def test_dump_is_the_same_every_time_and_readable() -> None:
    text = dump(made(account_change()))
    assert text == dump(made(account_change()))
    assert text.endswith("}\n")
    assert "陈静" in text


def test_dump_holds_its_own_digest() -> None:
    body = json.loads(dump(made(account_change())))
    assert body.pop("digest") == digest(body)


@given(cases())
def test_every_plan_fits_its_schema(case: Case) -> None:
    jsonschema_rs.Draft202012Validator(load_schema("plan")).validate(json.loads(dump(case.plan())))


def test_layout_of_the_file_does_not_matter_only_what_it_says() -> None:
    plan = made(account_change())
    assert load(json.dumps(json.loads(dump(plan)))) == plan


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON",
        "[]",
        "null",
        '"erpsync-plan/1"',
        "{}",
        '{"format": "erpsync-plan/2"}',
        '{"format": "erpsync-plan/1"}',
        '{"format": "erpsync-plan/1", "digest": null}',
        '{"format": "erpsync-plan/1", "digest": "\\ud800", "x": "\\ud800"}',
        "[" * 100_000,
        '{"format": "erpsync-plan/1", "x": ' + "9" * 5000 + "}",
    ],
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        load(text)


def remove_day(body: dict[str, Any]) -> None:
    del body["as_of"]


def wrong_day(body: dict[str, Any]) -> None:
    body["as_of"] = "2026-02-30"


def wrong_approver(body: dict[str, Any]) -> None:
    body["targets"][0]["accounts"][0]["changes"][0]["approvals"] = ["boss:materials"]


def wrong_kind(body: dict[str, Any]) -> None:
    body["targets"][0]["accounts"][0]["changes"][0]["kind"] = "delete"


def wrong_type(body: dict[str, Any]) -> None:
    body["targets"] = "all"


@pytest.mark.parametrize("spoil", [remove_day, wrong_day, wrong_kind, wrong_approver, wrong_type])
def test_plan_of_wrong_shape_is_refused_even_with_a_right_digest(
    spoil: Callable[[dict[str, Any]], None],
) -> None:
    body = json.loads(dump(made(account_change())))
    del body["digest"]
    spoil(body)
    with pytest.raises(RefusedError):
        load(json.dumps({**body, "digest": digest(body)}))


def test_edited_plan_is_refused_with_what_to_do() -> None:
    text = dump(made(account_change())).replace('"Purchase"', '"Administration"')
    with pytest.raises(RefusedError, match="changed after it was made") as raised:
        load(text)
    assert raised.value.hint


def test_plan_of_no_target_is_refused_since_applying_it_would_succeed_on_nothing() -> None:
    nothing = make_plan([], as_of=TODAY, now=NOW, access_digest=DIGEST, commit=None)
    with pytest.raises(RefusedError, match="the plan names no target"):
        load(dump(nothing))


def test_format_is_named_in_the_document() -> None:
    assert json.loads(dump(made()))["format"] == FORMAT


# --- limits, population and life ----------------------------------------------------------------------


def over(*excess: str, population: int = 40) -> Plan:
    """A plan over these limits."""
    plan = made(account_change())
    return replace(plan, targets=(replace(plan.targets[0], excess=excess, population=population),))


def test_a_plan_tells_the_limits_of_every_target_by_its_name() -> None:
    one, other = over("a", "b").targets[0], replace(over("c").targets[0], target="crm")
    assert replace(over(), targets=(one, other)).excess == ("erp: a", "erp: b", "crm: c")
    assert over().excess == ()


def test_limits_that_are_passed_and_the_population_survive_dump_and_load() -> None:
    plan = over("4 of 40 accounts would be locked; the limit `lock` is 3")
    assert load(dump(plan)) == plan
    assert load(dump(plan)).targets[0].population == 40


def test_a_plan_whose_excess_was_taken_out_is_refused() -> None:
    text = dump(over("4 of 40 accounts would be locked")).replace('"4 of 40 accounts would be locked"', "")
    with pytest.raises(RefusedError, match="changed after it was made"):
        load(text)


@pytest.mark.parametrize("key", ["population", "excess"])
def test_a_plan_of_an_older_erpsync_without_limits_is_refused(key: str) -> None:
    body = json.loads(dump(over("a")))
    del body["digest"], body["targets"][0][key]
    with pytest.raises(RefusedError, match="not complete"):
        load(json.dumps({**body, "digest": digest(body)}))


@given(cases())
def test_the_population_is_every_account_of_the_target(case: Case) -> None:
    assert case.target_plan().population == len(case.live.accounts)


def test_a_plan_may_be_given_a_life_of_its_own() -> None:
    plan = make_plan([], as_of=TODAY, now=NOW, access_digest=DIGEST, commit=None, lifetime=timedelta(hours=1))
    verify(plan, access_digest=DIGEST, today=TODAY, now=NOW + timedelta(hours=1))
    with pytest.raises(StaleError, match="the plan expired at"):
        verify(plan, access_digest=DIGEST, today=TODAY, now=NOW + timedelta(hours=1, seconds=1))
