"""The three ways of calling Odoo: a session of its web client, JSON-RPC with a key, and JSON-2.

A cookie session is fast: a password or key in each call is verified anew after every write, which costs
half a second. JSON-2 came with version 19, which begins to give JSON-RPC up.
https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import requests

from erpsync.connectors.http import Http
from erpsync.connectors.odoo.answers import OdooError, document, named, not_odoo, refusal, value
from erpsync.errors import TargetError

JSON = {"Content-Type": "application/json"}
JSON_2 = 19
"""The first version with JSON-2."""


@dataclass(frozen=True, slots=True)
class Call:
    """A method of a model, of some records or of none, with its arguments by name."""

    model: str
    method: str
    ids: Sequence[int] | None = None
    named: dict[str, Any] = field(default_factory=dict)

    @property
    def positional(self) -> tuple[list[Any], dict[str, Any]]:
        """The arguments as JSON-RPC has them. `create` looks for its values at their place."""
        named = dict(self.named)
        first = [] if self.ids is None else [list(self.ids)]
        if self.method == "create":
            first.append(named.pop("vals_list"))
        return first, named


class Wire(Protocol):
    """A way of calling Odoo as somebody who was let in."""

    version: int

    def send(self, call: Call, *, repeatable: bool) -> Any:
        """The result of a call.

        Raises:
            OdooError: Odoo refused this call.
            TargetError: Odoo cannot be reached, or ends the session.
        """

    def close(self) -> None:
        """End the session, if there is one."""


def major_version(http: Http) -> int:
    """The version of the server; nobody needs to be let in to ask.

    Raises:
        TargetError: it is not told.
    """
    return _version(_rpc(http, "/web/webclient/version_info", {}, 0, repeatable=True), http.where)


def _version(told: Any, where: str) -> int:
    """The version in what Odoo tells of itself; between two of them it is written as ``saas~18``."""
    try:
        return int(str(told["server_version_info"][0]).rpartition("~")[2])
    except (KeyError, IndexError, TypeError, ValueError):
        raise not_odoo(where) from None


class Cookie:
    """A session as the web client has it."""

    def __init__(self, http: Http, database: str, username: str, password: str) -> None:
        self.http = http
        self._numbers = count(1)
        asked = {"db": database, "login": username, "password": password}
        answer = _rpc(http, "/web/session/authenticate", asked, next(self._numbers), repeatable=False)
        if not isinstance(answer, dict):
            raise not_odoo(http.where)
        if not answer.get("uid"):
            # Two factors: the password was right, and nobody is logged in.
            raise TargetError("Odoo asks for a second factor", where=http.where,
                              hint="make an API key for erpsync: options: {authentication: key}")  # fmt: skip
        self.version = _version(answer, http.where)

    def send(self, call: Call, *, repeatable: bool) -> Any:
        """Call a method."""
        args, named = call.positional
        params = {"model": call.model, "method": call.method, "args": args, "kwargs": named}
        path = f"/web/dataset/call_kw/{call.model}/{call.method}"
        return _rpc(self.http, path, params, next(self._numbers), repeatable=repeatable)

    def close(self) -> None:
        """End the session; a server that no longer answers is no reason to fail now."""
        with suppress(TargetError, OdooError):
            _rpc(self.http, "/web/session/destroy", {}, next(self._numbers), repeatable=False)


class Key:
    """An API key in each call, up to version 18."""

    def __init__(self, http: Http, version: int, database: str, username: str, key: str) -> None:
        self.http = http
        self.version = version
        self._numbers = count(1)
        self._database, self._key = database, key
        self._user = self._service("common", "authenticate", [database, username, key, {}], repeatable=False)
        if not isinstance(self._user, int) or isinstance(self._user, bool):
            raise TargetError("wrong username or key", where=http.where,
                              hint="check what the target's credentials refer to; "
                              "Odoo minds the case of logins")  # fmt: skip

    def send(self, call: Call, *, repeatable: bool) -> Any:
        """Call a method."""
        args, named = call.positional
        whole = [self._database, self._user, self._key, call.model, call.method, args, named]
        return self._service("object", "execute_kw", whole, repeatable=repeatable)

    def close(self) -> None:
        """There is no session."""

    def _service(self, service: str, method: str, args: list[Any], *, repeatable: bool) -> Any:
        params = {"service": service, "method": method, "args": args}
        return _rpc(self.http, "/jsonrpc", params, next(self._numbers), repeatable=repeatable)


class Json2:
    """An API key as bearer of each request, from version 19 on."""

    def __init__(self, http: Http, version: int, database: str, key: str) -> None:
        self.http = http
        self.version = version
        self._headers = {**JSON, "Authorization": f"bearer {key}", "X-Odoo-Database": database}

    def send(self, call: Call, *, repeatable: bool) -> Any:
        """Call a method."""
        body = call.named if call.ids is None else {"ids": list(call.ids), **call.named}
        path = f"/json/2/{call.model}/{call.method}"
        response = self.http.post(path, json.dumps(body).encode(), self._headers, repeatable=repeatable)
        if response.ok:
            return value(response, self.http.where)
        raise self._refused(response)

    def close(self) -> None:
        """There is no session."""

    def _refused(self, response: requests.Response) -> Exception:
        where = self.http.where
        if response.status_code == 401:
            return TargetError("the key is none, has ended, or is of an account that is locked", where=where,
                               hint="make a new key for erpsync; "
                               "Odoo lets keys end after 90 days at most")  # fmt: skip
        return named(document(response, where), where)


def _rpc(http: Http, path: str, params: dict[str, Any], number: int, *, repeatable: bool) -> Any:
    """One JSON-RPC request. A method that returns nothing is answered without a result."""
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": number, "params": params}).encode()
    answer = document(http.post(path, body, JSON, repeatable=repeatable), http.where)
    if answer.get("id") != number:
        # Something between us and Odoo gave back the answer to another call.
        raise not_odoo(http.where)
    if "error" in answer:
        raise refusal(answer["error"], http.where)
    return answer.get("result")
