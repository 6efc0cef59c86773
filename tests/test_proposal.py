"""Everything that two declared states differ in, in words of roles."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.model import ChangeKind, Way
from erpsync.proposal import ACCOUNT, ENTRY, KEY, WORDING, EntryChange, Proposal, Proposed, propose
from tests.support.declared import COMPANY, Document, declared, edited, without

ME = "chen.jing"
MAY, JUNE = date(2027, 5, 1), date(2027, 6, 30)


def between(base: Document, head: Document) -> Proposal:
    return propose(declared(base), declared(head))


def told(base: Document, head: Document) -> list[tuple[str, ChangeKind, str, object, object]]:
    """Each change in short."""
    changes = between(base, head).changes
    return [(item.user, item.kind, item.subject, item.before, item.after) for item in changes]


def only(base: Document, head: Document) -> Proposed:
    (change,) = between(base, head).changes
    return change


def assigned(document: Document, *assignments: dict[str, str]) -> Document:
    given = [{"reason": "stands in", **item} for item in assignments]
    return edited(document, "users", ME, assignments=given)


def user(**values: Any) -> Document:
    return edited(COMPANY, "users", ME, **values)


LEAVING = user(valid_to="2027-01-01")
"""Somebody whose last day comes before whatever begins later."""


def test_equal_states_differ_in_nothing() -> None:
    assert between(COMPANY, COMPANY) == Proposal((), ())


# --- roles -------------------------------------------------------------------------------------------


def test_assignment_grants_the_role_with_reason_request_and_place() -> None:
    head = assigned(COMPANY, {"role": "chief", "valid_from": "2027-05-01", "request": "REQ-1"})
    change = only(COMPANY, head)
    assert (change.kind, change.subject, change.way) == (ChangeKind.GRANT, "chief", Way.ASSIGNMENT)
    assert (change.before, change.after) == ((), ((MAY, None),))
    assert (change.reason, change.request) == ("stands in", "REQ-1")
    assert change.at == declared(head).access.users[ME].assignments[0].at


def test_assignment_taken_away_revokes_the_role() -> None:
    change = only(assigned(COMPANY, {"role": "chief", "request": "REQ-1"}), COMPANY)
    assert (change.kind, change.subject, change.way) == (ChangeKind.REVOKE, "chief", Way.ASSIGNMENT)
    assert (change.before, change.after, change.request) == (((None, None),), (), "REQ-1")


def test_other_days_retime_the_role() -> None:
    base = assigned(COMPANY, {"role": "chief", "valid_to": "2027-05-01"})
    change = only(base, assigned(COMPANY, {"role": "chief", "valid_to": "2027-06-30"}))
    assert change.kind is ChangeKind.RETIME
    assert (change.before, change.after) == (((None, MAY),), ((None, JUNE),))


def test_of_several_assignments_the_new_one_is_told() -> None:
    old = {"role": "chief", "valid_to": "2027-05-01", "request": "REQ-1"}
    new = {"role": "chief", "valid_from": "2027-06-30", "request": "REQ-2"}
    for head in (assigned(COMPANY, new, old), assigned(COMPANY, old, new)):
        change = only(assigned(COMPANY, old), head)
        assert (change.request, change.after) == ("REQ-2", ((None, MAY), (JUNE, None)))


def test_days_are_told_as_far_as_the_user_may_work() -> None:
    base = user(valid_to="2027-05-01")
    assert only(base, assigned(base, {"role": "chief"})).after == ((None, MAY),)


def test_new_position_grants_and_revokes_its_roles() -> None:
    base = edited(user(position="seller"), "positions", "seller", roles=["ledger"])
    head = edited(base, "users", ME, position="buyer")
    assert told(base, head) == [
        (ME, ChangeKind.UPDATE, "position", ("seller",), ("buyer",)),
        (ME, ChangeKind.GRANT, "buyer", (), ((None, None),)),
        (ME, ChangeKind.REVOKE, "ledger", ((None, None),), ()),
    ]


def test_position_that_brings_another_role_grants_it_to_who_holds_it() -> None:
    base = user(position="buyer")
    proposal = between(base, edited(base, "positions", "buyer", roles=["buyer", "ledger"]))
    (change,) = proposal.changes
    assert (change.user, change.subject, change.way) == (ME, "ledger", Way.POSITION)
    assert [(item.section, item.key) for item in proposal.entries] == [("positions", "buyer")]


def test_birthright_rule_grants_its_roles_to_whom_it_is_for() -> None:
    rule = {"title": "Sales", "when": {"department": ["sales"]}, "roles": ["marker"]}
    changes = between(COMPANY, edited(COMPANY, "birthright", "sales", **rule)).changes
    assert {(item.user, item.subject, item.way) for item in changes} == {
        (key, "marker", Way.RULE) for key in ("yan.song", "he.meiling", "lai.wen")
    }


def test_role_kept_by_assignment_when_the_position_goes_is_told_by_its_new_way() -> None:
    base = user(position="buyer")
    head = assigned(edited(base, "users", ME, position=None), {"role": "buyer"})
    (change,) = (item for item in between(base, head).changes if item.way)
    assert (change.kind, change.way) == (ChangeKind.RETIME, Way.ASSIGNMENT)
    assert change.before == change.after


def test_role_that_loses_one_of_two_ways_is_told_by_the_one_that_is_left() -> None:
    base = user(position="buyer")
    (change,) = between(assigned(base, {"role": "buyer", "valid_to": "2027-05-01"}), base).changes
    assert (change.kind, change.way, change.after) == (ChangeKind.RETIME, Way.POSITION, ((None, None),))


def test_role_that_comes_in_two_new_ways_is_told_as_assignment() -> None:
    head = assigned(user(position="buyer"), {"role": "buyer"})
    (change,) = (item for item in between(COMPANY, head).changes if item.way)
    assert (change.kind, change.way) == (ChangeKind.GRANT, Way.ASSIGNMENT)


# --- people ------------------------------------------------------------------------------------------


def test_new_user_is_created_with_roles_and_scope() -> None:
    new = {"name": "沈杰", "type": "dedicated", "position": "buyer", "scope": {"company": ["A"]}}
    assert told(COMPANY, edited(COMPANY, "users", "shen.jie", **new)) == [
        ("shen.jie", ChangeKind.CREATE, "", (), ()),
        ("shen.jie", ChangeKind.RESCOPE, "company", (), ("A",)),
        ("shen.jie", ChangeKind.GRANT, "buyer", (), ((None, None),)),
    ]


def test_removed_user_is_told_with_all_that_goes() -> None:
    base = user(position="buyer", scope={"company": ["A"]})
    assert told(base, without(base, "users", ME)) == [
        (ME, ChangeKind.UPDATE, ENTRY, ("declared",), ()),
        (ME, ChangeKind.RESCOPE, "company", ("A",), ()),
        (ME, ChangeKind.REVOKE, "buyer", ((None, None),), ()),
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("active", "locked", ChangeKind.LOCK),
        ("active", "left", ChangeKind.LOCK),
        ("locked", "active", ChangeKind.UNLOCK),
        ("left", "active", ChangeKind.UNLOCK),
    ],
)
def test_status_locks_or_unlocks(before: str, after: str, kind: ChangeKind) -> None:
    assert told(user(status=before), user(status=after)) == [(ME, kind, "", (before,), (after,))]


def test_who_leaves_loses_all_roles_and_who_is_locked_none() -> None:
    base = user(position="buyer")
    left = told(base, edited(base, "users", ME, status="left"))
    assert [(kind, subject) for _, kind, subject, _, _ in left] == [
        (ChangeKind.LOCK, ""),
        (ChangeKind.REVOKE, "buyer"),
    ]
    assert len(told(base, edited(base, "users", ME, status="locked"))) == 1


def test_other_days_of_the_user_retime_the_account_and_its_roles() -> None:
    base = user(position="buyer")
    assert told(base, edited(base, "users", ME, valid_to="2027-05-01")) == [
        (ME, ChangeKind.RETIME, ACCOUNT, ((None, None),), ((None, MAY),)),
        (ME, ChangeKind.RETIME, "buyer", ((None, None),), ((None, MAY),)),
    ]


def test_scope_is_told_by_kind() -> None:
    base = user(scope={"company": ["B", "A"], "warehouse": "all"})
    assert told(base, edited(base, "users", ME, scope={"company": ["A", "C"], "ledger": ["1"]})) == [
        (ME, ChangeKind.RESCOPE, "company", ("A", "B"), ("A", "C")),
        (ME, ChangeKind.RESCOPE, "ledger", (), ("1",)),
        (ME, ChangeKind.RESCOPE, "warehouse", ("all",), ()),
    ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("email", "chen.jing@huaxin.example", ("chen.jing@huaxin.example",)),
        ("deputy", "lin.tao", ("lin.tao",)),
        ("logins", {"erp": "CJ0023"}, ("erp: CJ0023",)),
        ("forge", {"github": "huaxin-chen-jing"}, ("github: huaxin-chen-jing",)),
        ("previously", ["cj", "chenj"], ("cj", "chenj")),
        ("away", [{"valid_from": "2027-05-01", "valid_to": "2027-06-30"}],
         ("valid_from: 2027-05-01, valid_to: 2027-06-30",)),
        ("a_key_of_the_future", None, ()),
    ],
)  # fmt: skip
def test_any_other_key_is_an_update_at_its_value(key: str, value: Any, words: tuple[str, ...]) -> None:
    if value is None:
        base, value, words = user(**{key: "old"}), "new", ("new",)
    else:
        base = COMPANY
    head = edited(base, "users", ME, **{key: value})
    change = only(base, head)
    assert (change.kind, change.subject, change.after) == (ChangeKind.UPDATE, key, words)
    entry = declared(head).entries.sections["users"][ME].value
    assert change.at == entry.value_at(key)


def test_key_taken_away_is_an_update_to_nothing() -> None:
    change = only(user(email="a@b.example"), COMPANY)
    assert (change.subject, change.before, change.after) == ("email", ("a@b.example",), ())


def test_new_key_is_told_as_such_and_not_as_another_person() -> None:
    base = user(position="buyer")
    head = without(base, "users", ME)
    head["users"]["chen.j"] = {**base["users"][ME], "previously": [ME]}
    assert told(base, head) == [
        ("chen.j", ChangeKind.UPDATE, KEY, (ME,), ("chen.j",)),
        ("chen.j", ChangeKind.UPDATE, "previously", (), (ME,)),
    ]


def test_second_user_that_an_earlier_key_swallows_is_removed() -> None:
    base = user(position="buyer")
    head = without(base, "users", "lin.tao", ME)
    head["users"]["chen.j"] = {**base["users"][ME], "previously": ["lin.tao", ME]}
    removed = {item.user for item in between(base, head).changes if item.subject == ENTRY}
    assert removed == {ME}


def test_user_whose_key_another_one_takes_over_is_removed() -> None:
    base = user(position="buyer")
    head = edited(without(base, "users", ME), "users", "lin.tao", previously=[ME])
    assert {(item.user, item.kind, item.subject) for item in between(base, head).changes} == {
        (ME, ChangeKind.UPDATE, ENTRY),
        (ME, ChangeKind.REVOKE, "buyer"),
        ("lin.tao", ChangeKind.UPDATE, "previously"),
    }


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (COMPANY, user(status="active")),
        (user(scope={"company": ["A", "B"]}), user(scope={"company": ["B", "A"]})),
        (assigned(COMPANY, {"role": "buyer", "request": "1"}), assigned(COMPANY, {"role": "buyer"})),
        (LEAVING, assigned(LEAVING, {"role": "chief", "valid_from": "2027-05-01"})),
    ],
)
def test_edit_without_effect_is_wording(base: Document, head: Document) -> None:
    change = only(base, head)
    assert (change.kind, change.subject, change.way) == (ChangeKind.UPDATE, WORDING, None)


# --- other entries -----------------------------------------------------------------------------------


def test_entries_are_added_changed_and_removed_in_the_order_of_sections() -> None:
    head = edited(without(COMPANY, "approvals", "high"), "roles", "buyer", risk="low")
    head = edited(head, "departments", "audit", title="Audit")
    here, there = declared(head).entries.sections, declared(COMPANY).entries.sections
    assert between(COMPANY, head).entries == (
        EntryChange("departments", "audit", "added", here["departments"]["audit"].at),
        EntryChange("roles", "buyer", "changed", here["roles"]["buyer"].at),
        EntryChange("approvals", "high", "removed", there["approvals"]["high"].at),
    )


# --- nothing is missed -------------------------------------------------------------------------------

_role_lists = st.lists(st.sampled_from(["buyer", "approver", "chief"]), max_size=2, unique=True)
_days = st.sampled_from(["2026-12-31", "2027-05-01", "2027-06-30"])
_assignments = st.fixed_dictionaries(
    {"role": st.sampled_from(["buyer", "chief"]), "reason": st.sampled_from(["one", "two"])},
    optional={"valid_from": _days, "valid_to": _days, "request": st.sampled_from(["REQ-1", "REQ-2"])},
)
_user_values = st.fixed_dictionaries(
    {"name": st.sampled_from(["陈静", "林涛"]), "type": st.sampled_from(["dedicated", "service"])},
    optional={
        "status": st.sampled_from(["active", "locked", "left"]),
        "department": st.sampled_from(["purchasing", "sales"]),
        "position": st.sampled_from(["buyer", "seller"]),
        "email": st.sampled_from(["a@b.example", "c@d.example"]),
        "owner": st.just("wu.lan"),
        "deputy": st.just("wu.lan"),
        "forge": st.sampled_from([{"github": "one"}, {"github": "two"}]),
        "away": st.lists(st.fixed_dictionaries({"valid_from": _days, "valid_to": _days}), max_size=1),
        "valid_from": _days,
        "valid_to": _days,
        "previously": st.sampled_from([["chen.jing"], ["lin.tao"], ["older"]]),
        "scope": st.sampled_from([{"company": ["A", "B"]}, {"company": ["B", "A"]}, {"company": "all"}]),
        "assignments": st.lists(_assignments, max_size=3),
    },
)
_entries = {
    "roles": st.fixed_dictionaries(
        {"title": st.just("Role"), "subsystem": st.just("materials"), "owner": st.just("wu.lan")},
        optional={"risk": st.sampled_from(["low", "critical"]), "includes": _role_lists},
    ),
    "positions": st.fixed_dictionaries(
        {
            "title": st.just("Job"),
            "department": st.sampled_from(["purchasing", "sales"]),
            "roles": _role_lists,
        }
    ),
    "oversight": st.fixed_dictionaries({"title": st.just("Audit"), "members": st.just(["ruan.ling"])}),
    "settings": st.sampled_from(["Asia/Shanghai", "UTC"]),
    "users": _user_values,
}
_keys = {
    "roles": ["buyer", "approver", "chief"],
    "positions": ["buyer", "seller"],
    "oversight": ["audit", "office"],
    "settings": ["timezone"],
    "users": ["chen.jing", "lin.tao", "wu.lan", "shen.jie"],
}
_PLACES = [(section, key) for section, keys in _keys.items() for key in keys]
_NEVER_GONE = {"roles", "positions"}


@st.composite
def edits(draw: st.DrawFn) -> tuple[Document, Document]:
    """Files, and the same with one to three entries written anew, added or taken away."""
    base: Document = {
        section: {
            key: draw(_entries[section]) for key in keys if section in _NEVER_GONE or draw(st.booleans())
        }
        for section, keys in _keys.items()
    }
    head = deepcopy(base)
    for section, key in draw(st.lists(st.sampled_from(_PLACES), min_size=1, max_size=3, unique=True)):
        if section not in _NEVER_GONE and draw(st.booleans()):
            head[section].pop(key, None)
        else:
            head[section][key] = draw(_entries[section])
    return base, head


@given(edits())
def test_no_edit_of_any_entry_is_missed_and_nothing_else_is_told(sides: tuple[Document, Document]) -> None:
    base, head = sides
    proposal = between(base, head)
    differing = {place for place in _PLACES if base[place[0]].get(place[1]) != head[place[0]].get(place[1])}
    told_entries = {(item.section, item.key) for item in proposal.entries}
    assert told_entries == {place for place in differing if place[0] != "users"}
    told_users = {item.user for item in proposal.changes}
    # A user under a new key stands for the one of the old key.
    told_users |= {key for item in proposal.changes if item.subject == KEY for key in map(str, item.before)}
    assert told_users >= {key for section, key in differing if section == "users"}
    if not any(section in ("positions", "birthright") for section, _ in differing):
        assert told_users == {key for section, key in differing if section == "users"}
