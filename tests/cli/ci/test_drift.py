"""``erpsync ci drift``: one issue, for as long as there is drift."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from erpsync.model import Account, Grant
from erpsync.render.page import LIMIT
from tests.support.company_repository import BUYERS, planner
from tests.support.erp import SHANGHAI
from tests.support.github_state import Json
from tests.support.memory import MemoryErp, broken
from tests.support.pipeline import Pipeline


def by_hand(memory: MemoryErp) -> None:
    memory.put(replace(memory.accounts["wu.lan"], grants=(Grant("Clerk"),)))


def issues(pipeline: Pipeline) -> list[Json]:
    return list(pipeline.repository.server.state.issues.values())


def test_drift_opens_an_issue_that_says_what_and_what_to_do(pipeline: Pipeline, memory: MemoryErp) -> None:
    by_hand(memory)
    ran = pipeline.drift()
    assert ran.code == 3
    (issue,) = issues(pipeline)
    assert issue["body"].startswith("<!-- erpsync drift -->\n")
    assert "holds Clerk" in issue["body"]
    assert "`drift: revert`" in issue["body"]
    assert issue["html_url"] in ran.out


def test_while_it_lasts_the_same_issue_is_brought_up_to_date(pipeline: Pipeline, memory: MemoryErp) -> None:
    by_hand(memory)
    pipeline.drift()
    memory.put(replace(memory.accounts["chen.jing"], active=False))
    assert pipeline.drift().code == 3
    (issue,) = issues(pipeline)
    assert "chen.jing" in issue["body"]


def test_when_it_is_gone_the_issue_is_closed(pipeline: Pipeline, memory: MemoryErp) -> None:
    before = memory.accounts["wu.lan"]
    by_hand(memory)
    pipeline.drift()
    memory.put(before)
    ran = pipeline.drift()
    assert (ran.code, ran.out) == (0, "no drift\n")
    (issue,) = issues(pipeline)
    assert issue["state"] == "closed"
    assert pipeline.drift().code == 0
    assert len(pipeline.repository.comments(issue["number"])) == 1


def test_an_erp_that_cannot_be_read_leaves_the_issue_as_it_is(pipeline: Pipeline, memory: MemoryErp) -> None:
    by_hand(memory)
    pipeline.drift()
    memory.on_read[memory.reads + 1] = broken
    assert pipeline.drift().code == 1
    (issue,) = issues(pipeline)
    assert issue["state"] == "open"


def test_what_begins_and_ends_soon_is_told_in_the_summary(pipeline: Pipeline) -> None:
    day = datetime.now(SHANGHAI).date() + timedelta(days=5)
    text = planner(f", valid_from: {day}, valid_to: {day}")
    number = pipeline.repository.propose({BUYERS: text}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao")
    pipeline.apply()
    pipeline.drift()
    summary = pipeline.repository.folder / f"job-{pipeline.repository.jobs}-summary.md"
    assert f"- {day}: 陈静 (chen.jing): Planner begins" in summary.read_text("utf-8")


def test_very_much_drift_is_told_in_an_issue_that_the_forge_takes(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    text = pipeline.repository.read("access/erpsync.yaml").replace(
        '{accounts: report, ignore: ["*"]}', "{accounts: drift}"
    )
    pipeline.repository.push({"access/erpsync.yaml": text})
    for number in range(5000):
        memory.put(Account(f"somebody.unknown.{number}", "员工" * 40))
    assert pipeline.drift().code == 3
    (issue,) = issues(pipeline)
    assert len(issue["body"].encode()) <= LIMIT
    assert "left out" in issue["body"]
    assert "What begins and ends" in issue["body"]


def test_on_a_laptop_the_report_is_printed(pipeline: Pipeline, memory: MemoryErp) -> None:
    by_hand(memory)
    job = pipeline.repository.checkout("main")
    ran = pipeline.run(job, None, "ci", "drift", GITHUB_TOKEN="", GITHUB_ACTIONS="")
    assert ran.code == 3
    assert "holds Clerk" in ran.out
    assert issues(pipeline) == []


def test_it_can_look_further_ahead_in_chinese(pipeline: Pipeline, memory: MemoryErp) -> None:
    by_hand(memory)
    job = pipeline.repository.checkout("main")
    assert pipeline.run(job, None, "ci", "drift", "--days", "60", "--lang", "zh").code == 3
    (issue,) = issues(pipeline)
    assert issue["title"] == "权限偏差：ERP 与 git 不一致"
    assert "未来 60 天" in issue["body"]
