"""Strict YAML with positions, on PyYAML's C events.

Building from events instead of nodes keeps the line and column of every value at hardly any cost
and lets each thing that YAML allows and access files must not have (duplicate keys, anchors, tags,
several documents) be refused with its place. A scalar stays the text that was written: whether
``no``, ``007`` or ``2026-01-01`` is a word, a number or a date is for the schema to say.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out

from erpsync.model import Finding, Location

MAX_DEPTH = 16
"""Deepest nesting; the deepest value that the schema allows is at 7."""

Node = Any
"""A YAML value as loaded: Map, Seq, str, or None where nothing was written."""


class Marks:
    """The positions of one file, packed: ``line << 32 | column``, from 0, for each key, value and item."""

    __slots__ = ("file", "packed")

    def __init__(self, file: str) -> None:
        self.file = file
        self.packed = array("Q")

    def location(self, index: int) -> Location:
        """The place that was recorded under an index."""
        packed = self.packed[index]
        return Location(self.file, (packed >> 32) + 1, (packed & 0xFFFFFFFF) + 1)


class Map(dict[str, Node]):
    """A YAML mapping that knows where it and each of its keys and values stand."""

    __slots__ = ("marks", "offset")
    marks: Marks
    offset: int

    @property
    def at(self) -> Location:
        """Where the mapping begins."""
        return self.marks.location(self.offset)

    @property
    def places(self) -> Sequence[int]:
        """Where each key stands, packed."""
        return self.marks.packed[self.offset + 1 : self.offset + 1 + 2 * len(self) : 2]

    def entries(self) -> Iterator[tuple[str, Node, Location]]:
        """Each key and value, with the place of the key."""
        location, index = self.marks.location, self.offset + 1
        for key, value in self.items():
            yield key, value, location(index)
            index += 2

    def key_at(self, key: str) -> Location:
        """Where a key stands. Takes time proportional to the number of keys; see `entries`."""
        return self.marks.location(self.offset + 1 + 2 * list(self).index(key))

    def value_at(self, key: str) -> Location:
        """Where the value of a key begins."""
        return self.marks.location(self.offset + 2 + 2 * list(self).index(key))


class Seq(list[Node]):
    """A YAML sequence that knows where it and each of its items stand."""

    __slots__ = ("marks", "offset")
    marks: Marks
    offset: int

    @property
    def at(self) -> Location:
        """Where the sequence begins."""
        return self.marks.location(self.offset)

    @property
    def places(self) -> Sequence[int]:
        """Where each item stands, packed."""
        return self.marks.packed[self.offset + 1 : self.offset + 1 + len(self)]

    def entries(self) -> Iterator[tuple[Node, Location]]:
        """Each item, with its place."""
        location, offset = self.marks.location, self.offset + 1
        for index, value in enumerate(self):
            yield value, location(offset + index)

    def item_at(self, index: int) -> Location:
        """Where an item begins."""
        return self.marks.location(self.offset + 1 + index)


def parse(data: bytes, name: str, findings: list[Finding]) -> Map | None:
    """Build the mapping that one YAML document holds.

    Args:
        data: the bytes of the file.
        name: how the file is called in locations.
        findings: receives what is wrong.

    Returns:
        The top mapping, without what could not be taken, or None if there is none.
    """
    if not _is_plain_utf8(data, name, findings):
        return None
    builder = _Builder(name, findings)
    try:
        return builder.build(CParser(data))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Location(name, mark.line + 1, mark.column + 1) if mark else Location(name, 1, 1)
        problem = " ".join(part for part in (error.context, error.problem) if part)
        hint = _syntax_hint(data, place)
        findings.append(Finding("yaml/syntax", f"not valid YAML: {problem}", place, hint))
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        findings.append(Finding("yaml/syntax", f"not valid YAML: {problem}", Location(name, 1, 1)))
    return None


def _is_plain_utf8(data: bytes, name: str, findings: list[Finding]) -> bool:
    start = Location(name, 1, 1)
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        findings.append(Finding("file/encoding", "the file begins with a byte order mark", start,
                                "save it as UTF-8 without BOM"))  # fmt: skip
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8")) + 1
        place = Location(name, before.count(b"\n") + 1, column)
        findings.append(Finding("file/encoding", f"byte 0x{data[error.start]:02x} is not UTF-8", place,
                                "save the file as UTF-8 (it may be GBK now)"))  # fmt: skip
        return False
    return True


def _syntax_hint(data: bytes, place: Location) -> str | None:
    lines = data.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else b""
    if b"\t" in line:
        return "YAML is indented with spaces, not with tabs"
    if b": " in line.partition(b": ")[2]:
        return "a text that contains a colon and a space needs quotes"
    return "check the indentation: entries of one mapping begin in the same column"


_NO_KEY = object()
"""Says that the next event of a mapping is a key."""


class _Builder:
    """Turns the events of one file into Map and Seq; problems go to ``findings``."""

    def __init__(self, name: str, findings: list[Finding]) -> None:
        self.marks = Marks(name)
        self.findings = findings
        self.texts: dict[str, str] = {}

    def build(self, parser: CParser) -> Map | None:
        """Consume all events; the top mapping, or None if there is none."""
        top: Map | None = None
        documents = 0
        while (event := parser.get_event()) is not None:
            if type(event) is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self.report(
                        "yaml/documents", "a second document begins here", event, "one document a file"
                    )
                    break
            elif type(event) is yaml.MappingStartEvent:
                top = self.mapping(event, parser.get_event)
            elif isinstance(event, yaml.NodeEvent) and (type(event) is not yaml.ScalarEvent or event.value):
                self.report("yaml/top", "the file must hold a mapping of sections", event)
                break
        return top

    def report(self, rule: str, message: str, event: yaml.Event, hint: str | None = None) -> None:
        mark: Any = event.start_mark
        place = Location(self.marks.file, mark.line + 1, mark.column + 1)
        self.findings.append(Finding(rule, message, place, hint))

    def mapping(self, event: Any, next_event: Callable[[], Any]) -> Map:
        """Build the top mapping with everything in it.

        One flat loop with a stack of its own: recursion would let a deeply nested file end the
        program, and a call for each value would double the time of loading.
        """
        scalar_event, map_start, seq_start = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
        map_end, seq_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
        packed, same_text = self.marks.packed, self.texts.setdefault
        stack: list[tuple[Any, list[int], Any]] = []
        container, marks = self.open(event, depth=0)
        is_map, key = True, _NO_KEY
        while True:
            event = next_event()
            kind = type(event)
            if kind is map_end or kind is seq_end:
                container.offset = len(packed)
                packed.extend(marks)
                if not stack:
                    top: Map = container
                    return top
                container, marks, key = stack.pop()
                is_map = type(container) is Map
                continue
            inner: list[int] | None = None
            if kind is scalar_event and event.anchor is None and event.tag is None:
                value = event.value
                value = same_text(value, value) if value or event.style else None
            elif kind is map_start or kind is seq_start:
                value, inner = self.open(event, len(stack) + 1)
            else:
                value = self.forbidden(event)
            mark = event.start_mark
            place = mark.line << 32 | mark.column
            if not is_map:
                container.append(value)
                marks.append(place)
            elif key is _NO_KEY:
                key = self.key(value, container, marks, place, event)
            else:
                if key is not None:
                    container[key] = value
                    marks.append(place)
                key = _NO_KEY
            if inner is not None:
                stack.append((container, marks, key))
                container, marks, key = value, inner, _NO_KEY
                is_map = kind is map_start

    def open(self, event: Any, depth: int) -> tuple[Any, list[int]]:
        """A new container, and the list that collects its marks until it is complete."""
        if event.anchor is not None or event.tag is not None:
            self.refuse_properties(event)
        mark = event.start_mark
        if depth >= MAX_DEPTH:
            problem = f"more than {MAX_DEPTH} levels of nesting"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        container: Map | Seq = Map() if type(event) is yaml.MappingStartEvent else Seq()
        container.marks = self.marks
        return container, [mark.line << 32 | mark.column]

    def key(self, value: Node, container: Map, marks: list[int], place: int, event: Any) -> str | None:
        """Take a key, or report why not and return None, which lets its value be dropped."""
        if not isinstance(value, str):
            self.report("yaml/key", "a key must be a plain text", event)
        elif value == "<<":
            self.report("yaml/merge", "merge keys (<<) are not allowed", event, "write the entries out")
        elif value in container:
            first = (marks[1 + 2 * list(container).index(value)] >> 32) + 1
            self.report("yaml/duplicate-key", f"{value!r} stands here for the second time", event,
                        f"it stands on line {first} already; keep one of the two")  # fmt: skip
        else:
            marks.append(place)
            return value
        return None

    def forbidden(self, event: Any) -> str | None:
        """Report an alias, or a scalar with an anchor or a tag; its text as far as it has one."""
        if type(event) is yaml.AliasEvent:
            self.report("yaml/alias", "aliases are not allowed", event, "write the value out")
            return None
        self.refuse_properties(event)
        return str(event.value)

    def refuse_properties(self, event: Any) -> None:
        if event.anchor is not None:
            # Its name may be the beginning of a password that should have been quoted.
            self.report("yaml/anchor", "anchors are not allowed", event, "write the value out")
        if event.tag is not None:
            self.report("yaml/tag", f"tags ({event.tag}) are not allowed", event, "write the plain value")
