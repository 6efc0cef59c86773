"""As whom a token writes on GitHub, to tell our own comments from those of others."""

from __future__ import annotations

from erpsync.forge.github_api import Api
from erpsync.forge.github_refusals import Need
from erpsync.forge.github_values import part

ACTIONS = "github-actions[bot]"
"""Who writes with the token that GitHub Actions gives to a job."""
_BOT = "[bot]"
"""Ends the handle of each program, and of no person."""
_NEED = Need("find out whose the token is", "metadata: read")


def own_login(api: Api) -> str:
    """The handle of the account behind a token.

    The token of a job or of another app has no user that REST would tell; GraphQL names its bot:
    https://docs.github.com/en/graphql/reference/queries#viewer

    Raises:
        ForgeError: the token is not accepted, or GitHub cannot be reached.
    """
    user = api.find("/user", _NEED)
    if user is not None:
        return part(user, "login", str)
    data = api.query("{viewer {login}}", _NEED)
    viewer = data.get("viewer") if isinstance(data, dict) else None
    named = viewer.get("login") if isinstance(viewer, dict) else None
    return named.removesuffix(_BOT) + _BOT if isinstance(named, str) else ACTIONS
