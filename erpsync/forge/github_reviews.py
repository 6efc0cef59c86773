"""Pull requests of GitHub and their reviews.

https://docs.github.com/en/rest/pulls/reviews
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from erpsync.forge.base import ForgeError, PullRequest, Review
from erpsync.forge.github_api import ApiUser
from erpsync.forge.github_refusals import Need
from erpsync.forge.github_values import is_merge, part, pull_request, review

_PERMISSION = "pull-requests: read"
WEB = "web-flow"
"""The committer of what somebody did on GitHub's own pages."""


class GitHubReviews(ApiUser):
    """Implements `ReviewSource`. Reviews of programs do not count, nor do those not sent off yet."""

    handles = "github"

    def pull_request(self, number: int) -> PullRequest:
        """A pull request by its number."""
        need = Need(f"read pull request {number}", _PERMISSION)
        return pull_request(self._api.get(f"pulls/{number}", need))

    def pull_request_of(self, commit: str) -> PullRequest | None:
        """The pull request that was merged as a commit: by a merge, squashed or rebased.

        ``merge_commit_sha`` is the last commit it made on the base, whichever way it was merged:
        https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
        """
        short = commit[:12]
        need = Need(f"read the pull requests of commit {short}", _PERMISSION)
        listed = self._api.pages(f"commits/{quote(commit, safe='')}/pulls", need)
        numbers = [part(entry, "number", int) for entry in listed if is_merge(entry, commit)]
        if len(numbers) > 1:
            names = ", ".join(f"#{number}" for number in sorted(numbers))
            raise ForgeError(
                f"several pull requests were merged as commit {short}: {names}",
                where=self._api.where,
                hint="whose approvals count cannot be told; merge pull requests one by one",
            )
        return self.pull_request(numbers[0]) if numbers else None

    def writers(self, number: int) -> Sequence[str]:
        """The accounts behind the commits of a pull request, authors and committers.

        https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
        """
        need = Need(f"read the commits of pull request {number}", _PERMISSION)
        found = self._api.pages(f"pulls/{number}/commits", need)
        people = (entry.get(part) for entry in found for part in ("author", "committer"))
        logins = (person.get("login") for person in people if isinstance(person, dict))
        return sorted({login for login in logins if isinstance(login, str)} - {WEB})

    def reviews(self, number: int) -> Sequence[Review]:
        """All reviews of a pull request, oldest first."""
        need = Need(f"read the reviews of pull request {number}", _PERMISSION)
        found = [review(entry) for entry in self._api.pages(f"pulls/{number}/reviews", need)]
        return sorted((one for one in found if one is not None), key=lambda one: one.at)
