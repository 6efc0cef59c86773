"""What GitHub's refusals mean, in words. Pure.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from erpsync.forge.base import ForgeError
from erpsync.redact import redact

MOST = 300
"""Characters of GitHub's own words that are shown."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a request is for, such as ``read pull request 7``, and the permission that takes."""

    action: str
    permission: str


def words_of(body: bytes, token: str) -> str:
    """GitHub's own words in an answer that refuses, without anything secret; empty if there are none.

    Args:
        body: JSON with ``message`` and, for a 422, ``errors``.
        token: never shown, also where GitHub should quote it.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    said = [value.get("message"), *_details(value)] if isinstance(value, dict) else []
    line = "; ".join(part for part in said if isinstance(part, str))
    printable = "".join(sign if sign.isprintable() else " " for sign in line.replace(token, "[secret]"))
    return redact(printable, MOST)


def _details(value: dict[str, Any]) -> list[Any]:
    errors = value.get("errors")
    listed = errors if isinstance(errors, list) else []
    return [error.get("message") if isinstance(error, dict) else error for error in listed]


def refusal(status: int, words: str, need: Need, where: str) -> ForgeError:
    """The error for an answer that is no success.

    Args:
        status: of the answer.
        words: GitHub's own.
        need: what was asked for.
        where: the repository.
    """
    said = f": {words}" if words else ""
    match status:
        case 401:
            message = f"GitHub does not accept the token{said}"
            hint = "it may have expired, or belong to another server: check GITHUB_TOKEN and GITHUB_API_URL"
        case 403:
            message = f"the token may not {need.action}{said}"
            hint = (
                f"give the job `{need.permission}` under `permissions:`; "
                "the pull request of a fork never gets more than reading"
            )
        case 404:
            message = f"cannot {need.action}: it does not exist, or the token may not see it"
            hint = (
                "check GITHUB_REPOSITORY; GitHub hides what a token may not see, "
                f"so a job for a private repository needs `{need.permission}`"
            )
        case _ if 300 <= status < 400:
            message = f"cannot {need.action}: GitHub redirects, which is not followed here"
            hint = "the repository may have moved: check GITHUB_REPOSITORY and GITHUB_API_URL"
        case _ if status >= 500:
            message = f"GitHub cannot {need.action} now (error {status})"
            hint = "try again; https://www.githubstatus.com tells of outages"
        case _:
            message = f"GitHub refuses to {need.action} (error {status}){said}"
            hint = "put right what it says and run this again"
    return ForgeError(message, where=where, hint=hint)
