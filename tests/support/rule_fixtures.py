"""The fixtures of rules, read as access files are: one that breaks the rule, and one that just does not."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from erpsync.access import load_valid
from erpsync.model import Access, Account, Grant, fold
from erpsync.policy.base import Facts, LiveTarget

FOLDER = Path(__file__).parent.parent / "policy" / "fixtures"
DAY = date(2026, 11, 20)
"""The day on which every fixture is looked at."""


def facts_of(rule: str, which: str, stage: Path) -> Facts:
    """The facts of one fixture.

    Args:
        rule: the id of the rule.
        which: ``violates`` or ``just_not``.
        stage: an empty directory to lay the access files out in.
    """
    shutil.copy(FOLDER / "company.yaml", stage)
    shutil.copy(FOLDER / rule / f"{which}.yaml", stage)
    access = load_valid(stage)
    live = FOLDER / rule / f"{which}.live.yaml"
    targets = yaml.safe_load(live.read_text("utf-8")) if live.exists() else {}
    deep = FOLDER / rule / f"{which}.permissions.yaml"
    return Facts(
        access,
        DAY,
        {name: live_target(name, told, access) for name, told in targets.items()},
        allowed(yaml.safe_load(deep.read_text("utf-8"))) if deep.exists() else {},
    )


def allowed(told: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, frozenset[str]]]:
    """By target and entitlement, what it allows; the empty name is everybody."""
    return {
        target: {name: frozenset(words) for name, words in entitlements.items()}
        for target, entitlements in told.items()
    }


def live_target(name: str, told: Mapping[str, Mapping[str, object]], access: Access) -> LiveTarget:
    """A target with these accounts; a login that a user is to have is that user's."""
    owners = {fold(user.login(name)): user.key for user in access.users.values()}
    logins = {login: item["last_login"] for login, item in told.items() if "last_login" in item}
    return LiveTarget(
        name=name,
        accounts={fold(login): _account(login, item) for login, item in told.items()},
        owners={fold(login): owners[fold(login)] for login in told if fold(login) in owners},
        builtin={fold(login): str(item["builtin"]) for login, item in told.items() if "builtin" in item},
        last_login={fold(login): last if isinstance(last, date) else None for login, last in logins.items()},
    )


def _account(login: str, told: Mapping[str, object]) -> Account:
    grants = tuple(Grant(name) for name in str(told.get("grants", "")).split())
    return Account(login, active=bool(told.get("active", True)), grants=grants)
