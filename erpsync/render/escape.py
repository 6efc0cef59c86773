"""Make values harmless where they are shown: they come from files and from the ERP, so from anybody."""

from __future__ import annotations

import html as html_module
import re
import unicodedata


def plain(text: str) -> str:
    r"""A value for a terminal or a log: control, format and bidirectional characters as ``\u202e``.

    An escape sequence in a name could otherwise rewrite the screen, and a right-to-left mark could
    show one login as another.
    """
    if text.isprintable():
        return text
    return "".join(char if _harmless(char) else _escaped(char) for char in text)


def _harmless(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_MARKDOWN = re.compile(r"[\\`*_{}\[\]#+!|~$>]|:(?=[\w+-]+:)")
"""What means something to Markdown; a colon does where it begins the name of an emoji."""


def markdown(text: str) -> str:
    """A value for Markdown on a forge: no markup, HTML, link, mention, issue reference or table break.

    GitHub makes links of bare URLs and mentions of ``@name`` even in plain text; a zero-width
    character between keeps them apart. https://github.github.com/gfm/#autolinks-extension-
    """
    escaped = plain(text).replace("&", "&amp;").replace("<", "&lt;")
    return _unlinked(_STARTS.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\g<0>", escaped)))


_STARTS = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-=]))(.)")
"""What begins a list or makes a title of the line above, at the start of a line."""
_LINKED = re.compile(r"@|#|www\.|://|mailto:|xmpp:|\bGH-(?=\d)", re.IGNORECASE)


def _unlinked(text: str) -> str:
    """What a forge links after rendering, which an escape does not stop: mentions, issues, bare addresses."""
    return _LINKED.sub(lambda found: f"{found[0][0]}\u200b{found[0][1:]}", text)


def html(text: str) -> str:
    """A value within HTML on a forge, where Markdown is not read: a summary that can be unfolded."""
    return _unlinked(html_module.escape(plain(text)))


class Safe(str):
    """Markdown that may be shown as it is: fixed words, and values that were escaped."""

    __slots__ = ()


LONGEST = 300
"""Characters of one value that are shown in a comment; a longer one ends in ``…``."""


def fill(template: str, **values: object) -> Safe:
    """Fixed words with values put in: each is shortened and escaped, unless it is `Safe` already."""
    shown = {name: value if isinstance(value, Safe) else short(str(value)) for name, value in values.items()}
    return Safe(template.format(**shown))


def short(text: str, most: int = LONGEST) -> Safe:
    """A value for Markdown, escaped as by `markdown` and of bounded length: that of its plain form.

    Blanks at its ends are shown: one login could look like another, and Markdown drops them.
    """
    shown = _BLANK_ENDS.sub(lambda found: "␠" * len(found[0]), plain(text[: most + 1]))
    return Safe(markdown(shown if len(shown) <= most else f"{shown[: most - 1]}…"))


_BLANK_ENDS = re.compile(r"^\s+|\s+$")


def workflow_value(text: str) -> str:
    """The message of a GitHub workflow command."""
    return plain_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command, where colons and commas separate."""
    return workflow_value(text).replace(":", "%3A").replace(",", "%2C")


def plain_lines(text: str) -> str:
    """Like `plain`, but lines stay lines."""
    return "\n".join(plain(line) for line in text.split("\n"))
