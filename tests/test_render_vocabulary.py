"""The fixed words: the same phrases with the same places for values in every language."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest

from erpsync.connectors.base import Status as OutcomeStatus
from erpsync.errors import UsageError
from erpsync.merge import SECTIONS
from erpsync.model import Account, Approver, Location, Risk, Role, Severity, Status, Way
from erpsync.render.phrases import PHRASES
from erpsync.render.vocabulary import LANGUAGES, vocabulary
from tests.comment_values import plan
from tests.rendered_values import ordinary_plan

AT = Location("a.yaml", 1, 1)


def _places(phrase: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize("key", PHRASES)
def test_phrase_has_the_same_places_in_both_languages(key: str) -> None:
    english, chinese = PHRASES[key]
    # One is told without its number in English.
    assert _places(english) - {"n"} == _places(chinese) - {"n"}


@pytest.mark.parametrize("key", [key for key in PHRASES if key.endswith(".one")])
def test_phrase_for_one_has_one_for_many(key: str) -> None:
    assert f"{key.removesuffix('.one')}.many" in PHRASES


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("risk", Risk),
        ("way", Way),
        ("status", Status),
        ("part", Approver),
        ("severity", Severity),
        ("outcome", OutcomeStatus),
        ("section", [name for name in SECTIONS if name != "users"]),
        ("what", ["added", "changed", "removed"]),
    ],
)
def test_every_word_of_the_files_has_a_name(kind: str, values: list[str]) -> None:
    assert [value for value in values if f"{kind}.{value}" not in PHRASES] == []


def test_word_without_a_name_is_shown_as_it_is() -> None:
    assert vocabulary("en").name("section", "new_section") == r"new\_section"


def test_number_chooses_the_form() -> None:
    words = vocabulary("en")
    assert words.count("head.lock", 1, user="x") == "x is locked"
    assert words.count("head.lock", 2, user="x") == "2 accounts locked"


def test_title_is_that_of_the_language_then_any_then_the_key() -> None:
    both = Role("r", "Buyer", AT, title_zh="采购员")
    assert [vocabulary(lang).title(both, "r") for lang in LANGUAGES] == ["Buyer", "采购员"]
    assert vocabulary("zh").title(replace(both, title_zh=None), "r") == "Buyer"
    assert vocabulary("en").title(replace(both, title=" ", title_zh=None), "r") == "r"


def test_list_is_bounded_and_says_how_many_more_there_are() -> None:
    assert vocabulary("en").listed(list("abc"), 2) == "a, b and 1 more"
    assert vocabulary("zh").listed(list("ab"), 2) == "a、b"


def test_headline_of_a_target_in_chinese() -> None:
    words = vocabulary("zh")
    busy, idle = ordinary_plan().targets
    assert words.headline(busy) == "3 个账号增加权限，2 个账号减少权限，1 个账号锁定，1 个账号其他变更"
    assert words.headline(idle) == "无变更"
    assert words.left_over(busy) == "4 处差异保留不改，2 个未纳管账号"
    assert words.left_over(replace(plan().targets[0], unmanaged=(Account("x"),))) == "1 个未纳管账号"


def test_language_that_nobody_speaks_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="no words for the language 'fr'"):
        vocabulary("fr")
