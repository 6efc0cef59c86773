"""The accounts that stand-ins have: the same in every run."""

from __future__ import annotations

import random
from dataclasses import dataclass

SEED = 20261122
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
ROLES = tuple(f"Role {number:02}" for number in range(60))
NEW_ROLE = "Role for everybody"
"""Nobody has it; the measurement gives it."""
ROLES_EACH = 5


@dataclass(frozen=True, slots=True)
class Person:
    """One account."""

    number: int
    login: str
    name: str
    email: str
    active: bool
    roles: tuple[str, ...]


def people(count: int) -> list[Person]:
    """So many accounts, each with some of the roles; one in twenty is locked."""
    chance = random.Random(SEED)
    return [_person(number, chance) for number in range(1, count + 1)]


def _person(number: int, chance: random.Random) -> Person:
    login = f"user.{number:06}"
    name = chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=chance.randint(1, 2)))
    roles = tuple(sorted(chance.sample(ROLES, ROLES_EACH)))
    return Person(number, login, name, f"{login}@huaxin.example", chance.random() > 0.05, roles)
