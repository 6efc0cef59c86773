"""Comparing by likeness leaves nothing out: what is planned is the same as from comparing everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from erpsync.diff import settle
from erpsync.errors import TargetError
from erpsync.likeness import LENGTH, alike, live_likeness, wanted_likeness
from erpsync.model import ALL, Account, Capabilities, Catalogue, Grant, Snapshot, User
from erpsync.pages import Page, Roster
from erpsync.plan import TargetPlan
from erpsync.planning import plan_target
from erpsync.unlike import capabilities_told
from tests.builders import CAN, ENFORCE, TODAY, Case, assign, declare, role, snapshot, user
from tests.strategies import cases

CATALOGUE = Catalogue(frozenset({"Purchase"}), {"company": ("X", "Y")}, frozenset({"en"}))


@dataclass(frozen=True)
class PlainPage:
    """A page whose users were never packed."""

    path: str
    users: Sequence[User]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(user.key for user in self.users)

    @property
    def digest(self) -> bytes:
        return repr(self.users).encode()

    def unpacked(self, keys: Collection[str] | None = None) -> Iterator[User]:
        return (user for user in self.users if keys is None or user.key in keys)


def roster(users: Sequence[User], size: int = 2) -> Roster:
    """Users on pages of a size."""
    pages: list[Any] = [
        PlainPage(f"{number}.yaml", users[number : number + size]) for number in range(0, len(users), size)
    ]
    found: list[Page] = pages
    return Roster(found)


@dataclass
class CaseReader:
    """Reads the live side of a case; how it is known by, if it is."""

    case: Case
    seen: bytes = b""

    @property
    def capabilities(self) -> Capabilities:
        return self.case.capabilities

    def instance(self) -> str:
        return "instance-1"

    def catalogue(self) -> Catalogue:
        return self.case.catalogue

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        return self.case.live


@dataclass
class Remembering:
    """A memory that never forgets, and counts what it had to be told."""

    entries: dict[tuple[str, str, bytes], Any] = field(default_factory=dict)
    told: int = 0

    def recall(self, kind: str, name: str, made_from: bytes) -> Any:
        return self.entries.get((kind, name, made_from))

    def keep(self, kind: str, name: str, made_from: bytes, value: Any) -> None:
        self.entries[kind, name, made_from] = value
        self.told += 1

    def keep_only(self, kind: str, names: Collection[str]) -> None:
        pass


def planned(case: Case, memory: Remembering) -> TargetPlan:
    """The plan from pages of users."""
    access = replace(case.access, users=roster(list(case.access.users.values())))
    return plan_target(access, case.target, CaseReader(case, repr(case.live).encode()), case.as_of, memory)


def outcome(plan: Callable[[], TargetPlan]) -> TargetPlan | str:
    """The plan, or why there is none."""
    try:
        return plan()
    except TargetError as error:
        return str(error)


@given(cases())
def test_the_plan_is_the_same_as_from_comparing_everything(case: Case) -> None:
    memory = Remembering()
    whole = outcome(lambda: plan_target(case.access, case.target, CaseReader(case), case.as_of))
    assert outcome(lambda: planned(case, memory)) == whole
    told = memory.told
    assert outcome(lambda: planned(case, memory)) == whole
    assert memory.told == told or isinstance(whole, str)


@given(cases())
def test_a_live_account_is_like_itself_on_the_day(case: Case) -> None:
    for account in case.live.accounts.values():
        settled = settle(account, case.as_of, case.capabilities)
        one = live_likeness(account, case.as_of, case.capabilities)
        assert one == live_likeness(settled, case.as_of, case.capabilities)
        assert len(one) == LENGTH


MEMBER = user(assignments=[assign("buyer")], scope={"company": ("X",)}, email="c@huaxin.example")
COMPANY = declare(users=[MEMBER], roles=[role("buyer", "Purchase")])
RIGHT = Account(
    "chen.jing", MEMBER.name, MEMBER.email, "en", scope={"company": ("X",)}, grants=(Grant("Purchase"),)
)


def _like(wanted: Account, live: Account) -> bool:
    return alike(wanted_likeness(wanted, CATALOGUE, CAN), live_likeness(live, TODAY, CAN))


@pytest.mark.parametrize(
    "live",
    [
        replace(RIGHT, active=False),
        replace(RIGHT, name="Other"),
        replace(RIGHT, name=None),
        replace(RIGHT, email="other@huaxin.example"),
        replace(RIGHT, scope={}),
        replace(RIGHT, scope={"company": ("X", "Y")}),
        replace(RIGHT, grants=()),
        replace(RIGHT, grants=(Grant("Purchase"), Grant("Sales"))),
        replace(RIGHT, grants=(Grant("Purchase", None, date(2030, 1, 1)),)),
    ],
)
def test_every_difference_makes_accounts_unlike(live: Account) -> None:
    wanted = replace(RIGHT, language=None)
    assert _like(wanted, RIGHT)
    assert not _like(wanted, live)


def test_all_is_like_everything_that_there_is() -> None:
    wanted = replace(RIGHT, scope={"company": (ALL,)})
    assert _like(wanted, replace(RIGHT, scope={"company": ("X", "Y")}))
    assert not _like(wanted, RIGHT)


def test_of_a_locked_account_only_its_grants_are_compared() -> None:
    wanted = replace(RIGHT, active=False, grants=())
    assert _like(wanted, Account("chen.jing", "Other", active=False, scope={"company": ("Y",)}))
    assert not _like(wanted, replace(wanted, grants=(Grant("Sales"),)))


@pytest.mark.parametrize(
    "changed",
    [
        replace(COMPANY, roles={"buyer": role("buyer", "Sales")}),
        replace(COMPANY, users={"chen.jing": replace(MEMBER, email="new@huaxin.example")}),
    ],
)
def test_what_was_remembered_does_not_hide_a_change_of_the_files(changed: Any) -> None:
    catalogue = Catalogue(frozenset({"Purchase", "Sales"}), {"company": ("X", "Y")}, frozenset({"en"}))
    before = Case(COMPANY, snapshot(RIGHT), catalogue, CAN).with_manage(ENFORCE)
    memory = Remembering()
    assert planned(before, memory).accounts == ()
    after = replace(before, access=replace(changed, targets=before.access.targets))
    assert len(planned(after, memory).accounts) == 1


def test_what_was_remembered_does_not_hide_another_day() -> None:
    ending = replace(MEMBER, assignments=(assign("buyer", None, TODAY),))
    live = replace(RIGHT, grants=(Grant("Purchase", None, TODAY),))
    today = Case(declare(users=[ending], roles=[role("buyer", "Purchase")]), snapshot(live), CATALOGUE, CAN)
    memory = Remembering()
    assert not planned(today.with_manage(ENFORCE), memory).accounts
    tomorrow = replace(today.with_manage(ENFORCE), as_of=date.fromordinal(TODAY.toordinal() + 1))
    assert len(planned(tomorrow, memory).accounts) == 1


def test_only_users_who_are_not_as_they_should_be_are_looked_at_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = replace(MEMBER, key="lin.tao")
    case = Case(
        declare(users=[MEMBER, other], roles=[role("buyer", "Purchase")]), snapshot(RIGHT), CATALOGUE, CAN
    )
    asked: list[set[str]] = []
    some = Roster.some

    def counted(self: Roster, keys: Iterable[str]) -> dict[str, User]:
        asked.append(set(keys))
        return some(self, asked[-1])

    monkeypatch.setattr(Roster, "some", counted)
    assert [change.user for change in planned(case.with_manage(ENFORCE), Remembering()).accounts] == [
        "lin.tao"
    ]
    assert asked == [{"lin.tao"}]


OTHER: Mapping[str, Any] = {
    "validity": False,
    "scopes": frozenset({"a"}),
    "attributes": frozenset({"a"}),
    "unbounded": frozenset({"a"}),
    "batch": 7,
    "renames": False,
}


@pytest.mark.parametrize("name", [item.name for item in fields(Capabilities)])
def test_no_capability_is_left_out_of_what_is_remembered(name: str) -> None:
    plain = Capabilities(validity=True)
    changed = replace(plain, **{name: OTHER.get(name, True)})
    assert capabilities_told(changed) != capabilities_told(plain)
