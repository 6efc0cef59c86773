"""Tryton's JSON-RPC: sessions, its own JSON types, its errors as plain sentences.

Protocol: ``POST /<database>/rpc/`` with exactly the keys id, method and params; errors come with
status 200. https://docs.tryton.org/latest/server/topics/rpc.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote

import requests

from erpsync.connectors.http import Http
from erpsync.connectors.json_answer import json_of
from erpsync.errors import TargetError
from erpsync.redact import redact

READ_METHODS = frozenset({"search", "search_read", "read", "listMethods"})
"""Methods that read and answer with a list."""
ASK_METHODS = frozenset({"get_access", "fields_get"})
"""Methods that read and answer with a mapping."""


class RpcError(Exception):
    """The ERP refused one call: what kind of refusal, and its words, fit to be shown and kept."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message

    @property
    def moved(self) -> bool:
        """Whether a record was changed by somebody else in the meantime."""
        return self.kind == "ConcurrencyException"


class Rpc:
    """A logged-in session that can only read: `call` refuses every method that could write."""

    def __init__(self, http: Http, database: str, username: str, password: str) -> None:
        self.http = http
        self.where = http.where
        self.username = username
        self._path = f"/{quote(database, safe='')}/rpc/"
        self._database = database
        self._ids = count(1)
        self._headers = {"Content-Type": "application/json"}
        # The language decides in which words errors come, and which translation of names is read.
        user_id, key = self._login(password)
        self.user_id = user_id
        token = base64.b64encode(f"{username}:{user_id}:{key}".encode()).decode()
        self._headers["Authorization"] = f"Session {token}"

    def _login(self, password: str) -> tuple[int, str]:
        try:
            result = self._send(
                "common.db.login", [self.username, {"password": password}, "en"], repeatable=False
            )
        except RpcError as error:
            if error.kind == "LoginException":
                raise TargetError("the login asks for more than a password", where=self.where,
                                  hint="use an account of its own for erpsync") from error  # fmt: skip
            raise TargetError(
                f"database {self._database!r} is not served there",
                where=self.where,
                hint="check `database:` of the target, and that the server was started for it",
            ) from error
        if not (isinstance(result, list) and len(result) >= 2):
            raise _not_tryton(self.where)
        return result[0], result[1]

    def close(self) -> None:
        """End the session; a server that no longer answers is no reason to fail now."""
        try:
            self._send("common.db.logout", [], repeatable=False)
        except (TargetError, RpcError):
            return

    def call(self, method: str, *params: Any) -> Any:
        """Call a method that reads.

        Raises:
            RpcError: the ERP refused this call.
            TargetError: the ERP cannot be reached, or ends the session.
        """
        return self._read(method, READ_METHODS, list, params)

    def ask(self, method: str, *params: Any) -> Any:
        """Call a method that tells of models or fields, by name.

        Raises:
            RpcError: the ERP refused this call.
            TargetError: the ERP cannot be reached, or ends the session.
        """
        return self._read(method, ASK_METHODS, dict, params)

    def _read(self, method: str, known: frozenset[str], answer: type, params: Sequence[Any]) -> Any:
        if method.rpartition(".")[2] not in known:
            message = f"{method} is not a method that reads"
            raise AssertionError(message)
        result = self._send(method, list(params), repeatable=True)
        if not isinstance(result, answer):
            raise _not_tryton(self.where)
        return result

    def _send(self, method: str, params: list[Any], *, repeatable: bool) -> Any:
        number = next(self._ids)
        body = json.dumps({"id": number, "method": method, "params": params}, default=_encode).encode()
        response = self.http.post(self._path, body, self._headers, repeatable=repeatable)
        if response.status_code != 200:
            raise self._status_fault(response.status_code, method)
        answer = _json(response, self.where)
        if answer.get("id") != number:
            # Something between us and the ERP gave back the answer to another call.
            raise _not_tryton(self.where)
        if "error" in answer:
            raise _rpc_error(answer["error"])
        return answer["result"]

    def _status_fault(self, status: int, method: str) -> TargetError:
        login = method == "common.db.login"
        message, hint = {
            401: ("wrong username or password", "check what the target's credentials refer to")
            if login
            else ("the session was ended by the ERP", "has the account of erpsync been changed? try again"),
            403: (
                f"{method} is not allowed to {self.username!r}",
                "see docs/tryton.md for the rights it needs",
            ),
            404: (f"there is no database {self._database!r}", "check `database:` of the target"),
            413: ("the request is too large for the ERP", "raise records_limit in trytond.conf"),
            429: (
                "the ERP refuses logins for a while after wrong passwords",
                "wait five minutes and try again",
            )
            if login
            else ("the ERP asks for fewer requests", "set requests_per_minute for the target"),
            503: ("the database of the ERP is locked by somebody else", "try again when it is less busy"),
            504: ("the ERP took too long and gave up", "try again when it is less busy"),
        }.get(status, (f"unexpected answer: HTTP {status}", "is this a Tryton server?"))
        return TargetError(message, where=self.where, hint=hint)


class WriteRpc(Rpc):
    """A logged-in session that can also write."""

    def write(self, method: str, *params: Any) -> Any:
        """Call a method that writes. One call is one transaction: all of it happens, or nothing.

        Raises:
            RpcError: the ERP refused this call; nothing was written.
            TargetError: the ERP cannot be reached, so that it is not known what happened.
        """
        return self._send(method, list(params), repeatable=False)


def _json(response: requests.Response, where: str) -> dict[str, Any]:
    try:
        answer = json_of(response.content, _decode)
    except (ValueError, TypeError, OverflowError):  # no JSON, or no instant
        answer = None
    if not isinstance(answer, dict) or not ("result" in answer or _is_error(answer.get("error"))):
        raise _not_tryton(where)
    return answer


def _is_error(error: Any) -> bool:
    return isinstance(error, list) and bool(error)


def _not_tryton(where: str) -> TargetError:
    return TargetError("the answer is not Tryton's JSON-RPC", where=where, hint="check the url of the target")


def _rpc_error(error: Any) -> RpcError:
    """Tryton's errors: [kind, [message, description, …]], or [text, traceback] for a fault inside."""
    kind, details = str(error[0]), error[1] if len(error) > 1 else ""
    parts = details if isinstance(details, list) else [details]
    if kind == "UserError":
        words = parts[:2]
    elif kind == "UserWarning":
        words = parts[1:3]
    elif kind in ("ConcurrencyException", "LoginException"):
        words = parts
    else:
        kind, words = "Fault", [f"the ERP failed inside: {kind}"]
    return RpcError(kind, redact(" ".join(str(word) for word in words if word)))


def _encode(value: object) -> Any:
    if isinstance(value, datetime):
        utc = value.astimezone(UTC)
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{part: getattr(utc, part) for part in parts}}
    message = f"cannot be sent: {type(value).__name__}"
    raise TypeError(message)


def _decode(value: Mapping[str, Any]) -> Any:
    """Datetimes of Tryton are naive and in UTC; other types of its own are not needed here."""
    if value.get("__class__") == "datetime":
        fields = {key: part for key, part in value.items() if key != "__class__"}
        return datetime(**fields, tzinfo=UTC)
    return value
