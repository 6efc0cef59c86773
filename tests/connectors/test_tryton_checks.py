"""Odd answers of Tryton when it is asked what a login may do; the ordinary ones come from a real one."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from erpsync.connectors.checks import Check, Purpose, Verdict
from erpsync.connectors.tryton.checks import look_around
from erpsync.connectors.tryton.directory import Directory
from erpsync.connectors.tryton.rpc import Rpc, RpcError
from erpsync.errors import TargetError

GROUPS_ONLY = Directory("groups", {}, {}, {}, None, {})


class ToldRpc:
    """A session that answers as the test says."""

    where = "target 'erp'"
    username = "erpsync-plan"
    http = SimpleNamespace(ahead=timedelta())

    def __init__(self, *versions: str, refused: str = "") -> None:
        self.versions = versions
        self.refused = refused

    def call(self, method: str, *params: Any) -> list[Any]:
        if method == "model.ir.module.search_read":
            return [{"name": "m", "version": version} for version in self.versions]
        return []

    def ask(self, method: str, *params: Any) -> dict[str, Any]:
        if self.refused:
            raise RpcError("UserError", self.refused)
        return {}


def version(*versions: str) -> Check:
    rpc = cast("Rpc", ToldRpc(*versions))
    return next(iter(look_around(rpc, GROUPS_ONLY, Purpose.PLAN)))


def test_the_series_that_is_tested_is_well() -> None:
    assert version("", "8.2.3").verdict is Verdict.OK


def test_another_series_is_a_warning() -> None:
    check = version("7.0.1", "8.2.0")
    assert check.verdict is Verdict.WARN
    assert "7.0.1" in check.message


def test_a_server_without_versions_is_not_known() -> None:
    assert version("").verdict is Verdict.UNKNOWN


def test_access_rights_that_are_not_told_end_the_checks_in_words() -> None:
    rpc = cast("Rpc", ToldRpc("8.2.0", refused="no access"))
    with pytest.raises(TargetError, match="does not tell what 'erpsync-plan' may do: no access") as raised:
        list(look_around(rpc, GROUPS_ONLY, Purpose.PLAN))
    assert "docs/tryton.md" in str(raised.value.hint)
