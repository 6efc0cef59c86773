"""Texts of access files in all the styles that people use, for property tests."""

from __future__ import annotations

import re
from typing import Any

import yaml
from hypothesis import strategies as st

KEYS = ("chen.jing", "lin.tao", "wu.lan", "he.qi")
FIELDS = ("name", "status", "note", "roles", "assignments", "scope")
WRITTEN = {
    "name": ["陈静", '"陈: 静"', "'Ma Li'"],
    "status": ["active", "locked   # why", ""],
    "note": ["|\n      a\n      # b\n", ">-\n      a\n\n      b", "a\n      b", "plain"],
    "roles": [
        "[a, b]",
        "[ a ]  # why",
        "\n      - a\n      # of b\n      - b",
        "\n    - a",
        "[\n      a,\n    ]",
    ],
    "assignments": ["\n      - role: a\n        reason: b\n      - {role: b, reason: c}", "[]"],
    "scope": ["{company: [A, B]}", "\n      company: all\n      warehouse:\n      - W1", "{}"],
}


@st.composite
def entries(draw: st.DrawFn) -> str:
    fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, unique=True))
    lines = []
    for name in fields:
        comment = draw(st.sampled_from(["", "    # about it\n", "      # aside\n"]))
        value = draw(st.sampled_from(WRITTEN[name]))
        lines.append(f"{comment}    {name}:{'' if not value or value.startswith(chr(10)) else ' '}{value}\n")
    return "".join(lines)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """The text of a file in all the styles that people use."""
    gap = draw(st.sampled_from(["", "\n"]))
    comment = draw(st.sampled_from(["", "  # about the next\n"]))
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
    quote = draw(st.sampled_from(["", '"', "'"]))
    users = gap.join(f"{comment}  {quote}{key}{quote}:\n{draw(entries())}" for key in keys)
    head = draw(st.sampled_from(["", "# head\n\n", "---\n", "settings: {timezone: UTC}\n"]))
    tail = draw(st.sampled_from(["", "\nroles: {}\n", "# end\n", "roles:\n  a: {title: A}\n"]))
    text = f"{head}users:\n{users}{tail}"
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@st.composite
def commented(draw: st.DrawFn) -> str:
    """A document with comments wherever a line ends or brackets open, whether it is valid then or not."""
    text = draw(st.sampled_from(["{}", "{{ {} }}"])).format("a: [ ]\nb: {}\nc: [d, {e: f}]\ng: h")
    braces = text.startswith("{")
    text = text.replace("\n", ",\n") if braces else text
    parts = re.split(r"(?<=[\[{,\]}\n])", text)
    marks = [draw(st.sampled_from(["", "", "  # x", " #y\n ", "\n # z\n "])) for _ in parts]
    return "".join(part + mark for part, mark in zip(parts, marks, strict=True)) + "\n"


def data_of(text: str) -> dict[str, Any]:
    return yaml.load(text, yaml.BaseLoader) or {}
