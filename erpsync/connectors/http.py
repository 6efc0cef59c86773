"""HTTP as connectors need it: time limits, retries where repeating is safe, plain words for faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Self
from urllib.parse import urlsplit

import requests

from erpsync import __version__
from erpsync.errors import TargetError

CONNECT_SECONDS = 10.0
READ_SECONDS = 120.0
"""A write of a full batch may take this long on a busy ERP."""
ATTEMPTS = 4
BACK_OFF_SECONDS = 0.5
TRANSIENT = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Http:
    """A session with one host. Use as a context manager.

    Args:
        url: the base address; plain http only to this machine.
        where: the target, for messages.

    Raises:
        TargetError: the address would send the password in the clear.
    """

    def __init__(self, url: str, where: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        if not _is_secure(url, where):
            raise TargetError(
                f"{url} would send the password unencrypted",
                where=where,
                hint="use https, or a tunnel on 127.0.0.1",
            )
        self.url = url.rstrip("/")
        self.where = where
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"erpsync/{__version__}"
        # Without an auth of its own, requests would take one from a netrc file and overwrite our header.
        self.session.auth = _leave_as_it_is
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.session.close()

    def post(
        self, path: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool
    ) -> requests.Response:
        """Send one request.

        Args:
            path: below the base address.
            body: sent as it is.
            headers: beyond those of the session.
            repeatable: whether sending it twice does no harm; only then is a broken connection or
                a 502 or 504 tried again. A 503 is always tried again: nothing was done.

        Raises:
            TargetError: no answer came.
        """
        attempt = 1
        while True:
            last = attempt == ATTEMPTS
            try:
                response = self.session.post(
                    self.url + path,
                    data=body,
                    headers=dict(headers),
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    # A redirect would carry the session to wherever the answer says.
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                if last or not repeatable or not isinstance(error, TRANSIENT):
                    raise self._fault(error) from error
            else:
                again = response.status_code == 503 or (repeatable and response.status_code in (502, 504))
                if last or not again:
                    return self._no_redirect(response)
            self._sleep(BACK_OFF_SECONDS * 2 ** (attempt - 1))
            attempt += 1

    def _no_redirect(self, response: requests.Response) -> requests.Response:
        if response.is_redirect:
            raise TargetError(
                f"{self.url} redirects to {response.headers.get('Location', '?')}, which is not followed",
                where=self.where,
                hint="put the address it redirects to into the target's url, if that is right",
            )
        return response

    def _fault(self, error: requests.RequestException) -> TargetError:
        if isinstance(error, requests.exceptions.SSLError):
            message, hint = (
                "its certificate cannot be verified",
                "check the url, and the certificate authority",
            )
        elif isinstance(error, requests.ConnectTimeout):
            message, hint = f"no connection within {CONNECT_SECONDS:.0f} s", "check the url and the network"
        elif isinstance(error, requests.Timeout):
            message, hint = f"no answer within {READ_SECONDS:.0f} s", "the ERP may be busy; try again"
        elif "refused" in str(error).lower():
            message, hint = (
                "nothing listens there (connection refused)",
                "is the ERP running, and is the url right?",
            )
        elif "resolve" in str(error).lower() or "name or service" in str(error).lower():
            message, hint = "the host name is not known", "check the url of the target"
        else:
            message, hint = "the connection broke", "try again; what was done is found out by reading"
        return TargetError(f"cannot reach {self.url}: {message}", where=self.where, hint=hint)


def _leave_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _is_secure(url: str, where: str) -> bool:
    """Whether what is sent there stays secret: over https, or to this machine.

    Raises:
        TargetError: it is not an address.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise TargetError(f"{url} is not an address: {error}", where=where, hint="correct the url") from error
    return parts.scheme == "https" or host in LOOPBACK
