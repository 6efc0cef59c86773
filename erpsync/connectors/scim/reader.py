"""SCIM accounts → Snapshot. Membership is read from the Groups: many services leave it out of the User."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from erpsync.connectors.base import Connection, twins
from erpsync.connectors.checks import Check, Purpose
from erpsync.connectors.scim.answers import ScimError, not_scim
from erpsync.connectors.scim.checks import look_around
from erpsync.connectors.scim.discovery import Service, discover, optional
from erpsync.connectors.scim.groups import Groups, build_groups
from erpsync.connectors.scim.listing import Resources, read_all
from erpsync.connectors.scim.messages import quoted
from erpsync.connectors.scim.options import Options, options_of
from erpsync.connectors.scim.session import ScimSession
from erpsync.connectors.scim.users import direct_groups, read_user, with_groups
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Catalogue, Snapshot, fold

LOGINS_A_CALL = 20
"""A filter stands in the address, which may not be too long."""
NO_GROUPS = Groups({}, {}, frozenset())


class ScimReader:
    """Reads accounts, and their groups, roles or entitlements."""

    def __init__(
        self, session: ScimSession, connection: Connection, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.session = session
        self.where = session.where
        self.timezone = connection.timezone
        self.progress = connection.progress
        self.clock = clock or (lambda: datetime.now(UTC))
        self.options: Options = options_of(connection.target)
        self.profile = session.profile
        self.service: Service = discover(session)
        self.page = min(self.profile.page, self.service.most or self.profile.page)
        if self.profile.kind == "groups" and self.service.groups is None:
            raise TargetError(
                "the service has no Groups",
                where=self.where,
                hint="say where else it keeps what accounts may do: options: {entitlements: roles}",
            )
        own = {connection.username, str(optional(session, "/Me").get("userName") or connection.username)}
        self._protected = {fold(login): "the login of erpsync itself" for login in own if login}

    @property
    def capabilities(self) -> Capabilities:
        """SCIM has no dates of a membership, and no scope."""
        return Capabilities(validity=False)

    def instance(self) -> str:
        """Where the service says it is, as a digest.

        SCIM has no identifier of a service. What else its description holds may change with a new
        release, or is the same everywhere; ids of resources vanish with them. Two services that call
        themselves by the same address cannot be told apart.
        """
        parts = urlsplit(self.service.location)
        place = f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
        return f"scim:{hashlib.sha256(place.encode()).hexdigest()[:16]}"

    def catalogue(self) -> Catalogue:
        """Groups by name; or roles or entitlements: those listed, those somebody has, those named."""
        languages = self.options.languages
        if self.profile.kind == "groups":
            groups = self.read_groups()
            return Catalogue(frozenset(groups.names.values()), languages=languages, fixed=groups.fixed)
        canonical = (self.service.values or {}).get(self.profile.kind, frozenset())
        held = {grant.entitlement for user in self._users(None) for grant in self.account(user).grants}
        return Catalogue(canonical | self.options.known | held, languages=languages)

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """Every account, or those with the given folded logins."""
        users = self._users(logins)
        groups = self.read_groups() if self.profile.kind == "groups" and users else NO_GROUPS
        accounts: dict[str, Account] = {}
        for user in users:
            account = self._with_groups(user, groups)
            login = fold(account.login)
            if logins is not None and login not in logins:
                continue
            if login in accounts:
                raise twins(accounts[login], account, self.where, "rename one of them in the service")
            accounts[login] = account
        return Snapshot(accounts, self._protected)

    def checks(self, purpose: Purpose) -> Iterator[Check]:
        """What the service offers; what a token may do SCIM does not tell."""
        return look_around(self.service, self.profile, self.session.http.ahead, purpose)

    # --- used by the writer too -------------------------------------------------------------------

    def user(self, number: str) -> Account:
        """An account as its User alone says it now.

        Raises:
            ScimError: the service refuses; with status 404, it is not there any more.
        """
        return self.account(self.session.get(f"{self.service.users}/{quote(number, safe='')}"))

    def account(self, user: Mapping[str, Any]) -> Account:
        """An account as a User alone says it."""
        try:
            return read_user(user, self.profile, self.clock(), self.timezone)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise not_scim(self.where) from None

    def read_groups(self) -> Groups:
        """The groups with their members."""
        extension = [self.profile.group_type] if self.profile.group_type else []
        # Asked for by name: some services leave members out unless they are.
        wanted = ",".join(["displayName", "members", *extension])
        assert self.service.groups is not None
        found = self._all(self.service.groups, "reading groups", "displayName", attributes=wanted)
        try:
            return build_groups(found, self.profile)
        except (AttributeError, KeyError, TypeError):
            raise not_scim(self.where) from None

    # --- requests ---------------------------------------------------------------------------------

    def _with_groups(self, user: Mapping[str, Any], groups: Groups) -> Account:
        account = self.account(user)
        if self.profile.kind != "groups":
            return account
        try:
            said = direct_groups(user) & groups.names.keys()
        except (AttributeError, KeyError, TypeError):
            raise not_scim(self.where) from None
        direct = groups.of_member.get(user["id"], frozenset()) | said
        return with_groups(account, direct, (groups.names[group] for group in direct))

    def _users(self, logins: Collection[str] | None) -> Resources:
        """The Users with these folded logins, and perhaps others; or all.

        A filter compares logins as the service does. Where that may differ from folding them, or where
        it has none, all are read.
        """
        selective = self.service.filter and not self.service.exact_logins
        if logins is None or not (selective and all(login.isascii() for login in logins)):
            return self._all_users()
        try:
            found = list(self._selected(sorted(logins)).values())
        except ScimError as error:
            if error.kind == "invalidFilter":
                return self._all_users()
            raise self._unread(self.service.users, error) from error
        missing = set(logins) - {fold(str(user.get("userName"))) for user in found}
        # `ß` folds to `ss`: behind such a login may be an account that the service does not take for it.
        return self._all_users() if any("ss" in login for login in missing) else found

    def _selected(self, logins: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(logins), LOGINS_A_CALL):
            some = logins[start : start + LOGINS_A_CALL]
            condition = " or ".join(f"userName eq {quoted(login)}" for login in some)
            users = read_all(self.session, self.service.users, self.page, _nobody, filter=condition)
            found |= {user["id"]: user for user in users}
        return found

    def _all_users(self) -> Resources:
        return self._all(self.service.users, "reading accounts", "userName")

    def _all(self, path: str, what: str, order: str, **query: str) -> Resources:
        sorting = {"sortBy": order} if self.service.sort else {}
        try:
            return read_all(
                self.session,
                path,
                self.page,
                lambda done, total: self.progress(what, done, total),
                **sorting,
                **query,
            )
        except ScimError as error:
            raise self._unread(path, error) from error

    def _unread(self, path: str, error: ScimError) -> TargetError:
        hint = "see docs/scim.md for the rights that erpsync needs" if error.status == 403 else None
        return TargetError(f"{path} cannot be read: {error.message}", where=self.where, hint=hint)


def _nobody(_done: int, _total: int) -> None:
    """Tell nobody: a few accounts are read at once."""
