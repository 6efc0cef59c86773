"""The application form: one form in the template, in the scaffold, and as requests fill it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from erpsync.access import load_valid
from erpsync.access_requests import Why, grant
from erpsync.render.request_form import FIELDS, filled, form

ROOT = Path(__file__).parent.parent
PLACES = [ROOT / ".github", ROOT / "erpsync" / "scaffold" / "dot-github"]
FORMS = ("access.yml", "wrong-access.yml")


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_template_of_pull_requests_is_the_empty_form(place: Path) -> None:
    assert (place / "PULL_REQUEST_TEMPLATE.md").read_text("utf-8") == form({})


@pytest.mark.parametrize("name", FORMS)
def test_issue_forms_of_the_scaffold_are_those_of_the_project(name: str) -> None:
    mine, given = ((place / "ISSUE_TEMPLATE" / name).read_text("utf-8") for place in PLACES)
    assert mine == given


@pytest.mark.parametrize("name", FORMS)
def test_issue_form_is_one_that_github_takes(name: str) -> None:
    """https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues ."""
    read: dict[str, Any] = yaml.safe_load((PLACES[0] / "ISSUE_TEMPLATE" / name).read_text("utf-8"))
    assert (
        {"name", "description", "body"} <= read.keys() <= {"name", "description", "title", "labels", "body"}
    )
    ids = [part["id"] for part in read["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for part in read["body"]:
        assert part["type"] in ("markdown", "input", "textarea", "dropdown", "checkboxes")
        assert part["attributes"].get("label") or part["type"] == "markdown"
        options = part["attributes"].get("options", [])
        assert len(options) == len({str(option) for option in options})


def test_issue_form_has_every_field_of_the_form() -> None:
    read = yaml.safe_load((PLACES[0] / "ISSUE_TEMPLATE" / "access.yml").read_text("utf-8"))
    labels = {part["attributes"].get("label") for part in read["body"]}
    assert {label for key, label in FIELDS if key != "number"} <= labels


def test_form_is_filled_with_who_approves() -> None:
    access = load_valid(ROOT / "access")
    asked = grant(
        access, access.users["feng.lei"], "quality.returns_clerk", Why("x"), None, date(2026, 12, 31)
    )
    text = filled([asked], Why("handles returns"), access, access)
    assert "| 部门 Department | 采购部 |" in text
    assert "| 岗位 Duty | 采购员 |" in text
    assert "| 部门负责人 Department head | 吴岚 (wu.lan) |" in text
    assert "顾欣 (gu.xin)<br>" in text
    assert "| 申请单号 Request number |  |" in text


def test_values_stay_in_their_cells() -> None:
    text = form({"reason": ["a | b\n\n# <script> @wu-lan [x](http://evil.example)"], "who": ["一", "二"]})
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert html.count("<tr>") == len(FIELDS) + 1
    assert "<script>" not in html
    assert "<a " not in html
    assert "一<br>二" in html
