"""How the roles of a user came and went, from the main line of the repository.

Each commit of the main line that touches the access files is compared with the one before it, by
what they declare and not by lines: moving or reformatting a line gives nobody anything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from erpsync.errors import ErpsyncError
from erpsync.forge.git import Git
from erpsync.forge.git_objects import ask, must_be_whole
from erpsync.forge.git_states import States
from erpsync.forge.git_tree import parents_of
from erpsync.forge.merge_message import approvals_in, pull_request_number
from erpsync.model import ChangeKind, Location, Role
from erpsync.proposal import Declared, Proposed, propose
from erpsync.trail_history import History, Origin, Source, Step

MOST = 500
"""How many commits of the main line are looked through."""


def history_of(states: States, roles: Collection[str] | None = None, most: int = MOST) -> History:
    """What git knows of the roles of a user.

    Args:
        states: reads the files of the user; its directory is the access directory.
        roles: enough is known once it is found how each of them was given; None for everything.
        most: how many commits of the main line that touch the files are looked through.

    Raises:
        RemoteError: git cannot read the repository.
    """
    git = states.git
    main = ask(git, "rev-list", "--first-parent", "HEAD").split()
    listed = ask(git, "rev-list", "--first-parent", f"--max-count={most + 1}", "HEAD", "--", ".").split()
    whole = len(listed) <= most and _is_whole(git)
    walk = _Walk(states, set(roles) if roles is not None else None)
    walk.through(listed[:most], whole=whole)
    return History(
        steps=tuple(reversed(walk.steps)),
        roles=walk.roles,
        order={commit: place for place, commit in enumerate(reversed(main))},
        looked=walk.looked,
        unreadable=tuple(walk.unreadable),
        cut=not whole and not walk.enough,
    )


class _Walk:
    """From the newest commit to the oldest, while it is collected what is found."""

    def __init__(self, states: States, wanted: set[str] | None) -> None:
        self.states = states
        self.wanted = wanted
        self.steps: list[Step] = []
        self.roles: dict[str, Role] = {}
        self.looked = 0
        self.unreadable: list[str] = []

    @property
    def enough(self) -> bool:
        """Whether it is known how each wanted role was given."""
        return self.wanted is not None and not self.wanted

    def through(self, commits: Sequence[str], *, whole: bool) -> None:
        """Go through commits, newest first; where they are all there are, before them was nothing."""
        later: tuple[str, Declared] | None = None
        for commit in commits:
            if self.enough:
                return
            self.looked += 1
            state = self.states.at(commit)
            if state is None:
                self.unreadable.append(commit)
                continue
            self.roles = {**state.access.roles, **self.roles}
            if later:
                self._compare(state, *later)
            later = commit, state
        if later and whole and not self.enough:
            self._compare(self.states.nothing(), *later)

    def _compare(self, before: Declared, commit: str, after: Declared) -> None:
        changes = [change for change in propose(before, after).changes if change.way is not None]
        for change in reversed(changes):
            origin = _origin(self.states, commit, change)
            self.steps.append(Step(_with_request(self.states.git, change, origin), origin))
            if self.wanted and change.kind is ChangeKind.GRANT:
                self.wanted.discard(change.subject)


def _is_whole(git: Git) -> bool:
    try:
        must_be_whole(git, "HEAD")
    except ErpsyncError:
        return False
    return True


# --- one commit of the main line ------------------------------------------------------------------

_FACTS = "%x00".join(
    (
        "%an",
        "%cI",
        "%s",
        "%(trailers:key=Pull-request,valueonly,unfold,separator=%x1f)",
        "%(trailers:key=Approved-by,key=Reviewed-by,valueonly,unfold,separator=%x1f)",
    )
)


def _origin(states: States, commit: str, change: Proposed) -> Origin:
    git = states.git
    facts = ask(git, "log", "-1", "--no-show-signature", f"--format={_FACTS}", commit).rstrip("\n")
    author, at, subject, numbers, approvers = facts.split("\0")
    parents = parents_of(git, commit)
    merged = len(parents) > 1
    inside = _inside(git, parents[0], commit) if merged else {commit: author}
    number = pull_request_number(subject, _values(numbers))
    return Origin(
        commit=commit,
        at=datetime.fromisoformat(at),
        subject=subject,
        authors=tuple(dict.fromkeys(inside.values())),
        written_in=_written_in(states, commit, change, inside),
        pull_request=number,
        pull_request_source=Source.TRAILER if number else None,
        # A squashed or plain commit does not say who put it on the main line: its committer may be a forge.
        merged_by=author if merged else None,
        approvals=approvals_in(_values(approvers)),
    )


def _with_request(git: Git, change: Proposed, origin: Origin) -> Proposed:
    """A change with the request that its commit names, where its entry names none: of a move, say."""
    if change.request:
        return change
    form = "--format=%(trailers:key=Request,valueonly,unfold,separator=%x1f)"
    named = _values(ask(git, "log", "-1", "--no-show-signature", form, origin.written_in or origin.commit))
    return replace(change, request=named[-1].strip()) if named else change


def _values(text: str) -> list[str]:
    return [value for value in text.split("\x1f") if value.strip()]


def _inside(git: Git, base: str, merge: str) -> dict[str, str]:
    """The commits that a merge brought and that touch the files, with their authors, oldest first."""
    options = ("--no-show-signature", "--no-merges", "--reverse", "--format=%H%x00%an")
    lines = ask(git, "log", *options, f"{base}..{merge}", "--", ".").splitlines()
    return dict(line.split("\0", 1) for line in lines)


def _written_in(states: States, commit: str, change: Proposed, inside: Collection[str]) -> str | None:
    """The commit that brought the line of a change, if it is one of those that were merged."""
    if change.kind is ChangeKind.REVOKE:
        # The line is gone; only where there is one commit it is clear which took it away.
        return next(iter(inside)) if len(inside) == 1 else None
    found = _blamed(states, commit, change.at)
    return found if found in inside else None


def _blamed(states: States, commit: str, at: Location) -> str:
    """The commit that a line is from: https://git-scm.com/docs/git-blame#_the_porcelain_format ."""
    path = Path(at.file).relative_to(states.shown).as_posix()
    plain = ("-c", "blame.ignoreRevsFile=", "blame", "--porcelain", "-L", f"{at.line},{at.line}")
    return ask(states.git, *plain, commit, "--", path).partition(" ")[0]
