"""What the rule says of conflicts, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from erpsync.model import Access, Location, Mitigation, Policy, Response, Risk, Role, User
from erpsync.policy.base import Facts, Violation, evaluate
from erpsync.policy.sod_rule import SOD, tell
from erpsync.policy.sod_words import days, days_zh
from tests.builders import AT, TODAY, assign, user
from tests.policy.sod_companies import company, duty, sod_risk

SOON = TODAY + timedelta(days=10)
LAST = Location("access/people.yaml", 9, 5)
"""A place before the one that everything else has."""
P05 = replace(sod_risk("P05", "PO", "GR"), why="can order what never comes", why_zh="可虚构收货")
ROLES = (duty("buyer", "PO"), duty("keeper", "GR"))
BOTH = (*ROLES, duty("both", "PO", "GR"))


def declare(*users: User, roles: tuple[Role, ...] = ROLES, most: int | None = None) -> Access:
    risk = P05 if most is None else sod_risk("C1", "PO", most=most)
    return company(*users, roles=roles, risks=(risk,), positions={"buyer": ("buyer",)})


def said(access: Access) -> list[Violation]:
    return [finding.violation for finding in evaluate(Facts(access, TODAY), [SOD])]


def stand_in(key: str = "chen.jing") -> User:
    late = replace(assign("keeper", SOON, SOON + timedelta(days=5)), at=LAST)
    return user(key, position="buyer", assignments=[late])


def test_a_conflict_is_told_with_its_ways_days_and_seat() -> None:
    (violation,) = said(declare(stand_in()))
    assert violation.message == (
        "chen.jing (陈静) can order what never comes: PO by buyer (position buyer) "
        "and GR by keeper (assignment), from 2026-11-30 until 2026-12-05; by an assignment for a time"
    )
    assert violation.hint == "let somebody else stand in, or make up for it with a mitigation"


def test_it_is_told_in_chinese_too() -> None:
    (violation,) = said(declare(stand_in()))
    assert violation.message_zh == (
        "chen.jing（陈静）可虚构收货：PO职责来自 buyer（岗位 buyer）；GR职责来自 keeper（授权），"
        "自 2026-11-30 起至 2026-12-05 止；由临时授权带来"
    )
    assert violation.hint_zh == "改由他人代理，或增加补偿控制"


def test_it_stands_where_the_holding_is_that_came_last() -> None:
    (violation,) = said(declare(stand_in()))
    assert violation.at == LAST


def test_one_of_several_ways_to_a_side_is_named_and_the_others_counted() -> None:
    twice = user("chen.jing", position="buyer", assignments=[assign("keeper"), assign("keeper", None, SOON)])
    (violation,) = said(declare(twice))
    assert "GR by keeper (assignment) and 1 more" in violation.message
    assert "GR职责来自 keeper（授权）等 2 项" in violation.message_zh


def test_of_several_ways_the_one_that_lasts_longest_is_named() -> None:
    roles = (*ROLES, duty("a.keeper", "GR"))
    held = [assign("a.keeper"), assign("keeper", None, SOON)]
    (violation,) = said(declare(user("chen.jing", position="buyer", assignments=held), roles=roles))
    assert "GR by a.keeper (assignment) and 1 more" in violation.message


def test_the_subject_is_the_person_so_that_it_is_the_same_in_every_run() -> None:
    two = [replace(user(key, assignments=[assign("both")]), employee_no="7") for key in ("lin2", "lin.tao")]
    found = evaluate(Facts(declare(*two, roles=BOTH), TODAY), [SOD])
    (finding,) = [item for item in found if "role:" not in item.id]
    assert finding.id == "sod/P05:lin.tao"
    assert finding.violation.message.startswith("lin.tao, lin2 (陈静) ")


def test_level_response_and_controls_are_those_of_the_risk() -> None:
    risk = replace(P05, level=Risk.CRITICAL, response=Response.BLOCK, controls=("SOX:ITGC-SoD",))
    access = replace(declare(stand_in()), risks={"P05": risk})
    (finding,) = evaluate(Facts(access, TODAY), [SOD])
    assert (finding.level, finding.blocks, finding.controls) == (Risk.CRITICAL, True, ("SOX:ITGC-SoD",))


def test_a_risk_that_says_little_is_told_in_chinese_by_its_title() -> None:
    access = declare(stand_in())
    risk = replace(P05, why_zh=None)
    (untitled,) = said(replace(access, risks={"P05": risk}))
    (titled,) = said(replace(access, risks={"P05": replace(risk, title_zh="采购与收货")}))
    assert "（陈静）Title of P05：" in untitled.message_zh
    assert "（陈静）采购与收货：" in titled.message_zh


def test_a_function_without_chinese_title_goes_by_its_key() -> None:
    access = declare(stand_in())
    plain = {key: replace(item, title_zh=None) for key, item in access.functions.items()}
    (violation,) = said(replace(access, functions=plain))
    assert "GR来自 keeper" in violation.message_zh


# --- roles ----------------------------------------------------------------------------------------------


def test_a_role_that_brings_a_risk_is_told_though_nobody_has_it() -> None:
    (violation,) = said(declare(user("chen.jing"), roles=(duty("both", "PO", "GR"),)))
    assert (violation.subject, violation.users) == ("role:both", ())
    assert violation.message == "whoever has role both (Both) can order what never comes"
    assert violation.message_zh == "角色 both（Both）本身包含不相容职责：可虚构收货"


def test_it_names_all_who_have_the_role_also_by_a_composite() -> None:
    roles = (*BOTH, duty("chief", includes=("both",)))
    one, other = user("lin.tao", assignments=[assign("both")]), user("wu.lan", assignments=[assign("chief")])
    (violation,) = [item for item in said(declare(one, other, roles=roles)) if item.subject == "role:both"]
    assert violation.users == ("lin.tao", "wu.lan")


def test_a_mitigation_for_all_its_holders_makes_up_for_the_role_as_well() -> None:
    access = declare(user("lin.tao", assignments=[assign("both")]), user("wu.lan"), roles=BOTH)
    looks = Mitigation(
        "m", "looks", "wu.lan", "wu.lan", frozenset({"lin.tao"}), SOON, "folder", AT, frozenset({"P05"})
    )
    policy = Policy(default=Response.MITIGATE)
    findings = evaluate(Facts(replace(access, mitigations={"m": looks}, policy=policy), TODAY), [SOD])
    assert [(item.id, item.blocks) for item in findings] == [
        ("sod/P05:lin.tao", False),
        ("sod/P05:role:both", False),
    ]


# --- how many -------------------------------------------------------------------------------------------


def test_each_of_too_many_holders_is_told() -> None:
    users = [user(key, position="buyer") for key in ("chen.jing", "lin.tao")]
    assert said(declare(*users, most=2)) == []
    crowd = said(declare(*users, most=1))
    assert [item.subject for item in crowd] == ["chen.jing", "lin.tao"]
    assert "; more than 1 have it; one critical function" in crowd[0].message
    assert "；持有人数超过 1 人；单项关键职责" in crowd[0].message_zh


# --- words ----------------------------------------------------------------------------------------------


def test_days_that_hold_already_and_have_no_end_are_not_told() -> None:
    always = ((TODAY, date.max),)
    assert (days(always, TODAY), days_zh(always, TODAY)) == ("", "")


def test_many_spans_are_counted() -> None:
    spans = tuple((TODAY + timedelta(days=item), TODAY + timedelta(days=item)) for item in (1, 3, 5, 7, 9))
    assert days(spans, TODAY).endswith("from 2026-11-25 until 2026-11-25 and 2 more times")
    assert days_zh(spans, TODAY).endswith("自 2026-11-25 起至 2026-11-25 止等 5 段")


def test_telling_has_the_conflict_of_each_person_and_none_for_a_role() -> None:
    told = tell(Facts(declare(user("lin.tao", assignments=[assign("both")]), roles=BOTH), TODAY))
    assert {item.finding.id: item.conflict and item.conflict.person for item in told} == {
        "sod/P05:lin.tao": "lin.tao",
        "sod/P05:role:both": None,
    }
