"""The CI job that runs a command, from its environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erpsync.errors import ErpsyncError


@dataclass(frozen=True, slots=True)
class Job:
    """What a job knows: its pull request, the main branch, where its summary goes, its own address."""

    pull_request: int | None = None
    main_branch: str | None = None
    summary: Path | None = None
    url: str | None = None


def this_job(env: Mapping[str, str]) -> Job:
    """The present job of GitHub Actions; one without any facts on a laptop.

    https://docs.github.com/actions/reference/variables-reference

    Raises:
        ErpsyncError: the file that tells of the event cannot be read.
    """
    if not env.get("GITHUB_ACTIONS"):
        return Job()
    event = _event(env.get("GITHUB_EVENT_PATH"))
    summary = env.get("GITHUB_STEP_SUMMARY")
    return Job(
        pull_request=(event.get("pull_request") or {}).get("number"),
        main_branch=(event.get("repository") or {}).get("default_branch"),
        summary=Path(summary) if summary else None,
        url=job_url(env),
    )


def job_url(env: Mapping[str, str]) -> str | None:
    """The address of the present job, if it is one of GitHub Actions."""
    if not env.get("GITHUB_RUN_ID"):
        return None
    repository = f"{env.get('GITHUB_SERVER_URL', '')}/{env.get('GITHUB_REPOSITORY', '')}"
    return f"{repository}/actions/runs/{env['GITHUB_RUN_ID']}"


def _event(path: str | None) -> dict[str, Any]:
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ErpsyncError("the event of the CI job cannot be read", where=path) from error
    return event if isinstance(event, dict) else {}
