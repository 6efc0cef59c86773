"""Which answers are about a rate limit, and how long to wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from requests.structures import CaseInsensitiveDict

from erpsync.forge.github_limits import RateLimit, rate_limit, too_long

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
SOON = str(int((NOW + timedelta(seconds=50)).timestamp()))
SLOW, USED_UP = "GitHub asks to slow down", "GitHub's rate limit is used up"


def limit(status: int, message: str = "", headers: Mapping[str, str] | None = None) -> RateLimit | None:
    """What an answer says, seen at noon."""
    return rate_limit(status, CaseInsensitiveDict(headers or {}), message, NOW)


@pytest.mark.parametrize("status", [200, 304, 401, 404, 422, 500, 503])
def test_other_answers_are_about_no_limit(status: int) -> None:
    assert limit(status, "secondary rate limit", {"retry-after": "3"}) is None


def test_a_refusal_for_want_of_a_permission_is_about_no_limit() -> None:
    assert limit(403, "Resource not accessible by integration", {"x-ratelimit-remaining": "4999"}) is None


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("message", "headers", "expected"),
    [
        ("", {"retry-after": "30"}, RateLimit(SLOW, 30)),
        ("", {"retry-after": "30", "x-ratelimit-remaining": "0"}, RateLimit(SLOW, 30)),
        ("", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": SOON}, RateLimit(USED_UP, 51)),
        ("", {"x-ratelimit-remaining": "0"}, RateLimit(USED_UP, 60)),
        ("", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, RateLimit(USED_UP, 60)),
        ("", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, RateLimit(USED_UP, 1)),
        ("You have exceeded a Secondary Rate Limit", {}, RateLimit(SLOW, 60)),
        ("API rate limit exceeded for user ID 7", {}, RateLimit(SLOW, 60)),
        ("You have triggered an abuse detection mechanism", {}, RateLimit(SLOW, 60)),
    ],
)
def test_a_limit_says_how_long_to_wait(
    status: int, message: str, headers: Mapping[str, str], expected: RateLimit
) -> None:
    assert limit(status, message, headers) == expected


def test_too_many_requests_are_about_a_limit_even_without_a_word() -> None:
    assert limit(429) == RateLimit(SLOW, 60)


def test_the_reset_is_held_against_the_clock_of_the_server() -> None:
    fast = format_datetime(NOW + timedelta(seconds=40), usegmt=True)
    said = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": SOON, "date": fast}
    assert limit(403, "", said) == RateLimit(USED_UP, 11)


def test_the_end_of_a_wait_is_told_in_utc() -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    error = too_long(RateLimit(USED_UP, 3600), "github huaxin/access", shanghai)
    assert error.message == "GitHub's rate limit is used up until 2026-11-02 13:00:00 UTC"
    assert error.where == "github huaxin/access"
