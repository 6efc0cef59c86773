"""The entry point of the Odoo connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from erpsync.connectors.base import Connection
from erpsync.connectors.description import Ability, Description
from erpsync.connectors.http import Http, http_to
from erpsync.connectors.odoo.answers import OdooError, not_odoo
from erpsync.connectors.odoo.options import options_of
from erpsync.connectors.odoo.reader import OdooReader
from erpsync.connectors.odoo.session import Session, WriteSession
from erpsync.connectors.odoo.wires import JSON_2, Call, Cookie, Json2, Key, Wire, major_version
from erpsync.connectors.odoo.writer import OdooWriter
from erpsync.errors import RefusedError, TargetError
from erpsync.model import fold

_Session = TypeVar("_Session", bound=Session)


class OdooConnector:
    """Logs in to an Odoo server, for reading or for writing."""

    describes = Description(
        title="Odoo 16 to 19",
        page="docs/odoo.md",
        reader=OdooReader,
        abilities={
            Ability.CREATE: True,
            Ability.LOCK: True,
            Ability.ATTRIBUTES: "login, name, email, language",
            Ability.SCOPE: "company",
            Ability.DAYS: "of roles, where base_user_role is installed; groups have none",
            Ability.ACCOUNT_DAYS: False,
            Ability.IMPLIES: "of groups",
            Ability.VERSIONS: False,
            Ability.BATCH: True,
            Ability.DELETE: False,
        },
    )

    @staticmethod
    @contextmanager
    def read(connection: Connection) -> Iterator[OdooReader]:
        """Log in for reading; the session has no method that writes."""
        with session_to(Session, connection) as session:
            yield OdooReader(session, connection)

    @staticmethod
    @contextmanager
    def write(connection: Connection) -> Iterator[OdooWriter]:
        """Log in for writing."""
        with session_to(WriteSession, connection) as session:
            yield OdooWriter(session, connection)


@contextmanager
def session_to(kind: type[_Session], connection: Connection) -> Iterator[_Session]:
    """Log in, and out again.

    Raises:
        RefusedError: the target lacks what the connector needs.
        TargetError: Odoo cannot be reached, or lets nobody in like that.
    """
    with http_to(connection.target) as http:
        try:
            wire = _wire(http, connection)
        except OdooError as error:
            # "Database not found." is such a refusal: there is no account yet that it could be for.
            raise TargetError(error.message.rstrip("."), where=http.where,
                              hint="check `database:` of the target") from error  # fmt: skip
        try:
            yield kind(wire, http, connection.username)
        finally:
            wire.close()


def _wire(http: Http, connection: Connection) -> Wire:
    """Log in as the target says, and as the version of the server has it."""
    target, username, password = connection.target, connection.username, connection.password
    if target.database is None:
        raise RefusedError("an Odoo target needs `database:`", where=str(target.at))
    if not options_of(target).key:
        return Cookie(http, target.database, username, password)
    version = major_version(http)
    if version >= JSON_2:
        wire = Json2(http, version, target.database, password)
        _check_owner(wire, http, username)
        return wire
    return Key(http, version, target.database, username, password)


def _check_owner(wire: Json2, http: Http, username: str) -> None:
    """See that a key belongs to the username: JSON-2 asks for the key alone, so it could be anybody's."""
    told = wire.send(Call("res.users", "context_get"), repeatable=True)
    if not isinstance(told, dict) or not isinstance(told.get("uid"), int):
        raise not_odoo(http.where)
    me = Session(wire, http, username).search_read("res.users", [["id", "=", told["uid"]]], ["login"])
    logins = [str(user.get("login")) for user in me]
    if [fold(login) for login in logins] != [fold(username)]:
        whose = ", ".join(logins) or "nobody"
        raise TargetError(f"the key is of {whose}, not of {username}", where=http.where,
                          hint="check what the target's credentials refer to")  # fmt: skip
