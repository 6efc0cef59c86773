"""``erpsync drift --adopt`` and ``erpsync drift --revert``."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from erpsync.cli import adopting, written
from erpsync.cli.emergency_files import replace_file
from erpsync.connectors import registry
from erpsync.model import Account, Grant, LastChange
from tests.cli.conftest import Command, MemoryConnector
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp

PEOPLE = """\
# The buyers.
users:
  # 采购员
  chen.jing:
    name: 陈静  # Chen Jing
    department: purchasing
    position: buyer
    type: dedicated

  lin.tao: {name: 林涛, department: purchasing, position: buyer, type: dedicated}  # the second
"""


class TracedErp(MemoryErp):
    """Knows who changed each account last."""

    def last_changes(self, logins: Collection[str]) -> Mapping[str, LastChange]:
        """Always the same person and time."""
        return {
            login: LastChange("何琪 (he.qi)", datetime(2026, 11, 20, 1, 14, tzinfo=UTC)) for login in logins
        }


@pytest.fixture
def drifted(access: AccessFiles, monkeypatch: pytest.MonkeyPatch, credentials: None) -> MemoryErp:
    """An ERP in which chen.jing was given a role and lin.tao lost one."""
    erp = TracedErp()
    connector = MemoryConnector(erp)
    monkeypatch.setattr(registry, "find_connector", lambda _: connector)
    access.write("people.yaml", PEOPLE)
    erp.put(Account("wu.lan", "吴兰", active=False))
    erp.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"), Grant("Planner"))))
    erp.put(Account("lin.tao", "林涛"))
    return erp


def people(access: AccessFiles) -> str:
    return (access.path / "people.yaml").read_bytes().decode()


def test_what_the_erp_has_is_written_and_everything_else_stays(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    (access.path / "people.yaml").chmod(0o640)
    ran = erpsync(
        "drift", "--adopt", "--request", "REQ-2026-0500", "--access", access, "--as-of", "2026-11-22"
    )
    assert ran.code == 3
    reason = "adopted from the ERP, changed there by 何琪 (he.qi) on 2026-11-20 09:14"
    added = (
        "    assignments:\n"
        "      - role: purchasing.planner\n"
        f'        reason: "{reason}"\n'
        "        request: REQ-2026-0500\n"
    )
    start, end = PEOPLE.split("\n\n")
    assert people(access).replace('"', "") == f"{start}\n{added}\n{end}".replace('"', "")
    assert (access.path / "people.yaml").stat().st_mode & 0o777 == 0o640
    assert drifted.written == []


def test_it_is_told_what_was_adopted_from_whom_what_not_and_what_comes_next(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    file = access.path / "people.yaml"
    ran = erpsync("drift", "--adopt", "--access", access, "--as-of", "2026-11-22")
    assert ran.out == (
        "Drift for 2026-11-22: 1 of 2 differences adopted\n"
        "\n"
        f"{file}:4  chen.jing in erp\n"
        "  + holds Planner\n"
        "    changed there by 何琪 (he.qi) on 2026-11-20 09:14\n"
        "\n"
        "Not adopted\n"
        "  lin.tao in erp lacks Buyer: position buyer gives it; change that, or revert it\n"
        "\n"
        "Next:\n"
        f"  git diff {access}, and read what git would say now\n"
        "  commit it, and open a pull request; --format markdown writes its text\n"
        f"  or keep git as it was: git restore {file}\n"
        "To undo in the ERP what is not adopted: erpsync drift --revert FILE\n"
    )


def test_what_was_adopted_is_no_drift_any_more(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    erpsync("drift", "--adopt", "--access", access)
    assert "holds Planner" not in erpsync("drift", "--access", access).out
    drifted.put(Account("lin.tao", "林涛", grants=(Grant("Buyer"),)))
    assert erpsync("drift", "--access", access).code == 0


def test_as_markdown_it_is_the_body_of_a_pull_request(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    ran = erpsync("drift", "--adopt", "--access", access, "--as-of", "2026-11-22", "--format", "markdown")
    assert ran.code == 3
    assert ran.out.startswith("### Access drift adopted for 2026-11-22\n\n**1 of 2 differences adopted**\n")
    assert "- **chen.jing** in erp (" in ran.out
    assert "  - holds Planner\n  - changed there by 何琪 (he.qi) on 2026-11-20 09:14\n" in ran.out
    assert "\nNot adopted:\n\n- lin.tao in erp lacks Buyer: position buyer gives it" in ran.out


def test_without_drift_nothing_is_written(erpsync: Command, access: AccessFiles, memory: MemoryErp) -> None:
    memory.put(Account("wu.lan", "吴兰", active=False))
    before = sorted((path, path.stat().st_mtime_ns) for path in access.path.iterdir())
    ran = erpsync("drift", "--adopt", "--access", access, "--as-of", "2026-11-22")
    assert (ran.code, ran.out) == (0, "Drift for 2026-11-22: no drift\n")
    assert sorted((path, path.stat().st_mtime_ns) for path in access.path.iterdir()) == before
    assert "no drift" in erpsync("drift", "--adopt", "--access", access, "--format", "markdown").out


def test_of_a_recorded_target_nobody_knows_who_it_was(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, tmp_path: Path
) -> None:
    live = tmp_path / "live.json"
    erpsync("snapshot", "erp", "--access", access, "-o", live)
    ran = erpsync("drift", "--adopt", "--access", access, "--live", live)
    assert ran.code == 3
    assert "changed there by" not in ran.out
    assert "reason: adopted from the ERP\n" in people(access)


def test_an_account_that_git_does_not_know_is_told_where_it_counts(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    settings = (access.path / "erpsync.yaml").read_text(encoding="utf-8")
    access.write("erpsync.yaml", settings.replace('{accounts: report, ignore: ["*"]}', "{accounts: drift}"))
    drifted.put(Account("stranger", "Stranger"))
    ran = erpsync("drift", "--adopt", "--access", access)
    assert "1 of 3 differences adopted" in ran.out
    assert "  stranger in erp: git does not know it; declare a user, or ignore it\n" in ran.out


def test_who_was_locked_in_an_emergency_stays_locked(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    before = people(access)
    erpsync("emergency", "lock", "--user", "chen.jing", "--reason", "laptop stolen", "--approver", "wu.lan",
            "--access", access)  # fmt: skip
    for file in (access.path / "emergencies").iterdir():
        file.unlink()
    access.write("people.yaml", before)
    drifted.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"),)))
    ran = erpsync("drift", "--adopt", "--access", access)
    assert "chen.jing in erp can still log in: locked in an emergency that is not merged yet" in ran.out
    assert people(access) == before


def test_a_person_whose_name_is_very_long_is_cut_so_that_the_reason_fits(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = LastChange("何琪\n" * 400, datetime(2026, 11, 20, 1, 14, tzinfo=UTC))
    monkeypatch.setattr(drifted, "last_changes", lambda logins: dict.fromkeys(logins, last))
    ran = erpsync("drift", "--adopt", "--access", access)
    assert "  + holds Planner\n" in ran.out
    assert "changed there by 何琪 何琪 何琪" in people(access)


# --- all of it or nothing ----------------------------------------------------------------------------------


def test_a_role_with_a_longest_duration_is_not_given_without_end(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    organisation = (access.path / "organisation.yaml").read_text(encoding="utf-8")
    access.write("organisation.yaml", organisation.replace("    risk: high\n", "    max_duration: 90d\n"))
    ran = erpsync("drift", "--adopt", "--access", access)
    assert "holds Planner: role purchasing.planner needs both days, at most 90 of them" in ran.out
    assert people(access) == PEOPLE


def test_when_the_files_would_not_be_valid_everything_is_put_back(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "_longest", lambda _: {})
    organisation = (access.path / "organisation.yaml").read_text(encoding="utf-8")
    access.write("organisation.yaml", organisation.replace("    risk: high\n", "    max_duration: 90d\n"))
    ran = erpsync("drift", "--adopt", "--access", access)
    assert ran.code == 4
    assert "what the ERP has cannot be declared, so the files are as they were. They would say:" in ran.err
    assert "people.yaml:10:9: role 'purchasing.planner' may be given for at most 90 days" in ran.err
    assert people(access) == PEOPLE


def test_when_the_result_does_not_agree_with_the_erp_everything_is_put_back(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(path: Path, text: str) -> None:
        replace_file(path, text.replace("role: purchasing.planner", "role: purchasing.buyer"))

    monkeypatch.setattr(written, "replace_file", spoilt)
    ran = erpsync("drift", "--adopt", "--access", access)
    assert ran.code == 4
    assert "the files would not say what the ERP has of chen.jing" in ran.err
    assert people(access) == PEOPLE


@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "b.yaml"), KeyboardInterrupt()])
def test_when_a_file_cannot_be_written_those_before_it_are_put_back(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, monkeypatch: pytest.MonkeyPatch, error: Any
) -> None:
    access.write("people.yaml", PEOPLE.split("\n\n")[0] + "\n")
    access.write("second.yaml", "users:\n" + PEOPLE.split("\n\n")[1])
    drifted.put(Account("lin.tao", "林涛涛", grants=(Grant("Buyer"),)))
    before = {path: path.read_bytes() for path in access.path.iterdir()}

    def full(path: Path, text: str) -> None:
        if path.name == "second.yaml":
            raise error
        replace_file(path, text)

    monkeypatch.setattr(written, "replace_file", full)
    ran = erpsync("drift", "--adopt", "--access", access)
    assert ran.code in (1, 130)
    assert {path: path.read_bytes() for path in access.path.iterdir()} == before
    if isinstance(error, OSError):
        assert "b.yaml: cannot be written: No space left on device; all files are as they were" in ran.err


def test_a_file_that_goes_away_meanwhile_is_an_error(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    drifted.on_read[1] = (access.path / "people.yaml").unlink
    ran = erpsync("drift", "--adopt", "--access", access)
    assert ran.code == 1
    assert "people.yaml: cannot be read: No such file or directory" in ran.err


def test_an_entry_that_cannot_be_edited_is_left_out_and_the_others_are_written(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from erpsync import yaml_edit

    drifted.put(Account("lin.tao", "林涛涛", grants=(Grant("Buyer"),)))
    real = yaml_edit.edit

    def picky(text: str, edits: Any, name: str) -> str:
        wanted = list(edits)
        if any(change.path[1] == "lin.tao" for change in wanted):
            raise yaml_edit.EditError("the edit cannot be made", where=name)
        return real(text, wanted, name)

    monkeypatch.setattr(yaml_edit, "edit", picky)
    ran = erpsync("drift", "--adopt", "--access", access)
    assert "lin.tao in erp name is 林涛涛, declared 林涛: the edit cannot be made" in ran.out
    assert "  + holds Planner\n" in ran.out
    assert "林涛涛" not in people(access)


def test_a_file_of_which_nothing_can_be_written_is_left_alone(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from erpsync import yaml_edit

    def never(text: str, edits: Any, name: str) -> str:
        raise yaml_edit.EditError(
            f"{len(list(edits))} edits cannot be made in {len(text)} characters", where=name
        )

    monkeypatch.setattr(yaml_edit, "edit", never)
    ran = erpsync("drift", "--adopt", "--access", access)
    assert "0 of 2 differences adopted" in ran.out
    assert "Next:" not in ran.out
    assert people(access) == PEOPLE


def test_files_with_errors_are_refused_before_anything_is_read(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp
) -> None:
    access.write("people.yaml", PEOPLE.replace("position: buyer", "position: byer"))
    ran = erpsync("drift", "--adopt", "--access", access)
    assert ran.code == 4
    assert drifted.reads == 0


# --- the other answer ---------------------------------------------------------------------------------------


def test_revert_saves_the_plan_that_undoes_the_drift_and_writes_nothing(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "back.json"
    ran = erpsync("drift", "--revert", file, "--access", access)
    assert ran.code == 3
    assert "holds Planner" in ran.out
    assert ran.err == f"Saved. To undo the drift, review it, then: erpsync apply {file}\n"
    assert drifted.written == []
    assert people(access) == PEOPLE
    assert erpsync("apply", file, "--access", access).code == 0
    assert erpsync("drift", "--access", access).code == 0


def test_drift_that_may_not_be_undone_is_told_and_nothing_is_saved(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, tmp_path: Path
) -> None:
    access.settings(manage="{accounts: observe}")
    file = tmp_path / "back.json"
    ran = erpsync("drift", "--revert", file, "--access", access, "--format", "json")
    assert ran.code == 3
    assert json.loads(ran.out)["targets"]
    assert ran.err == "Nothing saved: erpsync may undo none of it, see why above.\n"
    assert not file.exists()


def test_without_drift_there_is_nothing_to_revert(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    memory.put(Account("wu.lan", "吴兰", active=False))
    ran = erpsync("drift", "--revert", tmp_path / "back.json", "--access", access)
    assert (ran.code, ran.err) == (0, "")
    assert not (tmp_path / "back.json").exists()


def test_a_revert_over_a_limit_is_refused_as_its_plan_would_be(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, tmp_path: Path
) -> None:
    access.settings(extra="    limits: {revoke: {count: 0}}\n")
    ran = erpsync("drift", "--revert", tmp_path / "back.json", "--access", access)
    assert ran.code == 4
    assert "the plan goes over a limit" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--adopt", "--revert", "back.json"], "--adopt keeps the drift and --revert undoes it"),
        (["--request", "REQ-1"], "--request is for the assignments that --adopt writes"),
        (["--adopt", "--format", "json"], "what is adopted is told as text or markdown"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    erpsync: Command, access: AccessFiles, drifted: MemoryErp, arguments: list[str], message: str
) -> None:
    ran = erpsync("drift", "--access", access, *arguments)
    assert ran.code == 2
    assert message in ran.err
    assert drifted.reads == 0
