"""The jobs of a company with two targets, one of which is down for a while."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from erpsync.connectors import registry
from erpsync.connectors.base import Connection
from erpsync.errors import TargetError
from erpsync.model import Account, Grant, Target
from tests.cli.conftest import Command
from tests.support.company_repository import BUYERS, SETTINGS, SETTINGS_FILE, CompanyRepository, planner
from tests.support.github_server import GitHubServer
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline
from tests.support.repositories import git


@dataclass
class TwoErps:
    """Two ERPs in memory by the name of their target; those that are down let nobody in."""

    erps: dict[str, MemoryErp] = field(
        default_factory=lambda: {"crm": MemoryErp(name="memory:2"), "erp": MemoryErp()}
    )
    down: set[str] = field(default_factory=set)

    def read(self, connection: Connection) -> AbstractContextManager[MemoryErp]:
        """The ERP itself."""
        name = connection.target.name
        if name in self.down:
            raise TargetError("it is down for the night", where=f"target {name!r}", hint="wait")
        return nullcontext(self.erps[name])

    write = read

    def holds(self, name: str) -> set[str]:
        """What chen.jing holds there."""
        return {grant.entitlement for grant in self.erps[name].accounts["chen.jing"].grants}


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, credentials: None) -> TwoErps:
    """Both are up."""
    erps = TwoErps()
    for erp in erps.erps.values():
        erp.put(Account("wu.lan", "吴兰"))

    def find(_: Target) -> TwoErps:
        return erps

    monkeypatch.setattr(registry, "find_connector", find)
    return erps


@pytest.fixture
def pipeline(
    tmp_path: Path,
    github_server: GitHubServer,
    erpsync: Command,
    two: TwoErps,
    monkeypatch: pytest.MonkeyPatch,
) -> Pipeline:
    """The jobs of a company whose first commit is applied to both."""
    repository = CompanyRepository(tmp_path, github_server)
    settings = SETTINGS.format(url="http://127.0.0.1:9/")
    settings += settings[settings.index("  erp:") :].replace("  erp:", "  crm:")
    repository.begin(more={SETTINGS_FILE: settings})
    made = Pipeline(repository, erpsync, monkeypatch)
    assert made.apply("--drift", "revert").code == 0
    return made


def applied(pipeline: Pipeline) -> str:
    return git(pipeline.repository.bare, "for-each-ref", "--format=%(objectname)", "refs/erpsync/applied")


def test_a_pull_request_is_told_of_the_target_that_could_not_be_read(
    pipeline: Pipeline, two: TwoErps
) -> None:
    two.down.add("crm")
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    ran = pipeline.plan(number)
    assert ran.code == 1
    assert "1 of 2 targets could not be read:\n  crm: it is down for the night" in ran.err
    comment = pipeline.repository.comments(number)[-1]
    assert "**erp**: 1 user gains access" in comment
    assert "**crm: could not be read**" in comment
    assert "> it is down for the night" in comment
    assert "> hint: wait" in comment


def test_a_merge_is_carried_out_where_it_can_be_and_tried_again_where_it_could_not(
    pipeline: Pipeline, two: TwoErps
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao")
    before = applied(pipeline)
    two.down.add("crm")
    ran = pipeline.apply()
    assert (ran.code, ran.out) == (6, "erp: 1 done\n")
    assert "crm: it is down for the night" in ran.err
    assert two.holds("erp") == {"Buyer", "Planner"}
    assert applied(pipeline) == before
    status = pipeline.repository.status_of(pipeline.repository.tip(), "erpsync/apply")
    assert status is not None
    assert status[0] == "failure"

    two.down.clear()
    assert pipeline.apply().code == 0
    assert applied(pipeline) == pipeline.repository.tip()


def test_where_nothing_else_is_to_be_done_the_job_still_fails(pipeline: Pipeline, two: TwoErps) -> None:
    two.down.add("crm")
    ran = pipeline.apply()
    assert ran.code == 1
    assert "crm: it is down for the night" in ran.err


def test_the_issue_stays_open_while_a_target_cannot_be_read(pipeline: Pipeline, two: TwoErps) -> None:
    erp = two.erps["erp"]
    good = erp.accounts["wu.lan"]
    erp.put(replace(good, grants=(Grant("Clerk"),)))
    assert pipeline.drift().code == 3
    erp.put(good)
    two.down.add("crm")
    ran = pipeline.drift()
    assert ran.code == 1
    (issue,) = pipeline.repository.server.state.issues.values()
    assert issue["state"] == "open"
    assert "**crm: could not be read**" in issue["body"]
