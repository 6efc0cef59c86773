"""Up to which commit everything was applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.forge.applied import REF, last_applied, mark_applied
from erpsync.forge.git import Git, RemoteError
from tests.support.repositories import Remote, git, make_remote


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return make_remote(tmp_path)


def commit(checkout: Path) -> str:
    git(checkout, "commit", "-q", "--allow-empty", "-m", "More")
    return git(checkout, "rev-parse", "HEAD")


def test_before_the_first_time_there_is_none(remote: Remote) -> None:
    assert last_applied(Git(remote.clone("one")), "origin") is None


def test_what_one_machine_says_another_knows_with_the_commit_itself(remote: Remote) -> None:
    one = remote.clone("one")
    made = commit(one)
    mark_applied(Git(one), "origin", None, made)
    other = remote.clone("other")
    assert last_applied(Git(other), "origin") == made
    assert git(other, "cat-file", "-t", made) == "commit"


def test_it_moves_on_from_where_it_is(remote: Remote) -> None:
    one = remote.clone("one")
    first, second = commit(one), commit(one)
    mark_applied(Git(one), "origin", None, first)
    mark_applied(Git(one), "origin", first, second)
    assert last_applied(Git(one), "origin") == second


@pytest.mark.parametrize("believed", [None, "0" * 40])
def test_who_knows_an_older_state_does_not_move_it(remote: Remote, believed: str | None) -> None:
    one = remote.clone("one")
    first, second = commit(one), commit(one)
    mark_applied(Git(one), "origin", None, first)
    with pytest.raises(RemoteError, match=f"{REF} cannot be moved"):
        mark_applied(Git(one), "origin", believed, second)
    assert last_applied(Git(one), "origin") == first


def test_a_remote_that_is_gone_is_an_error(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    with pytest.raises(RemoteError):
        last_applied(Git(tmp_path), "origin")
