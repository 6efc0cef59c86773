"""A change of access as people live it: proposed, planned, approved, merged, applied, watched, adopted.

Everything is real but GitHub, which runs on loopback: git, the ERP, and the very commands of the
workflow files, each with the permissions and the environment that its job gives it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from demo.bootstrap import APPLY_LOGIN, PLAN_LOGIN
from tests.support.company_repository import BUYERS, ORGANISATION, ORGANISATION_FILE, CompanyRepository
from tests.support.erp import APPLY_PASSWORD, COMPANIES, PLAN_PASSWORD, SHANGHAI, Erp
from tests.support.github_server import JOB_TOKEN, GitHubServer, Token
from tests.support.github_state import ACTIONS_BOT
from tests.support.repositories import git
from tests.support.workflows import commands, workflow

VALUES = {
    "secrets.ERP_PLAN_USERNAME": PLAN_LOGIN,
    "secrets.ERP_PLAN_PASSWORD": PLAN_PASSWORD,
    "secrets.ERP_APPLY_USERNAME": APPLY_LOGIN,
    "secrets.ERP_APPLY_PASSWORD": APPLY_PASSWORD,
    "github.token": JOB_TOKEN,
}
BIN = Path(sys.executable).parent
CLERK = (
    "  purchasing.clerk: {title: Clerk, subsystem: materials, owner: wu.lan, entitlements: {erp: [Clerk]}}\n"
)


@dataclass
class Runner:
    """Runs the jobs of the workflow files."""

    repository: CompanyRepository
    server: GitHubServer

    def run(self, name: str, job: str, checkout: Path, number: int | None = None, *, drift: str = "") -> int:
        """Run the commands of a job; the exit code of the first that fails."""
        self.server.tokens = {JOB_TOKEN: Token(ACTIONS_BOT, workflow(name)["jobs"][job]["permissions"])}
        values = VALUES | {"inputs.drift": drift}
        told = self.repository.environment(checkout, number)
        del told["GITHUB_TOKEN"]  # a step has it only where its env: says so
        for step in commands(name, job, values):
            code = shell(step.run, checkout, {**told, **step.env})
            if code:
                return code
        return 0

    def plan(self, number: int) -> int:
        """The job of a push to a pull request, with the step that keeps its plan."""
        checkout = self.repository.checkout_trial(number)
        code = self.run("plan", "plan", checkout, number)
        self.repository.upload(checkout, number)
        return code

    def review(self, number: int, handle: str) -> int:
        """Somebody approves, which starts a job too."""
        self.repository.approve(number, handle)
        return self.run("plan", "approvals", self.repository.checkout_trial(number), number)

    def apply(self, drift: str = "") -> int:
        """The job of a merge, or one that is started by hand with an answer to drift."""
        return self.run("apply", "apply", self.repository.checkout("main"), drift=drift)

    def drift(self) -> int:
        """The job of the morning."""
        return self.run("drift", "drift", self.repository.checkout("main"))

    def status(self, number: int) -> str:
        """How the approvals of a pull request stand."""
        return (self.repository.status(number) or ("none",))[0]


def shell(command: str, directory: Path, env: dict[str, str]) -> int:
    """Run a command line as a runner does, with nothing of this process's own environment."""
    clean = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(directory), **env}
    done = subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=directory, env=clean, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    print(f"$ {command}\n{done.stdout}{done.stderr}")
    assert "Traceback" not in done.stderr
    for secret in (APPLY_PASSWORD, PLAN_PASSWORD, JOB_TOKEN):
        assert secret not in done.stdout + done.stderr
    return done.returncode


@pytest.fixture
def chen(erp: Erp) -> str:
    """The login of a buyer that no other test has."""
    return erp.login("chen.jing")


@pytest.fixture
def runner(tmp_path: Path, erp: Erp, chen: str) -> Iterator[Runner]:
    """The jobs of a company whose target is the real ERP."""
    files = {
        ORGANISATION_FILE: ORGANISATION.replace("approvals:\n", f"{CLERK}approvals:\n"),
        BUYERS: buyers(chen),
    }
    with GitHubServer() as server:
        repository = CompanyRepository(tmp_path, server)
        repository.begin(erp.url, files)
        yield Runner(repository, server)


def buyers(key: str, more: str = "") -> str:
    """The file of buyers with one of them, who may have more than the position brings."""
    return (
        f"users:\n  {key}:\n    name: 陈静\n    department: purchasing\n    position: buyer\n"
        f"    type: dedicated\n    scope: {{company: [{COMPANIES[1]}]}}\n{more}"
    )


def planner(key: str, last: date) -> str:
    """The same buyer as a stand-in for the planner."""
    assigned = f"{{role: purchasing.planner, reason: stands in, request: REQ-7, valid_to: {last}}}"
    return buyers(key, f"    assignments:\n      - {assigned}\n")


def test_the_life_of_a_change(runner: Runner, erp: Erp, chen: str) -> None:
    repository, state = runner.repository, runner.server.state
    today = datetime.now(SHANGHAI).date()

    # The company as it begins is not from a pull request: somebody releases it by hand.
    assert runner.apply() == 5
    assert runner.apply(drift="revert") == 0
    assert erp.groups(chen) == {"party.group_party_admin"}
    assert runner.drift() == 0

    # A branch, an edit, a plan: the reviewers see what changes, and the ERP stays as it is.
    number = repository.propose({BUYERS: planner(chen, today + timedelta(days=400))}, author="ma-li")
    assert runner.plan(number) == 0
    (comment,) = repository.comments(number)
    assert "Planner" in comment
    assert "1 user gains access" in comment
    assert runner.status(number) == "pending"
    assert erp.groups(chen) == {"party.group_party_admin"}

    # One approves; then another commit is pushed, of which nobody has seen anything.
    assert runner.review(number, "wu-lan") == 4
    repository.push_more(number, {BUYERS: planner(chen, today + timedelta(days=30))})
    assert runner.plan(number) == 0
    assert runner.review(number, "lin-tao") == 4
    assert runner.status(number) == "pending"
    assert "head of" in repository.comments(number)[0]

    # The stale approval is given anew, for what is there now.
    assert runner.review(number, "wu-lan") == 0
    assert runner.status(number) == "success"

    # The merge is applied as it was approved, and again there is nothing left to do.
    merged = repository.merge(number)
    assert runner.apply() == 0
    assert {"company.group_company_admin", "party.group_party_admin"} <= erp.groups(chen)
    assert repository.status_of(merged, "erpsync/apply") == ("success", "applied")
    assert "### Applied" in repository.comments(number)[1]
    assert runner.apply() == 0
    assert runner.drift() == 0
    assert state.issues == {}

    # Somebody helps out in the ERP by hand. The next morning there is an issue.
    erp.give(int(erp.read(chen)["id"]), "Clerk")
    assert runner.drift() == 3
    (issue,) = state.issues.values()
    assert issue["state"] == "open"
    assert "holds Clerk" in issue["body"]

    # It is meant to stay, so the administrator takes it into git and proposes that.
    work = repository.work
    git(work, "checkout", "-q", "-B", "adopt", "origin/main")
    login = {"ERP_USERNAME": PLAN_LOGIN, "ERP_PASSWORD": PLAN_PASSWORD}
    assert shell("erpsync drift --adopt --request REQ-9", work, login) in (0, 3)
    assert "purchasing.clerk" in repository.read(BUYERS)
    number = repository.open(repository.commit("adopt"), "ma-li", "adopt")
    assert runner.plan(number) == 0
    assert runner.review(number, "lin-tao") == 4
    assert runner.review(number, "wu-lan") == 0
    repository.merge(number, squash=True)

    # Nothing has to change in the ERP; git and the ERP agree, and the issue is closed.
    assert runner.apply() == 0
    assert "### Applied" not in repository.comments(number)[-1]
    assert "Nothing to do" in repository.comments(number)[-1]
    assert "company.group_employee_admin" in erp.groups(chen)
    assert runner.drift() == 0
    assert issue["state"] == "closed"
