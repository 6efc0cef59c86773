"""The jobs of a company whose ERP has no API: a pull request as any other, and then a work order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.contract.worklist import OPTIONS
from tests.support.access_files import ENFORCE
from tests.support.company_repository import BUYERS, SETTINGS_FILE, CompanyRepository, planner
from tests.support.github_server import GitHubServer
from tests.support.pipeline import Pipeline
from tests.support.worklist import age
from tests.support.worklist_person import Desk, Entry

SETTINGS = f"""\
settings: {{timezone: Asia/Shanghai}}
targets:
  erp:
    connector: worklist
    url: file:exports
    manage: {ENFORCE}
    unmanaged: {{accounts: report, ignore: ["*"]}}
    options:
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The ERP as it should be before anything is proposed."""
    made = Desk(tmp_path / "exports", ("Buyer", "Clerk", "Planner"), ("Huaxin Trading",))
    made.users["chen.jing"] = Entry("chen.jing", "陈静", roles={"Buyer"})
    made.users["wu.lan"] = Entry("wu.lan", "吴兰", active=False)
    made.export()
    return made


@pytest.fixture
def pipeline(
    tmp_path: Path,
    github_server: GitHubServer,
    erpsync: Command,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> Pipeline:
    """Its jobs, each of which gets the newest export before erpsync begins."""
    repository = CompanyRepository(tmp_path, github_server)
    lines = "".join(f'      {name}: "{value}"\n' for name, value in OPTIONS.items())
    repository.begin(more={SETTINGS_FILE: SETTINGS + lines, ".gitignore": "/exports/\n"})
    checkout = repository.checkout

    def with_export(commit: str) -> Path:
        job = checkout(commit)
        shutil.copytree(desk.folder, job / "exports")
        return job

    monkeypatch.setattr(repository, "checkout", with_export)
    made = Pipeline(repository, erpsync, monkeypatch)
    assert made.apply("--drift", "revert").code == 0
    return made


def orders(state: Path) -> list[Path]:
    """The work orders that were handed over."""
    return sorted(state.rglob("work-order-erp.xlsx"))


def test_what_a_pull_request_gives_is_told_before_anybody_has_it(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    assert pipeline.plan(number).code == 0
    comment = pipeline.repository.comments(number)[-1]
    assert "Planner" in comment
    assert "chen.jing" in comment


def test_what_was_approved_and_merged_becomes_a_work_order_and_is_clean_when_the_export_shows_it(
    pipeline: Pipeline, desk: Desk, own_state: Path
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao")
    ran = pipeline.apply()
    assert (ran.code, ran.out.splitlines()[0]) == (0, "erp: 1 handed over, not done yet")
    main = pipeline.repository.tip()
    assert pipeline.repository.status_of(main, "erpsync/apply") == ("success", "handed over, not done yet")
    assert "Handed over, not done yet" in pipeline.repository.comments(number)[-1]
    assert pipeline.drift().code == 3

    (order,) = orders(own_state)
    desk.carry_out(order)
    age(desk.folder, -2)
    assert desk.users["chen.jing"].roles == {"Buyer", "Planner"}
    assert pipeline.drift().code == 0


def test_without_approvals_nobody_gets_a_work_order(pipeline: Pipeline, own_state: Path) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan")
    assert pipeline.apply().code == 4
    assert orders(own_state) == []


def test_a_change_by_hand_since_the_approval_is_refused_and_the_way_out_is_a_work_order(
    pipeline: Pipeline, desk: Desk, own_state: Path
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao")
    desk.users["wu.lan"].roles.add("Clerk")
    desk.export()
    ran = pipeline.apply()
    assert ran.code == 5
    assert "erp: wu.lan (吴兰): revoke Clerk" in ran.err
    assert orders(own_state) == []

    assert pipeline.apply("--drift", "revert").code == 0
    (order,) = orders(own_state)
    desk.carry_out(order)
    assert desk.users["wu.lan"].roles == set()
    assert desk.users["chen.jing"].roles == {"Buyer", "Planner"}


def test_an_export_that_is_too_old_ends_the_job_and_nothing_is_handed_over(
    pipeline: Pipeline, desk: Desk, own_state: Path
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao")
    age(desk.folder, 30 * 3600)
    ran = pipeline.apply()
    assert ran.code == 1
    assert "older than the 24 hours it may be" in ran.err
    assert orders(own_state) == []
