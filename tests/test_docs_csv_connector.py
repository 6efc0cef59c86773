"""The example connector of docs/connectors.md works, and keeps what the page asks of connectors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from erpsync.cli.main import run
from erpsync.connectors import registry
from erpsync.errors import ExitCode
from tests.support.access_files import AccessFiles, buyer

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
CATALOGUE = """\
kind,name
instance,Huaxin CSV
role,Buyer
role,Clerk
role,Planner
company,Huaxin Trading
company,Huaxin Castings
"""
HEADER = "login,name,email,active,companies,roles\n"
ADMIN = "admin,Administrator,,yes,,Planner\n"
LEAVER = "peng.fei,彭飞,,yes,Huaxin Castings,Buyer;Clerk\n"

Erpsync = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the imaginary ERP."""
    folder = tmp_path / "erp"
    folder.mkdir()
    (folder / "catalogue.csv").write_text(CATALOGUE, "utf-8")
    (folder / "accounts.csv").write_text(HEADER + ADMIN + LEAVER, "utf-8")
    return folder


@pytest.fixture
def erpsync(folder: Path, access: AccessFiles, monkeypatch: pytest.MonkeyPatch) -> Erpsync:
    """Runs a command on a company with a joiner, a leaver and the connector installed."""
    monkeypatch.syspath_prepend(EXAMPLES)
    installed = EntryPoint("csv", "csv_connector:CsvConnector", registry.GROUP)
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [installed] if group == registry.GROUP else []
    )
    monkeypatch.setenv("ERP_USERNAME", "erpsync")
    monkeypatch.setenv("ERP_PASSWORD", "not asked for")
    access.settings(connector="csv", extra=f"    options: {{folder: '{folder}'}}\n")
    access.users(
        buyer("chen.jing", more=", scope: {company: [Huaxin Trading]}"),
        buyer("peng.fei", "彭飞", ", status: left"),
    )
    return lambda command, *more: run([command, "--access", str(access), *map(str, more)])


def accounts(folder: Path) -> list[str]:
    return (folder / "accounts.csv").read_text("utf-8").splitlines()


def test_the_whole_loop_from_plan_to_clean_and_back_after_a_change_by_hand(
    erpsync: Erpsync, folder: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"

    assert erpsync("plan", "--detailed-exitcode", "-o", plan) == ExitCode.CHANGES
    assert erpsync("apply", plan) == ExitCode.DONE
    declared = accounts(folder)
    assert declared == [
        HEADER.strip(),
        ADMIN.strip(),
        "peng.fei,彭飞,,no,Huaxin Castings,",
        "chen.jing,陈静,,yes,Huaxin Trading,Buyer",
    ]
    assert erpsync("plan", "--detailed-exitcode") == ExitCode.DONE

    by_hand = "\n".join(declared).replace("Huaxin Trading,Buyer", "Huaxin Castings,Buyer;Clerk")
    (folder / "accounts.csv").write_text(f"{by_hand}\n", "utf-8")
    assert erpsync("drift") == ExitCode.CHANGES
    assert erpsync("plan", "-o", plan) == ExitCode.DONE
    assert erpsync("apply", plan) == ExitCode.DONE
    assert erpsync("drift") == ExitCode.DONE
    assert accounts(folder) == declared


def test_an_account_that_moved_after_the_plan_refuses_the_plan(
    erpsync: Erpsync, folder: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert erpsync("plan", "-o", plan) == ExitCode.DONE
    moved = HEADER + ADMIN + LEAVER.replace("Buyer;Clerk", "Buyer")
    (folder / "accounts.csv").write_text(moved, "utf-8")

    assert erpsync("apply", plan) == ExitCode.STALE
    assert accounts(folder) == moved.splitlines()


def test_a_read_that_fails_is_an_error_and_not_an_empty_erp(erpsync: Erpsync, folder: Path) -> None:
    (folder / "accounts.csv").unlink()

    assert erpsync("plan") == ExitCode.ERROR


def test_a_plan_for_one_installation_is_refused_by_another(
    erpsync: Erpsync, folder: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert erpsync("plan", "-o", plan) == ExitCode.DONE
    (folder / "catalogue.csv").write_text(CATALOGUE.replace("Huaxin CSV", "Test CSV"), "utf-8")

    assert erpsync("apply", plan) == ExitCode.STALE


def test_an_unknown_option_is_refused(erpsync: Erpsync, access: AccessFiles, folder: Path) -> None:
    access.settings(connector="csv", extra=f"    options: {{folder: '{folder}', separator: x}}\n")

    assert erpsync("plan") == ExitCode.REFUSED


def test_an_account_that_moves_just_before_it_is_written_is_not_overwritten(
    erpsync: Erpsync, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.json"
    assert erpsync("plan", "-o", plan) == ExitCode.DONE
    moved = tmp_path / "moved.csv"
    moved.write_text(HEADER + ADMIN + LEAVER.replace("Buyer;Clerk", "Buyer"), "utf-8")
    from csv_connector import CsvWriter

    write = CsvWriter.apply
    monkeypatch.setattr(
        CsvWriter,
        "apply",
        lambda self, edits: shutil.copy(moved, folder / "accounts.csv") and write(self, edits),
    )

    assert erpsync("apply", plan) == ExitCode.PARTIAL
    assert LEAVER.replace("Buyer;Clerk", "Buyer").strip() in accounts(folder)


@pytest.mark.parametrize(
    ("option", "may_write", "code"),
    [
        ((), False, ExitCode.DONE),
        ((), True, ExitCode.REFUSED),
        (("--write",), True, ExitCode.DONE),
        (("--write",), False, ExitCode.REFUSED),
    ],
)
def test_it_says_whether_its_login_may_do_what_it_is_for(
    erpsync: Erpsync,
    access: AccessFiles,
    monkeypatch: pytest.MonkeyPatch,
    option: tuple[str, ...],
    may_write: bool,
    code: ExitCode,
) -> None:
    monkeypatch.setattr("os.access", lambda _, mode, **__: may_write or mode != os.W_OK)
    assert run(["target", "check", "--access", str(access), *option]) == code


def test_it_describes_itself(erpsync: Erpsync, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["connectors"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "csv (an unknown package ?)" in told
    assert "an imaginary ERP" in told
