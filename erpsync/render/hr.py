"""What a personnel list asks for, as text for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erpsync.access_requests import Asked
from erpsync.hr import Feed
from erpsync.model import Access
from erpsync.render.escape import plain
from erpsync.render.text import Paint, bounded, no_paint
from erpsync.render.words import plural

ELSEWHERE = "mend what is shown, and run it again"
"""What is said of what is left out."""


def render_feed(feed: Feed, head: Access, where: str, paint: Paint = no_paint) -> str:
    """Who joins, moves and leaves; who is missing; and every line that could not be taken.

    Args:
        feed: what the list asks for.
        head: the declared state as it would be, for the names of people.
        where: the name of the list.
        paint: gives colours.
    """
    lines = [*_group("Leave", "-", feed.leaves, head, paint), *_group("Move", "~", feed.moves, head, paint)]
    lines += [
        *_group("Correct", "~", feed.changes, head, paint),
        *_group("Join", "+", feed.joins, head, paint),
    ]
    lines += [""] * bool(lines)
    if feed.missing:
        lines.append(paint(f"Not in the list, and left as they are: {len(feed.missing)}", "bold"))
        names = [f"{plain(user.key)} ({plain(user.name)}, {user.employee_no})" for user in feed.missing]
        lines += [f"  {line}" for line in bounded(names, ELSEWHERE)]
    if feed.troubles:
        lines.append(paint(f"Not taken: {plural(len(feed.troubles), 'line')}", "bold"))
        for item in bounded(feed.troubles, ELSEWHERE):
            lines += (
                [f"  {item}"]
                if isinstance(item, str)
                else [*_trouble(item.line, item.message, item.hint, where)]
            )
    counts = (
        f"{len(feed.joins)} join, {len(feed.moves)} move, {len(feed.leaves)} leave, "
        f"{len(feed.changes)} corrected; "
        f"{len(feed.missing)} not in the list, {len(feed.troubles)} not taken"
    )
    more = f", {feed.without_access} without access" if feed.without_access else ""
    return "\n".join([*lines, counts + more]) + "\n"


def _group(title: str, sign: str, asked: Iterable[Asked], head: Access, paint: Paint) -> Iterator[str]:
    items = list(asked)
    if items:
        yield paint(f"{title}: {len(items)}", "bold")
        for item in bounded(items, ELSEWHERE):
            if isinstance(item, str):
                yield f"  {item}"
            else:
                yield f"  {sign} {plain(item.title)} ({plain(head.users[item.user].name)})"


def _trouble(line: int, message: str, hint: str | None, where: str) -> Iterator[str]:
    yield f"  {plain(where)}:{line}: {plain(message)}"
    if hint:
        yield f"    hint: {plain(hint)}"
