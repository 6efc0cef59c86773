"""AccountChange → SCIM writes: many accounts together where that can be, else one after the other.

SCIM has no transaction. An account is written in as few requests as can be, those that take first, and
if one is refused, what was done before it is said. A membership has no version: adding or removing
one member cannot undo what somebody else does to the group, so nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from erpsync.connectors.base import Connection, Edit, Outcome, Status
from erpsync.connectors.scim.answers import ScimError
from erpsync.connectors.scim.delivery import StepError, deliver
from erpsync.connectors.scim.reader import ScimReader
from erpsync.connectors.scim.session import WriteSession
from erpsync.connectors.scim.steps import Places, Step, alteration, creation
from erpsync.connectors.scim.together import Job, Together
from erpsync.connectors.scim.users import record_of
from erpsync.errors import TargetError
from erpsync.model import Account, fold


class ScimWriter(ScimReader):
    """Writes accounts, in the order given."""

    session: WriteSession

    def __init__(
        self, session: WriteSession, connection: Connection, clock: Callable[[], datetime] | None = None
    ) -> None:
        super().__init__(session, connection, clock)
        if not self.service.patch:
            raise TargetError(
                "the service does not offer PATCH, so that erpsync cannot write there",
                where=self.where,
                hint="erpsync does not replace resources whole: that would undo what others change; "
                "use it to plan and to find drift",
            )

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write the edits in order."""
        for together, run in groupby(edits, key=self._joins):
            some = list(run)
            if together and len(some) > 1:
                yield from self._together(some)
            else:
                places = self._places()
                yield from (self._written(edit, places) for edit in some)

    def _joins(self, edit: Edit) -> bool:
        """Whether an edit can be written with others: any in bulk; and without, what only changes Groups."""
        if self.service.bulk > 1:
            return True
        before, after = edit.change.before, edit.change.after
        only_grants = before is not None and replace(before, grants=after.grants) == after
        return only_grants and self.profile.kind == "groups"

    def _places(self) -> Places:
        groups = self.read_groups(members=False).ids if self.profile.kind == "groups" else {}
        return self._with(groups)

    def _with(self, groups: Mapping[str, str]) -> Places:
        return Places(self.service.users, self.service.groups, self.profile.kind, groups)

    def _written(self, edit: Edit, places: Places) -> Outcome:
        """Write one account."""
        login, after = edit.change.login, edit.change.after
        unknown = _unknown(edit, places)
        if unknown:
            return _without_group(login, unknown)
        done: list[Step] = []
        try:
            if edit.live is None:
                deliver(self.session, self.service, creation(after, places), None)
                return Outcome(login, Status.DONE)
            for part in alteration(edit.live, after, places):
                deliver(self.session, self.service, part, self._unmoved(edit.live))
                done += part
        except StepError as error:
            return _refused(login, error, done)
        except ScimError as error:  # the look just before the write
            return Outcome(login, _status(error), error.message + _so_far(done))
        return Outcome(login, Status.DONE)

    def _together(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write many accounts in as few requests as can be."""
        # The groups were read with the accounts a moment ago. If one is gone since, its change is refused.
        places = self._with(self.last_groups.ids)
        if any(_unknown(edit, places) for edit in edits):
            places = self._places()
        lives = [edit.live for edit in edits if edit.live]
        seen = self.lists.users({fold(live.login) for live in lives}) if lives else []
        now = {record_of(account).id: account for account in map(self.account, seen)}
        known = [self._job(edit, now, places) for edit in edits]
        jobs = [found for found in known if isinstance(found, Job)]
        try:
            Together(self.session, self.service).carry_out(jobs)
        except TargetError:
            # Of the others it is not known; of these it is.
            yield from (_ended(found) for found in known if _is_certain(found))
            raise
        yield from map(_ended, known)

    def _job(self, edit: Edit, now: Mapping[str, Account], places: Places) -> Outcome | Job:
        """What is to be done for an account; or why nothing is."""
        login, after = edit.change.login, edit.change.after
        unknown = _unknown(edit, places)
        if unknown:
            return _without_group(login, unknown)
        if edit.live is None:
            return Job(login, creation(after, places))
        record = record_of(edit.live)
        found = now.get(record.id)
        if found != record.alone:
            return Outcome(login, Status.MOVED, "it was changed in the meantime")
        steps = [step for part in alteration(edit.live, after, places) for step in part]
        return Job(login, steps, record_of(found).etag if self.service.etag else None, record.id)

    def _unmoved(self, live: Account) -> str | None:
        """The version of a User that is still what was read, for the write to be refused if it moves now.

        Values are compared, not versions: a service may count a login of its owner as a new version.

        Raises:
            ScimError: it is no longer what was read.
        """
        record = record_of(live)
        now = self.user(record.id)
        if now != record.alone:
            raise ScimError(412, "", "it was changed in the meantime")
        return record_of(now).etag if self.service.etag else None


def _unknown(edit: Edit, places: Places) -> str | None:
    """A group that is to be given or taken, but was deleted or renamed since it was read."""
    if places.kind != "groups":
        return None
    held = {grant.entitlement for grant in edit.live.grants} if edit.live else set()
    wanted = {grant.entitlement for grant in edit.change.after.grants}
    return next((name for name in sorted(held ^ wanted) if name not in places.ids), None)


def _without_group(login: str, name: str) -> Outcome:
    return Outcome(login, Status.FAILED, f"there is no group {name!r} any more")


def _is_certain(found: Outcome | Job) -> bool:
    return isinstance(found, Outcome) or found.failed is not None


def _ended(found: Outcome | Job) -> Outcome:
    if isinstance(found, Outcome):
        return found
    if found.failed is None:
        return Outcome(found.login, Status.DONE)
    step, refusal = found.failed
    return _refused(found.login, StepError(step, (), refusal), found.done)


def _refused(login: str, error: StepError, done: Sequence[Step]) -> Outcome:
    message = f"{error.step.does}: {error.refusal.message}"
    moved = error.refusal.status == 412 or (error.refusal.status == 404 and error.step.of_user)
    status = Status.MOVED if moved else Status.FAILED
    return Outcome(login, status, message + _so_far([*done, *error.done]))


def _status(error: ScimError) -> Status:
    return Status.MOVED if error.moved else Status.FAILED


def _so_far(done: Sequence[Step]) -> str:
    return f" (done before that: {', '.join(step.does for step in done)})" if done else ""
