"""Requests about people: who comes, moves, goes, is locked, or helps for a while."""

from __future__ import annotations

from collections.abc import Sequence

import click

from erpsync.cli.asking import (
    answer,
    answer_or_none,
    day_of,
    day_or_none,
    on_terminal,
    which_position,
    which_role,
    which_user,
)
from erpsync.cli.request_making import make
from erpsync.cli.requesting import WHEN, Ground, Terms, ground_of, request_options, why_of
from erpsync.errors import UsageError

from_option = click.option("--from", "first", metavar="DAY", help=f"The first day. Default: at once. {WHEN}")
scope_option = click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="KIND=VALUE",
    help="Data it may touch, as company=Huaxin Trading or company=all; may be repeated.",
)


@click.command()
@click.argument("user_term", metavar="[USER]", required=False)
@click.option("--position", "position_term", metavar="POSITION", help="The new position, by title or key.")
@click.option(
    "--since",
    metavar="DAY",
    help=f"The first day in it, if it is over: a move holds as soon as it is merged. Default: today. {WHEN}",
)
@click.option(
    "--drop", "dropped", multiple=True, metavar="ROLE", help="End this assigned role too; may be repeated."
)
@request_options
def move(
    user_term: str | None,
    position_term: str | None,
    since: str | None,
    dropped: tuple[str, ...],
    terms: Terms,
) -> int:
    """Move a USER to another position, with its department and its roles.

    Roles that were assigned stay unless they are dropped; on a terminal each of them is asked about.
    """
    from erpsync.access_requests import held_beyond
    from erpsync.access_requests import move as moved

    ground = ground_of(terms)
    user = which_user(ground.access, user_term)
    position = which_position(ground.access, position_term)
    begins = day_of(since, ground.day) if since else ground.day
    roles = [which_role(ground.access, term).key for term in dropped]
    for item in held_beyond(ground.access, user, position.key, ground.day):
        if item.role not in roles and on_terminal() and not terms.yes:
            role = ground.access.roles[item.role]
            title = role.title_zh or role.title
            if not click.confirm(f"Keep {item.role} ({title}) in the new position?", err=True):
                roles.append(item.role)
    why = why_of(terms)
    asked = moved(ground.access, user, position.key, ground.day, dict.fromkeys(roles), begins)
    return make(ground, asked, why, f"{why.request or 'move'}-{user.key}")


@click.command()
@click.argument("key", metavar="[KEY]", required=False)
@click.option("--name", metavar="NAME", help="The name.")
@click.option("--employee-no", metavar="NUMBER", help="The employee number.")
@click.option("--position", "position_term", metavar="POSITION", help="The position, by title or key.")
@click.option("--email", metavar="ADDRESS", help="The address at work.")
@from_option
@scope_option
@request_options
def join(
    key: str | None, name: str | None, employee_no: str | None, position_term: str | None,
    email: str | None, first: str | None, scopes: tuple[str, ...], terms: Terms,
) -> int:  # fmt: skip
    """Declare a new employee. The KEY is made from the name in pinyin if it is not given."""
    from erpsync.access_requests import home_of
    from erpsync.access_requests import join as joined

    ground = ground_of(terms)
    called = answer(name, "Name", "--name")
    number = answer_or_none(employee_no, "Employee number")
    position = which_position(ground.access, position_term)
    address = answer_or_none(email, "E-mail address")
    begins = day_or_none(first, "First day", ground.day)
    values = {
        "name": called,
        "employee_no": number,
        "email": address,
        "department": position.department,
        "position": position.key,
        "type": "dedicated",
        "status": "active",
        "valid_from": begins.isoformat() if begins else None,
        "scope": _scope(scopes),
    }
    chosen = _key(ground, key, called)
    why = why_of(terms)
    file = home_of(ground.access, position.department, ground.shown)
    asked = joined(ground.access, chosen, values, file)
    return make(ground, asked, why, f"{why.request or 'join'}-{chosen}")


def _scope(scopes: Sequence[str]) -> dict[str, str | list[str]] | None:
    """The scope of a new user, as it stands in the files; None where nothing is said."""
    from erpsync.model import ALL

    found: dict[str, list[str]] = {}
    for text in scopes:
        kind, separator, value = (part.strip() for part in text.partition("="))
        if not (kind and separator and value):
            raise UsageError(f"{text!r} is no scope", hint="write --scope company=VALUE, or company=all")
        found.setdefault(kind, []).append(value)
    return {kind: ALL if ALL in values else values for kind, values in found.items()} or None


def _key(ground: Ground, given: str | None, name: str) -> str:
    """The key of a new user: as given, else the pinyin of the name, which on a terminal is asked about."""
    from erpsync.people_search import suggested_key

    suggested = suggested_key(name, ground.access.users)
    if given or not on_terminal() or not suggested:
        return given or suggested or answer(None, "Key of the new user", "KEY")
    said: str = click.prompt("Key of the new user", default=suggested, err=True)
    return said.strip()


@click.command()
@click.argument("user_term", metavar="[USER]", required=False)
@click.option("--on", "last", metavar="DAY", help=f"The last day. Default: today. {WHEN}")
@request_options
def leave(user_term: str | None, last: str | None, terms: Terms) -> int:
    """Let a USER leave: from the day after on there is no access."""
    from erpsync.access_requests import leave as left

    ground = ground_of(terms)
    user = which_user(ground.access, user_term)
    text = answer_or_none(last, "Last day (empty for today)") if last is None else last
    asked = left(user, day_of(text, ground.day) if text else ground.day, ground.day)
    why = why_of(terms)
    return make(ground, asked, why, f"{why.request or 'leave'}-{user.key}")


@click.command()
@click.argument("user_term", metavar="[USER]", required=False)
@request_options
def lock(user_term: str | None, terms: Terms) -> int:
    """Lock a USER: no login for now, while all access stays declared."""
    return _stand(user_term, terms, "locked")


@click.command()
@click.argument("user_term", metavar="[USER]", required=False)
@request_options
def unlock(user_term: str | None, terms: Terms) -> int:
    """Unlock a USER who was locked."""
    return _stand(user_term, terms, "active")


def _stand(user_term: str | None, terms: Terms, status: str) -> int:
    from erpsync.access_requests import stand
    from erpsync.model import Status

    ground = ground_of(terms)
    user = which_user(ground.access, user_term)
    asked = stand(user, Status(status))
    why = why_of(terms)
    return make(ground, asked, why, f"{why.request or status}-{user.key}")


@click.command()
@click.argument("key", metavar="[KEY]", required=False)
@click.option("--name", metavar="NAME", help="The name.")
@click.option("--owner", "owner_term", metavar="USER", help="Who answers for it.")
@click.option("--purpose", metavar="TEXT", help="What it is for.")
@click.option(
    "--role", "role_terms", multiple=True, metavar="ROLE", help="A role, by title or key; may be repeated."
)
@from_option
@click.option("--to", "last", metavar="DAY", help=f"The last day. {WHEN}")
@scope_option
@request_options
def temporary(
    key: str | None, name: str | None, owner_term: str | None, purpose: str | None,
    role_terms: tuple[str, ...], first: str | None, last: str | None, scopes: tuple[str, ...], terms: Terms,
) -> int:  # fmt: skip
    """Declare somebody from outside, for a while: with an owner, a purpose and a last day."""
    from erpsync.access_requests import assignments, home_of
    from erpsync.access_requests import join as joined

    ground = ground_of(terms)
    called = answer(name, "Name", "--name")
    owner = which_user(ground.access, answer(owner_term, "Who answers for it (name)", "--owner"))
    what_for = answer(purpose, "What it is for", "--purpose")
    roles = [which_role(ground.access, term).key for term in role_terms]
    begins = day_or_none(first, "First day", ground.day)
    ends = day_of(answer(last, "Last day", "--to"), ground.day, begins)
    chosen = _key(ground, key, called)
    why = why_of(terms)
    values = {
        "name": called,
        "type": "temporary",
        "status": "active",
        "purpose": what_for,
        "owner": owner.key,
        "valid_from": begins.isoformat() if begins else None,
        "valid_to": ends.isoformat(),
        "scope": _scope(scopes),
        "assignments": assignments(roles, why, begins, ends),
    }
    outsiders = [user.at.file for user in ground.access.users.values() if user.type == "temporary"]
    file = outsiders[0] if outsiders else home_of(ground.access, None, ground.shown)
    asked = joined(ground.access, chosen, values, file)
    return make(ground, asked, why, f"{why.request or 'temporary'}-{chosen}")
