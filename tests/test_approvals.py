"""Which approvals a proposal needs, from whom, and which were given."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given as draws
from hypothesis import strategies as st

from erpsync.approvals import Requirement, judge, missing, required
from erpsync.model import Approver
from erpsync.proposal import propose
from tests.support.declared import COMPANY, Document, declared, edited, without

DAY = date(2026, 11, 20)
ME = "chen.jing"
AWAY = [{"valid_from": "2026-11-20", "valid_to": "2026-11-21"}]
OFFICE = ("ruan.ling", "bao.jing")


def needed(
    base: Document, head: Document, *, author: str | None = None, day: date = DAY, files: tuple[str, ...] = ()
) -> tuple[Requirement, ...]:
    before, after = declared(base), declared(head)
    proposal = propose(before, after)
    return required(
        proposal, before.access, after.access, authors={author} if author else (), as_of=day, files=files
    )


def people(base: Document, head: Document, **more: Any) -> dict[str, tuple[str, ...]]:
    """The people of each requirement, by its words."""
    found = needed(base, head, **more)
    assert len({item.words for item in found}) == len(found)
    return {item.words: item.people for item in found}


def user(document: Document, key: str, /, **values: Any) -> Document:
    return edited(document, "users", key, **values)


def given(role: str, document: Document = COMPANY, key: str = ME) -> Document:
    return user(document, key, assignments=[{"role": role, "reason": "stands in"}])


# --- what is needed ----------------------------------------------------------------------------------


def test_each_part_is_asked_of_the_people_who_hold_it() -> None:
    assert people(COMPANY, given("approver")) == {
        "key user of materials": ("lin.tao", "ma.li"),
        "business admin of materials": ("guo.jianhua",),
        "ERP admin of materials": ("he.qi",),
        "head of purchasing": ("wu.lan",),
    }
    assert people(COMPANY, given("chief")) == {
        "key user of finance": ("lai.wen",),
        "head of purchasing": ("wu.lan",),
        "owner of chief": ("he.meiling",),
        "oversight office": OFFICE,
    }


def test_base_without_rules_needs_nothing_even_if_the_proposal_brings_some() -> None:
    base = without(COMPANY, "approvals")
    assert needed(base, given("chief", COMPANY), files=("Makefile",)) == ()


def test_nothing_proposed_needs_nothing() -> None:
    assert needed(COMPANY, COMPANY) == ()


def test_one_approval_is_for_all_that_the_same_people_are_asked_for() -> None:
    head = given("buyer", given("buyer", key="yan.song"), key="lai.wen")
    (key_user,) = (item for item in needed(COMPANY, head) if item.approver is Approver.KEY_USER)
    assert [change.user for change in key_user.changes] == ["lai.wen", "yan.song"]


def test_files_outside_need_the_office() -> None:
    (requirement,) = needed(COMPANY, COMPANY, files=("Makefile", "ci.yaml"))
    assert (requirement.people, requirement.files) == (OFFICE, ("Makefile", "ci.yaml"))


def test_entry_is_asked_of_the_people_of_the_base() -> None:
    head = edited(COMPANY, "roles", "buyer", description="Buys", owner=ME)
    (admin, owner) = needed(COMPANY, head)
    assert (admin.people, owner.people) == (("guo.jianhua",), ("wu.lan",))
    assert [entry.key for entry in owner.entries] == ["buyer"]


# --- who cannot approve ------------------------------------------------------------------------------


def test_author_never_approves() -> None:
    head = given("approver")
    assert people(COMPANY, head, author="lin.tao")["key user of materials"] == ("ma.li",)
    assert people(COMPANY, head, author="wu.lan")["head of purchasing"] == OFFICE


def test_who_gains_never_approves() -> None:
    assert people(COMPANY, given("approver", key="lin.tao"))["key user of materials"] == ("ma.li",)
    assert people(COMPANY, given("approver", key="wu.lan"))["head of purchasing"] == OFFICE


def test_who_gains_under_a_new_key_does_not_approve_under_the_old_one() -> None:
    head = without(COMPANY, "users", "lin.tao")
    head["users"]["lin.t"] = {**COMPANY["users"]["lin.tao"], "previously": ["lin.tao"]}
    head = given("approver", head, key="lin.t")
    found = needed(COMPANY, head)
    assert all("lin.tao" not in item.people for item in found)


def test_who_gains_by_one_change_approves_another() -> None:
    head = given("buyer", given("buyer", key="lin.tao"))
    found = {item.people: [change.user for change in item.changes]
             for item in needed(COMPANY, head) if item.approver is Approver.KEY_USER}  # fmt: skip
    assert found == {("lin.tao", "ma.li"): [ME], ("ma.li",): ["lin.tao"]}


@pytest.mark.parametrize(
    ("key", "value"), [("entitlements", {"erp": ["Books"]}), ("includes", ["chief"])]
)  # fmt: skip
def test_who_holds_a_role_does_not_approve_what_it_is_to_grant(key: str, value: Any) -> None:
    base = given("buyer", key="wu.lan")
    assert people(base, edited(base, "roles", "buyer", **{key: value}))["owner of buyer"] == OFFICE
    assert people(base, edited(base, "roles", "buyer", title="Buying"))["owner of buyer"] == ("wu.lan",)


def test_who_holds_a_role_that_includes_another_does_not_approve_what_that_is_to_grant() -> None:
    lead = {"title": "Lead", "subsystem": "oa", "owner": "he.qi", "includes": ["buyer"]}
    base = given("lead", edited(COMPANY, "roles", "lead", **lead), key="wu.lan")
    head = edited(base, "roles", "buyer", entitlements={"erp": ["Books"]})
    assert people(base, head)["owner of buyer"] == OFFICE


def test_who_would_hold_a_new_role_does_not_approve_it() -> None:
    new = {"title": "New", "subsystem": "materials", "owner": "wu.lan"}
    head = given("new", edited(COMPANY, "roles", "new", **new), key="guo.jianhua")
    assert people(COMPANY, edited(COMPANY, "roles", "new", **new))["business admin of materials"] == (
        "guo.jianhua",
    )
    entry = [
        item for item in needed(COMPANY, head) if item.entries and item.approver is Approver.BUSINESS_ADMIN
    ]
    assert [item.people for item in entry] == [OFFICE]


@pytest.mark.parametrize(
    "values",
    [
        {"status": "locked"},
        {"status": "left"},
        {"type": "temporary"},
        {"valid_to": "2026-11-19"},
        {"valid_from": "2026-11-21"},
    ],
)
def test_only_people_who_work_here_approve(values: dict[str, str]) -> None:
    base = user(COMPANY, "lin.tao", **values)
    assert people(base, given("buyer", base))["key user of materials"] == ("ma.li",)


@pytest.mark.parametrize("values", [{"valid_to": "2026-11-20"}, {"valid_from": "2026-11-20"}])
def test_first_and_last_day_count_as_work(values: dict[str, str]) -> None:
    base = user(COMPANY, "lin.tao", **values)
    assert people(base, given("buyer", base))["key user of materials"] == ("lin.tao", "ma.li")


# --- who is asked instead ----------------------------------------------------------------------------


def instead(base: Document, head: Document, words: str, **more: Any) -> tuple[tuple[str, ...], str]:
    (found,) = (item for item in needed(base, head, **more) if item.words == words)
    return found.people, found.instead


def test_part_that_nobody_holds_falls_to_the_office() -> None:
    why = "nobody holds this part, so the oversight office"
    assert instead(COMPANY, given("marker"), "key user of oa") == (OFFICE, why)


def test_part_whose_holder_cannot_falls_to_the_office() -> None:
    why = "wu.lan cannot, so the oversight office"
    assert instead(COMPANY, given("buyer"), "head of purchasing", author="wu.lan") == (OFFICE, why)


def test_deputy_approves_only_while_its_principal_is_away() -> None:
    base = user(COMPANY, "wu.lan", deputy="yan.song", away=AWAY)
    ask = given("buyer", base), "head of purchasing"
    for day in (date(2026, 11, 20), date(2026, 11, 21)):
        assert instead(base, *ask, day=day) == (("wu.lan", "yan.song"), "wu.lan is away")
    for day in (date(2026, 11, 19), date(2026, 11, 22)):
        assert instead(base, *ask, day=day) == (("wu.lan",), "")


def test_deputy_who_gains_or_proposes_does_not_approve() -> None:
    base = user(COMPANY, "wu.lan", deputy=ME, away=AWAY)
    assert people(base, given("buyer", base))["head of purchasing"] == ("wu.lan", *OFFICE)
    base = user(COMPANY, "wu.lan", deputy="yan.song", away=AWAY)
    found = people(base, given("buyer", base), author="yan.song")
    assert found["head of purchasing"] == ("wu.lan", *OFFICE)


def test_deputy_of_who_gains_is_not_asked() -> None:
    base = user(COMPANY, "wu.lan", deputy="yan.song", away=AWAY)
    assert people(base, given("buyer", base, key="wu.lan"))["head of purchasing"] == OFFICE


def test_another_holder_who_is_there_is_enough() -> None:
    base = user(COMPANY, "lin.tao", away=AWAY)
    assert instead(base, given("buyer", base), "key user of materials") == (
        ("lin.tao", "ma.li"),
        "lin.tao is away",
    )


def test_holders_who_are_all_away_without_deputies_leave_it_to_the_office() -> None:
    base = user(user(COMPANY, "lin.tao", away=AWAY), "ma.li", away=AWAY)
    assert people(base, given("buyer", base))["key user of materials"] == ("lin.tao", "ma.li", *OFFICE)
    base = user(base, "ma.li", deputy="yan.song")
    asked = instead(base, given("buyer", base), "key user of materials")
    assert asked == (("lin.tao", "ma.li", "yan.song"), "lin.tao, ma.li are away")


def test_office_that_is_away_is_still_asked() -> None:
    base = user(user(COMPANY, "ruan.ling", away=AWAY), "bao.jing", away=AWAY)
    assert instead(base, given("chief", base), "oversight office") == (OFFICE, "")


def test_nobody_can_approve_where_the_office_itself_is_out() -> None:
    base = edited(COMPANY, "oversight", "audit", members=["ruan.ling"])
    assert people(base, given("chief", base), author="ruan.ling")["oversight office"] == ()
    assert people(without(base, "oversight"), given("marker", base))["key user of oa"] == ()


# --- who is new --------------------------------------------------------------------------------------


def test_department_of_the_proposal_whose_manager_proposes_falls_to_the_office() -> None:
    head = edited(COMPANY, "departments", "new", title="New", manager=ME)
    head = user(head, "shen.jie", name="沈杰", type="dedicated", department="new")
    head = given("buyer", head, key="shen.jie")
    found = people(COMPANY, head, author=ME)
    assert found["head of new"] == OFFICE
    assert all(ME not in names for names in found.values())


def test_subsystem_of_the_proposal_falls_to_the_office() -> None:
    own = {"business_admin": ME, "erp_admin": ME, "key_users": [ME]}
    head = edited(COMPANY, "subsystems", "new", **own)
    head = edited(head, "roles", "new", title="New", subsystem="new", owner=ME, risk="high")
    found = people(COMPANY, given("new", head, key="lin.tao"), author="yan.song")
    for words in ("key user of new", "business admin of new", "ERP admin of new", "owner of new"):
        assert found[words] == OFFICE


def test_owner_of_a_new_service_is_whom_the_proposal_names_and_of_a_known_one_whom_the_base_names() -> None:
    head = user(COMPANY, "svc.new", name="New", type="service", owner="lin.tao")
    assert people(COMPANY, head)["person answering for svc.new"] == ("lin.tao",)
    assert people(COMPANY, head, author="lin.tao")["person answering for svc.new"] == OFFICE
    head = user(COMPANY, "svc.wms", owner="lin.tao")
    assert people(COMPANY, head)["person answering for svc.wms"] == ("guo.jianhua",)


def test_removed_user_is_asked_of_the_head_of_the_department() -> None:
    base = edited(COMPANY, "approvals", "all", title="All", needs=["department_head"])
    assert people(base, without(base, "users", ME)) == {"head of purchasing": ("wu.lan",)}


# --- verdicts ----------------------------------------------------------------------------------------


def test_requirement_is_fulfilled_by_any_of_its_people_and_by_nobody_else() -> None:
    found = needed(COMPANY, given("buyer"))
    verdicts = judge(found, {"ma.li", "he.qi", ME})
    assert [(verdict.requirement.words, verdict.given_by) for verdict in verdicts] == [
        ("head of purchasing", ()),
        ("key user of materials", ("ma.li",)),
    ]
    assert [item.words for item in missing(verdicts)] == ["head of purchasing"]
    assert missing(judge(found, {"wu.lan", "lin.tao"})) == ()


def test_requirement_that_nobody_can_fulfil_stays_missing() -> None:
    base = without(COMPANY, "oversight")
    found = needed(base, base, files=("Makefile",))
    assert missing(judge(found, {*COMPANY["users"]})) == found


# --- a proposal cannot lower its own bar -------------------------------------------------------------

_ROLES = sorted(COMPANY["roles"])
_USERS = sorted(COMPANY["users"])

proposals = st.lists(
    st.one_of(
        st.tuples(st.just("assign"), st.sampled_from(_USERS), st.sampled_from(_ROLES)),
        st.tuples(st.just("position"), st.sampled_from(_USERS), st.sampled_from(["buyer", "seller"])),
        st.tuples(st.just("status"), st.sampled_from(_USERS), st.sampled_from(["locked", "left"])),
        st.tuples(st.just("email"), st.sampled_from(_USERS), st.just("a@b.example")),
        st.tuples(st.just("scope"), st.sampled_from(_USERS), st.just("all")),
        st.tuples(st.just("entitle"), st.sampled_from(_ROLES), st.just("Books")),
        st.tuples(st.just("bring"), st.sampled_from(["buyer", "seller"]), st.sampled_from(_ROLES)),
    ),
    min_size=1,
    max_size=3,
)


def proposed(steps: list[tuple[str, str, str]]) -> Document:
    head = deepcopy(COMPANY)
    for what, key, value in steps:
        match what:
            case "assign":
                head = given(value, head, key=key)
            case "scope":
                head = user(head, key, scope={"company": value})
            case "entitle":
                head = edited(head, "roles", key, entitlements={"erp": [value]})
            case "bring":
                head = edited(head, "positions", key, roles=[value])
            case _:
                head = user(head, key, **{what: value})
    return head


lowering = st.lists(
    st.one_of(
        st.tuples(st.just("approvals"), st.sampled_from(sorted(COMPANY["approvals"])), st.sampled_from([
            None, {"needs": ["key_user"]}, {"needs": ["owner"]}, {"when": {"change": ["lock"]}}])),
        st.tuples(st.just("oversight"), st.just("audit"), st.sampled_from([None, {"members": [ME]}])),
        st.tuples(st.just("roles"), st.sampled_from(_ROLES), st.sampled_from([
            {"risk": "low"}, {"sensitive": None}, {"owner": ME}, {"subsystem": "oa"}, {"subsystem": "new"}])),
        st.tuples(st.just("departments"), st.sampled_from(["purchasing", "sales", "it"]),
                  st.just({"manager": ME})),
        st.tuples(st.just("subsystems"), st.sampled_from(["materials", "finance", "oa"]),
                  st.sampled_from([{"key_users": [ME]}, {"business_admin": ME}, {"erp_admin": ME}])),
        st.tuples(st.just("users"), st.sampled_from(_USERS), st.sampled_from([
            {"forge": {"github": "huaxin-wu-lan"}}, {"deputy": ME}, {"owner": ME}, {"away": AWAY},
            {"type": "dedicated"}, {"type": "service"}, {"department": "new"}])),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def asked(base: Document, head: Document) -> dict[tuple[str, ...], tuple[str, ...]]:
    """What is needed for each change and entry: the part, and who can give it."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for item in needed(base, head, author=ME):
        for change in item.changes:
            found["change", change.user, change.kind.value, change.subject, item.words] = item.people
        for entry in item.entries:
            found["entry", entry.section, entry.key, entry.what, item.words] = item.people
    return found


@draws(proposals, lowering)
def test_edit_that_would_lower_the_bar_removes_no_requirement_and_adds_no_people(
    steps: list[tuple[str, str, str]], edits: list[tuple[str, str, dict[str, Any] | None]]
) -> None:
    head = proposed(steps)
    lowered = edited(edited(head, "departments", "new", title="New", manager=ME), "subsystems", "new")
    for section, key, values in edits:
        if values is None:
            lowered = without(lowered, section, key)
        elif key in lowered[section]:
            lowered = edited(lowered, section, key, **values)
    before, after = asked(COMPANY, head), asked(COMPANY, lowered)
    assert {key: after.get(key) for key in before} == before


@draws(proposals, st.sampled_from([None, *_USERS]))
def test_neither_author_nor_who_gains_is_ever_among_the_people(
    steps: list[tuple[str, str, str]], author: str | None
) -> None:
    for item in needed(COMPANY, proposed(steps), author=author):
        assert author not in item.people
        assert not {change.user for change in item.changes} & set(item.people)
        assert item.people
