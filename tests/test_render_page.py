"""A page of bounded size: what is kept, in which order, and what is counted as left out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from erpsync.render.page import LIMIT, PATIENCE, Section, fit, size


def section(opening: str, entries: Sequence[str], closing: str = "", rank: int = 0) -> Section:
    return Section(opening, [partial(str, entry) for entry in entries], closing, rank)


def test_size_is_never_less_than_any_way_of_counting_characters() -> None:
    for text in ("abc", "陈静", "🌈", "a\nb\n", ""):
        assert size(text) >= max(len(text), len(text.encode()), len(text.encode("utf-16-le")) // 2)
    assert LIMIT < 65_536


def test_a_line_end_counts_as_two_since_forms_send_two() -> None:
    assert size("a\n") == len(b"a\r\n")


def test_everything_is_shown_where_there_is_room() -> None:
    assert fit([section("A", ["1", "2"], "a"), Section("B")], 100) == ("A12aB", 0)


def test_entries_that_do_not_fit_are_counted_and_smaller_ones_still_shown() -> None:
    assert fit([section("A", ["long", "1"], "a")], 3) == ("A1a", 1)


def test_room_goes_to_the_lower_rank_first_and_the_order_stays() -> None:
    assert fit([section("A", ["1"], rank=1), section("B", ["2"], rank=0)], 3) == ("AB2", 1)


def test_headings_of_all_sections_come_before_any_entry() -> None:
    assert fit([section("A", ["1"]), section("B", ["2"])], 2) == ("AB", 2)


def test_section_whose_heading_does_not_fit_is_left_out_with_its_entries() -> None:
    assert fit([section("heading", ["1", "2"]), section("B", ["3"])], 2) == ("B3", 3)


def test_no_room_at_all_leaves_everything_out() -> None:
    assert fit([section("A", ["1"])], -1) == ("", 2)


def test_a_section_without_room_is_given_up_and_all_its_entries_counted() -> None:
    asked: list[int] = []

    def entry(number: int) -> str:
        asked.append(number)
        return "too long"

    many = Section("A", [partial(entry, number) for number in range(10 * PATIENCE)])
    assert fit([many, section("B", ["1"])], 3) == ("AB1", 10 * PATIENCE)
    assert asked == list(range(PATIENCE))


def test_patience_begins_anew_with_every_entry_that_fits() -> None:
    entries = [*["long"] * (PATIENCE - 1), "1"] * 2
    assert fit([section("A", entries)], 3) == ("A11", 2 * (PATIENCE - 1))
