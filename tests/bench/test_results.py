"""Figures: medians, growth, what is reached, tables and the chart."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench import chart, tables
from bench.measure import ALONE, CASES, DEPARTMENTS, POLICY, TOGETHER, USERS, Round, figures
from bench.peers import run as peers
from bench.process import CommandFailedError, Cost, TooSlowError, run
from bench.results import SIZES, exponent, reaches, read, write


def document(growth: float = 10.0) -> dict[str, Any]:
    """A run in which a size costs so many times what the smaller one does, and a case more than the last."""
    sizes = {}
    for step, size in enumerate(SIZES):
        costs = [0.1 * growth**step * (1 + index / 10) for index in range(len(CASES))]
        content = {"files": 1, "bytes": 1000 * size, "parse": found(costs[0])}
        sizes[str(size)] = {
            "runs": 5,
            "layouts": dict.fromkeys((DEPARTMENTS, USERS, POLICY), content),
            "cases": {
                case.name: {"cold": found(cpu), "warm": found(cpu / 10)}
                for case, cpu in zip(CASES, costs, strict=True)
            },
        }
    names = ("python -c pass", "erpsync --help", "erpsync validate, the example company")
    return {
        "date": "2026-11-28",
        "machine": {"cores": 2, "system": "Linux", "python": "3.11", "pyyaml": "6.0", "libyaml": "0.2.5"},
        "start": dict.fromkeys(names, found(0.1)),
        "sizes": sizes,
        "connectors": {"scim": {"read 10,000": {"accounts": 10_000, "calls": 13, "cpu": 0.5}}},
    }


def found(cpu: float) -> dict[str, float]:
    return {"cpu": cpu, "peak": 100.0, "ratio": 2.0}


def test_the_ratio_is_to_the_parse_of_its_own_round() -> None:
    case = ALONE[0]
    rounds = [
        Round({case.name: Cost(cpu, 50)}, {case.name: Cost(1, 40)}, {DEPARTMENTS: Cost(parse, 10)})
        for cpu, parse in ((2, 1), (8, 2), (3, 3))
    ]
    assert figures(case, rounds, warm=False) == (3, 50, 2)


def test_growth_is_told_as_a_power() -> None:
    assert exponent(2, 20, 1_000, 10_000) == pytest.approx(1)
    assert exponent(2, 200, 1_000, 10_000) == pytest.approx(2)


def test_what_is_reached_is_said_so_and_what_is_not() -> None:
    assert all(reach.met for reach in reaches(document()))
    missed = {reach.what for reach in reaches(document(growth=20)) if not reach.met}
    assert "100,000 users: validate + plan, cold" in missed
    assert "growth from 10,000 to 100,000 users, cold" in missed


def test_without_the_largest_size_only_the_start_is_judged() -> None:
    small = document()
    del small["sizes"]["100000"]
    assert [reach.what for reach in reaches(small)] == [
        "erpsync --help",
        "erpsync validate, the example company",
    ]


def test_tables_have_a_row_for_every_case_and_connector(tmp_path: Path) -> None:
    made = document()
    text, page = tables.of_size(made, 1_000), tables.markdown(made)
    for case in CASES:
        assert case.name in text
        assert f"| {case.name} |" in page
    assert "1,000 users, 1.0 MB of YAML, median of 5" in text
    assert "scim: read 10,000" in page
    assert "1.30" in tables.of_rest(made)
    write(tmp_path / "results.json", made)
    assert read(tmp_path / "results.json")["sizes"].keys() == made["sizes"].keys()


def test_a_size_that_was_measured_in_part_has_the_rows_that_there_are() -> None:
    made = document()
    cases = made["sizes"]["100000"]["cases"]
    for case in CASES:
        if case is not TOGETHER:
            del cases[case.name]
    page = tables.markdown(made)

    assert page.count(f"| {TOGETHER.name} |") == 4
    assert page.count(f"| {ALONE[0].name} |") == 3
    assert f"| {ALONE[0].name} | 1.00 |  | 1.00 |  |" in page


def test_the_chart_is_a_picture_with_every_line_named_and_nothing_outside() -> None:
    others = {"tools": {"octo<DNS>": {"cold": {"1000": {"cpu": 1.3}, "10000": {"cpu": 15.9}}}}}
    made = chart.draw(chart.series_of(document(), others), "2 cores")
    root = ET.fromstring(made)
    told = "".join(root.itertext())

    for name in ("erpsync", "erpsync, warm", "erpsync, all risks", "bare parse", "octo<DNS>", "100,000"):
        assert name in told
    for item in root.iter():
        for key, most in (("x", chart.WIDTH), ("y", chart.HEIGHT), ("cx", chart.WIDTH), ("cy", chart.HEIGHT)):
            assert 0 <= float(item.get(key, 0)) <= most


def test_labels_of_lines_that_end_together_do_not_overlap() -> None:
    places = chart._apart([100, 100, 101, 300, chart.HEIGHT - 60, chart.HEIGHT - 60])
    assert all(after - before >= 15.9 for before, after in pairwise(places))
    assert places[-1] <= chart.HEIGHT - 60


def test_a_command_is_measured_refused_and_ended() -> None:
    here = Path.cwd()
    cost = run(["sh", "-c", "exit 3"], here, expected=(3,))
    assert cost.cpu >= 0
    run(
        ["sh", "-c", 'test -z "$PYTHONDONTWRITEBYTECODE"'], here, environment={"PYTHONDONTWRITEBYTECODE": "1"}
    )
    with pytest.raises(CommandFailedError, match="no such thing"):
        run(["sh", "-c", "echo no such thing >&2; exit 1"], here)
    with pytest.raises(TooSlowError):
        run(["sh", "-c", "sleep 60 & wait"], here, timeout=0.2)


# --- beside others ------------------------------------------------------------------------------------


def compared() -> dict[str, Any]:
    cost = {"10000": {"cpu": 40.0, "peak": 100.0}}
    missing = {"entry": "a resource", "cold": {}, "warm": {}, "note": "it is not on the PATH"}
    return {
        "date": "2026-11-28",
        "machine": document()["machine"],
        "erpsync": {"10000": {"cold": found(4.0), "warm": found(1.0)}},
        "tools": {
            "octoDNS": {"entry": "a record", "version": "1.2", "cold": cost, "warm": cost},
            "Terraform": missing,
        },
    }


def test_tools_are_held_against_erpsync_and_what_is_missing_is_said() -> None:
    page = peers.markdown(compared())

    assert "| octoDNS 1.2 | 10,000 | 40.00 | 100 | 4.00 | 10.0 | 40.00 | 40.0 |" in page
    assert "- Terraform: it is not on the PATH" in page
    assert "- octoDNS (octoDNS), cold: 10.0 × erpsync, to reach ≥ 8 ×: met" in page
    assert "- the best of them (octoDNS), warm: 40.0 × erpsync, to reach ≥ 20 ×: met" in page


def test_a_size_that_would_take_too_long_is_foreseen() -> None:
    assert peers._expected([], 1_000) == 0
    assert peers._expected([(100, 2.0)], 1_000) == pytest.approx(20)
    assert peers._expected([(100, 2.0), (1_000, 200.0)], 10_000) == pytest.approx(20_000)
    # A tool that takes its time to start does not grow slower than its users for ever.
    assert peers._expected([(100, 2.0), (1_000, 2.0)], 10_000) == pytest.approx(20)
