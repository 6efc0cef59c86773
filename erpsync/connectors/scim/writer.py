"""AccountChange → SCIM writes, one account after the other.

SCIM has no transaction. An account is written in as few requests as can be, those that take first, and
if one is refused, what was done before it is said. A membership has no version: adding or removing
one member cannot undo what somebody else does to the group, so nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from erpsync.connectors.base import Connection, Edit, Outcome, Status
from erpsync.connectors.scim.answers import ScimError
from erpsync.connectors.scim.delivery import StepError, deliver
from erpsync.connectors.scim.reader import ScimReader
from erpsync.connectors.scim.session import WriteSession
from erpsync.connectors.scim.steps import Places, Step, alteration, creation
from erpsync.connectors.scim.users import record_of
from erpsync.errors import TargetError
from erpsync.model import Account


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
        places = self._places()
        for edit in edits:
            yield self._written(edit, places)

    def _places(self) -> Places:
        groups = self.read_groups(members=False).ids if self.profile.kind == "groups" else {}
        return Places(self.service.users, self.service.groups, self.profile.kind, groups)

    def _written(self, edit: Edit, places: Places) -> Outcome:
        """Write one account."""
        login, after = edit.change.login, edit.change.after
        unknown = _unknown(edit, places)
        if unknown:
            return Outcome(login, Status.FAILED, f"there is no group {unknown!r} any more")
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


def _refused(login: str, error: StepError, done: Sequence[Step]) -> Outcome:
    message = f"{error.step.does}: {error.refusal.message}"
    moved = error.refusal.status == 412 or (error.refusal.status == 404 and error.step.of_user)
    status = Status.MOVED if moved else Status.FAILED
    return Outcome(login, status, message + _so_far([*done, *error.done]))


def _status(error: ScimError) -> Status:
    return Status.MOVED if error.moved else Status.FAILED


def _so_far(done: Sequence[Step]) -> str:
    return f" (done before that: {', '.join(step.does for step in done)})" if done else ""
