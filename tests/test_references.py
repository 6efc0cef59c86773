"""Checks over several entries: what must pass, and the edges. What users type wrong is in bad_input."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from erpsync.merge import merge
from erpsync.model import Finding
from erpsync.references import check_references
from erpsync.yaml_tree import parse

BASE = """\
departments: {d: {title: D}}
subsystems: {s: {title: S}}
targets:
  erp: {connector: x, url: http://h/, credentials: {username: env:A, password: env:B}}
  wms: {connector: x, url: http://h/, credentials: {username: env:A, password: env:B}}
"""


def check(text: str, bad: set[tuple[str, str]] | None = None) -> Iterator[Finding]:
    findings: list[Finding] = []
    documents = [parse(part.encode(), f"{n}.yaml", findings) for n, part in enumerate((BASE, text))]
    assert findings == []
    return check_references(merge([document for document in documents if document], bad or set())[0])


def rules(text: str, bad: set[tuple[str, str]] | None = None) -> list[str]:
    return [finding.rule for finding in check(text, bad)]


def roles(**includes: str) -> str:
    return "roles:\n" + "".join(f"  {key}: {{includes: [{names}]}}\n" for key, names in includes.items())


def assignment(role: str, dates: str) -> str:
    return f"roles: {{r: {role}}}\nusers: {{a: {{assignments: [{{role: r{dates}}}]}}}}"


def test_nothing_declared_is_nothing_wrong() -> None:
    assert rules("") == []


def test_known_names_pass() -> None:
    text = """\
settings: {timezone: Asia/Shanghai}
positions: {p: {department: d, roles: [r]}}
roles: {r: {subsystem: s, owner: a, includes: [], entitlements: {erp: [x]}}}
birthright: {b: {when: {type: [dedicated], department: [d], position: [p]}, roles: [r]}}
users: {a: {department: d, position: p, owner: b, logins: {erp: A}, assignments: [{role: r}]}, b: {}}
"""
    assert rules(text) == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Europe/Berlin"])
def test_time_zone_that_exists_passes(zone: str) -> None:
    assert rules(f"settings: {{timezone: {zone}}}") == []


@pytest.mark.parametrize("zone", ["asia/shanghai", "China", "CST8", "+08:00", "Asia/Peking", "../etc/passwd"])
def test_time_zone_that_does_not_exist_is_found(zone: str) -> None:
    assert rules(f"settings: {{timezone: {zone}}}") == ["reference/timezone"]


def test_name_of_a_bad_entry_is_known() -> None:
    assert rules("users: {a: {department: d, owner: b}, b: wrong}", {("users", "b")}) == []


def test_names_are_looked_up_in_bad_entries_too() -> None:
    assert rules("users: {a: {department: nowhere}}", {("users", "a")}) == ["reference/unknown"]
    text = "users: {a: {assignments: [{role: nothing}, wrong, {role: [x]}, {}]}, b: [x]}"
    assert rules(text, {("users", "a"), ("users", "b")}) == ["reference/unknown"]


def test_dates_and_includes_of_bad_entries_are_not_looked_into() -> None:
    assert rules("users: {a: {valid_from: x, valid_to: a}}", {("users", "a")}) == []
    assert rules("roles: {r: {includes: [r]}}", {("roles", "r")}) == []


# --- cycles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "chains"),
    [
        (roles(a="a"), ["a → a"]),
        (roles(a="b", b="a"), ["a → b → a"]),
        (roles(a="b", b="c", c="a"), ["a → b → c → a"]),
        (roles(x="a", a="b", b="a"), ["a → b → a"]),
        (roles(a="b, c", b="a", c="a"), ["a → b → a", "a → c → a"]),
        (roles(a="a", b="b"), ["a → a", "b → b"]),
        (roles(a="b, b2", b="c", b2="c", c=""), []),
        (roles(a="gone"), []),
    ],
)
def test_each_cycle_of_roles_is_found_once(text: str, chains: list[str]) -> None:
    found = [finding.message for finding in check(text) if finding.rule == "role/cycle"]
    assert found == [f"the role includes itself: {chain}" for chain in chains]


def test_long_chain_of_roles_does_not_end_the_program() -> None:
    chain = {f"r{n}": f"r{n + 1}" for n in range(3000)}
    assert rules(roles(**chain, r3000="r0")) == ["role/cycle"]


# --- dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (", valid_from: 2026-01-01, valid_to: 2026-01-01", []),
        (", valid_from: 2026-01-01, valid_to: 2026-01-10", []),
        (", valid_from: 2026-01-01, valid_to: 2026-01-11", ["assignment/too-long"]),
        (", valid_from: 2026-01-02, valid_to: 2026-01-01", ["dates/reversed"]),
        (", valid_to: 2026-01-01", ["assignment/open-ended"]),
        ("", ["assignment/open-ended"]),
        (", valid_from: 0001-01-01, valid_to: 9999-12-31", ["assignment/too-long"]),
    ],
)
def test_longest_duration_counts_both_its_days(dates: str, expected: list[str]) -> None:
    assert rules(assignment("{max_duration: 10d}", dates)) == expected


def test_role_without_longest_duration_may_be_given_for_ever() -> None:
    assert rules(assignment("{}", "")) == []


def test_user_may_begin_and_end_on_one_day() -> None:
    assert rules("users: {a: {valid_from: 2026-01-01, valid_to: 2026-01-01}}") == []


# --- logins -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("users", "targets"),
    [
        ("{a: {}, b: {logins: {erp: a}}}", ["erp"]),
        ("{a: {logins: {erp: X}}, b: {logins: {erp: x}}}", ["erp"]),
        ("{a: {}, b: {logins: {erp: A, wms: A}}}", ["erp", "wms"]),
        ("{a: {logins: {erp: x}}, b: {logins: {wms: x}}}", []),
        ("{a: {logins: {erp: STRASSE}}, b: {logins: {erp: straße}}}", ["erp"]),
    ],
)
def test_login_of_two_users_in_a_target_is_found(users: str, targets: list[str]) -> None:
    found = [finding.message for finding in check(f"users: {users}")]
    assert [message.split("'")[3] for message in found] == targets


@pytest.mark.parametrize(
    "users",
    [
        "{a: {logins: {erp: b}}, b: {logins: {erp: a}}}",
        "{a: {logins: {erp: b}}, b: {logins: {erp: c}}}",
        "{a: {logins: {erp: OLD}}, b: {previously: [old]}}",
    ],
)
def test_a_login_under_which_somebody_elses_account_is_looked_for_is_found(users: str) -> None:
    found = check(f"users: {users}")
    assert {finding.rule for finding in found} == {"user/login-inherited"}


def test_a_login_may_be_ones_own_earlier_key_or_somebodys_key_in_another_target() -> None:
    assert rules("users: {a: {logins: {erp: old}, previously: [old]}, b: {logins: {wms: x}}}") == []


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        ("{a: {previously: [old, older]}, b: {previously: [other]}}", []),
        ("{a: {previously: [b]}, b: {}}", ["user/renamed-to-existing"]),
        ("{a: {previously: [B]}, b: {}}", ["user/renamed-to-existing"]),
        ("{a: {previously: [a]}}", ["user/renamed-to-existing"]),
    ],
)
def test_earlier_key_belongs_to_nobody_else(users: str, expected: list[str]) -> None:
    assert rules(f"users: {users}") == expected


@pytest.mark.parametrize("other", ["old", "OLD"])
def test_earlier_key_of_two_users_is_found(other: str) -> None:
    assert len(rules(f"users: {{a: {{previously: [old]}}, b: {{previously: [{other}]}}}}")) == 1
