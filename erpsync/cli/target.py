"""``erpsync target``: is a target as erpsync needs it?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import access_option, chosen_targets, emit, format_option, paint_stdout, progress_bars
from erpsync.errors import ErpsyncError, ExitCode

if TYPE_CHECKING:
    from erpsync.connectors.base import Progress
    from erpsync.connectors.checks import Purpose
    from erpsync.model import Access, Target
    from erpsync.target_check import Checked


@click.group()
def target() -> None:
    """The live ERPs that are declared as targets."""


@target.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@access_option
@click.option(
    "--write", is_flag=True,
    help="The login in the environment is the one that applies. Default: the one that only plans.",
)  # fmt: skip
@format_option("text", "json")
def check(names: tuple[str, ...], access_dir: Path, write: bool, output_format: str) -> int:
    """Test connection, login, rights, catalogue, clock and accounts of targets; all without a NAME.

    Nothing is written, also not to try whether it could be: rights are asked for. The login that plans
    must not be able to write, the one that applies must be able to do what apply does and nothing else.
    Give --write to check the latter. Exit code 1 if a target cannot be reached or does not let the login
    in, 4 if something that is needed is missing.
    """
    from erpsync.access import load_valid
    from erpsync.connectors.checks import Purpose
    from erpsync.reading import read_each
    from erpsync.render.target_check import checks_json, render_checks

    access = load_valid(access_dir)
    purpose = Purpose.APPLY if write else Purpose.PLAN
    with progress_bars() as progress_of:
        readings = read_each(chosen_targets(access, names), partial(_checked, access, purpose), progress_of)
    checked = [reading.found for reading in readings if reading.found]
    emit(checks_json(checked) if output_format == "json" else render_checks(checked, paint_stdout()))
    if not all(item.reached for item in checked):
        return ExitCode.ERROR
    return ExitCode.REFUSED if any(item.failed for item in checked) else ExitCode.DONE


def _checked(access: Access, purpose: Purpose, target: Target, progress: Progress) -> Checked:
    """Log in for reading, whatever the login is for, and look around."""
    from erpsync.connectors.registry import connect, find_connector
    from erpsync.target_check import Checked, as_check, check_target

    login = ""
    try:
        connection = connect(target, access.timezone, progress)
        login = connection.username
        with find_connector(target).read(connection) as reader:
            checks = tuple(check_target(access, target, reader, login, purpose))
    except ErpsyncError as error:
        return Checked(target, login, purpose, reached=False, checks=(as_check("connection", error),))
    return Checked(target, login, purpose, reached=True, checks=checks)
