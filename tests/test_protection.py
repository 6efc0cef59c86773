"""Who must never be changed."""

from __future__ import annotations

import pytest

from erpsync.model import Snapshot
from erpsync.protection import protection
from tests.builders import make_target

LIVE = Snapshot({}, {"root": "an administrator of the ERP"})


@pytest.mark.parametrize("login", ["root", "ROOT"])
def test_account_that_the_erp_protects_is_protected_with_the_erps_reason(login: str) -> None:
    assert protection(login, make_target(), LIVE) == "an administrator of the ERP"


@pytest.mark.parametrize("login", ["admin", "Admin", "svc-mes", "SVC-1", "temp7"])
def test_account_that_the_settings_name_is_protected_whatever_its_case(login: str) -> None:
    target = make_target(protected=["ADMIN", "svc-*", "temp?"])
    assert protection(login, target, LIVE) == "protected by the target's settings"


@pytest.mark.parametrize("login", ["admins", "an.admin", "svc", "temp77", ""])
def test_other_accounts_are_not_protected(login: str) -> None:
    assert protection(login, make_target(protected=["admin", "svc-*", "temp?"]), LIVE) is None


def test_the_erps_reason_comes_before_that_of_the_settings() -> None:
    assert protection("root", make_target(protected=["*"]), LIVE) == "an administrator of the ERP"


def test_login_with_brackets_is_protected_by_its_own_name() -> None:
    assert protection("mes[1]", make_target(protected=["mes[1]"]), LIVE) is not None
