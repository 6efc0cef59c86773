"""AccountChange → Frappe writes, one after the other.

Each change of a User is a request of its own. Frappe could take many in one (`frappe.client.bulk_update`),
but that is hardly faster, since each user costs it 0.7 s either way; and there a user that is refused half
way stays half written, a deadlock undoes those before it without a word, and nothing tells what became of
each. New users are made many at once, which is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from erpsync.connectors.base import Connection, Edit, Outcome, Status
from erpsync.connectors.frappe.answers import FrappeError, Json, messages
from erpsync.connectors.frappe.reader import SYSTEM_MANAGER, FrappeReader
from erpsync.connectors.frappe.session import Filters, WriteSession
from erpsync.connectors.frappe.steps import Become, Rescope, Step, alteration, creation, steps, unlike
from erpsync.connectors.frappe.throttle import later, made_within_the_hour
from erpsync.connectors.frappe.users import read_document, record_of
from erpsync.model import Account, Grant
from erpsync.redact import redact

DOCUMENTS = 100
"""Documents made in one request; Frappe takes 200, and each user costs it a second or two when it is busy."""
SYSTEM_MANAGERS = [["role", "=", SYSTEM_MANAGER], ["parenttype", "=", "User"]]


class FrappeWriter(FrappeReader):
    """Writes accounts, in the order given."""

    session: WriteSession

    def __init__(
        self, session: WriteSession, connection: Connection, clock: Callable[[], datetime] | None = None
    ) -> None:
        super().__init__(session, connection, clock)

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write the edits in order."""
        for new, run in groupby(edits, key=lambda edit: edit.live is None):
            if new:
                yield from self._create(list(run))
            else:
                yield from map(self._write, run)

    # --- new accounts -----------------------------------------------------------------------------

    def _create(self, edits: list[Edit]) -> Iterator[Outcome]:
        """Make accounts, as many as may be made within this hour."""
        limit = self.options.creates_per_hour
        left = self._read(lambda: limit - made_within_the_hour(self.session, self.clock(), self.zone()))
        fit = edits[: max(left, 0)]
        made = 0
        for outcome in self._made(fit):
            made += 1
            yield outcome
        for edit in edits[made:]:
            yield Outcome(edit.change.login, Status.NOT_TRIED, later(limit))

    def _made(self, edits: list[Edit]) -> Iterator[Outcome]:
        """Make accounts in as few transactions as can be, up to where Frappe lets no more be made."""
        try:
            for some in _together(edits, lambda edit: len(creation(edit.change.after, self.terms))):
                yield from self._halving(some)
        except FrappeError as error:
            if not error.throttled:
                raise

    def _halving(self, edits: list[Edit]) -> Iterator[Outcome]:
        """Make accounts in one transaction; if it is refused, each half in one, down to the culprit.

        Raises:
            FrappeError: Frappe lets no more be made.
        """
        try:
            self.session.insert([item for edit in edits for item in creation(edit.change.after, self.terms)])
        except FrappeError as error:
            if len(edits) > 1:
                middle = len(edits) // 2
                yield from self._halving(edits[:middle])
                yield from self._halving(edits[middle:])
                return
            if error.throttled:
                raise
            yield Outcome(edits[0].change.login, _status(error), error.message)
            return
        yield from (Outcome(edit.change.login, Status.DONE) for edit in edits)

    # --- existing accounts ------------------------------------------------------------------------

    def _write(self, edit: Edit) -> Outcome:
        """Write one account."""
        live, after = edit.live, edit.change.after
        assert live is not None
        done: list[str] = []
        now = live
        try:
            if self._is_last_manager(live, after):
                return Outcome(after.login, Status.FAILED, LAST_MANAGER)
            for step in steps(live, after, self.terms):
                now, why = self._take(step, now)
                if why:
                    return Outcome(edit.change.login, Status.FAILED, why + _so_far(done))
                done.append(step.does)
        except FrappeError as error:
            return Outcome(edit.change.login, _status(error), error.message + _so_far(done))
        return Outcome(edit.change.login, Status.DONE)

    def _take(self, step: Step, now: Account) -> tuple[Account, str]:
        """Take one step; the account as it is then, and what Frappe did not do of what it said yes to."""
        if isinstance(step, Rescope):
            if step.insert:
                self.session.insert(step.insert)
            for name in step.delete:
                self.session.delete_permission(name)
            return now, ""
        return self._become(step, now)

    def _become(self, step: Become, now: Account) -> tuple[Account, str]:
        record = record_of(now)
        answer = self.session.change_user(record.name, alteration(now, step.account, self.terms))
        got = self._read(lambda: read_document(answer["data"], record.rows, self.terms))
        why = unlike(step.account, got)
        return got, _with_words(why, answer) if why else ""

    def _is_last_manager(self, live: Account, after: Account) -> bool:
        """Whether this would leave no System Manager but Frappe's own administrator and erpsync itself.

        Raises:
            FrappeError: it cannot be read.
        """
        manager = Grant(SYSTEM_MANAGER)
        if not (live.active and manager in live.grants) or (after.active and manager in after.grants):
            return False
        rows = self.session.list("Has Role", ["parent"], SYSTEM_MANAGERS, parent="User")
        others = sorted({row["parent"] for row in rows} - {"Administrator", self._own, live.login})
        enabled: Filters = [["name", "in", others], ["enabled", "=", 1]]
        return not (others and self.session.list("User", ["name"], enabled, limit_page_length=1))


LAST_MANAGER = (
    "nobody but Frappe's administrator and erpsync would be a System Manager; make somebody else one first"
)


def _together(edits: list[Edit], size: Callable[[Edit], int]) -> Iterator[list[Edit]]:
    """Edits in lists, each of which is made in one request."""
    some: list[Edit] = []
    documents = 0
    for edit in edits:
        if some and documents + size(edit) > DOCUMENTS:
            yield some
            some, documents = [], 0
        some.append(edit)
        documents += size(edit)
    if some:
        yield some


def _status(error: FrappeError) -> Status:
    return Status.MOVED if error.moved else Status.FAILED


def _with_words(why: str, answer: Json) -> str:
    """What Frappe did otherwise, and what it told people about it."""
    told = redact("; ".join(messages(answer)))
    return f"{why}: {told}" if told else why


def _so_far(done: Sequence[str]) -> str:
    return f" (done before that: {', '.join(done)})" if done else ""
