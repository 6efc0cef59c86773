"""What people ask for, as edits of the access files: the user's own entry changes, and nothing else. Pure.

Each function says what it cannot do with an error that names the way out. Whether the files are valid
then, and what the policy says, is decided later on the whole of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from erpsync.errors import UsageError
from erpsync.model import Access, Assignment, Status, User
from erpsync.resolve import roles_of
from erpsync.user_edits import ASSIGNMENT_KEYS, KEYS
from erpsync.yaml_edit import Append, Edit, Put, Remove


@dataclass(frozen=True, slots=True)
class Why:
    """Why it is asked for, and the number of the request where there is one."""

    reason: str
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: whom it is for, the file it changes, how, and what it is in a few words.

    ``roles`` are the keys of the roles it is about; ``first`` and ``last`` the days it is about.
    """

    user: str
    file: str
    edits: tuple[Edit, ...]
    title: str
    roles: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


# --- roles ----------------------------------------------------------------------------------------------


def grant(access: Access, user: User, role: str, why: Why, first: date | None, last: date | None) -> Asked:
    """Give a role by an assignment."""
    _must_be_here(user)
    known = access.roles[role]
    if first and last and last < first:
        raise UsageError(f"the last day {last} is before the first, {first}")
    same = [item for item in user.assignments if item.role == role and _overlap(item, first, last)]
    if same:
        days = f" until {same[0].valid_to}" if same[0].valid_to else ""
        raise UsageError(
            f"{user.key} has {role} by an assignment already{days}", where=str(same[0].at),
            hint=f"to hold it longer: erpsync request extend {user.key} {role}",
        )  # fmt: skip
    for held, _, ends, via, *_ in roles_of(user, access.positions, access.birthright.values()):
        if held == role and via != "assignment" and ends is None:
            raise UsageError(f"{user.key} has {role} already, by {via}", hint="nothing needs to be asked for")
    item = _written(role, first, last, why)
    path = ("users", user.key, "assignments")
    # Where there is no list yet, it is put where lists of assignments stand.
    made: Edit = Append(path, item) if user.assignments else Put(path, [item])
    until = f" until {last}" if last else ""
    title = f"Grant {role} to {user.key}{until}"
    return Asked(user.key, user.at.file, (made,), title, (known.key,), first, last)


def _overlap(item: Assignment, first: date | None, last: date | None) -> bool:
    begins = item.valid_from or date.min
    ends = item.valid_to or date.max
    return begins <= (last or date.max) and (first or date.min) <= ends


def _written(role: str, first: date | None, last: date | None, why: Why) -> dict[str, str]:
    values = {
        "role": role,
        "valid_from": first.isoformat() if first else None,
        "valid_to": last.isoformat() if last else None,
        "reason": why.reason,
        "request": why.request,
    }
    return {key: value for key in ASSIGNMENT_KEYS if (value := values[key]) is not None}


def revoke(access: Access, user: User, role: str, today: date, last: date | None = None) -> Asked:
    """Take the assignments of a role away that hold today or later; or let them end on a last day.

    Those that are over stay: they are the record of what was.
    """
    found = [(index, item) for index, item in enumerate(user.assignments) if item.role == role]
    current = [(index, item) for index, item in found if item.valid_to is None or item.valid_to >= today]
    if not current:
        raise UsageError(f"no assignment gives {role} to {user.key}{_how_else(access, user, role)}")
    path = ("users", user.key, "assignments")
    edits: list[Edit] = []
    for index, item in current:
        if last is None or (item.valid_from and item.valid_from > last):
            edits.append(Remove((*path, index)))
        elif item.valid_to is None or item.valid_to > last:
            edits.append(_put_in((*path, index), "valid_to", last.isoformat(), ASSIGNMENT_KEYS))
    if not edits:
        raise UsageError(f"{role} of {user.key} ends by {last} already")
    after = f" after {last}" if last else ""
    title = f"Revoke {role} of {user.key}{after}"
    return Asked(user.key, user.at.file, tuple(edits), title, (role,), None, last)


def _how_else(access: Access, user: User, role: str) -> str:
    for held, _, _, via, *_ in roles_of(user, access.positions, access.birthright.values()):
        if held == role and via != "assignment":
            return f"; it comes by {via}, and is changed there, or by another position"
    return ""


def extend(user: User, role: str | None, last: date) -> Asked:
    """Let an assignment, or without a role the user as such, hold until a later day."""
    if role is None:
        _must_be_later(user.valid_to, last, f"{user.key} has no last day")
        put = _put_in(("users", user.key), "valid_to", last.isoformat(), KEYS)
        return Asked(user.key, user.at.file, (put,), f"Extend {user.key} until {last}", (), None, last)
    found = [
        (item.valid_to or date.max, index) for index, item in enumerate(user.assignments) if item.role == role
    ]
    if not found:
        hint = f"erpsync request grant {user.key} {role}"
        raise UsageError(f"no assignment gives {role} to {user.key}", hint=hint)
    _, index = max(found)
    _must_be_later(user.assignments[index].valid_to, last, f"{role} of {user.key} has no last day")
    path = ("users", user.key, "assignments", index)
    put = _put_in(path, "valid_to", last.isoformat(), ASSIGNMENT_KEYS)
    title = f"Extend {role} of {user.key} until {last}"
    return Asked(user.key, user.at.file, (put,), title, (role,), None, last)


def _must_be_later(now: date | None, last: date, open_ended: str) -> None:
    if now is None:
        raise UsageError(open_ended, hint="there is nothing to extend")
    if last <= now:
        raise UsageError(f"it holds until {now} already", hint="name a later day")


# --- people ---------------------------------------------------------------------------------------------


def move(
    access: Access,
    user: User,
    position: str,
    today: date,
    dropped: Collection[str] = (),
    since: date | None = None,
) -> Asked:
    """Give another position, with its department, and take assignments of some roles away.

    Args:
        access: the declared state.
        user: who moves.
        position: the key of the new position.
        today: the day of the request.
        dropped: the keys of the roles to take away.
        since: the first day in the position, today or before; without it today. The position holds as
            soon as it is merged, whatever this day is.
    """
    _must_be_here(user)
    if user.position == position:
        raise UsageError(f"{user.key} is {position} already")
    since = since or today
    if since > today:
        raise UsageError(
            f"a move holds as soon as it is merged, and {since} is still to come",
            hint="merge it on that day; until then, or for a role from that day on: "
            f"erpsync request grant {user.key} ROLE --from DAY --to DAY",
        )
    wanted = {
        "department": access.positions[position].department,
        "position": position,
        "position_since": since.isoformat(),
    }
    edits = [
        _put_in(("users", user.key), key, value, KEYS)
        for key, value in wanted.items()
        if str(getattr(user, key) or "") != value
    ]
    for role in dropped:
        edits += revoke(access, user, role, today).edits
    return Asked(user.key, user.at.file, (*edits,), f"Move {user.key} to {position}", tuple(dropped), since)


def leave(user: User, last: date, today: date) -> Asked:
    """End a user: at once where the last day is over, else on that day. Access is never prolonged by it.

    Whose access is over by an earlier last day is written as left on that day.
    """
    if user.status is Status.LEFT:
        raise UsageError(f"{user.key} has left already", where=str(user.at))
    ends = user.valid_to
    if ends_by(user, last, today):
        raise UsageError(
            f"{user.key} ends on {ends} already", where=str(user.at),
            hint=f"to stay longer: erpsync request extend {user.key}",
        )  # fmt: skip
    if ends and ends < last:
        last = ends
    path = ("users", user.key)
    edits: list[Edit]
    if last >= today:
        edits = [_put_in(path, "valid_to", last.isoformat(), KEYS)]
    else:
        edits = [
            _put_in(path, "status", Status.LEFT.value, KEYS),
            _put_in(path, "left_on", last.isoformat(), KEYS),
        ]
    return Asked(user.key, user.at.file, tuple(edits), f"{user.key} leaves on {last}", (), None, last)


def ends_by(user: User, last: date, today: date) -> bool:
    """Whether the files have a user end by a day that is not over: leaving then would change nothing."""
    ends = user.valid_to
    return ends is not None and ends <= last and (last > today or ends == today)


def stand(user: User, status: Status) -> Asked:
    """Lock a user, or unlock one."""
    if user.status is Status.LEFT:
        raise UsageError(f"{user.key} has left", where=str(user.at), hint="who comes back joins again")
    if user.status is status:
        raise UsageError(f"{user.key} is {status.value} already", where=str(user.at))
    put = _put_in(("users", user.key), "status", status.value, KEYS)
    word = "Lock" if status is Status.LOCKED else "Unlock"
    return Asked(user.key, user.at.file, (put,), f"{word} {user.key}")


def join(access: Access, key: str, values: Mapping[str, Any], file: str) -> Asked:
    """Declare a new user.

    Args:
        access: the declared state.
        key: that of the new user.
        values: what is said of it, by key of the files; what is None is left out.
        file: where it is written.
    """
    other = next((name for name in access.users if name.casefold() == key.casefold()), None)
    if other:
        raise UsageError(f"there is a user {other!r} already", where=str(access.users[other].at))
    number = values.get("employee_no")
    same = [user for user in access.users.values() if number and user.employee_no == number]
    if same:
        raise UsageError(f"employee number {number} is that of {same[0].key} already", where=str(same[0].at))
    entry = {name: values[name] for name in KEYS if values.get(name) is not None}
    first, last = values.get("valid_from"), values.get("valid_to")
    return Asked(
        key, file, (Put(("users", key), entry),), f"{key} joins",
        tuple(item["role"] for item in values.get("assignments") or ()),
        date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None,
    )  # fmt: skip


def assignments(
    roles: Sequence[str], why: Why, first: date | None, last: date | None
) -> list[dict[str, str]] | None:
    """Assignments of a new user; None where there are none."""
    return [_written(role, first, last, why) for role in roles] or None


def home_of(access: Access, department: str | None, folder: str) -> str:
    """The file in which a new user of a department is written: where most of its people stand.

    Args:
        access: the declared state.
        department: None for somebody who is of none.
        folder: the access directory as it is shown.
    """
    counts: dict[str, int] = {}
    for user in access.users.values():
        if user.department == department:
            counts[user.at.file] = counts.get(user.at.file, 0) + 1
    if counts:
        return max(sorted(counts), key=lambda file: counts[file])
    return f"{folder}/users/{department or 'others'}.yaml"


def _must_be_here(user: User) -> None:
    if user.status is Status.LEFT:
        raise UsageError(f"{user.key} has left", where=str(user.at), hint="who comes back joins again")


def _put_in(path: tuple[str | int, ...], key: str, value: str, keys: Sequence[str]) -> Edit:
    """Set a key of an entry, which stands where the order of keys has it."""
    return Put((*path, key), value, tuple(keys[keys.index(key) + 1 :]))


def held_beyond(access: Access, user: User, position: str, today: date) -> Iterator[Assignment]:
    """The assignments that would stay beside another position, of which a move has to say what becomes."""
    brought = set(access.positions[position].roles)
    for item in user.assignments:
        if (item.valid_to is None or item.valid_to >= today) and item.role not in brought:
            yield item
