"""A session that can only read, and one that writes users."""

from __future__ import annotations

from typing import Any

import pytest

from erpsync.connectors.http import Http
from erpsync.connectors.odoo.session import Session, WriteSession
from erpsync.connectors.odoo.wires import Call
from erpsync.errors import TargetError


class Wire:
    """Answers everything alike, and keeps what was asked."""

    def __init__(self, answer: Any, version: int = 18) -> None:
        self.version = version
        self.asked: list[tuple[Call, bool]] = []
        self._answer = answer

    def send(self, call: Call, *, repeatable: bool) -> Any:
        self.asked.append((call, repeatable))
        return self._answer

    def close(self) -> None:
        """There is no session."""


def session(wire: Wire) -> WriteSession:
    return WriteSession(wire, Http("http://127.0.0.1:9/", "target 'erp'"), "erpsync")


def test_the_session_of_a_plan_has_no_method_that_writes() -> None:
    methods = {name for name in dir(Session) if not name.startswith("_")}
    assert methods == {"search_read", "may"}


def test_a_read_sees_archived_records_and_names_in_english_and_may_be_repeated() -> None:
    wire = Wire([{"id": 1}])
    session(wire).search_read("res.users", [["id", "=", 1]], ("login",), 5)
    ((call, repeatable),) = wire.asked
    assert call.named["context"] == {"active_test": False, "lang": "en_US"}
    assert (call.named["order"], call.named["limit"], call.named["load"]) == ("id", 5, None)
    assert repeatable


@pytest.mark.parametrize("answer", [None, {}, [1], "text"])
def test_what_is_no_list_of_records_is_an_error(answer: Any) -> None:
    with pytest.raises(TargetError, match="the answer is not Odoo's"):
        session(Wire(answer)).search_read("res.users", [], ("login",))


def test_a_right_is_asked_for_as_each_version_has_it() -> None:
    new, old = Wire(True, 18), Wire(False, 17)
    assert session(new).may("res.users", "write") is True
    assert session(old).may("res.users", "write") is False
    assert new.asked[0][0] == Call("res.users", "has_access", [], {"operation": "write"})
    named = {"operation": "write", "raise_exception": False}
    assert old.asked[0][0] == Call("res.users", "check_access_rights", None, named)


@pytest.mark.parametrize(("invite", "context"), [
    (False, {"lang": "en_US", "no_reset_password": True}),
    (True, {"lang": "en_US"}),
])  # fmt: skip
def test_nobody_is_invited_unless_asked_for(*, invite: bool, context: dict[str, Any]) -> None:
    wire = Wire([9])
    session(wire).create([{"login": "a"}], invite=invite)
    ((call, repeatable),) = wire.asked
    assert call.named == {"vals_list": [{"login": "a"}], "context": context}
    assert not repeatable


def test_a_write_is_of_users_only_and_never_repeated() -> None:
    wire = Wire(True)
    session(wire).write([7, 8], {"active": False})
    assert wire.asked == [
        (Call("res.users", "write", [7, 8], {"vals": {"active": False}, "context": {"lang": "en_US"}}), False)
    ]
