"""The figures as a chart: CPU seconds over users, both axes logarithmic; SVG by plain code.

Run as ``python -m bench.chart``: it draws what ``results.json`` and ``peers.json`` hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from bench.measure import DEPARTMENTS, TOGETHER, WITH_POLICY
from bench.results import FILE, figures_of, read, sizes_of

CHART = Path(__file__).parent.parent / "docs" / "figures.svg"
PEERS = FILE.with_name("peers.json")
WIDTH, HEIGHT = 860, 520
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 218, 64, 60
_FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"
_INK, _FAINT, _GRID = "#1f2933", "#616e7c", "#e4e7eb"
_LABEL_GAP = 16.0


class Series(NamedTuple):
    """A line of the chart: name, colour, users with CPU seconds, and whether it is another tool."""

    name: str
    colour: str
    points: tuple[tuple[int, float], ...]
    other: bool = False


class Scale(NamedTuple):
    """A logarithmic axis: from values to places."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value."""
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.begin + share * (self.end - self.begin)

    def powers(self) -> Iterator[float]:
        """The powers of ten on the axis."""
        for power in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1):
            yield 10.0**power


def series_of(document: Mapping[str, Any], peers: Mapping[str, Any]) -> list[Series]:
    """What is drawn: erpsync, the bare parse, and other tools as far as they were measured."""
    sizes = sizes_of(document)

    def of(name: str, case: str, when: str, colour: str) -> Series:
        known = sizes_of(document, case)
        return Series(name, colour, tuple((n, figures_of(document, n, case, when).cpu) for n in known))

    parse = tuple((n, document["sizes"][str(n)]["layouts"][DEPARTMENTS]["parse"]["cpu"]) for n in sizes)
    found = [
        of("erpsync, all risks", WITH_POLICY.name, "cold", "#7c3aed"),
        of("erpsync", TOGETHER.name, "cold", "#1d4ed8"),
        of("erpsync, warm", TOGETHER.name, "warm", "#0891b2"),
        Series("bare parse", _FAINT, parse),
    ]
    colours = ("#b45309", "#be123c", "#a16207", "#9d174d", "#7f1d1d")
    for (name, tool), colour in zip(peers.get("tools", {}).items(), colours, strict=False):
        points = tuple(sorted((int(size), cost["cpu"]) for size, cost in tool.get("cold", {}).items()))
        if points:
            found.append(Series(name, colour, points, other=True))
    return found


def draw(series: Sequence[Series], about: str) -> str:
    """The chart as an SVG document."""
    users = [n for item in series for n, _ in item.points]
    seconds = [cpu for item in series for _, cpu in item.points]
    x = Scale(min(users), max(users), _LEFT, WIDTH - _RIGHT)
    y = Scale(_floor(min(seconds)), _ceiling(max(seconds)), HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        f' width="{WIDTH}" height="{HEIGHT}" font-family="{_FONT}" role="img" aria-labelledby="title">',
        '<title id="title">CPU seconds of validate and plan, by users, on logarithmic axes</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(_LEFT, 26, "validate + plan: CPU seconds by users", _INK, size=17, weight=600),
        _text(_LEFT, 46, about, _FAINT, size=12),
        *_grid(x, y, sorted(set(users))),
        # Those of erpsync come last, above the others.
        *(line for item in reversed(series) for line in _line(item, x, y)),
        *_labels(series, x, y),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(x: Scale, y: Scale, users: Sequence[int]) -> Iterator[str]:
    for value in y.powers():
        place = y.at(value)
        yield _stroke(_LEFT, place, WIDTH - _RIGHT, place, _GRID)
        yield _text(_LEFT - 10, place + 4, f"{value:g} s", _FAINT, anchor="end")
        for step in range(2, 10):
            if value * step < y.high:
                between = y.at(value * step)
                yield _stroke(_LEFT, between, WIDTH - _RIGHT, between, "#f3f4f6")
    for count in users:
        place = x.at(count)
        yield _stroke(place, _TOP, place, HEIGHT - _BOTTOM, _GRID)
        yield _text(place, HEIGHT - _BOTTOM + 20, f"{count:,}", _FAINT, anchor="middle")
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    yield _text(middle, HEIGHT - 16, "users, each with five assignments", _INK, anchor="middle")


def _line(item: Series, x: Scale, y: Scale) -> Iterator[str]:
    places = [(x.at(n), y.at(cpu)) for n, cpu in item.points]
    dashes = ' stroke-dasharray="5 4"' if item.other else ""
    path = " ".join(f"{'L' if index else 'M'}{px:.1f} {py:.1f}" for index, (px, py) in enumerate(places))
    yield f'<path d="{path}" fill="none" stroke="{item.colour}" stroke-width="2.2"{dashes}/>'
    for (px, py), (n, cpu) in zip(places, item.points, strict=True):
        yield (
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4" fill="{item.colour}" stroke="#fff" stroke-width="1">'
            f"<title>{escape(item.name)}, {n:,} users: {cpu:.3g} s</title></circle>"
        )


def _labels(series: Sequence[Series], x: Scale, y: Scale) -> Iterator[str]:
    """The names at the right, each beside the end of its line as far as they do not overlap."""
    ends = sorted(series, key=lambda item: y.at(item.points[-1][1]))
    wanted = [y.at(item.points[-1][1]) for item in ends]
    right = WIDTH - _RIGHT + 16
    for item, place, end in zip(ends, _apart(wanted), wanted, strict=True):
        users, cpu = item.points[-1]
        yield _stroke(x.at(users) + 5, end, right - 3, place, item.colour, width=0.5)
        shown = f"{item.name} {cpu:.2g} s" if cpu < 1 else f"{item.name} {cpu:,.3g} s"
        if users < x.high:
            shown += f" at {users:,}"
        yield _text(right, place + 4, shown, item.colour, size=12)


def _apart(places: Sequence[float]) -> list[float]:
    """Places from top to bottom, moved so that each is a gap below the one before, and none is outside."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + _LABEL_GAP) if found else place)
    over = max(0.0, found[-1] - (HEIGHT - _BOTTOM)) if found else 0.0
    limit = math.inf
    for index in range(len(found) - 1, -1, -1):
        if not over:
            break
        found[index] = min(found[index], limit, HEIGHT - _BOTTOM)
        limit = found[index] - _LABEL_GAP
    return found


def _stroke(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1.0) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def _text(
    x: float, y: float, text: str, colour: str, *, anchor: str = "start", size: int = 13, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-size="{size}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )


def _floor(value: float) -> float:
    return 10.0 ** math.floor(math.log10(value))


def _ceiling(value: float) -> float:
    return 10.0 ** math.ceil(math.log10(value))


def main() -> None:
    """Draw the chart of the documentation."""
    document = read(FILE)
    about = document["machine"]
    facts = f"{about['cores']} cores, {about['system']}, Python {about['python']}, {document['date']}"
    peers = read(PEERS) if PEERS.is_file() else {}
    CHART.write_text(draw(series_of(document, peers), facts), encoding="utf-8")


if __name__ == "__main__":
    main()
