"""``erpsync check``, and baselines."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import pytest

from erpsync.connectors.base import last_logins
from erpsync.connectors.recorded import record
from erpsync.model import Account, Grant
from erpsync.policy import plugins
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.erp import Erp
from tests.support.memory import MemoryErp, broken
from tests.support.policies import FILES, holder

CLERK, PLANNER = Grant("Clerk"), Grant("Planner")
SOD = "sod*"


@pytest.fixture
def governed(access: AccessFiles) -> AccessFiles:
    """Access files with a policy, and one user who keeps vendors."""
    access.write("policy.yaml", FILES)
    access.users(holder("chen.jing", "keeper"))
    return access


@pytest.fixture
def conflicting(governed: AccessFiles) -> AccessFiles:
    """The same, with a user who may do both."""
    governed.users(holder("chen.jing", "keeper", "payer"))
    return governed


def by_hand(memory: MemoryErp) -> None:
    """Somebody gives chen.jing the payments too, in the ERP."""
    memory.put(Account("chen.jing", "陈静", grants=(CLERK, PLANNER)))


def test_what_came_into_the_erp_by_hand_is_found(
    erpsync: Command, governed: AccessFiles, memory: MemoryErp
) -> None:
    by_hand(memory)
    ran = erpsync("check", "--access", governed, "--only", SOD)
    assert ran.code == 4
    assert ran.out.splitlines()[0].endswith(": 1 refused")
    assert "PAY by payer (live in erp)" in ran.out
    assert "[sod-live/P01]" in ran.out
    assert memory.written == []


def test_what_is_declared_is_found_without_a_change(
    erpsync: Command, conflicting: AccessFiles, memory: MemoryErp
) -> None:
    ran = erpsync("check", "--access", conflicting, "--only", SOD)
    assert ran.code == 4
    assert "[sod/P01]" in ran.out


def test_what_does_not_refuse_ends_with_0(erpsync: Command, access: AccessFiles, memory: MemoryErp) -> None:
    access.write("policy.yaml", FILES.replace(": block", ": warn"))
    access.users(holder("chen.jing", "keeper", "payer"))
    ran = erpsync("check", "--access", access, "--only", SOD)
    assert (ran.code, ran.err) == (0, "")
    assert "warn: chen.jing" in ran.out


def test_a_company_without_a_policy_is_told_of_but_nothing_refuses(
    erpsync: Command, access: AccessFiles, memory: MemoryErp
) -> None:
    memory.put(Account("stranger", "?", grants=(CLERK,)))
    ran = erpsync("check", "--access", access)
    assert ran.code == 0
    assert "recorded" in ran.out


def test_it_is_told_in_chinese(erpsync: Command, conflicting: AccessFiles, memory: MemoryErp) -> None:
    ran = erpsync("check", "--access", conflicting, "--only", SOD, "--lang", "zh")
    assert "策略检查：1 项阻断" in ran.out
    assert "职责分离\n" in ran.out


def test_a_recorded_target_needs_no_erp(
    erpsync: Command,
    governed: AccessFiles,
    memory: MemoryErp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_hand(memory)
    file = tmp_path / "live.json"
    file.write_text(json.dumps(record("erp", memory)), encoding="utf-8")
    monkeypatch.delenv("ERP_PASSWORD")
    ran = erpsync("check", "--access", governed, "--live", file, "--only", "sod-live/P01")
    assert (ran.code, "[sod-live/P01]" in ran.out) == (4, True)


def test_a_target_that_cannot_be_read_passes_nothing(
    erpsync: Command, governed: AccessFiles, memory: MemoryErp
) -> None:
    memory.on_read[1] = broken
    ran = erpsync("check", "--access", governed)
    assert (ran.code, ran.out) == (1, "")
    assert "the ERP is gone" in ran.err


def test_wrong_files_are_refused(erpsync: Command, governed: AccessFiles, memory: MemoryErp) -> None:
    governed.users(holder("chen.jing", "keepr"))
    ran = erpsync("check", "--access", governed)
    assert (ran.code, ran.out) == (4, "")
    assert "reference/unknown" in ran.err


def test_a_day_may_be_named(erpsync: Command, conflicting: AccessFiles, memory: MemoryErp) -> None:
    ran = erpsync("check", "--access", conflicting, "--as-of", "2030-01-01")
    assert ran.out.startswith("Policy on 2030-01-01: ")


@pytest.mark.parametrize("output_format", ["json", "sarif", "github", "markdown"])
def test_every_format_names_the_finding(
    erpsync: Command, conflicting: AccessFiles, memory: MemoryErp, output_format: str
) -> None:
    ran = erpsync("check", "--access", conflicting, "--only", SOD, "--format", output_format)
    assert ran.code == 4
    assert "sod/P01" in ran.out


# --- only ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["sod-live/*", "lifecycle/*"])
def test_only_the_rules_that_are_asked_for_count(
    erpsync: Command, conflicting: AccessFiles, memory: MemoryErp, pattern: str
) -> None:
    ran = erpsync("check", "--access", conflicting, "--only", pattern)
    assert ran.code == 0
    assert "[sod/P01]" not in ran.out


def test_a_pattern_of_no_rule_is_wrong_usage(
    erpsync: Command, conflicting: AccessFiles, memory: MemoryErp
) -> None:
    ran = erpsync("check", "--access", conflicting, "--only", "sod/P1")
    assert (ran.code, ran.out) == (2, "")
    assert "no rule 'sod/P1'" in ran.err
    assert "did you mean 'sod/P01'?" in ran.err


# --- baseline -----------------------------------------------------------------------------------------


@pytest.fixture
def baseline(erpsync: Command, conflicting: AccessFiles, memory: MemoryErp, tmp_path: Path) -> Path:
    """What is found on the first day."""
    file = tmp_path / "base.json"
    ran = erpsync("check", "--access", conflicting, "--format", "json", "-o", file)
    assert (ran.code, ran.out) == (4, "")
    return file


def test_what_a_baseline_knows_is_counted_and_refuses_nothing(
    erpsync: Command, conflicting: AccessFiles, baseline: Path
) -> None:
    ran = erpsync("check", "--access", conflicting, "--baseline", baseline, "--only", SOD)
    assert ran.code == 0
    assert ran.out.endswith(": no findings\n\nLeft out, known from the baseline: 1.\n")


def test_what_is_new_since_a_baseline_is_told(
    erpsync: Command, conflicting: AccessFiles, baseline: Path
) -> None:
    users = [holder("chen.jing", "keeper", "payer"), holder("lin.tao", "keeper", "payer", name="林涛")]
    conflicting.users(*users)
    ran = erpsync("check", "--access", conflicting, "--baseline", baseline, "--only", SOD)
    assert ran.code == 4
    assert "lin.tao" in ran.out
    assert "chen.jing" not in ran.out


def test_a_baseline_can_be_written_from_a_baseline(
    erpsync: Command, conflicting: AccessFiles, baseline: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.json"
    command = ("check", "--access", conflicting, "--only", SOD, "--baseline")
    erpsync(*command, baseline, "--format", "json", "-o", second)
    assert erpsync(*command, second).code == 0


def test_what_is_made_up_for_is_not_known_when_that_ends(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    mitigation = (
        "mitigations:\n  M1: {risks: [P01], users: [chen.jing], control: looks at it, owner: wu.lan, "
        "performer: wu.lan, valid_to: 2030-01-01, evidence: REP-7}\n"
    )
    access.write("policy.yaml", FILES.replace(": block", ": mitigate"))
    access.write("mitigations.yaml", mitigation)
    access.users(holder("chen.jing", "keeper", "payer"))
    file = tmp_path / "base.json"
    command = ("check", "--access", access, "--only", SOD)
    assert erpsync(*command, "--format", "json", "-o", file).code == 0
    assert erpsync(*command, "--baseline", file, "--as-of", "2030-01-02").code == 4


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file or directory"),
        ("not json", "not a baseline: it is not JSON"),
        ("[" * 100_000, "not a baseline: it is not JSON"),
        ("[]", "not a baseline of the format erpsync-findings/1"),
        ('{"format": "erpsync-plan/1"}', "not a baseline of the format erpsync-findings/1"),
        ('{"format": "erpsync-findings/1"}', "a baseline with findings that are none"),
        (
            '{"format": "erpsync-findings/1", "known": [], "findings": [1]}',
            "a baseline with findings that are none",
        ),
        (
            '{"format": "erpsync-findings/1", "known": [1], "findings": []}',
            "a baseline with findings that are none",
        ),
    ],
)
def test_a_baseline_that_is_none_is_refused(
    erpsync: Command, governed: AccessFiles, memory: MemoryErp, tmp_path: Path, content: str | None, why: str
) -> None:
    file = tmp_path / "base.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    for command in ("check", "validate"):
        ran = erpsync(command, "--access", governed, "--baseline", file)
        assert (ran.code, ran.out) == (4, "")
        assert f"base.json: {why}" in ran.err
        assert "hint: make one: erpsync check --format json -o FILE" in ran.err


# --- rules of its own, and of packages ----------------------------------------------------------------


def test_own_rules_are_held_against_everybody(
    erpsync: Command, governed: AccessFiles, memory: MemoryErp
) -> None:
    rule = "rules:\n  few: {title: Few, for: users, when: size(roles) > 0, message: '{name} has {roles}'}\n"
    governed.write("rules.yaml", rule)
    ran = erpsync("check", "--access", governed, "--only", "own/*")
    assert "record: 陈静 has keeper [own/few]" in ran.out


def test_a_broken_plug_in_ends_with_1(
    erpsync: Command, governed: AccessFiles, memory: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint

    entry = EntryPoint("acme", "no.such.module:RULES", plugins.GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    for command in ("check", "validate"):
        ran = erpsync(command, "--access", governed)
        assert (ran.code, ran.out) == (1, "")
        assert "rule plug-in 'acme': it cannot be loaded: ModuleNotFoundError" in ran.err


def test_a_conflict_made_by_hand_in_a_real_erp_is_found_and_gone_when_it_is(
    erpsync: Command, erp: Erp, live_access: AccessFiles
) -> None:
    login = erp.login("chen.jing")
    number = erp.create(login)
    erp.give(number, "Clerk")
    live_access.write("policy.yaml", FILES)
    live_access.users(holder(login, "keeper"))
    command = ("check", "--access", live_access, "--only", "sod-live/*")
    assert erpsync(*command).code == 0
    erp.give(number, "Planner")
    ran = erpsync(*command)
    assert ran.code == 4
    assert f"{login} (陈静) can pay a supplier he made up" in ran.out


# --- last login ---------------------------------------------------------------------------------------


class Used(MemoryErp):
    """An ERP that tells when an account was used last."""

    def last_logins(self, logins: Collection[str]) -> Mapping[str, date | None]:
        """Never, all of them."""
        return dict.fromkeys(logins)


def test_when_accounts_were_used_is_asked_of_readers_that_can_tell() -> None:
    assert last_logins(Used(), ["a"]) == {"a": None}
    assert last_logins(Used(), []) == {}
    assert last_logins(MemoryErp(), ["a"]) == {}
