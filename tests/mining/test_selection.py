"""Candidates for business roles, and which of them are chosen."""

from __future__ import annotations

from dataclasses import replace

from erpsync.mining.candidates import Candidate, common_to, holders, of_groups, of_people
from erpsync.mining.matrix import Group, Matrix, matrix, numbers
from erpsync.mining.selection import select
from erpsync.mining.terms import Terms
from erpsync.model import Status, UserType
from tests.builders import TODAY, declare, position, role, user
from tests.mining.companies import SMALL, company, people

A, B, C = 0, 1, 2
EVERYBODY = Group("everybody", "", 0b11111)


def table(*rows: str, groups: tuple[Group, ...] = ()) -> Matrix:
    """Users who hold the roles A, B, C as their letters say, all of them assigned."""
    bits = tuple(sum(1 << place for place, row in enumerate(rows) if letter in row) for letter in "ABC")
    return Matrix(tuple(f"u{place}" for place in range(len(rows))), ("A", "B", "C"), bits, bits, groups)


# --- the matrix ------------------------------------------------------------------------------------------


def test_only_people_who_have_not_left_are_looked_at() -> None:
    users = [user("a"), user("b", kind=UserType.SERVICE), user("c", status=Status.LEFT)]
    assert matrix(declare(users=users), TODAY).users == ("a",)


def test_what_a_position_or_a_role_that_includes_it_brings_is_held_and_not_given() -> None:
    roles = [role("lead", "L", includes=["buyer"]), role("buyer", "B")]
    access = declare(users=[user("a", position="boss")], roles=roles, positions=[position("boss", "lead")])
    found = matrix(access, TODAY)
    assert dict(zip(found.roles, found.held, strict=True)) == {"buyer": 1, "lead": 1}
    assert found.given == (0, 0)


def test_the_groups_are_all_people_departments_of_several_jobs_and_positions() -> None:
    access = company(
        people(2) | {"x": (), "y": ()},
        positions=[position("buyer"), position("keeper")],
        jobs={"p00": "buyer", "p01": "keeper", "x": "keeper"},
        departments={"x": "stores", "y": "unsorted"},
    )
    found = [(group.kind, group.key) for group in matrix(access, TODAY, unsorted="unsorted").groups]
    assert found == [
        ("everybody", ""), ("department", "purchasing"), ("position", "buyer"), ("position", "keeper"),
    ]  # fmt: skip


def test_bits_are_counted_from_the_lowest() -> None:
    assert list(numbers(0b10110)) == [1, 2, 4]
    assert list(numbers(0)) == []


# --- candidates ------------------------------------------------------------------------------------------


def test_what_enough_of_a_group_hold_is_common_to_it() -> None:
    found = table("AB", "AB", "AB", "AB", "ABC", groups=(EVERYBODY,))
    assert common_to(EVERYBODY, found, 0.9) == (A, B)
    assert common_to(EVERYBODY, found, 0.1) == (A, B, C)


def test_a_job_is_what_nearly_all_of_a_position_hold_unless_too_few_hold_all_of_that() -> None:
    group = Group("position", "x", 0b11111)
    terms = replace(SMALL, coverage=0.6)
    (half,) = of_groups(table("ABC", "ABC", "ABC", "A", "A", groups=(group,)), "position", terms)
    assert half.roles == (A, B, C)
    (few,) = of_groups(table("AB", "ABC", "ABC", "AC", "A", groups=(group,)), "position", terms)
    assert few.roles == (A,)


def test_of_all_people_and_of_departments_only_what_everybody_holds_counts() -> None:
    found = table("AB", "AB", "AB", "AB", "A", groups=(EVERYBODY,))
    assert of_groups(found, "everybody", replace(SMALL, coverage=0.6)) == [Candidate((A,), EVERYBODY)]
    extra = replace(SMALL, coverage=0.6, allow_extra=True)
    assert of_groups(found, "everybody", extra) == [Candidate((A, B), EVERYBODY)]


def test_a_group_too_small_is_no_candidate() -> None:
    found = table("AB", "AB", groups=(Group("position", "x", 0b11),))
    assert of_groups(found, "position", Terms(least_users=3)) == []
    assert of_groups(found, "position", Terms(least_users=2)) == [Candidate((A, B), found.groups[0])]


def test_what_two_people_have_in_common_is_a_candidate_if_enough_hold_it() -> None:
    found = table("ABC", "AB", "BC", "A")
    assert of_people(found, Terms(least_users=2)) == [Candidate((A, B)), Candidate((B, C))]


def test_holders_hold_all_of_it() -> None:
    assert holders((A, B), table("AB", "A", "B", "ABC").held) == 0b1001


# --- the choice ------------------------------------------------------------------------------------------


def test_the_role_that_saves_most_comes_first_and_covers_each_assignment_once() -> None:
    found = select(table(*["ABC"] * 5, *["AB"] * 3), SMALL)
    assert [(item.roles, item.assigned.bit_count()) for item in found] == [((A, B, C), 5)]
    assert found[0].saving == 15 - 3 - 1 - 5


def test_who_would_lose_only_one_assignment_keeps_it() -> None:
    rows = table(*["ABC"] * 6)
    lone = replace(rows, given=(*rows.given[:2], 0), held=rows.held)
    (item,) = select(lone, SMALL)
    assert item.roles == (A, B)


def test_no_more_roles_than_wanted_are_chosen() -> None:
    rows = [*["AB"] * 6, *["BC"] * 6]
    assert len(select(table(*rows), SMALL)) == 2
    assert len(select(table(*rows), replace(SMALL, most_roles=1))) == 1


def test_in_a_large_company_a_role_must_save_more() -> None:
    rows = [*["AB"] * 6, *["C"] * 100]
    assert select(table(*rows), SMALL)
    assert not select(table(*rows, *["C"] * 10_000), SMALL)


def test_a_rule_is_only_for_a_group_all_of_whom_hold_it() -> None:
    group = Group("position", "x", 0b1111)
    (exact,) = select(table("AB", "AB", "AB", "AB", "C", groups=(group,)), SMALL)
    assert (exact.rule, exact.assigned) == (group, 0)
    group = Group("position", "x", 0b111111)
    (near,) = select(table(*["AB"] * 5, "A", "C", groups=(group,)), replace(SMALL, coverage=0.7))
    assert (near.rule, near.assigned) == (None, 0b11111)


def test_with_extra_allowed_the_rule_is_for_all_and_says_what_is_new() -> None:
    group = Group("position", "x", 0b1111)
    terms = replace(SMALL, coverage=0.7, allow_extra=True)
    (item,) = select(table("AB", "AB", "AB", "A", "C", groups=(group,)), terms)
    assert item.rule == group
    assert dict(zip(item.roles, item.extra, strict=True)) == {A: 0, B: 0b1000}
