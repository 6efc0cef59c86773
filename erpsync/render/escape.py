"""Make values harmless where they are shown: they come from files and from the ERP, so from anybody."""

from __future__ import annotations

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
    escaped = _MARKDOWN.sub(r"\\\g<0>", escaped)
    # What a forge links after rendering, an escape does not stop: mentions, issues, bare addresses.
    return _LINKED.sub(lambda found: f"{found[0][0]}\u200b{found[0][1:]}", escaped)


_LINKED = re.compile(r"@|#|www\.|://|\bGH-(?=\d)", re.IGNORECASE)


def workflow_value(text: str) -> str:
    """The message of a GitHub workflow command."""
    return plain_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command, where colons and commas separate."""
    return workflow_value(text).replace(":", "%3A").replace(",", "%2C")


def plain_lines(text: str) -> str:
    """Like `plain`, but lines stay lines."""
    return "\n".join(plain(line) for line in text.split("\n"))
