"""The options of a worklist target."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from erpsync.connectors.worklist.options import Listing, Options, Source, parse_options
from erpsync.errors import RefusedError
from erpsync.model import ChangeKind
from tests.support.worklist import make_target


def parsed(**more: str | None) -> Options:
    return parse_options(make_target(Path("/repo"), **more))


def test_files_sheets_and_columns_are_read() -> None:
    found = parsed(users_sheet="用户", scope_column="公司", scopes_file="c.csv", scopes_column="名称")
    assert found.users == Source("users.csv", "用户")
    assert found.catalogue == Listing(Source("catalogue.csv"), "角色名称")
    assert [source.file for source in found.sources] == ["users.csv", "roles.csv", "catalogue.csv", "c.csv"]
    assert (found.role_login, found.scope_kind) == ("操作员编码", "company")


def test_without_a_file_of_roles_they_stand_beside_the_user() -> None:
    found = parsed(roles_file=None, catalogue_file=None, catalogue_column=None)
    assert (found.roles, found.catalogue) == (None, None)
    assert [source.file for source in found.sources] == ["users.csv"]


def test_a_value_may_be_one_of_several_or_an_empty_cell() -> None:
    found = parsed(active_value="启用 | 正常", inactive_value="")
    assert (set(found.active), set(found.inactive)) == ({"启用", "正常"}, {""})


def test_an_export_may_be_a_day_old_unless_it_says_otherwise() -> None:
    assert (parsed().max_age, parsed(max_age="2").max_age) == (timedelta(hours=24), timedelta(hours=2))


def test_the_erp_may_have_its_own_words_for_a_step() -> None:
    assert parsed(step_create="增加操作员").words == {ChangeKind.CREATE: "增加操作员"}


def test_the_encoding_of_csv_can_be_named() -> None:
    assert parsed().encodings == ("utf-8-sig", "gb18030")
    assert (parsed(encoding="utf-8").encodings, parsed(encoding="gb18030").encodings) == (
        ("utf-8-sig",),
        ("gb18030",),
    )


def test_a_tab_is_written_as_a_word() -> None:
    assert (parsed(delimiter="tab").delimiter, parsed(delimiter=";").delimiter) == ("\t", ";")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"login_colum": "x"}, "unknown option 'login_colum'"),
        ({"login_column": None}, "the option 'login_column' is missing"),
        ({"active_value": None}, "the option 'active_value' is missing"),
        (
            {"roles_file": None, "role_login_column": "x"},
            "option 'role_login_column' needs the option 'roles_file'",
        ),
        ({"catalogue_column": None}, "option 'catalogue_file' needs the option 'catalogue_column'"),
        ({"scope_kind": "plant"}, "option 'scope_kind' needs the option 'scope_column'"),
        ({"scope_column": "公司", "scopes_file": "c.csv"}, "the option 'scopes_column' is missing"),
        ({"inactive_value": "停用|启用"}, "a value of active_column cannot mean both active and inactive"),
        ({"delimiter": "::"}, "option 'delimiter' cannot be '::'"),
        ({"encoding": "big5"}, "option 'encoding' cannot be 'big5'"),
        ({"max_age": "0"}, "option 'max_age' cannot be '0'"),
        ({"max_age": "1d"}, "option 'max_age' cannot be '1d'"),
        ({"header_row": "²"}, "option 'header_row' cannot be '²'"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(more: dict[str, str | None], message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parsed(**more)
    assert caught.value.message == message
    assert caught.value.where == "target 'u8' (/repo/access/erpsync.yaml:4:3)"


def test_a_word_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(RefusedError) as caught:
        parsed(login_colum="x")
    assert caught.value.hint == "did you mean 'login_column'?"
