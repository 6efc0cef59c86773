"""GitHub's REST API as the owner of a token sees one repository: values, pages, a memory of reads.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urljoin

from requests.utils import parse_header_links

from erpsync.connectors.address import checked, is_plain_loopback, origin
from erpsync.errors import TargetError
from erpsync.forge.base import ForgeError
from erpsync.forge.github_calls import Call, Caller, Clocks
from erpsync.forge.github_refusals import Need, refusal
from erpsync.forge.github_values import strange
from erpsync.forge.github_wire import ANSWER_SECONDS, Received

PAGES = 200
"""Of 100 entries each; nothing that is asked for here has more."""
REDIRECTS = (301, 302, 307, 308)
HOPS = 3
_REPOSITORY = re.compile(r"[\w-]+/(?!\.\.?\Z)[\w.-]+", re.ASCII)
_TOKEN = re.compile("[!-~]+")


class Api:
    """The REST API.

    A path is below the repository unless it begins with a slash; then it is below the API's address.
    What is read is remembered with its ETag: to find out that it still holds costs nothing.

    Args:
        repository: ``OWNER/NAME``.
        token: goes into the Authorization header and nowhere else.
        url: ``https://api.github.com``, or ``https://HOST/api/v3`` of an Enterprise Server.
        clocks: waiting and time.
        answer_seconds: how long all of one answer may take.

    Raises:
        ForgeError: one of them cannot be right, or the token would go over the network in the clear.
    """

    def __init__(
        self,
        repository: str,
        token: str,
        url: str,
        clocks: Clocks | None = None,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        if not _REPOSITORY.fullmatch(repository):
            raise ForgeError("the repository is not OWNER/NAME", hint="check GITHUB_REPOSITORY")
        self.repository = repository
        self.where = f"github {repository}"
        if not _TOKEN.fullmatch(token):
            message = "the token holds a character that no token has"
            raise ForgeError(message, where=self.where, hint="check GITHUB_TOKEN")
        self.url = _checked(url, self.where)
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._caller = Caller(self.where, token, clocks or Clocks(), answer_seconds)
        self._seen: dict[str, Received] = {}

    def close(self) -> None:
        """Let go of the connections."""
        self._caller.close()

    def get(self, path: str, need: Need) -> Any:
        """What a path holds.

        Raises:
            ForgeError: it cannot be read.
        """
        return self._value(self._read(self._address(path), need, self._caller.ends())[1])

    def find(self, path: str, need: Need) -> Any:
        """What a path holds; None if this token is refused it (403 or 404).

        Raises:
            ForgeError: it cannot be read for another reason.
        """
        _, got = self._read(self._address(path), need, self._caller.ends(), (403, 404))
        return self._value(got) if got.status == 200 else None

    def pages(self, path: str, need: Need, key: str | None = None) -> list[Any]:
        """A list, read to its last page.

        Args:
            path: without ``per_page``.
            need: what for.
            key: where each page holds its part of the list; None if the page is that part.

        Raises:
            ForgeError: it cannot be read, or does not end.
        """
        following: str | None = self._address(path) + ("&" if "?" in path else "?") + "per_page=100"
        found: list[Any] = []
        until = self._caller.ends()
        for _ in range(PAGES):
            if following is None:
                return found
            url, got = self._read(following, need, until)
            value = self._value(got)
            page = value.get(key) if key and isinstance(value, dict) else value
            if not isinstance(page, list):
                raise strange("a list", self.where)
            found += page
            following = self._next(url, got)
        raise ForgeError(f"cannot {need.action}: the list does not end", where=self.where)

    def post(self, path: str, body: Any, need: Need, *, repeatable: bool = False) -> Any:
        """Make something; the value of the answer.

        Args:
            path: of the list that it becomes part of.
            body: becomes JSON.
            need: what for.
            repeatable: whether doing it twice does no harm.

        Raises:
            BrokenError: no answer came, and it is not repeatable.
            ForgeError: it cannot be done.
        """
        return self._value(self._send("POST", self._address(path), body, need, repeatable))

    def patch(self, path: str, body: Any, need: Need) -> Any:
        """Change something to be as the body says, which may be said twice; the value of the answer."""
        return self._value(self._send("PATCH", self._address(path), body, need, True))

    def query(self, graphql: str, need: Need) -> Any:
        """What a GraphQL query reads, null included; None also if this token is refused it.

        https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
        """
        base = self.url.removesuffix("/v3") if self.url.endswith("/api/v3") else self.url
        got = self._send("POST", f"{base}/graphql", {"query": graphql}, need, True, (403, 404))
        value = self._value(got) if got.status == 200 else None
        return value.get("data") if isinstance(value, dict) else None

    def download(self, path: str, need: Need, most: int) -> bytes:
        """A file that is kept elsewhere: read where the API redirects to, without the token.

        Args:
            path: of the file.
            need: what for.
            most: bytes of the file.

        Raises:
            ForgeError: it cannot be read, or is too large.
        """
        until = self._caller.ends()
        call = Call(need, until, headers=self._headers, allowed=(302,))
        there = self._caller.answer(self._address(path), call).headers.get("Location", "")
        # The address is not shown: its signature is a secret.
        if not there.startswith("https://") and not (
            is_plain_loopback(there) and is_plain_loopback(self.url)
        ):
            raise strange("the address of the file", self.where)
        return self._caller.answer(there, Call(need, until, most=most)).body

    def _address(self, path: str) -> str:
        return self.url + (path if path.startswith("/") else f"/repos/{self.repository}/{path}")

    def _read(
        self, url: str, need: Need, until: float, allowed: tuple[int, ...] = ()
    ) -> tuple[str, Received]:
        """An answer, and the address where it was found in the end."""
        for _ in range(HOPS):
            seen = self._seen.get(url)
            known = {"If-None-Match": seen.headers["ETag"]} if seen else {}
            expected = (*allowed, *REDIRECTS, *((304,) if seen else ()))
            got = self._caller.answer(url, Call(need, until, headers=self._headers | known, allowed=expected))
            if got.status == 304 and seen:
                return url, seen
            if got.status not in REDIRECTS:
                if got.status == 200 and "ETag" in got.headers:
                    self._seen[url] = got
                return url, got
            url = self._here(url, got.headers.get("Location", ""))
        raise refusal(got.status, "", need, self.where)

    def _send(
        self, method: str, url: str, body: Any, need: Need, repeatable: bool, allowed: tuple[int, ...] = ()
    ) -> Received:
        content = json.dumps(body).encode()
        headers = self._headers | {"Content-Type": "application/json"}
        call = Call(need, self._caller.ends(), method, repeatable, content, headers, allowed)
        return self._caller.answer(url, call)

    def _next(self, url: str, got: Received) -> str | None:
        """The address of the next page; None if this is the last one.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        links = parse_header_links(got.headers.get("Link", ""))
        following = [link["url"] for link in links if link.get("rel") == "next"]
        return self._here(url, following[0]) if following else None

    def _here(self, url: str, given: str) -> str:
        """The address that an answer gave, if it is one of the same host: it gets the token."""
        try:
            there = urljoin(url, given)
        except ValueError:
            there = ""
        if origin(there) != origin(self.url):
            raise ForgeError(
                "GitHub's answer leads to another host, which is not followed",
                where=self.where,
                hint="check GITHUB_API_URL, or whether the repository has moved",
            )
        return there

    def _value(self, got: Received) -> Any:
        try:
            return json.loads(got.body)
        except (ValueError, RecursionError):
            raise strange("JSON", self.where) from None


class ApiUser:
    """Something that is done by way of the API."""

    def __init__(self, api: Api) -> None:
        self._api = api


def _checked(url: str, where: str) -> str:
    try:
        return checked(url, where, insecure=False)
    except TargetError as error:
        raise ForgeError(
            error.message.replace("the password", "the token"),
            where=where,
            hint="GITHUB_API_URL is https://api.github.com, or https://HOST/api/v3 of an Enterprise Server",
        ) from None
