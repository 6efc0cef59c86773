"""Spans of days: joined, in common, left over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

Span = tuple[date, date]
"""First and last day, both included; `date.max` is no end."""
Spans = tuple[Span, ...]
"""Spans that do not touch each other, in order."""

_DAY = timedelta(days=1)


def joined(spans: Iterable[Span]) -> Spans:
    """The same days in as few spans as can be."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and (found[-1][1] == date.max or first <= found[-1][1] + _DAY):
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def common(one: Sequence[Span], other: Sequence[Span]) -> Spans:
    """The days that both have; both are in order and do not touch, as `joined` makes them."""
    found: list[Span] = []
    left = right = 0
    while left < len(one) and right < len(other):
        first, last = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if first <= last:
            found.append((first, last))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return tuple(found)


def without(spans: Sequence[Span], taken: Sequence[Span]) -> Spans:
    """The days of some spans that others do not have; both as `joined` makes them."""
    return common(spans, _outside(taken))


def _outside(spans: Sequence[Span]) -> Spans:
    found: list[Span] = []
    begin: date | None = date.min
    for first, last in spans:
        if begin is not None and begin < first:
            found.append((begin, first - _DAY))
        begin = last + _DAY if last < date.max else None
    if begin is not None:
        found.append((begin, date.max))
    return tuple(found)
