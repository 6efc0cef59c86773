"""An emergency written into the access files, for the pull request that must follow it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex
from typing import Any

from erpsync.errors import ErpsyncError
from erpsync.model import Access, Emergency, Status, User
from erpsync.render.emergency import Written
from erpsync.yaml_edit import EditError, Put, edit

COMMENT = """\
# Accounts that were locked at once. When it is known what happened, write at the entry:
#   report: {cause: …, symptoms: …, handling: …, result: …}
"""
AFTER_STATUS = ("valid_from", "valid_to", "owner", "logins", "previously", "scope", "assignments")
"""The keys of a user before which a new status stands."""


def declare(emergency: Emergency, access: Access, access_dir: Path) -> Written:
    """Declare an emergency in a file of its own, and write its users as locked where they stand.

    What cannot be written is told, with what to write instead; nothing is raised, since the accounts
    are locked by now.
    """
    files: list[str] = []
    by_hand: list[str] = []
    by_file: dict[str, list[User]] = {}
    for key in emergency.users:
        user = access.users[key]
        if user.status is Status.ACTIVE:
            by_file.setdefault(user.at.file, []).append(user)
    for file, users in sorted(by_file.items()):
        try:
            _lock_in(Path(file), users)
            files.append(file)
        except ErpsyncError as error:
            keys = ", ".join(user.key for user in users)
            by_hand.append(f"{error}\n  write status: locked there for {keys}")
    path = access_dir / "emergencies" / f"{emergency.key}.yaml"
    text = edit(COMMENT, [Put(("emergencies",), {emergency.key: _entry(emergency)})])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
        files.append(path.as_posix())
    except OSError as error:
        by_hand.append(f"{path}: cannot be written: {error.strerror}\n  write there:\n{text}")
    return Written(tuple(files), tuple(by_hand))


def _entry(emergency: Emergency) -> dict[str, Any]:
    entry: dict[str, Any] = {"reason": emergency.reason, "approver": emergency.approver}
    if emergency.request:
        entry["request"] = emergency.request
    entry |= {"day": emergency.day.isoformat(), "users": list(emergency.users)}
    return entry | ({"logins": list(emergency.logins)} if emergency.logins else {})


def _lock_in(file: Path, users: Iterable[User]) -> None:
    """Write users of a file as locked; everything else in it stays as it is.

    Raises:
        EditError: it cannot be done so.
    """
    puts = [Put(("users", user.key, "status"), Status.LOCKED.value, AFTER_STATUS) for user in users]
    try:
        replace_file(file, edit(file.read_bytes().decode("utf-8"), puts, str(file)))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise EditError(f"cannot be written: {why}", where=str(file)) from error


def replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all; one that is there keeps who may read it."""
    new = path.with_name(f".{path.name}.{token_hex(8)}")
    there = path.exists()
    # Until it has the mode of what it replaces, it is nobody else's.
    mode = 0o600 if there else 0o666
    try:
        with open(new, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(text.encode())
        if there:
            shutil.copymode(path, new)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
