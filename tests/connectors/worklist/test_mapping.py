"""From rows to accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.connectors.worklist.mapping import Sheets, accounts_of, catalogue_of
from erpsync.connectors.worklist.options import Options, parse_options
from erpsync.errors import TargetError
from erpsync.model import Account, Catalogue, Grant
from erpsync.table import Table
from tests.support.worklist import CATALOGUE, ROLES, USERS, Lines, make_target

ONE_FILE: dict[str, str | None] = {"roles_file": None, "catalogue_file": None, "catalogue_column": None}


def table(name: str, lines: Lines) -> Table:
    rows = tuple((number, tuple(line)) for number, line in enumerate(lines[1:], start=2))
    return Table(name, tuple(lines[0]), rows)


def options(**more: str | None) -> Options:
    return parse_options(make_target(Path("/repo"), **more))


def accounts(users: Lines = USERS, roles: Lines | None = ROLES, **more: str | None) -> dict[str, Account]:
    sheets = Sheets(table("users.csv", users), table("roles.csv", roles) if roles else None)
    return accounts_of(sheets, options(**more))


def refused(users: Lines = USERS, roles: Lines | None = ROLES, **more: str | None) -> TargetError:
    with pytest.raises(TargetError) as caught:
        accounts(users, roles, **more)
    return caught.value


def test_accounts_come_from_both_files() -> None:
    found = accounts()
    assert found["peng.fei"] == Account("peng.fei", "彭飞", grants=(Grant("Buyer"), Grant("Clerk")))
    assert found["ma.li"] == Account("ma.li", "马丽")


def test_roles_beside_the_user_may_be_several() -> None:
    users = [
        ["操作员编码", "操作员姓名", "状态", "角色"],
        ["peng.fei", "彭飞", "停用", "Clerk; Buyer;;Clerk"],
    ]
    found = accounts(users, None, separator=";", **ONE_FILE)
    assert found["peng.fei"] == Account(
        "peng.fei", "彭飞", active=False, grants=(Grant("Buyer"), Grant("Clerk"))
    )


def test_without_a_separator_a_cell_is_one_role() -> None:
    users = [["操作员编码", "操作员姓名", "状态", "角色"], ["peng.fei", "彭飞", "启用", "Buyer;Clerk"]]
    assert accounts(users, None, **ONE_FILE)["peng.fei"].grants == (Grant("Buyer;Clerk"),)


def test_email_and_scope_are_read_where_there_are_columns() -> None:
    users = [
        ["操作员编码", "操作员姓名", "状态", "邮箱", "公司"],
        ["peng.fei", "", "启用", "peng.fei@huaxin.example", "华信铸造|华信贸易"],
        ["ma.li", "马丽", "启用", "", ""],
    ]
    more = {"email_column": "邮箱", "scope_column": "公司", "separator": "|"}
    found = accounts(users, **more)
    assert found["peng.fei"].scope == {"company": ("华信贸易", "华信铸造")}
    assert (found["peng.fei"].name, found["peng.fei"].email) == (None, "peng.fei@huaxin.example")
    assert (found["ma.li"].scope, found["ma.li"].email) == ({}, None)


def test_a_login_that_is_there_twice_but_for_case_is_refused_with_both_places() -> None:
    error = refused([*USERS, ["Peng.Fei", "彭飞", "停用"]])
    assert error.message == "'Peng.Fei' is there twice, first in line 2"
    assert error.where == "users.csv:4"


def test_a_user_without_login_is_refused() -> None:
    error = refused([*USERS, ["", "彭飞", "停用"]])
    assert (error.message, error.where) == ("the column '操作员编码' is empty", "users.csv:4")


def test_a_state_that_is_not_known_is_refused_and_not_guessed() -> None:
    error = refused([*USERS, ["he.qi", "何琪", "冻结"]])
    assert error.message == "'状态' is '冻结', expected one of '停用', '启用'"
    assert error.where == "users.csv:4"


def test_a_role_of_somebody_unknown_is_refused() -> None:
    error = refused(roles=[*ROLES, ["he.qi", "Buyer"]])
    assert error.message == "'he.qi' has a role, but is not among the users"
    assert error.where == "roles.csv:4"


@pytest.mark.parametrize(("line", "column"), [(["", "Buyer"], "操作员编码"), (["ma.li", ""], "角色")])
def test_a_role_without_login_or_name_is_refused(line: list[str], column: str) -> None:
    assert refused(roles=[*ROLES, line]).message == f"the column {column!r} is empty"


def test_an_export_without_users_or_without_roles_is_refused() -> None:
    assert refused(USERS[:1], ROLES[:1]).message == "the export has no user"
    assert refused(roles=ROLES[:1]).message == "the export has no role of a user"


def test_what_can_be_granted_is_what_is_held_and_what_is_listed() -> None:
    users = [["操作员编码", "操作员姓名", "状态", "公司"], ["peng.fei", "彭飞", "启用", "华信贸易"]]
    chosen = options(scope_column="公司", scopes_file="c.csv", scopes_column="名称")
    sheets = Sheets(
        table("users.csv", users),
        table("roles.csv", [*ROLES, ["peng.fei", "Old"]]),
        table("catalogue.csv", [*CATALOGUE, [""]]),
        table("c.csv", [["名称"], ["华信铸造"]]),
    )
    found = catalogue_of(sheets, accounts_of(sheets, chosen).values(), chosen)
    assert found == Catalogue(
        frozenset({"Buyer", "Clerk", "Old", "Planner"}), {"company": ("华信贸易", "华信铸造")}
    )


def test_without_lists_what_can_be_granted_is_what_is_held() -> None:
    chosen = options(catalogue_file=None, catalogue_column=None)
    sheets = Sheets(table("users.csv", USERS), table("roles.csv", ROLES))
    assert catalogue_of(sheets, accounts_of(sheets, chosen).values(), chosen) == Catalogue(
        frozenset({"Buyer", "Clerk"})
    )
