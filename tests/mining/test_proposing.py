"""Business roles behind who holds what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from erpsync.mining.applied import changed_users
from erpsync.mining.proposal import RoleProposal
from erpsync.mining.terms import Terms
from erpsync.model import (
    Access,
    Birthright,
    Function,
    Risk,
    SodRisk,
    UserType,
)
from tests.builders import AT, TODAY, assign, position, role, user
from tests.mining.companies import SMALL, companies, company, people, proposed

BUYERS = people(4, "buyer", "staff", prefix="b")
JOB = position("buyer")


def only_role(found: RoleProposal) -> object:
    """What the one proposed role brings, by what rule, and to whom it is assigned."""
    (item,) = found.roles
    return item.role.includes, item.rule and item.rule.kind, item.assigned


def held(access: Access, key: str) -> list[str]:
    """The roles that a user is assigned."""
    return [item.role for item in access.users[key].assignments]


# --- which roles ------------------------------------------------------------------------------------------


def test_what_all_of_a_position_hold_comes_with_the_position() -> None:
    access = company(
        BUYERS | people(3, "keeper", prefix="k"), positions=[JOB], jobs=dict.fromkeys(BUYERS, "buyer"),
        departments={f"k{number:02}": "stores" for number in range(3)},
    )  # fmt: skip
    found = proposed(access)
    assert only_role(found) == (("buyer", "staff"), "position", ())
    assert found.access.positions["buyer"].roles == ("job.buyer",)
    assert held(found.access, "b00") == []
    assert (found.before, found.after) == (11, 3)


def test_who_holds_it_elsewhere_is_assigned_the_same_role() -> None:
    access = company(
        BUYERS | {"x1": ("buyer", "keeper", "staff"), "z": ()},
        positions=[JOB], jobs=dict.fromkeys(BUYERS, "buyer"),
        departments={"x1": "stores", "z": "stores"},
    )  # fmt: skip
    found = proposed(access)
    assert only_role(found) == (("buyer", "staff"), "position", ("x1",))
    assert held(found.access, "x1") == ["keeper", "job.buyer"]
    assert found.roles[0].fit.others == ("x1",)
    assert found.exceptions == {"keeper": ("x1",)}


def test_where_one_lacks_it_the_others_are_assigned_it_and_nobody_gets_more() -> None:
    crew = people(10, "buyer", "staff", prefix="b") | {"b10": ("staff",)}
    access = company(crew, positions=[JOB], jobs=dict.fromkeys(crew, "buyer"))
    found = proposed(access, replace(SMALL, coverage=0.9))
    wide = [item for item in found.roles if "buyer" in item.role.includes]
    assert [item.rule for item in wide] == [None] if wide else True
    assert changed_users(access, found.access, TODAY) == []
    assert "buyer" not in {name for key in ("b10",) for name in held(found.access, key)}


def test_with_extra_allowed_nearly_all_is_enough_and_it_is_told_who_gets_what() -> None:
    crew = people(10, "buyer", "staff", prefix="b") | {"b10": ("staff",)}
    access = company(crew, positions=[JOB], jobs=dict.fromkeys(crew, "buyer"))
    found = proposed(access, replace(SMALL, coverage=0.9, allow_extra=True))
    extra = {user: roles for item in found.roles for user, roles in item.extra.items()}
    assert extra == {"b10": ("buyer",)}
    assert changed_users(access, found.access, TODAY) == ["b10"]


def test_what_everybody_holds_is_a_birthright() -> None:
    crew = people(6, "staff", "planner") | people(3, "staff", "planner", "keeper", prefix="k")
    found = proposed(company(crew, departments={"k00": "stores", "k01": "stores"}))
    (item,) = found.roles
    rule = found.access.birthright[item.role.key]
    assert rule == replace(
        rule, types=frozenset({UserType.DEDICATED}), departments=frozenset(), positions=frozenset()
    )
    assert (item.role.title, item.role.title_zh) == ("Everybody", "全员")


def test_what_a_department_holds_is_a_rule_for_it() -> None:
    crew = people(4, "keeper", "staff") | {"x": ("buyer",), "y": ("planner",), "z": ()}
    where = dict.fromkeys(people(4), "stores")
    found = proposed(company(crew, departments=where))
    (item,) = found.roles
    assert found.access.birthright[item.role.key].departments == {"stores"}
    assert item.role.title == "Everybody in Stores"


def test_people_who_are_alike_in_nothing_else_are_assigned_a_role_named_after_its_rarest_parts() -> None:
    crew: dict[str, tuple[str, ...]] = dict.fromkeys("abe", ("buyer", "approver", "staff"))
    crew |= {"c": ("staff", "keeper"), "d": ("keeper",), "f": ("staff",)}
    found = proposed(company(crew, departments=dict.fromkeys(crew, "unsorted")), unsorted="unsorted")
    assert only_role(found) == (("approver", "buyer", "staff"), None, ("a", "b", "e"))
    assert found.roles[0].role.title == "Approver, Buyer and 1 more"
    assert held(found.access, "a") == [found.roles[0].role.key]


def test_a_position_that_a_machine_has_too_gets_a_rule_for_people() -> None:
    access = company(BUYERS | {"z": ("keeper",)}, positions=[JOB], jobs=dict.fromkeys(BUYERS, "buyer"))
    robot = user("robot", kind=UserType.SERVICE, position="buyer")
    found = proposed(replace(access, users={**access.users, "robot": robot}))
    assert found.access.positions["buyer"].roles == ()
    (rule,) = found.access.birthright.values()
    assert rule == replace(rule, types=frozenset({UserType.DEDICATED}), positions=frozenset({"buyer"}))


def test_a_role_is_as_risky_as_its_riskiest_part_and_belongs_where_most_parts_do() -> None:
    roles = [replace(role("buyer", "Buyer", risk=Risk.HIGH), subsystem="materials", owner="wu.lan"),
             replace(role("staff", "Staff"), subsystem="oa", owner="he.qi"),
             replace(role("keeper", "Keeper"), subsystem="oa", owner="he.qi")]  # fmt: skip
    found = proposed(company(people(4, "buyer", "staff", "keeper") | {"z": ()}, roles=roles))
    made = found.roles[0].role
    assert (made.risk, made.subsystem, made.owner) == (Risk.HIGH, "oa", "he.qi")


def test_conflicts_inside_a_proposed_role_are_told() -> None:
    roles = [
        replace(role("buyer", "Buyer"), functions=("PO",)),
        replace(role("approver", "A"), functions=("PA",)),
    ]
    access = company(people(4, "buyer", "approver") | {"z": ()}, roles=roles)
    access = replace(
        access,
        functions={key: Function(key, key, AT) for key in ("PO", "PA")},
        risks={"R1": SodRisk("R1", "Orders and approves", (("PO",), ("PA",)), Risk.HIGH, "why", AT)},
    )
    assert [risk.key for risk in proposed(access).roles[0].conflicts] == ["R1"]


def test_what_nearly_all_hold_is_told_with_those_who_lack_it() -> None:
    found = proposed(company(people(10, "staff") | {"z": ("keeper",)}))
    (near,) = found.near
    assert (near.role, near.group.kind, near.lacking) == ("staff", "everybody", ("z",))
    assert proposed(company(people(10, "staff"))).near == ()


# --- what is not touched ----------------------------------------------------------------------------------


def test_what_ends_was_requested_or_may_be_given_for_a_time_only_stays_assigned() -> None:
    access = company(people(4, "buyer", "staff") | {"z": ()})
    special = [
        assign("buyer"),
        assign("staff", None, TODAY + timedelta(days=9)),
        assign("keeper", request="REQ-1"),
        assign("planner"),
    ]
    users = {**access.users, "x": user("x", assignments=special)}
    found = proposed(replace(access, users=users), limited={"planner"})
    assert held(found.access, "x") == ["buyer", "staff", "keeper", "planner"]


def test_a_small_coincidence_is_no_role() -> None:
    assert proposed(company(people(2, "buyer", "staff") | {"z": ()}), Terms()).roles == ()


def test_a_second_proposal_finds_nothing_more() -> None:
    first = proposed(company(BUYERS | people(5, "keeper", "staff", prefix="k") | {"z": ()}))
    assert first.roles
    again = proposed(first.access)
    assert again.roles == ()


def test_the_same_company_gives_the_same_proposal() -> None:
    access = company(BUYERS | people(5, "keeper", "staff", prefix="k"))
    mixed = replace(access, users=dict(sorted(access.users.items(), reverse=True)))
    assert [item.role for item in proposed(access).roles] == [item.role for item in proposed(mixed).roles]


@given(companies())
def test_a_proposal_never_changes_what_anybody_may_do(access: Access) -> None:
    found = proposed(access, unsorted="unsorted")
    assert changed_users(access, found.access, TODAY) == []
    assert not any(item.extra for item in found.roles)
    assert found.after <= found.before
    assert found.words >= len(found.roles)


@given(companies())
def test_with_extra_allowed_nobody_loses_anything_and_whoever_gains_is_told(access: Access) -> None:
    found = proposed(access, replace(SMALL, coverage=0.6, allow_extra=True))
    told = {user for item in found.roles for user in item.extra}
    assert set(changed_users(access, found.access, TODAY)) <= told


def test_a_single_role_that_all_hold_is_given_by_a_rule_without_a_new_role() -> None:
    access = company(people(4, "staff"))
    found = proposed(access)
    (item,) = found.roles
    assert item.role is access.roles["staff"]
    assert found.new_roles == []
    assert found.access.roles == access.roles
    assert found.access.birthright["staff"].roles == ("staff",)
    assert held(found.access, "p00") == []


def test_a_rule_beside_one_of_the_same_key_gets_a_key_of_its_own() -> None:
    access = company(people(4, "staff"))
    rule = Birthright("staff", "x", ("keeper",), AT, departments=frozenset({"stores"}))
    found = proposed(replace(access, birthright={"staff": rule}))
    assert sorted(found.access.birthright) == ["staff", "staff-2"]
