"""Is an Odoo set up as docs/odoo.md says? Asked, never tried."""

from __future__ import annotations

import pytest

from erpsync.connectors.checks import Check, Purpose, Verdict
from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.wires import Call
from erpsync.errors import TargetError
from tests.connectors.odoo.fake import FakeOdoo

READS = {"res.users", "res.groups", "res.company", "res.lang", "ir.model.data"}
WRITES = {"res.users", "res.partner"}


@pytest.fixture
def odoo() -> FakeOdoo:
    return FakeOdoo()


def checks(odoo: FakeOdoo, purpose: Purpose, **options: str) -> list[Check]:
    """What is found."""
    found = list(odoo.writer(**options).checks(purpose))
    assert {call.method for call in odoo.asked} <= {"search_read", "has_access"}
    return found


def verdict(odoo: FakeOdoo, name: str, **options: str) -> Verdict:
    """What is found of one thing."""
    (check,) = (check for check in checks(odoo, Purpose.PLAN, **options) if check.name == name)
    return check.verdict


def failed(odoo: FakeOdoo, purpose: Purpose, **options: str) -> list[str]:
    """What is wrong."""
    found = [check for check in checks(odoo, purpose, **options) if check.verdict is Verdict.FAIL]
    assert all("docs/odoo.md" in str(check.hint) for check in found)
    return [check.message for check in found]


def plans(model: str, operation: str) -> bool:
    return operation == "read"


def applies(model: str, operation: str) -> bool:
    return operation == "read" or (model in WRITES and operation != "unlink")


def test_each_of_the_two_logins_is_well_for_its_purpose(odoo: FakeOdoo) -> None:
    odoo.may = plans
    assert failed(odoo, Purpose.PLAN) == []
    odoo.may = applies
    assert failed(odoo, Purpose.APPLY) == []


def test_each_of_the_two_logins_fails_for_the_other_purpose(odoo: FakeOdoo) -> None:
    rights = "create res.users, write res.users, create res.partner"
    odoo.may = applies
    (said,) = failed(odoo, Purpose.PLAN)
    assert said.startswith(f"may {rights}")
    odoo.may = plans
    (said,) = failed(odoo, Purpose.APPLY)
    assert said.startswith(f"may not {rights}")


def test_what_cannot_be_read_fails(odoo: FakeOdoo) -> None:
    odoo.may = lambda model, operation: model != "ir.model.data" and plans(model, operation)
    assert failed(odoo, Purpose.PLAN) == ["may not read ir.model.data: needed to plan"]


def test_a_login_that_could_change_what_groups_allow_fails(odoo: FakeOdoo) -> None:
    odoo.may = lambda model, operation: model == "ir.rule" or applies(model, operation)
    assert failed(odoo, Purpose.APPLY) == ["may write ir.rule: not needed to apply"]


def test_a_model_that_is_not_there_is_not_spoken_of(odoo: FakeOdoo) -> None:
    odoo.may = lambda model, operation: model == "account.move" or applies(model, operation)
    assert failed(odoo, Purpose.APPLY) == ["may write account.move: not needed to apply"]

    def refuse(call: Call) -> OdooError | None:
        return OdooError("werkzeug.exceptions.NotFound", "no") if call.model == "account.move" else None

    odoo.refuse = refuse
    assert failed(odoo, Purpose.APPLY) == []


def test_a_right_that_may_not_even_be_asked_for_is_not_held(odoo: FakeOdoo) -> None:
    odoo.may = plans

    def refuse(call: Call) -> OdooError | None:
        refused = call.method == "has_access" and call.model == "ir.config_parameter"
        return OdooError("odoo.exceptions.AccessError", "no") if refused else None

    odoo.refuse = refuse
    assert failed(odoo, Purpose.PLAN) == []


def test_an_odoo_that_does_not_tell_rights_ends_the_check(odoo: FakeOdoo) -> None:
    def refuse(call: Call) -> OdooError | None:
        return OdooError("builtins.ValueError", "odd") if call.method == "has_access" else None

    odoo.refuse = refuse
    with pytest.raises(TargetError, match="does not tell what 'erpsync' may do: odd"):
        checks(odoo, Purpose.PLAN)


@pytest.mark.parametrize(("version", "said"), [(18, Verdict.OK), (19, Verdict.OK), (20, Verdict.WARN)])
def test_a_version_that_is_not_known_is_told(version: int, said: Verdict) -> None:
    assert verdict(FakeOdoo(version), "version") is said


def test_roles_that_are_not_managed_are_told() -> None:
    odoo = FakeOdoo(with_roles=True)
    assert verdict(odoo, "roles") is Verdict.WARN
    assert verdict(odoo, "roles", entitlements="roles") is Verdict.OK


def test_where_roles_are_managed_their_lines_must_be_writable() -> None:
    odoo = FakeOdoo(with_roles=True)
    odoo.may = applies
    lines = ", ".join(f"{operation} res.users.role.line" for operation in ("create", "write", "unlink"))
    assert failed(odoo, Purpose.APPLY, entitlements="roles") == [f"may not {lines}: needed to apply"]
