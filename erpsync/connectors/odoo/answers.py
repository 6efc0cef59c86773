"""What Odoo answers: results, and refusals by the name of their exception, fit to be shown and kept.

Up to version 18 errors come with HTTP status 200; JSON-2 of version 19 has real status codes. In both
the class of the exception tells what happened. The words are translated, and ``debug`` is a traceback
with paths of the server, which is never shown.
https://www.odoo.com/documentation/18.0/developer/reference/external_api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from erpsync.connectors.json_answer import json_of
from erpsync.errors import TargetError
from erpsync.redact import redact

EXPIRED = 100
"""The code of an answer to a session that is none any more."""
RIGHTS = "see docs/odoo.md for the rights that erpsync needs"


class OdooError(Exception):
    """Odoo refused one call: the class of its exception, and its words."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name.rpartition(".")[2]
        self.message = message

    @property
    def gone(self) -> bool:
        """Whether a record is not there any more."""
        return self.name == "MissingError"

    @property
    def forbidden(self) -> bool:
        """Whether the login of erpsync may not do this."""
        return self.name == "AccessError"


def document(response: requests.Response, where: str) -> dict[str, Any]:
    """The JSON object of an answer.

    Raises:
        TargetError: it is none; a web server or a login page answers instead of Odoo's interface.
    """
    content = value(response, where)
    if not isinstance(content, dict):
        raise not_odoo(where)
    return content


def value(response: requests.Response, where: str) -> Any:
    """The JSON value of an answer.

    Raises:
        TargetError: it is none.
    """
    try:
        return json_of(response.content)
    except ValueError:
        raise not_odoo(where) from None


def refusal(error: Any, where: str) -> Exception:
    """The error of an RPC answer as an exception: that of one call, or one that ends the session."""
    if not isinstance(error, Mapping):
        return not_odoo(where)
    if error.get("code") == EXPIRED:
        return TargetError("the session was ended by Odoo", where=where,
                           hint="has the account of erpsync been changed? try again")  # fmt: skip
    data = error.get("data")
    return named(data, where) if isinstance(data, Mapping) else not_odoo(where)


def named(data: Mapping[str, Any], where: str) -> Exception:
    """The description of an exception of Odoo as an exception."""
    name, message = str(data.get("name", "")), str(data.get("message", ""))
    if not name:
        return not_odoo(where)
    if name.endswith(("AccessDenied", "SessionExpiredException")):
        return TargetError("wrong username, password or key", where=where,
                           hint="check what the target's credentials refer to; "
                           "Odoo minds the case of logins")  # fmt: skip
    if name.endswith("OperationalError"):
        # Its words tell host and port of the database.
        return TargetError("Odoo cannot open the database", where=where,
                           hint="check `database:` of the target")  # fmt: skip
    if name.endswith("SerializationFailure"):
        message = "somebody else was writing the same records; try again"
    elif ".exceptions." not in name:  # neither Odoo's nor its web server's
        message = f"Odoo failed inside: {name.rpartition('.')[2]}"
    return OdooError(name, redact(" ".join(message.split())))


def not_odoo(where: str) -> TargetError:
    """The fault of something else that answers at the address."""
    return TargetError("the answer is not Odoo's", where=where, hint="check the url of the target")
