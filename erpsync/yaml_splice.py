"""Where YAML text is cut and what is put in, so that nothing else of it moves. Pure.

In block style whole lines go and come: an entry with the comment right above it, and with the blank
line that sets it apart where entries are set apart so. In flow style items go and come with their
commas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from erpsync.yaml_places import Child, Name, Place
from erpsync.yaml_write import Value, block, entry, fits, inline, item, scalar


@dataclass(frozen=True, slots=True)
class Splice:
    """Text to put in the place of what stands from start to end."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class New:
    """An entry or item to add; it stands before the first of ``before`` that is there, else last."""

    name: Name
    value: Value
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file and its lines."""

    text: str
    eol: str = field(init=False)

    def __post_init__(self) -> None:
        first = self.text.find("\n")
        object.__setattr__(self, "eol", "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n")

    def spliced(self, splices: Iterable[Splice]) -> str:
        """The text after all splices; what is put in at one place stands in the order given."""
        parts: list[str] = []
        at = 0
        for splice in sorted(splices, key=lambda splice: splice.start):
            parts += [self.text[at : max(splice.start, at)], splice.text]
            at = max(splice.end, at)
        return "".join([*parts, self.text[at:]])

    def fresh(self, entries: Sequence[New]) -> Splice:
        """The first entries of a file that has none, below whatever comments it has."""
        place = len(self.text)
        lead = self.eol if self.text.strip() and self.text.endswith("\n") else ""
        if self.text and not self.text.endswith("\n"):
            lead = self.eol * 2
        lines = [line for new in entries for line in entry(str(new.name), new.value, 0)]
        tail = "" if len(lead) == 2 * len(self.eol) else self.eol
        return Splice(place, place, lead + self.eol.join(lines) + tail)

    # --- one value --------------------------------------------------------------------------------

    def replaced(self, child: Child, parent: Place, value: Value) -> Iterator[Splice]:
        """Put another value in the place of one; comments beside it stay."""
        place = child.place
        if parent.flow:
            pad = " " if place.start == place.end and self.text[place.start - 1] == ":" else ""
            yield Splice(place.start, place.end, pad + inline(value))
            return
        head = self._after_indicator(child, parent)
        (start, end), body = self._extent(place, head)
        pad = " " if start == head else ""
        if fits(value, start - self._line_start(start)):
            yield Splice(start, end, pad + inline(value))
            yield Splice(*body, "")
        elif parent.mapping:
            yield Splice(head, end, "")
            lines = block(value, parent.column + 2)
            yield Splice(*body, self.eol + self.eol.join(lines))
        else:
            first, *rest = block(value, start + len(pad) - self._line_start(start))
            yield Splice(start, end, pad + first.lstrip())
            yield Splice(*body, "".join(self.eol + line for line in rest))

    def _after_indicator(self, child: Child, parent: Place) -> int:
        """The index after the colon, or the dash, that a value in block style follows."""
        if parent.mapping:
            return self.text.index(":", child.key_end) + 1
        return self._dash(child, parent) + 1

    def _dash(self, child: Child, parent: Place) -> int:
        """The index of the dash of an item; its value may begin on a later line."""
        line = self._line_start(child.start)
        while self.text[line + parent.column : line + parent.column + 1] != "-":
            line = self._line_start(line - 1)
        return line + parent.column

    def _extent(self, place: Place, head: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """What of a value stands on the line of its key or dash, and what on whole lines below it."""
        if place.block_text:
            return (place.start, place.start + len(place.style)), (self._eol(place.start), place.end)
        if "\n" in self.text[head : place.start]:
            return (head, head), (self._eol(head), place.end)
        below = self._eol(place.end)
        start = head if place.start == place.end else place.start
        return (start, place.end), (below, below)

    # --- lines ------------------------------------------------------------------------------------

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _eol(self, index: int) -> int:
        """The index at which the line ends, before its line break."""
        found = self.text.find("\n", index)
        if found < 0:
            return len(self.text)
        return found - (found > index and self.text[found - 1] == "\r")

    def _next_line(self, index: int) -> int:
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def _blank(self, start: int, end: int) -> bool:
        """Whether there is a line, and nothing in it."""
        return start < end and not self.text[start:end].strip()

    # --- block style ------------------------------------------------------------------------------

    def in_block(self, place: Place, gone: set[Name], added: Sequence[New]) -> Iterator[Splice]:
        """Take entries or items out and put others in."""
        children = list((place.children or {}).items())
        kept = [index for index, (name, _) in enumerate(children) if name not in gone]
        for index, (name, child) in enumerate(children):
            if name not in gone:
                continue
            following = next((children[at][1] for at in kept if at > index), None)
            if self._shares_line(child, place):
                yield self._cut_first(child, following)
            else:
                yield self._cut_lines(place, index, last=following is None)
        spaced = self._spaced(place)
        for new in added:
            make = (
                entry(str(new.name), new.value, place.column)
                if place.mapping
                else item(new.value, place.column)
            )
            yield self._put_in(place, make, new.before, spaced)

    def _shares_line(self, child: Child, parent: Place) -> bool:
        """Whether the dash of a list around it stands on the same line."""
        first = child.start if parent.mapping else self._dash(child, parent)
        return bool(self.text[self._line_start(first) : first].strip())

    def _cut_first(self, child: Child, following: Child | None) -> Splice:
        if following is None:
            raise ValueError("it shares its line with a dash")
        if "#" in self.text[self._next_line(child.place.end) : following.start]:
            raise ValueError("a comment stands between it and what would take its place")
        return Splice(child.start, following.start, "")

    def _first_line(self, place: Place, index: int) -> int:
        """Where an entry begins: at the comment lines right above it, in its own column."""
        children = list((place.children or {}).values())
        child = children[index]
        start = self._line_start(child.start if place.mapping else self._dash(child, place))
        bound = self._next_line(children[index - 1].place.end) if index else 0
        while start > bound:
            above = self._line_start(start - 1)
            line = self.text[above:start]
            if not line.lstrip(" ").startswith("#") or line.index("#") != place.column:
                break
            start = above
        return start

    def _cut_lines(self, place: Place, index: int, *, last: bool) -> Splice:
        start = self._first_line(place, index)
        children = list((place.children or {}).values())
        child = children[index]
        end = self._next_line(child.place.end)
        below = self._next_line(end)
        set_apart = self._set_apart(start)
        if last and set_apart and index:
            start = self._line_start(start - 1)
        elif not last and self._blank(end, below) and (set_apart or not index):
            end = below
        counts = index > 0 and children[index - 1].place.ends_in_block_text
        if start and not counts and end == len(self.text) and not self.text.endswith("\n"):
            start = self._eol(self._line_start(start - 1))
        return Splice(start, end, "")

    def _spaced(self, place: Place) -> bool:
        """Whether entries are set apart by blank lines: the last one is."""
        count = len(place.children or {})
        return count > 1 and self._set_apart(self._first_line(place, count - 1))

    def _set_apart(self, start: int) -> bool:
        """Whether a blank line stands above a line."""
        return start > 0 and self._blank(self._line_start(start - 1), start)

    def _put_in(self, place: Place, lines: Sequence[str], before: Sequence[str], spaced: bool) -> Splice:
        children = place.children or {}
        name = next((key for key in before if key in children), None)
        gap = self.eol * spaced
        body = self.eol.join(lines)
        if name is None:
            at = self._next_line(list(children.values())[-1].place.end)
            if at == len(self.text) and not self.text.endswith("\n"):
                return Splice(at, at, self.eol + gap + body)
            return Splice(at, at, gap + body + self.eol)
        child = children[name]
        if self._shares_line(child, place):
            return Splice(child.start, child.start, body.lstrip() + self.eol + " " * place.column)
        index = list(children).index(name)
        at = self._first_line(place, index)
        if index:
            gap = self.eol * self._set_apart(at)
        return Splice(at, at, body + self.eol + gap)

    # --- flow style -------------------------------------------------------------------------------

    def in_flow(self, place: Place, gone: set[Name], added: Sequence[New]) -> Iterator[Splice]:
        """Take entries or items out and put others in, with their commas."""
        children = place.children or {}
        spans = [(name, child.start, child.place.end) for name, child in children.items()]
        kept_end = max((end for name, _, end in spans if name not in gone), default=None)
        written = [self._in_flow_text(place, new) for new in added]
        if spans and kept_end is None:
            yield Splice(spans[0][1], spans[-1][2], ", ".join(written))
            return
        for index, (name, start, end) in enumerate(spans):
            if name not in gone:
                continue
            follows = next((span[1] for span in spans[index + 1 :] if span[0] not in gone), None)
            if follows is not None:
                yield Splice(start, follows, "")
            else:
                assert kept_end is not None
                yield Splice(kept_end, end, "")
        at = spans[-1][2] if spans else place.start + 1
        for number, text in enumerate(written):
            comma = ", " if spans or number else ""
            yield Splice(at, at, comma + text)

    def _in_flow_text(self, place: Place, new: New) -> str:
        """An entry or item as it stands in flow style."""
        key = f"{scalar(str(new.name))}: " if place.mapping else ""
        return key + inline(new.value)
