"""``erpsync propose roles``: from assignments piece by piece to business roles."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.cli import written
from erpsync.cli.emergency_files import replace_file
from erpsync.errors import ExitCode
from erpsync.model import Account, Grant
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp

BUYERS = [f"b{number}" for number in range(6)]
KEEPERS = [f"k{number}" for number in range(10)]


def entry(key: str, position: str, *roles: str, more: str = "") -> str:
    """A user with assignments, one key a line."""
    items = "".join(f"      - {{role: {role}, reason: imported}}\n" for role in roles)
    return (
        f"  # {key} works here\n  {key}:\n    name: 陈静\n    department: purchasing\n"
        f"    position: {position}\n    type: dedicated\n{more}    assignments:\n{items}\n"
    )


@pytest.fixture
def crew(access: AccessFiles, memory: MemoryErp) -> AccessFiles:
    """Buyers who all hold the same, keepers of whom two lack something, and an ERP that has just that."""
    organisation = access.path / "organisation.yaml"
    text = organisation.read_text("utf-8").replace(
        "  buyer: {title: Buyer, title_zh: 采购员, department: purchasing, roles: [purchasing.buyer]}\n",
        "  buyer: {title: Buyer, title_zh: 采购员, department: purchasing}  # orders\n"
        "  keeper: {title: Keeper, title_zh: 仓管员, department: purchasing}\n",
    )
    organisation.write_text(text, "utf-8")
    users = [entry(key, "buyer", "purchasing.buyer", "purchasing.planner") for key in BUYERS]
    users += [entry(key, "keeper", "purchasing.lead", "purchasing.planner") for key in KEEPERS[:8]]
    users += [entry("k8", "keeper", "purchasing.lead"), entry("k9", "keeper", "purchasing.planner")]
    access.write("people.yaml", "users:\n" + "".join(users))
    memory.accounts.clear()
    for key in BUYERS:
        memory.put(Account(key, "陈静", grants=(Grant("Buyer"), Grant("Planner"))))
    for key in KEEPERS[:8]:
        memory.put(Account(key, "陈静", grants=(Grant("Buyer"), Grant("Clerk"), Grant("Planner"))))
    memory.put(Account("k8", "陈静", grants=(Grant("Buyer"), Grant("Clerk"))))
    memory.put(Account("k9", "陈静", grants=(Grant("Planner"),)))
    return access


def texts(access: AccessFiles) -> dict[str, str]:
    """Every file by its path below the directory."""
    return {
        path.relative_to(access.path).as_posix(): path.read_text("utf-8")
        for path in access.path.rglob("*.yaml")
    }


def test_what_is_proposed_is_told_with_its_reason_and_nothing_is_written(
    erpsync: Command, crew: AccessFiles
) -> None:
    before = texts(crew)
    ran = erpsync("propose", "roles", "--access", crew, "--as-of", "2026-11-22")
    assert ran.code == ExitCode.DONE
    assert ran.out == (
        "Roles for 2026-11-22: 2 roles proposed for 17 people; 30 assignments become 10\n"
        "\n"
        "job.buyer  Buyer  (high)\n"
        "  brings Buyer, Planner\n"
        "  covers 100 % of the 6 in position Buyer; 8 others hold it (k0, k1, k2, k3, k4, k5, k6, k7)\n"
        "  given by rule to all in position Buyer\n"
        "\n"
        "job.keeper  Keeper  (high)\n"
        "  brings Lead, Planner\n"
        "  covers 80 % of the 10 in position Keeper; 2 lack it (k8, k9)\n"
        "  assigned to 8 people who hold all of it today\n"
        "\n"
        "Left as direct assignments\n"
        "  Lead: 1 person (k8)\n"
        "  Planner: 1 person (k9)\n"
        "\n"
        "No functions of roles are declared, so conflicts inside a role cannot be seen: "
        "docs/separation-of-duties.md\n"
        "Nothing was written. --write puts it into the access files, for a pull request.\n"
    )
    assert texts(crew) == before


def test_what_is_written_changes_nobodys_access_and_keeps_every_comment(
    erpsync: Command, crew: AccessFiles
) -> None:
    assert erpsync("plan", "--access", crew, "--detailed-exitcode").code == ExitCode.DONE
    ran = erpsync("propose", "roles", "--access", crew, "--as-of", "2026-11-22", "--write")
    assert ran.code == ExitCode.DONE, ran.err
    assert "Proved: nobody's access changes." in ran.out
    plan = erpsync("plan", "--access", crew, "--detailed-exitcode")
    assert plan.code == ExitCode.DONE
    assert erpsync("validate", "--access", crew).code == ExitCode.DONE
    after = texts(crew)
    assert all(f"  # {key} works here\n" in after["people.yaml"] for key in (*BUYERS, *KEEPERS))
    organisation = after["organisation.yaml"]
    assert "department: purchasing, roles: [job.buyer]}  # orders\n" in organisation
    assert after["roles/proposed.yaml"].startswith(
        "# Business roles, proposed from who holds what. "
        "Each brings together what was assigned piece by piece.\n"
        "# Read why above each, and give it a title that people use, an owner, a subsystem and a risk.\n"
        "roles:\n"
        "  # covers 100 % of the 6 in position Buyer; 8 others hold it (k0, k1, k2, k3, k4, k5, k6, k7)\n"
        "  # given by rule to all in position Buyer\n"
        "  job.buyer:\n"
        "    title: Buyer\n"
        "    title_zh: 采购员\n"
        "    subsystem: materials\n"
        "    owner: wu.lan\n"
        "    risk: high\n"
        "    includes: [purchasing.buyer, purchasing.planner]\n"
    )


def test_a_second_time_there_is_nothing_to_propose(erpsync: Command, crew: AccessFiles) -> None:
    erpsync("propose", "roles", "--access", crew, "--write")
    before = texts(crew)
    ran = erpsync("propose", "roles", "--access", crew, "--write")
    assert "No role saves enough." in ran.out
    assert texts(crew) == before


def test_more_proposals_later_stand_beside_the_first(erpsync: Command, crew: AccessFiles) -> None:
    erpsync("propose", "roles", "--access", crew, "--write", "--most-roles", "1")
    ran = erpsync("propose", "roles", "--access", crew, "--write")
    assert ran.code == ExitCode.DONE, ran.err
    roles = texts(crew)["roles/proposed.yaml"]
    assert "  # covers 100 % of the 6 in position Buyer" in roles
    assert "  job.keeper:\n" in roles
    assert erpsync("plan", "--access", crew, "--detailed-exitcode").code == ExitCode.DONE


def test_with_extra_allowed_it_says_who_gets_what(erpsync: Command, crew: AccessFiles) -> None:
    ran = erpsync("propose", "roles", "--access", crew, "--allow-extra", "--coverage", "80", "--write")
    assert ran.code == ExitCode.DONE, ran.err
    assert "  new for k8: Planner\n" in ran.out
    assert "Proved" not in ran.out
    plan = erpsync("plan", "--access", crew, "--detailed-exitcode")
    assert plan.code == ExitCode.CHANGES
    assert "+ grant Planner" in plan.out


def test_titles_and_reasons_can_be_chinese(erpsync: Command, crew: AccessFiles) -> None:
    out = erpsync("propose", "roles", "--access", crew, "--as-of", "2026-11-22", "--lang", "zh").out
    assert out.startswith(
        "角色建议 2026-11-22: 17 人，建议 2 个角色；授权 30 条减为 10 条\n\njob.buyer  采购员  (high)\n"
    )
    assert "  覆盖岗位 仓管员 10 人中的 80 %；2 人缺少：k8, k9\n" in out


def test_as_markdown_it_is_the_body_of_a_pull_request(erpsync: Command, crew: AccessFiles) -> None:
    out = erpsync("propose", "roles", "--access", crew, "--as-of", "2026-11-22", "--format", "markdown").out
    assert out.startswith("### Roles proposed for 2026-11-22\n\n**2 roles proposed for 17 people;")
    assert "- **job.buyer  Buyer  (high)**: brings Buyer, Planner\n  - covers 100 %" in out
    assert "Left as direct assignments:\n\n- Lead: 1 person (k8)\n" in out


def test_when_it_breaks_off_nothing_is_left_behind(
    erpsync: Command, crew: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(crew)
    calls: list[Path] = []

    def breaks(path: Path, text: str) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        replace_file(path, text)

    monkeypatch.setattr(written, "replace_file", breaks)
    assert erpsync("propose", "roles", "--access", crew, "--write").code == ExitCode.INTERRUPTED
    assert texts(crew) == before
    assert not (crew.path / "roles").exists()


def test_what_would_change_somebodys_access_is_not_written(
    erpsync: Command, crew: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(crew)

    def spoilt(path: Path, text: str) -> None:
        replace_file(path, text.replace("includes: [purchasing.buyer, ", "includes: ["))

    monkeypatch.setattr(written, "replace_file", spoilt)
    ran = erpsync("propose", "roles", "--access", crew, "--write")
    assert ran.code == ExitCode.REFUSED
    assert "the access of b0, b1" in ran.err
    assert texts(crew) == before
