"""Reads a comment as a forge does: CommonMark with tables, HTML and bare addresses as links."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True)
class Page:
    """What a reader gets: the shape of a page, the text in it, and what can be clicked or run."""

    shape: tuple[str, ...]
    texts: tuple[str, ...]
    links: tuple[str, ...]
    html: tuple[str, ...]


def read_page(text: str) -> Page:
    """Parse Markdown. The shape is the order of all elements, without their text."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    # GitHub makes no link of a bare name or of //name. What it does make one of without a scheme (www.,
    # mail addresses) ends at a zero-width character there, but not here, so `references` looks for it.
    # https://github.github.com/gfm/#autolinks-extension-
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    parser.linkify.add("//", None)
    tokens = [child for token in parser.parse(text) for child in (token, *(token.children or ()))]
    return Page(
        tuple(token.type for token in tokens if token.type not in ("text", "text_special")),
        tuple(_shown(token) for token in tokens if token.type == "inline"),
        tuple(str(token.attrs["href"]) for token in tokens if token.type == "link_open"),
        tuple(token.content.strip() for token in tokens if token.type in ("html_block", "html_inline")),
    )


def _shown(inline: Token) -> str:
    """The text of an element as it stands on the page, where a forge looks for references; not code."""
    return "".join(child.content for child in inline.children or () if child.type != "code_inline")


# https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
_REFERENCE = re.compile(r"@\w|#\d|\bGH-\d|www\.|://|[\w.+-]@[\w-]", re.IGNORECASE)


def references(page: Page) -> list[str]:
    """What a forge would make a mention, a reference or a link of, beside the links that are meant."""
    return [found[0] for text in page.texts for found in _REFERENCE.finditer(text)]


def hidden_characters(text: str) -> set[str]:
    """Control and format characters of a page, beside line ends and what keeps references apart."""
    bad = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return {char for char in text if unicodedata.category(char) in bad} - {"\n", "\u200b"}
