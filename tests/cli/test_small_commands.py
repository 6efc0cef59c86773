"""``erpsync snapshot``, ``init`` and ``schema``."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import jsonschema
import pytest
import yaml

from erpsync.schema import load_schema
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp, broken

# --- snapshot -----------------------------------------------------------------------------------------


def test_a_snapshot_goes_to_stdout(erpsync: Command, access: AccessFiles, memory: MemoryErp) -> None:
    ran = erpsync("snapshot", "erp", "--access", access)
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    jsonschema.Draft202012Validator(load_schema("snapshot")).validate(document)
    assert "吴兰" in ran.out


def test_a_saved_snapshot_is_private_and_counts_its_accounts(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "live.json"
    ran = erpsync("snapshot", "erp", "--access", access, "-o", file)
    assert (ran.code, ran.out) == (0, f"{file}: 1 account of erp\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_saved_snapshot_can_be_planned_with(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "live.json"
    erpsync("snapshot", "erp", "--access", access, "-o", file)
    live = erpsync("plan", "--access", access, "--as-of", "2026-11-22")
    recorded = erpsync("plan", "--access", access, "--as-of", "2026-11-22", "--live", file)
    assert recorded == live


def test_a_snapshot_that_fails_writes_nothing(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    memory.on_read[1] = broken
    ran = erpsync("snapshot", "erp", "--access", access, "-o", tmp_path / "live.json")
    assert ran.code == 1
    assert not (tmp_path / "live.json").exists()


# --- init ---------------------------------------------------------------------------------------------


def test_init_makes_a_repository_that_is_valid(
    erpsync: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = erpsync("init", tmp_path / "new")
    assert (ran.code, ran.err) == (0, "")
    assert f"Next: cd {tmp_path / 'new'}" in ran.out
    monkeypatch.chdir(tmp_path / "new")
    ran = erpsync("validate")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("access: valid")


def test_init_fills_an_empty_directory(erpsync: Command, tmp_path: Path) -> None:
    assert erpsync("init", tmp_path).code == 0
    assert (tmp_path / ".gitignore").is_file()
    assert (tmp_path / "access" / "erpsync.yaml").is_file()


def test_init_brings_the_workflows_and_says_how_they_are_switched_on(
    erpsync: Command, tmp_path: Path
) -> None:
    erpsync("init", tmp_path)
    workflows = tmp_path / ".github" / "workflows"
    assert {path.name for path in workflows.iterdir()} == {"plan.yml", "apply.yml", "drift.yml"}
    readme = (tmp_path / "README.md").read_text("utf-8")
    for wanted in (
        "docs/github.md",
        "ERPSYNC_ENABLED",
        "erp-apply",
        "ERP_PLAN_PASSWORD",
        "erpsync codeowners",
    ):
        assert wanted in readme


def test_the_scaffold_points_editors_to_its_schema(erpsync: Command, tmp_path: Path) -> None:
    erpsync("init", tmp_path)
    for file in tmp_path.rglob("access/**/*.yaml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        schema = file.parent / first.removeprefix("# yaml-language-server: $schema=")
        assert schema.resolve() == tmp_path / "schemas" / "access.schema.json", file


def test_the_scaffold_only_observes(erpsync: Command, tmp_path: Path) -> None:
    erpsync("init", tmp_path)
    settings = yaml.safe_load((tmp_path / "access" / "erpsync.yaml").read_text(encoding="utf-8"))
    assert set(settings["targets"]["erp"]["manage"].values()) == {"observe"}


def test_init_overwrites_nothing(erpsync: Command, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    ran = erpsync("init", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "already has README.md" in ran.err
    assert [file.name for file in tmp_path.iterdir()] == ["README.md"]


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_init_where_a_file_stands_ends_with_1(erpsync: Command, tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = erpsync("init", tmp_path / where)
    assert ran.code == 1
    assert "cannot be written: " in ran.err


def test_init_needs_a_directory(erpsync: Command) -> None:
    assert erpsync("init").code == 2


# --- schema -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["access", "plan", "snapshot"])
def test_every_schema_is_valid_json_schema(erpsync: Command, name: str) -> None:
    ran = erpsync("schema", name)
    assert (ran.code, ran.err) == (0, "")
    schema = json.loads(ran.out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_schema_of_the_access_files_is_the_default(erpsync: Command) -> None:
    assert erpsync("schema").out == erpsync("schema", "access").out
