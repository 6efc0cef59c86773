"""The branch of shared journals, against real git repositories."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpsync.errors import ErpsyncError, ExitCode
from erpsync.forge import git_journal
from erpsync.forge.git import Answer, RemoteError
from erpsync.forge.git_journal import ATTEMPTS, SEEN, GitJournal, RewrittenError, wait
from tests.support.repositories import BRANCH, Remote, git, make_remote

ONE = "journal/erp/run-1.jsonl"
TWO = "journal/erp/run-2.jsonl"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return make_remote(tmp_path)


@pytest.fixture
def checkout(remote: Remote) -> Path:
    return remote.clone("checkout")


def opened(checkout: Path, pause: Callable[[int], None] = lambda _: None) -> GitJournal:
    """The branch, from a folder of the checkout, without any pause."""
    return GitJournal(checkout / "access", pause=pause)


# --- adding ---------------------------------------------------------------------------------------


def test_the_first_file_makes_a_branch_that_shares_nothing_with_the_others(
    remote: Remote, checkout: Path
) -> None:
    assert opened(checkout).add({ONE: b"a\n"}) == [ONE]
    assert remote.files == {ONE: "a\n"}
    assert remote.commits == 1


def test_a_file_that_grew_is_one_more_commit_with_the_one_before_as_its_parent(
    remote: Remote, checkout: Path
) -> None:
    branch = opened(checkout)
    branch.add({ONE: b"a\n"})
    first = remote.tip
    assert branch.add({ONE: b"a\nb\n"}) == [ONE]
    assert remote.files == {ONE: "a\nb\n"}
    assert git(remote.bare, "rev-parse", f"{BRANCH}^") == first


def test_what_is_there_already_is_not_sent_again(remote: Remote, checkout: Path) -> None:
    opened(checkout).add({ONE: "陈\n二\n".encode()})
    before = remote.tip
    assert opened(checkout).add({ONE: "陈\n二\n".encode()}) == []
    assert opened(checkout).add({ONE: "陈\n".encode()}) == []
    assert remote.tip == before


def test_only_what_is_new_is_told(checkout: Path) -> None:
    branch = opened(checkout)
    branch.add({ONE: b"a\n"})
    assert branch.add({ONE: b"a\n", TWO: b"b\n"}) == [TWO]


def test_another_file_of_the_same_name_is_an_error_and_nothing_is_overwritten(
    remote: Remote, checkout: Path
) -> None:
    branch = opened(checkout)
    branch.add({ONE: b"a\n"})
    with pytest.raises(ErpsyncError, match="differ") as failed:
        branch.add({ONE: b"b\n", TWO: b"c\n"})
    assert failed.value.where == f"{BRANCH}:{ONE}"
    assert remote.files == {ONE: "a\n"}


def test_a_commit_starts_no_job_and_is_by_nobody_in_person(remote: Remote, checkout: Path) -> None:
    opened(checkout).add({ONE: b"a\n"})
    told = git(remote.bare, "log", "-1", "--format=%an <%ae>%n%B", BRANCH)
    assert told.startswith("erpsync <erpsync@localhost>\n")
    assert "[skip ci]" in told


def test_files_of_others_on_the_branch_stay_whatever_they_are_called(remote: Remote, checkout: Path) -> None:
    others = {'say "hi"\t陈\\.md': "read me\n", "journal/读我": "x\n", ONE: "a\n"}
    remote.edit(dict(others))
    opened(checkout).add({TWO: b"b\n"})
    names = git(remote.bare, "ls-tree", "-r", "-z", "--name-only", BRANCH).split("\0")
    assert set(names) - {""} == {*others, TWO}


def test_a_file_where_a_folder_is_needed_is_an_error(remote: Remote, checkout: Path) -> None:
    remote.edit({"journal": "in the way\n"})
    with pytest.raises(ErpsyncError, match="'journal' is a file where a folder is needed"):
        opened(checkout).add({ONE: b"a\n"})
    assert remote.files == {"journal": "in the way\n"}


# --- reading --------------------------------------------------------------------------------------


def test_another_checkout_reads_what_one_sent(remote: Remote, checkout: Path) -> None:
    opened(checkout).add({ONE: "陈静\n".encode(), "runs/run-1/plan.json": b"{}\n"})
    other = opened(remote.clone("other"))
    assert other.fetch() == remote.tip
    assert other.files() == {ONE: "陈静\n".encode(), "runs/run-1/plan.json": b"{}\n"}


def test_files_that_are_no_journals_are_not_read(remote: Remote, checkout: Path) -> None:
    remote.edit({"README.md": "x\n", "journal/erp.jsonl": "x\n", ONE: "a\n"})
    branch = opened(checkout)
    branch.fetch()
    assert branch.files() == {ONE: b"a\n"}


def test_without_a_branch_there_is_nothing(checkout: Path) -> None:
    branch = opened(checkout)
    assert (branch.fetch(), branch.files()) == (None, {})


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"a\r\nb\n"])
def test_a_file_that_is_no_text_of_ours_is_named(remote: Remote, checkout: Path, content: bytes) -> None:
    path = remote.bare.parent / "content"
    path.write_bytes(content)
    blob = git(remote.bare, "hash-object", "-w", "--no-filters", str(path))
    remote.edit({ONE: "a\n", TWO: "b\n"})
    work = remote.clone("by-hand", "--branch", BRANCH)
    (work / ONE).write_bytes(content)
    git(work, "commit", "-qam", "By hand")
    git(work, "push", "-q", "origin", BRANCH)
    assert git(remote.bare, "rev-parse", f"{BRANCH}:{ONE}") == blob
    branch = opened(checkout)
    branch.fetch()
    with pytest.raises(ErpsyncError, match="not text as erpsync writes it") as failed:
        branch.files()
    assert failed.value.where == f"{BRANCH}:{ONE}"


@pytest.mark.parametrize(
    "options", [("--depth=1",), ("--filter=blob:none",), ("--single-branch",), ("--bare",)]
)
def test_checkouts_of_every_kind_read_and_write(
    remote: Remote, checkout: Path, options: tuple[str, ...]
) -> None:
    opened(checkout).add({ONE: b"a\n"})
    opened(checkout).add({ONE: b"a\nb\n"})
    branch = GitJournal(remote.clone("other", *options))
    assert branch.add({TWO: b"c\n"}) == [TWO]
    assert branch.files() == {ONE: b"a\nb\n", TWO: b"c\n"}
    assert remote.commits == 3


# --- the user's checkout ----------------------------------------------------------------------------


def test_index_work_tree_and_branches_of_the_checkout_are_as_before(remote: Remote, checkout: Path) -> None:
    (checkout / "access" / "erpsync.yaml").write_text("changed\n")
    (checkout / "staged").write_text("staged\n")
    (checkout / "new").write_text("new\n")
    git(checkout, "add", "staged")

    def state() -> list[str]:
        questions = (["status", "--porcelain=v2", "--branch"], ["ls-files", "--stage"], ["stash", "list"])
        return [
            *(git(checkout, *question) for question in questions),
            git(checkout, "for-each-ref", "refs/heads", "refs/remotes/origin/main", "refs/tags"),
            (checkout / ".git" / "HEAD").read_text(),
            (checkout / ".git" / "config").read_text(),
        ]

    before, index = state(), (checkout / ".git" / "index").read_bytes()
    opened(remote.clone("other")).add({TWO: b"b\n"})
    opened(checkout).add({ONE: b"a\n"})
    opened(checkout).fetch()
    assert (checkout / ".git" / "index").read_bytes() == index
    assert state() == before
    assert not (checkout / ".git" / "FETCH_HEAD").exists()


def test_settings_and_hooks_of_the_checkout_are_no_hindrance(remote: Remote, checkout: Path) -> None:
    for setting in ("push.followTags", "fetch.prune", "fetch.pruneTags", "commit.gpgSign", "diff.relative"):
        git(checkout, "config", setting, "true")
    git(checkout, "config", "core.autocrlf", "true")
    git(checkout, "config", "core.quotePath", "false")
    git(checkout, "tag", "-m", "one", "v1")
    hook = checkout / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    opened(checkout).add({ONE: b"a\n"})
    assert remote.files == {ONE: "a\n"}
    assert git(remote.bare, "tag") == ""
    assert git(checkout, "tag") == "v1"


# --- at the same time -----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 5])
def test_those_who_push_at_once_lose_nothing(remote: Remote, count: int) -> None:
    checkouts = [remote.clone(f"checkout-{number}") for number in range(count)]
    together = Barrier(count)

    def send(number: int) -> None:
        branch = opened(checkouts[number])
        for length in (1, 2, 3):
            together.wait()
            branch.add({f"journal/erp/run-{number}.jsonl": b"entry\n" * length})

    threads = [Thread(target=send, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert remote.files == {f"journal/erp/run-{number}.jsonl": "entry\n" * 3 for number in range(count)}
    assert remote.commits == 3 * count


def test_several_of_one_checkout_lose_nothing(remote: Remote, checkout: Path) -> None:
    together = Barrier(3)

    def send(number: int) -> None:
        together.wait()
        opened(checkout).add({f"journal/erp/run-{number}.jsonl": b"entry\n"})

    threads = [Thread(target=send, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(remote.files) == 3
    git(remote.bare, "merge-base", "--is-ancestor", git(checkout, "rev-parse", SEEN), BRANCH)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=6))
@settings(max_examples=8)
def test_whatever_the_order_of_pushes_the_branch_holds_all_that_was_sent(
    order: list[tuple[int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        remote = make_remote(Path(name))
        branches = [opened(remote.clone(f"checkout-{number}")) for number in range(3)]
        lengths = [0, 0, 0]
        for number, fetches in order:
            if fetches:
                branches[number].fetch()
            lengths[number] += 1
            branches[number].add({f"journal/erp/run-{number}.jsonl": b"entry\n" * lengths[number]})
        reader = opened(remote.clone("reader"))
        assert reader.fetch() == (remote.tip or None)
        assert reader.files() == {
            f"journal/erp/run-{number}.jsonl": b"entry\n" * length
            for number, length in enumerate(lengths)
            if length
        }
        assert remote.commits == len(order) if order else not remote.tip


def test_who_is_too_late_puts_its_files_on_top_after_a_pause(remote: Remote, checkout: Path) -> None:
    pauses: list[int] = []
    late = opened(checkout, pauses.append)
    late.fetch()
    opened(remote.clone("other")).add({TWO: b"b\n"})
    first = remote.tip
    late.add({ONE: b"a\n"})
    assert pauses == [1]
    assert remote.files == {ONE: "a\n", TWO: "b\n"}
    assert git(remote.bare, "rev-parse", f"{BRANCH}^") == first


def test_who_is_always_too_late_gives_up_and_overwrites_nothing(remote: Remote, checkout: Path) -> None:
    other = opened(remote.clone("other"))
    sent = 0

    def meanwhile(attempt: int) -> None:
        nonlocal sent
        sent += 1
        other.add({TWO: b"b\n" * sent})

    pauses: list[int] = []
    late = opened(checkout, pauses.append)
    late.fetch()
    fetch = late.fetch

    def slow_fetch() -> str | None:
        tip = fetch()
        meanwhile(0)
        return tip

    late.fetch = slow_fetch  # type: ignore[method-assign]
    meanwhile(0)
    with pytest.raises(RemoteError, match=r"stale info|rejected"):
        late.add({ONE: b"a\n"})
    assert pauses == list(range(1, ATTEMPTS))
    assert set(remote.files) == {TWO}


def test_pauses_grow_and_stay_short(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    for attempt in range(1, ATTEMPTS):
        wait(attempt)
    assert slept == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


# --- faults ---------------------------------------------------------------------------------------


def test_a_lost_answer_is_found_out_by_reading(remote: Remote, checkout: Path) -> None:
    remote.hook("post-receive", "kill -9 $PPID")
    opened(checkout).add({ONE: b"a\n"})
    assert remote.files == {ONE: "a\n"}
    assert remote.commits == 1


def test_a_refusal_of_the_server_is_told_in_its_words(remote: Remote, checkout: Path) -> None:
    remote.hook("pre-receive", "echo only robots may push >&2; exit 1")
    with pytest.raises(RemoteError, match=r"hook declined.*only robots may push") as failed:
        opened(checkout).add({ONE: b"a\n"})
    assert failed.value.exit_code is ExitCode.ERROR
    assert remote.tip == ""


def test_a_remote_that_is_not_there_is_told_with_what_to_do(checkout: Path) -> None:
    git(checkout, "remote", "remove", "origin")
    with pytest.raises(RemoteError, match="branch erpsync-journal of git remote 'origin'") as failed:
        opened(checkout).add({ONE: b"a\n"})
    assert "or set journal: local" in str(failed.value.hint)


def test_a_message_has_no_credentials(checkout: Path) -> None:
    # Nothing listens on port 1.
    git(checkout, "remote", "set-url", "origin", "http://robot:t0k3n@127.0.0.1:1/access.git")
    with pytest.raises(RemoteError) as failed:
        opened(checkout).add({ONE: b"a\n"})
    assert "//127.0.0.1:1/access.git" in str(failed.value)
    assert "robot" not in str(failed.value)
    assert "t0k3n" not in str(failed.value)


def test_a_directory_outside_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match="does not appear to be a git repository"):
        GitJournal(tmp_path).fetch()


def test_a_branch_that_cannot_be_brought_is_told(
    remote: Remote, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.edit({ONE: "a\n"})
    monkeypatch.setattr(git_journal, "fetch", lambda *_: Answer("", ""))
    with pytest.raises(RemoteError, match="did not give what it has"):
        opened(checkout).fetch()


# --- what this checkout saw -------------------------------------------------------------------------


def test_the_last_commit_that_was_seen_is_remembered(remote: Remote, checkout: Path) -> None:
    opened(checkout).add({ONE: b"a\n"})
    assert git(checkout, "rev-parse", SEEN) == remote.tip
    opened(remote.clone("other")).add({TWO: b"b\n"})
    opened(checkout).fetch()
    assert git(checkout, "rev-parse", SEEN) == remote.tip


def test_a_branch_that_was_rewritten_is_found_and_the_evidence_stays(remote: Remote, checkout: Path) -> None:
    opened(checkout).add({ONE: b"a\n"})
    seen = remote.tip
    remote.edit({ONE: "a\n", TWO: "b\n"}, rewrite=True)
    with pytest.raises(RewrittenError, match=f"commit {seen[:12]}") as failed:
        opened(checkout).fetch()
    assert failed.value.exit_code is ExitCode.ERROR
    assert git(checkout, "rev-parse", SEEN) == seen
    assert git(checkout, "show", f"{SEEN}:{ONE}") == "a"


def test_a_branch_that_was_set_back_is_found(remote: Remote, checkout: Path) -> None:
    branch = opened(checkout)
    branch.add({ONE: b"a\n"})
    first = remote.tip
    branch.add({ONE: b"a\nb\n"})
    git(remote.bare, "update-ref", f"refs/heads/{BRANCH}", first)
    with pytest.raises(RewrittenError):
        opened(checkout).fetch()


def test_a_branch_that_was_removed_is_found(remote: Remote, checkout: Path) -> None:
    opened(checkout).add({ONE: b"a\n"})
    git(remote.bare, "update-ref", "-d", f"refs/heads/{BRANCH}")
    with pytest.raises(RewrittenError, match="was removed"):
        opened(checkout).fetch()


def test_a_checkout_with_too_little_of_the_branch_does_not_take_it_for_rewritten(
    remote: Remote, checkout: Path
) -> None:
    branch = opened(checkout)
    branch.add({ONE: b"a\n"})
    shallow = remote.clone("shallow", "--depth=1", "--no-single-branch")
    opened(shallow).fetch()
    branch.add({ONE: b"a\nb\n"})
    branch.add({ONE: b"a\nb\nc\n"})
    git(shallow, "fetch", "-q", "--depth=1", "origin")
    with pytest.raises(ErpsyncError, match="is cut off before commit") as failed:
        opened(shallow).fetch()
    assert failed.value.hint == "git fetch --unshallow"
    git(shallow, "fetch", "-q", "--unshallow")
    assert opened(shallow).fetch() == remote.tip


def test_nothing_is_added_to_a_rewritten_branch(remote: Remote, checkout: Path) -> None:
    branch = opened(checkout)
    branch.add({ONE: b"a\n"})
    forged = remote.edit({ONE: "x\n"}, rewrite=True)
    with pytest.raises(RewrittenError):
        branch.add({ONE: b"a\nb\n"})
    assert remote.tip == forged


def test_once_it_is_explained_the_branch_is_taken_as_it_is(remote: Remote, checkout: Path) -> None:
    opened(checkout).add({ONE: b"a\n"})
    remote.edit({TWO: "b\n"}, rewrite=True)
    with pytest.raises(RewrittenError) as failed:
        opened(checkout).fetch()
    command = str(failed.value.hint).rpartition(": ")[2]
    subprocess.run(command.split(), cwd=checkout, check=True)
    assert opened(checkout).fetch() == remote.tip


def test_a_checkout_that_cannot_remember_is_told(remote: Remote, checkout: Path) -> None:
    remote.edit({ONE: "a\n"})
    blocked = checkout / ".git" / SEEN
    blocked.parent.mkdir(parents=True)
    blocked.with_name(f"{blocked.name}.lock").touch()
    with pytest.raises(RemoteError, match="lock") as failed:
        opened(checkout).fetch()
    assert SEEN in str(failed.value.hint)
