"""The invented company: valid, the same every time, and what its recordings say it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import generate
from bench.company import AS_OF as DAY
from bench.company import ASSIGNMENTS, company
from bench.measure import AS_OF, DEPARTMENTS, POLICY, USERS, one_user_changed
from erpsync.access import load_valid, validate
from erpsync.cli.main import run

SIZE = 200


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "directory", lambda _: root / "company")
        yield generate.generate(SIZE)


def plan(place: Path, recording: str, capsys: pytest.CaptureFixture[str], layout: str = DEPARTMENTS) -> str:
    arguments = ["plan", "--access", str(place / layout / "access"), "--as-of", AS_OF]
    assert run([*arguments, "--live", str(place / f"{recording}.json")]) == 0
    return capsys.readouterr().out


def test_the_day_of_the_commands_is_the_day_of_the_company() -> None:
    assert DAY.isoformat() == AS_OF


@pytest.mark.parametrize("layout", [DEPARTMENTS, USERS, POLICY])
def test_every_layout_is_valid_and_has_the_same_users(place: Path, layout: str) -> None:
    validated = validate(place / layout / "access")

    assert validated.findings == ()
    assert dict(validated.build().users).keys() == {person.key for person, _ in company(SIZE).users()}


def test_one_layout_has_a_file_a_user(place: Path) -> None:
    assert len(list((place / USERS / "access" / "users").rglob("*.yaml"))) == SIZE


def test_users_have_five_assignments_and_the_policy_has_every_risk_of_the_example(place: Path) -> None:
    access = load_valid(place / POLICY / "access")
    example = load_valid(generate.ROOT / "access")

    assert {len(user.assignments) for user in access.users.values()} == {ASSIGNMENTS}
    assert access.risks.keys() == example.risks.keys()
    assert any(role.functions for role in access.roles.values())


def test_nothing_changes_against_the_first_recording(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "erp: no changes\n" in plan(place, "same", capsys)


def test_two_of_two_hundred_change_against_the_second(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "erp: 1 user gains access, 1 loses it\n" in plan(place, "changed", capsys)


def test_every_account_changes_against_the_third(place: Path) -> None:
    file = place / "plan.json"
    access = str(place / DEPARTMENTS / "access")
    live = str(place / "all.json")
    assert run(["plan", "--access", access, "--as-of", AS_OF, "--live", live, "-o", str(file)]) == 0
    (target,) = json.loads(file.read_text("utf-8"))["targets"]
    assert len(target["accounts"]) == SIZE


def test_warm_means_that_one_user_has_another_address_and_then_all_is_as_before(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with one_user_changed(place / DEPARTMENTS):
        assert "erp: 1 user updated\n" in plan(place, "same", capsys)
    assert "erp: no changes\n" in plan(place, "same", capsys)


def test_what_is_there_is_not_written_again_and_what_is_out_of_date_is(place: Path) -> None:
    file = place / "same.json"
    file.write_text("{}", encoding="utf-8")
    generate.generate(SIZE)
    assert file.read_text("utf-8") == "{}"

    (place / "stamp").write_text("another generator", encoding="ascii")
    generate.generate(SIZE)
    assert file.read_text("utf-8") != "{}"
