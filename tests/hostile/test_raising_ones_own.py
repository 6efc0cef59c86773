"""Pull requests that would have less asked of them: the word of the base counts, and it asks the office."""

from __future__ import annotations

import pytest

from tests.support.company_repository import BUYERS, ORGANISATION, ORGANISATION_FILE, PEOPLE, chen, planner
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline

PEOPLE_FILE = "access/users/people.yaml"
OFFICE = "oversight office"
WITHOUT_RULES = ORGANISATION[: ORGANISATION.index("approvals:")]

EDITS = {
    "takes out the approval rules": {ORGANISATION_FILE: WITHOUT_RULES},
    "asks for less": {
        ORGANISATION_FILE: ORGANISATION.replace("needs: [key_user, department_head]", "needs: [key_user]")
    },
    "puts its author into the oversight office": {
        ORGANISATION_FILE: ORGANISATION.replace("[ruan.ling, bao.jing]", "[chen.jing]")
    },
    "takes over the handle of an approver": {
        PEOPLE_FILE: PEOPLE.replace("github: wu-lan", "github: chen-jing-2")
    },
    "makes its author the head of the department": {
        ORGANISATION_FILE: ORGANISATION.replace(
            "Purchasing, manager: wu.lan", "Purchasing, manager: chen.jing"
        )
    },
    "makes its author a key user": {
        ORGANISATION_FILE: ORGANISATION.replace("key_users: [lin.tao]", "key_users: [chen.jing]")
    },
    "makes the role another one's": {
        ORGANISATION_FILE: ORGANISATION.replace("owner: wu.lan, risk: high", "owner: chen.jing, risk: low")
    },
    "moves its author to a department of its own": {
        ORGANISATION_FILE: ORGANISATION.replace(
            "departments:\n", "departments:\n  own: {title: Own, manager: chen.jing}\n"
        )
    },
    "makes a new subsystem for the role": {
        ORGANISATION_FILE: ORGANISATION.replace(
            "{title: Planner, subsystem: materials", "{title: Planner, subsystem: own"
        ).replace(
            "subsystems:\n",
            "subsystems:\n  own: {title: Own, business_admin: chen.jing, key_users: [chen.jing]}\n",
        )
    },
    "makes its author a deputy": {PEOPLE_FILE: PEOPLE.replace("吴兰,", "吴兰, deputy: chen.jing,")},
}


@pytest.mark.parametrize("what", EDITS)
def test_a_pull_request_cannot_lower_its_own_bar(pipeline: Pipeline, memory: MemoryErp, what: str) -> None:
    assert all(text not in (ORGANISATION, PEOPLE) for text in EDITS[what].values())
    number = pipeline.repository.propose({BUYERS: planner(), **EDITS[what]})
    pipeline.plan(number)
    # Whoever the proposal names approves in vain, with the handles that it names too.
    pipeline.repository.approve(number, "chen-jing", "chen-jing-2", "lin-tao")
    ran = pipeline.approvals(number)
    assert ran.code == 4
    assert OFFICE in ran.out or "business admin" in ran.out
    assert (pipeline.repository.status(number) or ("",))[0] == "pending"
    pipeline.repository.merge(number)
    assert pipeline.apply().code == 4
    assert {grant.entitlement for grant in memory.accounts["chen.jing"].grants} == {"Buyer"}


def test_a_branch_with_other_rules_gives_no_status_to_a_commit(pipeline: Pipeline) -> None:
    pipeline.repository.push({ORGANISATION_FILE: WITHOUT_RULES}, "easy")
    head = pipeline.repository.push({BUYERS: planner()}, "change")
    real = pipeline.repository.open(head)
    decoy = pipeline.repository.open(head, base="easy")
    pipeline.plan(real)
    assert pipeline.plan(decoy).code == 0
    assert pipeline.approvals(decoy).code == 0
    assert (pipeline.repository.status(real) or ("",))[0] == "pending"


def test_the_author_approves_in_vain_also_under_another_case_of_the_handle(pipeline: Pipeline) -> None:
    text = planner().replace("chen.jing:", "xu.wen:").replace("chen-jing", "xu-wen")
    number = pipeline.repository.propose({"access/users/new.yaml": text}, author="Wu-Lan")
    pipeline.repository.approve(number, "wu-lan", "WU-LAN", "lin-tao")
    ran = pipeline.approvals(number)
    assert ran.code == 4
    assert "missing head of purchasing" in ran.out


def test_access_that_begins_later_needs_its_approvals_today(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: planner(", valid_from: 2099-01-01, valid_to: 2099-02-01")})
    ran = pipeline.plan(number)
    assert ran.code == 0
    assert pipeline.repository.status(number) == (
        "pending",
        "0 of 2 given; missing: head of purchasing; key user of materials",
    )


def test_access_that_begins_later_is_not_applied_without_them(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: planner(", valid_from: 2099-01-01, valid_to: 2099-02-01")})
    pipeline.repository.merge(number)
    assert pipeline.apply().code == 4


def test_an_approval_is_stale_after_another_push(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: chen(", email: chen.jing@huaxin.example")}, author="ma-li")
    pipeline.repository.approve(number, "wu-lan", "lin-tao", "ruan-ling")
    assert pipeline.approvals(number).code == 0
    pipeline.repository.push_more(number, {BUYERS: planner()})
    ran = pipeline.approvals(number)
    assert ran.code == 4
    assert "2 approvals missing" in ran.out
    assert (pipeline.repository.status(number) or ("",))[0] == "pending"


def test_a_merge_whose_approvals_were_for_an_older_head_is_refused(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    number = pipeline.repository.propose({BUYERS: planner(", valid_to: 2099-01-01")}, author="ma-li")
    pipeline.repository.approve(number, "wu-lan", "lin-tao")
    pipeline.repository.push_more(number, {BUYERS: planner()})
    pipeline.plan(number)
    pipeline.repository.merge(number)
    ran = pipeline.apply()
    assert ran.code == 4
    assert "approvals are missing" in ran.err
    assert {grant.entitlement for grant in memory.accounts["chen.jing"].grants} == {"Buyer"}
