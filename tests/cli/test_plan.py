"""``erpsync plan``."""

from __future__ import annotations

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from erpsync.model import Account, Grant
from erpsync.schema import load_schema
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import MemoryErp, broken


def test_a_plan_shows_who_gets_what_and_why(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    ran = erpsync("plan", "--access", company)
    assert (ran.code, ran.err) == (0, "")
    assert "chen.jing (陈静)" in ran.out
    assert "+ create the account" in ran.out
    assert "+ grant Buyer" in ran.out
    assert "position buyer" in ran.out
    assert memory.written == []


def test_nothing_to_do_is_said_so(erpsync: Command, access: AccessFiles, memory: MemoryErp) -> None:
    memory.put(Account("wu.lan", "吴兰", active=False))
    ran = erpsync("plan", "--access", access)
    assert ran.code == 0
    assert "no changes" in ran.out


@pytest.mark.parametrize(("holds", "code"), [((), 3), ((Grant("Buyer"),), 0)])
def test_the_detailed_exit_code_is_3_only_where_something_changes(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, holds: tuple[Grant, ...], code: int
) -> None:
    memory.put(Account("wu.lan", "吴兰", active=False))
    memory.put(Account("chen.jing", "陈静", grants=holds))
    assert erpsync("plan", "--access", company, "--detailed-exitcode").code == code
    assert erpsync("plan", "--access", company).code == 0


def test_a_saved_plan_is_private_valid_and_says_how_to_go_on(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    ran = erpsync("plan", "--access", company, "-o", file)
    assert ran.out.endswith(f"\nSaved. To do exactly this: erpsync apply {file}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    document = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(load_schema("plan")).validate(document)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["plan.json"]


def test_a_saved_plan_replaces_an_older_one(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    assert erpsync("plan", "--access", company, "--output", file).code == 0
    assert file.read_text(encoding="utf-8").startswith("{")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("where", ["missing/plan.json", "."])
def test_a_plan_that_cannot_be_saved_ends_with_1_and_leaves_nothing_behind(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path, where: str
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    ran = erpsync("plan", "--access", company, "-o", target / where)
    assert ran.code == 1
    assert "cannot be written: " in ran.err
    assert list(target.iterdir()) == []


def test_a_plan_as_json_is_the_document_itself(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    document = json.loads(erpsync("plan", "--access", company, "--format", "json").out)
    assert document["format"] == "erpsync-plan/1"
    assert [change["login"] for change in document["targets"][0]["accounts"]] == ["wu.lan", "chen.jing"]


def test_a_plan_as_markdown_is_for_a_pull_request(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    ran = erpsync("plan", "--access", company, "--format", "markdown")
    assert ran.code == 0
    assert ran.out.startswith("### Access plan for ")


def test_a_plan_for_another_day_has_what_holds_then(
    erpsync: Command, access: AccessFiles, memory: MemoryErp
) -> None:
    access.users(buyer("chen.jing", more=", valid_from: 2030-01-01, valid_to: 2030-12-31"))
    assert "chen.jing" not in erpsync("plan", "--access", access, "--as-of", "2029-12-31").out
    ran = erpsync("plan", "--access", access, "--as-of", "2030-06-01")
    assert ran.out.startswith("Plan for 2030-06-01")
    assert "+ grant Buyer, until 2030-12-31" in ran.out


def test_a_recorded_target_is_planned_without_any_credentials(
    erpsync: Command, company: AccessFiles, live_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ERP_PASSWORD")
    ran = erpsync("plan", "--access", company, "--live", live_file)
    assert ran.code == 0
    assert "+ grant Buyer" in ran.out


def test_a_recording_of_another_target_is_wrong_usage(
    erpsync: Command, company: AccessFiles, live_file: Path
) -> None:
    document = json.loads(live_file.read_text(encoding="utf-8"))
    live_file.write_text(json.dumps({**document, "target": "other"}), encoding="utf-8")
    ran = erpsync("plan", "--access", company, "--live", live_file)
    assert ran.code == 2
    assert "no target 'other' is declared" in ran.err


def test_a_recording_that_is_none_is_refused(erpsync: Command, company: AccessFiles, tmp_path: Path) -> None:
    ran = erpsync("plan", "--access", company, "--live", tmp_path / "missing.json")
    assert ran.code == 4
    assert "missing.json: cannot be read: No such file or directory" in ran.err


def test_a_chosen_target_that_is_not_the_recorded_one_is_wrong_usage(
    erpsync: Command, company: AccessFiles, live_file: Path
) -> None:
    text = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    company.write("erpsync.yaml", text + text[text.index("  erp:") :].replace("  erp:", "  crm:"))
    ran = erpsync("plan", "--access", company, "--live", live_file, "--target", "crm")
    assert ran.code == 2


def test_every_target_is_planned_or_only_the_chosen_one(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    text = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    company.write("erpsync.yaml", text + text[text.index("  erp:") :].replace("  erp:", "  crm:"))
    ran = erpsync("plan", "--access", company)
    assert ("\ncrm: " in ran.out, "\nerp: " in ran.out) == (True, True)
    ran = erpsync("plan", "--access", company, "--target", "crm")
    assert ("\ncrm: " in ran.out, "\nerp: " in ran.out) == (True, False)


def test_what_the_erp_lacks_is_listed_with_the_place_that_names_it(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    organisation = (company.path / "organisation.yaml").read_text(encoding="utf-8")
    company.write("organisation.yaml", organisation.replace("[Planner]", "[Plannr]"))
    ran = erpsync("plan", "--access", company)
    assert (ran.code, ran.out) == (1, "")
    assert "target 'erp' has no entitlement 'Plannr', which role 'purchasing.planner' grants" in ran.err
    assert "did you mean 'Planner'?" in ran.err


def test_a_read_that_fails_shows_no_plan_at_all(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    memory.on_read[1] = broken
    ran = erpsync("plan", "--access", company, "-o", tmp_path / "plan.json")
    assert (ran.code, ran.out) == (1, "")
    assert not (tmp_path / "plan.json").exists()


def test_what_only_is_observed_is_held_back(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    company.settings(manage="{accounts: observe}")
    ran = erpsync("plan", "--access", company, "--detailed-exitcode")
    assert ran.code == 0
    assert "Held back, not changed:" in ran.out


def test_a_kind_of_scope_that_the_target_does_not_know_is_not_passed_over_in_silence(
    erpsync: Command, access: AccessFiles, memory: MemoryErp
) -> None:
    access.users(buyer("chen.jing", more=", scope: {compny: [Huaxin Trading]}"))
    ran = erpsync("plan", "--access", access)
    assert "compny" in ran.out + ran.err


# --- limits -------------------------------------------------------------------------------------------

LIMITS = "    limits: {lock: {count: 0}, create: {share: 50%}}\n"


def test_a_plan_over_a_limit_is_shown_and_saved_but_ends_with_4_and_the_figures(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    company.settings(extra=LIMITS)
    file = tmp_path / "plan.json"
    ran = erpsync("plan", "--access", company, "-o", file)
    assert ran.code == 4
    assert ran.err == (
        "error: the plan goes over a limit:\n"
        "  erp: 1 of 1 accounts would be locked; the limit `lock` is 0\n"
        "  erp: 1 of 1 accounts would be created; the limit `create` is 50%\n"
        "  hint: change less at once, or name the users in a waiver (waivers: in the access files)\n"
    )
    assert "over a limit: 1 of 1 accounts would be locked" in ran.out
    assert "+ grant Buyer" in ran.out
    assert "Saved" not in ran.out
    (target,) = json.loads(file.read_text(encoding="utf-8"))["targets"]
    assert (target["population"], len(target["excess"]), len(target["accounts"])) == (1, 2, 2)


@pytest.mark.parametrize("output_format", ["json", "markdown"])
def test_a_plan_over_a_limit_is_shown_in_every_format(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, output_format: str
) -> None:
    company.settings(extra=LIMITS)
    ran = erpsync("plan", "--access", company, "--format", output_format, "--detailed-exitcode")
    assert ran.code == 4
    assert "1 of 1 accounts would be locked" in ran.out
    assert "chen.jing" in ran.out


def waive(company: AccessFiles, users: str, until: str) -> None:
    """Declare a waiver of both limits."""
    entry = f"{{reason: closed, owner: wu.lan, limits: [lock, create], users: [{users}], valid_to: {until}}}"
    company.write("waivers.yaml", f"waivers:\n  plant-closes: {entry}\n")


@pytest.mark.parametrize(
    ("users", "until", "code"),
    [
        ("wu.lan, chen.jing", "2026-11-20", 0),
        ("wu.lan, chen.jing", "2026-11-19", 4),
        ("wu.lan", "2026-11-20", 4),
        ("chen.jing", "2026-11-20", 4),
    ],
)
def test_a_waiver_lets_exactly_its_users_through_until_its_last_day(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, users: str, until: str, code: int
) -> None:
    company.settings(extra=LIMITS)
    waive(company, users, until)
    assert erpsync("plan", "--access", company, "--as-of", "2026-11-20").code == code


def test_drift_is_reported_whatever_the_limits(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    company.settings(extra=LIMITS)
    assert erpsync("drift", "--access", company).code == 3


def test_a_limit_holds_for_its_own_target_only(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    text = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    company.write("erpsync.yaml", text + text[text.index("  erp:") :].replace("  erp:", "  crm:") + LIMITS)
    assert erpsync("plan", "--access", company, "--target", "erp").code == 0
    assert erpsync("plan", "--access", company, "--target", "crm").code == 4


def test_a_plan_lives_as_long_as_the_settings_say(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    text = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    company.write("erpsync.yaml", text.replace("settings:\n", "settings:\n  plan_expires: 2h\n"))
    plan = json.loads(erpsync("plan", "--access", company, "--format", "json").out)
    lifetime = datetime.fromisoformat(plan["expires"]) - datetime.fromisoformat(plan["created"])
    assert lifetime == timedelta(hours=2)
