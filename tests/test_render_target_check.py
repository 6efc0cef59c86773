"""What was found out about targets, as text and as JSON."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace

from erpsync.connectors.checks import Check, Purpose, Verdict
from erpsync.model import Location, Target
from erpsync.render.target_check import LONGEST, checks_json, render_checks
from erpsync.target_check import Checked
from tests.golden import FOLDER, check_golden

TARGET = Target("erp", "tryton", "https://erp.huaxin.example/", None, None, Location("a.yaml", 1, 1))
CHECKED = Checked(
    TARGET,
    "erpsync-plan",
    Purpose.PLAN,
    reached=True,
    checks=(
        Check("connection", Verdict.OK, "the ERP answers and lets 'erpsync-plan' in; it is tryton:1f"),
        Check("rights", Verdict.FAIL, "may write res.user: not needed to plan", "take the right away"),
        Check("rights", Verdict.UNKNOWN, "whether it may read users cannot be told"),
        Check("clock", Verdict.WARN, "the ERP's is 7 min behind the one here", "set both by NTP"),
    ),
)
UNREACHED = Checked(
    replace(TARGET, name="u8", connector="worklist"),
    "",
    Purpose.PLAN,
    reached=False,
    checks=(Check("connection", Verdict.FAIL, "the export cannot be read: No such file"),),
)


def test_the_text_is_as_in_the_golden_file() -> None:
    check_golden(FOLDER / "target_check.txt", render_checks([CHECKED, UNREACHED]))


def test_the_json_is_as_in_the_golden_file() -> None:
    check_golden(FOLDER / "target_check.json", checks_json([CHECKED, UNREACHED]))


def test_nothing_harmful_and_nothing_endless_reaches_the_screen() -> None:
    bad = Check("na\x1bme", Verdict.OK, "evil\n  ok  rights\u202e" + "x" * 5000, "\x1b[2J" + "y" * 5000)
    checked = replace(CHECKED, login="\x1b]0;x", checks=(bad,))
    text = render_checks([checked])
    categories = {unicodedata.category(char) for char in text.replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert text.count("\n") == 4
    assert len(text) < 2 * LONGEST + 500
    (target,) = json.loads(checks_json([checked]))["targets"]
    assert len(target["checks"][0]["message"]) == LONGEST
