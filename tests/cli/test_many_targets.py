"""One user in three real targets at once, one of which may fail."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from erpsync.cli.common import progress_bars
from erpsync.errors import ExitCode
from erpsync.schema import load_schema
from tests.cli.conftest import Command
from tests.support.company_of_three import CompanyOfThree, company_of_three
from tests.support.erp import Erp
from tests.support.scim_server import ScimServer
from tests.support.worklist import ROLES, USERS, age, put_export

NOWHERE = "http://127.0.0.1:9/"
SECONDS = 60
"""Far more than any test waits for."""


@pytest.fixture
def three(
    tmp_path: Path, erp: Erp, scim_server: ScimServer, monkeypatch: pytest.MonkeyPatch
) -> CompanyOfThree:
    """A buyer who is to get one role, which grants in three targets."""
    return company_of_three(tmp_path, erp, scim_server, monkeypatch)


def test_one_role_is_given_in_three_targets_under_three_logins_and_taken_again(
    erpsync: Command, three: CompanyOfThree, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    shown = erpsync("plan", "--access", three, "-o", file)
    assert (shown.code, shown.err) == (ExitCode.DONE, "")
    assert [line.partition(":")[0] for line in shown.out.splitlines() if "gains access" in line] == [
        "cloud",
        "erp",
        "u8",
    ]
    for login in three.logins.values():
        assert f"chen.jing as {login}" in shown.out

    applied = erpsync("apply", file, "--access", three)
    assert applied.code == ExitCode.DONE, applied.err
    assert "u8: 1 handed over, not done yet" in applied.out
    assert three.scim.id(three.logins["cloud"]) in three.scim.members("Buyer")
    assert "party.group_party_admin" in three.erp.groups(three.logins["erp"])

    put_export(three.exports, [*USERS, ["CJ0023", "陈静", "启用"]], [*ROLES, ["CJ0023", "Buyer"]])
    age(three.exports, -2)
    assert erpsync("apply", file, "--access", three, "--confirm", three.exports).code == ExitCode.DONE
    assert erpsync("plan", "--access", three, "--detailed-exitcode").code == ExitCode.DONE

    three.declare(assignments=False)
    taken = erpsync("plan", "--access", three)
    assert taken.out.count("- revoke Buyer") == 3


def test_a_target_that_cannot_be_read_hides_no_other_and_ends_with_1(
    erpsync: Command, three: CompanyOfThree
) -> None:
    three.settings(erp=NOWHERE)
    for command in ("plan", "drift"):
        ran = erpsync(command, "--access", three)
        assert ran.code == ExitCode.ERROR
        assert "cloud: 1 " in ran.out
        assert "erp: could not be read\n  cannot reach http://127.0.0.1:9: nothing" in ran.out
        assert "u8: 1 " in ran.out
        assert ran.out.index("cloud:") < ran.out.index("erp:") < ran.out.index("u8:")
        assert "1 of 3 targets could not be read:\n  erp: cannot reach" in ran.err


def test_the_same_as_markdown(erpsync: Command, three: CompanyOfThree) -> None:
    three.settings(erp=NOWHERE)
    ran = erpsync("plan", "--access", three, "--format", "markdown")
    assert ran.code == ExitCode.ERROR
    assert "**erp: could not be read**" in ran.out


def test_a_saved_plan_names_the_target_that_it_lacks_and_its_apply_is_partly(
    erpsync: Command, three: CompanyOfThree, tmp_path: Path
) -> None:
    three.settings(erp=NOWHERE)
    file = tmp_path / "plan.json"
    planned = erpsync("plan", "--access", three, "-o", file)
    assert planned.code == ExitCode.ERROR
    assert "To do exactly this" not in planned.out
    document = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(load_schema("plan")).validate(document)
    assert [item["target"] for item in document["unread"]] == ["erp"]
    assert [item["target"] for item in document["targets"]] == ["cloud", "u8"]

    applied = erpsync("apply", file, "--access", three)
    assert applied.code == ExitCode.PARTIAL
    assert "cloud: 1 done" in applied.out
    assert "The plan has nothing of erp, which could not be read" in applied.err


def test_a_plan_without_changes_that_lacks_a_target_is_not_done_either(
    erpsync: Command, three: CompanyOfThree, tmp_path: Path
) -> None:
    (three.path / "people.yaml").unlink()
    three.settings(erp=NOWHERE)
    file = tmp_path / "plan.json"
    erpsync("plan", "--access", three, "-o", file)
    applied = erpsync("apply", file, "--access", three)
    assert (applied.code, applied.out) == (ExitCode.PARTIAL, "cloud: nothing to do\nu8: nothing to do\n")


def test_one_target_that_cannot_be_written_stops_no_other(
    erpsync: Command, three: CompanyOfThree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    assert erpsync("plan", "--access", three, "-o", file).code == ExitCode.DONE
    monkeypatch.setenv("ERP_PASSWORD", "not-the-Password-1")
    applied = erpsync("apply", file, "--access", three)
    assert applied.code == ExitCode.PARTIAL
    assert "cloud: 1 done" in applied.out
    assert "u8: 1 handed over" in applied.out
    assert "1 of the targets were not written" in applied.err
    assert "erp: wrong username or password" in applied.err

    monkeypatch.undo()


def test_when_no_target_can_be_read_each_says_why(erpsync: Command, three: CompanyOfThree) -> None:
    three.settings(erp=NOWHERE, cloud=NOWHERE)
    for path in three.exports.iterdir():
        path.unlink()
    for command in ("plan", "drift", "check"):
        ran = erpsync(command, "--access", three)
        assert (ran.code, ran.out) == (ExitCode.ERROR, "")
        assert "no target could be read:\n  cloud: cannot reach" in ran.err
        assert "\n  u8: " in ran.err


def test_check_tells_what_it_found_and_which_targets_it_did_not_see(
    erpsync: Command, three: CompanyOfThree
) -> None:
    three.settings(erp=NOWHERE)
    ran = erpsync("check", "--access", three)
    assert ran.code == ExitCode.ERROR
    assert ran.out
    assert "target 'erp': cannot reach" in ran.err


def test_explain_tells_of_a_target_that_cannot_be_asked_what_git_says(
    erpsync: Command, three: CompanyOfThree
) -> None:
    three.settings(erp=NOWHERE)
    ran = erpsync("explain", "chen.jing", "--access", three)
    assert ran.code == ExitCode.ERROR
    assert ran.out.count("chen.jing (陈静)") == 3
    assert "cannot reach" in ran.err


def test_a_run_is_rolled_back_where_its_targets_can_be_read(
    erpsync: Command, three: CompanyOfThree, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    assert erpsync("plan", "--access", three, "-o", file).code == ExitCode.DONE
    run = erpsync("apply", file, "--access", three).run
    three.settings(erp=NOWHERE)
    ran = erpsync("rollback", run, "--access", three)
    assert ran.code == ExitCode.ERROR
    assert "cloud: 1 user is locked" in ran.out or "cloud: 1 user loses access" in ran.out
    assert "erp: could not be read" in ran.out


def test_nothing_is_adopted_when_a_target_cannot_be_read(erpsync: Command, three: CompanyOfThree) -> None:
    three.settings(erp=NOWHERE)
    before = (three.path / "people.yaml").read_bytes()
    ran = erpsync("drift", "--adopt", "--access", three)
    assert ran.code == ExitCode.ERROR
    assert "cannot reach" in ran.err
    assert (three.path / "people.yaml").read_bytes() == before


def test_ctrl_c_while_reading_ends_at_once_though_no_erp_answers(three: CompanyOfThree) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(SECONDS)
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        three.settings(erp=nobody, cloud=nobody)
        command = [sys.executable, "-m", "erpsync", "plan", "--access", str(three)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            asked = [silent.accept()[0], silent.accept()[0]]
            process.send_signal(signal.SIGINT)
            # Reading would go on for two minutes.
            out, err = process.communicate(timeout=SECONDS)
            for connection in asked:
                connection.close()
    assert (process.returncode, out, err.strip()) == (ExitCode.INTERRUPTED, "", "interrupted")


def test_every_target_is_checked_and_one_that_cannot_be_reached_is_among_them(
    erpsync: Command, three: CompanyOfThree
) -> None:
    three.settings(erp=NOWHERE)
    ran = erpsync("target", "check", "--access", three, "--format", "json")
    assert ran.code == ExitCode.ERROR
    told = {item["target"]: item["reached"] for item in json.loads(ran.out)["targets"]}
    assert told == {"cloud": True, "erp": False, "u8": True}


def test_progress_of_each_target_stands_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("rich.progress.Progress.add_task", lambda _, text, **__: told.append(text))
    monkeypatch.setattr("rich.progress.Progress.update", lambda *_, **__: None)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_bars() as progress_of:
        for name in ("crm", "erp", ""):
            progress_of(name)("reading accounts", 1, 2)
            progress_of(name)("reading accounts", 2, 2)
    assert told == ["crm: reading accounts", "erp: reading accounts", "reading accounts"]
