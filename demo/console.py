"""What the demo says: its story on stdout, progress on stderr, with colour on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

_out = Console(highlight=False, soft_wrap=True)


def say(text: str = "", style: str = "") -> None:
    """Print a line of the story."""
    _out.print(Text(text, style))
    sys.stdout.flush()


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what is being done: one moving line on a terminal, else a line for each step."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda step: print(step, file=sys.stderr, flush=True)
        return
    with console.status("Starting") as status:
        yield lambda step: status.update(Text(step))
