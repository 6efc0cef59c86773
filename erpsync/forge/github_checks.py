"""Statuses of commits on GitHub, and the files that jobs keep.

https://docs.github.com/en/rest/commits/statuses and https://docs.github.com/en/rest/actions/artifacts
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from erpsync.forge.base import CheckState
from erpsync.forge.github_api import ApiUser
from erpsync.forge.github_archive import ARCHIVE_BYTES, single_file
from erpsync.forge.github_refusals import Need
from erpsync.forge.github_values import instant, part

DESCRIPTION = 140
"""The longest description of a status, in characters."""
_STATUS = Need("set the status of a commit", "statuses: write")


class GitHubChecks(ApiUser):
    """Implements `Checks`."""

    def set_status(self, commit: str, name: str, state: CheckState, summary: str, url: str = "") -> None:
        """Set the named status of a commit; a summary that is too long is cut."""
        shown = summary if len(summary) <= DESCRIPTION else summary[: DESCRIPTION - 1] + "…"
        status = {"state": state.value, "context": name, "description": shown}
        if url:
            status["target_url"] = url
        # Twice the same status is that status.
        self._api.post(f"statuses/{quote(commit, safe='')}", status, _STATUS, repeatable=True)

    def artifact(self, commit: str, name: str) -> bytes | None:
        """The newest file of a name that a job on a commit kept; None if there is none."""
        need = Need(f"read the artifact {name!r}", "actions: read")
        asked = urlencode({"name": name})
        listed = self._api.pages(f"actions/artifacts?{asked}", need, "artifacts")
        kept = [entry for entry in listed if _is_of(entry, commit, name)]
        if not kept:
            return None
        newest = max(kept, key=lambda entry: (instant(entry, "created_at"), part(entry, "id", int)))
        path = f"actions/artifacts/{part(newest, 'id', int)}/zip"
        return single_file(self._api.download(path, need, ARCHIVE_BYTES), f"artifact {name!r}")


def _is_of(entry: Any, commit: str, name: str) -> bool:
    """Whether an artifact is still kept, has a name, and is of a job of this repository on a commit."""
    run = entry.get("workflow_run") if isinstance(entry, dict) else None
    return (
        isinstance(run, dict)
        and entry.get("name") == name
        and entry.get("expired") is False
        and run.get("head_sha") == commit
        # The author of a fork writes the workflow that runs there.
        and run.get("repository_id") is not None
        and run.get("head_repository_id") == run.get("repository_id")
    )
