"""Every commit that changed or removed what was there is found, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.errors import ErpsyncError
from erpsync.forge.git import Git
from erpsync.forge.git_history import PLAIN, History, Version, additions_only, read_history
from erpsync.forge.git_objects import blob_id
from tests.support.repositories import BRANCH, Remote, git, make_remote

ONE = "journal/erp/run-1.jsonl"
SHA1 = "0" * 40


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return make_remote(tmp_path)


def found(remote: Remote) -> list[str]:
    """What is wrong with the branch."""
    history = read_history(Git(remote.bare), BRANCH)
    return list(additions_only(history, {name: text.encode() for name, text in remote.files.items()}))


def history_of(*contents: bytes | None) -> History:
    """The history of one file, with a commit for each content it had; None where it was removed."""
    versions = []
    for number, content in enumerate(contents):
        status = "D" if content is None else "M" if number else "A"
        blob = SHA1 if content is None else blob_id(content, SHA1)
        versions.append(Version(f"{number:012}", ONE, status, PLAIN, blob, len(content or b"")))
    return History(len(contents), (), tuple(versions))


# --- pure -----------------------------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=5), min_size=1, max_size=6))
def test_a_file_that_only_grew_is_right(parts: list[bytes]) -> None:
    contents = [b"".join(parts[: number + 1]) for number in range(len(parts))]
    assert list(additions_only(history_of(*contents), {ONE: contents[-1]})) == []


@given(
    st.lists(st.binary(min_size=2, max_size=5), min_size=2, max_size=6),
    st.data(),
)
def test_a_change_in_any_commit_is_found(parts: list[bytes], data: st.DataObject) -> None:
    contents = [b"".join(parts[: number + 1]) for number in range(len(parts))]
    place = data.draw(st.integers(0, len(contents) - 2))
    at = data.draw(st.integers(0, len(contents[place]) - 1))
    changed = bytearray(contents[place])
    changed[at] ^= 1
    contents[place] = bytes(changed)
    assert list(additions_only(history_of(*contents), {ONE: contents[-1]})) != []


def test_the_commit_that_changed_a_line_is_named() -> None:
    contents = (b"a\n", b"a\nb\n", b"x\nb\n", b"x\nb\nc\n")
    (problem,) = additions_only(history_of(*contents), {ONE: contents[-1]})
    assert problem == f"commit 000000000002 changed what stood in {ONE}"


def test_a_change_that_was_put_back_is_found_too() -> None:
    contents = (b"a\n", b"x\n", b"a\n")
    assert len(list(additions_only(history_of(*contents), {ONE: contents[-1]}))) == 2


def test_lines_that_were_cut_off_and_put_back_are_found() -> None:
    contents = (b"a\nb\n", b"a\n", b"a\nb\n")
    assert len(list(additions_only(history_of(*contents), {ONE: contents[-1]}))) == 1


def test_a_file_that_was_removed_and_put_back_is_found() -> None:
    (problem,) = additions_only(history_of(b"a\n", None, b"a\n"), {ONE: b"a\n"})
    assert problem.endswith(f" removed {ONE}")


# --- real -----------------------------------------------------------------------------------------


def test_a_branch_that_was_only_added_to_is_right(remote: Remote) -> None:
    remote.edit({ONE: "a\n"})
    remote.edit({ONE: "a\nb\n"})
    remote.edit({"journal/crm/run-2.jsonl": "陈\n"})
    assert found(remote) == []


def test_an_edit_a_removal_and_a_new_name_are_found(remote: Remote) -> None:
    remote.edit({ONE: "a\n", "runs/run-1/plan.json": "{}\n", "journal/erp/run-2.jsonl": "b\n"})
    edited = remote.edit({ONE: "b\n"})
    removed = remote.edit({"runs/run-1/plan.json": None})
    renamed = remote.edit({"journal/erp/run-2.jsonl": None, "journal/erp/run-3.jsonl": "b\n"})
    assert sorted(found(remote)) == sorted(
        [
            f"commit {edited[:12]} changed what stood in {ONE}",
            f"commit {removed[:12]} removed runs/run-1/plan.json",
            f"commit {renamed[:12]} removed journal/erp/run-2.jsonl",
        ]
    )


def test_commits_of_two_histories_are_found(remote: Remote) -> None:
    remote.edit({ONE: "a\n"})
    first = remote.tip
    other = remote.edit({ONE: "a\nb\n"}, rewrite=True)
    joined = git(remote.bare, "commit-tree", f"{other}^{{tree}}", "-p", first, "-p", other, "-m", "Join")
    git(remote.bare, "update-ref", f"refs/heads/{BRANCH}", joined)
    assert f"commit {joined[:12]} joins two histories; erpsync only ever adds to one" in found(remote)


def test_a_journal_that_became_a_link_is_found(remote: Remote, tmp_path: Path) -> None:
    remote.edit({ONE: "a\n"})
    work = remote.clone("by-hand", "--branch", BRANCH)
    (work / ONE).unlink()
    (work / ONE).symlink_to("elsewhere")
    git(work, "commit", "-qam", "By hand")
    git(work, "push", "-q", "origin", BRANCH)
    history = read_history(Git(remote.bare), BRANCH)
    (problem,) = additions_only(history, {})
    assert problem.endswith(f"made {ONE} something else than a plain file")


def test_a_replaced_commit_hides_nothing(remote: Remote) -> None:
    remote.edit({ONE: "a\n"})
    innocent = git(remote.bare, "commit-tree", f"{remote.tip}^{{tree}}", "-p", remote.tip, "-m", "x")
    edited = remote.edit({ONE: "b\n"})
    git(remote.bare, "replace", edited, innocent)
    problems = additions_only(read_history(Git(remote.bare), edited), {ONE: b"b\n"})
    assert list(problems) == [f"commit {edited[:12]} changed what stood in {ONE}"]


def test_a_history_that_is_cut_off_proves_nothing(remote: Remote) -> None:
    remote.edit({ONE: "a\n"})
    remote.edit({ONE: "b\n"})
    shallow = remote.clone("shallow", "--depth=1", "--branch", BRANCH)
    with pytest.raises(ErpsyncError, match="is cut off before commit") as failed:
        read_history(Git(shallow), f"refs/remotes/origin/{BRANCH}")
    assert failed.value.hint == "git fetch --unshallow"


def test_ids_of_both_kinds_are_gits_own(tmp_path: Path) -> None:
    for kind in ("sha1", "sha256"):
        repository = tmp_path / kind
        git(tmp_path, "init", "-q", f"--object-format={kind}", str(repository))
        id_ = git(repository, "hash-object", "--stdin", given="陈静\n")
        assert blob_id("陈静\n".encode(), id_) == id_
