"""The users of one file, packed; and those of all files as one mapping that unpacks them when asked."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from erpsync.building.packed import Packed, pack, place_of, unpack
from erpsync.mentions import Mentions, mentions
from erpsync.model import Location, User
from erpsync.yaml_tree import Map


@dataclass(frozen=True, slots=True)
class Page:
    """The users of one file.

    ``digest`` is that of the file's bytes; ``users`` are the packed users, written by marshal.
    """

    file: str
    digest: bytes
    keys: tuple[str, ...]
    mentions: Mentions
    users: bytes

    def unpacked(self) -> Iterator[User]:
        """The users, one after the other."""
        # Written by this process, or by one whose seal was proved: `erpsync.cache`.
        packed = marshal.loads(self.users)  # noqa: S302
        return (unpack(item, self.file) for item in packed)


def page_of(users: Any, file: str, digest: bytes) -> Page:
    """The page of a file.

    Args:
        users: its entries by key, with their places; the schema found them right.
        file: how it is called in places.
        digest: that of its bytes.

    Raises:
        AmissError: one of the users contradicts itself.
    """
    mentioned = mentions(users)
    texts: dict[str, str] = {}
    packed = [
        pack(key, place, entry, texts.setdefault)
        for (key, entry), place in zip(users.items(), users.places, strict=True)
    ]
    return Page(file, digest, tuple(users), mentioned, marshal.dumps(packed))


def pages_of_entries(users: Iterable[tuple[str, Map, Location]]) -> list[Page]:
    """Pages of users who stand among other entries, by file; without what they mention."""
    files: dict[str, list[Packed]] = {}
    texts: dict[str, str] = {}
    for key, entry, at in users:
        files.setdefault(at.file, []).append(pack(key, place_of(at), entry, texts.setdefault))
    return [
        Page(file, b"", tuple(item[0] for item in packed), Mentions(), marshal.dumps(packed))
        for file, packed in files.items()
    ]


class Roster(Mapping[str, User]):
    """The users of all pages by key.

    Made for going through all of them once, or asking for a few. Whoever goes through them again and
    again makes a `dict` of it first.
    """

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        self.pages = tuple(pages)

    @cached_property
    def _page(self) -> dict[str, Page]:
        return {key: page for page in self.pages for key in page.keys}

    def __getitem__(self, key: str) -> User:
        return next(user for user in self._page[key].unpacked() if user.key == key)

    def __contains__(self, key: object) -> bool:
        return key in self._page

    def __iter__(self) -> Iterator[str]:
        return (key for page in self.pages for key in page.keys)

    def __len__(self) -> int:
        return sum(len(page.keys) for page in self.pages)

    def users(self) -> Iterator[User]:
        """Every user, in the order of the files; only one page is unpacked at a time."""
        return (user for page in self.pages for user in page.unpacked())

    def some(self, keys: Iterable[str]) -> dict[str, User]:
        """The users with these keys, each page unpacked at most once."""
        wanted = set(keys)
        pages = {id(self._page[key]): self._page[key] for key in wanted}
        return {user.key: user for page in pages.values() for user in page.unpacked() if user.key in wanted}

    def kept(self) -> dict[str, User]:
        """All of them as a plain mapping; the same texts are kept once."""
        return {user.key: user for user in self.users()}
