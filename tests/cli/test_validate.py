"""``erpsync validate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles

WRONG = "wang.li: {name: 王丽, department: purchasin, type: dedicated}"


def test_valid_files_end_with_0_and_their_counts(erpsync: Command, access: AccessFiles) -> None:
    ran = erpsync("validate", "--access", access)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{access}: valid (2 files, 1 user, 3 roles)\n"


def test_a_mistake_ends_with_4_its_place_and_a_hint(erpsync: Command, access: AccessFiles) -> None:
    access.users(WRONG)
    ran = erpsync("validate", "--access", access)
    assert ran.code == 4
    place, hint, verdict = ran.out.splitlines()
    assert place.endswith(
        "people.yaml:2:35: error: no department 'purchasin' is declared [reference/unknown]"
    )
    assert hint == "  hint: did you mean 'purchasing'?"
    assert verdict == f"{access}: 1 error (3 files, 2 users, 3 roles)"


def test_the_directory_is_called_access_unless_said_otherwise(
    erpsync: Command, access: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(access.path.parent)
    assert erpsync("validate").out.startswith("access: valid")


@pytest.mark.parametrize("output_format", ["json", "sarif"])
def test_findings_for_machines_are_json(erpsync: Command, access: AccessFiles, output_format: str) -> None:
    access.users(WRONG)
    ran = erpsync("validate", "--access", access, "--format", output_format)
    assert ran.code == 4
    document = json.loads(ran.out)
    if output_format == "json":
        assert document["counts"] == {"files": 3, "users": 2, "roles": 3, "errors": 1}
        assert document["findings"][0]["rule"] == "reference/unknown"
    else:
        assert document["runs"][0]["results"][0]["ruleId"] == "reference/unknown"


def test_findings_for_github_are_workflow_commands(erpsync: Command, access: AccessFiles) -> None:
    access.users(WRONG)
    ran = erpsync("validate", "--access", access, "--format", "github")
    assert ran.code == 4
    assert ran.out.startswith("::error file=")


@pytest.mark.parametrize(("output_format", "empty"), [("github", ""), ("json", None), ("sarif", None)])
def test_machines_get_an_empty_result_where_nothing_is_wrong(
    erpsync: Command, access: AccessFiles, output_format: str, empty: str | None
) -> None:
    ran = erpsync("validate", "--access", access, "--format", output_format)
    assert ran.code == 0
    assert ran.out == empty or json.loads(ran.out)


def test_files_are_named_as_they_are_reached_from_here(
    erpsync: Command, access: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.users(WRONG)
    monkeypatch.chdir(access.path.parent)
    assert erpsync("validate").out.startswith("access/people.yaml:2:35: ")


def test_the_access_directory_may_be_a_file_by_mistake(erpsync: Command, access: AccessFiles) -> None:
    ran = erpsync("validate", "--access", access.path / "erpsync.yaml")
    assert ran.code == 2
    assert "no directory" in ran.err


def test_a_directory_in_chinese_is_fine(erpsync: Command, tmp_path: Path) -> None:
    AccessFiles(tmp_path / "权限")
    assert erpsync("validate", "--access", tmp_path / "权限").code == 0
