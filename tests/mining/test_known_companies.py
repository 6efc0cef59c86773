"""Role proposals for companies whose roles are known."""

from __future__ import annotations

import pytest

from bench.roles import known_company, measure_roles, table
from erpsync.mining.proposing import propose_roles
from erpsync.mining.terms import Terms
from tests.builders import TODAY


def test_without_accidents_nearly_all_roles_are_found_and_most_assignments_go() -> None:
    exact = [item for item in measure_roles([200]) if item.labelled and not item.noise]
    (figures,) = exact
    assert figures.precision > 0.9
    assert figures.recall > 0.9
    assert figures.compression < 0.1


@pytest.mark.parametrize("labelled", [True, False])
def test_with_accidents_most_of_what_is_proposed_was_meant(labelled: bool) -> None:
    (figures,) = (item for item in measure_roles([400]) if item.labelled == labelled and item.noise == 0.02)
    assert figures.precision > 0.6
    assert figures.recall > 0.6


def test_the_same_size_gives_the_same_company_and_the_same_proposal() -> None:
    one, other = (known_company(200, 0.02, labelled=True)[0] for _ in range(2))
    assert one == other
    assert propose_roles(one, TODAY, Terms()).roles == propose_roles(other, TODAY, Terms()).roles


def test_the_figures_are_printed_as_a_table() -> None:
    assert "precision" in table(measure_roles([80]))
