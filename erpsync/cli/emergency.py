"""``erpsync emergency``: lock accounts at once; the pull request follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from erpsync.cli.common import (
    access_option,
    chosen_targets,
    emit,
    paint_stdout,
    state_option,
    target_option,
    today,
)
from erpsync.cli.emergency_locking import lock_target
from erpsync.cli.recording import Places
from erpsync.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from erpsync.access import Validated
    from erpsync.model import Access, Emergency, Target
    from erpsync.render.emergency import Locking


class Words(click.ParamType[str]):
    """A line of text that the access files can hold: not empty, and not too long."""

    name = "text"

    def __init__(self, most: int) -> None:
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text without blanks around it."""
        text = str(value).strip()
        if not text:
            self.fail("it is empty", param, ctx)
        if not text.isprintable():
            self.fail("it has characters that cannot be shown", param, ctx)
        if len(text) > self.most:
            self.fail(f"it has {len(text)} characters, {self.most} are the most", param, ctx)
        return text


@click.group()
def emergency() -> None:
    """Lock accounts at once, before any pull request."""


@emergency.command()
@click.option("--user", "user_names", multiple=True, metavar="USER", help="A user; may be repeated.")
@click.option(
    "--role", "role_names", multiple=True, metavar="ROLE",
    help="Everybody who has this role today, in whatever way; may be repeated.",
)  # fmt: skip
@click.option(
    "--department", "department_names", multiple=True, metavar="DEPARTMENT",
    help="Everybody of this department; may be repeated.",
)  # fmt: skip
@click.option(
    "--type", "types", multiple=True, type=click.Choice(["dedicated", "temporary", "service", "emergency"]),
    help="Every user of this type; may be repeated.",
)  # fmt: skip
@click.option(
    "--login",
    "logins",
    multiple=True,
    metavar="LOGIN",
    type=Words(100),
    help="An account that git does not know; may be repeated.",
)
@click.option(
    "--reason",
    required=True,
    metavar="TEXT",
    type=Words(500),
    help="Why there is no time for a pull request.",
)
@click.option("--approver", required=True, metavar="USER", help="The user who approved it.")
@click.option("--request", metavar="NUMBER", type=Words(100), help="The ticket, if there is one.")
@target_option
@access_option
@state_option
def lock(
    user_names: tuple[str, ...],
    role_names: tuple[str, ...],
    department_names: tuple[str, ...],
    types: tuple[str, ...],
    logins: tuple[str, ...],
    reason: str,
    approver: str,
    request: str | None,
    target_names: tuple[str, ...],
    access_dir: Path,
    state_dir: Path,
) -> int:
    """Lock the accounts of users at once; sessions and API keys end where the ERP can end them.

    Everybody whom any of the options names is locked. Protected accounts are held back and told.
    Limits and manage modes do not hold here, but it needs a reason and an approver, and the journal
    keeps both. The change to the access files is written too: open the pull request for it. Until it
    is merged, validate warns, and plans made here keep the users locked.
    """
    from erpsync.access import validate
    from erpsync.emergency import Whom, check_approver, meant
    from erpsync.model import Emergency, UserType
    from erpsync.run import this_run

    validated = validate(access_dir)
    _tell_findings(validated)
    access = validated.build()
    targets = chosen_targets(access, target_names)
    day = today(access)
    keys, unknown = _known(access, user_names)
    owners, strangers = _owners(access, targets, logins)
    whom = Whom(
        frozenset({*keys, *owners}),
        frozenset(_declared(role_names, access.roles, "role")),
        frozenset(_declared(department_names, access.departments, "department")),
        frozenset(map(UserType, types)),
    )
    users = meant(whom, access, day)
    if not users and not strangers:
        raise UsageError("nobody is meant: " + _nobody(unknown), hint="see erpsync emergency lock --help")
    check_approver(approver, access, day, users)
    run = this_run()
    declared = Emergency(run.id, reason, approver, day, tuple(user.key for user in users), strangers, request)
    places = Places(access_dir, state_dir)
    lockings = [lock_target(declared, access, target, run, places) for target in targets]
    return _finish(declared, access, places, lockings, unknown)


# --- who is meant -----------------------------------------------------------------------------------


def _tell_findings(validated: Validated) -> None:
    from erpsync.render.words import plural

    if validated.errors:
        click.echo(
            f"the access files have {plural(validated.errors, 'error')} (erpsync validate tells them); "
            "locking goes on with what is right in them",
            err=True,
        )


def _known(access: Access, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The keys of the users with these names, and the names that are nobody's."""
    from erpsync.cli.explain import find_user

    keys: list[str] = []
    unknown: list[str] = []
    for name in names:
        try:
            keys.append(find_user(access, name).key)
        except UsageError:
            unknown.append(name)
    return keys, unknown


def _owners(
    access: Access, targets: Iterable[Target], logins: Sequence[str]
) -> tuple[list[str], tuple[str, ...]]:
    """The users who have these logins in a target, and the logins that nobody has."""
    from erpsync.model import fold

    by_login = {
        fold(user.login(target.name)): user.key for target in targets for user in access.users.values()
    }
    owners = [by_login[fold(login)] for login in logins if fold(login) in by_login]
    return owners, tuple(sorted({login for login in logins if fold(login) not in by_login}))


def _declared(names: Sequence[str], known: Iterable[str], what: str) -> Sequence[str]:
    from erpsync.schema import suggest

    declared = set(known)
    for name in names:
        if name not in declared:
            raise UsageError(f"no {what} {name!r} is declared", hint=suggest(name, declared, None))
    return names


def _nobody(unknown: Sequence[str]) -> str:
    if unknown:
        return ", ".join(f"no user {name!r} is declared" for name in unknown)
    return "name them with --user, --role, --department, --type or --login"


# --- what follows -----------------------------------------------------------------------------------


def _finish(
    declared: Emergency, access: Access, places: Places, lockings: Sequence[Locking], unknown: Sequence[str]
) -> ExitCode:
    """Write the access files, tell everything, and say whether everything was done."""
    from erpsync.cli.emergency_files import declare
    from erpsync.render.emergency import render_locking, render_next_steps

    for locking in lockings:
        emit(render_locking(locking, paint_stdout()))
    written = declare(declared, access, places.access)
    emit(render_next_steps(declared, places.access, written, unknown, paint_stdout()))
    click.echo(f"run {declared.key}", err=True)
    complete = all(locking.complete for locking in lockings)
    return ExitCode.DONE if complete and not unknown and not written.by_hand else ExitCode.PARTIAL
