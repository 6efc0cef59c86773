"""A repository on a GitHub that is none: pull requests, reviews, comments, issues, statuses, artifacts.

What it holds has the form of GitHub's documented answers, with the fields erpsync reads and some others.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

BEGIN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
REPOSITORY_ID = 1296269
ACTIONS_BOT = "github-actions[bot]"

Json = dict[str, Any]


def commit(text: str) -> str:
    """The hash of a commit that is not made."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive as GitHub makes one of the files of an artifact."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@dataclass
class GitHubState:
    """What the people and programs of a repository have done, each deed a minute after the one before."""

    url: str
    name: str = "huaxin/access"
    pulls: dict[int, Json] = field(default_factory=dict)
    reviews: dict[int, list[Json]] = field(default_factory=dict)
    written: dict[int, list[Json]] = field(default_factory=dict)
    issues: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, list[Json]] = field(default_factory=dict)
    statuses: list[Json] = field(default_factory=list)
    artifacts: list[Json] = field(default_factory=list)
    archives: dict[int, bytes] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    last_id: int = 1000
    last_number: int = 0
    minutes: int = 0

    # --- what people do ------------------------------------------------------------------------------

    def open_pull_request(
        self, author: str, head: str, branch: str = "change", base: str = "main", **more: str
    ) -> int:
        """Propose a commit; returns the number."""
        number = self._number()
        owner = self.name.split("/")[0]
        self.pulls[number] = {
            "id": self._id(),
            "number": number,
            "state": "open",
            "title": more.get("title", "Change who may do what"),
            "body": more.get("body"),
            "user": self.account(author),
            "head": {"label": f"{owner}:{branch}", "ref": branch, "sha": head, "repo": None},
            "base": {"label": f"{owner}:{base}", "ref": base, "sha": commit(base)},
            "html_url": f"https://github.example/{self.name}/pull/{number}",
            # Of an open one this is a trial merge, which is no commit of the base.
            "merge_commit_sha": commit(f"trial merge of {head}"),
            "merged_at": None,
            "merged_by": None,
            "draft": False,
            "created_at": self._now(),
        }
        self.reviews[number] = []
        self.comments[number] = []
        self.written[number] = [self._written(head, author)]
        return number

    def push(self, number: int, head: str, by: str | None = None) -> None:
        """Add a commit to a pull request: its author's, or somebody else's."""
        self.written[number].append(self._written(head, by or self.pulls[number]["user"]["login"]))
        self.pulls[number]["head"]["sha"] = head
        self.pulls[number]["merge_commit_sha"] = commit(f"trial merge of {head}")

    def _written(self, head: str, by: str) -> Json:
        # Nobody on GitHub has the address of this committer.
        return {"sha": head, "author": self.account(by), "committer": None}

    def review(
        self, number: int, reviewer: str | None, state: str = "APPROVED", of: str | None = None
    ) -> int:
        """Review a pull request at its head, or at an earlier commit; returns the review's id."""
        made = self._id()
        entry = {
            "id": made,
            "user": self.account(reviewer) if reviewer else None,
            "body": "",
            "state": state,
            "html_url": f"{self.pulls[number]['html_url']}#pullrequestreview-{made}",
            "commit_id": of or self.pulls[number]["head"]["sha"],
            "author_association": "MEMBER",
        }
        if state != "PENDING":
            entry["submitted_at"] = self._now()
        self.reviews[number].append(entry)
        return made

    def dismiss(self, number: int, review: int) -> None:
        """Dismiss a review: it keeps its time and loses its state."""
        (entry,) = [one for one in self.reviews[number] if one["id"] == review]
        entry["state"] = "DISMISSED"

    def merge(self, number: int, as_: str, by: str | None = "he.qi") -> None:
        """Merge a pull request as a commit of the base: by a merge, squashed or rebased."""
        self.pulls[number] |= {
            "state": "closed",
            "merge_commit_sha": as_,
            "merged_at": self._now(),
            "merged_by": self.account(by) if by else None,
        }

    def comment(self, number: int, author: str, body: str) -> Json:
        """Say something below a pull request or an issue."""
        made = self._id()
        entry: Json = {
            "id": made,
            "body": body,
            "user": self.account(author),
            "html_url": f"https://github.example/{self.name}/issues/{number}#issuecomment-{made}",
            "created_at": self._now(),
            "performed_via_github_app": None,
        }
        self.comments[number].append(entry)
        return entry

    def open_issue(self, author: str, title: str, body: str, labels: tuple[str, ...] = ()) -> Json:
        """Open an issue."""
        number = self._number()
        self.comments[number] = []
        self.issues[number] = {
            "id": self._id(),
            "number": number,
            "state": "open",
            "title": title,
            "body": body,
            "user": self.account(author),
            "labels": [{"id": 1, "name": label, "color": "ededed"} for label in labels],
            "html_url": f"https://github.example/{self.name}/issues/{number}",
            "created_at": self._now(),
        }
        return self.issues[number]

    def keep(self, head: str, name: str, content: bytes, *, fork: bool = False, expired: bool = False) -> int:
        """Keep a file of a job on a commit as an artifact; returns its id."""
        return self.keep_archive(head, name, zipped({f"{name}.json": content}), fork=fork, expired=expired)

    def keep_archive(
        self, head: str, name: str, archive: bytes, *, fork: bool = False, expired: bool = False
    ) -> int:
        """Keep an archive as an artifact; returns its id."""
        made = self._id()
        self.archives[made] = archive
        self.artifacts.insert(
            0,
            {
                "id": made,
                "name": name,
                "size_in_bytes": len(archive),
                "archive_download_url": f"{self.url}/repos/{self.name}/actions/artifacts/{made}/zip",
                "expired": expired,
                "created_at": self._now(),
                "workflow_run": {
                    "id": 7,
                    "repository_id": REPOSITORY_ID,
                    "head_repository_id": REPOSITORY_ID + fork,
                    "head_branch": "change",
                    "head_sha": head,
                },
            },
        )
        return made

    def account(self, login: str) -> Json:
        """An account, as it stands in every answer; one ending in ``[bot]`` is a program."""
        number = self.accounts.setdefault(login, 500 + len(self.accounts))
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {"login": login, "id": number, "type": kind, "site_admin": False}

    def latest_status(self, head: str, context: str) -> Json | None:
        """The status that counts: the last of its name."""
        found = [one for one in self.statuses if (one["sha"], one["context"]) == (head, context)]
        return found[-1] if found else None

    def _id(self) -> int:
        self.last_id += 1
        return self.last_id

    def _number(self) -> int:
        self.last_number += 1
        return self.last_number

    def _now(self) -> str:
        self.minutes += 1
        return (BEGIN + timedelta(minutes=self.minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
