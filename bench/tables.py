"""Figures as tables: for a terminal, and as Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bench.measure import CASES, DEPARTMENTS, POLICY, USERS, Figures
from bench.results import exponent, figures_of, reaches, sizes_of

_WHEN = ("cold", "warm")
_LAYOUTS = {DEPARTMENTS: "parse only", POLICY: "parse only, all risks", USERS: "parse only, one file a user"}


def size_rows(document: Mapping[str, Any], size: int) -> Iterator[tuple[str, ...]]:
    """Cells of one size: what, then CPU, memory and multiple of the parse, cold and warm."""
    layouts = document["sizes"][str(size)]["layouts"]
    for layout, name in _LAYOUTS.items():
        if layout not in layouts:
            continue
        yield (name, *_cells(Figures(**layouts[layout]["parse"])), "", "", "")
    for case in CASES:
        if size not in sizes_of(document, case.name):
            continue
        cold, warm = (figures_of(document, size, case.name, when) for when in _WHEN)
        yield (case.name, *_cells(cold), *_cells(warm))


def growth_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of the growth: what, then the exponent from each size to the next, cold and warm."""
    for case in CASES:
        known = set(sizes_of(document, case.name))
        found = [
            _growth(document, case.name, when, step) if known.issuperset(step) else ""
            for when in _WHEN
            for step in _steps(document)
        ]
        yield (case.name, *found)


def _growth(document: Mapping[str, Any], case: str, when: str, step: tuple[int, int]) -> str:
    smaller, larger = step
    of, to = (figures_of(document, size, case, when).cpu for size in step)
    return f"{exponent(of, to, smaller, larger):.2f}"


def start_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of what starting costs."""
    for name, value in document["start"].items():
        yield (name, f"{value['cpu']:.3f}", f"{value['peak']:.0f}")


def reach_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of what should be stayed within."""
    for reach in reaches(document):
        found = f"{reach.found:.3g} {reach.unit}"
        yield reach.what, f"≤ {reach.most:g} {reach.unit}", found, "met" if reach.met else "not met"


def connector_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of what connectors send and cost: calls in all, and calls and CPU for 1,000 accounts."""
    for name, works in document.get("connectors", {}).items():
        for work, cost in works.items():
            thousands = cost["accounts"] / 1000
            each = (f"{cost['calls'] / thousands:.2f}", f"{cost['cpu'] / thousands:.3f}")
            yield (f"{name}: {work}", str(cost["calls"]), *each)


_SIZE_HEAD = ("", "cold CPU s", "MB", "× parse", "warm CPU s", "MB", "× parse")
_CONNECTOR_HEAD = ("connector", "calls", "calls / 1,000 accounts", "CPU s / 1,000 accounts")
_REACH_HEAD = ("", "reach", "found", "")


def of_size(document: Mapping[str, Any], size: int) -> str:
    """The table of one size, for a terminal."""
    content = document["sizes"][str(size)]["layouts"][DEPARTMENTS]
    runs = document["sizes"][str(size)]["runs"]
    title = f"{size:,} users, {content['bytes'] / 1e6:.1f} MB of YAML, median of {runs}"
    return f"{title}\n\n{plain(_SIZE_HEAD, size_rows(document, size))}"


def of_rest(document: Mapping[str, Any]) -> str:
    """Growth, start-up and what should be stayed within, for a terminal."""
    parts = [plain(("start", "CPU s", "MB"), start_rows(document))]
    if _steps(document):
        head = ("growth, as a power of the users", *_growth_heads(document))
        parts.insert(0, plain(head, growth_rows(document)))
    if document.get("connectors"):
        parts.append(plain(_CONNECTOR_HEAD, connector_rows(document)))
    return "\n".join([*parts, plain(_REACH_HEAD, reach_rows(document))])


def markdown(document: Mapping[str, Any]) -> str:
    """Everything, for the documentation."""
    parts = [f"{measured_on(document)}.\n"]
    for size in sizes_of(document):
        content = document["sizes"][str(size)]["layouts"][DEPARTMENTS]
        title = f"{size:,} users, {content['bytes'] / 1e6:.1f} MB of YAML in {content['files']} files"
        title += f", median of {document['sizes'][str(size)]['runs']}"
        parts.append(as_markdown((title, *_SIZE_HEAD[1:]), size_rows(document, size)))
    if _steps(document):
        head = ("growth, as a power of the users", *_growth_heads(document))
        parts.append(as_markdown(head, growth_rows(document)))
    parts.append(as_markdown(("start", "CPU s", "MB"), start_rows(document)))
    if document.get("connectors"):
        parts.append(as_markdown(_CONNECTOR_HEAD, connector_rows(document)))
    parts.append(as_markdown(_REACH_HEAD, reach_rows(document)))
    return "\n".join(parts)


def measured_on(document: Mapping[str, Any]) -> str:
    """When and on what a document was measured, in words."""
    about = document["machine"]
    what = f"{about['cores']} cores, {about['system']}, Python {about['python']}"
    return f"Measured on {document['date']}: {what}, PyYAML {about['pyyaml']} with libyaml {about['libyaml']}"


def _steps(document: Mapping[str, Any]) -> list[tuple[int, int]]:
    sizes = sizes_of(document)
    return list(pairwise(sizes))


def _growth_heads(document: Mapping[str, Any]) -> list[str]:
    return [f"{when} {_short(a)}–{_short(b)}" for when in _WHEN for a, b in _steps(document)]


def _short(size: int) -> str:
    return f"{size // 1000}k" if size % 1000 == 0 else str(size)


def _cells(found: Figures) -> tuple[str, str, str]:
    return f"{found.cpu:.3f}", f"{found.peak:.0f}", f"{found.ratio:.2f}"


def as_markdown(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    """Cells as a table of Markdown; all but the first column to the right."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def plain(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    """Cells in columns for a terminal; all but the first to the right."""
    lines = [tuple(head), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )
