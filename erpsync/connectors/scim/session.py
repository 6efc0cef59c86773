"""Requests to a SCIM service: a session that can only read, and one that also writes.

Neither has a way to say PUT or DELETE: resources are never replaced whole, and never deleted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote, urlencode

import requests

from erpsync.connectors.base import Connection
from erpsync.connectors.http import Http
from erpsync.connectors.scim.answers import content, refusal
from erpsync.connectors.scim.messages import SEARCH, Json
from erpsync.connectors.scim.profiles import Login, Profile

MEDIA_TYPE = "application/scim+json"
CSRF = "X-CSRF-Token"


class ScimSession:
    """A session that can only read: it refuses every method but GET."""

    METHODS: ClassVar[frozenset[str]] = frozenset({"GET"})

    searches: bool = False
    """Whether `search` may be tried."""

    def __init__(self, http: Http, connection: Connection, profile: Profile) -> None:
        self.http = http
        self.where = http.where
        self.profile = profile
        self._headers = {
            "Accept": f"{MEDIA_TYPE}, application/json",
            "Authorization": authorization(profile.login, connection.username, connection.password),
        }

    def get(self, path: str, **query: str | int) -> Json:
        """Read a resource, or a list of them.

        Raises:
            ScimError: the service refuses this request.
            TargetError: the service cannot be reached, lets nobody in, or is not one.
        """
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        response = self._send("GET", path + asked)
        if not response.ok:
            raise refusal(response, self.where)
        return content(response, self.where)

    def search(self, path: str, **query: str | int) -> Json:
        """Read a list whose query may be too long for an address. That is a POST, so only who writes can."""
        return self.get(path, **query)

    def _send(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        repeatable: bool = False,
    ) -> requests.Response:
        if method not in self.METHODS:
            message = f"{method} is not a method of this session"
            raise AssertionError(message)
        data = None if body is None else json.dumps(body).encode()
        sent = self._headers | dict(headers or {})
        return self.http.request(method, path, data, sent, repeatable=repeatable or method == "GET")


class WriteSession(ScimSession):
    """A session that can also write."""

    METHODS = frozenset({"GET", "POST", "PATCH"})

    searches = True

    _csrf: str | None = None

    def search(self, path: str, **query: str | int) -> Json:
        """Read a list whose query may be too long for an address (RFC 7644, section 3.4.3).

        Raises:
            ScimError: the service refuses, as one does that does not have this.
            TargetError: the service cannot be reached.
        """
        return self._done("POST", f"{path}/.search", {"schemas": [SEARCH], **query}, {}, repeatable=True)

    def write(self, method: str, path: str, body: Json, etag: str | None = None) -> Json:
        """Write one resource, or several in bulk.

        Args:
            method: POST or PATCH.
            path: below the base address.
            body: what is sent.
            etag: the version that the resource must still have.

        Raises:
            ScimError: the service refuses this request; nothing was written.
            TargetError: the service cannot be reached, so that it is not known what happened.
        """
        return self._done(method, path, body, {} if etag is None else {"If-Match": etag})

    def _done(
        self, method: str, path: str, body: Json, more: Mapping[str, str], *, repeatable: bool = False
    ) -> Json:
        headers = {"Content-Type": MEDIA_TYPE, **more}
        sent = headers | self._token(fresh=False)
        response = self._send(method, path, body, sent, repeatable=repeatable)
        if response.status_code == 403 and response.headers.get(CSRF, "").lower() == "required":
            # The token ended; a request that is refused for that did nothing.
            response = self._send(method, path, body, headers | self._token(fresh=True))
        if not response.ok:
            raise refusal(response, self.where)
        return content(response, self.where)

    def _token(self, *, fresh: bool) -> dict[str, str]:
        """The header that lets writes through; it goes with a cookie, which the session keeps."""
        if not self.profile.csrf:
            return {}
        if fresh or self._csrf is None:
            response = self._send("GET", "/ServiceProviderConfig", headers={CSRF: "Fetch"})
            if not response.ok:
                raise refusal(response, self.where)
            self._csrf = response.headers.get(CSRF, "")
        return {CSRF: self._csrf}


def authorization(login: Login, username: str, password: str) -> str:
    """The header that lets erpsync in.

    `bearer` sends the password as a token, `basic` username and password, and `encoded`, as Infor OS has
    it, a token that is base64 of username and password.
    """
    if login == "bearer":
        return f"Bearer {password}"
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return f"Basic {pair}" if login == "basic" else f"Bearer {pair}"
