"""``erpsync request``: ask for access without knowing YAML."""

from __future__ import annotations

from typing import Any

import click

from erpsync.cli.asking import (
    answer,
    day_of,
    day_or_none,
    which_role,
    which_user,
)
from erpsync.cli.request_making import make
from erpsync.cli.request_people import join, leave, lock, move, temporary, unlock
from erpsync.cli.requesting import WHEN, Ground, Terms, ground_of, request_options, why_of


@click.group()
def request() -> None:
    """Ask for access: a role, a move, a lock. It becomes a commit on a branch, for review.

    USER is a name, a key, an employee number, a login, or pinyin. ROLE is a title or a key. On a
    terminal whatever is missing is asked for; without one it is an error. What would change, and what
    the policy finds, is shown before anything is made. The files here are not touched.
    """


def _role_for(ground: Ground, user_term: str | None, role_term: str | None) -> tuple[Any, Any]:
    user = which_user(ground.access, user_term)
    return user, which_role(ground.access, role_term)


@request.command()
@click.argument("user_term", metavar="[USER]", required=False)
@click.argument("role_term", metavar="[ROLE]", required=False)
@click.option("--from", "first", metavar="DAY", help=f"The first day. {WHEN}")
@click.option("--to", "last", metavar="DAY", help=f"The last day. {WHEN}")
@request_options
def grant(
    user_term: str | None, role_term: str | None, first: str | None, last: str | None, terms: Terms
) -> int:
    """Give a USER a ROLE."""
    from erpsync.access_requests import grant as granted

    ground = ground_of(terms)
    user, role = _role_for(ground, user_term, role_term)
    begins = day_of(first, ground.day) if first else None
    longest = _longest(ground, role.key)
    if longest and begins is None:
        begins = ground.day
    if longest:
        last = answer(last, f"Last day (at most {longest} days)", "--to")
    ends = day_or_none(last, "Last day", ground.day, begins)
    why = why_of(terms)
    asked = granted(ground.access, user, role.key, why, begins, ends)
    return make(ground, asked, why, f"{why.request or 'grant'}-{user.key}")


def _longest(ground: Ground, role: str) -> int | None:
    """For how many days a role may be given at most."""
    entry = ground.validated.merged["roles"][role].value
    return int(entry["max_duration"].removesuffix("d")) if "max_duration" in entry else None


@request.command()
@click.argument("user_term", metavar="[USER]", required=False)
@click.argument("role_term", metavar="[ROLE]", required=False)
@click.option(
    "--last-day", "last", metavar="DAY", help=f"Until when it holds; without it, it ends at once. {WHEN}"
)
@request_options
def revoke(user_term: str | None, role_term: str | None, last: str | None, terms: Terms) -> int:
    """Take a ROLE that was assigned away from a USER."""
    from erpsync.access_requests import revoke as revoked

    ground = ground_of(terms)
    user, role = _role_for(ground, user_term, role_term)
    ends = day_of(last, ground.day) if last else None
    asked = revoked(ground.access, user, role.key, ground.day, ends)
    why = why_of(terms)
    return make(ground, asked, why, f"{why.request or 'revoke'}-{user.key}")


@request.command()
@click.argument("user_term", metavar="[USER]", required=False)
@click.argument("role_term", metavar="[ROLE]", required=False)
@click.option("--to", "last", metavar="DAY", help=f"The new last day. {WHEN}")
@request_options
def extend(user_term: str | None, role_term: str | None, last: str | None, terms: Terms) -> int:
    """Let a ROLE of a USER hold longer; without a ROLE, a temporary USER as such."""
    from erpsync.access_requests import extend as extended

    ground = ground_of(terms)
    user = which_user(ground.access, user_term)
    if role_term is None and user.valid_to is None:
        role_term = answer(None, "Which role (title or key)", "ROLE")
    role = which_role(ground.access, role_term).key if role_term else None
    ends = day_of(answer(last, "New last day", "--to"), ground.day, _day_after_end(user, role))
    asked = extended(user, role, ends)
    why = why_of(terms)
    return make(ground, asked, why, f"{why.request or 'extend'}-{user.key}")


def _day_after_end(user: Any, role: str | None) -> Any:
    """The day after which an extension begins: three months more are three months from there."""
    from datetime import timedelta

    ends = [item.valid_to for item in user.assignments if item.role == role] if role else [user.valid_to]
    known = [day for day in ends if day]
    return max(known) + timedelta(days=1) if known else None


for command in (move, join, leave, lock, unlock, temporary):
    request.add_command(command)
