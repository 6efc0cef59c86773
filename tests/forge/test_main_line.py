"""The commits of the main line: which are new, which were undone, what a merge would have made."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.errors import RefusedError, StaleError
from erpsync.forge.git import Git
from erpsync.forge.main_line import is_merge_of, merged_since, undone
from tests.support.repositories import Remote, git, make_remote


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return make_remote(tmp_path)


@pytest.fixture
def line(remote: Remote) -> Git:
    return Git(remote.clone("work"))


def write(line: Git, name: str, text: str) -> str:
    (line.directory / name).write_text(text, "utf-8")
    git(line.directory, "add", "--all")
    git(line.directory, "commit", "-q", "--allow-empty", "-m", "Change")
    return tip(line)


def tip(line: Git) -> str:
    return git(line.directory, "rev-parse", "HEAD")


def branch(line: Git, name: str, file: str, text: str) -> str:
    git(line.directory, "checkout", "-q", "-b", name)
    made = write(line, file, text)
    git(line.directory, "checkout", "-q", "main")
    return made


def test_without_a_beginning_the_last_commit_counts_alone(line: Git) -> None:
    assert merged_since(line, None, tip(line)) == [tip(line)]


def test_nothing_is_new_after_the_last(line: Git) -> None:
    assert merged_since(line, tip(line), tip(line)) == []


def test_merges_count_once_and_not_by_their_commits(line: Git) -> None:
    since = tip(line)
    branch(line, "change", "a", "1")
    git(line.directory, "merge", "-q", "--no-ff", "-m", "Merge", "change")
    merge = tip(line)
    assert merged_since(line, since, write(line, "b", "1")) == [merge, tip(line)]


def test_an_older_commit_is_stale(line: Git) -> None:
    old = tip(line)
    with pytest.raises(StaleError, match="was applied already"):
        merged_since(line, write(line, "a", "1"), old)


def test_a_main_line_that_goes_round_what_was_applied_is_refused(line: Git) -> None:
    old = tip(line)
    applied = write(line, "a", "1")
    git(line.directory, "checkout", "-q", "-B", "main", old)
    git(line.directory, "merge", "-q", "-s", "ours", "--no-ff", "-m", "Merge", applied)
    with pytest.raises(RefusedError, match="does not go on"):
        merged_since(line, applied, tip(line))


def test_what_was_made_as_before_is_undone_with_all_in_between(line: Git) -> None:
    since = tip(line)
    bad, other = write(line, "a", "1"), write(line, "b", "1")
    git(line.directory, "rm", "-q", "a", "b")
    back = write(line, "c", "1")
    assert undone(line, since, [bad, other, back]) == set()
    git(line.directory, "rm", "-q", "c")
    back_at_last = write(line, "access/erpsync.yaml", "settings: {journal: remote}\n")
    commits = [bad, other, back, back_at_last]
    assert undone(line, since, commits) == set(commits)


def test_what_came_before_and_after_is_not_undone(line: Git) -> None:
    since = tip(line)
    good = write(line, "good", "1")
    bad = write(line, "bad", "1")
    git(line.directory, "rm", "-q", "bad")
    git(line.directory, "commit", "-q", "-m", "Back")
    back, later = tip(line), write(line, "later", "1")
    assert undone(line, since, [good, bad, back, later]) == {bad, back}


def test_without_a_beginning_the_first_cannot_be_undone(line: Git) -> None:
    bad = write(line, "bad", "1")
    git(line.directory, "rm", "-q", "bad")
    git(line.directory, "commit", "-q", "-m", "Back")
    assert undone(line, None, [bad, tip(line)]) == set()


@pytest.mark.parametrize("how", [["--no-ff"], ["--squash"]])
def test_a_merge_is_what_git_makes_of_it(line: Git, how: list[str]) -> None:
    head = branch(line, "change", "a", "1")
    write(line, "b", "1")
    git(line.directory, "merge", "-q", "--no-commit", *how, "change")
    assert is_merge_of(line, "origin", write(line, "b", "1"), head)


def test_a_merge_with_more_in_it_is_none(line: Git) -> None:
    head = branch(line, "change", "a", "1")
    git(line.directory, "merge", "-q", "--no-ff", "--no-commit", "change")
    assert not is_merge_of(line, "origin", write(line, "b", "1"), head)


def test_a_conflict_that_somebody_resolved_is_no_mere_merge(line: Git) -> None:
    head = branch(line, "change", "a", "1")
    assert not is_merge_of(line, "origin", write(line, "a", "2"), head)


def test_what_was_merged_is_brought_from_the_remote(remote: Remote, line: Git) -> None:
    head = branch(line, "change", "a", "1")
    git(line.directory, "push", "-q", "origin", f"{head}:refs/pull/1/head")
    git(line.directory, "merge", "-q", "--squash", "change")
    squashed = write(line, "a", "1")
    git(line.directory, "push", "-q", "origin", "main")
    other = Git(remote.clone("other"))
    assert is_merge_of(other, "origin", squashed, head)


def test_what_is_nowhere_was_not_merged(line: Git) -> None:
    assert not is_merge_of(line, "origin", write(line, "a", "1"), "f" * 40)
