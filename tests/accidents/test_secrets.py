"""Secrets that were found where everybody could read them."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from erpsync.connectors.tryton import rpc
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import APPLY_PASSWORD, Erp


def test_a_leaked_plan_holds_no_secret(
    real: Desk, erp: Erp, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """terraform #34297: plan files hold secrets in clear; here nothing that is kept or said has one."""
    sessions: list[str] = []
    close = rpc.Rpc.close

    def closing(session: rpc.Rpc) -> None:
        sessions.append(session._headers["Authorization"].removeprefix("Session "))
        close(session)

    monkeypatch.setattr(rpc.Rpc, "close", closing)
    login, snapshot = erp.login("chen.jing"), real.file.with_name("live.json")
    real.access.users(buyer(login))
    said = [real.plan("--format", name) for name in ("text", "markdown", "json")]
    said += [real.apply(), real.run("snapshot", "erp", "--access", real.access, "-o", snapshot)]
    said += [real.run("journal", "show", "--access", real.access)]
    assert {ran.code for ran in said} == {0}

    keys = [base64.b64decode(token).decode().rsplit(":", 1)[1] for token in sessions]
    assert len(keys) == 5
    kept = [path for path in (real.file, snapshot, *own_state.rglob("*")) if path.is_file()]
    assert len(kept) > 3
    texts = [(ran.out + ran.err).encode() for ran in said] + [path.read_bytes() for path in kept]
    assert login.encode() in texts[0]
    for secret in (APPLY_PASSWORD, *sessions, *keys):
        assert not any(secret.encode() in text for text in texts)


def test_what_is_kept_of_plans_and_runs_is_for_its_owner_only(real: Desk, erp: Erp, own_state: Path) -> None:
    """FLIP #1082: plans were readable by all who read the repository; here files are their owner's."""
    real.access.users(buyer(erp.login("chen.jing")))
    real.plan()
    real.apply()
    # The file of the lock is shared by those who may apply; it says nothing once the run has ended.
    kept = [real.file, *(path for path in own_state.rglob("*") if path.is_file() and path.stat().st_size)]
    assert len(kept) > 2
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in kept} == {0}


@pytest.mark.parametrize("command", ["validate", "plan", "drift"])
def test_a_secret_written_into_the_files_is_refused_and_not_repeated(real: Desk, command: str) -> None:
    """entitlements-app: secrets in plain configuration; here only a reference may stand there."""
    real.set("env:ERP_PASSWORD", "hunter2-hunter2")
    ran = real.run(command, "--access", real.access)
    assert ran.code == 4
    assert "hunter2" not in ran.out + ran.err
