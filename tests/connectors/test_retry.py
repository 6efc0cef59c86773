"""Whether a request is sent again, and after which wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from erpsync.connectors.retry import ATTEMPTS, DEMAND_SECONDS, WAIT_SECONDS, Retry, retry_after
from erpsync.errors import TargetError

NOW = datetime(2030, 1, 10, 12, 0, 0, tzinfo=UTC)


def attempts(*, repeatable: bool = True, jitter: Callable[[], float] = lambda: 1.0) -> Retry:
    """The attempts of one request; chance always takes the longest wait."""
    return Retry("target 'erp'", repeatable=repeatable, back_off=0.5, jitter=jitter)


def asking(value: str) -> dict[str, str]:
    """The headers of an answer that asks to wait."""
    return {"Retry-After": value}


# --- what is sent again -------------------------------------------------------------------------------


def test_a_broken_connection_is_tried_again_only_where_that_does_no_harm() -> None:
    assert attempts().after_fault() == 0.5
    assert attempts(repeatable=False).after_fault() is None


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_error_is_tried_again_only_where_that_does_no_harm(status: int) -> None:
    assert attempts().after_answer(status, {}) == 0.5
    assert attempts(repeatable=False).after_answer(status, {}) is None


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_busy_server_is_always_tried_again(repeatable: bool) -> None:
    assert attempts(repeatable=repeatable).after_answer(503, {}) == 0.5
    assert attempts(repeatable=repeatable).after_answer(503, asking("5")) == 5


@pytest.mark.parametrize("repeatable", [True, False])
def test_too_many_requests_are_tried_again_only_when_told_when(repeatable: bool) -> None:
    assert attempts(repeatable=repeatable).after_answer(429, asking("5")) == 5
    assert attempts(repeatable=repeatable).after_answer(429, {}) is None
    assert attempts(repeatable=repeatable).after_answer(429, asking("soon")) is None


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 413, 500, 501])
def test_any_other_answer_is_the_one_to_go_on_with(status: int) -> None:
    assert attempts().after_answer(status, asking("5")) is None


# --- how long -----------------------------------------------------------------------------------------


def test_the_wait_doubles_and_the_attempts_end() -> None:
    retry = attempts()
    assert [retry.after_fault() for _ in range(ATTEMPTS)] == [0.5, 1, 2, None]


def test_faults_and_answers_count_together() -> None:
    retry = attempts()
    assert [retry.after_fault(), retry.after_answer(502, {}), retry.after_answer(503, {})] == [0.5, 1, 2]
    assert retry.after_fault() is None


def test_chance_shortens_the_wait_down_to_nothing() -> None:
    assert attempts(jitter=lambda: 0.25).after_fault() == 0.125
    assert attempts(jitter=lambda: 0.0).after_fault() == 0


def test_a_short_demand_does_not_shorten_the_back_off() -> None:
    retry = attempts()
    assert [retry.after_answer(503, asking(asked)) for asked in "011"] == [0.5, 1, 2]


@pytest.mark.parametrize("status", [429, 503])
def test_a_demand_that_is_too_long_ends_at_once_and_says_how_long(status: int) -> None:
    assert attempts().after_answer(status, asking(str(DEMAND_SECONDS))) == DEMAND_SECONDS
    with pytest.raises(TargetError) as caught:
        attempts().after_answer(status, asking(str(DEMAND_SECONDS + 1)))
    assert caught.value.message == "the ERP asks to wait 61 s before the next request"
    assert caught.value.where == "target 'erp'"
    assert "requests_per_minute" in str(caught.value.hint)


def test_the_waits_of_one_request_together_have_an_end() -> None:
    retry = attempts()
    assert [retry.after_answer(503, asking("60")) for _ in range(3)] == [60, 60, None]
    assert WAIT_SECONDS == 120


def test_an_erp_that_asks_to_wait_again_and_again_is_given_up() -> None:
    retry = attempts()
    assert [retry.after_answer(429, asking("5")) for _ in range(3)] == [5, 5, 5]
    with pytest.raises(TargetError, match="asks to wait 5 s before the next request, also after 4 attempts"):
        retry.after_answer(429, asking("5"))


# --- the header ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Thu, 10 Jan 2030 12:00:30 GMT", 30),
        ("Thu, 10 Jan 2030 20:00:30 +0800", 30),
        ("Thu, 10 Jan 2030 12:00:30 -0000", 30),
        ("Thursday, 10-Jan-30 12:00:30 GMT", 30),
        ("Thu Jan 10 12:00:30 2030", 30),
        ("Thu, 10 Jan 2030 11:00:00 GMT", 0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("5, 6", None),
        ("9" * 5000, None),
        ("Thu, 99 Jan 2030 12:00:30 GMT", None),
        ("Fri, 31 Dec 9999 23:00:00 -2300", None),
    ],
)
def test_seconds_and_dates_are_understood(text: str, seconds: float | None) -> None:
    assert retry_after(asking(text), NOW) == seconds


def test_an_answer_that_asks_for_nothing_has_no_demand() -> None:
    assert retry_after({}, NOW) is None


def test_a_date_is_meant_by_the_clock_of_the_erp() -> None:
    headers = {**asking("Thu, 10 Jan 2030 12:00:30 GMT"), "Date": "Thu, 10 Jan 2030 12:00:20 GMT"}
    assert retry_after(headers, NOW - timedelta(hours=8)) == 10


def test_the_case_of_the_header_does_not_matter() -> None:
    assert retry_after(CaseInsensitiveDict({"retry-after": "7"}), NOW) == 7


@given(text=st.text(max_size=60))
def test_no_text_in_the_header_is_a_fault_and_no_wait_is_negative(text: str) -> None:
    wait = retry_after({**asking(text), "Date": text}, NOW)
    assert wait is None or wait >= 0
