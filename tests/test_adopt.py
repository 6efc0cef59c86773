"""Drift taken into the declared state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpsync.adopt import Adoption, Seen, Terms, adopt, live_logins
from erpsync.diff import diff
from erpsync.model import (
    Account,
    Birthright,
    Capabilities,
    Catalogue,
    Change,
    Grant,
    LastChange,
    Risk,
    Role,
    Status,
    User,
)
from erpsync.plan import target_plan
from erpsync.resolve import resolver
from erpsync.user_edits import user_edits
from erpsync.yaml_edit import edit
from tests.builders import (
    AT,
    CAN,
    ENFORCE,
    ERP,
    OBSERVE,
    TODAY,
    Case,
    assign,
    declare,
    make_target,
    position,
    role,
    snapshot,
    user,
)
from tests.strategies import COMPANIES, ENTITLEMENTS, account_strategy, cases
from tests.support.written import read_back, users_text

_ENTRY = re.compile(r"^  # about (?P<key>\S+)\n", re.MULTILINE)
BUYER, PLANNER = role("buyer", "Purchase"), role("planner", "Production")
CHEN = user(position="buyer")
BOUGHT = Grant("Purchase")


def seen(case: Case, changes: Mapping[str, LastChange] | None = None) -> Seen:
    plan = case.target_plan()
    return Seen(plan, case.resolver, case.live, case.catalogue, case.capabilities, changes or {})


def adopted(
    case: Case, terms: Terms | None = None, changes: Mapping[str, LastChange] | None = None
) -> Adoption:
    return adopt([seen(case, changes)], terms or Terms())


def written(case: Case, text: str, result: Adoption) -> str:
    """The text after the edits of everything that was adopted."""
    users = case.access.users
    return edit(text, [item for key, new in result.users.items() for item in user_edits(users[key], new)])


def differing(case: Case) -> Counter[tuple[str, Change]]:
    """Everything that is not as declared, whatever is managed or protected; without the reasons."""
    target = replace(case.target, manage=ENFORCE, protected=())
    plain = replace(
        case,
        access=replace(case.access, targets={**case.access.targets, ERP: target}),
        live=replace(case.live, protected={}),
        catalogue=replace(case.catalogue, fixed={}),
    )
    return Counter((item.user, change) for item in plain.diff().accounts for change in item.changes)


def entries(text: str) -> dict[str, str]:
    """The text of each user, from the comment above it to the next."""
    parts = _ENTRY.split(text)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


# --- what must hold for every declared and every live state ------------------------------------------------


def check(case: Case) -> None:
    text = users_text(case.access)
    case = replace(case, access=read_back(case.access, text))
    before, result = differing(case), adopted(case)
    new = written(case, text, result)
    after = differing(replace(case, access=read_back(case.access, new)))
    assert after == before - Counter((item.user, item.change) for item in result.adopted)
    assert {item.user for item in result.differences} == {key for key, _ in before}
    untouched = {key: entry for key, entry in entries(text).items() if key not in result.users}
    assert {key: entry for key, entry in entries(new).items() if key not in result.users} == untouched
    assert list(entries(new)) == list(entries(text))


@settings(max_examples=100)
@given(cases())
def test_what_was_adopted_is_gone_and_nothing_else_differs(case: Case) -> None:
    check(case)


@settings(max_examples=100)
@given(cases(st.just(ENFORCE)), st.data())
def test_it_holds_too_where_the_erp_was_as_declared_before(case: Case, data: st.DataObject) -> None:
    plain = [
        replace(role(key, name), risk=Risk.LOW)
        for key, name in zip(case.access.roles, ENTITLEMENTS, strict=False)
    ]
    access = replace(case.access, roles={item.key: item for item in plain})
    case = replace(case, access=access, catalogue=replace(case.catalogue, fixed={})).applied()
    for login, account in case.live.accounts.items():
        drawn = data.draw(account_strategy(account.login))
        part = data.draw(st.sampled_from(["active", "name", "email", "scope", "grants"]))
        changed = replace(account, **{part: getattr(drawn, part)})
        case = replace(case, live=replace(case.live, accounts={**case.live.accounts, login: changed}))
    check(case)


# --- one difference at a time ------------------------------------------------------------------------------


def case_of(
    people: Sequence[User],
    *live: Account,
    roles: Sequence[Role] = (BUYER, PLANNER),
    birthright: Sequence[Birthright] = (),
    can: Capabilities = CAN,
    targets: Sequence[str] = (),
    scopes: Sequence[str] = COMPANIES,
) -> Case:
    """A case whose users stand in a file; the position buyer brings the role buyer."""
    access = declare(users=people, roles=roles, positions=[position("buyer", "buyer")], birthright=birthright)
    more = {name: replace(make_target(), name=name) for name in targets}
    access = replace(access, targets={**access.targets, **more})
    catalogue = Catalogue(frozenset(ENTITLEMENTS), {"company": tuple(scopes)}, frozenset({"en", "zh_CN"}))
    return Case(read_back(access, users_text(access)), snapshot(*live), catalogue, can)


def account(**values: Any) -> Account:
    return Account(**{"login": "chen.jing", "name": "陈静", "grants": (BOUGHT,)} | values)


def entry_after(case: Case, terms: Terms | None = None) -> str:
    """The entry of chen.jing, with everything adopted; all of it must be."""
    result = adopted(case, terms)
    assert not result.left
    assert result.adopted
    return entries(written(case, users_text(case.access), result))["chen.jing"]


def why_not(case: Case, terms: Terms | None = None) -> str:
    """Why the only difference is not adopted."""
    result = adopted(case, terms)
    assert not result.users
    (difference,) = result.left
    return difference.why_not


def test_an_additional_right_becomes_an_assignment_with_its_days_and_its_request() -> None:
    grant = Grant("Production", date(2026, 12, 1), date(2026, 12, 31))
    entry = entry_after(case_of([CHEN], account(grants=(grant, BOUGHT))), Terms("REQ-2026-0417"))
    assert entry.endswith(
        "    assignments:\n"
        "      - role: planner\n"
        "        valid_from: 2026-12-01\n"
        "        valid_to: 2026-12-31\n"
        "        reason: adopted from the ERP\n"
        "        request: REQ-2026-0417\n"
        "\n"
    )


def test_the_reason_says_who_changed_it_and_when() -> None:
    case = case_of([CHEN], account(grants=(Grant("Production"), BOUGHT)))
    last = LastChange("何琪 (he.qi)", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    result = adopted(case, changes={"chen.jing": last})
    assert result.adopted[0].last == last
    (item,) = result.users["chen.jing"].assignments
    assert item.reason == "adopted from the ERP, changed there by 何琪 (he.qi) on 2026-11-20 09:30"


def test_a_right_held_for_two_spans_becomes_two_assignments() -> None:
    spans = (Grant("Production", None, date(2026, 11, 30)), Grant("Production", date(2027, 1, 1)))
    entry = entry_after(case_of([CHEN], account(grants=(*spans, BOUGHT))))
    assert entry.count("- role: planner") == 2


@pytest.mark.parametrize("first", ["chen.jing", "wu.lan"], ids=["a key a line", "on one line"])
@pytest.mark.parametrize("more", [[], ["clerk"]], ids=["the only one", "one of two"])
def test_one_assignment_goes_and_another_comes(first: str, more: list[str]) -> None:
    chen = user(position="buyer", assignments=[assign(key) for key in ["planner", *more]])
    people = [chen] if first == "chen.jing" else [user(first, assignments=[assign("buyer")]), chen]
    roles = [BUYER, PLANNER, role("stock", "Stock"), role("clerk", "会计")]
    held = sorted({"Purchase", "Stock", *(["会计"] if more else [])})
    live = [account(grants=tuple(map(Grant, held))), account(login="wu.lan")]
    case = case_of(people, *live, roles=roles)
    result = entry_after(case)
    assert "planner" not in result
    assert result.count("role: ") == 1 + len(more)
    assert "role: stock" in result


def test_the_role_that_grants_most_of_it_is_taken_and_of_two_the_less_risky() -> None:
    roles = [
        BUYER,
        PLANNER,
        role("a.both", "Production", "Stock", risk=Risk.HIGH),
        role("b.both", "Production", includes=["stock"], risk=Risk.LOW),
        role("stock", "Stock"),
    ]
    held = (Grant("Production"), BOUGHT, Grant("Stock"))
    assert "- role: b.both\n" in entry_after(case_of([CHEN], account(grants=held), roles=roles))


@pytest.mark.parametrize(
    "roles",
    [
        [BUYER],
        [BUYER, role("lead", "Production", "Purchase")],
        [BUYER, role("lead", "Production", includes=["buyer"])],
        [BUYER, replace(PLANNER, entitlements={ERP: ("Production",), "oa": ("Planner",)})],
        [BUYER, role("lead", "Production", includes=["oa"]), role("oa", "Planner", target="oa")],
    ],
)
def test_a_role_that_grants_anything_more_here_or_elsewhere_is_not_used(roles: Sequence[Role]) -> None:
    case = case_of([CHEN], account(grants=(Grant("Production"), BOUGHT)), roles=roles, targets=["oa"])
    assert why_not(case) == "no role grants just that; declare one, or revert it"


def test_rights_for_different_days_do_not_come_by_one_role() -> None:
    roles = [BUYER, role("both", "Production", "Stock"), role("stock", "Stock")]
    held = (Grant("Production"), BOUGHT, Grant("Stock", None, date(2026, 12, 31)))
    result = adopted(case_of([CHEN], account(grants=held), roles=roles))
    assert [item.change.subject for item in result.adopted] == ["Stock"]
    assert [item.change.subject for item in result.left] == ["Production"]


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (None, None, False),
        (None, date(2026, 12, 31), False),
        (date(2026, 12, 1), date(2026, 12, 31), False),
        (date(2026, 12, 1), date(2026, 12, 30), True),
    ],
)
def test_a_role_with_a_longest_duration_needs_both_days_and_not_too_many(
    first: date | None, last: date | None, fits: bool
) -> None:
    case = case_of([CHEN], account(grants=(Grant("Production", first, last), BOUGHT)))
    terms = Terms(longest={"planner": 30})
    if fits:
        assert "- role: planner\n" in entry_after(case, terms)
    else:
        assert why_not(case, terms) == "role planner needs both days, at most 30 of them"


def test_a_right_that_outlives_the_user_cannot_be_declared() -> None:
    leaving = user(position="buyer", valid_to=date(2026, 12, 31))
    until = Grant("Purchase", None, date(2026, 12, 31))
    case = case_of([leaving], account(grants=(Grant("Production"), until)))
    assert why_not(case) == "then Production would differ instead; correct it by hand"


def test_instants_are_not_taken_for_days() -> None:
    evening = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    words = "it begins or ends within a day, and the files know whole days"
    held = account(grants=(Grant("Production", None, evening), BOUGHT))
    assert why_not(case_of([CHEN], held)) == words
    assigned = user(assignments=[assign("buyer")])
    assert why_not(case_of([assigned], account(grants=(Grant("Purchase", None, evening),)))) == words


def test_a_right_of_somebody_who_has_left_is_not_adopted() -> None:
    case = case_of([replace(CHEN, status=Status.LEFT)], account(active=False))
    assert why_not(case) == "git says that this user has left"


def test_a_missing_right_takes_its_assignments_away_and_keeps_the_others() -> None:
    people = [
        user(
            position="buyer",
            assignments=[assign("planner"), assign("stock"), assign("planner", None, date(2026, 12, 1))],
        )
    ]
    roles = [BUYER, PLANNER, role("stock", "Stock")]
    case = case_of(people, account(grants=(BOUGHT, Grant("Stock"))), roles=roles)
    entry = entry_after(case)
    assert "planner" not in entry
    assert "- role: stock\n" in entry


def test_two_missing_rights_of_one_assignment_go_with_it() -> None:
    roles = [BUYER, role("both", "Production", "Stock")]
    case = case_of([user(position="buyer", assignments=[assign("both")])], account(), roles=roles)
    assert "assignments" not in entry_after(case)


def test_a_missing_right_that_comes_with_one_that_is_there_stays() -> None:
    roles = [BUYER, role("both", "Production", "Stock")]
    case = case_of(
        [user(position="buyer", assignments=[assign("both")])],
        account(grants=(BOUGHT, Grant("Stock"))),
        roles=roles,
    )
    assert why_not(case) == "then Stock would differ instead; correct it by hand"


def test_of_two_missing_rights_the_one_that_can_be_taken_away_is() -> None:
    roles = [role("buyer", "Purchase"), role("both", "Production", "Stock"), role("late", "会计")]
    people = [user(position="buyer", assignments=[assign("both"), assign("late")])]
    result = adopted(case_of(people, account(grants=(BOUGHT, Grant("Stock"))), roles=roles))
    assert [item.change.subject for item in result.adopted] == ["会计"]
    assert [item.change.subject for item in result.left] == ["Production"]


def test_the_last_right_of_an_account_that_is_still_open_cannot_be_taken_in_git() -> None:
    case = case_of([user(assignments=[assign("buyer")])], account(grants=()))
    assert why_not(case) == "then the account would have to be locked; correct it by hand"


def test_what_a_position_or_a_rule_gives_stays() -> None:
    everybody = Birthright("everybody", "Everybody", ("planner",), AT)
    case = case_of([CHEN], account(grants=(Grant("Production"),)), birthright=[everybody])
    assert why_not(case) == "position buyer gives it; change that, or revert it"
    case = case_of([CHEN], account(), birthright=[everybody])
    assert why_not(case) == "birthright rule everybody gives it; change that, or revert it"


def test_an_assignment_for_later_stays_where_the_erp_keeps_no_days() -> None:
    later = assign("planner", date(2027, 1, 1))
    people = [user(position="buyer", assignments=[assign("planner", None, date(2026, 12, 1)), later])]
    entry = entry_after(case_of(people, account(), can=Capabilities(validity=False)))
    assert entry.count("- role: planner\n") == 1
    assert "valid_from: 2027-01-01" in entry


@pytest.mark.parametrize(
    ("declared", "held", "lines"),
    [
        ((None, date(2026, 12, 31)), (None, None), []),
        ((None, date(2026, 12, 31)), (None, date(2027, 3, 31)), ["valid_to: 2027-03-31"]),
        (
            (date(2026, 11, 1), None),
            (None, date(2027, 3, 31)),
            ["valid_from: 2026-11-01", "valid_to: 2027-03-31"],
        ),
        ((date(2026, 12, 1), None), (None, None), []),
        ((None, None), (date(2027, 1, 1), None), ["valid_from: 2027-01-01"]),
    ],
)
def test_other_days_become_those_of_the_assignment(
    declared: tuple[date | None, date | None], held: tuple[date | None, date | None], lines: list[str]
) -> None:
    ended = assign("planner", None, date(2025, 12, 31))
    people = [user(position="buyer", assignments=[ended, assign("planner", *declared)])]
    case = case_of(people, account(grants=(Grant("Production", *held), BOUGHT)))
    entry = entry_after(case)
    assert re.findall(r"valid_\w+: (?!2025).+", entry) == lines


def test_other_days_than_a_role_may_have_are_not_adopted() -> None:
    people = [user(position="buyer", assignments=[assign("planner", date(2026, 11, 1), date(2026, 11, 30))])]
    case = case_of(people, account(grants=(Grant("Production"), BOUGHT)))
    words = "role planner needs both days, at most 30 of them"
    assert why_not(case, Terms(longest={"planner": 30})) == words


@pytest.mark.parametrize(
    "assignments",
    [[], [assign("planner", None, date(2026, 12, 31)), assign("planner", date(2027, 3, 1))]],
    ids=["a position", "two assignments"],
)
def test_other_days_of_what_no_single_assignment_gives_stay(assignments: list[Any]) -> None:
    people = [user(position="buyer", assignments=assignments)]
    subject = "Production" if assignments else "Purchase"
    grants = {Grant("Purchase"), Grant(subject, None, date(2027, 1, 31))} - (
        set() if assignments else {BOUGHT}
    )
    case = case_of(people, account(grants=tuple(sorted(grants, key=lambda grant: grant.order))))
    assert why_not(case) == "not one assignment alone is behind it; correct them by hand"


@pytest.mark.parametrize(
    ("declared", "live", "line"),
    [
        ({}, {"name": "陈晶"}, "    name: 陈晶\n"),
        ({"email": "a@huaxin.example"}, {"email": "b@huaxin.example"}, "    email: b@huaxin.example\n"),
        ({"language": "en"}, {"language": "zh_CN"}, "    language: zh_CN\n"),
        ({}, {"active": False}, "    status: locked  # the end"),
        ({"status": Status.LOCKED}, {}, "    status: active  # the end"),
        ({"scope": {"company": ("all",)}}, {"scope": {"company": COMPANIES[:1]}},
         "    scope: {company: [Huaxin Castings]}"),
        ({}, {"scope": {"company": COMPANIES[:1]}}, "    scope:\n      company: [Huaxin Castings]\n"),
        ({"previously": ["old"]}, {"login": "old"}, "    logins:\n      erp: old\n"),
        ({"logins": {ERP: "CJ0023", "oa": "cj"}, "previously": ["old"]}, {"login": "old"},
         "    logins: {erp: old, oa: cj}\n"),
    ],
)  # fmt: skip
def test_a_value_of_the_erp_is_written(declared: dict[str, Any], live: dict[str, Any], line: str) -> None:
    people = [replace(user(position="buyer", **{k: v for k, v in declared.items() if k != "status"}),
                      status=declared.get("status", Status.ACTIVE))]  # fmt: skip
    assert line in entry_after(case_of(people, account(**live)))


@pytest.mark.parametrize(
    ("declared", "live", "key"),
    [
        ({"email": "a@huaxin.example"}, {}, "email"),
        ({"language": "en"}, {}, "language"),
        ({"scope": {"company": COMPANIES}}, {}, "scope"),
        ({"logins": {ERP: "CJ0023"}}, {}, "logins"),
    ],
)
def test_a_value_that_the_erp_has_not_is_taken_out(
    declared: dict[str, Any], live: dict[str, Any], key: str
) -> None:
    assert key not in entry_after(case_of([user(position="buyer", **declared)], account(**live)))


@pytest.mark.parametrize("name", ["", " 陈静", "陈" * 201])
def test_a_name_that_the_files_do_not_take_stays(name: str) -> None:
    words = "the files do not take it as a name; correct it in the ERP"
    assert why_not(case_of([CHEN], account(name=name))) == words


def test_a_company_that_git_could_not_name_stays() -> None:
    case = case_of([CHEN], account(scope={"company": ("#7",)}))
    assert why_not(case) == "git cannot name each company that the ERP has there; correct it in the ERP"
    case = case_of([CHEN], account(scope={"company": ("all",)}), scopes=["all", "Huaxin Trading"])
    assert why_not(case).startswith("git cannot name each company")


def test_everything_is_adopted_as_all_where_the_erp_knows_it() -> None:
    can = replace(CAN, unbounded=frozenset({"company"}))
    entry = entry_after(case_of([CHEN], account(scope={"company": ("all",)}), can=can))
    assert "company: all" in entry


def test_who_must_stay_locked_is_not_let_in_by_the_erp() -> None:
    case = case_of([replace(CHEN, status=Status.LOCKED)], account())
    words = "locked in an emergency that is not merged yet"
    assert why_not(case, Terms(kept_locked={"chen.jing"})) == words


def test_who_may_not_work_any_more_is_told_with_the_reason() -> None:
    ended = case_of([user(position="buyer", valid_to=date(2026, 10, 31))], account(grants=()))
    assert why_not(ended) == "git says that this user ended on 2026-10-31; correct the entry by hand"
    nothing = case_of([user()], account(grants=()))
    assert (
        why_not(nothing) == "git says that this user has no role that holds today; correct the entry by hand"
    )


def test_an_unlocked_account_that_would_differ_otherwise_stays() -> None:
    case = case_of([replace(CHEN, status=Status.LOCKED)], account(name="陈晶"))
    assert why_not(case) == "then name would differ instead; correct it by hand"


def test_a_user_who_is_locked_and_has_no_role_either_is_not_declared_active_for_nothing() -> None:
    case = case_of([replace(user(), status=Status.LOCKED)], account(grants=()))
    assert why_not(case) == "no entry of this user says just that; correct it by hand"


def test_an_account_that_is_not_there_is_one_difference() -> None:
    case = case_of([CHEN])
    assert why_not(case) == "mark the user as left, or take the roles away, by hand; or revert it"


def test_an_assignment_that_opens_the_account_is_adopted_with_it() -> None:
    entry = entry_after(case_of([user()], account()))
    assert "- role: buyer\n" in entry


def test_what_another_target_has_too_is_not_changed_there() -> None:
    everywhere = replace(BUYER, entitlements={ERP: ("Purchase",), "oa": ("Buyer",)})
    case = case_of([CHEN], account(name="陈晶"), roles=[everywhere], targets=["oa"])
    assert why_not(case) == "it would change target oa too"


def test_a_name_is_adopted_where_the_user_has_no_account_elsewhere() -> None:
    assert "name: 陈晶" in entry_after(case_of([CHEN], account(name="陈晶"), targets=["oa"]))


def test_the_drift_of_two_targets_goes_into_one_entry() -> None:
    roles = [BUYER, PLANNER, role("oa.reader", "Stock", target="oa")]
    here = case_of([CHEN], account(grants=(Grant("Production"), BOUGHT)), roles=roles, targets=["oa"])
    prepared = resolver(here.access, "oa", TODAY, validity=True)
    live = snapshot(account(grants=(Grant("Stock"),)))
    found = diff(
        prepared.desired(), live, target=here.access.targets["oa"], catalogue=here.catalogue,
        capabilities=CAN, as_of=TODAY,
    )  # fmt: skip
    there = Seen(target_plan(found, prepared, "instance-2", 1), prepared, live, here.catalogue, CAN)
    result = adopt([seen(here), there], Terms())
    assert not result.left
    assert [item.role for item in result.users["chen.jing"].assignments] == ["planner", "oa.reader"]


def test_what_is_observed_or_protected_is_adopted_all_the_same() -> None:
    case = case_of([CHEN], account(name="陈晶"))
    assert "name: 陈晶" in entry_after(case.with_manage(OBSERVE))
    assert "name: 陈晶" in entry_after(
        replace(case, live=replace(case.live, protected={"chen.jing": "his own"}))
    )


def test_accounts_are_asked_about_by_the_login_they_have() -> None:
    case = case_of(
        [user(position="buyer", previously=["Old"]), user("wu.lan", position="buyer")], account(login="OLD")
    )
    assert live_logins(case.target_plan(), case.resolver, case.live) == ["old"]


def test_who_could_not_be_written_is_told_with_the_reason() -> None:
    result = adopted(case_of([CHEN], account(name="陈晶"))).without({"chen.jing": "the file says no"})
    assert [item.why_not for item in result.left] == ["the file says no"]
    assert (result.adopted, result.users) == ((), {})
