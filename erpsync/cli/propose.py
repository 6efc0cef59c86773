"""``erpsync propose``: what the access files could say more simply."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    access_option,
    as_of_option,
    emit,
    format_option,
    lang_option,
    paint_stdout,
    today,
)
from erpsync.errors import ExitCode, RefusedError

if TYPE_CHECKING:
    from erpsync.model import Access
    from erpsync.render.mining import Told


@click.group()
def propose() -> None:
    """What the access files could say more simply."""


@propose.command()
@access_option
@as_of_option
@click.option("--write", is_flag=True, help="Write the proposal into the access files, for a pull request.")
@click.option(
    "--allow-extra", is_flag=True,
    help="Also give a group what nearly all of it hold; some people then get more than today.",
)  # fmt: skip
@click.option(
    "--coverage", type=click.IntRange(50, 100), default=90, show_default=True, metavar="PERCENT",
    help="How many of a position or department nearly all are.",
)  # fmt: skip
@click.option(
    "--least-people", type=click.IntRange(min=2), default=3, show_default=True, metavar="N",
    help="How many people a role is for at least.",
)  # fmt: skip
@click.option(
    "--most-roles", type=click.IntRange(min=1), default=1000, show_default=True, metavar="N",
    help="How many roles are proposed at most; those that save most come first.",
)  # fmt: skip
@format_option("text", "markdown")
@lang_option
def roles(
    access_dir: Path,
    as_of: date | None,
    write: bool,
    allow_extra: bool,
    coverage: int,
    least_people: int,
    most_roles: int,
    output_format: str,
    lang: str,
) -> int:
    """Find the business roles behind who holds what, by position, department and likeness.

    A role is proposed where it says the same in fewer words. Only assignments without end and without a
    request are replaced; the others stay. Nobody gets more or less than today, which is proved before
    anything is written, unless --allow-extra is given; then it says who gets what.
    """
    from erpsync.access import must_be_valid
    from erpsync.importing.values import UNSORTED
    from erpsync.mining.proposing import propose_roles
    from erpsync.mining.terms import Terms
    from erpsync.render.mining import Told, render_markdown, render_text

    validated = must_be_valid(access_dir)
    access = validated.build()
    day = as_of or today(access)
    limited = {key for key, role, _ in validated.merged.good("roles") if "max_duration" in role}
    terms = Terms(least_people, coverage / 100, most_roles, allow_extra=allow_extra)
    proposal = propose_roles(access, day, terms, limited, UNSORTED)
    told = Told(proposal, access, day, terms.coverage, lang, sees_conflicts=bool(access.functions))
    files = _write(access_dir, access, told, day, extra=allow_extra) if write and proposal.roles else ()
    told = replace(told, files=files)
    emit(render_markdown(told) if output_format == "markdown" else render_text(told, paint_stdout()))
    return ExitCode.DONE


def _write(access_dir: Path, access: Access, told: Told, day: date, *, extra: bool) -> tuple[str, ...]:
    """Write the files with the proposal, all of them or none; their paths.

    Raises:
        RefusedError: they would not be right, or somebody's access would change; nothing is written.
    """
    from erpsync.access import InvalidFilesError, validate
    from erpsync.cli.written import all_or_nothing, read
    from erpsync.mining.applied import changed_users
    from erpsync.mining.entries import proposal_texts
    from erpsync.model import Severity
    from erpsync.render.mining import why

    def current(name: str) -> str | None:
        return read(Path(name)) if Path(name).exists() else None

    reasons = {item.role.key: why(item, told) for item in told.proposal.roles}
    texts = proposal_texts(access, told.proposal, reasons, access_dir.as_posix(), current)
    with all_or_nothing({Path(name): (current(name), text) for name, text in texts.items()}):
        validated = validate(access_dir)
        if validated.errors:
            errors = [item for item in validated.findings if item.severity is Severity.ERROR]
            raise InvalidFilesError(tuple(errors))
        meant = told.proposal.access if extra else access
        changed = changed_users(meant, validated.build(), day)
        if changed:
            raise RefusedError(
                f"the access of {', '.join(changed[:20])} would change, so nothing was written",
                hint="this is a fault of erpsync; please report it",
            )
    return tuple(texts)
