"""The access files as a commit has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erpsync.errors import ErpsyncError, RefusedError
from erpsync.files import load_directory
from erpsync.forge import git_tree
from erpsync.forge.git import Git
from erpsync.forge.git_tree import (
    changed_files,
    commit_id,
    folder_of,
    load_commit,
    merge_base,
    parents_of,
)
from tests.support.repositories import git


@pytest.fixture
def repository(tmp_path: Path) -> Git:
    git(tmp_path, "init", "-q", "-b", "main")
    return Git(tmp_path)


def commit(repository: Git, files: dict[str, str | bytes] | None = None) -> str:
    for name, content in (files or {}).items():
        path = repository.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    git(repository.directory, "add", "--all")
    git(repository.directory, "commit", "-q", "--allow-empty", "-m", "Change")
    return git(repository.directory, "rev-parse", "HEAD")


def rules(repository: Git, folder: str = "access") -> list[str]:
    loaded = load_commit(repository, "HEAD", folder, repository.directory / "access")
    return [finding.rule for finding in loaded.findings]


def test_a_commit_is_read_as_a_directory_is(repository: Git) -> None:
    files: dict[str, str | bytes] = {
        "access/b.yaml": "users: {}\n", "access/a/x.yaml": "roles: {}\n", "access/a.yaml": "targets: {}\n",
        "access/notes.txt": "x", "access/.hidden/x.yaml": "[", "access/a/.x.yaml": "[", "other.yaml": "[",
    }  # fmt: skip
    commit(repository, files)
    access = repository.directory / "access"
    assert load_commit(repository, "HEAD", "access", access).digest == load_directory(access).digest
    assert load_commit(repository, "HEAD", "access", access).files == 3


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("x.yml", "file/suffix"),
        ("x.YAML", "file/suffix"),
        ("a\u202eb.yaml", "file/name"),
        ("a\nb.yaml", "file/name"),
    ],
)
def test_wrong_names_are_found_as_in_a_directory(repository: Git, name: str, rule: str) -> None:
    commit(repository, {f"access/{name}": "users: {}\n"})
    directory = load_directory(repository.directory / "access")
    assert rules(repository) == [rule] == [finding.rule for finding in directory.findings]


def test_a_name_that_is_no_text_is_found(repository: Git) -> None:
    commit(repository, {os.fsdecode(b"access/\xff.yaml"): "users: {}\n"})
    assert rules(repository) == ["file/name"]


def test_links_of_files_and_folders_are_found(repository: Git) -> None:
    commit(repository, {"access/a.yaml": "users: {}\n"})
    (repository.directory / "access" / "b.yaml").symlink_to("a.yaml")
    (repository.directory / "access" / "folder").symlink_to("..")
    commit(repository)
    assert rules(repository) == ["file/symlink", "file/symlink"]


def test_another_repository_in_place_of_a_file_is_found(repository: Git) -> None:
    made = commit(repository, {"access/a.yaml": "users: {}\n"})
    git(repository.directory, "update-index", "--add", "--cacheinfo", f"160000,{made},access/b.yaml")
    git(repository.directory, "commit", "-q", "-m", "Change")
    assert rules(repository) == ["file/unreadable"]


def test_what_is_no_text_is_found(repository: Git) -> None:
    commit(repository, {"access/a.yaml": b"\xff\xfe"})
    assert rules(repository) == ["file/encoding"]


def test_a_file_that_is_too_large_is_not_even_read(repository: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository, {"access/a.yaml": "users: {}\n"})
    monkeypatch.setattr(git_tree, "MAX_BYTES", 5)
    assert rules(repository) == ["file/size"]


def test_a_folder_that_a_commit_lacks_has_nothing(repository: Git) -> None:
    commit(repository, {"x": "x"})
    assert load_commit(repository, "HEAD", "access", Path("access")).files == 0


def test_the_folder_of_a_directory_is_named_from_the_top(repository: Git) -> None:
    commit(repository, {"a/b/x": "x"})
    assert folder_of(repository.directory / "a" / "b") == "a/b"
    assert folder_of(repository.directory) == ""


@pytest.mark.parametrize("link", ["link", "link/b"])
def test_a_directory_behind_a_link_is_refused(repository: Git, link: str) -> None:
    commit(repository, {"a/b/x": "x"})
    (repository.directory / "link").symlink_to("a")
    with pytest.raises(RefusedError, match="reached by a symbolic link"):
        folder_of(repository.directory / link)


def test_a_link_to_the_top_is_refused(repository: Git) -> None:
    (repository.directory / "link").symlink_to(".")
    with pytest.raises(RefusedError, match="reached by a symbolic link"):
        folder_of(repository.directory / "link")


def test_changed_files_are_all_that_differ_whatever_the_settings_say(repository: Git) -> None:
    base = commit(repository, {"access/a.yaml": "1", "b c": "1", "gone": "1", "same": "1", "陈": "1"})
    (repository.directory / "gone").rename(repository.directory / "moved")
    head = commit(repository, {"access/a.yaml": "2", "b c": "2", "陈": "2"})
    git(repository.directory, "update-index", "--add", "--cacheinfo", f"160000,{base},module")
    git(repository.directory, "commit", "-q", "-m", "Change")
    git(repository.directory, "config", "diff.relative", "true")
    git(repository.directory, "config", "diff.ignoreSubmodules", "all")
    found = changed_files(Git(repository.directory / "access"), base, "HEAD")
    assert sorted(found) == sorted(["access/a.yaml", "b c", "gone", "moved", "module", "陈"])
    assert "module" not in changed_files(repository, base, head)


def test_commits_have_names_parents_and_a_common_one(repository: Git) -> None:
    first = commit(repository)
    second = commit(repository)
    assert commit_id(repository, "main") == second
    assert parents_of(repository, second) == [first]
    assert parents_of(repository, first) == []
    assert merge_base(repository, second, first) == first


def test_a_commit_that_is_not_here_is_an_error_with_a_hint(repository: Git) -> None:
    with pytest.raises(ErpsyncError, match="there is no commit 'f00d' here") as caught:
        commit_id(repository, "f00d")
    assert "fetch-depth: 0" in (caught.value.hint or "")


def test_two_lines_without_a_common_commit_are_an_error(repository: Git) -> None:
    one = commit(repository, {"a": "a"})
    git(repository.directory, "checkout", "-q", "--orphan", "other")
    other = commit(repository, {"b": "b"})
    with pytest.raises(ErpsyncError, match="have no commit in common"):
        merge_base(repository, one, other)


def test_a_repository_without_any_commit_says_what_to_do(repository: Git) -> None:
    with pytest.raises(ErpsyncError) as caught:
        commit_id(repository, "HEAD")
    assert caught.value.hint == "commit the access files first"
