"""People are found by whatever is known of them; keys of new ones are made from their names."""

from __future__ import annotations

import pytest

from erpsync.model import User, UserType
from erpsync.people_search import find_people, readings, suggested_key
from tests.builders import AT


def person(key: str, name: str, **more: object) -> User:
    return User(key, name, UserType.DEDICATED, AT, **more)  # type: ignore[arg-type]  # the fields of a user


PEOPLE = [
    person("chen.jing", "陈静", employee_no="10023", logins={"erp": "CJ0023"}, email="cj@huaxin.example"),
    person("10168", "陈婧"),
    person("zeng.li", "曾丽"),
    person("u4", "重阳", previously=("old.key",)),
    person("wang", "王 小明"),
    person("anna", "Anna Li"),
]


def found(term: str) -> list[str]:
    return [user.key for user in find_people(term, PEOPLE)]


@pytest.mark.parametrize(
    "term", ["chen.jing", "CHEN.JING", "陈静", "10023", "cj0023", "cj@huaxin.example", " 陈静 "]
)
def test_exact_word_finds_one(term: str) -> None:
    assert found(term) == ["chen.jing"]


@pytest.mark.parametrize(
    ("term", "keys"),
    [
        ("陈", ["chen.jing", "10168"]),
        ("chenjing", ["chen.jing", "10168"]),
        ("Chen Jing", ["chen.jing", "10168"]),
        ("cj", ["chen.jing", "10168"]),
        ("chenj", ["chen.jing", "10168"]),
        ("zengli", ["zeng.li"]),
        ("chongyang", ["u4"]),
        ("wangxiaoming", ["wang"]),
        ("wxm", ["wang"]),
        ("old.key", ["u4"]),
        ("li", ["zeng.li", "anna"]),
        ("", []),
        ("nobody", []),
        ("张", []),
    ],
)
def test_part_or_pinyin_finds_all_whom_it_fits(term: str, keys: list[str]) -> None:
    assert found(term) == keys


def test_surname_is_read_as_a_surname() -> None:
    assert readings("曾丽")[0] == ("zeng", "li")
    assert readings("尉迟恭")[0][:2] == ("yu", "chi")
    assert readings("Anna") == ()


@pytest.mark.parametrize(
    ("name", "taken", "key"),
    [
        ("王小明", [], "wang.xiaoming"),
        ("王小明", ["Wang.Xiaoming"], "wang.xiaoming2"),
        ("王小明", ["wang.xiaoming", "wang.xiaoming2"], "wang.xiaoming3"),
        ("欧阳杰", [], "ouyang.jie"),
        ("曾丽", [], "zeng.li"),
        ("Anna Li", [], "anna.li"),
        ("吕布", [], "lv.bu"),
        ("Müller Jürgen", [], "muller.jurgen"),
        ("Ｗeiß Zoé", [], "weiss.zoe"),
        ("阿依古丽·买买提", [], "ayiguli.maimaiti"),
        ("迪丽·Anna", [], "dili.anna"),
        ("王·", [], "wang"),
        ("Anna・O'Neil", [], "anna.oneil"),
        ("007", [], None),
        ("·", [], None),
    ],
)
def test_key_is_made_from_the_name(name: str, taken: list[str], key: str | None) -> None:
    assert suggested_key(name, taken) == key
