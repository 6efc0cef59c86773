"""``erpsync trail``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from erpsync.access import load_valid
from erpsync.cli.recording import Places, carry_out_plan
from erpsync.plan import load
from erpsync.run import Run
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.github_server import GitHubServer
from tests.support.memory import MemoryErp
from tests.support.repositories import git
from tests.support.signing import make_signer

PLANNER = ", assignments: [{role: purchasing.planner, reason: 代班, request: REQ-2026-0417}]"
MESSAGE = "Merge pull request #12 from huaxin/plan\n\nApproved-by: 吴兰 <wu.lan> 2026-11-20T09:30:00+08:00"


@pytest.fixture(autouse=True)
def no_forge(monkeypatch: pytest.MonkeyPatch) -> None:
    """No job of GitHub, wherever the tests run."""
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)


@pytest.fixture
def repository(company: AccessFiles, monkeypatch: pytest.MonkeyPatch) -> AccessFiles:
    """Access files in git: Chen Jing is a buyer, and became a planner by a pull request."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-20T10:00:00+08:00")
    path = company.path
    git(path, "init", "-q", "-b", "main")
    commit(company, "Begin")
    git(path, "checkout", "-q", "-b", "plan")
    company.users(buyer("chen.jing", more=PLANNER))
    commit(company, "Plan")
    git(path, "checkout", "-q", "main")
    git(path, "merge", "-q", "--no-ff", "-m", MESSAGE, "plan")
    return company


def commit(files: AccessFiles, message: str) -> str:
    git(files.path, "add", ".")
    git(files.path, "commit", "-q", "-m", message)
    return head(files)


def head(files: AccessFiles, name: str = "HEAD") -> str:
    return git(files.path, "rev-parse", name)


@pytest.fixture
def applied(
    erpsync: Command, repository: AccessFiles, memory: MemoryErp, tmp_path: Path, own_state: Path
) -> str:
    """The digest of a plan that a run has carried out, which had checked the approvals."""
    file = tmp_path / "plan.json"
    assert erpsync("plan", "--access", repository, "-o", file).code == 0
    plan = load(file.read_text(encoding="utf-8"))
    approval = {"user": "wu.lan", "handle": "WuLan-hx", "at": "2026-11-20T01:31:00+00:00", "commit": "b1"}
    approved = {
        "commit": head(repository), "pull_request": 12, "url": "https://git.huaxin.example/12",
        "author": "chen.jing", "merged_by": "wu.lan", "approvals": [approval],
    }  # fmt: skip
    run = Run("20261120T023000Z-abc123", "robot", "runner", "https://git.huaxin.example/job/7", (approved,))
    for result in carry_out_plan(plan, load_valid(repository.path), run, Places(repository.path, own_state)):
        assert result.exit_code == 0
    return str(json.loads(file.read_text(encoding="utf-8"))["digest"])


def as_json(erpsync: Command, *arguments: object) -> dict[str, Any]:
    ran = erpsync("trail", *arguments, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_git_alone_tells_the_change_and_what_its_message_claims(
    erpsync: Command, repository: AccessFiles
) -> None:
    ran = erpsync("trail", "chen.jing", "purchasing.planner", "--access", repository)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[1:] == [
        "",
        "Planner (purchasing.planner)",
        f"  by assignment: 代班, request REQ-2026-0417 ({repository}/people.yaml:2)",
        "  given 2026-11-20 10:00+08:00 without end: 代班, request REQ-2026-0417",
        f"    commit {head(repository)[:12]} of the main line: Merge pull request #12 from huaxin/plan",
        f"    written in commit {head(repository, 'plan')[:12]}",
        "    pull request: 12, says its message",
        "    proposed by: Chen Jing",
        "    merged by: Chen Jing",
        "    approved by: wu.lan 2026-11-20 09:30+08:00, says the message of the commit",
        "  written by a run: not known, no journal here tells of one",
    ]


def test_journal_tells_the_run_and_the_approvals_that_it_checked(
    erpsync: Command, repository: AccessFiles, applied: str
) -> None:
    ran = erpsync("trail", "chen.jing", "purchasing.planner", "--access", repository)
    (at,) = (line for line in ran.out.splitlines() if line.startswith("  erp as chen.jing"))
    assert at.endswith(": grant Planner")
    assert ran.out.splitlines()[7:] == [
        "    pull request: 12 https://git.huaxin.example/12",
        "    proposed by: chen.jing",
        "    merged by: wu.lan",
        "    approved by: wu.lan (WuLan-hx) 2026-11-20 01:31+00:00, says the journal",
        at,
        "    run 20261120T023000Z-abc123 by robot, job https://git.huaxin.example/job/7",
        f"    plan {applied}, commit {head(repository)[:12]}",
        "    it checked the approvals of the change above",
        "    outcome: done, and read back from the ERP",
    ]


def test_change_that_no_run_has_written_yet_is_told_so(
    erpsync: Command, repository: AccessFiles, applied: str
) -> None:
    told = "  written by a run since the last change: not known, no journal here tells of one\n"
    assert told not in erpsync("trail", "chen.jing", "--access", repository).out
    repository.users(buyer("chen.jing", more=PLANNER.replace("}]", ", valid_to: 2099-06-30}]")))
    commit(repository, "Until June")
    ran = erpsync("trail", "chen.jing", "purchasing.planner", "--access", repository)
    assert ran.out.endswith(told)
    assert not as_json(erpsync, "chen.jing", "--access", repository)["grants"][1]["followed"]


def test_journal_that_was_changed_is_told_so(
    erpsync: Command, repository: AccessFiles, applied: str, own_state: Path
) -> None:
    journal = own_state / "journal" / "erp.jsonl"
    assert "is not sound" not in erpsync("trail", "chen.jing", "--access", repository).out
    journal.write_text(journal.read_text(encoding="utf-8").replace("robot", "he.qi"))
    ran = erpsync("trail", "chen.jing", "--access", repository)
    assert f"note: {journal} is not sound, so what it tells may be wrong: erpsync journal verify\n" in ran.out


def test_json_has_every_fact(erpsync: Command, repository: AccessFiles, applied: str) -> None:
    found = as_json(erpsync, "chen.jing", "purchasing.planner", "--access", repository)
    (grant,) = found["grants"]
    (step,), (wrote,) = grant["steps"], grant["runs"]
    assert found["history"] == {"looked": 2, "cut": False, "unreadable": []}
    assert grant["held"][0]["days"] == [None, None]
    assert (grant["begins"], step["commit"], step["written_in"]) == (
        True,
        head(repository),
        head(repository, "plan"),
    )
    assert (step["pull_request"], step["pull_request_source"]) == (12, "journal")
    assert step["approvals"] == [
        {"user": "wu.lan", "handle": "WuLan-hx", "at": "2026-11-20T01:31:00+00:00", "source": "journal"}
    ]
    assert (wrote["plan"], wrote["status"], wrote["read_back"]) == (applied, "done", True)
    assert wrote["carries"] == [head(repository)]


def test_every_role_is_told_and_its_title_in_chinese_if_wanted(
    erpsync: Command, repository: AccessFiles
) -> None:
    text = (repository.path / "organisation.yaml").read_text(encoding="utf-8")
    repository.write(
        "organisation.yaml", text.replace("title: Planner", "title: Planner\n    title_zh: 计划员")
    )
    commit(repository, "标题")
    assert "Planner (purchasing.planner)" in erpsync("trail", "chen.jing", "--access", repository).out
    ran = erpsync("trail", "陈静", "--access", repository, "--lang", "zh")
    assert "\nBuyer (purchasing.buyer)\n" in ran.out
    assert "\n计划员 (purchasing.planner)\n" in ran.out


def test_role_that_was_lost_is_told_with_all(erpsync: Command, repository: AccessFiles) -> None:
    repository.users(buyer("chen.jing"))
    lost = commit(repository, "No longer")
    assert "purchasing.planner" not in erpsync("trail", "chen.jing", "--access", repository).out
    ran = erpsync("trail", "chen.jing", "--all", "--access", repository)
    assert ": 1 role, 1 lost\n" in ran.out
    assert "\nPlanner (purchasing.planner): no longer held\n" in ran.out
    assert (
        f"  taken away 2026-11-20 10:00+08:00\n    commit {lost[:12]} of the main line: No longer" in ran.out
    )


def test_longer_days_are_told_as_a_change(erpsync: Command, repository: AccessFiles) -> None:
    repository.users(buyer("chen.jing", more=PLANNER.replace("}]", ", valid_to: 2019-06-30}]")))
    commit(repository, "Until June")
    ran = erpsync("trail", "chen.jing", "purchasing.planner", "--access", repository)
    assert "  ended: by assignment until 2019-06-30: 代班, request REQ-2026-0417" in ran.out
    assert "  changed 2026-11-20 10:00+08:00, now until 2019-06-30: 代班, request REQ-2026-0417" in ran.out


def test_role_that_begins_later_is_told_as_not_yet(erpsync: Command, repository: AccessFiles) -> None:
    repository.users(buyer("chen.jing", more=PLANNER.replace("}]", ", valid_from: 2099-01-01}]")))
    commit(repository, "Later")
    ran = erpsync("trail", "chen.jing", "purchasing.planner", "--access", repository)
    assert "  not yet: by assignment from 2099-01-01" in ran.out


def test_what_is_not_committed_is_left_out(erpsync: Command, repository: AccessFiles) -> None:
    repository.users(buyer("chen.jing"))
    found = as_json(erpsync, "chen.jing", "--access", repository)
    assert [grant["role"] for grant in found["grants"]] == ["purchasing.buyer", "purchasing.planner"]


def test_user_who_is_gone_is_told_with_all(erpsync: Command, repository: AccessFiles) -> None:
    repository.users(buyer("wang.li", "王丽"))
    commit(repository, "Gone")
    ran = erpsync("trail", "chen.jing", "--access", repository)
    assert ran.code == 2
    assert "no user 'chen.jing' is declared" in ran.err
    assert "--all looks for who is gone too" in ran.err
    ran = erpsync("trail", "chen.jing", "--all", "--access", repository)
    assert ran.code == 0
    assert ran.out.startswith("chen.jing, who is no longer declared on ")
    assert ran.out.count(": no longer held\n") == 2


@pytest.mark.parametrize("options", [[], ["--all"]])
def test_unknown_user_is_wrong_usage(erpsync: Command, repository: AccessFiles, options: list[str]) -> None:
    ran = erpsync("trail", "chen.jign", "--access", repository, *options)
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'chen.jing'?" in ran.err


def test_unknown_role_is_wrong_usage(erpsync: Command, repository: AccessFiles) -> None:
    ran = erpsync("trail", "chen.jing", "purchasing.planer", "--access", repository)
    assert (ran.code, ran.out) == (2, "")
    assert "holds no role 'purchasing.planer'\n  hint: did you mean 'purchasing.planner'?" in ran.err
    assert "--all looks for roles that were lost too" in ran.err
    assert "--all" not in erpsync("trail", "chen.jing", "planer", "--access", repository, "--all").err


def test_outside_git_the_journal_is_told(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    erpsync("plan", "--access", company, "-o", file)
    erpsync("apply", file, "--access", company)
    ran = erpsync("trail", "chen.jing", "--access", company)
    assert ran.code == 0
    assert "note: git knows nothing of these files" in ran.out
    assert "which change gave it" not in ran.out
    assert ": grant Buyer\n" in ran.out
    assert as_json(erpsync, "chen.jing", "--access", company)["history"] is None


def test_files_that_were_never_committed_are_outside_git(erpsync: Command, company: AccessFiles) -> None:
    git(company.path.parent, "init", "-q", "-b", "main")
    git(company.path.parent, "commit", "-q", "--allow-empty", "-m", "Begin")
    assert "note: git knows nothing of these files" in erpsync("trail", "chen.jing", "--access", company).out


def test_history_that_is_cut_says_so(erpsync: Command, repository: AccessFiles) -> None:
    ran = erpsync("trail", "chen.jing", "purchasing.buyer", "--access", repository, "--changes", 1)
    assert "  which change gave it: not known\n" in ran.out
    assert "note: only the last 1 change of the files were looked at" in ran.out


def test_commits_that_cannot_be_read_are_named(erpsync: Command, repository: AccessFiles) -> None:
    repository.write("people.yaml", "users: [\n")
    bad = commit(repository, "A mistake")
    repository.users(buyer("chen.jing", more=PLANNER))
    commit(repository, "Mended")
    ran = erpsync("trail", "chen.jing", "--access", repository)
    assert f"note: 1 commit cannot be read, the first of them {bad[:12]}; " in ran.out


def test_committed_files_that_are_wrong_are_refused(erpsync: Command, repository: AccessFiles) -> None:
    repository.write("people.yaml", "users: [\n")
    commit(repository, "A mistake")
    assert erpsync("trail", "chen.jing", "--access", repository).code == 4


def test_runs_of_other_machines_are_hinted_at_where_journals_are_shared(
    erpsync: Command, repository: AccessFiles
) -> None:
    settings = repository.path / "erpsync.yaml"
    settings.write_text(settings.read_text().replace("settings:\n", "settings:\n  journal: remote\n", 1))
    commit(repository, "Share")
    assert "erpsync journal pull" in erpsync("trail", "chen.jing", "--access", repository).out


def test_forge_completes_what_git_does_not_know(
    erpsync: Command, repository: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = repository.path / "organisation.yaml"
    people.write_text(
        people.read_text().replace("type: dedicated}", "type: dedicated, forge: {github: WuLan-hx}}")
    )
    commit(repository, "Handles")
    merged, tip = head(repository, "HEAD~1"), head(repository, "plan")
    with GitHubServer() as server:
        number = server.state.open_pull_request("chenjing", tip)
        server.state.review(number, "WuLan-hx", "APPROVED")
        server.state.merge(number, merged)
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        found = as_json(erpsync, "chen.jing", "purchasing.planner", "--access", repository)
    (step,) = found["grants"][0]["steps"]
    assert (step["pull_request"], step["pull_request_source"]) == (number, "forge")
    assert step["proposed_by"] == "chenjing"
    assert [(item["user"], item["source"]) for item in step["approvals"]] == [("wu.lan", "forge")]


def test_forge_that_cannot_be_asked_leaves_what_git_knows(
    erpsync: Command, repository: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "t0k3n")
    monkeypatch.setenv("GITHUB_REPOSITORY", "huaxin/access")
    monkeypatch.setenv("GITHUB_API_URL", "http://git.huaxin.example")
    ran = erpsync("trail", "chen.jing", "--access", repository)
    assert ran.code == 0
    assert "note: the reviews could not be asked for: " in ran.out
    assert "t0k3n" not in ran.out
    assert "pull request: 12, says its message" in ran.out


def test_signatures_tell_who_approved_where_there_is_no_forge(
    erpsync: Command, repository: AccessFiles, tmp_path: Path
) -> None:
    chen, wu = make_signer(tmp_path, "chen@huaxin.example"), make_signer(tmp_path, "wu@huaxin.example")
    path = repository.path
    people = path / "organisation.yaml"
    handle = "forge: {git: wu@huaxin.example}"
    people.write_text(people.read_text().replace("type: dedicated}", f"type: dedicated, {handle}}}"))
    (path / ".allowed_signers").write_text(chen.allowed + wu.allowed, encoding="ascii")
    commit(repository, "Signers")
    git(path, "checkout", "-q", "-b", "lead")
    repository.users(buyer("chen.jing", more=", assignments: [{role: purchasing.lead, reason: 升任}]"))
    chen.commit(path, "Lead")
    wu.approve(path)
    git(path, "checkout", "-q", "main")
    wu.git(path, "merge", "-q", "-S", "--no-ff", "-m", "Lead", "lead")
    found = as_json(erpsync, "chen.jing", "purchasing.lead", "--access", repository)
    (step,) = found["grants"][0]["steps"]
    assert (step["pull_request"], step["proposed_by"], step["merged_by"]) == (None, chen.name, "wu.lan")
    assert [(item["user"], item["source"]) for item in step["approvals"]] == [("wu.lan", "signature")]


def test_approver_without_a_time_is_told_so(erpsync: Command, repository: AccessFiles) -> None:
    message = "Plan\n\nApproved-by: Somebody\nReviewed-by: wu.lan 2026-11-19"
    git(repository.path, "commit", "-q", "--amend", "-m", message)
    ran = erpsync("trail", "chen.jing", "purchasing.planner", "--access", repository)
    assert "    approved by: Somebody (time not known), says the message of the commit\n" in ran.out
    assert "    approved by: wu.lan 2026-11-19, says the message of the commit\n" in ran.out


def test_words_of_others_cannot_move_the_cursor(erpsync: Command, repository: AccessFiles) -> None:
    repository.users(buyer("chen.jing", more=", assignments: [{role: purchasing.lead, reason: up}]"))
    commit(repository, "Up \x1b[2J\u202e")
    ran = erpsync("trail", "chen.jing", "--access", repository)
    assert "Up \\x1b[2J\\u202e" in ran.out
