"""Rules of installed packages: they come by entry point, and a broken one ends the command."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from erpsync.errors import ErpsyncError, ExitCode
from erpsync.model import Risk
from erpsync.policy import plugins
from erpsync.policy.base import Facts, Rule, Violation, evaluate
from erpsync.policy.plugins import GROUP, installed_rules
from tests.builders import AT, TODAY
from tests.support.policies import company, keeper


def _each_user(facts: Facts) -> Iterator[Violation]:
    for user in facts.access.users.values():
        yield Violation(user.key, f"{user.key} is there", f"{user.key} 在", AT, (user.key,))


def _fails(facts: Facts) -> Iterator[Violation]:
    yield from _each_user(facts)
    raise ZeroDivisionError


def _rule(key: str, check: object = _each_user) -> Rule:
    return Rule(key, "T", "题", Risk.LOW, "why", "example", "mend", (), check)  # type: ignore[arg-type]


ONE = _rule("acme/one")
TWO = (_rule("acme/two"), _rule("acme/three"))
FAILING = _rule("acme/failing", _fails)
ODD = _rule("acme/odd", lambda _: ["no violation"])
NO_RULE = "no rule"
A_LIST_OF_WORDS = ("one", "two")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    entries: list[EntryPoint] = []
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries if group == GROUP else [])
    return entries


def entry(name: str, attribute: str, module: str = __name__) -> EntryPoint:
    return EntryPoint(name, f"{module}:{attribute}", GROUP)


def test_a_rule_and_several_rules_are_loaded_by_the_name_of_their_entry(install: list[EntryPoint]) -> None:
    install += [entry("b", "TWO"), entry("a", "ONE")]
    assert [rule.id for rule in installed_rules()] == ["acme/one", "acme/two", "acme/three"]


def test_what_they_find_is_a_finding_like_any_other(install: list[EntryPoint]) -> None:
    install.append(entry("a", "ONE"))
    facts = Facts(company(keeper()), TODAY)
    assert [item.id for item in evaluate(facts, installed_rules())] == ["acme/one:chen.jing"]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (entry("a", "MISSING"), "it cannot be loaded: AttributeError"),
        (entry("a", "ONE", "no.such.module"), "it cannot be loaded: ModuleNotFoundError"),
        (entry("a", "NO_RULE"), "it is neither a Rule nor a tuple of Rules"),
        (entry("a", "A_LIST_OF_WORDS"), "it is neither a Rule nor a tuple of Rules"),
    ],
)
def test_a_broken_plug_in_is_told_by_name(install: list[EntryPoint], broken: EntryPoint, why: str) -> None:
    install.append(broken)
    with pytest.raises(ErpsyncError) as caught:
        installed_rules()
    assert caught.value.message == f"rule plug-in 'a': {why}"
    assert caught.value.exit_code is ExitCode.ERROR


@pytest.mark.parametrize("taken", [["acme/one"], []])
def test_an_id_is_taken_once(install: list[EntryPoint], taken: list[str]) -> None:
    install += [entry("a", "ONE")] if taken else [entry("a", "ONE"), entry("b", "ONE")]
    with pytest.raises(ErpsyncError, match="'acme/one' has the id of another rule"):
        installed_rules(taken)


@pytest.mark.parametrize(("rule", "fault"), [("FAILING", "ZeroDivisionError"), ("ODD", "TypeError")])
def test_a_check_that_fails_is_told_by_name_and_passes_nothing(
    install: list[EntryPoint], rule: str, fault: str
) -> None:
    install.append(entry("a", rule))
    with pytest.raises(ErpsyncError, match=f"rule plug-in 'a': its check failed: {fault}"):
        evaluate(Facts(company(keeper()), TODAY), installed_rules())
