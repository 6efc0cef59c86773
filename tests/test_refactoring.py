"""Another key for a user or a role: every place that names it, and no account that changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erpsync.access import Validated, validate
from erpsync.draft import draft
from erpsync.files import read_directory
from erpsync.model import Access
from erpsync.proposal import KEY, Declared, propose
from erpsync.refactoring import PLACES, differing, mentions, references, renames, user_renames
from erpsync.schema import load_schema
from tests.builders import TODAY

ROOT = Path(__file__).parent.parent
EVERYTHING = """\
settings: {timezone: Asia/Shanghai}
targets:
  erp: &
  oa: &
departments: {d: {title: D, manager: wu.lan}}
subsystems: {s: {title: S, business_admin: wu.lan, erp_admin: wu.lan, key_users: [he.qi, wu.lan]}}
oversight: {o: {title: O, members: [wu.lan, he.qi], head: wu.lan, oversees: [s]}}
positions: {p: {title: P, department: d, roles: [r]}}
roles:
  r: {title: R, subsystem: s, owner: wu.lan, entitlements: {erp: [Buyer]}}
  q: {title: Q, subsystem: s, owner: he.qi, includes: [r], entitlements: {oa: [Buyer]}}
birthright: {b: {title: B, when: {type: [dedicated]}, roles: [r]}}
functions: {f: {title: F}, g: {title: G}}
risks: {x: {title: X, level: high, why: x, functions: [f, g], owner: wu.lan}}
mitigations:
  m: {risks: [x], users: [wu.lan], owner: wu.lan, performer: he.qi, control: c, evidence: e, valid_to: &d}
  n: {risks: [x], users: [he.qi], owner: he.qi, performer: wu.lan, control: c, evidence: e, valid_to: &d}
waivers: {w: {limits: [lock], users: [wu.lan], reason: why, owner: wu.lan, valid_to: &d}}
emergencies: {e: {reason: why, approver: wu.lan, day: 2026-01-01, users: [he.qi]},
              e2: {reason: why, approver: he.qi, day: 2026-01-01, users: [wu.lan]}}
users:
  wu.lan:  # the head
    name: 吴岚
    department: d
    position: p
    type: dedicated
    assignments: [{role: r, reason: why, valid_to: 2030-01-01}]
  he.qi: {name: 何琪, department: d, type: dedicated, deputy: wu.lan}
  svc: {name: Interface, type: service, owner: wu.lan, purpose: x, controllers: [wu.lan]}
"""
TARGET = """{connector: tryton, url: "http://127.0.0.1:9/", database: erp,
        credentials: {username: "env:U", password: "env:P"}}"""


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """Files in which every kind of reference to a user and to a role stands."""
    (tmp_path / "all.yaml").write_text(
        EVERYTHING.replace("&d", "2030-01-01").replace("&", TARGET), encoding="utf-8"
    )
    return tmp_path


def loaded(folder: Path) -> tuple[Validated, Access]:
    validated = validate(folder)
    assert not validated.errors, list(validated.findings)
    return validated, validated.build()


def after(folder: Path, edits: Any) -> tuple[Validated, Access]:
    made = draft(read_directory(folder)[0], edits).valid()
    return made, made.build()


# --- every place ------------------------------------------------------------------------------------


def key_places(section: str, part: Any, path: tuple[str, ...] = ()) -> set[tuple[str, tuple[str, ...]]]:
    """Where in the entries of a section the schema expects the key of an entry."""
    schema = load_schema("access")
    if part.get("$ref") == "#/$defs/key":
        return {(section, path)}
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    found: set[tuple[str, tuple[str, ...]]] = set()
    for key, value in part.get("properties", {}).items():
        found |= key_places(section, value, (*path, key))
    if isinstance(part.get("items"), dict):
        items = part["items"]
        each = ("*",) if "$ref" in items and items["$ref"] != "#/$defs/key" else ()
        found |= key_places(section, items, (*path, *each))
    if "propertyNames" in part:
        found |= key_places(section, part["propertyNames"], path)
    return found


def test_every_key_that_the_schema_knows_is_a_reference_or_said_to_be_none() -> None:
    sections = load_schema("access")["properties"]
    expected: set[tuple[str, tuple[str, ...]]] = set()
    for section, part in sections.items():
        if isinstance(part.get("additionalProperties"), dict):
            expected |= key_places(section, part["additionalProperties"])
    # Earlier keys are of users who are no more; kinds of scope are not declared; sides are looked up apart.
    none = {("users", ("previously",)), ("users", ("scope",)), ("risks", ("sides",))}
    assert expected - none == {(holder, where) for holder, where, _ in PLACES} & expected
    assert {(holder, where) for holder, where, _ in PLACES} == expected - none


@pytest.mark.parametrize(("section", "name"), [("users", "wu.lan"), ("roles", "r")])
def test_every_kind_of_reference_is_found(everything: Path, section: str, name: str) -> None:
    validated, _ = loaded(everything)
    found = {(path[0], *(part for part in path[2:] if isinstance(part, str)))
             for _, path, _ in references(validated.merged, section, name)}  # fmt: skip
    assert found == {
        (holder, *(part for part in where if part != "*"))
        for holder, where, referenced in PLACES
        if referenced == section
    }


@pytest.mark.parametrize(("section", "name"), [("users", "wu.lan"), ("roles", "r"), ("targets", "erp")])
def test_nothing_names_the_old_key_afterwards(everything: Path, section: str, name: str) -> None:
    validated, _ = loaded(everything)
    made, access = after(everything, renames(validated.merged, section, name, "new"))
    assert not list(references(made.merged, section, name))
    assert "new" in getattr(access, section)
    before = list(references(validated.merged, section, name))
    assert len(list(references(made.merged, section, "new"))) == len(before) > 0


def test_only_the_words_that_name_it_change(everything: Path) -> None:
    validated, _ = loaded(everything)
    made = draft(read_directory(everything)[0], renames(validated.merged, "users", "wu.lan", "wu.lan2"))
    (before, text) = made.texts[(everything / "all.yaml").as_posix()]
    assert text.replace("wu.lan2", "wu.lan") == before
    assert "wu.lan2:  # the head\n" in text


# --- accounts stay ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["wu.lan", "he.qi", "svc"])
def test_renamed_user_keeps_login_and_grants(everything: Path, key: str) -> None:
    validated, before = loaded(everything)
    edits = user_renames(validated.merged, before, key, "new", keep_login=True)
    made, access = after(everything, edits)
    assert differing(before, access, {key: "new"}, TODAY) == []
    assert access.users["new"].logins == {"erp": key, "oa": key}
    assert access.users["new"].previously == (key,)
    proposal = propose(Declared(before, validated.merged), Declared(access, made.merged))
    own = {change.subject for change in proposal.changes if change.user == "new"}
    assert KEY in own
    assert not [change for change in proposal.changes if change.way]


def test_login_is_renamed_where_asked_for(everything: Path) -> None:
    validated, before = loaded(everything)
    _, access = after(everything, user_renames(validated.merged, before, "svc", "new", keep_login=False))
    assert access.users["new"].logins == {}
    assert differing(before, access, {"svc": "new"}, TODAY) == ["erp: svc", "oa: svc"]


def test_renamed_back_needs_no_login_of_its_own(everything: Path) -> None:
    validated, before = loaded(everything)
    there = draft(read_directory(everything)[0],
                  user_renames(validated.merged, before, "svc", "new", keep_login=True))  # fmt: skip
    (everything / "all.yaml").write_bytes(there.changed["all.yaml"])
    validated, between = loaded(everything)
    _, access = after(everything, user_renames(validated.merged, between, "new", "svc", keep_login=True))
    assert access.users["svc"].logins == {}
    assert access.users["svc"].previously == ("new",)
    assert differing(before, access, {}, TODAY) == []


def test_other_case_of_a_key_is_no_earlier_key(everything: Path) -> None:
    validated, before = loaded(everything)
    _, access = after(everything, user_renames(validated.merged, before, "svc", "SVC", keep_login=True))
    assert access.users["SVC"].previously == ()


def test_renamed_role_changes_no_account(everything: Path) -> None:
    validated, before = loaded(everything)
    _, access = after(everything, renames(validated.merged, "roles", "r", "buyer"))
    assert differing(before, access, {}, TODAY) == []


def test_every_user_and_role_of_the_example_can_be_renamed() -> None:
    validated, before = loaded(ROOT / "access")
    files = read_directory(ROOT / "access")[0]
    for key in [*before.users][::9]:
        edits = user_renames(validated.merged, before, key, "x.y", keep_login=True)
        assert differing(before, draft(files, edits).valid().build(), {key: "x.y"}, TODAY) == []
    for key in [*before.roles][::9]:
        made = draft(files, renames(validated.merged, "roles", key, "x.y"))
        assert differing(before, made.valid().build(), {}, TODAY) == []


def test_mentions_are_whole_words() -> None:
    text = "a: wu.lan\nb: wu.lan2\n# Owned by wu.lan.\nc: x.wu.lan\nd: 'wu.lan'\n"
    assert mentions(text, "wu.lan") == [1, 3, 5]
