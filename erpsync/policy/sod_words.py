"""What is said of conflicts, in English and Chinese. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from erpsync.model import Role, SodRisk
from erpsync.policy.base import Facts
from erpsync.policy.days import Spans
from erpsync.policy.duties import Rulebook
from erpsync.policy.holdings import Holding
from erpsync.policy.sod import Conflict, Seat

SEATS_ZH = {
    Seat.FUNCTION: "单项关键职责",
    Seat.ROLE: "同一角色内",
    Seat.COMPOSITE: "同一复合角色内",
    Seat.POSITION: "由岗位带来",
    Seat.BETWEEN: "不同角色之间",
    Seat.STAND_IN: "由临时授权带来",
}
MENDS = {
    Seat.FUNCTION: ("take the role away", "收回该角色"),
    Seat.ROLE: ("split the role", "拆分该角色"),
    Seat.COMPOSITE: ("take one of the included roles out", "移除其中一个被包含的角色"),
    Seat.POSITION: ("change what the position brings", "调整该岗位带来的角色"),
    Seat.BETWEEN: ("take one of the roles away", "收回其中一个角色"),
    Seat.STAND_IN: ("let somebody else stand in", "改由他人代理"),
}
"""What mends a conflict, by where it sits."""

_SHOWN = 3
"""Most spans of days that a message lists; JSON has all."""
_VIAS_ZH = {"position": "岗位", "birthright": "规则", "assignment": "授权", "live": "实际持有于"}


def message(conflict: Conflict, book: Rulebook, facts: Facts) -> tuple[str, str]:
    """Who can do what, by which roles, on which days, and where the conflict sits."""
    risk, users = conflict.risk, facts.access.users
    who, name = ", ".join(conflict.users), users[conflict.users[0]].name
    sides = [
        _side(functions, held, book, facts)
        for functions, held in zip(risk.sides, conflict.sides, strict=True)
    ]
    limit, limit_zh = "", ""
    if risk.max_holders is not None:
        limit, limit_zh = f"; more than {risk.max_holders} have it", f"；持有人数超过 {risk.max_holders} 人"
    text = f"{who} ({name}) {risk.why}: {' and '.join(side for side, _ in sides)}"
    text_zh = f"{who}（{name}）{why_zh(risk)}：{'；'.join(side for _, side in sides)}"
    return (
        f"{text}{days(conflict.spans, facts.as_of)}{limit}; {conflict.seat.value}",
        f"{text_zh}{days_zh(conflict.spans, facts.as_of)}{limit_zh}；{SEATS_ZH[conflict.seat]}",
    )


def role_message(role: Role, risk: SodRisk) -> tuple[str, str]:
    """What a role does by itself."""
    return (
        f"whoever has role {role.key} ({role.title}) {risk.why}",
        f"角色 {role.key}（{role.title_zh or role.title}）本身包含不相容职责：{why_zh(risk)}",
    )


def why_zh(risk: SodRisk) -> str:
    """Why a risk is one, in Chinese as far as it is said."""
    return risk.why_zh or risk.title_zh or risk.title


def _side(functions: Sequence[str], held: Sequence[Holding], book: Rulebook, facts: Facts) -> tuple[str, str]:
    """``VENDOR by purchasing.buyer (position buyer)``: the holding that lasts longest, and how many more."""
    item = max(held, key=lambda item: (item.last, item.order))
    brought = [key for key in functions if book.brings(item.role, key)]
    titles = [facts.access.functions[key].title_zh or key for key in brought]
    more, more_zh = (f" and {len(held) - 1} more", f"等 {len(held)} 项") if len(held) > 1 else ("", "")
    return (
        f"{'/'.join(brought)} by {item.role} ({item.via}){more}",
        f"{'、'.join(titles)}来自 {item.role}（{via_zh(item)}）{more_zh}",
    )


def via_zh(item: Holding) -> str:
    """How a user comes to a role, in Chinese."""
    kind, _, key = item.via.partition(" ")
    return f"{_VIAS_ZH.get(kind, kind)} {key.removeprefix('rule ').removeprefix('in ')}".strip()


def days(spans: Spans, as_of: date) -> str:
    """``, from 2026-12-20 until 2027-01-15``; nothing if it holds already and has no end."""
    parts = [_span(first, last, as_of) for first, last in spans[:_SHOWN]]
    more = f" and {len(spans) - _SHOWN} more times" if len(spans) > _SHOWN else ""
    text = " and ".join(part for part in parts if part) + more
    return f", {text}" if text else ""


def _span(first: date, last: date, as_of: date) -> str:
    begin = f"from {first}" if first > as_of else ""
    end = f"until {last}" if last != date.max else ""
    return f"{begin} {end}".strip()


def days_zh(spans: Spans, as_of: date) -> str:
    """The same in Chinese."""
    parts = [_span_zh(first, last, as_of) for first, last in spans[:_SHOWN]]
    more = f"等 {len(spans)} 段" if len(spans) > _SHOWN else ""
    text = "、".join(part for part in parts if part) + more
    return f"，{text}" if text else ""


def _span_zh(first: date, last: date, as_of: date) -> str:
    begin = f"自 {first} 起" if first > as_of else ""
    end = f"至 {last} 止" if last != date.max else ""
    return begin + end
