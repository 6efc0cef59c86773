"""``erpsync validate``: check the access files."""

from __future__ import annotations

from pathlib import Path

import click

from erpsync.cli.common import access_option, emit, format_option, paint_stdout
from erpsync.errors import ExitCode


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
    counts = {"files": validated.files, "users": len(validated.access.users), "roles": len(validated.access.roles),
              "errors": validated.errors}  # fmt: skip
    match output_format:
        case "json":
            emit(to_json(validated.findings, counts))
        case "github":
            emit(to_github(validated.findings))
        case "sarif":
            emit(to_sarif(validated.findings))
        case _:
            paint = paint_stdout()
            emit(render_findings(validated.findings, paint))
            read = f"{plural(counts['files'], 'file')}, {plural(counts['users'], 'user')}, {plural(counts['roles'], 'role')}"
            verdict = paint(plural(validated.errors, "error"), "red") if validated.errors else paint("valid", "green")
            emit(f"{access_dir}: {verdict} ({read})\n")
    return ExitCode.REFUSED if validated.errors else ExitCode.DONE
