"""What is known of the changes of the main line that gave or took a role, each fact with its source. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from erpsync.model import Access, Role
from erpsync.proposal import Proposed
from erpsync.trail_journal import Evidence


class Source(StrEnum):
    """Where a fact is known from, the strongest proof first; a trailer is what a commit's message says."""

    JOURNAL = "journal"
    FORGE = "forge"
    SIGNATURE = "signature"
    TRAILER = "trailer"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved, as far as it is known: the user, and the handle, address or name that the source has.

    ``at`` is a day where the source tells no time.
    """

    user: str | None
    handle: str
    at: date | None
    source: Source


@dataclass(frozen=True, slots=True)
class Origin:
    """One change of the main line: a merge, a squashed one, or a plain commit.

    ``written_in`` is the commit that brought the very line; ``authors`` are those whom the commits
    name; ``proposed_by`` and ``url`` come from the journal or the forge.
    """

    commit: str
    at: datetime
    subject: str
    authors: tuple[str, ...] = ()
    written_in: str | None = None
    pull_request: int | None = None
    pull_request_source: Source | None = None
    url: str | None = None
    proposed_by: str | None = None
    merged_by: str | None = None
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a role of the user, and the change of the main line that made it."""

    change: Proposed
    origin: Origin


@dataclass(frozen=True, slots=True)
class History:
    """What git knows: the steps of all roles, oldest first, and how far back it was looked.

    ``roles`` are all that were ever declared there, as they were last. ``order`` numbers the commits
    of the main line from the oldest. ``unreadable`` are commits whose files have errors: what such a
    one changed is told of the next that can be read. ``cut`` says that there is more before.
    """

    steps: tuple[Step, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    order: Mapping[str, int] = field(default_factory=dict)
    looked: int = 0
    unreadable: tuple[str, ...] = ()
    cut: bool = False


# --- which source goes before which -----------------------------------------------------------


def proved(origin: Origin, evidence: Mapping[Source, Mapping[str, Evidence]], access: Access) -> Origin:
    """A change with what journal and forge know of it, which goes before what the commits claim.

    Args:
        origin: as git tells it.
        evidence: by source and by the hash of the commit.
        access: the declared state of now, to tell whose handle it is.
    """
    approvals = origin.approvals
    # The weakest first, so that the strongest has the last word.
    for source in reversed(Source):
        found = evidence.get(source, {}).get(origin.commit)
        if found is None:
            continue
        approvals += tuple(Approval(user, handle, at, source) for user, handle, at in found.approvals)
        origin = replace(
            origin,
            pull_request=found.pull_request or origin.pull_request,
            pull_request_source=source if found.pull_request else origin.pull_request_source,
            url=found.url or origin.url,
            proposed_by=_named(found.author, access) or origin.proposed_by,
            merged_by=_named(found.merged_by, access) or origin.merged_by,
        )
    return replace(origin, approvals=tuple(_each_once(approvals, access)))


def _named(handle: str | None, access: Access) -> str | None:
    """The user of a handle, else the handle."""
    return handle and (_user_of(handle, access) or handle)


def _each_once(approvals: Iterable[Approval], access: Access) -> Iterator[Approval]:
    """Each person once, from the strongest source."""
    strongest = list(Source).index
    seen: set[str] = set()
    for approval in sorted(approvals, key=lambda item: strongest(item.source)):
        user = approval.user or _user_of(approval.handle, access)
        if (user or approval.handle.casefold()) not in seen:
            seen.add(user or approval.handle.casefold())
            yield replace(approval, user=user)


def _user_of(handle: str, access: Access) -> str | None:
    """The one user who has a key, an address or a handle like this; None if nobody or several have."""
    wanted = handle.casefold()
    found = {
        user.key
        for user in access.users.values()
        if wanted in {name.casefold() for name in (user.key, user.email or "", *user.forge.values()) if name}
    }
    return found.pop() if len(found) == 1 else None
