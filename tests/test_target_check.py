"""Is a target as erpsync needs it? Against an ERP in memory, which says what the test wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from erpsync.access import load_valid
from erpsync.connectors.checks import Check, Purpose, Verdict
from erpsync.errors import TargetError
from erpsync.model import Access, Account
from erpsync.target_check import SHOWN, as_check, check_target
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import MemoryErp


@dataclass
class TellingErp(MemoryErp):
    """An ERP that says what its login may do."""

    fault: bool = False

    def checks(self, purpose: Purpose) -> Iterator[Check]:
        yield Check("version", Verdict.OK, f"asked to {purpose}")
        if self.fault:
            raise TargetError("rights cannot be read:\n  not allowed", hint="allow it")


@pytest.fixture
def erp() -> MemoryErp:
    erp = MemoryErp()
    erp.put(Account("admin", "Admin"))
    erp.put(Account("wu.lan", "吴兰"))
    return erp


@pytest.fixture
def declared(access: AccessFiles) -> Access:
    return load_valid(access.path)


def checks(access: Access, erp: MemoryErp, login: str = "client") -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in check_target(access, access.targets["erp"], erp, login, Purpose.PLAN):
        found.setdefault(check.name, []).append(check)
    return found


def test_a_target_that_is_set_up_well_has_no_failure(declared: Access) -> None:
    erp = TellingErp()
    erp.put(Account("admin", "Admin"))
    found = checks(declared, erp)
    assert {check.verdict for some in found.values() for check in some} == {Verdict.OK}
    assert found["version"][0].message == "asked to plan"
    assert found["time zone"][0].message == "days begin and end at midnight in Asia/Shanghai"


def test_a_connector_that_tells_no_rights_leaves_them_unknown(declared: Access, erp: MemoryErp) -> None:
    (check,) = checks(declared, erp)["rights"]
    assert check.verdict is Verdict.UNKNOWN


def test_a_fault_while_asking_for_rights_does_not_end_the_other_checks(declared: Access) -> None:
    found = checks(declared, TellingErp(fault=True))
    assert found["rights"] == [
        Check("rights", Verdict.FAIL, "rights cannot be read: not allowed", "allow it")
    ]
    assert found["accounts"][0].verdict is Verdict.OK


def test_an_entitlement_that_is_not_there_fails_with_its_place_and_the_nearest_name(
    access: AccessFiles, erp: MemoryErp
) -> None:
    access.write(
        "more.yaml",
        "roles:\n  stock.clerk:"
        " {title: Clerk, subsystem: materials, owner: wu.lan, entitlements: {erp: [Clark]}}\n",
    )
    (check,) = (c for c in checks(load_valid(access.path), erp)["catalogue"] if c.verdict is Verdict.FAIL)
    assert "no entitlement 'Clark'" in check.message
    assert "more.yaml:2" in check.message
    assert "Clerk" in (check.hint or "")


def test_many_names_that_are_not_there_are_counted(access: AccessFiles, erp: MemoryErp) -> None:
    names = ", ".join(f"X{number}" for number in range(SHOWN + 3))
    access.write(
        "more.yaml",
        "roles:\n  stock.clerk:"
        f" {{title: Clerk, subsystem: materials, owner: wu.lan, entitlements: {{erp: [{names}]}}}}\n",
    )
    found = checks(load_valid(access.path), erp)["catalogue"]
    assert len([check for check in found if check.verdict is Verdict.FAIL]) == SHOWN + 1
    assert any(check.message == "and 3 more names that are not there" for check in found)


def test_entitlements_that_no_role_grants_are_named(declared: Access, erp: MemoryErp) -> None:
    assert checks(declared, erp)["catalogue"][1].message == "granted by no role: Staff"


def test_a_protected_pattern_without_account_is_a_warning(declared: Access) -> None:
    (check,) = checks(declared, MemoryErp())["protected"]
    assert check.verdict is Verdict.WARN
    assert "'admin'" in check.message


def test_what_the_erp_protects_is_told(declared: Access, erp: MemoryErp) -> None:
    erp.protected = {"admin": "an administrator"}
    assert checks(declared, erp)["protected"][0].message == "by the ERP: admin (an administrator)"


@pytest.mark.parametrize(
    ("login", "verdict", "words"),
    [
        ("client", Verdict.OK, "no account that could be changed"),
        ("ERPSYNC", Verdict.OK, "declared as 'erpsync', owner 'wu.lan'"),
        ("he.qi", Verdict.WARN, "'he.qi', who is no service"),
        ("loose", Verdict.WARN, "not declared in git"),
        ("legacy-1", Verdict.OK, "left out by unmanaged: ignore"),
    ],
)
def test_the_account_of_erpsync_itself_is_one_that_git_knows_as_a_service(
    access: AccessFiles, erp: MemoryErp, login: str, verdict: Verdict, words: str
) -> None:
    access.users(
        buyer("he.qi", "何琪"),
        "erpsync: {name: erpsync, type: service, owner: wu.lan, purpose: keeps access}",
    )
    for name in ("erpsync", "he.qi", "loose", "legacy-1"):
        erp.put(Account(name))
    declared = load_valid(access.path)
    target = replace(declared.targets["erp"], ignore=("legacy-*",))
    found = list(check_target(declared, target, erp, login, Purpose.PLAN))
    (check,) = (check for check in found if check.name == "service account")
    assert check.verdict is verdict
    assert words in check.message


def test_without_a_login_no_service_account_is_asked_for(declared: Access, erp: MemoryErp) -> None:
    assert "service account" not in checks(declared, erp, login="")


def test_accounts_that_cannot_be_read_are_a_failure(declared: Access, erp: MemoryErp) -> None:
    def broken() -> None:
        raise TargetError("two accounts differ only in case", hint="rename one")

    erp.on_read[1] = broken
    (check,) = checks(declared, erp)["accounts"]
    assert (check.verdict, check.hint) == (Verdict.FAIL, "rename one")


def test_an_instance_that_cannot_be_told_is_a_failure(
    declared: Access, erp: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> str:
        raise TargetError("who is there cannot be told")

    monkeypatch.setattr(erp, "instance", unknown)
    assert checks(declared, erp)["instance"][0].verdict is Verdict.FAIL


def test_an_error_becomes_one_line() -> None:
    check = as_check("connection", TargetError("lacks:\n  a\n  b", hint="one\n  hint: two"))
    assert (check.message, check.hint) == ("lacks: a; b", "one; hint: two")
