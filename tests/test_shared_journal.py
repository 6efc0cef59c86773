"""Runs of several machines on one branch: brought, sent, compared and proved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from erpsync.codec import digest
from erpsync.errors import ErpsyncError
from erpsync.forge.git_journal import GitJournal
from erpsync.journal import Journal, check, read_head, whole_lines
from erpsync.shared_journal import SharedJournal, prove, pull, push
from erpsync.state import journal_path, plan_path, save_plan
from tests.support.repositories import BRANCH, Remote, make_remote

PLAN = {"format": "erpsync-plan/1", "targets": []}
TEXT = json.dumps({**PLAN, "digest": digest(PLAN)})
BEGIN = {"event": "begin", "plan": digest(PLAN)}
END = {"event": "end", "counts": {"done": 1}}


@dataclass(frozen=True)
class Machine:
    """A checkout and a state directory."""

    checkout: Path
    state: Path

    @property
    def branch(self) -> GitJournal:
        return GitJournal(self.checkout, pause=lambda _: None)

    def path(self, run: str = "run-1") -> Path:
        return journal_path(self.state, "erp", run)

    def run(self, run: str, *events: dict[str, Any]) -> None:
        """Record a run here without sending it."""
        if not plan_path(self.state, run).exists():
            save_plan(self.state, run, TEXT)
        with Journal(self.path(run), run) as journal:
            journal.append(*events)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return make_remote(tmp_path)


@pytest.fixture
def here(remote: Remote, tmp_path: Path) -> Machine:
    return Machine(remote.clone("here"), tmp_path / "here-state")


@pytest.fixture
def there(remote: Remote, tmp_path: Path) -> Machine:
    return Machine(remote.clone("there"), tmp_path / "there-state")


# --- while a run goes on ----------------------------------------------------------------------------


def test_all_but_outcomes_is_on_the_branch_when_it_is_recorded(remote: Remote, here: Machine) -> None:
    save_plan(here.state, "run-1", TEXT)
    lengths = []
    with Journal(here.path(), "run-1") as journal:
        shared = SharedJournal(journal, here.state, here.branch)
        for event in ("begin", "intend", "outcome", "outcome", "intend", "end"):
            shared.append({"event": event})
            lengths.append(remote.files["journal/erp/run-1.jsonl"].count("\n"))
        shared.append()
    assert lengths == [1, 2, 2, 2, 5, 6]
    assert remote.files["runs/run-1/plan.json"].strip() == TEXT
    assert here.path().read_text() == remote.files["journal/erp/run-1.jsonl"]


def test_a_run_without_a_plan_sends_its_journal(remote: Remote, here: Machine) -> None:
    with Journal(here.path(), "run-1") as journal:
        SharedJournal(journal, here.state, here.branch).append({"event": "unlock"})
    assert list(remote.files) == ["journal/erp/run-1.jsonl"]


def test_a_push_that_fails_leaves_the_entry_here_and_says_how_to_send_it(
    remote: Remote, here: Machine
) -> None:
    remote.hook("pre-receive", "exit 1")
    with Journal(here.path(), "run-1") as journal:
        shared = SharedJournal(journal, here.state, here.branch)
        with pytest.raises(ErpsyncError, match=r"is kept here, but cannot be sent: .*declined") as failed:
            shared.append({"event": "begin"})
        assert failed.value.where == str(here.path())
        assert str(failed.value.hint).endswith("erpsync journal push")
        remote.unhook("pre-receive")
        shared.append({"event": "end"})
    assert remote.files["journal/erp/run-1.jsonl"].count("\n") == 2


# --- pull -----------------------------------------------------------------------------------------


def test_what_one_machine_sends_another_brings_and_it_is_sound_there(here: Machine, there: Machine) -> None:
    here.run("run-1", BEGIN, END)
    push(here.state, here.branch)
    assert pull(there.state, there.branch) == ["journal/erp/run-1.jsonl", "runs/run-1/plan.json"]
    assert there.path().read_bytes() == here.path().read_bytes()
    assert plan_path(there.state, "run-1").read_text() == TEXT
    assert check(whole_lines(there.path().read_bytes()), read_head(there.path())) == []
    for path in (there.path(), plan_path(there.state, "run-1")):
        assert path.stat().st_mode & 0o777 == 0o600
    assert there.path().parent.stat().st_mode & 0o777 == 0o700
    assert pull(there.state, there.branch) == []


def test_a_run_that_went_on_is_brought_to_its_end(here: Machine, there: Machine) -> None:
    here.run("run-1", BEGIN)
    push(here.state, here.branch)
    pull(there.state, there.branch)
    here.run("run-1", END)
    push(here.state, here.branch)
    assert pull(there.state, there.branch) == ["journal/erp/run-1.jsonl"]
    assert there.path().read_bytes() == here.path().read_bytes()
    assert check(whole_lines(there.path().read_bytes()), read_head(there.path())) == []


def test_what_is_longer_here_stays(here: Machine) -> None:
    here.run("run-1", BEGIN)
    push(here.state, here.branch)
    here.run("run-1", END)
    longer = here.path().read_bytes()
    here.path().write_bytes(longer + b'{"torn')
    assert pull(here.state, here.branch) == []
    assert here.path().read_bytes() == longer + b'{"torn'


@pytest.mark.parametrize("which", ["journal", "plan"])
def test_a_file_that_differs_is_named_and_nothing_is_brought(
    here: Machine, there: Machine, which: str
) -> None:
    here.run("run-1", BEGIN)
    here.run("run-2", BEGIN)
    push(here.state, here.branch)
    path = there.path() if which == "journal" else plan_path(there.state, "run-1")
    path.parent.mkdir(parents=True)
    path.write_text("other\n")
    with pytest.raises(ErpsyncError, match="differ") as failed:
        pull(there.state, there.branch)
    assert failed.value.where == str(path)
    assert path.read_text() == "other\n"
    assert not there.path("run-2").exists()


def test_a_plan_that_is_only_begun_here_differs(here: Machine, there: Machine) -> None:
    here.run("run-1", BEGIN)
    push(here.state, here.branch)
    plan = plan_path(there.state, "run-1")
    plan.parent.mkdir(parents=True)
    plan.write_text(TEXT[:5])
    with pytest.raises(ErpsyncError, match="differ"):
        pull(there.state, there.branch)


def test_an_unsound_journal_is_not_brought(remote: Remote, here: Machine, there: Machine) -> None:
    here.run("run-1", BEGIN, END)
    here.run("run-2", BEGIN, END)
    push(here.state, here.branch)
    journal = remote.files["journal/erp/run-2.jsonl"]
    remote.edit({"journal/erp/run-2.jsonl": journal.replace("begin", "began")})
    with pytest.raises(ErpsyncError, match=r"run-2\.jsonl:1: the entry was changed; nothing was brought"):
        pull(there.state, there.branch)
    assert not there.state.exists()


def test_a_file_on_the_branch_gets_no_place_outside(
    remote: Remote, here: Machine, there: Machine, tmp_path: Path
) -> None:
    here.run("run-1", BEGIN)
    push(here.state, here.branch)
    remote.edit(
        {"journal/../../evil.jsonl": "x\n", "runs/../plan.json": "x\n", "journal/-o/run.jsonl": "x\n"}
    )
    pull(there.state, there.branch)
    assert not list(tmp_path.rglob("evil*"))
    files = {path.relative_to(there.state).as_posix() for path in there.state.rglob("*") if path.is_file()}
    assert files == {"journal/erp/run-1.jsonl", "journal/erp/run-1.jsonl.head", "runs/run-1/plan.json"}


def test_without_a_branch_there_is_nothing_to_bring(there: Machine) -> None:
    with pytest.raises(ErpsyncError, match=f"has no branch {BRANCH} yet"):
        pull(there.state, there.branch)


# --- push -----------------------------------------------------------------------------------------


def test_only_what_the_branch_lacks_is_sent(here: Machine) -> None:
    here.run("run-1", BEGIN, END)
    assert push(here.state, here.branch) == ["journal/erp/run-1.jsonl", "runs/run-1/plan.json"]
    assert push(here.state, here.branch) == []
    here.run("run-2", BEGIN)
    assert push(here.state, here.branch) == ["journal/erp/run-2.jsonl", "runs/run-2/plan.json"]


def test_journals_of_this_machine_alone_are_not_sent(remote: Remote, here: Machine) -> None:
    save_plan(here.state, "run-1", TEXT)
    with Journal(journal_path(here.state, "erp"), "run-1") as journal:
        journal.append(BEGIN)
    assert push(here.state, here.branch) == []
    assert remote.tip == ""


def test_a_line_torn_by_a_kill_is_not_sent(remote: Remote, here: Machine) -> None:
    here.run("run-1", BEGIN)
    whole = here.path().read_text()
    here.path().write_text(whole + '{"torn')
    push(here.state, here.branch)
    assert remote.files["journal/erp/run-1.jsonl"] == whole


def test_an_unsound_journal_is_not_sent(remote: Remote, here: Machine) -> None:
    here.run("run-1", BEGIN, END)
    here.path().write_text(here.path().read_text().replace("begin", "began"))
    with pytest.raises(ErpsyncError, match="not sound: the entry was changed") as failed:
        push(here.state, here.branch)
    assert failed.value.where == f"{here.path()}:1"
    assert remote.tip == ""


# --- proof ----------------------------------------------------------------------------------------


def test_a_branch_that_is_whole_is_said_so_with_what_was_not_sent(here: Machine) -> None:
    here.run("run-1", BEGIN, END)
    push(here.state, here.branch)
    here.run("run-1", END)
    here.run("run-2", BEGIN)
    proof = prove(here.state, here.branch)
    assert (proof.problems, proof.journals, proof.commits) == ((), 1, 1)
    assert proof.unsent == (
        "journal/erp/run-1.jsonl",
        "journal/erp/run-2.jsonl",
        "runs/run-2/plan.json",
    )


def test_before_the_first_push_nothing_is_wrong_and_all_is_unsent(here: Machine) -> None:
    here.run("run-1", BEGIN)
    proof = prove(here.state, here.branch)
    assert (proof.problems, proof.commits, len(proof.unsent)) == ((), 0, 2)


def problems(machine: Machine) -> str:
    return "\n".join(prove(machine.state, machine.branch).problems)


def test_a_changed_entry_is_found_in_the_journal_and_in_the_history(
    remote: Remote, here: Machine, there: Machine
) -> None:
    here.run("run-1", BEGIN, END)
    push(here.state, here.branch)
    journal = remote.files["journal/erp/run-1.jsonl"]
    commit = remote.edit({"journal/erp/run-1.jsonl": journal.replace('"done":1', '"done":2')})
    found = problems(there)
    assert f"{BRANCH}:journal/erp/run-1.jsonl:2: the entry was changed" in found
    assert f"{BRANCH}: commit {commit[:12]} changed what stood in journal/erp/run-1.jsonl" in found
    assert f"{here.path()}: is not what {BRANCH}:journal/erp/run-1.jsonl is" in problems(here)


def test_a_journal_written_anew_with_a_chain_of_its_own_is_found(
    remote: Remote, here: Machine, there: Machine, tmp_path: Path
) -> None:
    here.run("run-1", BEGIN, END)
    push(here.state, here.branch)
    forger = Machine(there.checkout, tmp_path / "forger")
    forger.run("run-1", BEGIN, {"event": "end", "counts": {}})
    commit = remote.edit({"journal/erp/run-1.jsonl": forger.path().read_text()})
    assert problems(there) == f"{BRANCH}: commit {commit[:12]} changed what stood in journal/erp/run-1.jsonl"


def test_a_removed_run_is_found(remote: Remote, here: Machine, there: Machine) -> None:
    here.run("run-1", BEGIN)
    push(here.state, here.branch)
    commit = remote.edit({"journal/erp/run-1.jsonl": None, "runs/run-1/plan.json": None})
    found = problems(there)
    assert f"commit {commit[:12]} removed journal/erp/run-1.jsonl" in found
    assert f"commit {commit[:12]} removed runs/run-1/plan.json" in found


def test_the_journal_of_one_run_under_the_name_of_another_is_found(
    remote: Remote, here: Machine, there: Machine
) -> None:
    here.run("run-1", BEGIN)
    push(here.state, here.branch)
    files = remote.files
    copied = {
        "journal/erp/run-9.jsonl": files["journal/erp/run-1.jsonl"],
        "runs/run-9/plan.json": files["runs/run-1/plan.json"],
    }
    remote.edit(copied)
    assert problems(there) == f"{BRANCH}:journal/erp/run-9.jsonl: it has entries of another run"


def test_a_line_that_is_not_whole_is_found(remote: Remote, there: Machine) -> None:
    remote.edit({"journal/erp/run-1.jsonl": '{"torn'})
    assert problems(there) == f"{BRANCH}:journal/erp/run-1.jsonl:1: the line is not whole"


@pytest.mark.parametrize("plan", [None, "{}", "[]", "no plan", json.dumps({**PLAN, "digest": "sha256:0"})])
def test_a_plan_that_is_not_the_one_carried_out_is_found(
    remote: Remote, here: Machine, there: Machine, plan: str | None
) -> None:
    here.run("run-1", {"event": "emergency", "reason": "stolen"}, BEGIN)
    plan_path(here.state, "run-1").unlink()
    push(here.state, here.branch)
    if plan is not None:
        remote.edit({"runs/run-1/plan.json": plan})
    assert problems(there) == (
        f"{BRANCH}:runs/run-1/plan.json: is not the plan that journal/erp/run-1.jsonl says was carried out"
    )


def test_other_files_on_the_branch_may_change(remote: Remote, here: Machine, there: Machine) -> None:
    here.run("run-1", BEGIN)
    push(here.state, here.branch)
    remote.edit({"README.md": "one\n"})
    remote.edit({"README.md": "two\n"})
    assert problems(there) == ""
