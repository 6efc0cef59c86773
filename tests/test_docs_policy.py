"""The examples of docs/policy.md do what the page says."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from erpsync.policy import plugins
from erpsync.policy.base import Facts, evaluate
from erpsync.policy.expressions import compile_expression
from erpsync.policy.fields import kinds
from erpsync.policy.plugins import GROUP, installed_rules
from tests.builders import TODAY, assign, declare, role, user
from tests.cli.conftest import Command
from tests.cli.conftest import erpsync as erpsync
from tests.support.access_files import AccessFiles

PAGE = (Path(__file__).parent.parent / "docs" / "policy.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_plug_in_of_the_page_finds_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks("python")
    (declaration,) = re.findall(r'^huaxin = "(.*)"$', PAGE, re.MULTILINE)
    module = ModuleType("huaxin_rules")
    exec(compile(code, "docs/policy.md", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, "huaxin_rules", module)
    entry = EntryPoint("huaxin", declaration, GROUP)
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry])
    worker = user("lu.yuan", department="night_shift", assignments=[assign("finance.cashier")])
    access = declare(
        users=[worker, replace(worker, key="b", department="it")], roles=[role("finance.cashier")]
    )
    (found,) = evaluate(Facts(access, TODAY), installed_rules())
    assert found.id == "huaxin/night-shift:lu.yuan"


@pytest.mark.parametrize("text", blocks("yaml"))
def test_the_yaml_of_the_page_is_valid(erpsync: Command, access: AccessFiles, text: str) -> None:
    access.write("shown.yaml", text)
    ran = erpsync("validate", "--access", access)
    assert "error" not in ran.out
    assert yaml.safe_load(text)


def expressions() -> list[str]:
    table = PAGE.partition("| compare |")[2].partition("\n\n")[0]
    return [text.replace("\\|", "|") for text in re.findall(r"`([^`]+)`", table)]


@pytest.mark.parametrize("text", [text for text in expressions() if len(text) > len("a && b ? c")])
def test_the_expressions_of_the_page_compile(text: str) -> None:
    fields = kinds("users")
    assert compile_expression(text, fields).names
