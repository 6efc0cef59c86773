"""``erpsync validate``: check the access files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    access_option,
    as_of_option,
    cache_option,
    emit,
    format_option,
    paint_stdout,
    remembering,
    state_option,
)
from erpsync.cli.findings import baseline_option
from erpsync.errors import ExitCode

if TYPE_CHECKING:
    from erpsync.access import Validated


@click.command()
@access_option
@state_option
@as_of_option
@baseline_option
@cache_option
@format_option("text", "json", "github", "sarif")
def validate(
    access_dir: Path,
    state_dir: Path,
    as_of: date | None,
    baseline_file: Path | None,
    no_cache: bool,
    output_format: str,
) -> int:
    """Check the access files and report everything that is wrong with them.

    Every finding of a run is reported at once, sorted, with its place, what was expected and what
    was found, and a hint. Exit code 4 if there is an error. Who was locked in an emergency that the
    files do not know yet is a warning.

    Files that are right and say what findings of the policy do (policy:, risks: or rules:) are held
    against the rules too. What is only recorded, or made up for, is counted: erpsync check shows it.
    """
    from erpsync.access import validate_lean
    from erpsync.render.findings import to_github, to_json, to_sarif
    from erpsync.render.text import render_findings
    from erpsync.render.words import plural

    with remembering(state_dir, no_cache=no_cache) as memory:
        validated = _with_emergencies(validate_lean(access_dir, memory), access_dir, state_dir)
    validated, quiet = _with_policy(validated, as_of, baseline_file)
    match output_format:
        case "json":
            emit(to_json(validated.findings, {**_counts(validated), **quiet}))
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
            emit(f"{access_dir}: {verdict} ({read})\n{_quiet_line(quiet)}")
    return ExitCode.REFUSED if validated.errors else ExitCode.DONE


def _with_emergencies(validated: Validated, access_dir: Path, state_dir: Path) -> Validated:
    """What was found, and what the journals tell of emergencies that these files do not declare."""
    from erpsync.cli.open_emergencies import open_emergencies_in
    from erpsync.open_emergencies import not_merged

    merged = validated.merged
    open_ones = open_emergencies_in(state_dir, merged["emergencies"])
    places = validated.places_of({key for emergency in open_ones for key in emergency.users})
    findings = [*validated.findings, *not_merged(open_ones, places, access_dir.as_posix())]
    return replace(validated, findings=tuple(sorted(findings, key=lambda finding: finding.order)))


def _with_policy(
    validated: Validated, as_of: date | None, baseline_file: Path | None
) -> tuple[Validated, dict[str, int]]:
    """What was found, and what the rules find in files that are right; and how many only count.

    Counted are those that are recorded, made up for, and known from the baseline.
    """
    from erpsync.cli.findings import SAID, read_baseline

    baseline = read_baseline(baseline_file)
    if validated.errors or not any(validated.merged[section] for section in SAID):
        return validated, {}
    from erpsync.cli.common import today
    from erpsync.cli.findings import declared_findings
    from erpsync.policy.report import as_finding, is_quiet, report

    access = validated.build()
    day = as_of or today(access)
    made = report(declared_findings(access, day), day, baseline)
    told = [as_finding(finding) for finding in made.findings if not is_quiet(finding)]
    findings = sorted([*validated.findings, *told], key=lambda finding: finding.order)
    counts = {kind: made.counts[kind] for kind in ("record", "made_up", "known")}
    return replace(validated, findings=tuple(findings)), counts


_QUIET = {"record": "recorded", "made_up": "made up for", "known": "known from the baseline"}


def _quiet_line(counts: dict[str, int]) -> str:
    """``12 recorded: erpsync check shows them``; nothing where there is nothing to count."""
    told = ", ".join(f"{count} {_QUIET[kind]}" for kind, count in counts.items() if count)
    return f"policy: {told}: erpsync check shows them\n" if told else ""


def _counts(validated: Validated) -> dict[str, int]:
    users, roles = validated.count("users"), validated.count("roles")
    return {"files": validated.files, "users": users, "roles": roles, "errors": validated.errors}
