"""Find the user whom somebody means: by key, name, number, login, address, or pinyin. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice, product

from erpsync.model import User, fold

READINGS_MOST = 16
"""Most readings of a name that are tried: many characters have two, and a name has three characters."""
_SURNAMES = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "任": "ren", "盖": "ge",
    "朴": "piao", "尉": "wei", "缪": "miao", "洗": "xian", "种": "chong", "万俟": "mo qi", "尉迟": "yu chi",
    "乐": "yue", "翟": "zhai", "葛": "ge", "覃": "qin", "召": "shao", "繁": "po", "长孙": "zhang sun",
}  # fmt: skip
"""Characters that are read otherwise when they are a surname."""
_COMPOUND = (
    "欧阳", "司马", "诸葛", "上官", "司徒", "夏侯", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙",
    "宇文", "司空", "万俟", "端木", "独孤", "南宫", "西门", "百里", "呼延",
)  # fmt: skip
"""Surnames of two characters."""
_PARTS = re.compile("[·•‧・･]")
"""The dots between the parts of a name: the one of the standard, GB 18030 A1A4, and those typed for it."""


def find_people(term: str, users: Iterable[User]) -> list[User]:
    """The users whom a term may mean, the best first; only the best where one fits exactly.

    Args:
        term: a key, name, employee number, login or address; a part of one; or pinyin, whole
            (``chenjing``, ``chen jing``) or its first letters (``cj``).
        users: among whom.
    """
    wanted = fold(term.strip())
    people = list(users)
    if not wanted:
        return []
    exact = [user for user in people if wanted in map(fold, _names(user))]
    if exact:
        return exact
    partly = [user for user in people if any(wanted in fold(name) for name in _names(user))]
    if re.fullmatch(r"[a-z' .]+", wanted):
        partly += _by_pinyin(re.sub(r"[' .]", "", wanted), people)
    return list({user.key: user for user in partly}.values())


def _names(user: User) -> Iterator[str]:
    yield from (user.key, user.name, *user.logins.values(), *user.previously)
    yield from (value for value in (user.employee_no, user.email) if value)


def _by_pinyin(wanted: str, people: Iterable[User]) -> Iterator[User]:
    later: list[User] = []
    for user in people:
        spelled = {"".join(reading) for reading in readings(user.name)}
        initials = {"".join(part[0] for part in reading) for reading in readings(user.name)}
        if wanted in spelled or wanted in initials:
            yield user
        elif any(text.startswith(wanted) for text in spelled):
            later.append(user)
    yield from later


@cache
def readings(name: str) -> tuple[tuple[str, ...], ...]:
    """The readings of a Chinese name, a syllable a character; none where it has no such character.

    The library is loaded here: only whoever searches by pinyin waits for its dictionary.
    """
    if not re.search(r"[\u3400-\u9fff]", name):
        return ()
    from pypinyin import Style, pinyin

    found = pinyin(name, style=Style.NORMAL, heteronym=True, errors="ignore")
    surname = next((part for part in (name[:2], name[:1]) if part in _SURNAMES), "")
    if surname:
        found[: len(surname)] = [[syllable] for syllable in _SURNAMES[surname].split()]
    return tuple(islice(product(*(dict.fromkeys(item) for item in found)), READINGS_MOST))


def suggested_key(name: str, taken: Iterable[str]) -> str | None:
    """A key for a new user, ``surname.given`` in pinyin, with a figure where that is taken; or None.

    Letters lose their accents. A name of several parts with dots between, as those of Uyghurs and
    Kazakhs are written, is split there.
    """
    parts = [part for part in _PARTS.split(name.strip()) if part]
    key = ".".join(word for part in parts for word in _words(part, whole=len(parts) > 1) if word)
    if not key:
        return None
    known = {fold(other) for other in taken}
    candidates = (key if not number else f"{key}{number + 1}" for number in range(len(known) + 1))
    return next(candidate for candidate in candidates if candidate not in known)


def _words(name: str, *, whole: bool) -> list[str]:
    """The words of a name in plain letters; of a Chinese one surname and given name, or it as a whole."""
    found = readings(name)
    if not found:
        plain = unicodedata.normalize("NFKD", fold(name)).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z ]", "", plain).split()
    first = 0 if whole else 2 if name[:2] in _COMPOUND else 1
    return ["".join(found[0][:first]), "".join(found[0][first:])]
