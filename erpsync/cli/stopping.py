"""Ctrl-C while a target is written: the batch under way is ended, read back and recorded; then it stops."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

TOLD = "Stopping when what is being written now is done and recorded; Ctrl-C again stops at once."


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Whether somebody asked to stop by a first Ctrl-C; a second one, or SIGTERM, interrupts at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        # Python hands signals to the main thread alone.
        yield asked.is_set
        return

    def ask(signum: int, frame: object) -> None:  # noqa: ARG001 - the signature of a signal handler
        if asked.is_set() or signum == signal.SIGTERM:
            asked.set()
            raise KeyboardInterrupt
        asked.set()
        click.echo(f"\n{TOLD}", err=True)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
