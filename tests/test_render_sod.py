"""Separation of duties as people and machines read it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from erpsync.model import Access, Mitigation, Policy, Response, User
from erpsync.policy.base import Facts
from erpsync.policy.sod_explain import explain
from erpsync.policy.sod_rule import tell
from erpsync.policy.what_if import what_if, with_roles
from erpsync.render.sod import list_json, render_explanation, render_list, render_what_if
from erpsync.render.text import no_paint
from tests.builders import AT, TODAY, assign, user
from tests.policy.sod_companies import company, duty, sod_risk

SOON = TODAY + timedelta(days=10)
P05 = replace(sod_risk("P05", "PO", "GR/CNT"), why="can order what never comes", why_zh="可虚构收货")
ROLES = (duty("buyer", "PO"), duty("keeper", "GR"), duty("lead", includes=("keeper",)))
BUYER = user("lin.tao", position="buyer", name="林涛")
BOTH = user("chen.jing", position="buyer", assignments=[assign("lead", None, SOON, request="REQ-7")])
LOOKS = Mitigation(
    "m", "looks", "wu.lan", "wu.lan", frozenset({"chen.jing"}), SOON, "x", AT, frozenset({"P05"})
)


def declare(*users: User, response: Response = Response.RECORD) -> Access:
    access = company(
        *users, user("wu.lan", name="吴岚"), roles=ROLES, risks=(P05,), positions={"buyer": ("buyer",)}
    )
    return replace(access, policy=Policy(default=response))


def listed(access: Access, lang: str = "en") -> list[str]:
    return render_list(tell(Facts(access, TODAY)), lang, no_paint).splitlines()


def test_a_conflict_is_listed_with_its_place_and_what_follows() -> None:
    assert listed(declare(BOTH, response=Response.BLOCK)) == [
        (
            "P05 high: chen.jing (陈静) can order what never comes: PO by buyer (position buyer) and GR by "
            "lead (assignment), until 2026-11-30; by an assignment for a time"
        ),
        "    access/users.yaml:3; block",
        "1 conflict: 1 not made up for, 1 blocking",
    ]


def test_it_is_listed_in_chinese() -> None:
    first, second, last = listed(declare(BOTH), "zh")
    assert first.startswith("P05 高: chen.jing（陈静）可虚构收货：")
    assert (second, last) == ("    access/users.yaml:3; 记录", "职责冲突 1 项：未处置 1 项，阻止 0 项")


def test_what_makes_up_for_it_is_named() -> None:
    access = replace(declare(BOTH, response=Response.MITIGATE), mitigations={"m": LOOKS})
    assert listed(access)[1:] == [
        "    access/users.yaml:3; mitigate; made up for by mitigation m until 2026-11-30",
        "1 conflict: 0 not made up for, 0 blocking",
    ]
    assert listed(access, "zh")[1] == (
        "    access/users.yaml:3; 须有补偿控制；已由 mitigation m until 2026-11-30 处置"
    )


def test_where_there_is_none_the_list_says_so() -> None:
    assert listed(declare(BUYER)) == ["0 conflicts: 0 not made up for, 0 blocking"]


def test_for_machines_there_are_the_days_and_the_seat() -> None:
    document = json.loads(list_json(tell(Facts(declare(BOTH, response=Response.BLOCK), TODAY)), TODAY))
    (entry,) = document["conflicts"]
    assert document["counts"] == {"conflicts": 1, "open": 1, "blocking": 1}
    assert document["as_of"] == "2026-11-20"
    assert entry["id"] == "sod/P05:chen.jing"
    assert entry["days"] == [{"first": "2026-11-20", "last": "2026-11-30"}]
    assert (entry["seat"], entry["blocks"], entry["file"]) == (
        "by an assignment for a time",
        True,
        "access/users.yaml",
    )


def test_a_day_without_end_and_a_role_have_null() -> None:
    access = replace(
        declare(user("chen.jing", assignments=[assign("both")])),
        roles={"both": duty("both", "PO", "GR")},
        positions={},
    )
    person, role = json.loads(list_json(tell(Facts(access, TODAY)), TODAY))["conflicts"]
    assert person["days"] == [{"first": "2026-11-20", "last": None}]
    assert (role["days"], role["seat"]) == (None, None)


# --- one explained --------------------------------------------------------------------------------------


def explained(access: Access, key: str) -> list[str]:
    facts = Facts(access, TODAY)
    found = explain(facts, access.users[key], access.risks["P05"])
    return render_explanation(found, access, TODAY, no_paint).splitlines()


def test_an_explanation_shows_the_chains_the_seat_the_policy_and_who_could_take_over() -> None:
    assert explained(declare(BOTH), "chen.jing") == [
        "chen.jing (陈静): can order what never comes, until 2026-11-30",
        "  P05 Title of P05 (high), access/users.yaml:3",
        "  PO (Title of PO)",
        "    PO ← buyer ← position buyer (access/users.yaml:3)",
        "    could take it over: wu.lan (吴岚)",
        "  GR (Title of GR) or CNT (Title of CNT)",
        "    GR ← keeper ← lead ← assignment REQ-7 (access/users.yaml:3), until 2026-11-30",
        "    could take it over: wu.lan (吴岚)",
        "  it sits: by an assignment for a time",
        "  what mends it: let somebody else stand in",
        "  policy: record",
    ]


def test_without_the_risk_it_says_which_side_is_missing() -> None:
    assert explained(declare(BUYER), "lin.tao") == [
        "lin.tao (林涛): no conflict: has no GR or CNT",
        "  P05 Title of P05 (high), access/users.yaml:3",
        "  PO (Title of PO)",
        "    PO ← buyer ← position buyer (access/users.yaml:3)",
        "  GR (Title of GR) or CNT (Title of CNT): by nothing",
    ]


def test_sides_that_never_meet_are_no_conflict() -> None:
    apart = [assign("buyer", None, SOON), assign("lead", SOON + timedelta(days=1))]
    (first, *_) = explained(declare(user("chen.jing", assignments=apart)), "chen.jing")
    assert first == "chen.jing (陈静): no conflict: never on one day in one scope"


def test_a_risk_that_some_may_have_says_so() -> None:
    access = declare(BUYER)
    access = replace(access, risks={"P05": replace(P05, sides=(("PO",),), max_holders=2)})
    first, *_, last = explained(access, "lin.tao")
    assert first == "lin.tao (林涛): can order what never comes; no more than 2 have it, which may be"
    assert last == "  what mends it: take the role away"


def test_many_who_could_take_over_are_counted() -> None:
    others = [user(f"colleague{number}") for number in range(7)]
    lines = explained(declare(BOTH, *others), "chen.jing")
    (line, _) = (line for line in lines if "take it over" in line)
    assert line.endswith("colleague4 (陈静) and 3 more")


# --- what if --------------------------------------------------------------------------------------------


def would(access: Access, key: str, *granted: str, revoked: tuple[str, ...] = ()) -> list[str]:
    person = access.users[key]
    changed = with_roles(person, [assign(role) for role in granted], revoked)
    return render_what_if(what_if(Facts(access, TODAY), changed), person, TODAY, no_paint).splitlines()


def test_what_a_role_would_bring_is_told_with_its_first_day() -> None:
    assert would(declare(BUYER), "lin.tao", "keeper") == [
        "lin.tao (林涛): brings 1 conflict, ends 0",
        (
            "  + P05 high, from 2026-11-20: lin.tao (林涛) can order what never comes: PO by buyer "
            "(position buyer) and GR by keeper (assignment); between roles; record"
        ),
    ]


def test_that_the_policy_blocks_it_is_told_last() -> None:
    lines = would(declare(BUYER, response=Response.BLOCK), "lin.tao", "keeper")
    assert lines[-1] == "refused: the policy blocks what it would bring"


def test_what_it_would_end_is_told_with_the_days() -> None:
    lines = would(declare(BOTH), "chen.jing", revoked=("lead",))
    assert lines[0] == "chen.jing (陈静): brings 0 conflicts, ends 1"
    assert lines[1].startswith("  - P05 high, until 2026-11-30: chen.jing ")


def test_a_change_that_means_nothing_is_told_as_that() -> None:
    assert would(declare(BUYER), "lin.tao", "buyer") == ["lin.tao (林涛): brings no conflict and ends none"]


def test_names_cannot_rewrite_the_screen() -> None:
    evil = replace(BOTH, name="\x1b[2J陈静\u202e")
    for lines in (
        listed(declare(evil)),
        explained(declare(evil), "chen.jing"),
        would(declare(evil), "chen.jing", "keeper"),
    ):
        assert "\x1b" not in "".join(lines)
        assert "\u202e" not in "".join(lines)
