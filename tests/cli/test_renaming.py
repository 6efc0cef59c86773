"""``rename`` and ``rename-role``: the files say it under another key, and the plan stays empty."""

from __future__ import annotations

from erpsync.model import Account
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import MemoryErp


def applied(erpsync: Command, company: AccessFiles) -> None:
    """Bring the ERP to what the files say."""
    plan = company.path.parent / "plan.json"
    erpsync("plan", "--access", company, "-o", plan)
    assert erpsync("apply", plan, "--access", company).code == 0
    assert erpsync("plan", "--access", company, "--detailed-exitcode").code == 0


def test_plan_is_empty_after_a_user_got_another_key(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    applied(erpsync, company)

    ran = erpsync("rename", "chen.jing", "chen.jing2", "--access", company)

    assert (ran.code, ran.out.splitlines()[-1]) == (0, "chen.jing is chen.jing2 now.")
    assert "still stands in words or as an earlier name" in ran.err
    assert erpsync("plan", "--access", company, "--detailed-exitcode").code == 0
    text = (company.path / "people.yaml").read_text("utf-8")
    assert "logins: {erp: chen.jing}, previously: [chen.jing]" in text


def test_login_follows_where_asked_for(erpsync: Command, company: AccessFiles, memory: MemoryErp) -> None:
    applied(erpsync, company)

    assert erpsync("rename", "chen.jing", "chen.jing2", "--login", "--access", company).code == 0
    applied(erpsync, company)

    assert "chen.jing2" in memory.snapshot().accounts
    assert "chen.jing" not in memory.snapshot().accounts


def test_head_of_everything_can_be_renamed(erpsync: Command, company: AccessFiles, memory: MemoryErp) -> None:
    memory.put(Account("wu.lan", "吴兰"))
    assert erpsync("rename", "wu.lan", "wu.lan2", "--access", company).code == 0
    text = (company.path / "organisation.yaml").read_text("utf-8")
    assert text.count("wu.lan2") == 6
    assert erpsync("validate", "--access", company).code == 0


def test_plan_is_empty_after_a_role_got_another_key(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    applied(erpsync, company)

    assert erpsync("rename-role", "purchasing.buyer", "buyer", "--access", company).code == 0

    assert erpsync("plan", "--access", company, "--detailed-exitcode").code == 0
    assert "purchasing.buyer" not in (company.path / "organisation.yaml").read_text("utf-8")


def test_what_cannot_be_is_refused_and_changes_nothing(erpsync: Command, company: AccessFiles) -> None:
    before = {path: path.read_bytes() for path in company.path.iterdir()}
    for arguments, words in (
        (("rename", "nobody", "x"), "no user 'nobody'"),
        (("rename", "nobody", "x"), "hint: users: chen.jing, "),
        (("rename-role", "nothing", "x"), "hint: roles: purchasing.buyer, "),
        (("rename", "chen.jing", "陈静"), "'陈静' cannot be a key\n  hint: a key has letters"),
        (("rename", "chen.jing", "no good"), "'no good' cannot be a key"),
        (("rename-role", "purchasing.buyer", "采购"), "'采购' cannot be a key"),
        (("rename", "chen.jing", "WU.LAN"), "there is a user 'wu.lan' already"),
        (("rename", "chen.jing", "chen.jing"), "is its key already"),
        (("rename-role", "purchasing.buyr", "x"), "did you mean 'purchasing.buyer'"),
        (("rename-role", "purchasing.buyer", "purchasing.lead"), "there is a role"),
    ):
        ran = erpsync(*arguments, "--access", company)
        assert ran.code == 2
        assert words in ran.err
        assert ran.err.count("cannot be a key") <= 1
    assert before == {path: path.read_bytes() for path in company.path.iterdir()}


def test_files_with_errors_are_not_refactored(erpsync: Command, company: AccessFiles) -> None:
    company.users(buyer("chen.jing", more=", owner: nobody"))
    assert erpsync("rename", "chen.jing", "x", "--access", company).code == 4
