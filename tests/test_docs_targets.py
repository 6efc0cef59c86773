"""The story of docs/targets.md: its files are a valid directory, and one role grants in three targets."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from erpsync.access import load_valid
from erpsync.resolve import resolver

PAGE = (Path(__file__).parent.parent / "docs" / "targets.md").read_text("utf-8")


def test_the_example_gives_one_role_in_three_targets_under_their_logins(tmp_path: Path) -> None:
    block = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
    (tmp_path / "access.yaml").write_text("settings: {timezone: Asia/Shanghai}\n" + block, "utf-8")
    access = load_valid(tmp_path)
    day = date(2026, 11, 28)
    given = {}
    for name in access.targets:
        account = resolver(access, name, day, validity=False).account(access.users["chen.jing"])
        given[name] = (account.login, [grant.entitlement for grant in account.grants])
    assert given == {
        "cloud": ("chen.jing@huaxin.example", ["Buyer"]),
        "erp": ("chen.jing", ["Buyer"]),
        "u8": ("CJ0023", ["采购员"]),
    }
