"""Changes in words: the same sentences in text and in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from erpsync.approval_rules import part_from_text, part_in_words
from erpsync.model import AccountChange, Change, ChangeKind, Grant, Reason, Value, fold
from erpsync.plan import Plan, TargetPlan
from erpsync.summary import figures, gives


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 user``, ``2 users``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def shard_words(plan: Plan) -> str:
    """``, shard 2/4`` after the day of a plan that is one of several; else nothing."""
    return f", shard {plan.shard}" if plan.shard else ""


def headline(plan: TargetPlan) -> str:
    """What happens to how many: ``3 users gain access, 2 lose it, 1 is locked``."""
    if not plan.accounts:
        return "no changes"
    count = figures(plan.accounts)
    parts = []
    if count.gain:
        parts.append(f"{plural(count.gain, 'user')} {'gains' if count.gain == 1 else 'gain'} access")
    if count.lose:
        verb = "loses" if count.lose == 1 else "lose"
        parts.append(f"{count.lose} {verb} it" if parts else f"{plural(count.lose, 'user')} {verb} access")
    if count.locked:
        verb = "is" if count.locked == 1 else "are"
        parts.append(
            f"{count.locked} {verb} locked" if parts else f"{plural(count.locked, 'user')} {verb} locked"
        )
    if count.other:
        parts.append(
            f"{plural(count.other, 'other change')}" if parts else f"{plural(count.other, 'user')} updated"
        )
    return ", ".join(parts)


def drift_headline(plan: TargetPlan) -> str:
    """How many accounts are not as declared: ``2 accounts differ``."""
    if not plan.drift:
        return "no drift"
    differing = {change.login for change in plan.accounts} | {held.login for held in plan.held}
    parts = [f"{plural(len(differing), 'account')} {'differs' if len(differing) == 1 else 'differ'}"] * bool(
        differing
    )
    if plan.unmanaged_is_drift and plan.unmanaged:
        parts.append(f"{plural(len(plan.unmanaged), 'account')} unknown to git")
    return ", ".join(parts)


def left_over(plan: TargetPlan) -> str:
    """What the plan leaves as it is, or nothing."""
    parts = []
    if plan.held:
        parts.append(f"{plural(sum(len(held.changes) for held in plan.held), 'difference')} held back")
    if plan.unmanaged:
        parts.append(plural(len(plan.unmanaged), "unmanaged account"))
    return ", ".join(parts)


def who(change: AccountChange) -> str:
    """The user, with the login where it differs, and the name: ``he.qi as HQ0020 (何琪)``."""
    login = "" if fold(change.login) == fold(change.user) else f" as {change.login}"
    name = f" ({change.after.name})" if change.after.name and change.after.name != change.user else ""
    return f"{change.user}{login}{name}"


def sentence(change: Change) -> str:
    """What will be done."""
    match change.kind:
        case ChangeKind.CREATE:
            return "create the account"
        case ChangeKind.LOCK:
            return "lock the account"
        case ChangeKind.UNLOCK:
            return "unlock the account"
        case ChangeKind.GRANT:
            return f"grant {change.subject}{spans(change.after)}"
        case ChangeKind.REVOKE:
            return f"revoke {change.subject}{spans(change.before)}"
        case ChangeKind.RETIME:
            return f"change the time of {change.subject}: {_open(change.before)} → {_open(change.after)}"
        case ChangeKind.RESCOPE:
            return f"{change.subject}: {_listed(change.before)} → {_listed(change.after)}"
        case ChangeKind.UPDATE:
            return f"{change.subject}: {change.before or 'none'} → {change.after or 'none'}"


def found(change: Change) -> str:
    """What is found in the ERP that is not as declared: the same change seen from the other side."""
    match change.kind:
        case ChangeKind.CREATE:
            return "has no account"
        case ChangeKind.LOCK:
            return "can still log in"
        case ChangeKind.UNLOCK:
            return "is locked"
        case ChangeKind.GRANT:
            return f"lacks {change.subject}{spans(change.after)}"
        case ChangeKind.REVOKE:
            return f"holds {change.subject}{spans(change.before)}"
        case ChangeKind.RETIME:
            return f"holds {change.subject} {_open(change.before)}, declared {_open(change.after)}"
        case ChangeKind.RESCOPE:
            return f"{change.subject} is {_listed(change.before)}, declared {_listed(change.after)}"
        case ChangeKind.UPDATE:
            return f"{change.subject} is {change.before or 'none'}, declared {change.after or 'none'}"


def spans(value: Value) -> str:
    """The time of grants, after a comma; nothing for what is open on both sides."""
    text = _open(value)
    return "" if text == "without end" else f", {text}"


def _open(value: Value) -> str:
    parts = [_span(grant) for grant in value or () if isinstance(grant, Grant)]
    return " and ".join(parts)


def _span(grant: Grant) -> str:
    first = f"from {grant.valid_from}" if grant.valid_from else ""
    last = f"until {grant.valid_to}" if grant.valid_to else ""
    return " ".join(part for part in (first, last) if part) or "without end"


def _listed(value: Value) -> str:
    return ", ".join(str(item) for item in value) if value and not isinstance(value, str) else "none"


def because(reason: Reason) -> str:
    """Why, in words, with the request and the place."""
    request = f", {reason.request}" if reason.request else ""
    place = f" ({reason.at.file}:{reason.at.line})" if reason.at else ""
    return f"{reason.text}{request}{place}"


def needs(change: AccountChange) -> str:
    """Who must approve what is done to an account: ``head of purchasing, key user of materials``."""
    parts = sorted({part_from_text(text) for item in change.changes for text in item.approvals})
    return ", ".join(map(part_in_words, parts))


@dataclass(frozen=True, slots=True)
class Telling:
    """How differences are told: under which title, with which figures, in which sentences and signs.

    ``needs`` says who must approve, where that is of interest. ``weight`` puts the accounts in the order
    of reading, which is not that of writing: heaviest first.
    """

    title: str
    headline: Callable[[TargetPlan], str]
    say: Callable[[Change], str]
    sign: Callable[[Change], str]
    needs: Callable[[AccountChange], str]
    weight: Callable[[AccountChange], int]

    def ordered(self, accounts: Sequence[AccountChange]) -> list[AccountChange]:
        """The accounts in the order of reading; of equal weight the riskier first, then by login."""
        return sorted(accounts, key=lambda item: (-self.weight(item), -item.risk.rank, item.login))


def _gain(change: AccountChange) -> int:
    """The highest risk that is given; what is only taken away can be read later."""
    return max((item.risk.rank + 1 for item in change.changes if gives(item)), default=0)


def _plan_sign(change: Change) -> str:
    if change.kind in (ChangeKind.LOCK, ChangeKind.REVOKE):
        return "-"
    return "+" if change.kind in (ChangeKind.CREATE, ChangeKind.UNLOCK, ChangeKind.GRANT) else "~"


PLAN = Telling("Plan", headline, sentence, _plan_sign, needs, _gain)
"""What will be done."""
DRIFT = Telling("Drift", drift_headline, found, lambda _: "!", lambda _: "", lambda item: item.risk.rank)
"""The same differences, as what is found in the ERP."""
