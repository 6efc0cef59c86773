"""Who changed an account of a real Tryton last, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from erpsync.connectors.base import Traced, last_changes
from erpsync.connectors.tryton import trace
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc, RpcError
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.errors import TargetError
from erpsync.model import LastChange
from tests.connectors.conftest import ReaderOf
from tests.support.edits import write
from tests.support.erp import Erp
from tests.support.memory import MemoryErp


def recent(change: LastChange) -> bool:
    """Whether a change was made by this test: within the last minutes."""
    return abs(datetime.now(UTC) - change.at) < timedelta(minutes=10)


def test_who_made_an_account_is_its_last_change_until_somebody_writes_it(
    erp: Erp, reader: ReaderOf, writer: TrytonWriter
) -> None:
    login = erp.login("chen.jing")
    erp.create(login)
    made = reader().last_changes([login])[login]
    assert made.by == "admin"
    assert recent(made)
    write(writer, login, name="陈静")
    written = reader().last_changes([login])[login]
    assert written.by.endswith("(erpsync)")
    assert written.at >= made.at


def test_a_role_that_was_given_beside_the_account_counts(
    erp: Erp, reader: ReaderOf, writer: TrytonWriter
) -> None:
    login = erp.login("lin.tao")
    user = erp.create(login)
    write(writer, login, name="林涛")
    erp.add_row(user, "Buyer")
    assert reader().last_changes([login])[login].by == "admin"


def test_only_those_who_were_asked_for_come_and_case_does_not_matter(erp: Erp, reader: ReaderOf) -> None:
    login = erp.login("Wu.Lan")
    erp.create(login)
    erp.create(erp.login("he.qi"))
    assert list(reader().last_changes([login.casefold(), "nobody.at.all"])) == [login.casefold()]


def test_where_groups_are_managed_only_the_account_tells(groups_erp: Erp, groups_read_rpc: Rpc) -> None:
    login = groups_erp.login("chen.jing")
    groups_erp.create(login)
    made = TrytonReader(groups_read_rpc, groups_erp.connection()).last_changes([login])
    assert made[login].by == "admin"


def test_many_accounts_are_asked_for_in_pages_up_to_a_limit(
    erp: Erp, reader: ReaderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = [erp.login("many") for _ in range(4)]
    for login in logins:
        erp.create(login)
    monkeypatch.setattr(trace, "PAGE", 2)
    monkeypatch.setattr(trace, "MOST", 3)
    assert len(reader().last_changes(logins)) == 3


@pytest.mark.parametrize("error", [RpcError("Fault", "no"), TargetError("not allowed")])
def test_what_may_not_be_read_is_left_out(
    erp: Erp, reader: ReaderOf, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    login = erp.login("chen.jing")
    erp.create(login)
    made = reader()
    assert made.last_changes([login])

    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(made.rpc, "call", refuse)
    assert made.last_changes([login]) == {}


# --- answers that a real Tryton seldom gives ---------------------------------------------------------------


class Answers:
    """Answers as it is told, by method."""

    def __init__(self, **answers: Callable[..., Any]) -> None:
        self.answers = answers

    def call(self, method: str, *params: Any) -> Any:
        """The answer of the test."""
        return self.answers[method.removeprefix("model.").replace(".", "_")](*params)


def test_a_record_without_a_writer_and_a_writer_without_a_name_are_told_as_they_are() -> None:
    nobody = {"create_uid": None, "create_date": None, "write_uid": None, "write_date": None}
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    users = {
        1: {"id": 1, "login": "Wu.Lan", **nobody},
        2: {"id": 2, "login": "chen.jing", **nobody, "write_uid": 3, "write_date": at},
        4: {"id": 4, "login": "lin.tao", **nobody, "write_uid": 9, "write_date": at},
        3: {"id": 3, "login": "he.qi", "name": ""},
    }
    rpc = Answers(res_user_read=lambda ids, *_: [users[number] for number in ids if number in users])
    found = trace.read_last_changes(rpc, [1, 2, 4], roles=False)  # type: ignore[arg-type]
    assert found == {"chen.jing": LastChange("he.qi", at), "lin.tao": LastChange("user 9", at)}


# --- connectors that can, and those that cannot ------------------------------------------------------------


def test_a_reader_that_cannot_tell_tells_nothing(erp: Erp, reader: ReaderOf) -> None:
    assert not isinstance(MemoryErp(), Traced)
    assert last_changes(MemoryErp(), ["chen.jing"]) == {}
    assert isinstance(reader(), Traced)
    assert last_changes(reader(), ["admin"]).keys() == {"admin"}
    assert last_changes(reader(), []) == {}
