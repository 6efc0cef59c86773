"""What would be different in conflicts if somebody had other roles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from erpsync.model import Access, Assignment, Mitigation, Policy, Response, Status, User
from erpsync.policy.base import Facts
from erpsync.policy.what_if import Outcome, person_of, what_if, with_roles
from tests.builders import AT, TODAY, assign, user
from tests.policy.sod_companies import company, duty, sod_risk

SOON = TODAY + timedelta(days=10)
ROLES = (duty("buyer", "PO"), duty("keeper", "GR"))
P05 = sod_risk("P05", "PO", "GR")


def declare(*users: User, most: int | None = None, policy: Policy | None = None) -> Access:
    risk = P05 if most is None else sod_risk("C1", "GR", most=most)
    access = company(*users, roles=ROLES, risks=(risk,), positions={"buyer": ("buyer",)})
    return replace(access, policy=policy or Policy())


def given(access: Access, key: str, *granted: Assignment, revoked: tuple[str, ...] = ()) -> Outcome:
    return what_if(Facts(access, TODAY), with_roles(access.users[key], granted, revoked))


def ids(outcome: Outcome) -> tuple[list[str], list[str]]:
    brought, ended = ([item.told.finding.id for item in side] for side in (outcome.brought, outcome.ended))
    return brought, ended


BUYER = user("chen.jing", position="buyer")
BOTH = user("lin.tao", position="buyer", assignments=[assign("keeper", None, SOON)])


def test_a_role_brings_a_conflict_from_its_first_day() -> None:
    outcome = given(declare(BUYER), "chen.jing", assign("keeper", SOON))
    assert ids(outcome) == (["sod/P05:chen.jing"], [])
    assert outcome.brought[0].spans == ((SOON, date.max),)


def test_a_role_that_is_taken_away_ends_one() -> None:
    assert ids(given(declare(BOTH), "lin.tao", revoked=("keeper",))) == ([], ["sod/P05:lin.tao"])


def test_what_is_the_same_as_before_is_neither() -> None:
    assert ids(given(declare(BOTH, BUYER), "lin.tao", assign("buyer"))) == ([], [])


def test_more_days_of_a_conflict_that_is_there_are_brought() -> None:
    outcome = given(declare(BOTH), "lin.tao", assign("keeper"))
    assert ids(outcome) == (["sod/P05:lin.tao"], [])
    assert outcome.brought[0].spans == ((SOON + timedelta(days=1), date.max),)


def test_conflicts_of_others_do_not_count() -> None:
    assert ids(given(declare(BOTH, BUYER), "chen.jing", assign("buyer"))) == ([], [])


def test_a_role_for_one_login_conflicts_with_what_the_other_has() -> None:
    logins = [replace(BUYER, employee_no="7"), replace(user("cj2"), employee_no="7")]
    assert ids(given(declare(*logins), "cj2", assign("keeper"))) == (["sod/P05:chen.jing"], [])


def test_one_holder_too_many_is_told_of_all_of_them() -> None:
    keepers = user("wu.lan", assignments=[assign("keeper")])
    outcome = given(declare(BUYER, keepers, most=1), "chen.jing", assign("keeper"))
    assert ids(outcome) == (["sod/C1:chen.jing", "sod/C1:wu.lan"], [])


def test_it_blocks_where_the_policy_does() -> None:
    assert not given(declare(BUYER), "chen.jing", assign("keeper")).blocks
    blocking = declare(BUYER, policy=Policy(default=Response.BLOCK))
    assert given(blocking, "chen.jing", assign("keeper")).blocks


def test_what_blocked_before_does_not_block_what_brings_nothing() -> None:
    assert not given(declare(BOTH, policy=Policy(default=Response.BLOCK)), "lin.tao", assign("buyer")).blocks


def test_what_a_mitigation_no_longer_covers_is_brought() -> None:
    logins = [replace(BOTH, employee_no="7"), replace(user("lin2"), employee_no="7")]
    access = declare(*logins, user("wu.lan"), policy=Policy(default=Response.MITIGATE))
    users, risks = frozenset({"lin.tao"}), frozenset({"P05"})
    looks = Mitigation("m", "looks", "wu.lan", "wu.lan", users, SOON, "folder", AT, risks)
    outcome = given(replace(access, mitigations={"m": looks}), "lin2", assign("keeper", TODAY, SOON))
    assert ids(outcome) == (["sod/P05:lin.tao"], [])
    assert outcome.blocks


def test_who_has_left_is_no_person() -> None:
    access = declare(replace(BUYER, status=Status.LEFT), BOTH)
    assert person_of(access, "chen.jing") == ("chen.jing", [])
    assert ids(given(access, "chen.jing", assign("keeper"))) == ([], [])
