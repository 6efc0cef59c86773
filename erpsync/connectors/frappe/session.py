"""Requests to a Frappe site: a session that can only read, and one that also does the few writes needed."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import requests

from erpsync.connectors.frappe.answers import FrappeError, Json, content, not_frappe, refusal
from erpsync.connectors.http import Http

Filters = Sequence[Sequence[Any]]

VERSIONS = "frappe.utils.change_log.get_versions"
TIME_ZONE = "frappe.client.get_time_zone"
COUNT = "frappe.client.get_count"
INSERT_MANY = "frappe.client.insert_many"
ATTEMPTS = 5
BACK_OFF_SECONDS = 0.5


class FrappeSession:
    """A session that can only read: it refuses every method but GET, and calls that are not known to read.

    Args:
        http: the host.
        key: the API key.
        secret: its secret.
        site: the site, where the address does not say it.
    """

    METHODS: ClassVar[frozenset[str]] = frozenset({"GET"})
    CALLS: ClassVar[frozenset[str]] = frozenset({VERSIONS, TIME_ZONE, COUNT})

    def __init__(self, http: Http, key: str, secret: str, site: str | None = None) -> None:
        self.http = http
        self.where = http.where
        self.key = key
        self._headers = {"Accept": "application/json", "Authorization": f"token {key}:{secret}"}
        if site is not None:
            self._headers["X-Frappe-Site-Name"] = site
        # Each answer to a key also sets the cookies of a guest, which would be sent beside the key.
        http.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def list(
        self, doctype: str, fields: Sequence[str], filters: Filters = (), **more: str | int
    ) -> list[Json]:
        """Read records of one doctype.

        Args:
            doctype: which.
            fields: their fields, also such as `roles.role`, of a child table.
            filters: conditions, all of which hold.
            more: `parent`, without which child tables are refused; `order_by`; `limit_page_length`, without
                which all are read: Frappe would stop at 20.

        Raises:
            FrappeError: the site refuses this request.
            TargetError: the site cannot be reached, lets nobody in, or is not one.
        """
        asked: dict[str, str | int] = {"fields": json.dumps(list(fields)), "limit_page_length": 0, **more}
        if filters:
            asked["filters"] = json.dumps(filters, ensure_ascii=False)
        found = self._get(f"/api/resource/{quote(doctype)}", asked).get("data")
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise not_frappe(self.where)
        return found

    def call(self, method: str, **query: str) -> Any:
        """Call a method that only reads.

        Raises:
            FrappeError, TargetError: as for `list`.
        """
        if method not in self.CALLS:
            message = f"{method} is not a method of this session"
            raise AssertionError(message)
        return self._get(f"/api/method/{method}", query).get("message")

    def _get(self, path: str, query: Mapping[str, str | int]) -> Json:
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return self._answer("GET", path + asked)

    def _answer(self, method: str, path: str, body: Json | None = None) -> Json:
        response = self._send(method, path, body)
        if not response.ok:
            raise refusal(response, self.where)
        return content(response, self.where)

    def _send(self, method: str, path: str, body: Json | None) -> requests.Response:
        if method not in self.METHODS:
            message = f"{method} is not a method of this session"
            raise AssertionError(message)
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        return self.http.request(method, path, data, headers, repeatable=method == "GET")


class WriteSession(FrappeSession):
    """A session that can also make and change Users, and make and delete User Permissions.

    Users are never deleted. Writes are serial: parallel ones deadlock in Frappe, also on different users.
    """

    METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})

    def __init__(
        self,
        http: Http,
        key: str,
        secret: str,
        site: str | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(http, key, secret, site)
        self._sleep = sleep

    def change_user(self, name: str, values: Json) -> Json:
        """Change a User; the answer, with the User as it is now in `data`.

        Raises:
            FrappeError: the site refuses this request; nothing was written.
            TargetError: the site cannot be reached, so that it is not known what happened.
        """
        answer = self._persist("PUT", f"/api/resource/User/{quote(name, safe='')}", values)
        if not isinstance(answer.get("data"), dict):
            raise not_frappe(self.where)
        return answer

    def insert(self, documents: Sequence[Json]) -> None:
        """Make Users and User Permissions, all of them or none.

        Raises:
            FrappeError, TargetError: as for `change_user`.
        """
        if not {document["doctype"] for document in documents} <= {"User", "User Permission"}:
            message = "only users and their permissions are made"
            raise AssertionError(message)
        self._persist("POST", f"/api/method/{INSERT_MANY}", {"docs": list(documents)})

    def delete_permission(self, name: str) -> None:
        """Delete a User Permission.

        Raises:
            FrappeError, TargetError: as for `change_user`.
        """
        self._persist("DELETE", f"/api/resource/User%20Permission/{quote(name, safe='')}")

    def _persist(self, method: str, path: str, body: Json | None = None) -> Json:
        """Write, and again after a while where Frappe was busy: it then rolled everything back."""
        for attempt in range(1, ATTEMPTS):
            try:
                return self._answer(method, path, body)
            except FrappeError as error:
                if not error.busy:
                    raise
            # Not all at once: whoever else writes there waits too.
            self._sleep(BACK_OFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311 - no secret
        return self._answer(method, path, body)
