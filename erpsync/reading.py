"""Read several targets at once, each in a session of its own. One that fails hides no other.

Threads, since reading waits for ERPs. Whoever presses Ctrl-C is not kept waiting for an ERP that does
not answer: a reading stops when it next tells of its progress, and one that never does ends with the program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Generic, TypeAlias, TypeVar

from erpsync.connectors.base import Progress
from erpsync.errors import ErpsyncError
from erpsync.model import Target

AT_ONCE = 4
"""Most targets read at the same time: each holds all accounts of its target in memory."""
GRACE_SECONDS = 2.0
"""How long sessions get to end when reading is interrupted."""

T = TypeVar("T")


class InterruptedReadingError(Exception):
    """Ends the reading of a target that nobody waits for any more."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What came of a target: what was read there, or the error that ended it."""

    target: Target
    found: T | None = None
    error: ErpsyncError | None = None


_Ended: TypeAlias = "SimpleQueue[tuple[int, Reading[T] | BaseException]]"


def read_each(
    targets: Sequence[Target],
    read: Callable[[Target, Progress], T],
    progress_of: Callable[[str], Progress],
) -> list[Reading[T]]:
    """Read every target, a few at a time.

    Args:
        targets: which, in the order of the result.
        read: logs in to one, reads what is wanted, and logs out; it is told where to report progress.
        progress_of: where the progress of the target with this name is reported.

    Returns:
        What came of each target, in the order given, whatever ended first.
    """
    if len(targets) == 1:
        return [_read(targets[0], read, progress_of(targets[0].name))]
    stop = Event()

    def read_one(target: Target) -> Reading[T]:
        return _read(target, read, _stoppable(progress_of(target.name), stop))

    waiting: SimpleQueue[int] = SimpleQueue()
    for place in range(len(targets)):
        waiting.put(place)
    ended: _Ended[T] = SimpleQueue()
    workers = [
        Thread(target=_work, args=(targets, read_one, waiting, ended, stop), daemon=True)
        for _ in range(min(AT_ONCE, len(targets)))
    ]
    try:
        for worker in workers:
            worker.start()
        found = dict(_result(ended) for _ in targets)
    finally:
        stop.set()
        for worker in workers:
            worker.join(GRACE_SECONDS / len(workers))
    return [found[place] for place in range(len(targets))]


def _work(
    targets: Sequence[Target],
    read: Callable[[Target], Reading[T]],
    waiting: SimpleQueue[int],
    ended: _Ended[T],
    stop: Event,
) -> None:
    """Read what is waiting until nothing is, or nobody waits any more."""
    while not stop.is_set():
        try:
            place = waiting.get_nowait()
        except Empty:
            return
        try:
            ended.put((place, read(targets[place])))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits, who raises it
            ended.put((place, error))


def _result(ended: _Ended[T]) -> tuple[int, Reading[T]]:
    place, result = ended.get()
    if isinstance(result, BaseException):
        raise result
    return place, result


def _read(target: Target, read: Callable[[Target, Progress], T], progress: Progress) -> Reading[T]:
    try:
        return Reading(target, found=read(target, progress))
    except ErpsyncError as error:
        return Reading(target, error=error)


def _stoppable(progress: Progress, stop: Event) -> Progress:
    def report(what: str, done: int, total: int) -> None:
        if stop.is_set():
            raise InterruptedReadingError
        progress(what, done, total)

    return report
