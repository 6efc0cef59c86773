"""Groups as a service sends them."""

from __future__ import annotations

from typing import Any

from erpsync.connectors.scim.groups import build_groups
from erpsync.connectors.scim.profiles import PROFILES

GENERIC, S4 = PROFILES["generic"], PROFILES["sap-s4hana-cloud"]


def group(number: str, name: str, *members: str, **more: Any) -> dict[str, Any]:
    """A Group; one without members has no such attribute."""
    found = {"id": number, "displayName": name, **more}
    return {**found, "members": [{"value": member} for member in members]} if members else found


def test_members_are_found_by_their_id() -> None:
    groups = build_groups([group("1", "Buyer", "u1", "u2"), group("2", "Clerk", "u2"), group("3", "Empty")],
                          GENERIC)  # fmt: skip
    assert groups.names == {"1": "Buyer", "2": "Clerk", "3": "Empty"}
    assert groups.ids == {"Buyer": "1", "Clerk": "2", "Empty": "3"}
    assert groups.of_member == {"u1": {"1"}, "u2": {"1", "2"}}
    assert groups.fixed == {}


def test_a_name_that_is_there_twice_gets_the_id_added() -> None:
    groups = build_groups([group("1", "Buyer"), group("2", "Buyer"), group("3", "")], GENERIC)
    assert sorted(groups.ids) == ["#3", "Buyer#1", "Buyer#2"]


def test_of_sap_only_groups_that_grant_something_count() -> None:
    assert S4.group_type is not None
    kinds = [{"type": "authorization", "supportedOperations": "membership"}, {"type": "userGroup"}]
    found = [group(str(i), f"G{i}", "u1", **{S4.group_type: kind}) for i, kind in enumerate(kinds)]
    assert build_groups([*found, group("9", "No type")], S4).names == {"0": "G0"}
    assert len(build_groups(found, GENERIC).names) == 2


def test_of_sap_a_group_whose_members_cannot_be_changed_is_only_shown() -> None:
    assert S4.group_type is not None
    ways = [None, "membership", "readWrite", "read"]
    found = [
        group(str(i), f"G{i}", **{S4.group_type: {"type": "authorization", "supportedOperations": way}})
        for i, way in enumerate(ways)
    ]
    assert build_groups(found, S4).fixed == {"G3": "the service does not let its members be changed"}
