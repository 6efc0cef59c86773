"""Separation of duties as text and JSON: conflicts, one of them explained, and what roles would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from erpsync.model import Access, Risk, User
from erpsync.policy.base import PolicyFinding
from erpsync.policy.days import Spans
from erpsync.policy.sod_explain import Chain, Explanation, Side
from erpsync.policy.sod_rule import Told
from erpsync.policy.sod_words import MENDS, days
from erpsync.policy.what_if import Moved, Outcome
from erpsync.render.escape import plain
from erpsync.render.text import RISK_COLOUR, Paint
from erpsync.render.words import plural

_MOST = 5
"""Most people named who could take over."""
_LEVELS_ZH = {Risk.LOW: "低", Risk.MEDIUM: "中", Risk.HIGH: "高", Risk.CRITICAL: "关键"}
_RESPONSES_ZH = {"block": "阻止", "mitigate": "须有补偿控制", "warn": "警告", "record": "记录"}


def render_list(told: Sequence[Told], lang: str, paint: Paint) -> str:
    """Every conflict, by risk: what it is, where it is brought about, and what follows."""
    lines = []
    for item in sorted(told, key=lambda item: item.finding.id):
        finding = item.finding
        violation = finding.violation
        head = f"{finding.rule.removeprefix('sod/')} {_level(finding.level, lang)}"
        message = violation.message_zh if lang == "zh" else violation.message
        lines += [f"{paint(head, RISK_COLOUR[finding.level])}: {plain(message)}"]
        lines += [f"    {violation.at.file}:{violation.at.line}; {_follows(finding, lang)}"]
    return "\n".join([*lines, _sum(told, lang)]) + "\n"


def _sum(told: Sequence[Told], lang: str) -> str:
    opened = sum(item.finding.made_up is None for item in told)
    blocking = sum(item.finding.blocks for item in told)
    if lang == "zh":
        return f"职责冲突 {len(told)} 项：未处置 {opened} 项，阻止 {blocking} 项"
    return f"{plural(len(told), 'conflict')}: {opened} not made up for, {blocking} blocking"


def _level(level: Risk, lang: str) -> str:
    return _LEVELS_ZH[level] if lang == "zh" else level.value


def _follows(finding: PolicyFinding, lang: str = "en") -> str:
    if lang == "zh":
        response = _RESPONSES_ZH[finding.response]
        return f"{response}；已由 {plain(finding.made_up)} 处置" if finding.made_up else response
    return (
        f"{finding.response}; made up for by {plain(finding.made_up)}"
        if finding.made_up
        else finding.response
    )


def list_json(told: Sequence[Told], as_of: date) -> str:
    """The same for machines."""
    ordered = sorted(told, key=lambda item: item.finding.id)
    document = {
        "as_of": as_of.isoformat(),
        "counts": {
            "conflicts": len(told),
            "open": sum(item.finding.made_up is None for item in told),
            "blocking": sum(item.finding.blocks for item in told),
        },
        "conflicts": [_entry(item) for item in ordered],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _entry(told: Told) -> dict[str, Any]:
    finding, conflict = told.finding, told.conflict
    violation = finding.violation
    return {
        "id": finding.id,
        "rule": finding.rule,
        "level": finding.level.value,
        "response": finding.response.value,
        "blocks": finding.blocks,
        "made_up_by": finding.made_up,
        "users": list(violation.users),
        "seat": conflict.seat.value if conflict else None,
        "days": _days_json(conflict.spans) if conflict else None,
        "message": violation.message,
        "message_zh": violation.message_zh,
        "hint": violation.hint,
        "hint_zh": violation.hint_zh,
        "file": violation.at.file,
        "line": violation.at.line,
        "controls": list(finding.controls),
    }


def _days_json(spans: Spans) -> list[dict[str, str | None]]:
    return [
        {"first": first.isoformat(), "last": None if last == date.max else last.isoformat()}
        for first, last in spans
    ]


def render_explanation(found: Explanation, access: Access, as_of: date, paint: Paint) -> str:
    """Why somebody has a risk, or has it not: each side with every way to it."""
    risk, conflict = found.risk, found.conflict
    name = access.users[found.users[0]].name
    lines = [
        paint(f"{plain(', '.join(found.users))} ({plain(name)}): {_verdict(found, as_of)}", "bold"),
        f"  {risk.key} {plain(risk.title)} ({risk.level}), {risk.at.file}:{risk.at.line}",
    ]
    for side in found.sides:
        lines += _side(side, access, as_of)
    if conflict:
        lines += [f"  it sits: {conflict.seat.value}", f"  what mends it: {MENDS[conflict.seat][0]}"]
    if conflict and found.told:
        lines += [f"  policy: {_follows(found.told.finding)}"]
    return "\n".join(lines) + "\n"


def _verdict(found: Explanation, as_of: date) -> str:
    risk, conflict = found.risk, found.conflict
    if conflict is None:
        missing = [" or ".join(side.functions) for side in found.sides if not side.chains]
        return (
            f"no conflict: has no {', no '.join(missing)}"
            if missing
            else "no conflict: never on one day in one scope"
        )
    within = f"; no more than {risk.max_holders} have it, which may be" if found.told is None else ""
    return f"{plain(risk.why)}{days(conflict.spans, as_of)}{within}"


def _side(side: Side, access: Access, as_of: date) -> Iterator[str]:
    titles = " or ".join(f"{key} ({plain(access.functions[key].title)})" for key in side.functions)
    yield f"  {titles}" + ("" if side.chains else ": by nothing")
    for chain in side.chains:
        yield f"    {_chain(chain, as_of)}"
    if side.takers:
        more = f" and {len(side.takers) - _MOST} more" if len(side.takers) > _MOST else ""
        names = [f"{plain(key)} ({plain(access.users[key].name)})" for key in side.takers[:_MOST]]
        yield f"    could take it over: {', '.join(names)}{more}"


def _chain(chain: Chain, as_of: date) -> str:
    item = chain.holding
    request = f" {plain(item.request)}" if item.request else ""
    way = " ← ".join((chain.function, *map(plain, reversed(chain.roles)), plain(item.via) + request))
    return f"{way} ({item.at.file}:{item.at.line}){days(((item.first, item.last),), as_of)}"


def render_what_if(outcome: Outcome, user: User, as_of: date, paint: Paint) -> str:
    """Which conflicts a change of roles would bring and end."""
    who = f"{plain(user.key)} ({plain(user.name)})"
    if not outcome.brought and not outcome.ended:
        return f"{who}: brings no conflict and ends none\n"
    lines = [f"{who}: brings {plural(len(outcome.brought), 'conflict')}, ends {len(outcome.ended)}"]
    lines += [paint(f"  + {_moved(item, as_of)}", "red") for item in outcome.brought]
    lines += [paint(f"  - {_moved(item, as_of)}", "green") for item in outcome.ended]
    if outcome.blocks:
        lines.append("refused: the policy blocks what it would bring")
    return "\n".join(lines) + "\n"


def _moved(item: Moved, as_of: date) -> str:
    """``P10 high, from 2027-01-01: chen.jing (陈静) can …; record``, the days being those that change."""
    finding = item.told.finding
    name = finding.rule.removeprefix("sod/")
    when = days(item.spans, as_of) or f", from {item.spans[0][0]}"
    return f"{name} {finding.level}{when}: {plain(finding.violation.message)}; {_follows(finding)}"
