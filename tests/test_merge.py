"""Many documents as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.merge import Merged, merge
from erpsync.model import Finding
from erpsync.yaml_tree import Map, parse


def document(name: str, text: str) -> Map:
    findings: list[Finding] = []
    loaded = parse(text.encode(), name, findings)
    assert loaded is not None
    assert not findings
    return loaded


def merged(*texts: str, bad: set[tuple[str, str]] | None = None) -> tuple[Merged, list[Finding]]:
    return merge([document(f"{n}.yaml", text) for n, text in enumerate(texts)], bad or set())


def test_entries_of_all_files_stand_together_with_their_places() -> None:
    whole, findings = merged("users: {a: {x: '1'}}\nroles: {r: {}}", "users:\n  b: {y: '2'}")
    assert findings == []
    assert {key: (value, str(at)) for key, (value, at) in whole["users"].items()} == {
        "a": ({"x": "1"}, "0.yaml:1:9"),
        "b": ({"y": "2"}, "1.yaml:2:3"),
    }
    assert list(whole["roles"]) == ["r"]


@pytest.mark.parametrize(
    ("section", "what"),
    [("users", "user"), ("roles", "role"), ("birthright", "birthright"), ("positions", "position")],
)
def test_same_key_in_two_files_names_both_places(section: str, what: str) -> None:
    whole, (finding,) = merged(f"{section}: {{a: {{}}}}", f"{section}:\n  b: {{}}\n  a: {{}}")
    assert finding.rule == "merge/duplicate"
    assert finding.message == f"{what} 'a' stands here for the second time"
    assert str(finding.at) == "1.yaml:3:3"
    assert finding.hint is not None
    assert "0.yaml:1:" in finding.hint
    assert whole[section]["a"].at.file == "0.yaml"


def test_third_place_points_to_the_first_too() -> None:
    _, findings = merged("users: {a: {}}", "users: {a: {}}", "users: {A: {}}")
    assert [finding.hint for finding in findings] == ["the other one is at 0.yaml:1:9"] * 2


def test_keys_that_differ_only_in_case_are_the_same_key() -> None:
    whole, (finding,) = merged("users: {Chen: {}, chen: {}}")
    assert finding.message == "user 'chen' differs only in case from 'Chen'"
    assert list(whole["users"]) == ["Chen"]


def test_same_key_in_two_sections_is_fine() -> None:
    assert merged("users: {a: {}}\nroles: {a: {}}")[1] == []


def test_sections_that_are_unknown_or_no_mapping_are_left_to_the_schema() -> None:
    whole, findings = merged("usres: {a: {}}\nusers: [a]\nroles:\n")
    assert findings == []
    assert not any(whole[section] for section in ("users", "roles"))


def test_bad_entries_are_known_but_not_looked_into() -> None:
    whole, _ = merged("users: {a: {}, b: {}}\nroles: {a: {}}", bad={("users", "a")})
    assert set(whole["users"]) == {"a", "b"}
    assert [key for key, _, _ in whole.good("users")] == ["b"]
    assert [key for key, _, _ in whole.good("roles")] == ["a"]


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.integers(0, 6))
def test_it_never_matters_how_entries_are_spread_over_files(keys: list[str], cut: int) -> None:
    def text(some: list[str]) -> str:
        return "users: {" + ", ".join(f"{key}: {{name: {key}}}" for key in some) + "}"

    one, other = merged(text(keys))[0], merged(text(keys[:cut]), text(keys[cut:]))[0]
    assert {key: entry.value for key, entry in one["users"].items()} == {
        key: entry.value for key, entry in other["users"].items()
    }
