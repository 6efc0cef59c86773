"""Objects of git, read and written without an index."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.errors import ErpsyncError
from erpsync.forge.git import Git, RemoteError
from erpsync.forge.git_objects import ask, blob_id, blobs, files_of, put, write_blob
from tests.support.repositories import git


@pytest.fixture
def repository(tmp_path: Path) -> Git:
    git(tmp_path, "init", "-q")
    return Git(tmp_path)


def written(repository: Git, content: bytes) -> str:
    """The id of a blob of any bytes."""
    path = repository.directory / "content"
    path.write_bytes(content)
    return git(repository.directory, "hash-object", "-w", "--no-filters", str(path))


def test_a_blob_comes_back_as_it_was_written(repository: Git) -> None:
    for content in (b"", b"\n", "陈静\n".encode(), b"a\0b", b"x" * 100_000):
        id_ = write_blob(repository, content)
        assert id_ == blob_id(content, id_)
        assert blobs(repository, [id_]) == {id_: content}


def test_many_blobs_are_read_at_once_and_each_once(repository: Git) -> None:
    contents = {
        write_blob(repository, f"{number}\n".encode()): f"{number}\n".encode() for number in range(20)
    }
    assert blobs(repository, [*contents, *contents]) == contents
    assert blobs(repository, []) == {}


@pytest.mark.parametrize("odd", [b"\xff\xfe", b"a\r\nb", b"\xe9" * 50 + b"\n0 blob 1\n"])
def test_a_blob_that_is_no_text_is_left_out_and_hides_no_other(repository: Git, odd: bytes) -> None:
    text = [write_blob(repository, f"{number}\n".encode()) for number in range(5)]
    assert set(blobs(repository, [*text, written(repository, odd)])) == set(text)


def test_a_blob_that_is_missing_is_an_error(repository: Git) -> None:
    with pytest.raises(RemoteError, match="git failed"):
        blobs(repository, ["1" * 40])


def test_what_is_put_into_a_tree_leaves_the_rest_as_it_is(repository: Git) -> None:
    one, two = write_blob(repository, b"one\n"), write_blob(repository, b"two\n")
    first = put(repository, None, {"a/b/one": one, "top": one})
    second = put(repository, first, {"a/b/two": two, "a/c/two": two, "top": two})
    assert files_of(repository, second) == {"a/b/one": one, "a/b/two": two, "a/c/two": two, "top": two}
    assert files_of(repository, first) == {"a/b/one": one, "top": one}


def test_links_and_programs_are_not_among_the_files(repository: Git) -> None:
    id_ = write_blob(repository, b"one\n")
    entries = f"120000 blob {id_}\tlink\n100755 blob {id_}\tprogram\n100644 blob {id_}\tfile\n"
    assert files_of(repository, ask(repository, "mktree", given=entries).strip()) == {"file": id_}


def test_a_file_in_the_place_of_a_folder_is_an_error(repository: Git) -> None:
    id_ = write_blob(repository, b"one\n")
    with pytest.raises(ErpsyncError, match="'a' is a file where a folder is needed"):
        put(repository, put(repository, None, {"a": id_}), {"a/b": id_})
