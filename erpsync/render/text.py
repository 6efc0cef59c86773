"""Plans, drift and results as text for a terminal or a log. Styles go through ``paint``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from erpsync.apply import Result
from erpsync.connectors.base import AS_MEANT, Outcome, Status
from erpsync.model import Account, AccountChange, Finding, HeldBack, Risk, Severity
from erpsync.plan import Plan, TargetPlan, Unread
from erpsync.render.escape import plain, plain_lines
from erpsync.render.gaps import in_words
from erpsync.render.words import DRIFT, PLAN, Telling, because, left_over, sentence, shard_words, who

_Item = TypeVar("_Item")

Paint = Callable[[str, str], str]
"""Gives a text a colour: ``paint("text", "red")``."""

SHOWN = 200
"""Most accounts shown of one kind; what is left out is counted. JSON has everything."""

_SIGN_COLOUR = {"-": "red", "+": "green", "~": "yellow", "!": "yellow"}
RISK_COLOUR = {
    Risk.LOW: "bright_black",
    Risk.MEDIUM: "yellow",
    Risk.HIGH: "red",
    Risk.CRITICAL: "bright_red",
}


def no_paint(text: str, colour: str) -> str:  # noqa: ARG001 - the signature of Paint
    """Leave the text as it is."""
    return text


def render_plan(plan: Plan, paint: Paint = no_paint) -> str:
    """A plan: the figures first, then every account, the riskiest gain first."""
    return _document(plan, PLAN, paint)


def render_drift(plan: Plan, paint: Paint = no_paint) -> str:
    """Drift: the same differences, told as what is found in the ERP."""
    return _document(plan, DRIFT, paint)


def _document(plan: Plan, telling: Telling, paint: Paint) -> str:
    commit = f", commit {plan.commit[:12]}" if plan.commit else ""
    lines = [f"{telling.title} for {plan.as_of}{shard_words(plan)}{commit}"]
    for told in plan.told:
        part = _unread(told, paint) if isinstance(told, Unread) else _target(told, telling, paint)
        lines += ["", *part]
    return "\n".join(lines) + "\n"


def _unread(unread: Unread, paint: Paint) -> Iterator[str]:
    yield paint(f"{unread.target}: could not be read", "bold")
    for line in bounded(unread.message.splitlines()):
        yield paint(f"  {plain(line.strip())}", "red")
    if unread.hint:
        yield f"  hint: {plain(unread.hint)}"


def _target(plan: TargetPlan, telling: Telling, paint: Paint) -> Iterator[str]:
    rest = left_over(plan)
    yield paint(f"{plan.target}: {telling.headline(plan)}", "bold") + (f" ({rest})" if rest else "")
    for words in plan.excess:
        yield paint(f"  over a limit: {plain(words)}", "red")
    for gap in plan.gaps:
        yield f"  note: {plain(in_words(gap))}"
    for change in bounded(telling.ordered(plan.accounts)):
        if isinstance(change, str):
            yield f"  {change}"
        else:
            yield from _account(change, telling, paint)
    if plan.held:
        yield ""
        yield "  Held back, not changed:"
        for held in bounded(plan.held):
            yield f"  {held}" if isinstance(held, str) else _held(held)
    if plan.unmanaged:
        yield ""
        yield "  Unmanaged accounts, which git does not know and nothing changes:"
        for account in bounded(plan.unmanaged):
            yield f"    {account}" if isinstance(account, str) else f"    {_unmanaged(account)}"


def _account(change: AccountChange, telling: Telling, paint: Paint) -> Iterator[str]:
    risk = paint(f"{change.risk.value:<8}", RISK_COLOUR[change.risk])
    yield f"  {risk}  {plain(who(change))}"
    for item in change.changes:
        sign = telling.sign(item)
        yield paint(f"      {sign} {plain(telling.say(item))}", _SIGN_COLOUR[sign])
        for reason in item.reasons:
            yield paint(f"          {plain(because(reason))}", "bright_black")
    if needs := telling.needs(change):
        yield f"      needs: {plain(needs)}"


def _held(held: HeldBack) -> str:
    what = "; ".join(sentence(change) for change in held.changes)
    return f"    {plain(held.login)}: {plain(what)} [{plain(held.why)}]"


def _unmanaged(account: Account) -> str:
    name = f" ({plain(account.name)})" if account.name else ""
    holds = ", ".join(grant.entitlement for grant in account.grants) or "nothing"
    state = "active" if account.active else "locked"
    return f"{plain(account.login)}{name}: {state}, holds {plain(holds)}"


def bounded(items: Sequence[_Item], elsewhere: str = "--format json has them all") -> Iterator[_Item | str]:
    """The first `SHOWN` items, and a line that says how many are left out and where they are."""
    yield from islice(items, SHOWN)
    if len(items) > SHOWN:
        yield f"… and {len(items) - SHOWN} more, left out here; {elsewhere}"


def render_findings(findings: Sequence[Finding], paint: Paint = no_paint) -> str:
    """Findings as ``file:line:col: severity: message [rule]``, each with its hint below."""
    lines = []
    for finding in findings:
        colour = "red" if finding.severity is Severity.ERROR else "yellow"
        severity = paint(finding.severity.value, colour)
        lines.append(f"{plain(str(finding.at))}: {severity}: {plain(finding.message)} [{finding.rule}]")
        if finding.hint:
            lines.append(f"  hint: {plain(finding.hint)}")
    return "".join(f"{line}\n" for line in lines)


_STATUS_WORDS = {
    Status.DONE: "done",
    Status.ALREADY: "already as planned",
    Status.MOVED: "moved, not written",
    Status.FAILED: "failed",
    Status.UNKNOWN: "not known",
    Status.NOT_TRIED: "not tried",
    Status.HANDED_OVER: "handed over, not done yet",
}


def render_results(results: Iterable[Result], paint: Paint = no_paint) -> str:
    """What an apply did: the figures, then every account that is not done."""
    lines: list[str] = []
    for result in results:
        counts = [
            f"{result.count(status)} {words}"
            for status, words in _STATUS_WORDS.items()
            if result.count(status)
        ]
        lines.append(paint(f"{result.target}: {', '.join(counts) or 'nothing to do'}", "bold"))
        if result.stopped:
            lines.append(paint(f"  stopped: {plain_lines(result.stopped)}", "red"))
        if result.count(Status.HANDED_OVER):
            lines.append("  plan and drift go on showing it until the next export proves it done")
        open_ends = [item for item in result.outcomes if item.status not in AS_MEANT]
        shown = bounded(open_ends, "erpsync plan tells what is left to do")
        lines.extend(f"  {item if isinstance(item, str) else _outcome(item)}" for item in shown)
    return "".join(f"{line}\n" for line in lines)


def _outcome(outcome: Outcome) -> str:
    why = f": {plain(outcome.message)}" if outcome.message else ""
    return f"{plain(outcome.login)}: {outcome.status.value}{why}"
