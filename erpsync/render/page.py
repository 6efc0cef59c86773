"""A page of bounded size: as many entries as there is room for, and how many are left out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

LIMIT = 65_000
"""Most that a page may have, counted by `size`.

GitHub refuses a comment with "maximum is 65536 characters". How it counts has changed: comments were
seen to be taken up to 262,144 bytes, pull requests up to 65,536 code points. UTF-8 bytes are never
fewer than code points or UTF-16 units, so a page within the limit is short by every count.
"""


def size(text: str) -> int:
    """UTF-8 bytes, each line end as two, as a form sends it."""
    return len(text.encode()) + text.count("\n")


Entry = Callable[[], str]
"""Makes the text of one entry; asked only while there may be room for it."""

PATIENCE = 100
"""Entries in a row for which there was no room, before no other of that section is tried."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: what stands above its entries, the entries, and what stands below them.

    Those of a lower rank are given room first, wherever they stand.
    """

    opening: str
    entries: Iterable[Entry] = ()
    closing: str = ""
    rank: int = 0


def fit(sections: Sequence[Section], room: int) -> tuple[str, int]:
    """As much of the sections as there is room for, in their order, and how many entries are left out.

    What stands above and below the entries of all sections comes before any entry. An entry is
    shown whole or not at all.
    """
    by_rank = sorted(range(len(sections)), key=lambda index: sections[index].rank)
    shown: dict[int, list[str]] = {}
    left = 0
    for index in by_rank:
        frame = size(sections[index].opening) + size(sections[index].closing)
        if frame <= room:
            room -= frame
            shown[index] = []
        else:
            left += 1
    for index in by_rank:
        misfits = 0 if index in shown else PATIENCE
        for entry in sections[index].entries:
            text = entry() if misfits < PATIENCE else None
            if text is None or size(text) > room:
                misfits += 1
                left += 1
            else:
                misfits = 0
                room -= size(text)
                shown[index].append(text)
    parts = [
        "".join([sections[index].opening, *entries, sections[index].closing])
        for index, entries in sorted(shown.items())
    ]
    return "".join(parts), left
