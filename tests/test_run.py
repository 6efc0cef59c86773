"""Who or what carries a plan out."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import UTC, datetime, timedelta, timezone

import pytest

from erpsync.run import Run, this_run

NOW = datetime(2026, 11, 20, 16, 30, 5, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(autouse=True)
def no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start outside of CI, wherever the tests themselves run."""
    for name in ("GITHUB_ACTOR", "GITHUB_RUN_ID", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


def test_an_id_begins_with_the_time_in_utc_so_that_runs_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "ab" * size)
    assert this_run(NOW).id == "20261120T083005Z-ababab"


def test_runs_of_one_second_have_different_ids() -> None:
    assert len({this_run(NOW).id for _ in range(20)}) == 20


def test_without_a_time_a_run_begins_now() -> None:
    before = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    assert before <= this_run().id[:16] <= f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def test_on_a_machine_it_is_the_login_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "wu.lan")
    monkeypatch.setattr(socket, "gethostname", lambda: "ops-1")
    run = this_run(NOW)
    assert run == Run(run.id, "wu.lan", "ops-1", None)


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no login")])
def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def nameless() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert this_run(NOW).by == f"uid {os.getuid()}"


def test_in_a_ci_job_it_is_who_started_the_job_and_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "wu-lan")
    monkeypatch.setenv("GITHUB_RUN_ID", "42")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "huaxin/access")
    run = this_run(NOW)
    assert (run.by, run.job) == ("wu-lan", "https://github.example/huaxin/access/actions/runs/42")
