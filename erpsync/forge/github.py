"""GitHub as a forge, on github.com and on an Enterprise Server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from erpsync.forge.github_api import Api
from erpsync.forge.github_calls import Clocks
from erpsync.forge.github_checks import GitHubChecks
from erpsync.forge.github_discussion import GitHubDiscussion
from erpsync.forge.github_reviews import GitHubReviews

API_URL = "https://api.github.com"


class GitHub(GitHubReviews, GitHubDiscussion, GitHubChecks):
    """Implements `Forge`. Use as a context manager to let go of its connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._api.close()


def connect_github(
    repository: str, token: str, api_url: str = API_URL, clocks: Clocks | None = None
) -> GitHub:
    """A repository on GitHub; nothing is sent yet.

    Args:
        repository: ``OWNER/NAME``.
        token: of a job, an app or a person; only ever sent to the API, never shown.
        api_url: ``https://HOST/api/v3`` of an Enterprise Server; plain http only to this machine.
        clocks: waiting and time.

    Raises:
        ForgeError: one of them cannot be right, or the token would go over the network in the clear.
    """
    return GitHub(Api(repository, token, api_url, clocks))


def github_from_environment(env: Mapping[str, str]) -> GitHub | None:
    """The repository of a job of GitHub Actions; None if there is none or it has no token.

    Args:
        env: GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL, as a job has them:
            https://docs.github.com/en/actions/reference/workflows-and-actions/variables

    Raises:
        ForgeError: as of `connect_github`.
    """
    token, repository = env.get("GITHUB_TOKEN", "").strip(), env.get("GITHUB_REPOSITORY", "").strip()
    if not (token and repository):
        return None
    return connect_github(repository, token, env.get("GITHUB_API_URL", "").strip() or API_URL)
