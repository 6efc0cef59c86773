"""The fixed words of comments, in English and Chinese, and which title of an entry goes with them.

The phrases stand side by side, so that whoever changes one sees the other. In ``X.one`` and
``X.many`` a phrase has a form for one and a form for ``n``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from erpsync.errors import UsageError
from erpsync.plan import TargetPlan
from erpsync.render.escape import Safe, fill, short
from erpsync.render.phrases import PHRASES
from erpsync.render.words import headline, left_over
from erpsync.summary import figures


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language. ``titles`` names the attributes that hold an entry's title, best first."""

    phrases: Mapping[str, str]
    titles: tuple[str, ...]
    headline: Callable[[TargetPlan], str]
    left_over: Callable[[TargetPlan], str]

    def say(self, phrase: str, **values: object) -> Safe:
        """A phrase with values put in, each escaped."""
        return fill(self.phrases[phrase], **values)

    def count(self, phrase: str, count: int, **values: object) -> Safe:
        """A phrase in the form that goes with a number."""
        return self.say(f"{phrase}.{'one' if count == 1 else 'many'}", n=count, **values)

    def name(self, kind: str, value: str) -> Safe:
        """What a word of the files is called, such as ``section``, ``roles``; else the word itself."""
        return self.say(f"{kind}.{value}") if f"{kind}.{value}" in self.phrases else short(value)

    def title(self, entry: object, key: str) -> str:
        """The title of an entry in this language, else in the other; the key where it has none."""
        found = (str(getattr(entry, name, None) or "").strip() for name in self.titles)
        return next((title for title in found if title), key)

    def listed(self, items: Sequence[object], most: int = 5) -> Safe:
        """``a, b and 3 more``: at most so many items, each escaped, and how many more there are."""
        shown = self.joined(items[:most])
        return self.say("list.more", items=shown, n=len(items) - most) if len(items) > most else shown

    def joined(self, items: Sequence[object], separator: str = "list.separator") -> Safe:
        """All items, each escaped."""
        return Safe(self.phrases[separator].join(fill("{it}", it=item) for item in items))


def _headline_zh(plan: TargetPlan) -> str:
    count = figures(plan.accounts)
    parts = (
        (count.gain, "个账号增加权限"),
        (count.lose, "个账号减少权限"),
        (count.locked, "个账号锁定"),
        (count.other, "个账号其他变更"),
    )
    return "，".join(f"{number} {words}" for number, words in parts if number) or "无变更"


def _left_over_zh(plan: TargetPlan) -> str:
    held = sum(len(held.changes) for held in plan.held)
    parts = ((held, "处差异保留不改"), (len(plan.unmanaged), "个未纳管账号"))
    return "，".join(f"{number} {words}" for number, words in parts if number)


_VOCABULARIES = {
    "en": Vocabulary(
        {key: english for key, (english, _) in PHRASES.items()}, ("title", "title_zh"), headline, left_over
    ),
    "zh": Vocabulary(
        {key: chinese for key, (_, chinese) in PHRASES.items()},
        ("title_zh", "title"),
        _headline_zh,
        _left_over_zh,
    ),
}

LANGUAGES = tuple(_VOCABULARIES)
"""The languages that there are words for."""


def vocabulary(lang: str) -> Vocabulary:
    """The words of a language.

    Raises:
        UsageError: there are none.
    """
    if lang not in _VOCABULARIES:
        raise UsageError(
            f"there are no words for the language {lang!r}", hint=f"one of {', '.join(LANGUAGES)}"
        )
    return _VOCABULARIES[lang]
