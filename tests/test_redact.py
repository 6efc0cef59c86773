"""What an ERP says, before it is shown or kept: persons and secrets blanked, the rest as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.redact import MOST, redact


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The e-mail chen.jing@huaxin.example is taken.", "The e-mail [e-mail] is taken."),
        ("<Chen.Jing+erp@mail.huaxin.example>", "<[e-mail]>"),
        ("邮箱chen.jing@huaxin.example已存在", "邮箱[e-mail]已存在"),
        ("用户 陈静@华鑫.example 不存在", "用户 [e-mail] 不存在"),
        ("root@localhost", "[e-mail]"),
        ("a@huaxin.example, b@huaxin.example", "[e-mail], [e-mail]"),
    ],
)
def test_an_email_address_is_blanked(text: str, kept: str) -> None:
    assert redact(text) == kept


@pytest.mark.parametrize(
    "number",
    [
        "1234567",
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+86-13800138000",
        "+49 30 1234567",
        "021-62345678",
        "0571 8765 4321",
        "１３８００１３８０００",
        "110101199003071234",
    ],
)
def test_a_phone_number_and_any_long_number_is_blanked(number: str) -> None:
    assert redact(f"电话 {number} 已登记") == "电话 [number] 已登记"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abcDEF123456==", "Authorization: Bearer [secret]"),
        ("Session ZXJwOjc6NGYxYw== ended", "Session [secret] ended"),
        ("token: 1a2b3c4d5e", "token: [secret]"),
        ("https://erpsync:pass@word@erp.huaxin.example/erp", "https://[secret]@erp.huaxin.example/erp"),
        ("postgresql://erp@db/erp", "postgresql://[secret]@db/erp"),
        ("dsn has password=hunter2 host=db", "dsn has password=[secret] host=db"),
        ("""{"password": "a b", "login": "x"}""", """{"password": [secret], "login": "x"}"""),
        ("api_key = '7 8'", "api_key = [secret]"),
        ("PWD=geheim", "PWD=[secret]"),
        ("key 4f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e gone", "key [secret] gone"),
        ("key 4f1c12345678d9e0f1a2b3c4d5e6f7a8 gone", "key [secret] gone"),
    ],
)
def test_a_secret_is_blanked(text: str, kept: str) -> None:
    assert redact(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        'You are not allowed to create "User". (Within groups: Sync)',
        "The value for field “Name” in “User” is required.",
        "您无权修改“用户”的记录。",
        "不能在 2026-11-22 02:21:53 之前锁定 3 个账户",
        "At most 100000 records, 12.5 %, see article 4711, line 12: 30",
        "Session expired; the session terminated by the administrator",
        "Password: it must have at least 8 characters",
        "Ask @admin, or see https://erp.huaxin.example/help?page=7",
        "party.group_party_admin_of_all_the_companies_there_are_2",
        "UNIQUE constraint failed: res_user.login",
        "first line\nsecond line",
    ],
)
def test_an_ordinary_sentence_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_a_long_text_is_cut_and_shows_it() -> None:
    assert redact("No. " * 1000) == ("No. " * 1000)[: MOST - 1] + "…"


def test_a_text_of_just_the_length_allowed_is_kept() -> None:
    assert redact("x" * 10, most=10) == "x" * 10


def test_what_is_blanked_is_blanked_before_the_text_is_cut() -> None:
    assert redact("of chen.jing@huaxin.example", most=12) == "of [e-mail]"


# --- of any text ----------------------------------------------------------------------------------------

pieces = st.sampled_from(
    [
        *(
            "chen.jing",
            "陈静",
            "@",
            "＠",
            ".",
            "huaxin.example",
            " ",
            "-",
            "\n",
            "_",
            "/",
            "…",
            '"',
            "'",
            "=",
            ": ",
        ),
        *("+86", "138", "0013", "8000", "0571", "1234567", "the", "账户", "[secret]", "[e-mail]", "[number]"),
        *("password", "Bearer ", "session", "token", "a1b2c3d4", "4f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e"),
        *("://", "user:"),
    ]
)
texts = st.lists(pieces, max_size=14).map("".join) | st.text()
limits = st.integers(1, 60) | st.just(MOST)


@given(texts, limits)
def test_redacting_again_changes_nothing(text: str, most: int) -> None:
    assert redact(redact(text, most), most) == redact(text, most)


@given(texts, limits)
def test_no_text_is_longer_than_allowed(text: str, most: int) -> None:
    assert len(redact(text, most)) <= most


@given(st.lists(st.sampled_from(["the", "account", "不能", "锁定账户", "12", "is", "taken", ",", "“用户”"])))
def test_words_and_short_numbers_stay(words: list[str]) -> None:
    text = " ".join(words)
    assert redact(text, most=len(text) + 1) == text


names = st.text("abcdefghijklmnopqrstuvwxyz.", min_size=1, max_size=12).map(lambda name: f"q{name}q")


@given(texts, names, texts)
def test_no_address_gets_through_whatever_is_around_it(before: str, name: str, after: str) -> None:
    assert f"{name}@huaxin" not in redact(f"{before} {name}@huaxin.example {after}")


@given(texts, st.integers(10**6, 10**18), texts)
def test_no_long_number_gets_through_whatever_is_around_it(before: str, number: int, after: str) -> None:
    assert str(number) not in redact(f"{before}{number}{after}")
