"""Days as people say them: ISO, ``end of year``, ``3 months``, 年底, 三个月. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

EXAMPLES = "2026-12-31, end of year, 3 months, 年底, 三个月"
"""What a hint shows."""

_FORMS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?"),
    re.compile(r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?"),
)
_LEAD = re.compile(r"^((until|till|to|by|for|on|from|the)\s+|(直到|截至|截止|至|到)\s*)")
_SPAN = re.compile(
    r"(?P<n>\d+|an?|one|two|three|six|[一二两三四五六七八九十半]+)\s*个?(?P<unit>[a-z]+|[天日周年]|星期|月|季度?)"
)
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "six": 6, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4,
    "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十二": 12,
}  # fmt: skip
_UNITS = {
    "day": (0, 1), "d": (0, 1), "天": (0, 1), "日": (0, 1), "week": (0, 7), "w": (0, 7), "周": (0, 7),
    "星期": (0, 7), "month": (1, 0), "m": (1, 0), "月": (1, 0), "quarter": (3, 0), "季": (3, 0),
    "季度": (3, 0),
    "year": (12, 0), "y": (12, 0), "年": (12, 0),
}  # fmt: skip
"""Months and days of each unit."""


def day_in_words(text: str, today: date, start: date | None = None) -> date:
    """The day that somebody means.

    A length of time counts from its first day: three months from 1 December end on the last of
    February. A day without a year is the next one of that name.

    Args:
        text: what was written.
        today: the day on which it was written.
        start: the first day of what is to end, where that is another.

    Raises:
        ValueError: it is no day.
    """
    words = " ".join(text.casefold().split())
    while (shorter := _LEAD.sub("", words)) != words:
        words = shorter
    named = _NAMED.get(words.replace(" ", ""))
    if named:
        return named(today)
    for form in _FORMS:
        if found := form.fullmatch(words):
            return _calendar_day(found.groupdict(), today)
    if found := _SPAN.fullmatch(words):
        return _end_of_span(found["n"], found["unit"], start or today)
    raise ValueError(f"{text!r} is no day")


def _calendar_day(parts: dict[str, str], today: date) -> date:
    month, day = int(parts["m"]), int(parts["d"])
    if "y" in parts:
        return date(int(parts["y"]), month, day)
    this = date(today.year, month, day)
    return this if this >= today else this.replace(year=today.year + 1)


def _end_of_span(number: str, unit: str, start: date) -> date:
    unit = unit if unit in _UNITS else unit.removesuffix("s")
    if unit not in _UNITS:
        raise ValueError(f"{unit!r} is no length of time")
    months, days = _UNITS[unit]
    if number == "半":
        if months != 12:
            raise ValueError("half of what?")
        count, months = 1, 6
    else:
        count = int(number) if number.isdigit() else _NUMBERS.get(number, 0)
    try:
        if not count:
            raise ValueError("no length of time")
        return _later(start, months * count) + timedelta(days=days * count - 1)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def _later(start: date, months: int) -> date:
    """The same day some months later, or the first of the month after where there is no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if start.day <= monthrange(year, month + 1)[1]:
        return date(year, month + 1, start.day)
    return date(year, month + 1, monthrange(year, month + 1)[1]) + timedelta(days=1)


def _end_of(months: int) -> Callable[[date], date]:
    """The end of the month, quarter, half or whole of the year that a day is in."""

    def end(today: date) -> date:
        month = -(-today.month // months) * months
        return date(today.year, month, monthrange(today.year, month)[1])

    return end


def _end_of_next_year(today: date) -> date:
    return date(today.year + 1, 12, 31)


_NAMED: dict[str, Callable[[date], date]] = {
    **dict.fromkeys(("today", "now", "今天", "今日", "即日"), lambda today: today),
    **dict.fromkeys(("tomorrow", "明天", "明日"), lambda today: today + timedelta(days=1)),
    **dict.fromkeys(("endofmonth", "endofthemonth", "endofthismonth", "月底", "本月底", "月末"), _end_of(1)),
    **dict.fromkeys(("endofquarter", "endofthequarter", "季末", "季度末", "季底", "本季度末"), _end_of(3)),
    **dict.fromkeys(
        ("endofyear", "endoftheyear", "endofthisyear", "年底", "今年底", "年末", "今年年底"), _end_of(12)
    ),
    **dict.fromkeys(("endofnextyear", "明年底", "明年年底", "明年末"), _end_of_next_year),
}
