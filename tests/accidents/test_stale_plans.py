"""Plans that were applied to something else than they were made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from erpsync.codec import digest
from erpsync.connectors import registry
from erpsync.connectors.base import Connection
from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import Erp, utc
from tests.support.memory import MemoryErp


def test_a_plan_does_not_overwrite_what_changed_in_the_erp_since(real: Desk, erp: Erp) -> None:
    """terraform #8790: a saved plan did not notice live drift; here one account that moved refuses it."""
    changed, other = erp.login("chen.jing"), erp.login("wang.li")
    user = erp.create(changed, name="陈静")
    real.access.users(buyer(changed), buyer(other, "王丽"))
    assert real.plan().code == 0
    erp.give(user, "Planner", last=utc(2040, 1, 31, 15, 59, 59))

    ran = real.apply()
    assert (ran.code, ran.out) == (5, "")
    assert "1 of 2 accounts changed in the ERP since the plan was made, so nothing was written" in ran.err
    assert erp.groups(changed) == {"company.group_company_admin", "currency.group_currency_admin"}
    real.plan()
    assert real.planned() == {changed: [("revoke", "Planner"), ("grant", "Buyer")], **_made(other)}


def _made(login: str) -> dict[str, list[tuple[str, str]]]:
    return {login: [("create", ""), ("grant", "Buyer")]}


def test_a_change_between_the_check_and_the_write_is_not_overwritten(desk: Desk, memory: MemoryErp) -> None:
    """terraform #4616, stale plans: here each account is also looked at again just before its write."""
    memory.put(Account("chen.jing", "陈静"))
    memory.put(Account("wang.li", "王丽"))
    desk.access.users(buyer("chen.jing"), buyer("wang.li", "王丽"))
    desk.plan()
    by_hand = Account("chen.jing", "陈静", grants=(Grant("Clerk"),))
    memory.on_read[memory.reads + 2] = lambda: memory.put(by_hand)
    ran = desk.apply()
    assert ran.code == 6
    assert "chen.jing: changed in the ERP since the plan" in ran.out
    assert memory.accounts["chen.jing"] == by_hand
    assert memory.accounts["wang.li"].grants == (Grant("Buyer"),)


def test_a_plan_for_one_erp_is_refused_by_its_twin(
    desk: Desk, memory: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """octoDNS: the checksum has neither zone nor target; here the plan names target and ERP."""
    twin = MemoryErp(dict(memory.accounts), name="memory:twin")
    text = (desk.access.path / "erpsync.yaml").read_text(encoding="utf-8")
    desk.access.write("erpsync.yaml", text + text[text.index("  erp:") :].replace("  erp:", "  twin:"))
    desk.access.write(
        "zz.yaml",
        "users: {chen.jing: {name: 陈静, department: purchasing, position: buyer, type: dedicated}}",
    )
    reached = {"erp": _Reaches(memory), "twin": _Reaches(twin)}
    monkeypatch.setattr(registry, "find_connector", lambda target: reached[target.name])
    desk.plan("--target", "erp")
    document = desk.document()
    document["targets"][0]["target"] = "twin"

    desk.file.write_text(json.dumps(document), encoding="utf-8")
    assert desk.apply().code == 4
    _forge(desk.file, document)
    ran = desk.apply()
    assert ran.code == 5
    assert "the ERP there is not the one the plan was made for" in ran.err
    assert twin.written == []


class _Reaches:
    """A connector to one ERP in memory."""

    def __init__(self, erp: MemoryErp) -> None:
        self.erp = erp

    def read(self, connection: Connection) -> AbstractContextManager[MemoryErp]:
        """The ERP itself."""
        return nullcontext(self.erp)

    write = read


def _forge(file: Path, document: dict[str, object]) -> None:
    """Write a plan whose digest is right: anybody who can write files can compute one."""
    body = {key: value for key, value in document.items() if key != "digest"}
    file.write_text(json.dumps({**body, "digest": digest(body)}), encoding="utf-8")


@pytest.mark.parametrize(
    "tighten",
    [
        lambda desk: desk.limit("{create: {count: 0}}"),
        lambda desk: desk.set("protected: [admin]", "protected: [admin, chen.jing]"),
        lambda desk: desk.set("entitlements: enforce", "entitlements: observe"),
    ],
    ids=["limit", "protection", "manage mode"],
)
def test_a_plan_made_under_another_policy_is_stale(
    desk: Desk, memory: MemoryErp, tighten: Callable[[Desk], None]
) -> None:
    """A plan approved under other rules: limits, protection and modes are part of what a plan is bound to."""
    desk.access.users(buyer("chen.jing"))
    desk.plan()
    tighten(desk)
    ran = desk.apply()
    assert (ran.code, memory.written) == (5, [])
    assert "the access files are not those the plan was made from" in ran.err


@pytest.mark.parametrize("moment", ["tomorrow", "after it expired"])
def test_a_plan_that_lay_about_cannot_be_applied(
    desk: Desk, memory: MemoryErp, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """terraform #4616, stale plans again: here a plan is for its day, and expires."""
    desk.access.users(buyer("chen.jing"))
    desk.plan()
    if moment == "tomorrow":
        day = date.fromisoformat(desk.document()["as_of"]) + timedelta(days=1)
        monkeypatch.setattr("erpsync.cli.apply.today", lambda _: day)
    else:
        _forge(desk.file, desk.document() | {"expires": (datetime.now(UTC) - timedelta(1)).isoformat()})
    assert (desk.apply().code, memory.written) == (5, [])


@pytest.mark.parametrize("content", [None, b"", b"{}", "no target"])
def test_applying_nothing_is_not_a_success(
    desk: Desk, memory: MemoryErp, content: bytes | str | None
) -> None:
    """atlantis #6529: apply before there were plans said success; here it is an error."""
    desk.access.users(buyer("chen.jing"))
    if content == "no target":
        desk.plan()
        _forge(desk.file, desk.document() | {"targets": []})
    elif isinstance(content, bytes):
        desk.file.write_bytes(content)
    ran = desk.apply()
    assert (ran.code in (1, 4), ran.out) == (True, "")
    assert ran.err.startswith("error: ")


def test_an_empty_plan_is_no_answer_for_a_change_that_was_merged_later(desk: Desk, memory: MemoryErp) -> None:
    """atlantis #6529, the same: a plan of before the merge has nothing to do, and is stale."""
    desk.plan()
    assert desk.planned() == {}
    desk.access.users(buyer("chen.jing"))
    assert desk.apply().code == 5
    memory.put(replace(memory.accounts["wu.lan"], active=True))
    assert desk.drift() == 3
