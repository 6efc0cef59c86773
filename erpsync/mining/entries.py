"""A proposal of roles → the access files with it: edits that keep everything else as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from erpsync.importing.entries import entry_of
from erpsync.mining.proposal import RoleProposal
from erpsync.model import Access, Birthright, Position
from erpsync.user_edits import user_edits
from erpsync.yaml_edit import Append, Edit, Put, edit
from erpsync.yaml_write import entry

ROLES = "roles/proposed.yaml"
RULES = "birthright.yaml"
_ROLES_COMMENT = """\
# Business roles, proposed from who holds what. Each brings together what was assigned piece by piece.
# Read why above each, and give it a title that people use, an owner, a subsystem and a risk.
"""
_RULES_COMMENT = "# What people get by what they are.\n"


def proposal_texts(
    before: Access,
    proposal: RoleProposal,
    why: Mapping[str, Sequence[str]],
    root: str,
    read: Callable[[str], str | None],
) -> dict[str, str]:
    """The files as they would be, by path.

    Args:
        before: the declared state as it is; it says in which file each entry stands.
        proposal: what is proposed.
        why: by key of a role, the lines that say why it is proposed.
        root: the access directory, as it stands before the names of files.
        read: the text of a file by its path; None if there is none.
    """
    edits: dict[str, list[Edit]] = {}
    for path, change in _edits(before, proposal, root):
        edits.setdefault(path, []).append(change)
    texts: dict[str, str] = {}
    roles = f"{root}/{ROLES}"
    for path, changes in sorted(edits.items()):
        text = read(path)
        if path == roles and text is None:
            texts[path] = _ROLES_COMMENT + "".join(_commented(proposal, why))
        else:
            comment = _RULES_COMMENT if path == f"{root}/{RULES}" else ""
            texts[path] = edit(comment if text is None else text, changes, path)
    return texts


def _edits(before: Access, proposal: RoleProposal, root: str) -> Iterator[tuple[str, Edit]]:
    after = proposal.access
    roles = {item.role.key: entry_of(item.role) for item in proposal.new_roles}
    if roles:
        yield from _added(f"{root}/{ROLES}", "roles", roles, before.roles)
    rules = {key: _rule(rule) for key, rule in after.birthright.items() if key not in before.birthright}
    if rules:
        places = sorted({rule.at.file for rule in before.birthright.values()})
        path = places[0] if places else f"{root}/{RULES}"
        yield from _added(path, "birthright", rules, before.birthright)
    for key, position in after.positions.items():
        old = before.positions[key]
        yield from ((old.at.file, Append(("positions", key, "roles"), role)) for role in _new(old, position))
    for key, user in after.users.items():
        if user != before.users[key]:
            yield from ((user.at.file, change) for change in user_edits(before.users[key], user))


def _added(
    path: str, section: str, entries: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[tuple[str, Edit]]:
    """The edits that add entries to a section of a file, which is made if it is not there."""
    if any(item.at.file == path for item in before.values()):
        yield from ((path, Put((section, key), value)) for key, value in entries.items())
    else:
        yield path, Put((section,), dict(entries))


def _new(old: Position, new: Position) -> Iterable[str]:
    return new.roles[len(old.roles) :]


def _rule(rule: Birthright) -> dict[str, Any]:
    when = {"type": rule.types, "department": rule.departments, "position": rule.positions}
    return {
        "title": rule.title,
        "when": {key: sorted(str(value) for value in values) for key, values in when.items() if values},
        "roles": list(rule.roles),
    }


def _commented(proposal: RoleProposal, why: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The section of roles, with the reason above each."""
    yield "roles:\n"
    for number, item in enumerate(proposal.new_roles):
        lines = [f"  # {line}" for line in why[item.role.key]]
        lines += entry(item.role.key, entry_of(item.role), 2)
        yield ("\n" if number else "") + "".join(f"{line}\n" for line in lines)
