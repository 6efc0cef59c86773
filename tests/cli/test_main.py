"""The command as a whole: help, exit codes, and what becomes of every way it can end."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

from erpsync import __version__
from erpsync.cli.main import cli, main
from erpsync.errors import ExitCode
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp, interrupted

COMMANDS = ("validate", "plan", "apply", "drift", "explain", "snapshot", "init", "schema")


def test_help_lists_every_command_and_exit_code(erpsync: Command) -> None:
    ran = erpsync("--help")
    assert ran.code == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", ran.out, re.MULTILINE), command
    for code in range(7):
        assert re.search(rf"^ +{code}  ", ran.out, re.MULTILINE), code


@pytest.mark.parametrize("command", sorted(cli.commands))
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself_and_each_of_its_options(
    erpsync: Command, command: str, flag: str
) -> None:
    ran = erpsync(command, flag)
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: erpsync {command} ")
    options = [option for option in cli.commands[command].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_without_a_command_the_help_is_shown(erpsync: Command) -> None:
    ran = erpsync()
    assert ran.code == 2
    assert "Usage: erpsync" in ran.out + ran.err


def test_the_version(erpsync: Command) -> None:
    assert erpsync("--version").out == f"erpsync, version {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plann"], "No such command 'plann'"),
        (["plan", "--acess", "x"], "No such option '--acess'"),
        (["plan", "--as-of", "30.11.2026"], "'30.11.2026' is not a day (YYYY-MM-DD)"),
        (["plan", "--as-of", "2026-02-30"], "'2026-02-30' is not a day (YYYY-MM-DD)"),
        (["plan", "--format", "html"], "'html' is not one of 'text', 'markdown', 'json'"),
        (["plan", "extra"], "unexpected extra argument (extra)"),
        (["apply"], "Missing argument 'PLAN_FILE'"),
        (["explain"], "Missing argument 'USER'"),
        (["schema", "users"], "'users' is not one of 'access', 'plan', 'snapshot'"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    erpsync: Command, arguments: list[str], words: str
) -> None:
    ran = erpsync(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


@pytest.mark.parametrize("command", ["validate", "plan", "drift", "snapshot erp", "explain wu.lan"])
def test_a_directory_that_is_not_there_is_wrong_usage(erpsync: Command, tmp_path: Path, command: str) -> None:
    ran = erpsync(*command.split(), "--access", tmp_path / "acces")
    assert ran.code == 2
    assert ran.err.startswith("error: no directory")
    assert "hint: name it with --access DIR, or make one: erpsync init DIR" in ran.err


def test_an_empty_directory_is_wrong_usage(erpsync: Command, tmp_path: Path) -> None:
    ran = erpsync("validate", "--access", tmp_path)
    assert ran.code == 2
    assert "no *.yaml file" in ran.err


@pytest.mark.parametrize("command", ["plan", "drift", "snapshot", "explain"])
def test_a_target_that_is_not_declared_is_wrong_usage(
    erpsync: Command, access: AccessFiles, command: str
) -> None:
    arguments = {"snapshot": ["erb"], "explain": ["wu.lan", "--target", "erb"]}.get(
        command, ["--target", "erb"]
    )
    ran = erpsync(command, *arguments, "--access", access)
    assert ran.code == 2
    assert ran.err == "error: no target 'erb' is declared\n  hint: did you mean 'erp'?\n"


def test_files_without_a_target_are_wrong_usage(erpsync: Command, access: AccessFiles) -> None:
    access.write("erpsync.yaml", "settings: {timezone: Asia/Shanghai}\n")
    access.write("organisation.yaml", "departments: {purchasing: {title: Purchasing}}\n")
    ran = erpsync("plan", "--access", access)
    assert ran.code == 2
    assert "the access files declare no target" in ran.err


@pytest.mark.parametrize("command", ["plan", "drift", "explain wu.lan", "snapshot erp"])
def test_invalid_files_end_with_4_and_every_finding_on_stderr(
    erpsync: Command, access: AccessFiles, command: str
) -> None:
    access.users("wang.li: {name: 王丽, department: selling, type: dedicated}")
    ran = erpsync(*command.split(), "--access", access)
    assert (ran.code, ran.out) == (4, "")
    assert "people.yaml:2:35: error: no department 'selling' is declared [reference/unknown]" in ran.err
    assert ran.err.endswith(
        "error: the access files are not valid: 1 finding\n  hint: correct them; nothing was changed\n"
    )


def test_credentials_that_are_not_set_end_with_1(
    erpsync: Command, access: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ERP_USERNAME", raising=False)
    ran = erpsync("plan", "--access", access)
    assert ran.code == 1
    assert "the username is expected in the environment variable ERP_USERNAME, which is not set" in ran.err


def test_an_erp_that_does_not_answer_ends_with_1(
    erpsync: Command, access: AccessFiles, credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erpsync.connectors.http.BACK_OFF_SECONDS", 0)
    ran = erpsync("drift", "--access", access)
    assert (ran.code, ran.out) == (1, "")
    assert "nothing listens there (connection refused)" in ran.err


def test_a_connector_that_is_not_installed_ends_with_4(erpsync: Command, access: AccessFiles) -> None:
    access.settings(connector="tritton")
    ran = erpsync("plan", "--access", access)
    assert ran.code == 4
    assert "hint: did you mean 'tryton'?" in ran.err


def test_ctrl_c_ends_with_130(erpsync: Command, access: AccessFiles, memory: MemoryErp) -> None:
    memory.on_read[1] = interrupted
    ran = erpsync("plan", "--access", access)
    assert (ran.code, ran.out) == (130, "")
    assert ran.err.strip() == "interrupted"


# --- faults of our own --------------------------------------------------------------------------------


def test_a_fault_inside_ends_with_1_and_keeps_the_traceback_in_a_private_file(
    erpsync: Command, access: AccessFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("deep inside")

    monkeypatch.setattr("erpsync.access.validate_lean", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = erpsync("validate", "--access", access)
    assert (ran.code, ran.out) == (1, "")
    assert "Traceback" not in ran.err
    assert ran.err.startswith("error: internal fault: RuntimeError\n")
    (log,) = tmp_path.glob("erpsync-fault-*.log")
    assert str(log) in ran.err
    assert "RuntimeError: deep inside" in log.read_text(encoding="utf-8")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_entry_point_ends_the_process_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["erpsync", "validate", "--access", "no/such/directory"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code is ExitCode.USAGE


def test_a_module_is_a_command_too() -> None:
    done = _process("--version")
    assert (done.returncode, done.stdout) == (0, f"erpsync, version {__version__}\n".encode())


# --- where the output goes ----------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_fault() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "erpsync", "schema"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_reader_that_goes_away_at_the_end_is_no_fault(
    erpsync: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdout", _Gone(file.fileno()))
        assert erpsync("schema").code == 1


class _Gone(io.StringIO):
    """Output that nobody reads any more."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def flush(self) -> None:
        raise BrokenPipeError

    def fileno(self) -> int:
        return self.number


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colour_is_for_terminals_and_for_who_wants_it(
    erpsync: Command,
    access: AccessFiles,
    monkeypatch: pytest.MonkeyPatch,
    no_color: str,
) -> None:
    access.users("wang.li: {name: 王丽, department: selling, type: dedicated}")
    monkeypatch.setenv("NO_COLOR", no_color)
    assert "\x1b" not in erpsync("validate", "--access", access).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert ("\x1b[31m" in erpsync("validate", "--access", access).out) is not bool(no_color)


@pytest.mark.parametrize("no_color", ["", "1"])
def test_errors_have_colour_only_for_who_wants_it(
    erpsync: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert ("\x1b[31m" in erpsync("validate", "--access", tmp_path).err) is not bool(no_color)


def test_progress_is_shown_on_a_terminal_only(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.conftest import MemoryConnector

    class Telling(MemoryConnector):
        def read(self, connection):  # type: ignore[no-untyped-def]
            connection.progress("reading accounts", 0, 10)
            connection.progress("reading accounts", 10, 10)
            connection.progress("waiting", 0, 0)
            return super().read(connection)

    monkeypatch.setattr("erpsync.connectors.registry.find_connector", lambda _: Telling(memory))
    assert erpsync("plan", "--access", access).err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ran = erpsync("plan", "--access", access)
    assert ran.code == 0
    assert "reading accounts" not in ran.out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_a_terminal_that_cannot_show_every_character_is_no_fault(company: AccessFiles, encoding: str) -> None:
    done = _process("explain", "chen.jing", "--offline", "--access", str(company), PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert b"chen.jing" in done.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, json; from erpsync.cli.main import run; code = run(['--help']); "
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stderr))
    assert "click" in loaded
    assert not loaded & {"requests", "jsonschema", "jsonschema_rs", "deepdiff", "rich", "yaml"}


def _process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "erpsync", *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )
