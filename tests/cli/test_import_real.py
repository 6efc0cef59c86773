"""``erpsync import`` from real products: Tryton, a SCIM service, the export of an ERP without an API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpsync.errors import ExitCode
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.erp import Erp, utc
from tests.support.scim_server import TOKEN, USERNAME, ScimServer, running
from tests.support.worklist import declare, put_export

NOTHING_IGNORED = 'ignore: ["*"]', "ignore: [nobody]"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def emptied(access: AccessFiles, *, protected: str = "admin") -> AccessFiles:
    """Access files that only declare the target, and ignore nobody there."""
    (access.path / "organisation.yaml").unlink()
    settings = access.path / "erpsync.yaml"
    text = settings.read_text("utf-8").replace(*NOTHING_IGNORED).replace("[admin]", f"[{protected}]")
    settings.write_text(text, "utf-8")
    return access


def test_a_tryton_in_use_is_imported_and_nothing_would_change(
    erpsync: Command, erp: Erp, live_access: AccessFiles
) -> None:
    buyer, keeper, odd = erp.login("buyer"), erp.login("keeper"), erp.login("odd")
    erp.give(erp.create(buyer, name="陈静", email="chen.jing@huaxin.example"), "Buyer", utc(2025, 1, 1))
    locked = erp.create(
        keeper, name="林涛", companies=[["add", [erp.id("company.company", "Huaxin Castings")]]]
    )
    erp.give(locked, "Clerk")
    erp.write(locked, active=False)
    erp.create(odd, name="Odd", groups=[["add", [erp.id("res.group", "party.group_party_admin")]]])
    access = emptied(live_access)

    ran = erpsync("import", "erp", "--access", access)

    assert ran.code == ExitCode.DONE, ran.err
    assert f"{odd}: holds group:party.group_party_admin, which nobody can be granted" in ran.out
    assert erpsync("validate", "--access", access).code == ExitCode.DONE
    # Everything is enforced in these files.
    plan = erpsync("plan", "--access", access, "--detailed-exitcode", "--format", "json")
    assert plan.code == ExitCode.DONE
    (target,) = json.loads(plan.out)["targets"]
    assert target["accounts"] == []
    assert target["held"] == []
    assert erpsync("propose", "roles", "--access", access, "--write").code == ExitCode.DONE
    assert erpsync("plan", "--access", access, "--detailed-exitcode").code == ExitCode.DONE
    users = (access.path / "users" / "unsorted.yaml").read_text("utf-8")
    assert f"  {buyer}:\n    name: 陈静\n" in users
    assert "valid_from: 2025-01-01" in users
    assert f"  {odd}:" not in users


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScimServer]:
    """A SCIM service, with the credentials for it."""
    monkeypatch.setenv("ERP_USERNAME", USERNAME)
    monkeypatch.setenv("ERP_PASSWORD", TOKEN)
    with running(tmp_path) as started:
        yield started


def test_a_scim_service_tells_departments_and_positions_too(
    erpsync: Command, service: ScimServer, tmp_path: Path
) -> None:
    chen, lin = service.login("chen.jing"), service.login("lin.tao")
    work = {"department": "采购部", "employeeNumber": "10023"}
    service.create(chen, displayName="陈静", title="Buyer", **{ENTERPRISE: work})
    service.create(lin, displayName="林涛")
    service.give(chen, "Buyer")
    service.give(lin, "Clerk")
    access = emptied(AccessFiles(tmp_path / "access", url=service.url, connector="scim"))
    live = tmp_path / "live.json"

    assert erpsync("snapshot", "erp", "--access", access, "-o", live).code == ExitCode.DONE
    ran = erpsync("import", "erp", "--access", access, "--live", live)

    assert ran.code == ExitCode.DONE, ran.err
    assert erpsync("plan", "--access", access, "--detailed-exitcode").code == ExitCode.DONE
    users = (access.path / "users" / "department-1.yaml").read_text("utf-8")
    entry = users[users.index(f"  {chen}:") :]
    assert entry.startswith(
        f'  {chen}:\n    name: 陈静\n    employee_no: "10023"\n    department: department-1\n'
        "    position: department-1.buyer\n    type: dedicated\n"
    )
    organisation = (access.path / "organisation.yaml").read_text("utf-8")
    assert "department-1: {title: 采购部, title_zh: 采购部}" in organisation
    assert "department-1.buyer: {title: Buyer, department: department-1}" in organisation


def test_the_export_of_an_erp_without_an_api_is_imported(erpsync: Command, access: AccessFiles) -> None:
    declare(access, department_column="部门", employee_no_column="工号")
    emptied(access)
    users = [
        ["操作员编码", "操作员姓名", "状态", "部门", "工号"],
        ["peng.fei", "彭飞", "启用", "采购部", "10023"],
        ["ma.li", "马丽", "启用", "", ""],
    ]
    put_export(access.path.parent / "exports", users)
    ran = erpsync("import", "erp", "--access", access)
    assert ran.code == ExitCode.DONE, ran.err
    assert "ma.li: is active and holds nothing today" in ran.out
    assert erpsync("plan", "--access", access, "--detailed-exitcode").code == ExitCode.DONE
    entry = '  peng.fei:\n    name: 彭飞\n    employee_no: "10023"\n    department: department-1\n'
    assert entry in (access.path / "users" / "department-1.yaml").read_text("utf-8")
    assert "title_zh: 采购部" in (access.path / "organisation.yaml").read_text("utf-8")
