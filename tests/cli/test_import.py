"""``erpsync import``: from an ERP that is full to access files that say the same."""

from __future__ import annotations

import hashlib
import json
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from erpsync.cli import written
from erpsync.cli.emergency_files import replace_file
from erpsync.errors import ExitCode
from erpsync.model import Account, Grant
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp

PEOPLE = """\
# The buyers.
users:

  # she stays first
  zhao.min: {name: 赵敏, department: purchasing, type: dedicated, position: buyer}

  chen.jing:   # 采购员
    name: '陈静'
    department: purchasing
    position: buyer
    type: dedicated
"""


@pytest.fixture
def full(memory: MemoryErp) -> MemoryErp:
    """An ERP in use: people, a machine, the administrator, one without a name."""
    memory.accounts.clear()
    memory.put(Account("admin", "Administrator", grants=(Grant("Staff"),)))
    memory.put(
        Account(
            "chen.jing", "陈静", email="chen.jing@huaxin.example", grants=(Grant("Buyer"), Grant("Staff"))
        )
    )
    memory.put(Account("lin.tao", "林涛", active=False, grants=(Grant("Buyer"),)))
    memory.put(
        Account(
            "陆佳", "陆佳", language="zh_CN", scope={"company": ("Huaxin Trading",)}, grants=(Grant("Staff"),)
        )
    )
    memory.put(Account("svc.mes", "MES", grants=(Grant("Planner"),)))
    memory.put(Account("nameless", "", grants=(Grant("Clerk"),)))
    return memory


@pytest.fixture
def fresh(tmp_path: Path, erpsync: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository as ``erpsync init`` makes it, and the directory one works in."""
    erpsync("init", tmp_path / "our-access")
    monkeypatch.chdir(tmp_path / "our-access")
    return Path("access")


def state(folder: Path) -> dict[str, str]:
    """A digest of every file, and every folder, below a folder."""
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }


def test_from_init_to_an_empty_plan(erpsync: Command, full: MemoryErp, fresh: Path) -> None:
    ran = erpsync("import", "erp")
    assert ran.code == ExitCode.DONE, ran.err
    assert sorted(name for name, kind in state(fresh).items() if kind != "folder") == [
        "access/erpsync.yaml",
        "access/organisation.yaml",
        "access/roles/erp.yaml",
        "access/users/technical-accounts.yaml",
        "access/users/unsorted.yaml",
    ]
    assert erpsync("validate").code == ExitCode.DONE
    assert erpsync("plan", "--detailed-exitcode").code == ExitCode.DONE
    assert erpsync("drift").code == ExitCode.DONE
    assert full.written == []


def test_nothing_would_change_even_if_everything_were_enforced(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    erpsync("import", "erp")
    settings = fresh / "erpsync.yaml"
    settings.write_text(settings.read_text("utf-8").replace(": observe", ": enforce"), "utf-8")
    plan = erpsync("plan", "--detailed-exitcode")
    assert plan.code == ExitCode.DONE
    assert "nameless" in plan.out


def test_it_says_what_was_written_left_out_and_is_to_be_filled_in(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    out = erpsync("import", "erp", "--as-of", "2026-11-22").out
    assert out.startswith(
        "erp on 2026-11-22: 4 of 5 accounts that git did not know imported, with 3 new roles\n"
    )
    assert "4 users, 1 of them technical and 1 locked, with 5 assignments\n" in out
    assert (
        "access/users/purchasing.yaml: removed, an example of erpsync init that nobody had changed\n" in out
    )
    assert "  nameless: has no name\n" in out
    assert "  陆佳: cannot be a key, or is one already: the user is account-1\n" in out
    assert "owner and purpose of 1 technical account; now they are with to-be-named\n" in out
    assert "nobody holds 1 entitlement of the ERP" in out
    told = json.loads(erpsync("import", "erp", "--format", "json").out)
    assert told["left_out"] == [{"login": "nameless", "why": "has no name"}]
    markdown = erpsync("import", "erp", "--format", "markdown").out
    assert "- nameless: has no name\n" in markdown
    assert "nothing" not in markdown


def test_every_file_is_commented_and_sorted_and_leaves_defaults_out(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    erpsync("import", "erp", "--as-of", "2026-11-22")
    assert (fresh / "users" / "unsorted.yaml").read_text("utf-8") == (
        "# Users of target erp, imported on 2026-11-22, with what they hold there.\n"
        "# Fill in department, position and employee_no where they are missing: the rules work by them.\n"
        "# Whoever should not have a role any more: remove the assignment. Who has left: status: left.\n"
        "\n"
        "users:\n"
        "  account-1:\n"
        "    name: 陆佳\n"
        "    language: zh_CN\n"
        "    department: unsorted\n"
        "    type: dedicated\n"
        "    logins: {erp: 陆佳}\n"
        "    scope: {company: [Huaxin Trading]}\n"
        "    assignments:\n"
        "      - role: staff\n"
        "        reason: held in erp on 2026-11-22 when it was imported\n"
        "  chen.jing:\n"
        "    name: 陈静\n"
        "    email: chen.jing@huaxin.example\n"
        "    department: unsorted\n"
        "    type: dedicated\n"
        "    assignments:\n"
        "      - role: buyer\n"
        "        reason: held in erp on 2026-11-22 when it was imported\n"
        "      - role: staff\n"
        "        reason: held in erp on 2026-11-22 when it was imported\n"
        "  lin.tao:\n"
        "    name: 林涛\n"
        "    department: unsorted\n"
        "    type: dedicated\n"
        "    status: locked\n"
        "    assignments:\n"
        "      - role: buyer\n"
        "        reason: held in erp on 2026-11-22 when it was imported\n"
    )


def test_a_second_time_nothing_is_written(erpsync: Command, full: MemoryErp, fresh: Path) -> None:
    erpsync("import", "erp")
    before = state(fresh)
    ran = erpsync("import", "erp")
    assert "0 of 1 account that git did not know imported" in ran.out
    assert state(fresh) == before


def test_when_git_knows_everything_it_says_so(erpsync: Command, memory: MemoryErp, fresh: Path) -> None:
    memory.accounts.clear()
    before = state(fresh)
    assert "nothing is new" in erpsync("import", "erp").out
    assert state(fresh) == before


def test_a_grown_repository_gets_only_what_is_new_and_keeps_every_byte(
    erpsync: Command, full: MemoryErp, access: AccessFiles
) -> None:
    access.write("people.yaml", PEOPLE)
    access.settings(manage="{accounts: observe}")
    settings = (access.path / "erpsync.yaml").read_text("utf-8")
    access.write("erpsync.yaml", settings.replace('ignore: ["*"]', "ignore: [nobody]"))
    full.put(Account("he.qi", "何琪", grants=(Grant("Buyer"),)))
    before = {path: path.read_text("utf-8") for path in access.path.iterdir()}
    ran = erpsync("import", "erp", "--access", access, "--owner", "wu.lan")
    assert ran.code == ExitCode.DONE, ran.err
    for path, text in before.items():
        if path.name != "organisation.yaml":
            assert path.read_text("utf-8") == text
    organisation = (access.path / "organisation.yaml").read_text("utf-8")
    for line in before[access.path / "organisation.yaml"].splitlines():
        assert line in organisation
    users = (access.path / "users" / "unsorted.yaml").read_text("utf-8")
    assert "  he.qi:\n" in users
    assert "role: purchasing.buyer" in users
    assert "chen.jing" not in users
    # What is declared already and differs is drift, and not for an import to mend.
    assert "2 declared users are not as the ERP has them" in ran.out


def test_new_entries_stand_among_the_old_ones_and_hand_edits_stay(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    erpsync("import", "erp", "--as-of", "2026-11-22")
    file = fresh / "users" / "unsorted.yaml"
    edited = file.read_text("utf-8").replace("  chen.jing:\n", "\n  # our best buyer\n  chen.jing:  # 采购\n")
    file.write_text(edited, "utf-8")
    full.put(Account("ba.jin", "巴金", grants=(Grant("Buyer"),)))
    full.put(Account("zhu.gang", "朱刚", grants=(Grant("Staff"),)))
    erpsync("import", "erp", "--as-of", "2026-11-23")
    text = file.read_text("utf-8")
    keys = [line.strip(" :") for line in text.splitlines() if line.startswith("  ") and line[2] not in " #"]
    assert [key.partition(":")[0] for key in keys] == [
        "account-1",
        "ba.jin",
        "chen.jing",
        "lin.tao",
        "zhu.gang",
    ]
    moves = SequenceMatcher(None, edited.splitlines(), text.splitlines(), autojunk=False).get_opcodes()
    assert {move[0] for move in moves} == {"equal", "insert"}


def test_examples_of_init_that_somebody_changed_are_files_like_any_other(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    file = fresh / "users" / "purchasing.yaml"
    file.write_text(file.read_text("utf-8") + "# ours\n", "utf-8")
    ran = erpsync("import", "erp")
    assert ran.code == ExitCode.DONE, ran.err
    assert file.exists()
    assert (fresh / "roles" / "materials.yaml").exists()


def test_examples_that_something_refers_to_stay(erpsync: Command, full: MemoryErp, fresh: Path) -> None:
    (fresh / "more.yaml").write_text(
        "roles: {planner: {title: P, subsystem: materials, owner: wu.lan, entitlements: {erp: [Planner]}}}\n",
        "utf-8",
    )
    assert erpsync("import", "erp").code == ExitCode.DONE
    assert (fresh / "users" / "purchasing.yaml").exists()
    assert "role: planner" in (fresh / "users" / "technical-accounts.yaml").read_text("utf-8")


def test_a_recorded_target_is_imported_without_the_erp(
    erpsync: Command, full: MemoryErp, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = tmp_path / "live.json"
    erpsync("snapshot", "erp", "-o", live)
    monkeypatch.delenv("ERP_PASSWORD")
    assert erpsync("import", "erp", "--live", live).code == ExitCode.DONE
    assert erpsync("plan", "--live", live, "--detailed-exitcode").code == ExitCode.DONE
    ran = erpsync("import", "nope", "--live", live)
    assert (ran.code, "hint: name the target erp\n" in ran.err) == (ExitCode.USAGE, True), ran.err


def test_people_of_a_second_target_get_what_they_hold_there_beside_the_first(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    settings = fresh / "erpsync.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text + text[text.index("  erp:") :].replace("  erp:", "  crm:"), "utf-8")
    assert erpsync("import", "erp").code == ExitCode.DONE
    before = (fresh / "users" / "unsorted.yaml").read_text("utf-8")
    ran = erpsync("import", "crm")
    assert ran.code == ExitCode.DONE, ran.err
    assert "3 users whom git knew from another target, with what they hold in this one\n" in ran.out
    assert erpsync("plan", "--detailed-exitcode").code == ExitCode.DONE
    assert erpsync("drift").code == ExitCode.DONE
    after = (fresh / "users" / "unsorted.yaml").read_text("utf-8")
    assert "      - role: buyer.crm\n" in after or "      - role: buyer-2\n" in after
    assert all(line in after for line in before.splitlines())


def test_applying_the_plan_right_after_writes_nothing(erpsync: Command, full: MemoryErp, fresh: Path) -> None:
    erpsync("import", "erp")
    settings = fresh / "erpsync.yaml"
    settings.write_text(settings.read_text("utf-8").replace(": observe", ": enforce"), "utf-8")
    assert erpsync("plan", "-o", "plan.json").code == ExitCode.DONE
    assert erpsync("apply", "plan.json").code == ExitCode.DONE
    assert full.written == []


# --- all of it or nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("raised", [KeyboardInterrupt, OSError(28, "No space left on device", "x")])
def test_when_it_breaks_off_nothing_is_left_behind(
    erpsync: Command, full: MemoryErp, fresh: Path, monkeypatch: pytest.MonkeyPatch, raised: Any
) -> None:
    before = state(fresh)
    calls: list[Path] = []

    def breaks(path: Path, text: str) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise raised
        replace_file(path, text)

    monkeypatch.setattr(written, "replace_file", breaks)
    ran = erpsync("import", "erp")
    assert ran.code in (ExitCode.INTERRUPTED, ExitCode.ERROR)
    assert state(fresh) == before


def test_a_file_that_somebody_changes_meanwhile_is_not_overwritten(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    def somebody_edits() -> None:
        (fresh / "erpsync.yaml").write_text(settings + "# mine\n", "utf-8")

    settings = (fresh / "erpsync.yaml").read_text("utf-8")
    full.put(Account("root", "Root", grants=(Grant("Staff"),)))
    full.on_read[1] = somebody_edits
    ran = erpsync("import", "erp")
    assert ran.code == ExitCode.ERROR
    assert "erpsync.yaml: has been changed in the meantime, so nothing was written" in ran.err
    assert (fresh / "erpsync.yaml").read_text("utf-8").endswith("# mine\n")
    assert not (fresh / "roles" / "erp.yaml").exists()


# --- as a new user gets it wrong ---------------------------------------------------------------------------


def test_a_target_that_is_not_declared_is_named(erpsync: Command, full: MemoryErp, fresh: Path) -> None:
    ran = erpsync("import", "epr")
    assert ran.code == ExitCode.USAGE
    assert "no target 'epr' is declared" in ran.err


def test_files_that_are_not_valid_are_told_first(erpsync: Command, full: MemoryErp, fresh: Path) -> None:
    (fresh / "more.yaml").write_text("users: {x: {nam: X}}\n", "utf-8")
    before = state(fresh)
    ran = erpsync("import", "erp")
    assert ran.code == ExitCode.REFUSED
    assert "more.yaml:1" in ran.err
    assert state(fresh) == before


def test_without_a_directory_it_says_how_to_make_one(erpsync: Command, tmp_path: Path) -> None:
    ran = erpsync("import", "erp", "--access", tmp_path / "nowhere")
    assert ran.code == ExitCode.USAGE
    assert "erpsync init" in ran.err


def test_names_from_the_erp_cannot_write_to_the_terminal(
    erpsync: Command, full: MemoryErp, fresh: Path
) -> None:
    full.put(Account("evil\x1b[2J", "x\u202ey", grants=(Grant("group:\x1b[31m"),)))
    out = erpsync("import", "erp").out
    assert "\x1b" not in out
    assert "evil\\x1b[2J" in out
