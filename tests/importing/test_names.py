"""Keys for what an ERP names freely."""

from __future__ import annotations

import pytest

from erpsync.importing.names import Keys, is_key, slug, titles


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Purchase / Approval", "purchase-approval"),
        ("  Crédit & Débit ", "credit-debit"),
        ("会计", ""),
        ("base.group_user", "base-group-user"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_text_becomes_a_key_of_plain_letters(text: str, made: str) -> None:
    assert slug(text) == made


def test_only_what_the_schema_takes_is_a_key() -> None:
    assert is_key("Feng.Lei")
    assert is_key("chen@huaxin.example")
    assert not any(is_key(text) for text in ("", "陈静", ".chen", "chen jing", "x" * 101))


def test_a_key_that_is_taken_in_any_case_gets_a_number() -> None:
    keys = Keys(["Chen"])
    assert [keys.take("chen", "user"), keys.take("CHEN", "user"), keys.take("lin", "user")] == [
        "chen-2", "CHEN-3", "lin",
    ]  # fmt: skip


def test_what_leaves_nothing_gets_a_number_of_its_own() -> None:
    keys = Keys(["user-2"])
    assert [keys.take(text, "user") for text in ("陈静", "公用", "!")] == ["user-1", "user-3", "user-4"]


def test_a_chinese_name_is_the_chinese_title_too() -> None:
    assert titles("会计") == ("会计", "会计")
    assert titles("Buyer") == ("Buyer", None)
    assert len(titles("x" * 900)[0]) == 500
