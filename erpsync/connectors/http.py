"""HTTP as connectors need it: time limits, retries where repeating is safe, plain words for faults."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import requests

from erpsync import __version__
from erpsync.connectors.address import checked, is_plain_loopback, origin
from erpsync.connectors.budget import Budget
from erpsync.connectors.deadline import DeadlineAdapter, Limit
from erpsync.connectors.retry import Retry
from erpsync.errors import TargetError
from erpsync.model import Target
from erpsync.redact import redact

CONNECT_SECONDS = 10.0
READ_SECONDS = 120.0
"""A write of a full batch may take this long on a busy ERP."""
ANSWER_SECONDS = 300.0
"""All of an answer, from the request on, however steadily it comes."""
BACK_OFF_SECONDS = 0.5
ANSWER_BYTES = 256 * 2**20
"""The largest answer, unpacked."""
TRANSIENT = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


def http_to(target: Target, requests_per_minute: int | None = None) -> Http:
    """A session with the host of a target, as its settings say.

    Args:
        target: where.
        requests_per_minute: to stay below where the settings name none.
    """
    return Http(
        target.url,
        f"target {target.name!r}",
        insecure=target.insecure,
        requests_per_minute=target.requests_per_minute or requests_per_minute,
    )


class Http:
    """A session with one host. Use as a context manager.

    Certificates are always verified. Proxies and certificate authorities come from the environment.
    ``ahead`` is how far the clock of the host was ahead of this machine's at its last answer, to a second
    or so; None if it has not told (https://www.rfc-editor.org/rfc/rfc9110#field.date).

    Args:
        url: the base address; plain http only to this machine.
        where: the target, for messages.
        insecure: allow plain http to other machines too, in a network that is trusted.
        requests_per_minute: a limit of the ERP to stay below; retries count too.
        answer_seconds: how long all of an answer may take, from the request on.
        sleep: waits.
        clock: seconds that only go forward.
        jitter: a number from 0 to 1, by chance.

    Raises:
        TargetError: the address is none, or would send the password in the clear.
    """

    def __init__(
        self,
        url: str,
        where: str,
        *,
        insecure: bool = False,
        requests_per_minute: int | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.url = checked(url, where, insecure=insecure)
        self.where = where
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"erpsync/{__version__}"
        # Without an auth of its own, requests would take one from a netrc file and overwrite our header.
        self.session.auth = _leave_as_it_is
        # A proxy of the environment would get to see what is only allowed because it stays on this machine.
        self.session.trust_env = not is_plain_loopback(url)
        limit = Limit(answer_seconds, clock, self._late)
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, DeadlineAdapter(limit))
        self._answer_seconds = answer_seconds
        # Not after `request`: by then requests has read a redirect's address and its body, however large.
        self.session.hooks["response"] = [self._admit]
        self.ahead: timedelta | None = None
        self._sleep = sleep
        self._jitter = jitter
        self._budget = Budget(requests_per_minute, sleep=sleep, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.session.close()

    def post(
        self, path: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool
    ) -> requests.Response:
        """Send one POST, as `request` does."""
        return self.request("POST", path, body, headers, repeatable=repeatable)

    def request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], *, repeatable: bool
    ) -> requests.Response:
        """Send one request.

        Args:
            method: the HTTP method. Which of them may be called is up to the session of a connector.
            path: below the base address, with its query.
            body: sent as it is.
            headers: beyond those of the session.
            repeatable: whether sending it twice does no harm; only then is a broken connection or
                a 502 or 504 tried again. A 503 is always tried again: nothing was done.

        Raises:
            TargetError: no answer came, or none that can be used.
        """
        retry = Retry(self.where, repeatable=repeatable, back_off=BACK_OFF_SECONDS, jitter=self._jitter)
        while True:
            self._budget.take()
            try:
                response = self._send(method, path, body, headers)
            except OSError as error:
                wait = retry.after_fault() if isinstance(error, TRANSIENT) else None
                if wait is None:
                    # Without the cause: it holds the request, and with it the password.
                    raise self._fault(error) from None
            else:
                self.ahead = _ahead(response.headers.get("Date"))
                wait = retry.after_answer(response.status_code, response.headers)
                if wait is None:
                    return response
            self._sleep(wait)

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> requests.Response:
        return self.session.request(
            method,
            self.url + path,
            data=body,
            headers=dict(headers),
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            # A redirect would carry the session to wherever the answer says.
            allow_redirects=False,
        )

    def _admit(self, response: requests.Response, **_: Any) -> None:
        """See an answer before anything of its body is read."""
        if response.is_redirect:
            response.close()
            raise TargetError(
                f"{self.url} redirects to {_elsewhere(response)}, which is not followed",
                where=self.where,
                hint="put the address it redirects to into the target's url, if that is right",
            )
        raw: Any = response.raw
        raw.stream = self._limited(raw)

    def _limited(self, raw: Any) -> Callable[..., Iterator[bytes]]:
        stream = raw.stream

        def limited(*args: Any, **options: Any) -> Iterator[bytes]:
            size = 0
            for chunk in stream(*args, **options):
                size += len(chunk)
                if size > ANSWER_BYTES:
                    raw.close()
                    raise TargetError(
                        f"the answer is larger than {ANSWER_BYTES / 2**20:.0f} MB",
                        where=self.where,
                        hint="is this the ERP? check the url of the target",
                    )
                yield chunk

        return limited

    def _late(self) -> TargetError:
        return TargetError(
            f"the answer of {self.url} was not complete within {self._answer_seconds:g} s",
            where=self.where,
            hint="the ERP or something on the way to it is too slow; try again when it is less busy",
        )

    def _fault(self, error: OSError) -> TargetError:
        message, hint = _words(error)
        return TargetError(f"cannot reach {self.url}: {message}", where=self.where, hint=hint)


def _ahead(date: str | None) -> timedelta | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC) - datetime.now(UTC) if date else None
    except (ValueError, OverflowError):
        return None


def _leave_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _elsewhere(response: requests.Response) -> str:
    """Where a redirect leads, as far as that can hold no secret."""
    address = origin(response.headers["Location"])
    return redact(address) if address else "another address"


def _words(error: OSError) -> tuple[str, str]:
    """What happened and what to do, never in the words of the error: they may quote what was sent."""
    text = str(error).lower()
    match error:
        case requests.exceptions.SSLError():
            return (
                "its certificate cannot be verified",
                "check the url; REQUESTS_CA_BUNDLE names the file of a certificate authority of your own",
            )
        case requests.exceptions.ProxyError():
            return "the proxy does not let it through", "check HTTPS_PROXY and NO_PROXY in the environment"
        case requests.exceptions.InvalidURL():
            return "the url is not an address", "check the url of the target"
        case requests.ConnectTimeout():
            return f"no connection within {CONNECT_SECONDS:.0f} s", "check the url and the network"
        case requests.RequestException() if isinstance(error, requests.Timeout) or "read timed out" in text:
            return f"no answer within {READ_SECONDS:.0f} s", "the ERP may be busy; try again"
        case requests.RequestException() if "refused" in text:
            return "nothing listens there (connection refused)", "is the ERP running, and is the url right?"
        case requests.RequestException() if "resolve" in text or "name or service" in text:
            return "the host name is not known", "check the url of the target"
        case requests.RequestException():
            return "the connection broke", "try again; what was done is found out by reading"
        case _:
            return (
                "the certificate authorities cannot be read",
                "REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE in the environment names a file that is not there",
            )
