"""Shards: the plans of all of them are exactly the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.model import Status
from erpsync.plan import Plan, dump, load, make_plan
from erpsync.shards import Part, part_of_plan, parts_of, shares
from tests.builders import DIGEST, NOW, TODAY, Case, user
from tests.strategies import cases

TARGETS = ("erp", "hr", "mes", "wms", "oa")
targets = st.integers(1, len(TARGETS)).map(lambda count: TARGETS[:count])
counts = st.integers(1, 9)
departments = st.sampled_from([None, "purchasing", "sales", "casting"])
people = st.lists(departments, max_size=60).map(
    lambda found: {f"user{index}": user(f"user{index}", department=name) for index, name in enumerate(found)}
)


def shards(count: int) -> list[Part]:
    return [Part(index, count) for index in range(count)]


def whole(case: Case, names: Sequence[str]) -> Plan:
    """One case in several targets."""
    plans = [replace(case.target_plan(), target=name, excess=("too many",)) for name in names]
    return make_plan(plans, as_of=TODAY, now=NOW, access_digest=DIGEST, commit=None)


def of_shards(plan: Plan, case: Case, count: int) -> list[Plan]:
    found = []
    for shard in shards(count):
        parts = parts_of([target.target for target in plan.targets], shard)
        read = replace(plan, targets=tuple(target for target in plan.targets if target.target in parts))
        found.append(part_of_plan(read, shard, parts, case.access.users))
    return found


# --- all shards together ------------------------------------------------------------------------------


@given(cases(), targets, counts)
def test_every_change_of_the_whole_is_in_exactly_one_shard(
    case: Case, names: Sequence[str], count: int
) -> None:
    plan = whole(case, names)
    parts = [target for made in of_shards(plan, case, count) for target in made.targets]

    for expected in plan.targets:
        found = [target for target in parts if target.target == expected.target]
        for name in ("accounts", "held", "unmanaged"):
            kept = [item for target in found for item in getattr(target, name)]
            assert len(kept) == len(getattr(expected, name))
            assert all(item in kept for item in getattr(expected, name))


@given(cases(), targets, counts)
def test_every_shard_says_the_figures_and_limits_of_the_whole_target(
    case: Case, names: Sequence[str], count: int
) -> None:
    plan = whole(case, names)
    expected = {target.target: target for target in plan.targets}

    for made in of_shards(plan, case, count):
        assert made.targets
        for target in made.targets:
            shared = replace(expected[target.target], accounts=(), held=(), unmanaged=())
            assert replace(target, accounts=(), held=(), unmanaged=()) == shared


@given(cases(), targets, counts)
def test_the_order_of_writing_stays(case: Case, names: Sequence[str], count: int) -> None:
    order = [change.login for change in case.target_plan().accounts]

    for made in of_shards(whole(case, names), case, count):
        for target in made.targets:
            places = [order.index(change.login) for change in target.accounts]
            assert places == sorted(places)


@given(targets, counts)
def test_no_target_is_read_twice_unless_there_are_more_shards_than_targets(
    names: Sequence[str], count: int
) -> None:
    reads = Counter(name for shard in shards(count) for name in parts_of(names, shard))

    assert set(reads) == set(names)
    assert sum(reads.values()) == max(count, len(names))
    assert max(reads.values()) - min(reads.values()) <= 1


# --- the users of a part ------------------------------------------------------------------------------


@given(people, counts)
def test_users_are_dealt_whatever_their_order_and_status(people: dict, count: int) -> None:  # type: ignore[type-arg]
    found = shares(people, count)
    gone = {key: replace(person, status=Status.LEFT) for key, person in reversed(people.items())}

    assert set(found) == set(people)
    assert set(found.values()) <= set(range(count))
    assert shares(gone, count) == found


def test_a_department_stays_together_and_parts_are_nearly_even() -> None:
    sizes = {"castings": 40, "sales": 30, "stock": 20, "hr": 10}
    people = {
        f"{name}{number}": user(f"{name}{number}", department=name)
        for name, size in sizes.items()
        for number in range(size)
    }
    found = shares(people, 2)

    assert Counter(found.values()) == {0: 50, 1: 50}
    for name in sizes:
        assert len({part for key, part in found.items() if key.startswith(name)}) == 1


def test_a_department_too_large_for_a_part_and_users_without_one_are_dealt_one_by_one() -> None:
    people = {f"user{n}": user(f"user{n}", department="castings") for n in range(400)}
    people |= {f"none{n}": user(f"none{n}", department=None) for n in range(400)}
    for prefix in ("user", "none"):
        found = Counter(part for key, part in shares(people, 4).items() if key.startswith(prefix))
        assert set(found) == {0, 1, 2, 3}
        assert min(found.values()) > 60


# --- how a shard is written ---------------------------------------------------------------------------


def test_a_shard_is_written_as_its_number_of_so_many() -> None:
    assert Part.of("2/4") == Part(1, 4)
    assert str(Part.of("2/4")) == "2/4"


@pytest.mark.parametrize(
    "text", ["", "2", "/4", "2/", "0/4", "5/4", "-1/4", "1/0", "1 / 4", "1/4/2", "²/4", "１/４"]
)
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Part.of(text)


@given(cases())
def test_a_plan_file_says_which_shard_it_is(case: Case) -> None:
    (_, second) = of_shards(whole(case, ["erp"]), case, 2)

    assert second.shard == "2/2"
    assert load(dump(second)) == second
