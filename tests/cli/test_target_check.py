"""``erpsync target check``, against a real Tryton, a real SCIM service and files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from demo.bootstrap import APPLY_LOGIN, PLAN_LOGIN
from erpsync.errors import ExitCode
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.erp import APPLY_PASSWORD, PLAN_PASSWORD, Erp
from tests.support.memory import MemoryErp
from tests.support.scim_server import TOKEN, ScimServer
from tests.support.worklist import age, declare, put_export


class Logins:
    """Puts a login into the environment that the target's credentials refer to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def use(self, username: str, password: str) -> None:
        self.monkeypatch.setenv("ERP_USERNAME", username)
        self.monkeypatch.setenv("ERP_PASSWORD", password)


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> Logins:
    return Logins(monkeypatch)


def checked(erpsync: Command, access: AccessFiles, *options: str) -> tuple[int, list[dict[str, Any]]]:
    ran = erpsync("target", "check", "--access", access, "--format", "json", *options)
    assert ran.err == ""
    (target,) = json.loads(ran.out)["targets"]
    return ran.code, target["checks"]


def failures(checks: list[dict[str, Any]]) -> str:
    return "\n".join(check["message"] for check in checks if check["verdict"] == "fail")


def test_the_login_that_plans_can_read_what_it_needs_and_write_nothing(
    erpsync: Command, live_access: AccessFiles, logins: Logins
) -> None:
    logins.use(PLAN_LOGIN, PLAN_PASSWORD)
    ran = erpsync("target", "check", "erp", "--access", live_access)
    assert (ran.code, ran.err) == (ExitCode.DONE, "")
    assert f"erp (tryton) as {PLAN_LOGIN}, to plan" in ran.out
    assert "may write nothing else" in ran.out
    assert "checks: all is well" in ran.out


def test_the_login_that_applies_can_do_what_apply_does_and_nothing_else(
    erpsync: Command, live_access: AccessFiles, logins: Logins
) -> None:
    logins.use(APPLY_LOGIN, APPLY_PASSWORD)
    code, checks = checked(erpsync, live_access, "--write")
    assert (code, failures(checks)) == (ExitCode.DONE, "")
    assert "neither administrators nor its own account can be changed" in [c["message"] for c in checks]


def test_a_login_that_plans_and_can_write_is_refused(
    erpsync: Command, live_access: AccessFiles, logins: Logins
) -> None:
    logins.use(APPLY_LOGIN, APPLY_PASSWORD)
    code, checks = checked(erpsync, live_access)
    assert code == ExitCode.REFUSED
    assert "write res.user" in failures(checks)


def test_a_login_that_is_to_apply_and_cannot_write_is_refused(
    erpsync: Command, live_access: AccessFiles, logins: Logins
) -> None:
    logins.use(PLAN_LOGIN, PLAN_PASSWORD)
    code, checks = checked(erpsync, live_access, "--write")
    assert code == ExitCode.REFUSED
    assert "may not create res.user" in failures(checks)


def test_a_login_without_any_group_is_told_of_what_everybody_may_write(
    erpsync: Command, live_access: AccessFiles, logins: Logins, erp: Erp
) -> None:
    login = erp.login("loose")
    erp.create(login, password="loose-Secret-1")
    logins.use(login, "loose-Secret-1")
    code, checks = checked(erpsync, live_access)
    assert code == ExitCode.REFUSED
    assert ": not needed to plan" in failures(checks)


def test_an_administrator_is_told_of_every_power_that_erpsync_must_not_have(
    erpsync: Command, live_access: AccessFiles, logins: Logins, erp: Erp
) -> None:
    login = erp.login("mighty")
    erp.create(login, password="mighty-Secret-1", administrator=True)
    logins.use(login, "mighty-Secret-1")
    code, checks = checked(erpsync, live_access, "--write")
    assert code == ExitCode.REFUSED
    assert "may write administrator of res.user" in failures(checks)
    assert "may change admin" in failures(checks)


def test_another_login_of_the_group_that_applies_could_change_itself(
    erpsync: Command, live_access: AccessFiles, logins: Logins, erp: Erp
) -> None:
    login = erp.login("second")
    user = erp.create(login, password="second-Secret-1")
    erp.give(user, "Access Sync")
    logins.use(login, "second-Secret-1")
    code, checks = checked(erpsync, live_access, "--write")
    assert code == ExitCode.REFUSED
    assert f"may change {login}: administrators, or the login of erpsync itself" in failures(checks)
    assert f"may not change {APPLY_LOGIN}" in failures(checks)


def test_an_erp_without_roles_is_asked_about_groups(
    erpsync: Command, access: AccessFiles, logins: Logins, groups_erp: Erp
) -> None:
    logins.use(APPLY_LOGIN, APPLY_PASSWORD)
    access.settings(url=groups_erp.url, extra="    options: {entitlements: groups}\n")
    _, checks = checked(erpsync, access, "--write")
    assert [check for check in checks if check["name"] == "rights" and check["verdict"] != "ok"] == []


def test_a_wrong_password_ends_with_1_and_is_told_as_a_check(
    erpsync: Command, live_access: AccessFiles, logins: Logins
) -> None:
    logins.use(PLAN_LOGIN, "not-the-Password-1")
    ran = erpsync("target", "check", "--access", live_access)
    assert (ran.code, ran.err) == (ExitCode.ERROR, "")
    assert "wrong username or password" in ran.out
    assert "not-the-Password-1" not in ran.out


def test_credentials_that_are_not_set_end_with_1_and_say_which(erpsync: Command, access: AccessFiles) -> None:
    ran = erpsync("target", "check", "--access", access)
    assert ran.code == ExitCode.ERROR
    assert "environment variable ERP_USERNAME, which is not set" in ran.out


def test_a_scim_service_says_what_it_offers_and_not_what_a_token_may_do(
    erpsync: Command, access: AccessFiles, logins: Logins, scim_server: ScimServer
) -> None:
    logins.use("client", TOKEN)
    access.settings(url=scim_server.url, connector="scim")
    code, checks = checked(erpsync, access)
    assert (code, failures(checks)) == (ExitCode.DONE, "")
    verdicts = {check["name"]: check["verdict"] for check in checks}
    assert verdicts["etag"] == verdicts["patch"] == "ok"
    (rights,) = (check for check in checks if check["verdict"] == "unknown")
    assert "docs/scim.md" in rights["hint"]


def test_a_scim_service_that_can_little_is_told_with_what_that_means(
    erpsync: Command, access: AccessFiles, logins: Logins, plain_scim_server: ScimServer
) -> None:
    logins.use("client", TOKEN)
    access.settings(url=plain_scim_server.url, connector="scim")
    _, checks = checked(erpsync, access)
    assert {check["name"] for check in checks if check["verdict"] == "warn"} >= {"etag", "filter"}


def test_an_export_is_told_with_its_files_their_encoding_and_age(
    erpsync: Command, access: AccessFiles
) -> None:
    declare(access)
    put_export(access.path.parent / "exports")
    code, checks = checked(erpsync, access)
    assert (code, failures(checks)) == (ExitCode.DONE, "")
    messages = [check["message"] for check in checks]
    assert any("users.csv (CSV in GB18030)" in message for message in messages)
    assert "written 0 h ago, may be 24 h old" in messages


def test_an_export_that_is_soon_too_old_is_a_warning(erpsync: Command, access: AccessFiles) -> None:
    declare(access, catalogue_file=None, catalogue_column=None)
    put_export(access.path.parent / "exports")
    age(access.path.parent / "exports", 20 * 3600)
    _, checks = checked(erpsync, access)
    assert {check["name"] for check in checks if check["verdict"] == "warn"} >= {"age", "columns"}


def test_a_file_that_is_missing_ends_with_1(erpsync: Command, access: AccessFiles) -> None:
    declare(access)
    code, checks = checked(erpsync, access)
    assert code == ExitCode.ERROR
    assert "users.csv" in failures(checks) or "cannot be read" in failures(checks)


def test_nothing_is_written_while_checking(erpsync: Command, access: AccessFiles, memory: MemoryErp) -> None:
    assert erpsync("target", "check", "--write", "--access", access).code == ExitCode.DONE
    assert memory.written == []


def test_a_name_that_is_no_target_is_wrong_usage(erpsync: Command, access: AccessFiles) -> None:
    assert erpsync("target", "check", "epr", "--access", access).code == ExitCode.USAGE
