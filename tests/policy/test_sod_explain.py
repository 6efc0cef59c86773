"""Why somebody has a risk, and who could take one side over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from erpsync.model import ALL, Access, SodRisk, Status, User, UserType
from erpsync.policy.base import Facts
from erpsync.policy.sod_explain import Explanation, explain
from tests.builders import TODAY, assign, user
from tests.policy.sod_companies import company, duty, sod_risk

SOON = TODAY + timedelta(days=10)
P05, C1 = sod_risk("P05", "PO", "GR"), sod_risk("C1", "PO", most=5)
ROLES = (duty("buyer", "PO"), duty("keeper", "GR"), duty("lead", includes=("keeper",)))
PERSON = user(
    "chen.jing", position="buyer", assignments=[assign("lead", None, SOON)], scope={"company": ("Trading",)}
)


def declare(*users: User, risks: tuple[SodRisk, ...] = (P05, C1)) -> Access:
    return company(PERSON, *users, roles=ROLES, risks=risks, positions={"buyer": ("buyer",)})


def why(*users: User, key: str = "chen.jing", risk: SodRisk = P05) -> Explanation:
    access = declare(*users)
    return explain(Facts(access, TODAY), access.users[key], risk)


def takers(*users: User) -> tuple[str, ...]:
    return why(*users).sides[1].takers


def test_each_side_has_its_chain_from_the_holding_to_the_role_that_claims_it() -> None:
    found = why()
    chains = [
        [(chain.function, chain.roles, chain.holding.via) for chain in side.chains] for side in found.sides
    ]
    assert chains == [
        [("PO", ("buyer",), "position buyer")],
        [("GR", ("lead", "keeper"), "assignment")],
    ]
    assert found.conflict is not None
    assert found.told is not None


def test_where_there_is_no_conflict_the_ways_to_each_side_are_there_all_the_same() -> None:
    found = why(user("lin.tao", position="buyer"), key="lin.tao")
    assert (found.conflict, found.told) == (None, None)
    assert [len(side.chains) for side in found.sides] == [1, 0]
    assert [side.takers for side in found.sides] == [(), ()]


def test_a_risk_that_no_more_have_than_may_is_no_finding() -> None:
    found = why(risk=C1)
    assert found.conflict is not None
    assert found.told is None


def test_all_logins_of_the_person_are_looked_at() -> None:
    access = declare(replace(user("cj2", assignments=[assign("keeper")]), employee_no="7"))
    access = replace(
        access, users={**access.users, "chen.jing": replace(PERSON, employee_no="7", assignments=())}
    )
    found = explain(Facts(access, TODAY), access.users["cj2"], P05)
    assert found.users == ("chen.jing", "cj2")
    assert found.conflict is not None


def test_who_has_left_has_nothing() -> None:
    found = why(user("lin.tao", position="buyer", status=Status.LEFT), key="lin.tao")
    assert (found.users, found.conflict) == (("lin.tao",), None)
    assert [side.chains for side in found.sides] == [(), ()]


def colleague(key: str = "wu.lan", **more: object) -> User:
    return replace(user(key, scope={"company": (ALL,)}), **more)  # type: ignore[arg-type]


def test_a_colleague_without_the_other_side_could_take_over() -> None:
    assert takers(colleague()) == ("wu.lan",)


def test_who_would_come_into_a_conflict_could_not() -> None:
    assert takers(colleague(position="buyer")) == ()


def test_only_the_days_that_are_to_be_taken_over_count() -> None:
    later = assign("buyer", SOON + timedelta(days=1))
    assert takers(colleague(assignments=(later,))) == ("wu.lan",)
    assert takers(colleague(assignments=(assign("buyer", SOON),))) == ()


def test_how_many_have_a_risk_stays_as_it_is_when_somebody_else_has_it() -> None:
    assert why(colleague()).sides[0].takers == ("wu.lan",)


def test_who_has_the_conflict_on_all_these_days_already_loses_nothing() -> None:
    assert takers(colleague(position="buyer", assignments=(assign("keeper"),))) == ("wu.lan",)


def test_somebody_of_another_department_could_only_with_the_same_role() -> None:
    assert takers(colleague(department="sales")) == ()
    assert takers(colleague(department="sales", assignments=(assign("lead"),))) == ("wu.lan",)


def test_who_may_touch_less_could_not() -> None:
    assert takers(colleague(scope={"company": ("Castings",)})) == ()
    assert takers(colleague(scope={"company": ("Castings", "Trading")})) == ("wu.lan",)
    assert takers(colleague(scope={})) == ("wu.lan",)


def test_only_employees_who_work_could() -> None:
    assert takers(colleague(type=UserType.SERVICE)) == ()
    assert takers(colleague(status=Status.LOCKED)) == ()
