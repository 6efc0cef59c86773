"""Whatever goes wrong between erpsync and the ERP: what apply says is true, and applying again mends it."""

from __future__ import annotations

from random import Random

import pytest

from tests.chaos.conftest import Prepare
from tests.chaos.faulty import Verdict, at_request, at_writes, faults_of, survive, weather
from tests.chaos.people import KINDS
from tests.chaos.scenario import small_batches
from tests.support.fault_proxy import Call
from tests.support.faults import FAULTS, Fault

AT_ONCE = 7
"""How many faults one run is made to bear, each in a batch of its own."""


@pytest.mark.parametrize("first", range(0, len(FAULTS), AT_ONCE))
def test_apply_survives_every_fault_at_a_write(scenario: Prepare, first: int) -> None:
    faults = FAULTS[first : first + AT_ONCE]
    made = scenario(2 * AT_ONCE)
    with small_batches(2):
        assert survive(made, at_writes(faults), again=bool(first % 2)) == Verdict()
    assert faults_of(made) == {fault.name for fault in faults}


@pytest.mark.parametrize("number", [1, 16])
def test_a_fault_before_the_first_write_is_waited_out_or_ends_the_run_with_nothing_written(
    scenario: Prepare, number: int
) -> None:
    fault = Fault("lost after", drop=True)
    made = scenario(2)
    assert survive(made, at_request(number, fault), again=True) == Verdict()
    assert faults_of(made) == {fault.name}


def test_apply_gets_through_a_storm(scenario: Prepare) -> None:
    made = scenario(2 * len(KINDS))
    assert weather(made, Random(1), 0.08) == Verdict()
    assert len(faults_of(made)) > 1


# --- that the checks can fail ---------------------------------------------------------------------------


def test_an_account_changed_behind_the_plan_does_not_go_unnoticed(scenario: Prepare) -> None:
    made = scenario(2)

    def interfere(call: Call) -> Fault | None:
        if call.method == "common.db.logout":
            login = sorted(made.everybody[0].logins)[0]
            made.erp.give(int(made.erp.read(login)["id"]), "Staff")
        return None

    verdict = survive(made, interfere, again=True)
    assert "exit code 0, but not all is as planned" in verdict.wrong
    assert verdict.left


def test_a_stranger_who_is_changed_does_not_go_unnoticed(scenario: Prepare) -> None:
    made = scenario(1)
    made.erp.create(made.erp.login("stranger"))
    assert "other accounts changed" in made.wrong(made.apply())
