"""What the scheduled job finds, as the body of one issue: drift, and what the calendar brings next."""

from __future__ import annotations

from collections.abc import Sequence

from erpsync.agenda import Event
from erpsync.model import Access
from erpsync.plan import Plan
from erpsync.proposal import ACCOUNT
from erpsync.render.escape import short
from erpsync.render.markdown import render_drift
from erpsync.render.page import LIMIT, size
from erpsync.render.proposal_words import NAME

SHOWN = 100
"""Most events listed; what is left out is counted."""
ROOM = 200
"""Bytes left for the marker of the issue and the line between the two parts."""

WORDS = {
    "en": {
        "coming": "What begins and ends in the next {days} days",
        "none": "Nothing.",
        "begins": "begins",
        "ends": "ends after this day",
        "account": "the identity",
        "more": "and {count} more",
        "revert": "To undo drift, run the apply workflow by hand with `drift: revert`; to keep it, "
        "take it into git with `erpsync drift --adopt` and open a pull request.",
    },
    "zh": {
        "coming": "未来 {days} 天内开始和到期的授权",
        "none": "无。",
        "begins": "开始生效",
        "ends": "当日到期",
        "account": "账号",
        "more": "另有 {count} 项",
        "revert": "如需撤销偏差，请手动运行 apply 工作流并选择 `drift: revert`；如需保留，"
        "请运行 `erpsync drift --adopt` 写入 git 并提交合并请求。",
    },
}


def render_watch(plan: Plan, events: Sequence[Event], access: Access, days: int, lang: str = "en") -> str:
    """Drift as found now, and the events of the coming days, as Markdown of at most `LIMIT` bytes."""
    words = WORDS[lang]
    after = [f"{words['revert']}\n"] if plan.drift else []
    after += [f"### {words['coming'].format(days=days)}\n", *_lines(events, access, lang)]
    rest = "\n".join(after) + "\n"
    return f"{render_drift(plan, LIMIT - size(rest) - ROOM)}\n{rest}"


def _lines(events: Sequence[Event], access: Access, lang: str) -> list[str]:
    if not events:
        return [WORDS[lang]["none"]]
    more = len(events) - SHOWN
    told = [WORDS[lang]["more"].format(count=more)] if more > 0 else []
    return [_line(event, access, lang) for event in events[:SHOWN]] + [f"- {line}" for line in told]


def _line(event: Event, access: Access, lang: str) -> str:
    words = WORDS[lang]
    user = access.users[event.user]
    what = words["account"]
    if event.what != ACCOUNT:
        role = access.roles[event.what]
        what = short((role.title_zh if lang == "zh" else None) or role.title, NAME)
    verb = words["ends" if event.ends else "begins"]
    return f"- {event.day}: {short(user.name, NAME)} ({short(event.user, NAME)}): {what} {verb}"
