"""The progress bar tells how fast it goes, and how long it still takes."""

from __future__ import annotations

import pytest
from rich.console import Console

from erpsync.cli.progress import bar_of


@pytest.mark.parametrize(("done", "rate"), [(100, "50/s"), (5, "2.5/s")])
def test_the_bar_tells_how_many_how_fast_and_how_long(done: int, rate: str) -> None:
    now = 0.0
    bar = bar_of()
    bar.get_time = lambda: now
    task = bar.add_task("reading accounts", total=1000)
    for _ in range(2):
        now += 1.0
        bar.advance(task, done / 2)
    console = Console(width=100)
    with console.capture() as captured:
        console.print(bar.get_renderable())
    text = captured.get()
    assert "reading accounts" in text
    assert f"{done}" in text
    assert rate in text or "/s" in text


def test_before_anything_is_done_no_rate_is_told() -> None:
    bar = bar_of()
    bar.add_task("reading accounts", total=None)
    console = Console(width=100)
    with console.capture() as captured:
        console.print(bar.get_renderable())
    assert "/s" not in captured.get()
