"""Which accounts are probably nobody's."""

from __future__ import annotations

import pytest

from erpsync.importing.technical import Nature, nature
from tests.builders import snapshot
from tests.importing.grounds import account


@pytest.mark.parametrize(
    ("login", "name"),
    [
        ("test1", "Test"),
        ("warehouse-kiosk", "仓库自助终端"),
        ("caiwu", "财务公用"),
        ("svc.directory", "HR directory sync"),
        ("print_server", "Labels"),
        ("公用", "采购"),
    ],
)
def test_logins_of_machines_and_of_several_people_are_technical(login: str, name: str) -> None:
    assert nature(account(login, name=name), snapshot()) is Nature.TECHNICAL


@pytest.mark.parametrize("login", ["admin", "Administrator", "root", "__system__", "erpsync", "erpsync-plan"])
def test_what_comes_with_the_erp_or_is_erpsyncs_own_is_built_in(login: str) -> None:
    assert nature(account(login), snapshot()) is Nature.BUILT_IN


def test_the_login_that_a_connector_says_is_its_own_is_built_in_whatever_it_is_called() -> None:
    live = snapshot(protected={"plan7": "the login of erpsync itself"})
    assert nature(account("Plan7"), live) is Nature.BUILT_IN


def test_a_machine_that_the_erp_protects_is_built_in_and_a_person_stays_a_person() -> None:
    live = snapshot(
        protected={"backup": "an administrator of the ERP", "he.qi": "an administrator of the ERP"}
    )
    assert nature(account("backup"), live) is Nature.BUILT_IN
    assert nature(account("he.qi", name="何琪"), live) is Nature.PERSON


@pytest.mark.parametrize("login", ["contest", "abbott", "chen.jing", "kioskowski", "jobst"])
def test_words_count_only_as_whole_parts(login: str) -> None:
    assert nature(account(login, name="Anna"), snapshot()) is Nature.PERSON


def test_names_that_the_policy_takes_for_nobodys_are_technical() -> None:
    assert nature(account("guest7"), snapshot(), ["guest*"]) is Nature.TECHNICAL
    assert nature(account("guest7"), snapshot()) is Nature.PERSON
