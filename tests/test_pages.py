"""The users of all files as one mapping: packed, and unpacked a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from erpsync.access import load_lean
from erpsync.pages import Roster
from tests.support.access_files import AccessFiles, buyer


@pytest.fixture
def loads() -> list[str]:
    """The file of each page that was unpacked."""
    return []


@pytest.fixture
def roster(access: AccessFiles, loads: list[str]) -> Roster:
    """Four users in two files."""
    for name in ("a", "b"):
        users = "".join(f"  {buyer(f'{name}{number}')}\n" for number in (1, 2))
        access.write(f"{name}.yaml", f"users:\n{users}")
    found = load_lean(access.path).users
    assert isinstance(found, Roster)

    def counted(file: str, load: Callable[[], bytes]) -> Callable[[], bytes]:
        def loaded() -> bytes:
            loads.append(Path(file).name)
            return load()

        return loaded

    return Roster(replace(page, load=counted(page.file, page.load)) for page in found.pages)


def test_going_through_all_users_unpacks_each_page_once(roster: Roster, loads: list[str]) -> None:
    assert {"a1", "b2"} <= {user.key for user in roster.values()}
    assert len(loads) == len(set(loads)) == len(roster.pages)


def test_going_through_all_entries_unpacks_each_page_once(roster: Roster, loads: list[str]) -> None:
    assert all(key == user.key for key, user in roster.items())
    assert len(loads) == len(roster.pages)


def test_one_user_unpacks_one_page(roster: Roster, loads: list[str]) -> None:
    assert roster["b1"].key == "b1"
    assert loads == ["b.yaml"]
