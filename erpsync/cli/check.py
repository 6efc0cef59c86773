"""``erpsync check``: hold the files and the live ERP against the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    access_option,
    as_of_option,
    emit,
    format_option,
    lang_option,
    output_option,
    paint_stdout,
    target_option,
    today,
    write_file,
)
from erpsync.cli.deep import deep_facts, no_facts
from erpsync.cli.findings import baseline_option, chosen, must_name_rules, read_baseline, rules_of
from erpsync.cli.reading import read_targets, several
from erpsync.errors import ExitCode

if TYPE_CHECKING:
    from erpsync.connectors.base import Reader
    from erpsync.model import Access, Target
    from erpsync.policy.base import LiveTarget, Rule
    from erpsync.policy.report import PolicyReport

    Permissions = Mapping[str, frozenset[str]]
    Look = Callable[[Reader, Access, Target], Permissions]


@click.command()
@access_option
@target_option
@as_of_option
@click.option(
    "--live", "live_file", type=click.Path(path_type=Path), metavar="FILE",
    help="Look at a recorded snapshot instead of the ERP itself.",
)  # fmt: skip
@click.option(
    "--only", "patterns", multiple=True, metavar="PATTERN",
    help="Only rules with this id, for example 'sod*'; may be repeated.",
)  # fmt: skip
@click.option(
    "--deep", is_flag=True,
    help="Look also at what roles really allow in the ERP, for the rules deep/* and sod-deep/*.",
)  # fmt: skip
@baseline_option
@lang_option
@format_option("text", "json", "sarif", "github", "markdown")
@output_option("Write the result here. As JSON it is a baseline for later runs.")
def check(
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    live_file: Path | None,
    patterns: tuple[str, ...],
    deep: bool,
    baseline_file: Path | None,
    lang: str,
    output_format: str,
    output: Path | None,
) -> int:
    """Hold the access files and the live ERP against every rule. Exit code 4 if a finding refuses.

    Looks at what the files declare and at what every chosen target really has, so it finds what
    came into the ERP by hand too. Nothing is planned and nothing is changed.
    """
    from erpsync.access import load_valid
    from erpsync.policy.base import Facts, evaluate
    from erpsync.policy.report import report

    baseline = read_baseline(baseline_file)
    access = load_valid(access_dir)
    rules = rules_of(access)
    must_name_rules(patterns, rules, access)
    day = as_of or today(access)
    look = deep_facts if deep else no_facts
    readings = read_targets(access, target_names, live_file, partial(_read, access, day, look))
    failed = [(reading.target.name, reading.error) for reading in readings if reading.error]
    if len(failed) == len(readings):
        raise several(failed, "no target could be read")
    read = [reading.found for reading in readings if reading.found]
    live = {target.name: target for target, _ in read}
    facts = Facts(access, day, live, {target.name: allowed for target, allowed in read if allowed})
    found = chosen(evaluate(facts, rules), patterns)
    made = report(found, day, baseline)
    text = _rendered(made, rules, output_format, lang, coloured=output is None)
    if output:
        write_file(output, text)
    else:
        emit(text)
    if failed:
        raise several(failed, "what was found is without targets that could not be read")
    return ExitCode.REFUSED if made.blocks else ExitCode.DONE


def _read(
    access: Access, day: date, look: Look, target: Target, reader: Reader
) -> tuple[LiveTarget, Permissions]:
    """A target as it is, and what its entitlements really allow."""
    from erpsync.connectors.base import last_logins
    from erpsync.policy.live_target import live_target

    snapshot = reader.snapshot()
    used = last_logins(reader, snapshot.accounts.keys())
    live = live_target(access, target, snapshot, reader.capabilities, day, used)
    return live, look(reader, access, target)


def _rendered(
    made: PolicyReport, rules: Sequence[Rule], output_format: str, lang: str, *, coloured: bool
) -> str:
    from erpsync.render.policy import render_markdown, render_text
    from erpsync.render.policy_machine import policy_github, policy_json, policy_sarif
    from erpsync.render.text import no_paint

    match output_format:
        case "json":
            return policy_json(made)
        case "sarif":
            return policy_sarif(made, rules, lang)
        case "github":
            return policy_github(made, lang)
        case "markdown":
            return render_markdown(made, lang)
        case _:
            return render_text(made, paint_stdout() if coloured else no_paint, lang)
