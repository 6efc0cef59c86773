"""What a job of GitHub Actions knows of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from erpsync.errors import ErpsyncError
from erpsync.forge.job import Job, this_job

RUN = {
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "huaxin/access",
    "GITHUB_RUN_ID": "9",
}


def of_event(tmp_path: Path, event: object) -> Job:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event), "utf-8")
    return this_job({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file)})


def test_on_a_laptop_there_is_no_job() -> None:
    assert this_job({**RUN, "GITHUB_STEP_SUMMARY": "x"}) == Job()


def test_a_pull_request_and_the_main_branch_are_known_by_the_event(tmp_path: Path) -> None:
    event = {"pull_request": {"number": 7}, "repository": {"default_branch": "main"}}
    assert of_event(tmp_path, event) == Job(pull_request=7, main_branch="main")


@pytest.mark.parametrize("event", [{}, {"pull_request": None, "repository": None}, []])
def test_other_events_have_no_pull_request(tmp_path: Path, event: object) -> None:
    assert of_event(tmp_path, event) == Job()


def test_summary_and_address_come_from_the_environment() -> None:
    job = this_job({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/x/summary.md", **RUN})
    assert job.summary == Path("/x/summary.md")
    assert job.url == "https://github.example/huaxin/access/actions/runs/9"


@pytest.mark.parametrize("content", [b"{", b"\xff", None])
def test_an_event_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "event.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ErpsyncError, match="the event of the CI job cannot be read"):
        this_job({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(file)})
