"""The errors of several targets as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.cli.reading import several
from erpsync.errors import ErpsyncError, ExitCode, RefusedError, StaleError, TargetError
from erpsync.lock import LockedError
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp

LOCKED = LockedError("crm", None, hint="wait")
CRM = """\
  crm:
    connector: tryton
    url: http://127.0.0.1:9/
    database: crm
    credentials: {username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}
    manage: {accounts: enforce, attributes: enforce, entitlements: enforce, scope: enforce}
    unmanaged: {accounts: report, ignore: ["*"]}
"""


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ((StaleError("moved"), StaleError("moved too")), StaleError),
        ((RefusedError("no"), LOCKED), RefusedError),
        ((TargetError("gone"), TargetError("gone too")), ErpsyncError),
        ((StaleError("moved"), RefusedError("no")), ErpsyncError),
    ],
    ids=lambda value: (
        value.__name__ if isinstance(value, type) else "-".join(type(it).__name__ for it in value)
    ),
)
def test_errors_that_end_alike_end_alike_together(
    errors: tuple[ErpsyncError, ErpsyncError], kind: type[ErpsyncError]
) -> None:
    first, second = errors
    made = several([("erp", first), ("crm", second)], "nothing was written")
    assert type(made) is kind
    assert made.exit_code is kind.exit_code
    assert made.message.startswith(f"nothing was written:\n  erp: {first.message}\n  crm: {second.message}")


def test_a_single_error_stays_as_it_is() -> None:
    assert several([("crm", LOCKED)], "nothing was written") is LOCKED


@pytest.mark.parametrize("kind", [StaleError, RefusedError])
def test_two_stale_or_refused_targets_end_as_one_does(
    erpsync: Command,
    company: AccessFiles,
    memory: MemoryErp,
    tmp_path: Path,
    kind: type[ErpsyncError],
) -> None:
    settings = company.path / "erpsync.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + CRM, encoding="utf-8")
    organisation = company.path / "organisation.yaml"
    text = organisation.read_text(encoding="utf-8")
    organisation.write_text(text.replace("{erp: [Buyer]}", "{erp: [Buyer], crm: [Buyer]}"), encoding="utf-8")
    plan = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "-o", plan).code == ExitCode.DONE

    def fail() -> None:
        raise kind("not any more")

    memory.on_read = dict.fromkeys(range(memory.reads + 1, memory.reads + 10), fail)
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (kind.exit_code, "")
    assert "nothing was written:\n  crm: not any more\n  erp: not any more\n" in ran.err
