"""Where journals and the plans of runs are kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from erpsync.errors import ErpsyncError, ExitCode, UsageError
from erpsync.state import (
    head_paths,
    journal_path,
    journal_paths,
    journals_of,
    plan_path,
    runs,
    save_plan,
    saved_plan,
    shared_run,
    target_of,
)


def test_each_target_has_a_journal_of_its_own(tmp_path: Path) -> None:
    assert journal_path(tmp_path, "erp") != journal_path(tmp_path, "crm")


def test_every_journal_is_found_in_order_and_nothing_else(tmp_path: Path) -> None:
    assert journal_paths(tmp_path) == []
    paths = [journal_path(tmp_path, name) for name in ("wms", "crm", "erp")]
    paths.append(journal_path(tmp_path, "erp", "run-1"))
    journal_path(tmp_path, "x.jsonl", "run-1").parent.mkdir(parents=True)
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.with_name(path.name + ".head").touch()
    assert journal_paths(tmp_path) == sorted(paths)
    assert head_paths(tmp_path) == sorted(path.with_name(path.name + ".head") for path in paths)


@pytest.mark.parametrize("target", ["erp", "journal", "erp.v2", "x.jsonl"])
@pytest.mark.parametrize("run", [None, "run-1"])
def test_the_target_of_a_journal_is_told_by_its_path(tmp_path: Path, target: str, run: str | None) -> None:
    assert target_of(tmp_path, journal_path(tmp_path, target, run)) == target


def test_a_run_may_stand_in_the_journal_of_the_target_and_in_its_own(tmp_path: Path) -> None:
    assert journals_of(tmp_path, "erp", "run-1") == []
    paths = [journal_path(tmp_path, "erp"), journal_path(tmp_path, "erp", "run-1")]
    for path in (*paths, journal_path(tmp_path, "erp", "run-2"), journal_path(tmp_path, "crm")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert journals_of(tmp_path, "erp", "run-1") == paths


def test_what_is_shared_is_known_by_its_path(tmp_path: Path) -> None:
    for path in (journal_path(tmp_path, "erp", "run-1"), plan_path(tmp_path, "run-1")):
        assert shared_run(path.relative_to(tmp_path).as_posix()) == "run-1"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "README.md",
        "journal/erp.jsonl",
        "journal/erp/run-1.jsonl.head",
        "journal/erp/.jsonl",
        "journal/../run-1.jsonl",
        "journal/erp/../x.jsonl",
        "journal//run-1.jsonl",
        "journal/erp/a\nb.jsonl",
        "runs/../plan.json",
        "runs//plan.json",
        "runs/run-1/plan.json/x",
        "runs/run-1/other.json",
        "lock/erp/run-1.jsonl",
        "/journal/erp/run-1.jsonl",
    ],
)
def test_everything_else_is_not_shared(path: str) -> None:
    assert shared_run(path) is None


def test_a_plan_is_kept_as_it_is_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = save_plan(tmp_path, "run-1", "陈静\n")
    assert saved_plan(tmp_path, "run-1") == "陈静\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_plan_that_was_kept_is_never_replaced(tmp_path: Path) -> None:
    save_plan(tmp_path, "run-1", "first")
    with pytest.raises(ErpsyncError, match="the plan cannot be kept: File exists"):
        save_plan(tmp_path, "run-1", "second")
    assert saved_plan(tmp_path, "run-1") == "first"


def test_a_plan_that_cannot_be_kept_is_an_error_that_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(ErpsyncError, match="the plan cannot be kept: ") as caught:
        save_plan(tmp_path, "run-1", "text")
    assert caught.value.where == str(tmp_path / "runs" / "run-1" / "plan.json")


def test_runs_are_listed_oldest_first(tmp_path: Path) -> None:
    assert list(runs(tmp_path)) == []
    for run in ("20261122T090000Z-b", "20261120T090000Z-c", "20261121T090000Z-a"):
        save_plan(tmp_path, run, "")
    assert [run[-1] for run in runs(tmp_path)] == ["c", "a", "b"]


def test_a_run_that_is_not_known_names_the_last_ones(tmp_path: Path) -> None:
    for number in range(7):
        save_plan(tmp_path, f"run-{number}", "")
    with pytest.raises(UsageError, match="no run 'run-9' is known here") as caught:
        saved_plan(tmp_path, "run-9")
    assert caught.value.hint == "the last ones: run-2, run-3, run-4, run-5, run-6"
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_run_that_is_not_known_here_may_be_known_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        saved_plan(tmp_path, "run-1", "look there")
    assert caught.value.hint == "the last ones: none; look there"


def test_where_nothing_ran_no_run_is_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        saved_plan(tmp_path, "run-1")
    assert caught.value.hint == "the last ones: none"


@pytest.mark.parametrize("run", ["../run-1", "..", ".", "", "run-1/../run-1", "a/b", "run-1\n", "-o"])
def test_a_run_is_a_name_and_never_a_path(tmp_path: Path, run: str) -> None:
    save_plan(tmp_path, "run-1", "")
    (tmp_path / "runs" / "run-1" / "runs" / "x").mkdir(parents=True)
    with pytest.raises(UsageError):
        saved_plan(tmp_path, run)
