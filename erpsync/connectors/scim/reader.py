"""SCIM accounts → Snapshot. Membership is read from the Groups: many services leave it out of the User."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from erpsync.connectors.base import Connection, twins
from erpsync.connectors.checks import Check, Purpose
from erpsync.connectors.scim.answers import not_scim
from erpsync.connectors.scim.checks import look_around
from erpsync.connectors.scim.discovery import Service, canonical_values, discover, optional
from erpsync.connectors.scim.groups import Groups, build_groups
from erpsync.connectors.scim.lists import Lists
from erpsync.connectors.scim.options import Options, options_of
from erpsync.connectors.scim.session import ScimSession
from erpsync.connectors.scim.users import describe, direct_groups, read_user, with_groups
from erpsync.model import Account, Capabilities, Catalogue, Descriptions, Snapshot, fold

PAGE = 200
"""How many resources to ask for at once where nobody says how many a service gives."""
MOST = 1000
"""How many to ask for at once, however many it gives."""
ACCOUNTS_TOGETHER = 1000
"""How many accounts are written at once where a service takes several requests as one."""
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
        found = discover(session)
        page = min(self.profile.page or MOST, found.most or self.profile.page or PAGE)
        self.lists = Lists(session, found, page, self.progress)
        self._fresh: Groups | None = None
        self.last_groups = NO_GROUPS
        own = {connection.username, str(optional(session, "/Me").get("userName") or connection.username)}
        self._protected = {fold(login): "the login of erpsync itself" for login in own if login}

    @property
    def service(self) -> Service:
        """What the service can do, and where its lists are as far as that is known by now."""
        return self.lists.service

    @property
    def capabilities(self) -> Capabilities:
        """SCIM has no dates of a membership, and no scope."""
        bulk = self.service.bulk > 1
        return Capabilities(validity=False, batch=ACCOUNTS_TOGETHER if bulk else None, together=bulk)

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
            groups = self._fresh = self.read_groups()
            return Catalogue(frozenset(groups.names.values()), languages=languages, fixed=groups.fixed)
        canonical = canonical_values(self.session, self.profile.kind)
        held = {grant.entitlement for user in self.lists.users(None) for grant in self.account(user).grants}
        return Catalogue(canonical | self.options.known | held, languages=languages)

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """Every account, or those with the given folded logins."""
        users = self.lists.users(logins)
        groups = self._groups_of(users, whole=logins is None)
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

    def descriptions(self) -> Descriptions:
        """Department, title and personnel number, where Users have them."""
        try:
            return Descriptions(
                {fold(str(user["userName"])): describe(user) for user in self.lists.users(None)}
            )
        except (AttributeError, KeyError, TypeError):
            raise not_scim(self.where) from None

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

    def read_groups(self, *, members: bool = True) -> Groups:
        """The groups, with their members if those are wanted: there may be very many."""
        extension = [self.profile.group_type] if self.profile.group_type else []
        # Asked for by name: some services leave members out unless they are.
        wanted = ["displayName", *(["members"] if members else []), *extension]
        found = self.lists.groups(",".join(wanted))
        try:
            self.last_groups = build_groups(found, self.profile)
        except (AttributeError, KeyError, TypeError):
            raise not_scim(self.where) from None
        return self.last_groups

    def _groups_of(self, users: Iterable[object], *, whole: bool) -> Groups:
        """The groups of some users: for a plan those that its catalogue has just been read from."""
        if self.profile.kind != "groups" or not users:
            return NO_GROUPS
        fresh, self._fresh = self._fresh, None
        return fresh if fresh and whole else self.read_groups()

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
