"""One request and its whole answer: bounded in time and size, following nothing, faults in plain words.

Not the session of the connectors: that one only posts, and speaks of targets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from erpsync import __version__
from erpsync.connectors.address import is_plain_loopback
from erpsync.connectors.deadline import DeadlineAdapter, Limit
from erpsync.forge.base import ForgeError

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
ANSWER_SECONDS = 60.0
"""All of an answer, from the request on, however steadily it comes."""
ANSWER_BYTES = 32 * 2**20
"""The largest answer, unpacked."""
_CHUNK = 2**16


class BrokenError(ForgeError):
    """No whole answer came, so nobody here knows whether the request was carried out."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer; its headers are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Sends requests one at a time. Certificates are verified; proxies come from the environment.

    Args:
        where: the repository, for messages.
        clock: seconds that only go forward.
        answer_seconds: how long all of an answer may take.
    """

    def __init__(
        self,
        where: str,
        clock: Callable[[], float] = time.monotonic,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._where = where
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"erpsync/{__version__}"
        # Without an auth of its own, requests would take one from a netrc file and overwrite our header.
        self._session.auth = _leave_as_it_is
        limit = Limit(answer_seconds, clock, self._late)
        self._answer_seconds = answer_seconds
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, DeadlineAdapter(limit))

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        most: int = ANSWER_BYTES,
    ) -> Received:
        """Send a request and read its answer; a redirect is an answer like any other.

        Args:
            method: of HTTP.
            url: the whole address. It is never shown: a signed one is a secret.
            headers: beyond those of the session.
            body: sent as it is.
            most: bytes of the answer, unpacked.

        Raises:
            BrokenError: no whole answer came.
            ForgeError: there can be none, or it is too slow or too large.
        """
        try:
            request = self._session.prepare_request(
                requests.Request(method, url, headers=dict(headers), data=body)
            )
            # The adapter itself, since a session reads on where a redirect leads, however large.
            adapter: Any = self._session.get_adapter(url)
            timeout = (CONNECT_SECONDS, READ_SECONDS)
            response = adapter.send(request, timeout=timeout, **self._settings(url))
            try:
                return Received(response.status_code, response.headers, self._read(response, most))
            finally:
                response.close()
        except (OSError, ValueError) as error:
            # Without the cause: it holds the request, and with it the token.
            raise self._fault(error) from None

    def _settings(self, url: str) -> dict[str, Any]:
        # A proxy of the environment would get to see what is only allowed because it stays on this machine.
        if is_plain_loopback(url):
            return {"stream": True}
        return dict(self._session.merge_environment_settings(url, {}, True, None, None))

    def _read(self, response: requests.Response, most: int) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > most:
                raise ForgeError(
                    f"the answer of GitHub is larger than {most / 2**20:g} MB",
                    where=self._where,
                    hint="is this GitHub? check GITHUB_API_URL",
                )
        return bytes(body)

    def _late(self) -> ForgeError:
        return ForgeError(
            f"the answer of GitHub was not complete within {self._answer_seconds:g} s",
            where=self._where,
            hint="GitHub or something on the way to it is too slow; try again later",
        )

    def _fault(self, error: Exception) -> ForgeError:
        """What happened, never in the words of the error: they may quote what was sent."""
        kind: type[ForgeError] = ForgeError
        match error:
            case requests.exceptions.SSLError():
                message = "its certificate cannot be verified"
                hint = "REQUESTS_CA_BUNDLE names the file of a certificate authority of your own"
            case requests.exceptions.ProxyError():
                message = "the proxy does not let it through"
                hint = "check HTTPS_PROXY and NO_PROXY in the environment"
            case ValueError():
                message = "its address cannot be read"
                hint = "check GITHUB_API_URL"
            case requests.RequestException():
                kind = BrokenError
                message = "no whole answer came"
                hint = "check GITHUB_API_URL and the network, and try again"
            case _:
                message = "the certificate authorities cannot be read"
                hint = "REQUESTS_CA_BUNDLE names a file that is not there"
        return kind(f"cannot reach GitHub: {message}", where=self._where, hint=hint)


def _leave_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
