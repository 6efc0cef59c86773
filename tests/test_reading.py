"""Several targets read at once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from erpsync.connectors.base import Progress, no_progress
from erpsync.errors import TargetError
from erpsync.model import Location, Target
from erpsync.reading import AT_ONCE, read_each

ANY = Target("erp", "tryton", "http://127.0.0.1:9/", None, None, Location("a.yaml", 1, 1))
SECONDS = 30.0
"""Far more than any test waits for."""


def targets(*names: str) -> list[Target]:
    return [replace(ANY, name=name) for name in names]


def test_the_result_has_the_order_of_the_targets_whatever_ends_first() -> None:
    last_done = threading.Event()

    def read(target: Target, progress: Progress) -> str:
        if target.name == "c":
            last_done.set()
        else:
            assert last_done.wait(SECONDS)
        return target.name.upper()

    found = read_each(targets("a", "b", "c"), read, lambda _: no_progress)
    assert [reading.found for reading in found] == ["A", "B", "C"]


def test_no_more_than_a_few_are_read_at_the_same_time() -> None:
    lock, now, most = threading.Lock(), 0, 0
    full = threading.Barrier(AT_ONCE)

    def read(target: Target, progress: Progress) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        full.wait(SECONDS)
        with lock:
            now -= 1

    names = [str(number) for number in range(AT_ONCE * 3)]
    read_each(targets(*names), read, lambda _: no_progress)
    assert most == AT_ONCE


def test_one_that_fails_hides_no_other() -> None:
    def read(target: Target, progress: Progress) -> str:
        if target.name == "b":
            raise TargetError("it is gone")
        return target.name

    found = read_each(targets("a", "b", "c"), read, lambda _: no_progress)
    assert [reading.found for reading in found] == ["a", None, "c"]
    assert str(found[1].error) == "it is gone"


def test_a_single_target_is_read_without_a_thread() -> None:
    def read(target: Target, progress: Progress) -> threading.Thread:
        return threading.current_thread()

    (reading,) = read_each(targets("a"), read, lambda _: no_progress)
    assert reading.found is threading.main_thread()


def test_a_single_target_that_fails_is_told_like_any() -> None:
    def read(target: Target, progress: Progress) -> None:
        raise TargetError("it is gone")

    (reading,) = read_each(targets("a"), read, lambda _: no_progress)
    assert str(reading.error) == "it is gone"


def test_progress_is_told_of_each_under_its_name() -> None:
    told: list[tuple[str, str, int, int]] = []

    def progress_of(name: str) -> Progress:
        return lambda what, done, total: told.append((name, what, done, total))

    def read(target: Target, progress: Progress) -> None:
        progress("reading accounts", 1, 2)

    read_each(targets("a", "b"), read, progress_of)
    assert sorted(told) == [("a", "reading accounts", 1, 2), ("b", "reading accounts", 1, 2)]


def test_a_fault_of_the_program_is_raised_and_the_others_stop_at_their_next_word() -> None:
    begun, ended = threading.Event(), threading.Event()

    def read(target: Target, progress: Progress) -> None:
        if target.name == "b":
            assert begun.wait(SECONDS)
            raise KeyError("a bug")
        begun.set()
        try:
            while True:
                progress("reading accounts", 1, 2)
        finally:
            ended.set()

    with pytest.raises(KeyError):
        read_each(targets("a", "b"), read, lambda _: no_progress)
    assert ended.wait(SECONDS)


def test_an_interruption_does_not_wait_for_an_erp_that_never_answers() -> None:
    never = threading.Event()

    def read(target: Target, progress: Progress) -> None:
        if target.name == "b":
            raise KeyboardInterrupt
        never.wait(SECONDS)

    with pytest.raises(KeyboardInterrupt):
        read_each(targets("a", "b"), read, lambda _: no_progress)
    # Whoever waited longer would have been let go only by this.
    never.set()
