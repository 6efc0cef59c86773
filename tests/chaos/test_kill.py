"""However often apply is killed: each account is as before or as planned, and the same plan goes on."""

from __future__ import annotations

import pytest

from tests.chaos.conftest import Prepare
from tests.chaos.faulty import Verdict
from tests.chaos.killing import apply_and_kill, kill_again_and_again, kill_once
from tests.chaos.people import BACK_UNDER_ANOTHER_NAME, KINDS
from tests.support.fault_proxy import Moment


def test_runs_that_are_all_killed_while_writing_get_there_in_the_end(scenario: Prepare) -> None:
    verdict, deaths = kill_again_and_again(scenario(2 * len(KINDS)))
    assert verdict == Verdict()
    assert deaths > len(Moment)


@pytest.mark.parametrize(("moment", "number"), [(Moment.DONE, 1), (Moment.SENT, 12)])
def test_a_run_killed_before_its_first_write_leaves_nothing(
    scenario: Prepare, moment: Moment, number: int
) -> None:
    assert kill_once(scenario(2), moment, number) == (Verdict(), True)


def test_a_run_killed_between_the_two_writes_of_one_account_goes_on_there(scenario: Prepare) -> None:
    made = scenario(1, (BACK_UNDER_ANOTHER_NAME,))
    apply_and_kill(made, Moment.DONE, lambda call: call.writes)
    assert made.converge(again=True) == []
