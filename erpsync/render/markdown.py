"""A plan as Markdown for a pull request: bounded, and with everything escaped."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.model import AccountChange
from erpsync.plan import Plan, TargetPlan
from erpsync.render.escape import markdown
from erpsync.render.words import DRIFT, PLAN, Telling, because, left_over, plural, sentence, who

LIMIT = 60_000
"""Characters at most: a comment on GitHub holds 65,536."""


def render_plan(plan: Plan) -> str:
    """A plan as it stands in a comment: the figures, then the accounts, the riskiest gain first."""
    return _document(plan, PLAN)


def render_drift(plan: Plan) -> str:
    """Drift, told as what is found in the ERP."""
    return _document(plan, DRIFT)


def _document(plan: Plan, telling: Telling) -> str:
    """Every target's figures, and as many entries below them as there is room for."""
    title = f"### Access {telling.title.lower()} for {plan.as_of}\n\n"
    figures = [_figures(target, telling) for target in plan.targets]
    room = LIMIT - len(title) - sum(len(head) + 1 for head in figures) - len(_cut(10**9))
    left = 0
    parts = []
    for target, head in zip(plan.targets, figures, strict=True):
        parts.append(head)
        for block in _blocks(target, telling):
            if len(block) > room:
                left += 1
                continue
            room -= len(block)
            parts.append(block)
        parts.append("\n")
    return "".join([title, _cut(left) if left else "", *parts])


def _cut(left: int) -> str:
    entries = plural(left, "entry is", "entries are")
    return f"> **Cut short**: {entries} left out here. The plan file has them all.\n\n"


def _figures(target: TargetPlan, telling: Telling) -> str:
    rest = left_over(target)
    figures = f"**{markdown(target.target)}: {telling.headline(target)}**"
    over = "".join(f"- **over a limit**: {markdown(words)}\n" for words in target.excess)
    return (f"{figures} ({rest})\n\n" if rest else f"{figures}\n\n") + over


def _blocks(plan: TargetPlan, telling: Telling) -> Iterator[str]:
    for change in telling.ordered(plan.accounts):
        yield _account(change, telling)
    for held in plan.held:
        what = "; ".join(sentence(change) for change in held.changes)
        yield f"- {markdown(held.login)}: held back: {markdown(what)} ({markdown(held.why)})\n"
    for account in plan.unmanaged:
        yield f"- {markdown(account.login)}: unmanaged, {'active' if account.active else 'locked'}\n"


def _account(change: AccountChange, telling: Telling) -> str:
    lines = [f"- **{markdown(who(change))}**, {change.risk.value} risk\n"]
    for item in change.changes:
        why = "; ".join(because(reason) for reason in item.reasons)
        lines.append(f"  - {markdown(telling.say(item))}" + (f": {markdown(why)}" if why else "") + "\n")
    return "".join(lines)
