"""Reading users packed, file by file, finds what reading everything whole finds, to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from erpsync.access import load_lean, load_valid, validate, validate_lean
from erpsync.errors import ErpsyncError
from erpsync.pages import Roster
from erpsync.sifting import sift

BAD_INPUT = sorted(path for path in (Path(__file__).parent / "bad_input").iterdir() if path.is_dir())
COMMON = """
settings: {timezone: UTC}
targets: {erp: {connector: x, url: "http://h/", credentials: {username: "env:A", password: "env:B"}}}
departments: {it: {title: IT}, sales: {title: Sales}}
subsystems: {s: {title: S}}
positions: {p: {title: P, department: it, roles: [r]}}
trainings: {t: {title: T}}
roles:
  r: {title: R, subsystem: s, owner: boss}
  short: {title: R, subsystem: s, owner: boss, max_duration: 9d}
users: {boss: {name: Boss, type: dedicated, department: it, logins: {erp: B0}}}
"""

KEYS = ["a", "b", "C", "c", "boss", "old", "nobody"]
DAYS = ["2026-01-01", "2026-01-05", "2026-02-01"]


def both(root: Path) -> tuple[object, object]:
    whole, lean = validate(root), validate_lean(root)
    assert (whole.digest, whole.files) == (lean.digest, lean.files)
    assert whole.count("users") == lean.count("users")
    return whole.findings, lean.findings


@pytest.mark.parametrize("fixture", BAD_INPUT, ids=lambda path: path.name)
def test_both_find_the_same_in_every_kind_of_bad_input(fixture: Path) -> None:
    whole, lean = both(fixture / "access" if (fixture / "access").is_dir() else fixture)
    assert whole == lean


@st.composite
def user_entries(draw: st.DrawFn) -> dict[str, Any]:
    """An entry that the schema finds right nearly always, and that may be wrong in every other way."""
    entry: dict[str, Any] = {
        "name": "N",
        "type": "dedicated",
        "department": draw(st.sampled_from(["it", "x"])),
    }
    optional = {
        "position": st.sampled_from(["p", "q"]),
        "owner": st.sampled_from(KEYS),
        "deputy": st.sampled_from(KEYS),
        "valid_from": st.sampled_from(DAYS),
        "valid_to": st.sampled_from(DAYS),
        "previously": st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=2),
        "logins": st.fixed_dictionaries({"erp": st.sampled_from(["B0", "b", "x", "old"])}),
        "forge": st.fixed_dictionaries({"github": st.sampled_from(["hub", "Hub", "other"])}),
        "trainings": st.fixed_dictionaries({"t": st.sampled_from(DAYS)}),
        "away": st.lists(
            st.fixed_dictionaries({"valid_from": st.sampled_from(DAYS), "valid_to": st.sampled_from(DAYS)}),
            max_size=1,
        ),
        "wrong": st.just("key"),
        "assignments": st.lists(
            st.fixed_dictionaries(
                {"role": st.sampled_from(["r", "short", "none"]), "reason": st.just("ok")},
                optional={"valid_from": st.sampled_from(DAYS), "valid_to": st.sampled_from(DAYS)},
            ),
            max_size=2,
        ),
    }
    for key in draw(st.lists(st.sampled_from(sorted(optional)), unique=True, max_size=3)):
        entry[key] = draw(optional[key])
    return entry


files_of_users = st.lists(
    st.dictionaries(st.sampled_from(KEYS), user_entries(), min_size=1, max_size=3), min_size=1, max_size=4
)
EASY = {"name": "N", "type": "dedicated", "department": "it"}


@given(files=files_of_users)
@example(files=[{"a": EASY}, {"a": EASY}])
@example(files=[{"c": EASY}, {"C": EASY}])
@example(files=[{"c": EASY, "C": EASY}])
@example(files=[{"a": {**EASY, "logins": {"erp": "b"}}}, {"b": EASY}])
@example(files=[{"a": {**EASY, "logins": {"erp": "old"}}}, {"b": {**EASY, "previously": ["old"]}}])
@example(files=[{"a": {**EASY, "forge": {"github": "Hub"}}}, {"b": {**EASY, "forge": {"github": "hub"}}}])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_both_find_the_same_in_any_users(files: list[Mapping[str, Any]], tmp_path_factory: Any) -> None:
    root = tmp_path_factory.mktemp("access")
    (root / "common.yaml").write_text(COMMON)
    for number, users in enumerate(files):
        (root / f"users{number}.yaml").write_text(yaml.safe_dump({"users": users}, sort_keys=False))
    whole, lean = both(root)
    assert whole == lean
    assert validate(root).build().users == validate_lean(root).build().users


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "common.yaml").write_text(COMMON)
    (tmp_path / "users.yaml").write_text(
        "users:\n"
        "  a: {name: A, type: dedicated, department: it, position: p, scope: {company: [Y, X]}}\n"
        "  b:\n    name: 陈静\n    type: dedicated\n    department: sales\n    assignments:\n"
        "      - {role: r, reason: ok, valid_from: 2026-01-01}\n      - role: r\n        reason: again\n"
    )
    return tmp_path


def test_users_are_the_same_packed_and_plain(root: Path) -> None:
    plain, lean = validate(root).build(), load_valid(root)
    assert plain == lean
    assert list(plain.users) == list(lean.users)


def test_a_file_of_users_alone_is_a_page(root: Path) -> None:
    found = sift(root)
    assert [page.keys for page in found.pages.values()] == [("a", "b")]
    assert list(found.documents) == [0]


def test_a_lean_state_unpacks_users_when_they_are_asked_for(root: Path) -> None:
    access, plain = load_lean(root), load_valid(root)
    assert isinstance(access.users, Roster)
    assert dict(access.users) == plain.users
    assert (set(access.users), len(access.users)) == ({"a", "b", "boss"}, 3)
    assert ("a" in access.users, "c" in access.users, access.users.get("c")) == (True, False, None)
    assert access.users.some(["b"]) == {"b": plain.users["b"]}
    assert replace(access, users=plain.users) == plain


def test_a_file_that_changes_while_it_is_read_ends_the_command(root: Path) -> None:
    found = sift(root)
    (root / "users.yaml").write_text("users: {}\n")
    with pytest.raises(ErpsyncError, match="changed while it was read"):
        found.look_closer([1])


def test_a_file_that_goes_while_it_is_read_ends_the_command(root: Path) -> None:
    found = sift(root)
    (root / "users.yaml").unlink()
    with pytest.raises(ErpsyncError, match="cannot be read"):
        found.look_closer([1])
