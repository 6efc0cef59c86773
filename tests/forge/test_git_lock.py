"""The lock that runs on several machines respect, against real git repositories."""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest

from erpsync.errors import ExitCode, RefusedError
from erpsync.forge.git import Git, RemoteError
from erpsync.forge.git_lock import GitRefLock, lock_for
from erpsync.lock import FileLock, Lock, LockedError, LockHolder
from tests.support.repositories import git

HOLDER = LockHolder("wu.lan", "4711", datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "build-7", 312)
OTHER = LockHolder("he.qi", "4712", datetime(2026, 11, 22, 12, 5, tzinfo=UTC), "build-8", 77)
REF = "refs/erpsync/lock/erp"


@dataclass(frozen=True)
class Place:
    """A bare repository as the remote, and a checkout whose remote it is."""

    bare: Path
    checkout: Path

    def lock(self, holder: LockHolder = HOLDER, target: str = "erp") -> GitRefLock:
        return GitRefLock(self.checkout, "origin", target, holder)

    @property
    def held(self) -> bool:
        return REF in git(self.bare, "for-each-ref", "--format=%(refname)").splitlines()

    def hook(self, name: str, script: str) -> None:
        path = self.bare / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def before_each_read(self, script: str) -> None:
        """Have the server run a script, which knows the number of the ``$call``, before it tells its refs."""
        path = self.bare / "upload-pack"
        count = f"echo >> {self.bare}/calls\ncall=$(wc -l < {self.bare}/calls)"
        path.write_text(f'#!/bin/sh\n{count}\n{script}\nexec git upload-pack "$@"\n')
        path.chmod(0o755)
        git(self.checkout, "config", "remote.origin.uploadpack", str(path))

    def files(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.checkout.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("CI", raising=False)
    bare, checkout = tmp_path / "remote.git", tmp_path / "checkout"
    (checkout / "access").mkdir(parents=True)
    git(tmp_path, "init", "-q", "--bare", str(bare))
    (bare / "hooks").mkdir(exist_ok=True)
    git(checkout, "init", "-q")
    git(checkout, "remote", "add", "origin", str(bare))
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Begin")
    git(checkout, "push", "-q", "origin", "HEAD:refs/heads/main")
    return Place(bare, checkout)


# --- taking and giving back -----------------------------------------------------------------------


def test_ref_says_who_holds_the_lock_while_it_is_held(place: Place) -> None:
    lock: Lock = place.lock()
    with lock:
        assert LockHolder.parse(git(place.bare, "log", "-1", "--format=%B", REF)) == HOLDER
    assert not place.held


def test_second_run_is_refused_and_told_by_whom_and_what_to_do(place: Place) -> None:
    with (
        place.lock(),
        pytest.raises(LockedError, match=r"locked by wu\.lan since 2026-11-22 12:00:00 UTC") as refused,
        place.lock(OTHER),
    ):
        pytest.fail("both hold it")
    assert refused.value.exit_code is ExitCode.REFUSED
    assert refused.value.holder == HOLDER
    assert str(refused.value.hint).endswith("erpsync unlock erp --run 4711")


def test_run_that_says_the_same_is_another_run_all_the_same(place: Place) -> None:
    with place.lock(), pytest.raises(LockedError), place.lock():
        pytest.fail("both hold it")


def test_lock_can_be_taken_again_after_it_was_given_back(place: Place) -> None:
    with place.lock():
        pass
    with place.lock(OTHER):
        assert place.held


def test_lock_is_given_back_when_the_work_fails(place: Place) -> None:
    with pytest.raises(ZeroDivisionError), place.lock():
        _ = 1 / 0
    assert not place.held


def test_targets_do_not_lock_each_other(place: Place) -> None:
    with place.lock(), place.lock(OTHER, "erp.lock"), place.lock(OTHER, "a..b@{1}"):
        assert len(git(place.bare, "for-each-ref", "refs/erpsync").splitlines()) == 3


def test_ref_whose_name_only_ends_alike_is_no_lock(place: Place) -> None:
    git(place.bare, "update-ref", f"refs/heads/{REF}", "refs/heads/main")

    with pytest.raises(RefusedError, match="is not locked"):
        place.lock().break_lock("4711")


def test_leaving_a_lock_that_is_not_held_does_nothing(place: Place) -> None:
    with place.lock():
        place.lock(OTHER).__exit__(None, None, None)
        assert place.held


def test_lock_that_went_to_another_run_is_not_given_back(place: Place) -> None:
    mine, other = place.lock(), place.lock(OTHER)
    with mine:
        other.break_lock("4711")
        other.__enter__()
    assert place.held


@pytest.mark.parametrize("options", [("--depth=1",), ("--filter=blob:none", "--no-checkout"), ("--mirror",)])
def test_checkouts_of_every_kind_can_lock(place: Place, tmp_path: Path, options: tuple[str, ...]) -> None:
    git(place.bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", *options, f"file://{place.bare}", str(tmp_path / "clone"))
    clone = replace(place, checkout=tmp_path / "clone")

    if options == ("--mirror",):
        git(clone.checkout, "config", "remote.origin.mirror", "false")
    with clone.lock(), pytest.raises(LockedError, match=r"wu\.lan"), clone.lock(OTHER):
        pytest.fail("both hold it")
    assert not place.held


def test_settings_that_change_what_push_and_fetch_do_are_no_hindrance(place: Place) -> None:
    for setting in ("push.followTags", "fetch.prune", "fetch.pruneTags", "commit.gpgSign"):
        git(place.checkout, "config", setting, "true")
    git(place.checkout, "tag", "-m", "one", "v1")
    (place.checkout / ".git" / "hooks").mkdir(exist_ok=True)
    hook = place.checkout / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with place.lock(), pytest.raises(LockedError, match=r"wu\.lan"), place.lock(OTHER):
        pytest.fail("both hold it")
    assert git(place.bare, "tag") == ""
    assert git(place.checkout, "tag") == "v1"


def test_nothing_is_left_behind_in_the_checkout(place: Place) -> None:
    before = place.files()

    with place.lock(), pytest.raises(LockedError), place.lock(OTHER):
        pytest.fail("both hold it")
    with place.lock():
        place.lock(OTHER).break_lock("4711")

    assert place.files() == before


def test_repository_of_a_hook_is_not_taken_for_ours(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(place.bare))
    with place.lock():
        monkeypatch.delenv("GIT_DIR")
        assert place.held


# --- at the same time -----------------------------------------------------------------------------


def test_of_many_at_once_exactly_one_wins(place: Place) -> None:
    count = 8
    together, decided = Barrier(count), Barrier(count)
    won: list[LockHolder] = []
    told: list[LockHolder | None] = []

    def contend(holder: LockHolder) -> None:
        together.wait()
        try:
            with place.lock(holder):
                won.append(holder)
                decided.wait()
        except LockedError as error:
            told.append(error.holder)
            decided.wait()

    _in_threads([Thread(target=contend, args=(replace(HOLDER, pid=pid),)) for pid in range(count)])

    assert len(won) == 1
    assert told == won * (count - 1)
    assert not place.held


def test_two_never_hold_it_while_it_changes_hands(place: Place) -> None:
    inside: list[LockHolder] = []
    seen: list[bool] = []

    def contend(holder: LockHolder) -> None:
        for _ in range(4):
            with suppress(LockedError, RemoteError), place.lock(holder):
                inside.append(holder)
                said = LockHolder.parse(git(place.bare, "log", "-1", "--format=%B", REF))
                seen.append(said == holder and inside == [holder])
                inside.remove(holder)

    _in_threads([Thread(target=contend, args=(replace(HOLDER, pid=pid),)) for pid in range(4)])

    assert set(seen) == {True}
    assert not place.held


def _in_threads(threads: list[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_lock_given_back_before_its_holder_could_be_read_is_tried_again(place: Place) -> None:
    place.lock(OTHER).__enter__()
    place.before_each_read(f'[ "$call" -ne 2 ] || git -C "$1" update-ref -d {REF}')

    with place.lock():
        assert LockHolder.parse(git(place.bare, "log", "-1", "--format=%B", REF)) == HOLDER


def test_lock_that_changes_hands_all_the_time_is_given_up(place: Place) -> None:
    place.lock(OTHER).__enter__()
    tree = git(place.bare, "hash-object", "-t", "tree", "-w", "/dev/null")
    commit = f'$(echo $call | git -c user.name=C -c user.email=c@c -C "$1" commit-tree {tree})'
    place.before_each_read(f'git -C "$1" update-ref {REF} {commit}')

    with pytest.raises(RemoteError, match="changes hands all the time"):
        place.lock().__enter__()


# --- faults ---------------------------------------------------------------------------------------


def test_lost_answer_to_taking_it_is_found_out_by_reading(place: Place) -> None:
    place.hook("post-receive", "kill -9 $PPID")

    with place.lock() as lock:
        assert place.held
        with pytest.raises(LockedError), place.lock(OTHER):
            pytest.fail("both hold it")
        assert place.held
    assert lock is not None


def test_lost_answer_to_giving_it_back_is_found_out_by_reading(place: Place) -> None:
    with place.lock():
        place.hook("post-receive", "kill -9 $PPID")
    assert not place.held


def test_connection_that_breaks_before_the_push_arrives_is_told(place: Place) -> None:
    place.hook("pre-receive", "kill -9 $PPID")

    with pytest.raises(RemoteError, match=r"lock in git remote 'origin': .*hung up") as failed:
        place.lock().__enter__()
    assert failed.value.exit_code is ExitCode.ERROR
    assert not place.held


def test_refusal_of_the_server_is_told_in_its_words(place: Place) -> None:
    place.hook("pre-receive", "echo only robots may push >&2; exit 1")

    with pytest.raises(RemoteError, match=r"pre-receive hook declined.*only robots may push") as failed:
        place.lock().__enter__()
    assert "\n" not in failed.value.message


def test_remote_that_is_not_there_is_told(place: Place) -> None:
    git(place.checkout, "remote", "set-url", "origin", str(place.bare / "gone"))

    with pytest.raises(RemoteError, match="does not appear to be a git repository") as failed:
        place.lock().__enter__()
    assert failed.value.exit_code is ExitCode.ERROR
    assert failed.value.where == "target 'erp'"


def test_message_has_no_credentials(place: Place) -> None:
    # Nothing listens on port 1.
    git(place.checkout, "remote", "set-url", "origin", "http://robot:s3cr@t@127.0.0.1:1/access.git")

    with pytest.raises(RemoteError) as failed:
        place.lock().__enter__()
    assert "//127.0.0.1:1/access.git" in str(failed.value)
    assert "robot" not in str(failed.value)
    assert "s3cr" not in str(failed.value)


def test_remote_that_hangs_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    script = place.bare / "ssh"
    script.write_text("#!/bin/sh\ncat > /dev/null\n")
    script.chmod(0o755)
    git(place.checkout, "config", "core.sshCommand", str(script))
    git(place.checkout, "config", "ssh.variant", "simple")
    git(place.checkout, "remote", "set-url", "origin", "ssh://127.0.0.1/access.git")
    lock = place.lock()
    with lock._git() as inner:
        commit = lock._write_commit(inner)
        monkeypatch.setattr("erpsync.forge.git.TIMEOUT_SECONDS", 0.2)
        with pytest.raises(RemoteError, match=r"no answer within 0\.2 s"):
            lock._take(inner, commit)


def test_machine_without_git_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RemoteError, match="git cannot be run: No such file or directory"):
        place.lock().__enter__()


def test_directory_outside_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match="not a git repository"):
        GitRefLock(tmp_path, "origin", "erp", HOLDER).__enter__()


def test_failure_without_a_word_is_a_failure(tmp_path: Path) -> None:
    assert Git(tmp_path).run("config", "no.such.setting").failure == "git failed without a word"


def test_interrupted_taking_leaves_no_lock_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    take = GitRefLock._take

    def interrupted(lock: GitRefLock, inner: Git, commit: str) -> None:
        take(lock, inner, commit)
        assert place.held
        raise KeyboardInterrupt

    monkeypatch.setattr(GitRefLock, "_take", interrupted)
    with pytest.raises(KeyboardInterrupt):
        place.lock().__enter__()
    assert not place.held


def test_interrupted_git_is_ended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[subprocess.Popen[str]] = []

    def interrupted(process: subprocess.Popen[str], given: str, timeout: float) -> tuple[str, str]:
        ended.append(process)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Git(place.checkout).run("cat-file", "--batch")
    assert ended[0].returncode == -9


def test_lock_that_cannot_be_given_back_is_told(place: Place) -> None:
    with pytest.raises(RemoteError, match="could not be given back") as failed, place.lock():
        place.hook("pre-receive", "exit 1")
    assert str(failed.value.hint).endswith("erpsync unlock erp --run 4711")


def test_lost_remote_when_giving_it_back_is_told(place: Place) -> None:
    with pytest.raises(RemoteError, match="could not be given back") as failed, place.lock():
        place.bare.rename(place.bare.with_name("moved.git"))
    assert str(failed.value.hint).endswith("erpsync unlock erp --run 4711")


def test_failure_of_the_work_is_not_hidden_by_that_of_giving_back(place: Place) -> None:
    def work() -> None:
        place.hook("pre-receive", "exit 1")
        _ = 1 / 0

    with pytest.raises(ZeroDivisionError) as failed, place.lock():
        work()
    assert "could not be given back" in failed.value.__notes__[0]


@pytest.mark.parametrize("text", ["no json", json.dumps({"who": "wu.lan"})])
def test_lock_that_does_not_say_by_whom_is_refused(place: Place, text: str) -> None:
    tree = git(place.bare, "hash-object", "-t", "tree", "-w", "/dev/null")
    git(place.bare, "update-ref", REF, git(place.bare, "commit-tree", tree, "-m", text))

    with pytest.raises(RefusedError, match=f"{REF} on origin does not say by whom"):
        place.lock().__enter__()
    assert place.held


# --- removing what a dead run left behind ---------------------------------------------------------


def test_lock_of_a_dead_run_is_removed_and_its_holder_told(place: Place) -> None:
    place.lock().__enter__()

    assert place.lock(OTHER).break_lock("4711") == HOLDER
    assert not place.held


def test_lock_of_another_run_is_not_removed(place: Place) -> None:
    with place.lock():
        with pytest.raises(LockedError, match=r"run 4711 on host build-7") as refused:
            place.lock(OTHER).break_lock("4712")
        assert place.held
    assert refused.value.hint == "run 4712 does not hold it: nothing was removed"


def test_there_is_nothing_to_remove_when_nobody_holds_it(place: Place) -> None:
    with pytest.raises(RefusedError, match="target 'erp': is not locked"):
        place.lock().break_lock("4711")


# --- which lock -----------------------------------------------------------------------------------


def chosen(place: Place, *, shared: bool, remote: str = "origin") -> Lock:
    return lock_for(
        place.checkout / "access", place.bare.parent / ".erpsync", "erp", HOLDER, shared=shared, remote=remote
    )


def test_shared_lock_is_the_one_that_other_machines_respect(place: Place) -> None:
    with chosen(place, shared=True) as lock:
        assert isinstance(lock, GitRefLock)
        assert place.held


def test_other_lock_is_the_one_of_this_machine(place: Place) -> None:
    with chosen(place, shared=False) as lock:
        assert isinstance(lock, FileLock)
        assert lock.path == place.bare.parent / ".erpsync" / "lock" / "erp.json"


def test_lock_of_this_machine_needs_no_git(tmp_path: Path) -> None:
    assert isinstance(lock_for(tmp_path, tmp_path, "erp", HOLDER, shared=False), FileLock)


def test_shared_lock_without_a_remote_is_refused(place: Place) -> None:
    with pytest.raises(RemoteError, match="there is no git remote 'upstream'"):
        chosen(place, shared=True, remote="upstream")


def test_repository_that_git_refuses_to_read_does_not_cost_the_lock(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(RemoteError, match=r"git cannot read the repository: .*dubious ownership"):
        chosen(place, shared=True)
