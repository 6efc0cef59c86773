"""The benchmark of connectors: how many requests they send, which no machine changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.connectors import SUBJECTS, Costs, measure_connector, table

SUBJECT = {subject.name: subject for subject in SUBJECTS}
READ, CHANGE = "read 10,000", "change 1,000 alike"


def calls(costs: Costs) -> dict[str, tuple[int, int]]:
    """All requests of each work, and those of them that write."""
    return {work: (cost.calls, cost.writes) for work, cost in costs.items()}


def test_scim_reads_in_two_requests_and_one_a_page_and_writes_a_thousand_alike_in_one() -> None:
    # Ten pages of Users and one of Groups; all that is read around the write is read in nine.
    assert calls(measure_connector(SUBJECT["scim"], 10_000)) == {READ: (2 + 10 + 1, 0), CHANGE: (10, 1)}


def test_odoo_reads_in_five_calls_and_writes_a_thousand_alike_in_two_of_ten() -> None:
    # Beside the five, one logs in and one logs out. The languages are read for a plan only; the accounts
    # are read to be checked, just before the write, and after it.
    assert calls(measure_connector(SUBJECT["odoo"], 10_000)) == {READ: (1 + 5 + 1, 0), CHANGE: (10, 2)}


def test_tryton_reads_in_pages_of_two_thousand_and_writes_a_thousand_alike_in_ten() -> None:
    # A hundred accounts a batch, since SQLite has one writer; each batch is read before and after.
    assert calls(measure_connector(SUBJECT["tryton"], 10_000)) == {READ: (41, 0), CHANGE: (123, 10)}


def test_frappe_reads_in_lists_of_fifty_thousand_and_writes_each_user_for_itself() -> None:
    # One of users and two of their 50,001 roles; six ask what site it is and what can be granted. Forty
    # batches are read before and after, each in two requests; before the first one all are read.
    assert calls(measure_connector(SUBJECT["frappe"], 10_000)) == {READ: (6 + 3, 0), CHANGE: (1_169, 1_000)}


def test_the_table_tells_calls_and_cpu_for_a_thousand_accounts() -> None:
    costs = {subject.name: measure_connector(subject, 100) for subject in SUBJECTS}
    shown = table(costs, {subject.name: subject.answers for subject in SUBJECTS})
    assert "calls / 1,000" in shown
    assert "CPU s / 1,000" in shown
    assert "read 100" in shown


def test_a_connector_that_does_not_do_all_has_no_figures() -> None:
    with pytest.raises(AssertionError):
        measure_connector(replace(SUBJECT["scim"], new_role="No such role"), 100)
