"""What was found out about targets, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from erpsync.connectors.checks import Check, Verdict
from erpsync.render.escape import plain
from erpsync.render.text import Paint, no_paint
from erpsync.render.words import plural
from erpsync.target_check import Checked

FORMAT = "erpsync-target-check/1"
LONGEST = 1000
"""Most characters of one message or hint."""

_COLOURS = {
    Verdict.OK: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "red",
    Verdict.UNKNOWN: "bright_black",
}


def render_checks(checked: Sequence[Checked], paint: Paint = no_paint) -> str:
    """Every check on a line, with its hint below, and at the end of each target the figures."""
    return "\n".join("".join(f"{line}\n" for line in _target(item, paint)) for item in checked)


def _target(checked: Checked, paint: Paint) -> Iterator[str]:
    who = f" as {plain(checked.login)}" if checked.login else ""
    yield paint(f"{checked.target.name} ({checked.target.connector}){who}, to {checked.purpose}", "bold")
    wide = max(len(check.name) for check in checked.checks)
    for check in checked.checks:
        yield f"  {paint(f'{check.verdict:<7}', _COLOURS[check.verdict])}  {_line(check, wide)}"
        if check.hint:
            yield f"  {'':<7}  {'':<{wide}}  hint: {_cut(check.hint)}"
    yield f"  {_figures(checked)}"


def _line(check: Check, wide: int) -> str:
    return f"{plain(check.name):<{wide}}  {_cut(check.message)}"


def _cut(text: str) -> str:
    return plain(text) if len(text) <= LONGEST else f"{plain(text[:LONGEST])}…"


def _figures(checked: Checked) -> str:
    counts = [(Verdict.FAIL, "failed"), (Verdict.WARN, "to be looked at"), (Verdict.UNKNOWN, "not known")]
    parts = [f"{checked.count(verdict)} {words}" for verdict, words in counts if checked.count(verdict)]
    return f"{plural(len(checked.checks), 'check')}: {', '.join(parts) or 'all is well'}"


def checks_json(checked: Sequence[Checked]) -> str:
    """The same for programs."""
    targets = [
        {
            "target": item.target.name,
            "connector": item.target.connector,
            "login": item.login,
            "purpose": item.purpose.value,
            "reached": item.reached,
            "checks": [
                {
                    "name": check.name,
                    "verdict": check.verdict.value,
                    "message": check.message[:LONGEST],
                    "hint": check.hint[:LONGEST] if check.hint else None,
                }
                for check in item.checks
            ],
        }
        for item in checked
    ]
    return json.dumps({"format": FORMAT, "targets": targets}, ensure_ascii=False, indent=2) + "\n"
