"""The users of one file, packed; and those of all files as one mapping that unpacks them when asked."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol

from erpsync.building.packed import Packed, pack, place_of, unpack
from erpsync.mentions import Mentions
from erpsync.model import Access, Location, User
from erpsync.yaml_tree import Map


class Memory(Protocol):
    """What earlier runs worked out: see `erpsync.cache.Cache`."""

    def recall(self, kind: str, name: str, made_from: bytes) -> Any:
        """What was kept, or None if nothing was that is good for this."""

    def keep(self, kind: str, name: str, made_from: bytes, value: Any) -> None:
        """Keep something for later runs."""

    def keep_only(self, kind: str, names: Collection[str]) -> None:
        """Say which entries of a kind are still of use."""


class _Forgetful:
    """No memory at all."""

    def recall(self, kind: str, name: str, made_from: bytes) -> Any:  # noqa: ARG002 - as Memory has it
        return None

    def keep(self, kind: str, name: str, made_from: bytes, value: Any) -> None:
        pass

    def keep_only(self, kind: str, names: Collection[str]) -> None:
        pass


FORGETFUL: Memory = _Forgetful()


@dataclass(frozen=True, slots=True)
class Page:
    """The users of one file.

    ``digest`` is that of the file's bytes, ``path`` where it is below the access directory; both are
    empty of a page that is not made from a whole file. ``load`` gives the packed users, written by marshal.
    """

    file: str
    path: str
    digest: bytes
    keys: tuple[str, ...]
    mentions: Mentions
    load: Callable[[], bytes]

    def unpacked(self, keys: Collection[str] | None = None) -> Iterator[User]:
        """The users, or those with these keys, one after the other."""
        # Written by this process, or by one whose seal was proved: `erpsync.cache`.
        packed = marshal.loads(self.load())  # noqa: S302
        return (unpack(item, self.file) for item in packed if keys is None or item[0] in keys)


def packed_users(users: Any) -> bytes:
    """The entries of a file, packed.

    Args:
        users: by key, with their places; the schema found them right.
    """
    texts: dict[str, str] = {}
    packed = [
        pack(key, place, entry, texts.setdefault)
        for (key, entry), place in zip(users.items(), users.places, strict=True)
    ]
    return marshal.dumps(packed)


def pages_of_entries(users: Iterable[tuple[str, Map, Location]]) -> list[Page]:
    """Pages of users who stand among other entries, by file; without what they mention."""
    files: dict[str, list[Packed]] = {}
    texts: dict[str, str] = {}
    for key, entry, at in users:
        files.setdefault(at.file, []).append(pack(key, place_of(at), entry, texts.setdefault))
    return [
        Page(file, "", b"", tuple(item[0] for item in packed), Mentions(), partial(marshal.dumps, packed))
        for file, packed in files.items()
    ]


class Roster(Mapping[str, User]):
    """The users of all pages by key.

    Made for going through all of them once, or asking for a few: each pass unpacks every page. Whoever goes
    through them again and again makes a `dict` of it first.
    """

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        self.pages = tuple(pages)

    @cached_property
    def _page(self) -> dict[str, Page]:
        return {key: page for page in self.pages for key in page.keys}

    def __getitem__(self, key: str) -> User:
        return next(self._page[key].unpacked((key,)))

    def __contains__(self, key: object) -> bool:
        return key in self._page

    def __iter__(self) -> Iterator[str]:
        return (key for page in self.pages for key in page.keys)

    def __len__(self) -> int:
        return sum(len(page.keys) for page in self.pages)

    def values(self) -> ValuesView[User]:
        """Every user; each page is unpacked once."""
        return _Users(self)

    def items(self) -> ItemsView[str, User]:
        """Every user with the key; each page is unpacked once."""
        return _Entries(self)

    def users(self) -> Iterator[User]:
        """Every user, in the order of the files; only one page is unpacked at a time."""
        return (user for page in self.pages for user in page.unpacked())

    def some(self, keys: Iterable[str]) -> dict[str, User]:
        """The users with these keys, each page unpacked at most once."""
        wanted = set(keys)
        pages = {id(self._page[key]): self._page[key] for key in wanted}
        return {user.key: user for page in pages.values() for user in page.unpacked(wanted)}

    def kept(self) -> dict[str, User]:
        """All of them as a plain mapping; the same texts are kept once."""
        return {user.key: user for user in self.users()}


class _Users(ValuesView[User]):
    _mapping: Roster

    def __iter__(self) -> Iterator[User]:
        return self._mapping.users()


class _Entries(ItemsView[str, User]):
    _mapping: Roster

    def __iter__(self) -> Iterator[tuple[str, User]]:
        return ((user.key, user) for user in self._mapping.users())


def kept(access: Access) -> Access:
    """The same declared state with plain users, for whoever goes through them again and again."""
    return replace(access, users=access.users.kept()) if isinstance(access.users, Roster) else access
