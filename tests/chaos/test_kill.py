"""However often apply is killed: each account is as before or as planned, and the same plan goes on."""

from __future__ import annotations

from itertools import groupby
from random import Random

import pytest

from erpsync.state import journal_path
from tests.chaos.conftest import Prepare
from tests.chaos.doomed import Step
from tests.chaos.faulty import Verdict
from tests.chaos.killing import Course, KillPoint, apply_and_kill, kill_again_and_again, kill_at, kill_once
from tests.chaos.observer import look
from tests.chaos.people import BACK_UNDER_ANOTHER_NAME, KINDS
from tests.chaos.rewind import Rewind
from tests.support.fault_proxy import Moment


def test_runs_that_are_all_killed_while_writing_get_there_in_the_end(scenario: Prepare) -> None:
    verdict = kill_again_and_again(scenario(2 * len(KINDS)))
    assert verdict == Verdict()
    assert verdict.kills > len(Moment)


@pytest.mark.parametrize(("moment", "number"), [(Moment.DONE, 1), (Moment.SENT, 12)])
def test_a_run_killed_before_its_first_write_leaves_nothing(
    scenario: Prepare, moment: Moment, number: int
) -> None:
    assert kill_once(scenario(2), moment, number) == Verdict()


def test_a_run_may_be_killed_at_any_step_of_its_journal_and_at_any_write(rewind: Rewind) -> None:
    points = Course.of(rewind.again()).kill_points
    random = Random(1)
    sample = [random.choice(list(group)) for _, group in groupby(points, lambda point: point.moment)]
    assert len(sample) == len(Step) + len(Moment)
    for point in sample:
        verdict = kill_at(rewind.again(), point)
        assert (verdict, verdict.kills) == (Verdict(), 1), point


def test_a_run_killed_between_the_two_writes_of_one_account_goes_on_there(scenario: Prepare) -> None:
    made = scenario(1, (BACK_UNDER_ANOTHER_NAME,))
    apply_and_kill(made, Moment.DONE, lambda call: call.writes)
    assert made.converge(again=True) == []


# --- that the checks can fail ---------------------------------------------------------------------------


def test_a_run_that_is_not_killed_does_not_go_unnoticed(scenario: Prepare) -> None:
    verdict = kill_at(scenario(1), KillPoint(Step.AFTER, 1000))
    (problem,) = verdict.wrong
    assert problem.startswith("was not killed, and ended with 0")


def test_a_journal_that_is_not_whole_does_not_go_unnoticed(scenario: Prepare) -> None:
    made = scenario(1)
    made.apply()
    journal = journal_path(made.state, "erp")
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    (problem,) = made.harm(look(made.erp, made.everybody))
    assert "the journal had 4 entries, it has 3 now" in problem
