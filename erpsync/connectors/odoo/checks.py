"""Is an Odoo set up as docs/odoo.md says? Asked of its own access rights; nothing is tried."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.connectors.checks import Check, Needed, Purpose, Right, Verdict, clock, judge
from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.directory import Directory
from erpsync.connectors.odoo.session import Session
from erpsync.errors import TargetError

TESTED = range(16, 20)
"""The versions that the connector knows."""
HINT = "see docs/odoo.md on the two service accounts"
WRITES = ("create", "write", "unlink")

READS = ("res.users", "res.groups", "res.company", "res.lang", "ir.model.data")
ROLES = "res.users.role.line"
BEYOND = ("ir.model.access", "ir.rule", "ir.config_parameter", "account.move")
"""What a login that gives access has no need to write: who may do what, settings, the books."""


def look_around(session: Session, directory: Directory, purpose: Purpose) -> Iterator[Check]:
    """Version, clock, companies, and the rights of the login of a session.

    Raises:
        TargetError: Odoo cannot be reached any more, or does not tell.
    """
    yield _version(session)
    yield clock(session.http.ahead)
    yield _roles(directory)
    yield from judge(_rights(session, directory), purpose, HINT)


def _version(session: Session) -> Check:
    told = f"Odoo {session.version}"
    if session.version in TESTED:
        return Check("version", Verdict.OK, told)
    known = f"{TESTED.start} to {TESTED.stop - 1}"
    return Check("version", Verdict.WARN, told, f"erpsync knows {known}: try it on a copy first")


def _roles(directory: Directory) -> Check:
    if directory.has_roles and directory.kind == "groups":
        message = "base_user_role is installed, but groups are managed: accounts with roles are left alone"
        return Check("roles", Verdict.WARN, message, "to manage them: options: {entitlements: roles}")
    return Check("roles", Verdict.OK, f"{directory.kind} are managed")


def _rights(session: Session, directory: Directory) -> Iterator[Right]:
    reads = [*READS, *([ROLES] if directory.has_roles else [])]
    for model in reads:
        yield Right(f"read {model}", Needed.ALWAYS, _may(session, model, "read"))
    yield Right("create res.users", Needed.TO_APPLY, _may(session, "res.users", "create"))
    yield Right("write res.users", Needed.TO_APPLY, _may(session, "res.users", "write"))
    # The name and the address of a user are those of a contact.
    yield Right("create res.partner", Needed.TO_APPLY, _may(session, "res.partner", "create"))
    yield Right("write res.partner", Needed.TO_APPLY, _may(session, "res.partner", "write"))
    if directory.kind == "roles":
        for operation in WRITES:
            held = _may(session, ROLES, operation)
            yield Right(f"{operation} {ROLES}", Needed.TO_APPLY, held)
    for model in BEYOND:
        held = _may(session, model, "write")
        if held is not None:
            yield Right(f"write {model}", Needed.NEVER, held)


def _may(session: Session, model: str, operation: str) -> bool | None:
    """Whether the login may do it; None where there is no such model."""
    try:
        return session.may(model, operation)
    except OdooError as error:
        if error.forbidden:
            return False
        if error.name in ("UserError", "NotFound", "KeyError"):
            return None
        raise TargetError(f"Odoo does not tell what {session.username!r} may do: {error.message}",
                          where=session.where, hint=HINT) from error  # fmt: skip
