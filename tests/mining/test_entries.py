"""A proposal written into access files."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from erpsync.mining.applied import changed_users
from erpsync.mining.entries import proposal_texts
from erpsync.model import Access
from tests.builders import TODAY
from tests.mining.companies import companies, proposed
from tests.support.written import USERS_FILE, read_back, users_text


@given(companies())
def test_what_is_written_says_what_was_proposed_and_keeps_every_comment(access: Access) -> None:
    text = users_text(access)
    access = replace(access, birthright={})
    placed = replace(read_back(access, text), departments=access.departments)
    found = proposed(placed, unsorted="unsorted")
    texts = proposal_texts(
        placed,
        found,
        {item.role.key: ["why"] for item in found.roles},
        "access",
        lambda path: text if path == USERS_FILE else None if "proposed" in path else ORGANISATION,
    )
    written = texts.get(USERS_FILE, text)
    for line in text.splitlines():
        if "# about" in line:
            assert f"{line}\n" in written
    users = read_back(replace(found.access, users=access.users), written).users
    # Positions, rules and roles as proposed, users as written.
    assert changed_users(placed, replace(found.access, users=users), TODAY) == []
    if found.new_roles:
        assert texts["access/roles/proposed.yaml"].count("  # why\n") == len(found.new_roles)


ORGANISATION = """\
positions:
  buyer: {title: Buyer, department: purchasing}
  keeper: {title: Keeper, department: purchasing}
"""
