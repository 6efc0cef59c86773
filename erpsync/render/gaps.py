"""What a target cannot do and who does it instead, in words. Pure."""

from __future__ import annotations

from erpsync.gaps import Gap
from erpsync.render.escape import Safe
from erpsync.render.phrases import PHRASES
from erpsync.render.vocabulary import Vocabulary


def in_words(gap: Gap) -> str:
    """One sentence in English, not escaped."""
    return PHRASES[f"{_phrase(gap)}.{'one' if gap.count == 1 else 'many'}"][0].format(
        n=gap.count, subject=gap.subject
    )


def in_markdown(gap: Gap, words: Vocabulary) -> Safe:
    """The same for a comment, in its language."""
    return words.count(_phrase(gap), gap.count, subject=gap.subject)


def _phrase(gap: Gap) -> str:
    return f"gap.{gap.kind}.{gap.instead}"
