"""Files → the declared state."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import pytest

from erpsync.access import InvalidFilesError, load_valid, validate
from erpsync.errors import ExitCode, UsageError
from erpsync.model import (
    ALL,
    Assignment,
    Birthright,
    Limit,
    LimitKind,
    Location,
    Manage,
    Mode,
    Position,
    Risk,
    Role,
    Status,
    Target,
    User,
    UserType,
    Waiver,
)
from tests.test_schema import GOOD

HERE = "access/all.yaml"


def at(line: int, column: int = 3) -> Location:
    return Location(HERE, line, column)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    root = Path("access")
    root.mkdir()
    others = "  he.qi: {name: 何琪, type: dedicated, department: purchasing}\n"
    role = "roles:\n  other: {title: Other, subsystem: materials, owner: wu.lan}\n"
    (root / "all.yaml").write_text(GOOD)
    (root / "more.yaml").write_text("users:\n" + others + role)
    text = GOOD.replace("max_duration: 90d", "max_duration: 400d")
    (root / "all.yaml").write_text(text)
    return root


def test_everything_written_arrives_in_the_values(root: Path) -> None:
    access = load_valid(root)
    assert (access.timezone, access.plan_lifetime) == ("Asia/Shanghai", timedelta(hours=8))
    assert access.targets["erp"] == Target(
        "erp", "tryton", "https://erp.huaxin.example/", "env:ERP_USERNAME", "file:/run/secrets/erp", at(3),
        database="erp", options={"entitlements": "roles"},
        manage=Manage(Mode.ENFORCE, Mode.ADDITIVE, Mode.OBSERVE, Mode.OBSERVE),
        unmanaged_is_drift=True, ignore=("legacy-*",), protected=("admin",),
        limits={
            LimitKind.CREATE: Limit(20, 0.05),
            LimitKind.LOCK: Limit(count=0),
            LimitKind.REVOKE: Limit(share=0.125),
            LimitKind.CRITICAL: Limit(count=1),
        },
        insecure=True, requests_per_minute=60,
    )  # fmt: skip
    assert access.positions["buyer"] == Position(
        "buyer", "Buyer", "purchasing", ("purchasing.buyer",), at(18, 13)
    )
    assert access.roles["purchasing.buyer"] == Role(
        "purchasing.buyer", "Buyer", at(20), description="Orders goods", subsystem="materials",
        owner="wu.lan", risk=Risk.MEDIUM, includes=("other",), entitlements={"erp": ("Purchase",)},
    )  # fmt: skip
    assert access.birthright["all"] == Birthright(
        "all",
        "All",
        ("other",),
        at(30),
        frozenset({"dedicated"}),
        frozenset({"purchasing"}),
        frozenset({"buyer"}),
    )


def test_every_field_of_a_user_arrives(root: Path) -> None:
    person = load_valid(root).users["wu.lan"]
    assert person == User(
        "wu.lan", "吴兰", UserType.DEDICATED, at(32), Status.LOCKED, "10023", "wu.lan@huaxin.example",
        "zh_CN", "purchasing", "buyer", at(38, 5), "he.qi", date(2026, 1, 1), date(2028, 2, 29),
        {"erp": "CJ0023"}, ("wu.l",),
        {"company": ("Huaxin Trading",), "warehouse": (ALL,)},
        (Assignment("other", "ok", at(48, 9), date(2026, 1, 1), date(2026, 12, 31), "REQ-1"),),
    )  # fmt: skip
    assert all(getattr(person, item.name) for item in fields(User))


def test_what_is_not_written_has_its_default(root: Path) -> None:
    access = load_valid(root)
    person, role = access.users["he.qi"], access.roles["other"]
    assert (person.status, person.assignments, person.scope, person.logins) == (Status.ACTIVE, (), {}, {})
    assert (person.valid_from, person.valid_to, person.position_at) == (None, None, None)
    assert (role.risk, role.includes, role.entitlements) == (Risk.MEDIUM, (), {})


def test_target_that_says_nothing_is_only_observed(root: Path) -> None:
    (root / "target.yaml").write_text(
        "targets: {wms: {connector: x, url: http://h/, credentials: {username: env:A, password: env:B}}}"
    )
    target = load_valid(root).targets["wms"]
    assert target.manage == Manage()
    assert (target.unmanaged_is_drift, target.ignore, target.protected) == (False, (), ())
    assert (target.limits, target.insecure, target.requests_per_minute) == ({}, False, None)


def test_a_waiver_arrives_whole(root: Path) -> None:
    waiver = load_valid(root).waivers["closes"]
    assert waiver == Waiver(
        "closes", "ok", "wu.lan", frozenset({LimitKind.LOCK, LimitKind.REVOKE}),
        frozenset({"wu.lan", "temp"}), date(2026, 12, 31), waiver.at,
    )  # fmt: skip
    assert (waiver.at.file, waiver.at.column) == (HERE, 3)


@pytest.mark.parametrize(("written", "insecure"), [("true", True), ("false", False)])
def test_insecure_is_only_what_is_written_as_true(root: Path, written: str, insecure: bool) -> None:
    text = (root / "all.yaml").read_text()
    (root / "all.yaml").write_text(text.replace("insecure: true", f"insecure: {written}"))
    assert load_valid(root).targets["erp"].insecure is insecure


@pytest.mark.parametrize("share", ["0%", "0.01%", "29%", "57%", "100%"])
def test_a_share_arrives_as_it_was_written(root: Path, share: str) -> None:
    text = (root / "all.yaml").read_text()
    (root / "all.yaml").write_text(text.replace("share: 12.5%", f"share: {share}"))
    assert str(load_valid(root).targets["erp"].limits[LimitKind.REVOKE]) == share


def test_without_a_setting_a_plan_lives_for_a_day(root: Path) -> None:
    text = (root / "all.yaml").read_text()
    (root / "all.yaml").write_text(text.replace(", plan_expires: 8h", ""))
    assert load_valid(root).plan_lifetime == timedelta(hours=24)


def test_settings_that_are_wrong_build_a_plan_that_lives_for_a_day(root: Path) -> None:
    text = (root / "all.yaml").read_text()
    (root / "all.yaml").write_text(text.replace("plan_expires: 8h", "plan_expires: 8"))
    assert validate(root).build().plan_lifetime == timedelta(hours=24)


def test_values_of_a_scope_are_sorted(root: Path) -> None:
    text = "users: {a: {name: A, type: dedicated, department: purchasing, scope: {company: [B, C, A]}}}\n"
    (root / "scope.yaml").write_text(text)
    assert load_valid(root).users["a"].scope == {"company": ("A", "B", "C")}


def test_without_a_time_zone_days_are_utc(root: Path) -> None:
    text = (root / "all.yaml").read_text()
    (root / "all.yaml").write_text(text.replace("timezone: Asia/Shanghai, ", ""))
    assert load_valid(root).timezone == "UTC"


def test_valid_files_have_no_findings(root: Path) -> None:
    validated = validate(root)
    assert (validated.findings, validated.errors, validated.files) == ((), 0, 2)


def test_invalid_files_are_refused_with_their_findings(root: Path) -> None:
    (root / "wrong.yaml").write_text("usres: {}\nroels: {}\n")
    with pytest.raises(InvalidFilesError, match="2 findings") as raised:
        load_valid(root)
    assert raised.value.exit_code is ExitCode.REFUSED
    assert [finding.at.line for finding in raised.value.findings] == [1, 2]


def test_one_finding_is_called_one(root: Path) -> None:
    (root / "wrong.yaml").write_text("usres: {}\n")
    with pytest.raises(InvalidFilesError, match=r"not valid: 1 finding\n"):
        load_valid(root)


def test_entry_with_a_finding_is_left_out_and_the_others_are_built(root: Path) -> None:
    (root / "wrong.yaml").write_text(
        "users: {bad: {name: B}, good: {name: G, type: dedicated, department: purchasing}}\n"
    )
    users = validate(root).build().users
    assert "good" in users
    assert "bad" not in users


def test_directory_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no directory"):
        validate(tmp_path / "nowhere")


def test_file_instead_of_a_directory_is_wrong_usage(root: Path) -> None:
    with pytest.raises(UsageError, match="no directory"):
        validate(root / "all.yaml")


def test_directory_without_any_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \*.yaml file"):
        validate(tmp_path)


def test_directory_with_only_empty_files_declares_nothing_and_is_fine(tmp_path: Path) -> None:
    (tmp_path / "users.yaml").write_text("# nobody yet\n")
    assert validate(tmp_path).findings == ()
