"""What a proposal changes, in sentences of users and roles: Markdown, with every value escaped. Pure.

Titles and names are those of the base wherever it has them: a pull request that gives a strong role
cannot call it something harmless at the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

from erpsync.model import ALL, Access, Change, ChangeKind, Grant, Risk
from erpsync.proposal import ENTRY, KEY, WORDING, EntryChange, Proposed, Span
from erpsync.render.escape import Safe, short
from erpsync.render.vocabulary import Vocabulary
from erpsync.summary import gives, takes

NAME = 80
"""Characters of a name or title that are shown."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How users, roles and other entries are named in one language. Make it with `wording`.

    ``doubles`` are the names that several users bear; ``risks`` holds each role's own risk or that of
    a role it includes, before or after, whichever is highest.
    """

    words: Vocabulary
    base: Access
    head: Access
    doubles: frozenset[str]
    risks: Mapping[str, Risk]

    def name(self, key: str) -> str:
        """A user's name, not escaped; the key where nothing is known."""
        user = self.base.users.get(key) or self.head.users.get(key)
        return (user.name.strip() if user else "") or key

    def user(self, key: str) -> Safe:
        """A user by name; with the key where several bear that name."""
        name = self.name(key)
        shown = short(name, NAME)
        return self.words.say("user", name=shown, key=short(key, NAME)) if name in self.doubles else shown

    def entry(self, section: str, key: str) -> str:
        """The title of an entry, not escaped; the key where it has none."""
        for access in (self.base, self.head):
            entries = getattr(access, section, None)
            if isinstance(entries, Mapping) and key in entries:
                return self.words.title(entries[key], key)
        return key

    def role(self, key: str) -> Safe:
        """A role by its title."""
        return self.words.say("role", title=short(self.entry("roles", key), NAME))

    def risk(self, key: str) -> Risk:
        """The risk of a role; one that nobody declares may grant anything."""
        return self.risks.get(key, Risk.HIGH)

    def spans(self, spans: Sequence[Span]) -> Safe:
        """The days of a role: ``from 2026-12-01 and until 2027-01-31``."""
        said = [self._span(*span) for span in spans] or [self.words.say("span.none")]
        return self.words.joined(said, "span.and")

    def limits(self, spans: Sequence[Span]) -> Safe:
        """The days behind a blank; nothing where there is no bound."""
        return Safe("") if tuple(spans) in ((), ((None, None),)) else Safe(f" {self.spans(spans)}")

    def values(self, values: Sequence[str]) -> Safe:
        """Values of a scope or an attribute; everything stands out."""
        everything = self.words.say("value.all")
        return self.words.listed(
            [everything if item == ALL else short(item, NAME) for item in values]
        ) or self.words.say("value.none")

    def _span(self, first: object, last: object) -> Safe:
        if first and last:
            return self.words.say("span.both", first=first, last=last)
        if first:
            return self.words.say("span.from", first=first)
        return self.words.say("span.until", last=last) if last else self.words.say("span.open")


def wording(base: Access, head: Access, words: Vocabulary) -> Wording:
    """Prepare to name what two declared states hold."""
    names = {key: user.name.strip() for key, user in chain(head.users.items(), base.users.items())}
    doubles = frozenset(name for name, count in Counter(names.values()).items() if count > 1)
    roles = head.roles.keys() | base.roles.keys()
    return Wording(words, base, head, doubles, {key: _risk(key, base, head) for key in roles})


def _risk(start: str, base: Access, head: Access) -> Risk:
    """The highest risk of a role and all that it includes, on both sides."""
    todo, seen, highest = [start], {start}, Risk.LOW
    for key in todo:
        for role in (access.roles[key] for access in (base, head) if key in access.roles):
            highest = max(highest, role.risk, key=lambda risk: risk.rank)
            fresh = [included for included in role.includes if included not in seen]
            seen.update(fresh)
            todo += fresh
    return highest


def _as_change(change: Proposed) -> Change:
    """The same change with its days as grants, so that what gives and what takes is told in one place."""
    if change.kind is not ChangeKind.RETIME:
        return Change(change.kind, change.subject)
    old, new = (
        tuple(Grant(change.subject, *span) for span in cast("tuple[Span, ...]", side))
        for side in (change.before, change.after)
    )
    return Change(change.kind, change.subject, old, new)


def role_of(change: Proposed) -> str | None:
    """The role that a change is about, if it is about one."""
    return change.subject if change.way else None


# --- one change ---------------------------------------------------------------------------------------


def tell(change: Proposed, wording: Wording) -> Safe:
    """What one change gives or takes, with risk, way, reason, request and place."""
    words = wording.words
    role = role_of(change)
    notes: list[Safe] = []
    if role is not None and change.kind is not ChangeKind.REVOKE:
        notes.append(words.name("risk", wording.risk(role).value))
    if change.way:
        notes.append(words.name("way", change.way.value))
    behind = words.say("tell.notes", notes=words.joined(notes)) if notes else ""
    given = [text for text in (change.reason, change.request) if text]
    why = words.say("tell.why", why=words.joined(given)) if given else ""
    place = words.say("tell.notes", notes=f"{change.at.file}:{change.at.line}")
    return Safe(f"{_TELL[change.kind](change, wording)}{behind}{why}{place}")


def _grant(change: Proposed, wording: Wording) -> Safe:
    return wording.words.say(
        "tell.gain", role=wording.role(change.subject), span=_limits(change.after, wording)
    )


def _revoke(change: Proposed, wording: Wording) -> Safe:
    return wording.words.say(
        "tell.lose", role=wording.role(change.subject), span=_limits(change.before, wording)
    )


def _limits(spans: object, wording: Wording) -> Safe:
    return wording.limits(cast("tuple[Span, ...]", spans))


def _retime(change: Proposed, wording: Wording) -> Safe:
    before, after = (wording.spans(cast("tuple[Span, ...]", side)) for side in (change.before, change.after))
    if change.way is None:
        return wording.words.say("tell.account", before=before, after=after)
    role = wording.role(change.subject)
    if before == after:
        return wording.words.say("tell.otherwise", role=role)
    return wording.words.say("tell.retime", role=role, before=before, after=after)


def _rescope(change: Proposed, wording: Wording) -> Safe:
    more, less = moved(change)
    if ALL in more or ALL in less:
        return _update(change, wording)
    told = [
        wording.words.say(phrase, kind=change.subject, values=wording.values(values))
        for phrase, values in (("tell.wider", more), ("tell.narrower", less))
        if values
    ]
    return wording.words.joined(told, "list.clauses") or _update(change, wording)


def moved(change: Proposed) -> tuple[list[str], list[str]]:
    """The values that a change of scope adds, and those that it removes; all of them cover each other."""
    before, after = cast("tuple[tuple[str, ...], ...]", (change.before, change.after))
    if (ALL in before) != (ALL in after):
        return ([ALL], []) if ALL in after else ([], [ALL])
    old, new = set(before), set(after)
    return [value for value in after if value not in old], [value for value in before if value not in new]


def _standing(phrase: str) -> Callable[[Proposed, Wording], Safe]:
    def told(change: Proposed, wording: Wording) -> Safe:
        before, after = (
            wording.words.joined([wording.words.name("status", str(item)) for item in side])
            for side in (change.before, change.after)
        )
        return wording.words.say(phrase, before=before, after=after)

    return told


def _update(change: Proposed, wording: Wording) -> Safe:
    before, after = (wording.values([str(item) for item in side]) for side in (change.before, change.after))
    phrase = f"tell.{change.subject}" if change.subject in (ENTRY, KEY, WORDING) else "tell.update"
    return wording.words.say(phrase, what=change.subject, before=before, after=after)


_TELL: Mapping[ChangeKind, Callable[[Proposed, Wording], Safe]] = {
    ChangeKind.CREATE: lambda _, wording: wording.words.say("tell.create"),
    ChangeKind.GRANT: _grant,
    ChangeKind.REVOKE: _revoke,
    ChangeKind.RETIME: _retime,
    ChangeKind.RESCOPE: _rescope,
    ChangeKind.LOCK: _standing("tell.lock"),
    ChangeKind.UNLOCK: _standing("tell.unlock"),
    ChangeKind.UPDATE: _update,
}


def tell_entry(entry: EntryChange, wording: Wording) -> Safe:
    """What happens to an entry that is no user."""
    told = wording.words.say(
        "entry",
        section=wording.words.name("section", entry.section),
        entry=wording.entry(entry.section, entry.key),
        key=entry.key,
        what=wording.words.name("what", entry.what),
    )
    return Safe(f"{told}{wording.words.say('tell.notes', notes=f'{entry.at.file}:{entry.at.line}')}")


# --- how much it weighs -----------------------------------------------------------------------------


def weight(change: Proposed, wording: Wording) -> tuple[int, int]:
    """How early a change is read: by the risk of what it is about, then gains before losses."""
    role = role_of(change)
    if role is not None:
        rank = wording.risk(role).rank
    else:
        rank = Risk.LOW.rank if change.kind in _LIGHT or change.subject == WORDING else Risk.MEDIUM.rank
    return rank, direction(change)


def direction(change: Proposed) -> int:
    """1 for what gives, -1 for what only takes, 0 for what does neither."""
    if change.kind is ChangeKind.RESCOPE:
        more, less = moved(change)
        return 1 if more else -1 if less else 0
    told = _as_change(change)
    return 1 if gives(told) else -1 if takes(told) else 0


_LIGHT = (ChangeKind.CREATE, ChangeKind.LOCK)
