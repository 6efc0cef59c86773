"""The Users and Groups of a SCIM service: all of them, or those that are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from erpsync.connectors.base import Progress
from erpsync.connectors.scim.answers import ScimError
from erpsync.connectors.scim.discovery import Service, endpoints
from erpsync.connectors.scim.listing import Get, Resources, read_all
from erpsync.connectors.scim.messages import GROUP, USER, quoted
from erpsync.connectors.scim.session import ScimSession
from erpsync.errors import TargetError
from erpsync.model import fold

LOGINS_A_CALL = 20
"""A filter stands in the address, which may not be too long."""
SLOW_SECONDS = 5.0
"""What a search may take before fewer logins are asked for at once: not every service has an index."""
ELSEWHERE = (404, 405, 501)
"""How a service answers that has nothing at the usual place."""


class Lists:
    """Reads lists from a service, as well as it can give them.

    Args:
        session: reads.
        service: what it can do.
        page: how many resources to ask for at once.
        progress: told how far a whole list is.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        session: ScimSession,
        service: Service,
        page: int,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session = session
        self.service = service
        self.page = page
        self._progress = progress
        self._clock = clock
        self._located = False
        self._any_case: bool | None = None
        self._at_once = page

    def groups(self, attributes: str) -> Resources:
        """All Groups, with these attributes.

        Raises:
            TargetError: they cannot be read, or there are none of the kind.
        """
        return self._all("groups", "reading groups", "displayName", attributes=attributes)

    def users(self, logins: Collection[str] | None) -> Resources:
        """The Users with these folded logins, and perhaps others; or all.

        Where there is no filter, or it may compare logins in another way than folding them does, all are
        read.

        Raises:
            TargetError: they cannot be read.
        """
        filters = self.service.filter and self._any_case is not False
        if logins is None or not (filters and all(login.isascii() for login in logins)):
            return self._all_users()
        try:
            found = self._selected(sorted(logins))
        except ScimError as error:
            if error.kind == "invalidFilter" or error.status in ELSEWHERE:
                return self._all_users()
            raise self._unread(self.service.users, error) from error
        missing = set(logins) - {fold(str(user.get("userName"))) for user in found}
        # `ß` folds to `ss`: behind such a login may be an account that the service does not take for it.
        unsure = any("ss" in login for login in missing) or (missing and not self._finds_any_case(found))
        return self._all_users() if unsure else found

    def _finds_any_case(self, found: Resources) -> bool:
        """Whether a filter finds a login whatever its case, as the standard has it; some do not.

        It is tried once, with somebody who is there. Only where it does is who was not found not there.
        """
        if self._any_case is None:
            sample = found or self.session.get(self.service.users, startIndex=1, count=1).get("Resources")
            login = str(sample[0].get("userName")) if sample else ""
            turned = f"userName eq {quoted(login.swapcase())}"
            self._any_case = not login or bool(self._read(self.session.get, filter=turned))
        return self._any_case

    def _selected(self, logins: list[str]) -> Resources:
        """The Users that a filter finds, in as few requests as the service takes."""
        if self.session.searches:
            try:
                return self._searched(logins)
            except ScimError:
                # Not every service has it, or takes so long a filter, and none says so.
                self.session.searches = False
        return self._chosen(logins, LOGINS_A_CALL, self.session.get)

    def _searched(self, logins: list[str]) -> Resources:
        """As many at once as the service finds in good time."""
        found: dict[str, dict[str, Any]] = {}
        while logins:
            begun = self._clock()
            some, logins = logins[: self._at_once], logins[self._at_once :]
            found |= {user["id"]: user for user in self._chosen(some, len(some), self.session.search)}
            if self._clock() - begun > SLOW_SECONDS:
                self._at_once = max(LOGINS_A_CALL, self._at_once // 4)
        return list(found.values())

    def _chosen(self, logins: list[str], size: int, get: Get) -> Resources:
        chunks = [logins[start : start + size] for start in range(0, len(logins), size)]
        conditions = (" or ".join(f"userName eq {quoted(login)}" for login in chunk) for chunk in chunks)
        found = (user for condition in conditions for user in self._read(get, filter=condition))
        return list({user["id"]: user for user in found}.values())

    def _read(self, get: Get, **query: str) -> Resources:
        return read_all(get, self.session.where, self.service.users, self.page, _nobody, **query)

    def _all_users(self) -> Resources:
        return self._all("users", "reading accounts", "userName")

    def _all(self, kind: str, what: str, order: str, **query: str) -> Resources:
        sorting = {"sortBy": order} if self.service.sort else {}

        def told(done: int, total: int) -> None:
            self._progress(what, done, total)

        path = self._path(kind)
        try:
            return read_all(self.session.get, self.session.where, path, self.page, told, **sorting, **query)
        except ScimError as error:
            if error.status not in ELSEWHERE or self._located:
                raise self._unread(path, error) from error
            self._locate()
        return self._all(kind, what, order, **query)

    def _path(self, kind: str) -> str:
        path = self.service.users if kind == "users" else self.service.groups
        if path is None:
            raise TargetError(
                "the service has no Groups",
                where=self.session.where,
                hint="say where else it keeps what accounts may do: options: {entitlements: roles}",
            )
        return path

    def _locate(self) -> None:
        """Ask where things are, once. The standard has a place for them, and most keep to it."""
        known = endpoints(self.session)
        users = known.get(USER, self.service.users)
        groups = known.get(GROUP) if known else self.service.groups
        self.service = replace(self.service, users=users, groups=groups)
        self._located = True

    def _unread(self, path: str, error: ScimError) -> TargetError:
        hint = "see docs/scim.md for the rights that erpsync needs" if error.status == 403 else None
        return TargetError(f"{path} cannot be read: {error.message}", where=self.session.where, hint=hint)


def _nobody(_done: int, _total: int) -> None:
    """Tell nobody: a few accounts are read at once."""
