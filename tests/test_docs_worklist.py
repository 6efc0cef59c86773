"""The example of docs/worklist.md works: its options fit its export."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from erpsync.connectors.worklist.connector import open_export
from erpsync.connectors.worklist.options import KNOWN
from erpsync.model import Grant, Location, Target

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "worklist.md").read_text("utf-8")


def declared() -> dict[str, str]:
    """The options of the page."""
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    options = yaml.safe_load(block)["targets"]["u8"]["options"]
    return {name: str(value) for name, value in options.items()}


def test_the_options_of_the_page_read_the_export_beside_it(tmp_path: Path) -> None:
    # A checkout is as old as the repository; an export may be a day old.
    shutil.copytree(DOCS / "examples" / "worklist", tmp_path / "u8", copy_function=shutil.copyfile)
    target = Target("u8", "worklist", "file:u8", None, None, Location("x", 1, 1), options=declared())
    reader = open_export(target, tmp_path / "u8")
    accounts = reader.snapshot().accounts
    assert accounts["peng.fei"].grants == (Grant("采购员"), Grant("采购审批"))
    assert {login for login, account in accounts.items() if not account.active} == {"ma.li"}
    assert "总账会计" in reader.catalogue().entitlements


def test_every_option_is_explained_and_no_other() -> None:
    table = PAGE.split("| option | meaning |")[1].split("\n\n")[0]
    explained = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    assert explained == KNOWN
