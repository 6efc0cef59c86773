"""AccountChange → Tryton writes.

One account is one record in one call, and a batch of accounts is one call, which Tryton does whole
or not at all. A batch that is refused is halved until the account is found that it is refused for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from erpsync.connectors.base import Connection, Edit, Outcome, Status
from erpsync.connectors.tryton.days import from_instant, to_instant
from erpsync.connectors.tryton.directory import GROUP_PREFIX
from erpsync.connectors.tryton.reader import Record, RoleRow, TrytonReader
from erpsync.connectors.tryton.rpc import RpcError, WriteRpc
from erpsync.diff import settle
from erpsync.model import Account, Grant

Values = dict[str, Any]

KEEP_GROUPS = (
    "the account has groups of its own, which Tryton takes away with the first role; "
    "manage its entitlements as enforce, or take the groups away by hand"
)


class TrytonWriter(TrytonReader):
    """Writes accounts, in the order given."""

    rpc: WriteRpc

    def __init__(
        self, rpc: WriteRpc, connection: Connection, clock: Callable[[], datetime] | None = None
    ) -> None:
        super().__init__(rpc, connection, clock)
        self._role_ids = {name: number for number, name in self.directory.roles.items()}
        self._group_ids = {name: number for number, name in self.directory.groups.items()}
        self._company_ids = {name: number for number, name in (self.directory.companies or {}).items()}
        self._language_ids = {code: number for number, code in self.directory.languages.items()}

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write the edits in order, in as few calls as can be."""
        for way, run in groupby(edits, key=self._way):
            batch = list(run)
            if way == "keep groups":
                yield from (Outcome(edit.change.login, Status.FAILED, KEEP_GROUPS) for edit in batch)
            elif way == "create":
                yield from _halving(batch, self._create)
            elif way == "write":
                yield from _halving(batch, self._write)
            else:
                for edit in batch:
                    yield from _halving([edit], self._revive)

    def _way(self, edit: Edit) -> Literal["create", "write", "revive", "keep groups"]:
        """How an edit is written."""
        before, after = edit.change.before, edit.change.after
        if before is None:
            return "create"
        if self.directory.kind == "roles" and before.grants != after.grants and _mixed(after):
            return "keep groups"
        # The live account may be active already, where a run was killed between the two writes of this.
        active = edit.live is not None and edit.live.active
        revives = not active and after.active and self._attribute_changes(before, after)
        return "revive" if revives else "write"

    # --- new accounts -----------------------------------------------------------------------------

    def _create(self, edits: list[Edit]) -> None:
        self.rpc.write("model.res.user.create", [self._new(edit.change.after) for edit in edits], {})

    def _new(self, after: Account) -> Values:
        """Values of a new account. It has no password: its owner asks the ERP for one."""
        values: Values = {"login": after.login, **self._attributes(after)}
        if self.directory.companies is not None:
            ids = self._companies(after)
            # Written out even when empty: in a database with one company Tryton would grant that one.
            values["companies"] = [["add", ids]] if ids else []
            values["company"] = ids[0] if ids else None
        if self.directory.kind == "roles":
            values["roles"] = (
                [["create", [self._row(grant) for grant in after.grants]]] if after.grants else []
            )
        elif after.grants:
            values["groups"] = [["add", [self._group_ids[grant.entitlement] for grant in after.grants]]]
        return values

    # --- existing accounts ------------------------------------------------------------------------

    def _write(self, edits: list[Edit]) -> None:
        """Write existing accounts in one transaction."""
        self._cancel_keys([_record(edit).id for edit in edits if not edit.change.after.active])
        values: list[Any] = []
        for edit in edits:
            before, after = _states(edit)
            values += [[_record(edit).id], {**self._attribute_changes(before, after), **self._links(edit)}]
        self.rpc.write("model.res.user.write", *values, {"_timestamp": _timestamps(edits)})

    def _revive(self, edits: list[Edit]) -> None:
        """Bring one account back, then write its attributes: Tryton lets nobody edit an inactive account."""
        (edit,) = edits
        before, after = _states(edit)
        ids = [_record(edit).id]
        self.rpc.write("model.res.user.write", ids, self._links(edit), {"_timestamp": _timestamps(edits)})
        try:
            self.rpc.write("model.res.user.write", ids, self._attribute_changes(before, after), {})
        except RpcError as error:
            message = f"the account is active again, but could not be edited: {error.message}"
            raise RpcError("UserError", message) from error

    def _cancel_keys(self, users: list[int]) -> None:
        """End the API keys of accounts about to be locked: Tryton would go on accepting them.

        Before the lock, not after it: a run that is killed in between must not leave a key that works
        on an account that looks done.
        """
        if not users:
            return
        domain = [["user", "in", users], ["state", "!=", "cancelled"]]
        keys = self._search("res.user.application", domain)
        if keys:
            self.rpc.write("model.res.user.application.cancel", keys, {})

    def _attributes(self, account: Account) -> Values:
        values: Values = {}
        if account.name is not None:
            values["name"] = account.name
        if account.email is not None:
            values["email"] = account.email
        if account.language is not None:
            values["language"] = self._language_ids[account.language]
        return values

    def _attribute_changes(self, before: Account, after: Account) -> Values:
        was, values = self._attributes(before), self._attributes(after)
        changed = {name: value for name, value in values.items() if was.get(name) != value}
        if before.login != after.login:
            changed["login"] = after.login
        return changed

    def _links(self, edit: Edit) -> Values:
        """What may be written to an inactive account too: `active`, and links to other records."""
        before, after = _states(edit)
        record = _record(edit)
        active = edit.live.active if edit.live else before.active
        values: Values = {} if active == after.active else {"active": after.active}
        if self.directory.companies is not None and before.scope != after.scope:
            values |= self._company_links(after, record)
        if before.grants != after.grants:
            link = self._role_links if self.directory.kind == "roles" else self._group_links
            values |= link(after, record)
        return values

    def _company_links(self, after: Account, record: Record) -> Values:
        wanted = self._companies(after)
        add, remove = set(wanted) - record.companies, record.companies - set(wanted)
        values: Values = {
            "companies": [["add", sorted(add)]] * bool(add) + [["remove", sorted(remove)]] * bool(remove)
        }
        if record.company not in wanted:
            values["company"] = wanted[0] if wanted else None
        return values

    def _group_links(self, after: Account, record: Record) -> Values:
        wanted = {self._group_ids[g.entitlement] for g in after.grants if g.entitlement in self._group_ids}
        add, remove = wanted - record.groups, record.groups - wanted
        return {"groups": [["remove", sorted(remove)]] * bool(remove) + [["add", sorted(add)]] * bool(add)}

    def _role_links(self, after: Account, record: Record) -> Values:
        """Role rows to delete and to create. What is right already keeps its row and its history.

        Any write makes Tryton recompute the groups from the roles, except for an account without
        roles: there the groups must be taken away by name.
        """
        now = self.clock()
        wanted = [grant for grant in after.grants if not grant.entitlement.startswith(GROUP_PREFIX)]
        delete: list[int] = []
        kept = 0
        for row in record.rows:
            grant = self._as_planned(row, now)
            if grant is None:
                kept += 1
            elif grant in wanted:
                wanted.remove(grant)
                kept += 1
            else:
                delete.append(row.id)
        create = [self._row(grant) for grant in wanted]
        values: Values = {"roles": [["delete", delete]] * bool(delete) + [["create", create]] * bool(create)}
        if not kept and not create and record.groups:
            values["groups"] = [["remove", sorted(record.groups)]]
        return values

    def _as_planned(self, row: RoleRow, now: datetime) -> Grant | None:
        """A row as the plan sees it: open at its beginning once begun; None if it has ended."""
        account = Account("", grants=(self.grant_of(row),))
        today = now.astimezone(self.timezone).date()
        return next(iter(settle(account, today, self.capabilities).grants), None)

    # --- values -----------------------------------------------------------------------------------

    def _companies(self, account: Account) -> list[int]:
        return [self._company_ids[name] for name in account.scope.get("company", ())]

    def _row(self, grant: Grant) -> Values:
        return {
            "role": self._role_ids[grant.entitlement],
            "from_date": from_instant(grant.valid_from, self.timezone),
            "to_date": to_instant(grant.valid_to, self.timezone),
        }


def _halving(edits: list[Edit], write: Callable[[list[Edit]], None]) -> Iterator[Outcome]:
    """Write edits in one call; if it is refused, each half in one, down to the account it is refused for."""
    try:
        write(edits)
    except RpcError as error:
        if len(edits) > 1:
            middle = len(edits) // 2
            yield from _halving(edits[:middle], write)
            yield from _halving(edits[middle:], write)
            return
        status = Status.MOVED if error.moved else Status.FAILED
        yield Outcome(edits[0].change.login, status, error.message)
        return
    yield from (Outcome(edit.change.login, Status.DONE) for edit in edits)


def _mixed(account: Account) -> bool:
    """Whether an account is to have both roles and groups of its own, which Tryton cannot keep."""
    own = [grant.entitlement.startswith(GROUP_PREFIX) for grant in account.grants]
    return any(own) and not all(own)


def _states(edit: Edit) -> tuple[Account, Account]:
    assert edit.change.before is not None
    return edit.change.before, edit.change.after


def _record(edit: Edit) -> Record:
    assert edit.live is not None
    assert isinstance(edit.live.version, Record)
    return edit.live.version


def _timestamps(edits: list[Edit]) -> dict[str, str]:
    """The versions that were read, of the accounts and of their role rows; Tryton refuses if one moved."""
    stamps: dict[str, str] = {}
    for record in map(_record, edits):
        stamps[f"res.user,{record.id}"] = record.timestamp
        stamps |= {f"res.user.role,{row.id}": row.timestamp for row in record.rows}
    return stamps
