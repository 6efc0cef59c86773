"""CODEOWNERS from the organisation: who is asked to review which access file. Pure.

Whoever must approve what a file holds owns the file: heads of departments its users, owners and
business admins its roles, the oversight office the rules. The forge then asks the right people by
itself; whether they approved is still decided by the approval rules, entry by entry.
https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from erpsync.merge import Merged
from erpsync.model import Access, Status

HEAD = """\
# Written by erpsync codeowners, from the organisation in the access files; checked in CI.
# Who owns a file is asked to review it. What must be approved, by whom, say the approval rules.
"""


def codeowners(access: Access, entries: Merged, root: str, folder: str, handles: str = "github") -> str:
    """The text of CODEOWNERS.

    Args:
        access: the declared state.
        entries: the entries it was built from, with their places.
        root: the access directory as the places of the entries name it.
        folder: the access directory from the top of the repository, with ``/``; empty for the top.
        handles: the key under a user's ``forge:`` that holds the handle.
    """
    office = _handles((key for item in access.oversight.values() for key in item.members), access, handles)
    owners: dict[str, dict[str, None]] = {}
    top = f"/{folder}/" if folder else "/"
    for section, key, file in _places(entries):
        asked = _handles(_owners(section, key, access), access, handles) or office
        owners.setdefault(file, {}).update(dict.fromkeys(asked))
    # The last pattern that matches counts, so what is true of everything stands first.
    lines = [_line("*", office), _line(top, office)]
    for file in sorted(owners):
        path = top + file.removeprefix(root).removeprefix("/")
        if not _SPECIAL.search(path):
            lines.append(_line(path, owners[file]))
    return "\n".join([HEAD, *lines]) + "\n"


_SPECIAL = re.compile(r"[*?\[\]!#\\]")
"""What no pattern can name; such a file stays with the owners of the whole directory."""


def _places(entries: Merged) -> Iterator[tuple[str, str, str]]:
    for section, found in entries.sections.items():
        for key, entry in found.items():
            yield section, key, entry.at.file


def _owners(section: str, key: str, access: Access) -> Iterator[str | None]:
    """The users who answer for an entry; nobody for what the oversight office decides."""
    if section == "users" and key in access.users:
        department = access.users[key].department
        yield access.departments[department].manager if department else access.users[key].owner
    elif section == "roles" and key in access.roles:
        role = access.roles[key]
        subsystem = access.subsystems.get(role.subsystem or "")
        yield role.owner
        yield subsystem.business_admin if subsystem else None
    elif section == "positions" and key in access.positions:
        yield access.departments[access.positions[key].department].manager


def _handles(keys: Iterable[str | None], access: Access, handles: str) -> list[str]:
    users = (access.users[key] for key in dict.fromkeys(keys) if key and key in access.users)
    return [user.forge[handles] for user in users if user.status is Status.ACTIVE and handles in user.forge]


def _line(pattern: str, owners: Iterable[str]) -> str:
    """A pattern without owners is one that anybody may review."""
    return " ".join([pattern.replace(" ", "\\ "), *(f"@{handle}" for handle in owners)])
