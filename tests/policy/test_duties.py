"""Functions of roles, and the risks that they make."""

from __future__ import annotations

from erpsync.policy.duties import rulebook
from tests.policy.sod_companies import company, duty, sod_risk

ROLES = (
    duty("lead", includes=("buyer", "keeper")),
    duty("buyer", "PO", includes=("clerk",)),
    duty("keeper", "GR"),
    duty("clerk", "PAY", includes=("gone",)),
)
ACCESS = company(roles=ROLES, risks=(sod_risk("P05", "PO", "GR"), sod_risk("P08", "INV", "PAY")))


def test_a_role_brings_what_it_includes_however_deep() -> None:
    book = rulebook(ACCESS)
    brought = {key for key in ACCESS.functions if book.brings("lead", key)}
    assert brought == {"PO", "GR", "PAY"}


def test_a_risk_is_made_by_one_function_of_each_side() -> None:
    book = rulebook(ACCESS)
    assert [found.risk.key for found in book.made_by(book.masks["lead"])] == ["P05"]
    assert book.made_by(book.masks["buyer"]) == ()


def test_what_a_role_was_found_to_bring_counts_beside_what_it_claims() -> None:
    book = rulebook(ACCESS, {"clerk": ["INV"]})
    assert [found.risk.key for found in book.made_by(book.masks["clerk"])] == ["P08"]


def test_the_chain_to_a_function_is_the_shortest_and_ends_at_the_role_that_claims_it() -> None:
    book = rulebook(ACCESS)
    assert book.chain("lead", "PAY", ACCESS) == ("lead", "buyer", "clerk")
    assert book.chain("keeper", "GR", ACCESS) == ("keeper",)


def test_there_is_no_chain_to_what_a_role_does_not_bring() -> None:
    assert rulebook(ACCESS).chain("lead", "INV", ACCESS) == ()


def test_roles_that_include_each_other_are_walked_once() -> None:
    around = company(roles=(duty("a", "PO", includes=("b",)), duty("b", includes=("a",))), risks=())
    assert rulebook(around).chain("b", "PO", around) == ("b", "a")
    assert rulebook(around).masks["b"] == rulebook(around).masks["a"]
