"""``erpsync explain``: why a user has what."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    access_option,
    as_of_option,
    chosen_targets,
    emit,
    live_option,
    paint_stdout,
    target_option,
    today,
)
from erpsync.cli.reading import read_targets, several
from erpsync.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from erpsync.model import Access, User


@click.command()
@click.argument("user_key", metavar="USER")
@access_option
@target_option
@as_of_option
@live_option
@click.option("--offline", is_flag=True, help="Do not ask the ERP whether it really has each grant.")
def explain(
    user_key: str,
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    live_file: Path | None,
    offline: bool,
) -> int:
    """Say for each grant of a USER why it is there, until when, and whether the target really has it.

    USER is the key of a user, or a login or an earlier key. Of a target that cannot be read it is told
    what git says, and the exit code is 1.
    """
    from erpsync.access import load_valid
    from erpsync.explain import explain_user

    access = load_valid(access_dir)
    user = find_user(access, user_key)
    day = as_of or today(access)
    paint = paint_stdout()
    if offline and not live_file:
        for target in chosen_targets(access, target_names):
            emit(explain_user(access, target, user, day, None, paint))
        return ExitCode.DONE
    readings = read_targets(
        access,
        target_names,
        live_file,
        lambda target, reader: explain_user(access, target, user, day, reader, paint),
    )
    for reading in readings:
        emit(reading.found or explain_user(access, reading.target, user, day, None, paint))
    if failed := [(reading.target.name, reading.error) for reading in readings if reading.error]:
        raise several(failed, "what git says is told, but targets could not be asked")
    return ExitCode.DONE


def find_user(access: Access, name: str) -> User:
    """The user with this key, login or earlier key, whatever the case; or the only one with this name.

    Raises:
        UsageError: there is none, or more than one.
    """
    from erpsync.model import fold
    from erpsync.schema import suggest

    if name in access.users:
        return access.users[name]
    wanted = fold(name)
    users = access.users.values()
    by_login = [
        user for user in users if wanted in map(fold, (user.key, *user.logins.values(), *user.previously))
    ]
    found = by_login or [user for user in users if user.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} users are called {name!r}", hint=", ".join(user.key for user in found)
        )
    near = sorted(user.key for user in users if wanted in fold(user.key) or name in user.name)[:8]
    hint = f"did you mean {', '.join(near)}?" if near else suggest(name, access.users, "users")
    raise UsageError(f"no user {name!r} is declared", hint=hint)
