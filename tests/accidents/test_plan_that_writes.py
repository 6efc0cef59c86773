"""Plans that changed what they were to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import pytest

import erpsync.cli
from erpsync.cli.main import cli
from erpsync.connectors import registry
from erpsync.connectors.base import Connection, Reader, Writer
from erpsync.connectors.recorded import RecordedReader, record
from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import Erp
from tests.support.fault_proxy import FaultProxy
from tests.support.memory import MemoryErp

LOOKS = [
    ["validate"],
    ["plan"],
    ["plan", "--format", "json"],
    ["plan", "--format", "markdown", "--detailed-exitcode"],
    ["drift"],
    ["explain", "chen.jing"],
    ["snapshot", "erp"],
]
"""Commands that look, and must not touch."""
WRITES = ("apply.py", "ci/apply.py", "emergency_locking.py")
"""The commands that may ask for a writer: what each of them does is in its name."""
SWITCH = re.compile(r"dry|noop|confirm|simulate|check-only|pretend|force|yes|really")


class OnlyLooks:
    """A connector whose reader has no method that writes, and which hands out no writer."""

    def __init__(self, erp: MemoryErp) -> None:
        self.erp = erp

    @contextmanager
    def read(self, connection: Connection) -> Iterator[Reader]:
        """What was recorded a moment ago."""
        reader = RecordedReader(record("erp", self.erp))
        assert not hasattr(reader, "apply")
        yield reader

    def write(self, connection: Connection) -> Writer:
        """Nobody may ask for this."""
        raise AssertionError


@pytest.mark.parametrize("arguments", LOOKS, ids=" ".join)
def test_a_plan_that_was_not_merged_cannot_write(
    desk: Desk, memory: MemoryErp, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """safe-settings #734: a nop run applied settings of an unmerged change; here looking has no writer."""
    desk.access.users(buyer("chen.jing"))
    monkeypatch.setattr(registry, "find_connector", lambda _: OnlyLooks(memory))
    ran = desk.run(*arguments, "--access", desk.access)
    assert (ran.code in (0, 3), ran.err) == (True, "")


def test_a_forgotten_dry_run_flag_cannot_write() -> None:
    """safe-settings #551: a part forgot to honour the flag; here no flag decides, but the command."""
    folder = Path(erpsync.cli.__file__).parent
    texts = {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.py")}
    (opener,) = (name for name, text in texts.items() if "connector.write(" in text)
    carriers = {name for name, text in texts.items() if "carry_out_plan(" in text}
    assert {opener, "apply.py"} <= carriers <= {opener, *WRITES}
    # What these write is a commit that others review: their `--yes` lets nothing through to an ERP.
    asking = {command for name in ("request", "hr") for command in _commands(cli.commands[name])}
    commands = [command for command in _commands(cli) if command not in asking]
    flags = [item for command in commands for item in command.params if getattr(item, "is_flag", False)]
    options = {option for item in flags for option in item.opts}
    assert len(options) > 5
    assert [option for option in options if SWITCH.search(option)] == []


def _commands(command: click.Command) -> Iterator[click.Command]:
    if not isinstance(command, click.Group):
        yield command
        return
    for part in command.commands.values():
        yield from _commands(part)


def test_planning_calls_nothing_of_the_real_erp_that_could_write(
    real: Desk, erp: Erp, proxy: FaultProxy
) -> None:
    """safe-settings #339, seen from the wire: every call of every command but apply is one that reads."""
    login = erp.login("chen.jing")
    real.access.users(buyer(login))
    real.plan()
    run = real.apply().run
    proxy.arm()
    for arguments in (["plan"], ["drift"], ["explain", login], ["snapshot", "erp"], ["rollback", run]):
        assert real.run(*arguments, "--access", real.access).err == ""
    called = {call.method.rpartition(".")[2] for call in proxy.calls}
    assert called == {"login", "logout", "search", "read", "search_read"}


def test_a_plan_shows_exactly_what_apply_does(desk: Desk, memory: MemoryErp) -> None:
    """keycloak-config-cli #1645: no dry run since 2020; here apply does what the plan shows and no more."""
    memory.put(Account("old.login", "王丽", grants=(Grant("Clerk"),)))
    memory.put(Account("zhao.min", "赵敏", grants=(Grant("Buyer"),)))
    memory.put(Account("stranger", "Stranger", grants=(Grant("Planner"),)))
    desk.access.users(
        buyer("chen.jing", more=", scope: {company: [Huaxin Trading]}"),
        buyer("wang.li", "王丽", ", previously: [old.login]"),
        buyer("zhao.min", "赵敏", ", status: left"),
    )
    before = dict(memory.accounts)
    desk.plan()
    assert memory.accounts == before
    (target,) = desk.document()["targets"]
    shown = {change["login"]: change["after"] for change in target["accounts"]}
    assert desk.apply().code == 0

    kept = {login: account for login, account in before.items() if login in ("wu.lan", "stranger")}
    assert {login: memory.accounts[login] for login in kept} == kept
    assert memory.accounts.keys() == kept.keys() | shown.keys()
    recorded = {value["login"]: value for value in record("erp", memory)["accounts"]}
    assert {login: recorded[login] for login in shown} == shown


@pytest.mark.parametrize("arguments", LOOKS, ids=" ".join)
def test_planning_rewrites_no_file(desk: Desk, own_state: Path, arguments: list[str]) -> None:
    """IAMbic: a plan flagged what had expired in its own templates; here looking leaves files as they are."""
    ended = "{role: purchasing.planner, reason: stands in, valid_from: 2020-01-01, valid_to: 2020-01-31}"
    desk.access.users(buyer("chen.jing", more=f", assignments: [{ended}]"))
    before = _contents(desk.access.path)
    desk.run(*arguments, "--access", desk.access)
    assert _contents(desk.access.path) == before
    # What was worked out may be kept for the next time; nothing is built on it.
    assert {path.name for path in own_state.glob("*")} <= {"cache"}


def _contents(folder: Path) -> dict[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*")}


def test_the_same_files_are_compared_with_the_erp_again_every_time(desk: Desk, memory: MemoryErp) -> None:
    """keycloak-config-cli: unchanged files skip the read and hide drift; here the ERP is always read."""
    desk.access.users(buyer("chen.jing"))
    desk.plan()
    desk.apply()
    assert desk.drift() == 0
    memory.put(replace(memory.accounts["chen.jing"], grants=(Grant("Buyer"), Grant("Planner"))))
    assert desk.drift() == 3
