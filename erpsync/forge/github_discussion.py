"""Comments, issues and pull requests that erpsync writes on GitHub, each found again by its marker.

What a person wrote is never taken for ours, even where it quotes a marker.
https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from erpsync.forge.base import ForgeError
from erpsync.forge.github_api import ApiUser
from erpsync.forge.github_calls import ATTEMPTS
from erpsync.forge.github_identity import own_login
from erpsync.forge.github_refusals import Need
from erpsync.forge.github_values import login, part, strange
from erpsync.forge.github_wire import BrokenError

MOST = 65_536
"""The longest body of a comment, an issue or a pull request, in characters."""
LABEL = "erpsync"
"""On each issue that is kept here. GitHub makes it with the first one."""

_COMMENTS = Need("write comments", "pull-requests: write")
_ISSUES = Need("write issues", "issues: write")
_PULLS = Need("open pull requests", "pull-requests: write")


class GitHubDiscussion(ApiUser):
    """Implements `Discussion`."""

    @cached_property
    def _me(self) -> str:
        return own_login(self._api)

    def put_comment(self, number: int, marker: str, body: str) -> str:
        """Write the one comment that contains a marker, or write it anew; returns its address."""
        body = _body(marker, body)
        path = f"issues/{number}/comments"

        def ours() -> Any:
            return next(iter(self._ours(self._api.pages(path, _COMMENTS), marker)), None)

        found = ours()
        if found is None:
            return _address(self._create(path, {"body": body}, _COMMENTS, ours))
        self._update(f"issues/comments/{part(found, 'id', int)}", found, {"body": body}, _COMMENTS)
        return _address(found)

    def put_issue(self, marker: str, title: str, body: str) -> str:
        """Open the one issue that contains a marker, or update and reopen it; returns its address."""
        body = _body(marker, body)

        def ours() -> Any:
            issues = self._issues(marker, "all")
            return min(issues, key=lambda issue: issue.get("state") != "open", default=None)

        found = ours()
        if found is None:
            wanted = {"title": title, "body": body, "labels": [LABEL]}
            made = self._create("issues", wanted, _ISSUES, ours)
            if LABEL not in _labels(made):
                # Unseen next time, it would be opened again and again.
                raise strange(f"the label {LABEL!r} on the new issue {_address(made)}", self._api.where)
            return _address(made)
        wanted = {"title": title, "body": body, "state": "open"}
        self._update(f"issues/{part(found, 'number', int)}", found, wanted, _ISSUES)
        return _address(found)

    def close_issue(self, marker: str, comment: str) -> None:
        """Close the issue that contains a marker, if one is open."""
        comment = _body("", comment)
        for issue in self._issues(marker, "open"):
            number = part(issue, "number", int)
            self._say(f"issues/{number}/comments", comment)
            closed = {"state": "closed", "state_reason": "completed"}
            self._api.patch(f"issues/{number}", closed, _ISSUES)

    def open_pull_request(self, branch: str, base: str, title: str, body: str) -> str:
        """Propose a branch that was pushed, or update what was proposed from it; returns its address."""
        wanted = {"title": title, "body": _body("", body)}
        owner = self._api.repository.partition("/")[0]
        asked = urlencode({"head": f"{owner}:{branch}", "base": base, "state": "open"})
        try:
            # A second one from the same branch GitHub refuses, so nothing is lost with an answer.
            made = {"head": branch, "base": base, **wanted}
            return _address(self._api.post("pulls", made, _PULLS, repeatable=True))
        except ForgeError:
            found = self._api.pages(f"pulls?{asked}", _PULLS)
            if not found:
                raise
        self._update(f"pulls/{part(found[0], 'number', int)}", found[0], wanted, _PULLS)
        return _address(found[0])

    def _issues(self, marker: str, state: str) -> list[Any]:
        """Our issues that contain a marker, the oldest first; a list of issues also has pull requests."""
        asked = urlencode({"labels": LABEL, "state": state, "direction": "asc"})
        listed = self._api.pages(f"issues?{asked}", _ISSUES)
        return [issue for issue in self._ours(listed, marker) if "pull_request" not in issue]

    def _ours(self, entries: Iterable[Any], marker: str) -> list[Any]:
        """Those of some comments or issues that we wrote and that contain a marker."""
        return [
            entry
            for entry in entries
            if isinstance(entry, dict) and marker in (entry.get("body") or "") and login(entry) == self._me
        ]

    def _say(self, path: str, body: str) -> None:
        """Add a comment that has no marker: after a lost answer it is the one that was not there before."""
        before = {part(entry, "id", int) for entry in self._api.pages(path, _ISSUES)}

        def said() -> Any:
            added = [one for one in self._api.pages(path, _ISSUES) if part(one, "id", int) not in before]
            return next((one for one in self._ours(added, "") if one.get("body") == body), None)

        self._create(path, {"body": body}, _ISSUES, said)

    def _create(self, path: str, body: Mapping[str, Any], need: Need, made: Callable[[], Any]) -> Any:
        """Make something once: where the answer is lost, look whether it was made before trying again."""
        for _ in range(ATTEMPTS - 1):
            try:
                return self._api.post(path, body, need)
            except BrokenError:
                found = made()
                if found is not None:
                    return found
        return self._api.post(path, body, need)

    def _update(self, path: str, found: Any, wanted: Mapping[str, Any], need: Need) -> None:
        """Send what differs, and nothing where nothing does."""
        changed = {key: value for key, value in wanted.items() if found.get(key) != value}
        if changed:
            self._api.patch(path, changed, need)


def _body(marker: str, body: str) -> str:
    """A body that is found again by its marker, and that GitHub takes."""
    marked = body if marker in body else f"{marker}\n{body}"
    if len(marked) > MOST:
        raise ForgeError(
            f"a text of {len(marked):,} characters is longer than the {MOST:,} that GitHub takes",
            hint="shorten it, or keep it as an artifact and link to that",
        )
    return marked


def _address(entry: Any) -> str:
    return part(entry, "html_url", str)


def _labels(issue: Any) -> set[str]:
    return {part(label, "name", str) for label in part(issue, "labels", list)}
