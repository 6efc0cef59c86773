"""Names, reasons and titles made to do harm where a job tells of them, and more than anybody can read."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from erpsync.render.page import LIMIT
from tests.rendered_values import HARMFUL
from tests.support.company_repository import BUYERS, ORGANISATION, ORGANISATION_FILE, CompanyRepository
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline

LETTERS = [text for text in HARMFUL if not re.search(r"[\x00-\x1f\x7f]", text)]


def buyer(name: str, reason: str) -> str:
    values = {
        "name": name,
        "department": "purchasing",
        "position": "buyer",
        "type": "dedicated",
        "assignments": [{"role": "purchasing.planner", "reason": reason, "request": "REQ-7"}],
    }
    return f"users:\n  chen.jing: {json.dumps(values)}\n"


def harmless(text: str) -> None:
    """Assert that nothing in a text means more than it says."""
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search(r"^::", text, re.MULTILINE)


def is_inert(comment: str) -> None:
    """Assert that a comment has no markup but its own, mentions nobody and links nowhere else."""
    harmless(comment)
    assert "<img" not in comment
    assert not re.search(r"(?<![\w\\`])@(admin|org)\b", comment)
    assert "](http://evil" not in comment
    assert not re.search(r"(?<!\\)\*\*bold\*\*", comment)
    assert comment.count("</details>") == comment.count("<details>")


@pytest.mark.parametrize("text", LETTERS)
def test_what_the_files_hold_means_nothing_where_it_is_shown(
    pipeline: Pipeline, memory: MemoryErp, text: str
) -> None:
    title = ORGANISATION.replace("{title: Planner,", f"{{title: {json.dumps(text)},")
    number = pipeline.repository.propose(
        {BUYERS: buyer(text, text), ORGANISATION_FILE: title}, author="ma-li"
    )
    ran = [pipeline.plan(number)]
    pipeline.repository.approve(number, "wu-lan", "lin-tao", "ruan-ling")
    ran.append(pipeline.approvals(number))
    pipeline.repository.merge(number)
    ran += [pipeline.apply(), pipeline.drift()]
    assert {one.code for one in ran} <= {0, 3, 4}
    state = pipeline.repository.server.state
    for comment in pipeline.repository.comments(number):
        is_inert(comment)
    for issue in state.issues.values():
        is_inert(issue["body"])
    for told in [one.out + one.err for one in ran]:
        harmless(told)
    for status in state.statuses:
        harmless(status["description"])
        assert len(status["description"]) <= 140
    for path in pipeline.repository.folder.glob("job-*-summary.md"):
        is_inert(path.read_text("utf-8"))


@pytest.mark.parametrize("text", [text for text in HARMFUL if text not in LETTERS])
def test_control_characters_are_refused_and_shown_harmlessly(pipeline: Pipeline, text: str) -> None:
    number = pipeline.repository.propose({BUYERS: buyer(text, text)})
    ran = pipeline.plan(number)
    harmless(ran.out.replace("::error", "").replace("::warning", "") + ran.err)
    for comment in pipeline.repository.comments(number):
        is_inert(comment)


def test_the_title_of_a_pull_request_is_shown_nowhere(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: buyer("陈静", "stands in")})
    pipeline.repository.server.state.pulls[number]["title"] = "@admin <b>Approved by everybody</b>\x1b[2J"
    ran = pipeline.plan(number)
    assert "Approved by everybody" not in ran.out + ran.err + "".join(pipeline.repository.comments(number))


# --- more than anybody can read -------------------------------------------------------------------------

CHANGES = 70_000
MEGABYTES = 1500
JOB = """
import resource, sys
from contextlib import nullcontext
from erpsync.cli.main import run
from erpsync.connectors import registry
from tests.support.memory import MemoryErp

class Connector:
    def read(self, connection):
        return nullcontext(MemoryErp())

registry.find_connector = lambda _: Connector()
code = run(["ci", "plan", "--output", "plan.json"])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
sys.exit(code)
"""


def test_seventy_thousand_changes_end_in_a_comment_and_in_bounded_memory(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    repository: CompanyRepository = pipeline.repository
    people = CHANGES // 2
    lines = (
        f"  p{n}: {{name: 员工{n}, department: purchasing, position: buyer, type: dedicated}}\n"
        for n in range(people)
    )
    number = repository.propose({"access/users/more.yaml": "users:\n" + "".join(lines)})
    checkout = repository.checkout_trial(number)
    root = Path(__file__).parents[2]
    env = {
        **repository.environment(checkout, number),
        "ERP_USERNAME": "x",
        "ERP_PASSWORD": "y",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(root),
        "HOME": str(tmp_path),
    }
    limit = MEGABYTES * 1024 * 1024
    done = subprocess.run(
        [sys.executable, "-c", JOB],
        cwd=checkout, env=env, capture_output=True, text=True, check=False, timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (comment,) = repository.comments(number)
    assert len(comment.encode()) <= LIMIT
    assert "Cut short" in comment.splitlines()[1]
    plan = json.loads((checkout / "plan.json").read_text("utf-8"))
    assert sum(len(account["changes"]) for account in plan["targets"][0]["accounts"]) >= CHANGES
