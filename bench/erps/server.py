"""``python -m bench.erps.server NAME COUNT``: a stand-in on loopback, until its standard input ends.

It is a process of its own, so that what it costs is not counted as erpsync's.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit


class Asked(NamedTuple):
    """One request: verb, path below the root, the query, and the JSON of its body."""

    verb: str
    path: str
    query: Mapping[str, str]
    body: Any


class Answered(NamedTuple):
    """An answer; without a body where there is nothing to say."""

    status: int
    body: Any = None


class Erp(Protocol):
    """A stand-in."""

    def answer(self, asked: Asked) -> Answered:
        """What it says to one request."""


def serve(erp: Erp) -> ThreadingHTTPServer:
    """A server for a stand-in, which nobody has started."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = dict(parse_qsl(parts.query))
            with lock:
                answered = erp.answer(
                    Asked(self.command, unquote(parts.path), query, json.loads(body) if body else None)
                )
            content = b"" if answered.body is None else json.dumps(answered.body).encode()
            self.send_response(answered.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_PATCH = do_POST  # noqa: N815 - the base class calls them so

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Keep the output for the address."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def main() -> None:
    """Serve, and print the address."""
    name, count = sys.argv[1:]
    make: Callable[[int], Erp] = import_module(f"bench.erps.{name}").make
    server = serve(make(int(count)))
    print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.read(0, 1)


if __name__ == "__main__":
    main()
