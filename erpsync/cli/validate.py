"""``erpsync validate``: check the access files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import access_option, emit, format_option, paint_stdout
from erpsync.errors import ExitCode

if TYPE_CHECKING:
    from erpsync.access import Validated


@click.command()
@access_option
@format_option("text", "json", "github", "sarif")
def validate(access_dir: Path, output_format: str) -> int:
    """Check the access files and report everything that is wrong with them.

    Every finding of a run is reported at once, sorted, with its place, what was expected and what
    was found, and a hint. Exit code 4 if there is an error.
    """
    from erpsync.access import validate as validate_files
    from erpsync.render.findings import to_github, to_json, to_sarif
    from erpsync.render.text import render_findings
    from erpsync.render.words import plural

    validated = validate_files(access_dir)
    match output_format:
        case "json":
            emit(to_json(validated.findings, _counts(validated)))
        case "github":
            emit(to_github(validated.findings))
        case "sarif":
            emit(to_sarif(validated.findings))
        case _:
            paint = paint_stdout()
            wrong = plural(validated.errors, "error")
            verdict = paint(wrong, "red") if validated.errors else paint("valid", "green")
            read = ", ".join(
                plural(count, what[:-1]) for what, count in _counts(validated).items() if what != "errors"
            )
            emit(render_findings(validated.findings, paint))
            emit(f"{access_dir}: {verdict} ({read})\n")
    return ExitCode.REFUSED if validated.errors else ExitCode.DONE


def _counts(validated: Validated) -> dict[str, int]:
    users, roles = validated.count("users"), validated.count("roles")
    return {"files": validated.files, "users": users, "roles": roles, "errors": validated.errors}
