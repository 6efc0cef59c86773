"""``erpsync explain``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from erpsync.model import Account, Grant
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import MemoryErp


def test_a_grant_is_explained_and_found_in_the_erp(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    memory.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"),)))
    ran = erpsync("explain", "chen.jing", "--access", company)
    assert (ran.code, ran.err) == (0, "")
    assert "in erp as chen.jing: account active" in ran.out
    assert "✓ Buyer\n      position buyer" in ran.out


@pytest.mark.parametrize("name", ["CJ0023", "cj0023", "CHEN.JING", "chen.jing", "jing", "陈静"])
def test_a_user_is_found_by_key_login_earlier_key_and_name(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, name: str
) -> None:
    access.users(buyer("chen.jing", more=", logins: {erp: CJ0023}, previously: [jing]"))
    ran = erpsync("explain", name, "--access", access)
    assert ran.code == 0
    assert ran.out.startswith("chen.jing (陈静): ")


@pytest.mark.parametrize(
    ("name", "meant"), [("chen", "chen.jing"), ("静", "chen.jing"), ("chen.jign", "'chen.jing'")]
)
def test_a_user_that_is_not_declared_is_wrong_usage(
    erpsync: Command, company: AccessFiles, name: str, meant: str
) -> None:
    ran = erpsync("explain", name, "--access", company)
    assert ran.code == 2
    assert ran.err == f"error: no user {name!r} is declared\n  hint: did you mean {meant}?\n"


def test_a_name_that_two_people_have_explains_neither(erpsync: Command, company: AccessFiles) -> None:
    company.users(buyer("chen.jing"), buyer("chen.jing2"))
    ran = erpsync("explain", "陈静", "--offline", "--access", company)
    assert (ran.code, ran.out) == (2, "")
    assert "chen.jing, chen.jing2" in ran.err


def test_a_login_that_is_the_key_of_another_user_means_that_user(
    erpsync: Command, company: AccessFiles
) -> None:
    company.users(buyer("chen.jing"), buyer("wang.li", "王丽", ", previously: [jing]"))
    assert erpsync("explain", "jing", "--offline", "--access", company).out.startswith("wang.li ")
    assert erpsync("explain", "chen.jing", "--offline", "--access", company).out.startswith("chen.jing ")


def test_offline_asks_nobody(erpsync: Command, company: AccessFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERP_USERNAME", raising=False)
    ran = erpsync("explain", "chen.jing", "--offline", "--access", company)
    assert ran.code == 0
    assert "in erp as chen.jing: account not asked" in ran.out


def test_a_recorded_target_is_explained_without_credentials(
    erpsync: Command, company: AccessFiles, live_file: Path
) -> None:
    ran = erpsync("explain", "chen.jing", "--access", company, "--live", live_file)
    assert ran.code == 0
    assert "account does not exist" in ran.out
    assert "✗ Buyer  [the target does not have it]" in ran.out


def test_another_day_is_explained_as_it_will_be(
    erpsync: Command, access: AccessFiles, memory: MemoryErp
) -> None:
    access.users(buyer("chen.jing", more=", valid_to: 2030-12-31"))
    ran = erpsync("explain", "chen.jing", "--access", access, "--as-of", "2031-01-01")
    assert "ended on 2030-12-31" in ran.out
    assert re.search(r"· Buyer +\[not now\]\n +ended: position buyer", ran.out)


def test_every_target_is_explained_or_only_the_chosen_one(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    text = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    company.write("erpsync.yaml", text + text[text.index("  erp:") :].replace("  erp:", "  crm:"))
    both = erpsync("explain", "chen.jing", "--access", company).out
    assert ("in crm as" in both, "in erp as" in both) == (True, True)
    one = erpsync("explain", "chen.jing", "--access", company, "--target", "crm").out
    assert ("in crm as" in one, "in erp as" in one) == (True, False)
