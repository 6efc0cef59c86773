"""``erpsync drift --adopt``: drift written into the access files, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from erpsync.adopt import Adoption, Seen, Terms, adopt, live_logins
from erpsync.cli.common import today
from erpsync.cli.reading import read_targets, several
from erpsync.cli.written import Files, all_or_nothing, read
from erpsync.errors import RefusedError
from erpsync.render.adoption import Told

if TYPE_CHECKING:
    from erpsync.access import Validated
    from erpsync.connectors.base import Reader
    from erpsync.connectors.recorded import RecordedReader
    from erpsync.model import Access, Finding, LastChange, Target, User

LONGEST_NAME = 100
"""Most characters of the name of a person in the ERP; it becomes part of a reason."""


def adopt_drift(
    access_dir: Path,
    target_names: Sequence[str],
    as_of: date | None,
    live_file: Path | None,
    state_dir: Path,
    request: str | None,
) -> Told:
    """Read the targets, and write what they have into the access files where the files can say it.

    Raises:
        ErpsyncError: a target cannot be read, a file cannot be written, or the files would not be
            right afterwards; then they are as they were.
    """
    from erpsync.access import must_be_valid
    from erpsync.cli.open_emergencies import keep_locked, open_emergencies_in
    from erpsync.open_emergencies import with_locked

    validated = must_be_valid(access_dir)
    declared = validated.build()
    access = keep_locked(declared, state_dir)
    day = as_of or today(access)
    recorded = _recorded(access, target_names, live_file, day)
    seen = [_seen(access, target, reader, day, last) for target, reader, last in recorded]
    kept = {key for key, user in access.users.items() if user.status is not declared.users[key].status}
    terms = Terms(request, _longest(validated), kept)
    adoption, files = _edited(access, adopt(seen, terms))
    new = declared
    if files:
        with all_or_nothing(files):
            new = _checked(access_dir)
            locked = with_locked(new, open_emergencies_in(state_dir, new.emergencies))
            again = [_seen(locked, target, reader, day, {}) for target, reader, _ in recorded]
            _compare(adopt(again, terms), adoption)
    places = {key: new.users[key].at for key in {item.user for item in adoption.differences}}
    return Told(day, tuple(item.found for item in seen), adoption, places, tuple(map(str, files)), access_dir)


def _longest(validated: Validated) -> dict[str, int]:
    """The roles that may be given for so many days only."""
    roles = validated.merged.good("roles")
    return {
        key: int(role["max_duration"].removesuffix("d")) for key, role, _ in roles if "max_duration" in role
    }


# --- reading --------------------------------------------------------------------------------------------


def _recorded(
    access: Access, names: Sequence[str], live_file: Path | None, day: date
) -> list[tuple[Target, RecordedReader, Mapping[str, LastChange]]]:
    """Each chosen target as it is now, and who changed last what is not as declared.

    Raises:
        ErpsyncError: one cannot be read. Half of what is there would be half of a review.
    """
    from erpsync.connectors.recorded import RecordedReader, record

    def read(target: Target, live: Reader) -> tuple[Target, RecordedReader, Mapping[str, LastChange]]:
        reader = live if isinstance(live, RecordedReader) else RecordedReader(record(target.name, live))
        return target, reader, _last_changes(live, _seen(access, target, reader, day, {}), access)

    readings = read_targets(access, names, live_file, read)
    if failed := [(reading.target.name, reading.error) for reading in readings if reading.error]:
        raise several(failed, "nothing was written, since targets could not be read")
    return [reading.found for reading in readings if reading.found]


def _last_changes(live: Reader, seen: Seen, access: Access) -> dict[str, LastChange]:
    """Who changed the accounts last that are not as declared: one short line, and the company's time."""
    from erpsync.connectors.base import last_changes
    from erpsync.model import LastChange

    zone = ZoneInfo(access.timezone)
    found = last_changes(live, live_logins(seen.found, seen.resolver, seen.live))
    return {
        login: LastChange(" ".join(last.by.split())[:LONGEST_NAME], last.at.astimezone(zone))
        for login, last in found.items()
    }


def _seen(
    access: Access, target: Target, reader: Reader, day: date, changes: Mapping[str, LastChange]
) -> Seen:
    from erpsync.planning import plan_target
    from erpsync.resolve import resolver

    found = plan_target(access, target, reader, day)
    can = reader.capabilities
    catalogue = reader.catalogue()
    prepared = resolver(access, target.name, day, validity=can.validity, implies=catalogue.implies)
    return Seen(found, prepared, reader.snapshot(), catalogue, can, changes)


# --- writing --------------------------------------------------------------------------------------------


def _edited(access: Access, adoption: Adoption) -> tuple[Adoption, Files]:
    """The texts of the files with everything adopted; who cannot be written so is left out of it."""
    by_file: dict[str, list[User]] = {}
    for key, user in adoption.users.items():
        by_file.setdefault(access.users[key].at.file, []).append(user)
    failed: dict[str, str] = {}
    files: dict[Path, tuple[str, str]] = {}
    for name, users in sorted(by_file.items()):
        text = read(Path(name))
        new, why_not = _edited_text(access, text, users, name)
        failed |= why_not
        if new != text:
            files[Path(name)] = (text, new)
    return adoption.without(failed), files


def _edited_text(access: Access, text: str, users: Sequence[User], name: str) -> tuple[str, dict[str, str]]:
    """The text with these users as they are to be; together, or one by one where one cannot be written."""
    from erpsync.user_edits import user_edits
    from erpsync.yaml_edit import EditError, edit

    try:
        return edit(
            text, [item for user in users for item in user_edits(access.users[user.key], user)], name
        ), {}
    except EditError as error:
        if len(users) == 1:
            return text, {users[0].key: error.message}
    failed: dict[str, str] = {}
    for user in users:
        text, why_not = _edited_text(access, text, [user], name)
        failed |= why_not
    return text, failed


def _checked(access_dir: Path) -> Access:
    """The declared state as written.

    Raises:
        RefusedError: it is not valid.
    """
    from erpsync.access import validate
    from erpsync.model import Severity

    validated = validate(access_dir)
    errors = [finding for finding in validated.findings if finding.severity is Severity.ERROR]
    if errors:
        raise _refused(errors)
    return validated.build()


def _refused(errors: Sequence[Finding]) -> RefusedError:
    lines = "\n  ".join(f"{finding.at}: {finding.message}" for finding in errors[:20])
    return RefusedError(
        f"what the ERP has cannot be declared, so the files are as they were. They would say:\n  {lines}",
        hint="correct that in the ERP, or declare it by hand; or undo the drift: erpsync drift --revert FILE",
    )


def _compare(again: Adoption, adoption: Adoption) -> None:
    """Hold the files as written against the targets: what was adopted is gone, and nothing else differs.

    Raises:
        RefusedError: it is otherwise.
    """
    found = {(item.target, item.user, item.change) for item in again.differences}
    expected = {(item.target, item.user, item.change) for item in adoption.left}
    if found != expected:
        users = ", ".join(sorted({user for _, user, _ in found ^ expected}))
        raise RefusedError(
            f"the files would not say what the ERP has of {users}, so they are as they were",
            hint="declare it by hand, or undo the drift: erpsync drift --revert FILE",
        )
