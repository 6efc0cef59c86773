"""Runs a command of erpsync and records what it sends; sends the same again with nothing else around it.

As ``python -m bench.recorder FILE ARGUMENTS…`` it is the command, and writes what it sent into a file.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import urlsplit

_SESSION_CALLS = ("common.db.login", "common.db.logout")
_WRITES = ("create", "write", "delete", "cancel")


class Sent(NamedTuple):
    """One call: where, with what, and whether it writes."""

    path: str
    body: str
    writes: bool


class Replayed(NamedTuple):
    """How long the ERP took for the same calls: seconds of wall time for all, and for those that write."""

    seconds: float
    of_writes: float


def main(arguments: list[str]) -> int:
    """Run the command and record it; its exit code."""
    from erpsync.cli.main import run
    from erpsync.connectors.http import Http

    file, *command = arguments
    sent: list[Sent] = []
    send = Http._send  # noqa: SLF001 - below everything that sends, so that what is tried again counts too

    def recording(http: Http, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        text = (body or b"").decode()
        sent.append(Sent(path, text, json.loads(text)["method"].rpartition(".")[2] in _WRITES))
        return send(http, method, path, body, headers)

    with patch.object(Http, "_send", recording):
        code = run(command)
    Path(file).write_text(json.dumps(sent), encoding="utf-8")
    return code


def recorded(file: Path) -> list[Sent]:
    """What a command sent."""
    return [Sent(*item) for item in json.loads(file.read_text("utf-8"))]


def replay(url: str, sent: Sequence[Sent], login: str, password: str) -> Replayed:
    """Send calls of Tryton again, in a session of its own.

    Raises:
        AssertionError: the ERP did not do one of them.
    """
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=600)
    # As erpsync does; Tryton compresses what is longer than a packet, and that takes its time too.
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
    body = json.dumps({"id": 1, "method": _SESSION_CALLS[0], "params": [login, {"password": password}, "en"]})
    _, answer = _post(connection, sent[0].path, body, headers)
    number, key, *_ = json.loads(answer)["result"]
    token = base64.b64encode(f"{login}:{number}:{key}".encode()).decode()
    headers["Authorization"] = f"Session {token}"
    seconds = of_writes = 0.0
    for item in sent:
        if json.loads(item.body)["method"] in _SESSION_CALLS:
            continue
        took, answer = _post(connection, item.path, item.body, headers)
        assert "error" not in json.loads(answer), answer[:500]
        seconds += took
        of_writes += took if item.writes else 0.0
    connection.close()
    return Replayed(seconds, of_writes)


def _post(
    connection: http.client.HTTPConnection, path: str, body: str, headers: Mapping[str, str]
) -> tuple[float, bytes]:
    began = time.perf_counter()
    connection.request("POST", path, body.encode(), dict(headers))
    response = connection.getresponse()
    answer = response.read()
    took = time.perf_counter() - began
    assert response.status == 200, response.status
    return took, gzip.decompress(answer) if response.headers["Content-Encoding"] == "gzip" else answer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
