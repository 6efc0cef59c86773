"""The model of scale: limits count, shards help where they can, and what breaks first comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.model import ERPS, KINDS, RUNNER, World, breaks, job, measured
from bench.results import write
from bench.simulate import lasting, main, markdown
from tests.bench.test_results import document

COSTS = measured(document())
WORLD = World(1_000_000, 50)
TRYTON, ODOO, FRAPPE, SCIM = ERPS


def test_calls_are_the_fixed_ones_and_the_pages() -> None:
    assert ODOO.read_calls(10_000) == 6 + 5
    assert TRYTON.read_calls(10_000) == 28


def test_a_published_limit_of_requests_counts_where_it_is_slower_than_the_erp() -> None:
    assert SCIM.read_time(40_000) == pytest.approx(405 / 200 * 60)
    assert ODOO.read_time(10_000) == pytest.approx(2.1)


def test_an_erp_that_lets_sixty_in_an_hour_takes_that_long() -> None:
    assert FRAPPE.create_time(120) == 7200
    assert FRAPPE.change_time(100) == pytest.approx(72)


def test_costs_go_on_growing_as_they_grew() -> None:
    assert COSTS.load_cpu(1_000_000) == pytest.approx(100)
    assert COSTS.load_cpu(100_000) == pytest.approx(10)


def test_up_to_as_many_shards_as_targets_each_target_is_read_once() -> None:
    whole, halves, fifty, many = (job(WORLD, count, COSTS) for count in (1, 2, 50, 200))

    assert (whole.targets, halves.targets, fifty.targets, many.targets) == (50, 25, 1, 1)
    assert (whole.reads, halves.reads, fifty.reads, many.reads) == (1, 1, 1, 4)
    assert whole.plan_calls > halves.plan_calls > fifty.plan_calls == many.plan_calls
    assert whole.apply_seconds > halves.apply_seconds > fifty.apply_seconds > many.apply_seconds


def test_what_breaks_first_comes_first_and_really_breaks_there() -> None:
    found = list(breaks(50, COSTS))

    assert [users for _, users in found] == sorted(users for _, users in found)
    memory = dict(found)["the memory of one job"]
    assert job(World(memory * 11 // 10, 50), 1, COSTS).memory > RUNNER.memory
    assert job(World(memory * 9 // 10, 50), 1, COSTS).memory < RUNNER.memory


def test_every_kind_and_number_of_shards_has_a_row() -> None:
    page = markdown(document())

    assert page.startswith("1,000,000 users in 50 targets: 5,000 files, 1.0 GB of YAML, 40,000 accounts")
    for erp in KINDS:
        assert f"| {erp.name} |" in page
    for count in (1, 10, 50, 200):
        assert f"\n| {count} |" in page


def test_lasting_is_told_in_a_unit_that_people_read() -> None:
    assert [lasting(value) for value in (45, 720, 12_240)] == ["45 s", "12 min", "3.4 h"]


def test_the_command_prints_the_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "results.json", document())
    assert main(["--users", "300000", "--targets", "12", "--results", str(tmp_path / "results.json")]) == 0
    assert "300,000 users in 12 targets" in capsys.readouterr().out
