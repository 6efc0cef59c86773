"""``erpsync ci drift``: what the scheduled job finds, kept in one issue."""

from __future__ import annotations

import os
from pathlib import Path

import click

from erpsync.cli.ci.telling import bring_journals, summarise
from erpsync.cli.common import access_option, emit, lang_option, state_option, today
from erpsync.cli.reading import must_be_whole, plan_of
from erpsync.cli.reviewing import github
from erpsync.errors import ExitCode

MARKER = "<!-- erpsync drift -->"
"""What the one issue is found by."""
TITLE = {"en": "Access drift: the ERP differs from git", "zh": "权限偏差：ERP 与 git 不一致"}


@click.command()
@access_option
@lang_option
@state_option
@click.option(
    "--days", type=click.IntRange(0, 366), default=14, show_default=True, help="How far to look ahead."
)
def drift(access_dir: Path, lang: str, days: int, state_dir: Path) -> int:
    """Report drift, and what begins or ends soon, in one issue. Exit code 3 if there is drift.

    The issue is opened when drift is found, updated while it lasts, and closed when it is gone. On
    a laptop the report is printed.
    """
    from erpsync.access import load_valid
    from erpsync.agenda import coming
    from erpsync.cli.open_emergencies import keep_locked
    from erpsync.forge.job import this_job
    from erpsync.render.watch import render_watch

    access = load_valid(access_dir)
    bring_journals(access, access_dir, state_dir)
    day = today(access)
    found = plan_of(keep_locked(access, state_dir), access_dir, (), day, None)
    report = render_watch(found, coming(access, day, days), access, days, lang)
    summarise(report, this_job(os.environ))
    forge = github()
    if forge is None:
        emit(report)
    elif found.drift or found.unread:
        address = forge.put_issue(MARKER, TITLE[lang], f"{MARKER}\n{report}")
        emit(f"told at {address}\n")
    else:
        forge.close_issue(MARKER, "The drift is gone: the ERP is as declared in git.")
        emit("no drift\n")
    must_be_whole(found)
    return ExitCode.CHANGES if found.drift else ExitCode.DONE
