"""What became of a work order, as text for a terminal or a log."""

from __future__ import annotations

from collections.abc import Sequence

from erpsync.connectors.worklist.confirmation import Judged, Verdict
from erpsync.render.escape import plain
from erpsync.render.text import Paint, bounded, no_paint
from erpsync.render.words import plural, sentence


def render_confirmation(order: str, judged: Sequence[Judged], paint: Paint = no_paint) -> str:
    """The figures, then every line that is not done."""
    count = {verdict: sum(item.verdict is verdict for item in judged) for verdict in Verdict}
    figures = ", ".join(f"{number} {verdict}" for verdict, number in count.items() if number)
    lines = [paint(f"work order {plain(order)}, {plural(len(judged), 'line')}: {figures}", "bold")]
    left = [item for item in judged if item.verdict is not Verdict.DONE]
    shown = bounded(left, "erpsync plan tells what is left to do")
    lines += [f"  {item if isinstance(item, str) else _line(item)}" for item in shown]
    return "".join(f"{line}\n" for line in lines)


def _line(item: Judged) -> str:
    line = item.line
    what = f"{plain(line.account.login)}: {plain(sentence(line.change))}"
    return f"line {line.number}, {what}: {item.verdict.value}"
