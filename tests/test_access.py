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
    Absence,
    ApprovalRule,
    Approver,
    Assignment,
    Birthright,
    Department,
    Function,
    Limit,
    LimitKind,
    Location,
    Manage,
    Mitigation,
    Mode,
    Oversight,
    OwnRule,
    Policy,
    Position,
    Response,
    Risk,
    Role,
    SodRisk,
    Status,
    Subsystem,
    Target,
    Training,
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
        owner="wu.lan", risk=Risk.MEDIUM, sensitive="finance", sensitive_access="read", max_holders=3,
        functions=("PO",), requires_training=("basics",), includes=("other",),
        entitlements={"erp": ("Purchase",)},
    )  # fmt: skip
    assert access.birthright["all"] == Birthright(
        "all",
        "All",
        ("other",),
        at(35),
        frozenset({"dedicated"}),
        frozenset({"purchasing"}),
        frozenset({"buyer"}),
    )


def test_every_field_of_a_user_arrives(root: Path) -> None:
    person = load_valid(root).users["wu.lan"]
    assert person == User(
        key="wu.lan", name="吴兰", type=UserType.DEDICATED, at=at(37), status=Status.LOCKED,
        employee_no="10023", email="wu.lan@huaxin.example", language="zh_CN",
        department="purchasing", position="buyer", position_at=at(43, 5), owner="he.qi", deputy="he.qi",
        away=(Absence(date(2026, 10, 1), date(2026, 10, 7)),),
        forge={"github": "huaxin-wu-lan", "git": "wu.lan"},
        position_since=date(2026, 2, 1), left_on=date(2027, 12, 31), purpose="buys castings",
        controllers=("he.qi",), max_hours=8, trainings={"basics": date(2026, 1, 15)},
        identity_verified=date(2026, 1, 2), acknowledged=date(2026, 1, 3),
        valid_from=date(2026, 1, 1), valid_to=date(2028, 2, 29),
        logins={"erp": "CJ0023"}, previously=("wu.l",),
        scope={"company": ("Huaxin Trading",), "warehouse": (ALL,)},
        assignments=(Assignment("other", "ok", at(64, 9), date(2026, 1, 1), date(2026, 12, 31), "REQ-1"),),
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


def test_the_organisation_arrives_whole(root: Path) -> None:
    access = load_valid(root)
    department, subsystem = access.departments["purchasing"], access.subsystems["materials"]
    assert department == Department("purchasing", "Purchasing", department.at, "采购部", "wu.lan")
    assert subsystem == Subsystem(
        "materials", subsystem.at, "Materials", None, "wu.lan", "he.qi", ("wu.lan",)
    )
    office = access.oversight["audit"]
    assert office == Oversight("audit", "Audit", ("he.qi",), office.at, "审计部")


def test_an_office_of_operations_is_kept_apart_from_those_that_approve(root: Path) -> None:
    access = load_valid(root)
    office = access.operations["office"]
    assert office == Oversight(
        "office", "Office", ("he.qi", "wu.lan"), office.at, head="he.qi", oversees=("materials",)
    )
    assert (list(access.oversight), list(access.operations)) == (["audit"], ["office"])


def test_approval_rules_arrive_whole(root: Path) -> None:
    rules = load_valid(root).approvals
    assert rules["all"] == ApprovalRule(
        "all", "All", (Approver.KEY_USER, Approver.OVERSIGHT), rules["all"].at,
        changes=frozenset({"grant"}), ways=frozenset({"position"}), risks=frozenset({"high"}),
        subsystems=frozenset({"materials"}), types=frozenset({"service"}), sensitive=frozenset({"sales"}),
    )  # fmt: skip
    assert rules["roles"] == ApprovalRule(
        "roles", "Roles", (Approver.ROLE_OWNER,), rules["roles"].at, sections=frozenset({"roles"})
    )


def test_a_waiver_arrives_whole(root: Path) -> None:
    waiver = load_valid(root).waivers["closes"]
    assert waiver == Waiver(
        "closes", "ok", "wu.lan", frozenset({LimitKind.LOCK, LimitKind.REVOKE}),
        frozenset({"wu.lan", "temp"}), date(2026, 12, 31), waiver.at,
    )  # fmt: skip
    assert (waiver.at.file, waiver.at.column) == (HERE, 3)
    rules = load_valid(root).waivers["pays"]
    assert (rules.limits, rules.rules) == (frozenset(), frozenset({"sod/*", "lifecycle/mover"}))


def test_functions_risks_mitigations_and_trainings_arrive_whole(root: Path) -> None:
    access = load_valid(root)
    function, risk, other = access.functions["PO"], access.risks["P05"], access.risks["P06"]
    assert function == Function(
        "PO", "Order", function.at, "订单", ("company",), {"tryton": ("purchase.purchase:*",)}
    )
    assert risk == SodRisk(
        "P05", "Orders and receives", (("PO",), ("GR",)), Risk.HIGH, "can order what never comes", risk.at,
        "采购与收货", "可确认未到之货", "wu.lan", 2, Response.MITIGATE, ("ISO27001:A.5.3",),
    )  # fmt: skip
    assert (other.sides, other.response) == ((("PO",), ("GR", "PO")), None)
    mitigation = access.mitigations["receipts"]
    assert mitigation == Mitigation(
        "receipts", "compares receipts with orders", "he.qi", "wu.lan", frozenset({"temp"}),
        date(2026, 12, 31), "folder of internal audit", mitigation.at,
        frozenset({"P05"}), frozenset({"gates/training"}),
    )  # fmt: skip
    training = access.trainings["basics"]
    assert training == Training("basics", "Basics", training.at, "基础", timedelta(days=730))
    assert all(getattr(risk, item.name) for item in fields(SodRisk))


def test_a_rule_of_the_companys_own_arrives_whole(root: Path) -> None:
    rule = load_valid(root).rules["no-outsiders"]
    assert rule == OwnRule(
        "no-outsiders", "No roles for outsiders", "assignments", 'user_type == "temporary"',
        "{user} has {role}", rule.at, "外部人员不授权", "{user} 有 {role}", "let an employee do it",
        Risk.LOW, Response.WARN, ("F0:1.1",),
    )  # fmt: skip


def test_every_figure_of_the_policy_arrives(root: Path) -> None:
    policy = load_valid(root).policy
    assert policy == Policy(
        Response.WARN, {Risk.CRITICAL: Response.BLOCK, Risk.HIGH: Response.MITIGATE},
        {"lifecycle/*": Response.WARN, "gates/training": Response.BLOCK},
        timedelta(days=14), timedelta(days=180), timedelta(days=20), timedelta(days=60), 48, 1, 3,
        frozenset({UserType.TEMPORARY}), frozenset({UserType.DEDICATED, UserType.EMERGENCY}), ("shift*",),
    )  # fmt: skip
    unsaid = Policy()
    assert all(getattr(policy, item.name) != getattr(unsaid, item.name) for item in fields(Policy))


def test_a_policy_that_is_wrong_or_not_written_only_records(root: Path) -> None:
    text = (root / "all.yaml").read_text()
    (root / "all.yaml").write_text(text.replace("default: warn", "default: stop"))
    assert validate(root).build().policy == Policy()


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


@pytest.mark.parametrize(
    ("settings", "shared"),
    [("", False), (", journal: local", False), (", journal: remote", True), (", journal: [remote]", False)],
)
def test_journals_are_shared_only_when_the_settings_say_so(root: Path, settings: str, shared: bool) -> None:
    text = (root / "all.yaml").read_text()
    (root / "all.yaml").write_text(text.replace(", plan_expires: 8h", settings))
    assert validate(root).build().shared_journal is shared


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
