"""AccountChange → Odoo writes.

One call is one transaction, and writes the same values to any number of users, so accounts that change
alike are written together. A call that is refused is halved until the account is found that it is
refused for. Odoo has no version of a record: what a change was checked against was read just before,
and what became of it is read just after.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from erpsync.connectors.base import Connection, Edit, Outcome, Status
from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.directory import GROUP_PREFIX, INTERNAL
from erpsync.connectors.odoo.reader import DIRECT_GROUPS, Known, OdooReader, RoleLine
from erpsync.connectors.odoo.session import WriteSession
from erpsync.diff import settle, writing_order
from erpsync.model import Account, Grant

Values = dict[str, Any]

USERS_A_WRITE = 500
USERS_A_CREATE = 100
"""Odoo draws an avatar for each new user, 50 ms in all; it ends requests that compute for 60 s."""
MOVED = "it was changed in Odoo since the plan"


class OdooWriter(OdooReader):
    """Writes accounts, those that change alike together."""

    session: WriteSession

    def __init__(
        self, session: WriteSession, connection: Connection, clock: Callable[[], datetime] | None = None
    ) -> None:
        super().__init__(session, connection, clock)
        self._group_ids = {name: number for number, name in self.directory.groups.items()}
        self._role_ids = {name: number for number, name in self.directory.roles.items()}
        self._grantable = frozenset(
            (*self._role_ids, *(GROUP_PREFIX + name for name in self._group_ids))
            if self.options.kind == "roles"
            else self._group_ids
        )
        self._company_ids = {name: number for number, name in self.directory.companies.items()}

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write the edits: locks first, then what only takes, then the rest, as they come."""
        for _, run in groupby(edits, key=lambda edit: writing_order(edit.change)[0]):
            some = []
            for edit in run:
                gone = self._gone(edit)
                if gone:
                    yield Outcome(edit.change.login, Status.FAILED, f"there is no {gone} in Odoo any more")
                else:
                    some.append(edit)
            created = [edit for edit in some if edit.live is None]
            known = [edit for edit in some if edit.live is not None]
            for bucket in _alike(known, self._changes):
                yield from _halving(bucket, self._write)
            for start in range(0, len(created), USERS_A_CREATE):
                yield from _halving(created[start : start + USERS_A_CREATE], self._create)

    def _gone(self, edit: Edit) -> str | None:
        """What an account is to have, but was deleted or renamed in Odoo since the plan."""
        before, after = edit.change.before, edit.change.after
        # What cannot be read goes by its number, and is known of whoever has it.
        has = {grant.entitlement for grant in edit.live.grants} if edit.live else set()
        for grant in after.grants:
            name = grant.entitlement
            if name not in self._grantable and name not in has:
                if name.startswith(GROUP_PREFIX):
                    return f"group {name.removeprefix(GROUP_PREFIX)!r}"
                return f"{self.options.kind.removesuffix('s')} {name!r}"
        touched = before.scope.get("company", ()) if before else ()
        companies = set(after.scope.get("company", ())).difference(touched, self._company_ids)
        return next((f"company {name!r}" for name in sorted(companies)), None)

    # --- new accounts -------------------------------------------------------------------------------

    def _create(self, edits: list[Edit]) -> None:
        values = [self._new(edit.change.after) for edit in edits]
        self.session.create(values, invite=self.options.invite)

    def _new(self, after: Account) -> Values:
        """Values of a new account. It has no password: its owner asks Odoo for one.

        Groups, companies and roles are written out whatever they are: left out, they would be those of
        the default user, who manages everything.
        """
        companies = self._companies(after)
        told = {name: value for name, value in _attributes(after).items() if value is not None}
        values = {"login": after.login, **told, **_company_values(companies, None)}
        if self.options.kind == "roles":
            return {**values, "role_line_ids": [_new_line(grant, self._role_ids) for grant in after.grants],
                    self._written_field: [[6, 0, []]]}  # fmt: skip
        return {**values, self._written_field: [[6, 0, self._groups_to_write(after, frozenset(), companies)]]}

    # --- existing accounts --------------------------------------------------------------------------

    def _write(self, edits: list[Edit]) -> None:
        """Write existing accounts that change alike, in one transaction."""
        self.session.write([_known(edit).id for edit in edits], self._changes(edits[0]))

    def _changes(self, edit: Edit) -> Values:
        """What an account gets, and nothing that it has: Odoo mails people about a login it is told again."""
        before, after, known = edit.change.before, edit.change.after, _known(edit)
        assert before is not None
        assert edit.live is not None
        was = _attributes(before)
        # What git does not declare was taken over from the account, so here nothing means nothing.
        values: Values = {
            name: False if told is None else told
            for name, told in _attributes(after).items()
            if was[name] != told
        }
        if before.login != after.login:
            values["login"] = after.login
        if edit.live.active != after.active:
            values["active"] = after.active
        companies = sorted(known.companies)
        if before.scope != after.scope:
            companies = self._companies(after)
            values |= _company_values(companies, known.company)
        if before.grants != after.grants:
            values |= self._entitlements(after, known, companies)
        return values

    def _entitlements(self, after: Account, known: Known, companies: Sequence[int]) -> Values:
        if self.options.kind == "groups":
            return {self._written_field: self._group_commands(after, known, companies)}
        values: Values = {"role_line_ids": self._lines(after, known)}
        own = [grant.entitlement.startswith(GROUP_PREFIX) for grant in after.grants]
        if after.active and not all(own):
            return values  # the module makes the groups those of the roles
        # It sees no roles of an account that is archived, and leaves one without any as it is.
        return {**values, self._written_field: [[6, 0, self._groups_of_roles(after, known)]]}

    def _groups_of_roles(self, after: Account, known: Known) -> list[int]:
        """The groups of an account with roles, or with groups of its own, as they are on Odoo's day."""
        ids, there = self._ids_for(known), self.day_there()
        lines = {self.grant_of(line).entitlement: line for line in known.lines}
        groups: set[int] = set()
        for grant in settle(after, there, self.capabilities).grants:
            name = grant.entitlement
            if name.startswith(GROUP_PREFIX):
                groups.add(ids[name.removeprefix(GROUP_PREFIX)])
            elif grant.valid_from is None and not self._begins_after(there, lines.get(name)):
                groups |= self.role_brings(
                    self._role_ids[name] if name in self._role_ids else lines[name].role
                )
        return sorted(groups)

    def _begins_after(self, day: date, line: RoleLine | None) -> bool:
        """Whether a line that has begun here, and so keeps its first day, begins later by Odoo's day."""
        return line is not None and line.first is not None and day < line.first <= self.today()

    def _ids_for(self, known: Known) -> dict[str, int]:
        """Groups by name; those that an account has although they cannot be read, too."""
        return {self.directory.group_name(group): group for group in known.groups} | self._group_ids

    def _group_commands(self, after: Account, known: Known, companies: Sequence[int]) -> list[list[Any]]:
        """Groups to take (3) and to give (4), by name each, so that equal changes of many are one write.

        Up to version 18 an account holds what its groups bring as if it was given itself: what came with
        a group that is taken away is taken by name too. From then on that would take nothing, and what
        stays may have come with what goes; only the whole list (6) is exact there. So it is up to version
        18 for whoever ceases to be an internal user: Odoo leaves them nothing that is not in the write.
        """
        ids = self._ids_for(known)
        wanted = {ids[grant.entitlement] for grant in after.grants}
        lost = known.groups - wanted - self.directory.automatic
        automatic = known.groups & self.directory.automatic
        demoted = self._group_ids.get(INTERNAL) in lost and (automatic or wanted & known.groups)
        if demoted or (lost and self.session.version >= DIRECT_GROUPS):
            return [[6, 0, self._groups_to_write(after, automatic, companies)]]
        gained = wanted - known.groups
        given = self.directory.bringing(frozenset(gained))
        return [[3, group, 0] for group in sorted(lost)] + [[4, group, 0] for group in sorted(given)]

    def _groups_to_write(
        self, after: Account, automatic: frozenset[int], companies: Sequence[int]
    ) -> list[int]:
        """The groups that bring exactly those of the account, and those that Odoo keeps by itself."""
        names = (grant.entitlement for grant in after.grants)
        held = frozenset(self._group_ids[name] for name in names if name in self._group_ids)
        groups = self.directory.bringing(held) | automatic
        several = self.directory.multi_company
        if several is not None:
            groups = groups | {several} if len(companies) > 1 else groups - {several}
        return sorted(groups)

    def _lines(self, after: Account, known: Known) -> list[list[Any]]:
        """Role lines to delete, to change and to add; Odoo keeps one for each role."""
        wanted = {g.entitlement: g for g in after.grants if not g.entitlement.startswith(GROUP_PREFIX)}
        commands: list[list[Any]] = []
        for line in known.lines:
            name = self.grant_of(line).entitlement
            grant = wanted.pop(name, None)
            if grant is None:
                commands += [[2, line.id, 0]] if self._as_planned(line) else []
            elif grant != self._as_planned(line):
                commands.append([1, line.id, _days(grant, line, self.today())])
        return commands + [_new_line(grant, self._role_ids) for _, grant in sorted(wanted.items())]

    def _as_planned(self, line: RoleLine) -> Grant | None:
        """A line as the plan sees it: open at its beginning once begun; None if it has ended."""
        account = Account("", grants=(self.grant_of(line),))
        return next(iter(settle(account, self.today(), self.capabilities).grants), None)

    # --- values -------------------------------------------------------------------------------------

    @property
    def _written_field(self) -> str:
        return "group_ids" if self.session.version >= DIRECT_GROUPS else "groups_id"

    def _companies(self, account: Account) -> list[int]:
        names = account.scope.get("company", ())
        # One that erpsync cannot see goes by its number.
        return [self._company_ids.get(name) or int(name.removeprefix("#")) for name in names]


def _attributes(account: Account) -> Values:
    """The attributes of an account by their names in Odoo; None where it has none."""
    return {"name": account.name, "email": account.email, "lang": account.language}


def _company_values(companies: Sequence[int], own: int | None) -> Values:
    """The companies of an account, and the one of them that Odoo opens with: as before, if that stays."""
    values: Values = {"company_ids": [[6, 0, list(companies)]]}
    if companies and own not in companies:
        values["company_id"] = companies[0]
    return values


def _new_line(grant: Grant, roles: dict[str, int]) -> list[Any]:
    days = {"date_from": _text(grant.valid_from), "date_to": _text(grant.valid_to)}
    return [0, 0, {"role_id": roles[grant.entitlement], **days}]


def _days(grant: Grant, line: RoleLine, today: date) -> Values:
    """The days of a role. One that has begun keeps the first day that it has."""
    begun = line.first if line.first is not None and line.first <= today else None
    return {"date_from": _text(grant.valid_from or begun), "date_to": _text(grant.valid_to)}


def _text(day: object) -> str | bool:
    """A day as Odoo reads it; false for none."""
    return str(day) if day is not None else False


def _alike(edits: Iterable[Edit], changes: Callable[[Edit], Values]) -> Iterator[list[Edit]]:
    """Edits that write the same values, together, in the order of the first of each; not too many at once."""
    buckets: dict[str, list[Edit]] = {}
    for edit in edits:
        buckets.setdefault(json.dumps(changes(edit), sort_keys=True), []).append(edit)
    for bucket in buckets.values():
        for start in range(0, len(bucket), USERS_A_WRITE):
            yield bucket[start : start + USERS_A_WRITE]


def _halving(edits: list[Edit], write: Callable[[list[Edit]], None]) -> Iterator[Outcome]:
    """Write edits in one call; if it is refused, each half in one, down to the account it is refused for."""
    try:
        write(edits)
    except OdooError as error:
        if len(edits) > 1:
            middle = len(edits) // 2
            yield from _halving(edits[:middle], write)
            yield from _halving(edits[middle:], write)
            return
        status, message = (Status.MOVED, MOVED) if error.gone else (Status.FAILED, error.message)
        yield Outcome(edits[0].change.login, status, message)
        return
    yield from (Outcome(edit.change.login, Status.DONE) for edit in edits)


def _known(edit: Edit) -> Known:
    assert edit.live is not None
    assert isinstance(edit.live.version, Known)
    return edit.live.version
