"""A request as people read it: on the terminal before it is made, and as the message of its commit. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from erpsync.access_requests import Asked, Why
from erpsync.model import Access, ChangeKind
from erpsync.proposal import ACCOUNT, ENTRY, KEY, WORDING, Proposal, Proposed, Span
from erpsync.render.escape import plain
from erpsync.render.text import SHOWN, Paint, no_paint

_SIGN = {
    ChangeKind.CREATE: "+", ChangeKind.GRANT: "+", ChangeKind.UNLOCK: "+",
    ChangeKind.REVOKE: "-", ChangeKind.LOCK: "-",
}  # fmt: skip
_COLOUR = {"+": "green", "-": "red", "~": "yellow"}


def render_asked(asked: Sequence[Asked], proposal: Proposal, head: Access, paint: Paint = no_paint) -> str:
    """What is asked for, and what git would then say of access: each change on a line."""
    lines = [paint(plain(item.title), "bold") for item in asked[:SHOWN]]
    lines += [f"and {len(asked) - SHOWN} more"] * (len(asked) > SHOWN)
    lines += ["", "What git would say then:"]
    user = ""
    for change in proposal.changes[:SHOWN]:
        if change.user != user:
            user = change.user
            lines.append(f"  {_who(user, head)}")
        sign = _SIGN.get(change.kind, "~")
        lines.append(f"    {paint(sign, _COLOUR[sign])} {_told(change, head)}")
    lines += [f"  and {len(proposal.changes) - SHOWN} more changes"] * (len(proposal.changes) > SHOWN)
    return "\n".join(lines) + "\n"


def _who(key: str, access: Access) -> str:
    user = access.users.get(key)
    return plain(f"{key} ({user.name})" if user else key)


def _told(change: Proposed, head: Access) -> str:
    if change.way is not None:
        return _role(change, head)
    before, after = _sides(change)
    words = {
        ChangeKind.CREATE: "joins",
        ChangeKind.LOCK: f"{before} → {after}",
        ChangeKind.UNLOCK: f"{before} → {after}",
    }
    if change.kind in words:
        return plain(words[change.kind])
    named = {ACCOUNT: "may work", ENTRY: "is no longer declared", KEY: "key", WORDING: "only words change"}
    subject = named.get(change.subject, change.subject)
    return plain(f"{subject}: {before} → {after}" if before != after else subject)


def _sides(change: Proposed) -> tuple[str, str]:
    if change.kind is ChangeKind.RETIME:
        return _days(cast("tuple[Span, ...]", change.before)), _days(cast("tuple[Span, ...]", change.after))
    before, after = (", ".join(cast("tuple[str, ...]", side)) for side in (change.before, change.after))
    return before or "none", after or "none"


def _role(change: Proposed, head: Access) -> str:
    role = head.roles.get(change.subject)
    title = f" ({role.title_zh or role.title}), {role.risk} risk" if role else ""
    before, after = _sides_of_role(change)
    days = {ChangeKind.GRANT: after, ChangeKind.REVOKE: before}.get(change.kind, f"{before} → {after}")
    why = f": {change.reason}" if change.reason and change.kind is not ChangeKind.REVOKE else ""
    return plain(f"{change.subject}{title}, by {change.way}, {days}{why}")


def _sides_of_role(change: Proposed) -> tuple[str, str]:
    return _days(cast("tuple[Span, ...]", change.before)), _days(cast("tuple[Span, ...]", change.after))


def _days(spans: Sequence[Span]) -> str:
    told = []
    for first, last in spans:
        begins = f"from {first}" if first else ""
        ends = f"until {last}" if last else ""
        told.append(" ".join(part for part in (begins, ends) if part) or "without end")
    return " and ".join(told) or "never"


def commit_message(asked: Asked, why: Why) -> str:
    """The message of the commit, with the trailers that the trail reads."""
    return "\n".join([one_line(asked.title), "", one_line(why.reason), "", *_trailers(asked, why)]) + "\n"


def _trailers(asked: Asked, why: Why) -> Iterator[str]:
    """https://git-scm.com/docs/git-interpret-trailers ."""
    if why.request:
        yield f"Request: {one_line(why.request)}"
    yield f"Requested-for: {one_line(asked.user)}"


def one_line(text: str) -> str:
    """A value that cannot end a line, and so begin a trailer of its own."""
    return plain(" ".join(text.split()))
