"""What commands remember changes what they cost, never what they say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from erpsync.connectors import recorded
from erpsync.model import Account, Grant
from erpsync.yaml_quick import read
from erpsync.yaml_tree import parse
from tests.cli.conftest import Command, Ran
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp

DAY = "2026-11-22"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read as YAML or as a recording, in order."""
    found: list[str] = []

    def counted(name: str, function: Callable[..., Any], shown: Callable[..., str]) -> None:
        def call(*arguments: Any) -> Any:
            found.append(shown(*arguments))
            return function(*arguments)

        monkeypatch.setattr(f"erpsync.{name}", call)

    counted("sifting.read", read, lambda data: data.decode().split("\n")[1].strip())
    counted("sifting.parse", parse, lambda data, file, findings: Path(file).name)
    counted("connectors.recorded._read", recorded._read, lambda path, *_: path.name)
    return found


@pytest.fixture
def company(access: AccessFiles, memory: MemoryErp) -> AccessFiles:
    """Thirty buyers in three files; of one the ERP has another name, and one it has not at all."""
    for number in range(30):
        key = f"user{number:02}"
        access.write(f"dept{number // 10}.yaml", _users(number // 10))
        memory.put(Account(key, f"User {number}", grants=(Grant("Buyer"),)))
    memory.put(Account("user07", "Other", grants=(Grant("Buyer"),)))
    del memory.accounts["user21"]
    return access


def _users(dept: int, name: str = "User") -> str:
    more = "type: dedicated, department: purchasing, position: buyer"
    numbers = range(dept * 10, dept * 10 + 10)
    return "users:\n" + "".join(
        f"  user{number:02}: {{name: {name} {number}, {more}}}\n" for number in numbers
    )


@pytest.fixture
def run(erpsync: Command, company: AccessFiles, tmp_path: Path) -> Callable[..., Ran]:
    """Runs a command with a state directory of its own."""

    def command(name: str, *arguments: object) -> Ran:
        return erpsync(name, "--access", company, "--state", tmp_path / "state", *arguments)

    return command


@pytest.fixture
def live(run: Callable[..., Ran], erpsync: Command, company: AccessFiles, tmp_path: Path) -> Path:
    """A recording of the ERP."""
    file = tmp_path / "live.json"
    assert erpsync("snapshot", "erp", "--access", company, "-o", file).code == 0
    return file


PLANS: list[tuple[str, ...]] = [
    ("plan", "--as-of", DAY),
    ("plan", "--as-of", DAY, "--format", "markdown"),
    ("drift", "--as-of", DAY),
    ("validate", "--as-of", DAY),
    ("validate", "--as-of", DAY, "--format", "json"),
]


@pytest.mark.parametrize("arguments", PLANS, ids=" ".join)
@pytest.mark.parametrize("recording", [False, True], ids=["erp", "recording"])
def test_a_command_says_the_same_cold_warm_and_without_a_cache(
    run: Callable[..., Ran], live: Path, arguments: tuple[str, ...], recording: bool
) -> None:
    more = ("--live", live) if recording and arguments[0] != "validate" else ()
    without = run(*arguments, *more, "--no-cache")
    assert without.code in (0, 3)
    assert [run(*arguments, *more) for _ in range(3)] == [without] * 3


def _told(plan: Ran) -> Any:
    """A plan but for the second in which it was made, and what hangs on that."""
    document = json.loads(plan.out)
    return {key: value for key, value in document.items() if key not in ("created", "expires", "digest")}


def test_a_plan_is_the_same_to_the_last_value(run: Callable[..., Ran], live: Path) -> None:
    arguments = ("plan", "--as-of", DAY, "--live", live, "--format", "json")
    without = _told(run(*arguments, "--no-cache"))
    assert len(without["targets"][0]["accounts"]) == 3
    assert [_told(run(*arguments)) for _ in range(2)] == [without] * 2


def test_one_changed_file_costs_one_file(
    run: Callable[..., Ran], live: Path, company: AccessFiles, parsed: list[str]
) -> None:
    plan = ("plan", "--as-of", DAY, "--live", live)
    run(*plan)
    assert [name for name in parsed if name.startswith("user")] == [
        "user00: {name: User 0, type: dedicated, department: purchasing, position: buyer}",
        "user10: {name: User 10, type: dedicated, department: purchasing, position: buyer}",
        "user20: {name: User 20, type: dedicated, department: purchasing, position: buyer}",
    ]
    assert "live.json" in parsed
    others = [name for name in parsed if name.endswith(".yaml")]
    parsed.clear()
    company.write("dept1.yaml", _users(1, "Other"))
    ran = run(*plan)
    changed = "user10: {name: Other 10, type: dedicated, department: purchasing, position: buyer}"
    assert sorted(parsed) == sorted([*others, changed])
    assert ran.out == run(*plan, "--no-cache").out
    assert ran.out.count("name: User") == 10


def test_nothing_changed_costs_no_file_of_users(
    run: Callable[..., Ran], live: Path, parsed: list[str]
) -> None:
    run("plan", "--as-of", DAY, "--live", live)
    parsed.clear()
    run("plan", "--as-of", DAY, "--live", live)
    run("validate")
    assert [name for name in parsed if not name.endswith(".yaml")] == []


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: bytes([data[0] ^ 1]) + data[1:]])
def test_a_damaged_cache_is_as_none(
    run: Callable[..., Ran], live: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    plan = ("plan", "--as-of", DAY, "--live", live)
    right = run(*plan)
    kept = list(_files(tmp_path / "state" / "cache"))
    assert kept
    for file in kept:
        data = file.read_bytes()
        file.write_bytes(damage(data))
        assert run(*plan) == right


def test_a_cache_that_a_repository_brings_along_decides_nothing(
    run: Callable[..., Ran], live: Path, company: AccessFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody works everything out with a tool that finds all well, and commits what it kept."""
    plan = ("plan", "--as-of", DAY, "--live", live)
    right = run(*plan, "--no-cache")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        elsewhere.setattr("erpsync.unlike.alike", lambda *_: True)
        elsewhere.setattr("erpsync.likeness.blake2b", lambda *_, **__: _Blank())
        assert run(*plan).out != right.out
    assert run(*plan) == right


class _Blank:
    def digest(self) -> bytes:
        return bytes(16)


def test_a_changed_recording_is_read_anew(run: Callable[..., Ran], live: Path) -> None:
    plan = ("plan", "--as-of", DAY, "--live", live)
    run(*plan)
    live.write_text(live.read_text(encoding="utf-8").replace('"Other"', '"User 7"'), encoding="utf-8")
    ran = run(*plan)
    assert "user07" not in ran.out
    assert ran == run(*plan, "--no-cache")


def test_what_is_wrong_across_files_is_found_warm_too(run: Callable[..., Ran], company: AccessFiles) -> None:
    assert run("validate").code == 0
    company.write("more.yaml", _users(0).replace("user0", "USER0"))
    ran = run("validate")
    assert ran == run("validate", "--no-cache")
    assert ran.code == 4
    assert "differs only in case from" in ran.out


def test_the_state_directory_may_be_read_only(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a directory")
    assert run("validate").code == 0


def test_no_cache_writes_none(run: Callable[..., Ran], tmp_path: Path) -> None:
    run("plan", "--no-cache")
    assert not (tmp_path / "state").exists()


def test_what_writes_uses_no_cache(
    erpsync: Command, company: AccessFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "--state", tmp_path / "state", "-o", plan).code == 0

    def must_not(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("erpsync.cache.open_cache", must_not)
    assert erpsync("apply", plan, "--access", company, "--state", tmp_path / "state").code == 0


HERE = Path(__file__).parents[2]
WORKFLOWS = [*(HERE / ".github").rglob("*.yml"), *(HERE / "erpsync" / "scaffold").rglob("*.yml")]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_keeps_a_cache_for_the_next_job(workflow: Path) -> None:
    kept = [line.strip() for line in workflow.read_text(encoding="utf-8").splitlines() if ".erpsync" in line]
    assert not [line for line in kept if line.rstrip("/").endswith((".erpsync", "cache", "*"))] or all(
        line.startswith("path: .erpsync/runs/") for line in kept
    )
    assert not any("cache.key" in line or ".erpsync/cache" in line for line in kept)


@pytest.mark.parametrize("command", ["apply", "drift", "plan"])
def test_no_command_of_a_pipeline_has_a_cache(command: str) -> None:
    source = (HERE / "erpsync" / "cli" / "ci" / f"{command}.py").read_text(encoding="utf-8")
    assert "remembering" not in source
    assert "open_cache" not in source
