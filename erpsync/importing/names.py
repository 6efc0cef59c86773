"""Keys for what an ERP names freely: logins, entitlements, departments. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from erpsync.model import fold

_KEY = re.compile(r"(?=.{1,100}\Z)[A-Za-z0-9][A-Za-z0-9._@-]*")
"""What may be a key, as in the schema of access files."""
_LONGEST = 80
"""Most characters of a key that is made, so that a number still fits behind it."""
LONGEST_TITLE = 500
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def is_key(text: str) -> bool:
    """Whether a text may stand as a key as it is."""
    return _KEY.fullmatch(text) is not None


def slug(text: str) -> str:
    """A text as a key: lower-case letters and digits, with hyphens between; empty if it has none.

    Letters lose their accents; Chinese has no letters, so it leaves nothing.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-")


def titles(name: str) -> tuple[str, str | None]:
    """The title and the Chinese title of what the ERP calls so."""
    title = name[:LONGEST_TITLE]
    return title, title if _CHINESE.search(title) else None


class Keys:
    """Gives out keys no two of which are the same, also when only case differs."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {fold(key) for key in taken}
        self._last: dict[str, int] = {}

    def free(self, key: str) -> bool:
        """Whether nobody has this key."""
        return fold(key) not in self._taken

    def take(self, wanted: str, otherwise: str) -> str:
        """A free key made of a text; ``otherwise`` with a number where nothing of the text is left."""
        stem = wanted if is_key(wanted) else slug(wanted)
        key = stem or self._numbered(otherwise, 1)
        if not self.free(key):
            key = self._numbered(stem or otherwise, 2)
        self._taken.add(fold(key))
        return key

    def _numbered(self, stem: str, first: int) -> str:
        """The stem with the lowest number that is free; where it was found last the search goes on."""
        number = self._last.get(stem, first - 1) + 1
        while not self.free(f"{stem}-{number}"):
            number += 1
        self._last[stem] = number
        return f"{stem}-{number}"
