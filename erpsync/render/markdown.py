"""A plan as Markdown for a pull request: bounded, and with everything escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from erpsync.model import Account, AccountChange, HeldBack
from erpsync.plan import Plan, TargetPlan, Unread
from erpsync.render.escape import markdown, short
from erpsync.render.gaps import in_words
from erpsync.render.page import LIMIT, Entry, Section, fit, size
from erpsync.render.words import DRIFT, PLAN, Telling, because, left_over, plural, sentence, shard_words, who


def render_plan(plan: Plan, before: Sequence[Section] = ()) -> str:
    """A plan as it stands in a comment: the figures, then the accounts, the riskiest gain first.

    ``before`` stands above them.
    """
    return _document(plan, PLAN, before=before)


def render_drift(plan: Plan, room: int = LIMIT) -> str:
    """Drift, told as what is found in the ERP, within so much room as `size` counts it."""
    return _document(plan, DRIFT, room)


def _document(plan: Plan, telling: Telling, room: int = LIMIT, before: Sequence[Section] = ()) -> str:
    """Every target's figures, and as many entries below them as there is room for."""
    title = f"### Access {telling.title.lower()} for {plan.as_of}{shard_words(plan)}\n\n"
    targets = [
        unread_section(told)
        if isinstance(told, Unread)
        else Section(_figures(told, telling), _entries(told, telling), "\n")
        for told in plan.told
    ]
    sections = [*before, *targets]
    shown, left = fit(sections, room - size(title) - size(_cut(10**9)))
    return "".join([title, _cut(left) if left else "", shown])


def unread_section(unread: Unread, words: str = "could not be read") -> Section:
    """A target that could not be read: why, and what to do about it, as a quotation."""
    lines = [*unread.message.splitlines(), *([f"hint: {unread.hint}"] if unread.hint else [])]
    entries = [partial("> {}\n>\n".format, short(line.strip())) for line in lines]
    return Section(f"**{short(unread.target)}: {words}**\n\n", entries, "\n")


def _cut(left: int) -> str:
    entries = plural(left, "entry is", "entries are")
    return f"> **Cut short**: {entries} left out here. The plan file has them all.\n\n"


def _figures(target: TargetPlan, telling: Telling) -> str:
    rest = left_over(target)
    figures = f"**{markdown(target.target)}: {telling.headline(target)}**"
    over = "".join(f"- **over a limit**: {markdown(words)}\n" for words in target.excess)
    notes = "".join(f"- note: {markdown(in_words(gap))}\n" for gap in target.gaps)
    return (f"{figures} ({rest})\n\n" if rest else f"{figures}\n\n") + over + notes


def _entries(plan: TargetPlan, telling: Telling) -> Iterator[Entry]:
    for change in telling.ordered(plan.accounts):
        yield partial(account_entry, change, telling)
    yield from untouched_entries(plan)


def account_entry(change: AccountChange, telling: Telling) -> str:
    """One account as an entry of a list, with all its changes and why each."""
    lines = [f"- **{markdown(who(change))}**, {change.risk.value} risk\n"]
    for item in change.changes:
        why = "; ".join(because(reason) for reason in item.reasons)
        lines.append(f"  - {markdown(telling.say(item))}" + (f": {markdown(why)}" if why else "") + "\n")
    if needs := telling.needs(change):
        lines.append(f"  - needs: {markdown(needs)}\n")
    return "".join(lines)


def untouched_entries(plan: TargetPlan) -> Iterator[Entry]:
    """What a plan leaves as it is: differences that are held back, accounts that git does not know."""
    for held in plan.held:
        yield partial(_held, held)
    for account in plan.unmanaged:
        yield partial(_unmanaged, account)


def _held(held: HeldBack) -> str:
    what = "; ".join(sentence(change) for change in held.changes)
    return f"- {short(held.login)}: held back: {markdown(what)} ({markdown(held.why)})\n"


def _unmanaged(account: Account) -> str:
    return f"- {short(account.login)}: unmanaged, {'active' if account.active else 'locked'}\n"
