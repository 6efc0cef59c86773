"""``erpsync sod``: the separation of duties: what there is, why, and what a role would change."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    Day,
    access_option,
    as_of_option,
    emit,
    format_option,
    lang_option,
    paint_stdout,
    today,
)
from erpsync.cli.explain import find_user
from erpsync.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from erpsync.model import Access, Assignment, SodRisk, User
    from erpsync.policy.base import Facts


@click.group()
def sod() -> None:
    """Separation of duties: who could do both halves of what nobody may do alone.

    Looked at is what git says, from the day on: also what begins later. Functions, risks and the policy
    stand in the access files.
    """


@sod.command(name="list")
@access_option
@as_of_option
@format_option("text", "json")
@lang_option
def list_conflicts(access_dir: Path, as_of: date | None, output_format: str, lang: str) -> int:
    """Every conflict, of roles and of people, and what the policy does about it."""
    from erpsync.policy.sod_rule import tell
    from erpsync.render.sod import list_json, render_list

    facts = _facts(access_dir, as_of)
    told = tell(facts)
    if output_format == "json":
        emit(list_json(told, facts.as_of))
    else:
        emit(render_list(told, lang, paint_stdout()))
    return ExitCode.DONE


@sod.command(name="explain")
@click.argument("user_key", metavar="USER")
@click.argument("risk_key", metavar="RISK")
@access_option
@as_of_option
def explain_conflict(user_key: str, risk_key: str, access_dir: Path, as_of: date | None) -> int:
    """Say by which roles a USER comes to each side of a RISK, on which days, and who could take one over.

    USER is the key of a user, or a login or an earlier key. RISK is the key of a risk.
    """
    from erpsync.policy.sod_explain import explain
    from erpsync.render.sod import render_explanation

    facts = _facts(access_dir, as_of)
    found = explain(facts, find_user(facts.access, user_key), _risk(facts.access, risk_key))
    emit(render_explanation(found, facts.access, facts.as_of, paint_stdout()))
    return ExitCode.DONE


@sod.command(name="what-if")
@click.argument("user_key", metavar="USER")
@click.option("--grant", "granted", multiple=True, metavar="ROLE", help="Give this role; may be repeated.")
@click.option("--from", "first", type=Day(), metavar="DATE", help="The first day of what is given.")
@click.option("--to", "last", type=Day(), metavar="DATE", help="The last day of what is given.")
@click.option(
    "--revoke",
    "revoked",
    multiple=True,
    metavar="ROLE",
    help="Take this assigned role away; may be repeated.",
)
@access_option
@as_of_option
def what_if_given(
    user_key: str,
    granted: tuple[str, ...],
    first: date | None,
    last: date | None,
    revoked: tuple[str, ...],
    access_dir: Path,
    as_of: date | None,
) -> int:
    """Say which conflicts it would bring or end, and from which day, if a USER had other roles.

    Nothing is changed and nobody is asked. Exit code 4 if the policy would block what it brings.
    """
    from erpsync.policy.what_if import what_if, with_roles
    from erpsync.render.sod import render_what_if

    if first and last and last < first:
        raise UsageError(f"--to {last} is before --from {first}")
    facts = _facts(access_dir, as_of)
    user = find_user(facts.access, user_key)
    _refuse_unassigned(user, revoked)
    assignments = [_assignment(facts.access, user, role, first, last) for role in granted]
    outcome = what_if(facts, with_roles(user, assignments, revoked))
    emit(render_what_if(outcome, user, facts.as_of, paint_stdout()))
    return ExitCode.REFUSED if outcome.blocks else ExitCode.DONE


def _facts(access_dir: Path, as_of: date | None) -> Facts:
    from erpsync.access import load_valid
    from erpsync.policy.base import Facts

    access = load_valid(access_dir)
    return Facts(access, as_of or today(access))


def _risk(access: Access, key: str) -> SodRisk:
    from erpsync.schema import suggest

    if key not in access.risks:
        hint = suggest(key, access.risks, "risks") or "declare it under risks:"
        raise UsageError(f"no risk {key!r} is declared", hint=hint)
    return access.risks[key]


def _assignment(access: Access, user: User, role: str, first: date | None, last: date | None) -> Assignment:
    from erpsync.model import Assignment
    from erpsync.schema import suggest

    if role not in access.roles:
        raise UsageError(f"no role {role!r} is declared", hint=suggest(role, access.roles, "roles"))
    return Assignment(role, "what if", user.at, first, last)


def _refuse_unassigned(user: User, revoked: tuple[str, ...]) -> None:
    """What is no assignment cannot be taken away from one user alone."""
    assigned = {item.role for item in user.assignments}
    for role in revoked:
        if role not in assigned:
            raise UsageError(
                f"role {role!r} is not assigned to {user.key!r}",
                hint="--revoke takes assignments away; what comes by position or rule is changed there",
            )
