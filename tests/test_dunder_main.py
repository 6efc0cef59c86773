"""``python -m erpsync``."""

from __future__ import annotations

import runpy

import pytest


def test_module_runs_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[bool] = []
    monkeypatch.setattr("erpsync.cli.main.main", lambda: ran.append(True))
    runpy.run_module("erpsync", run_name="__main__")
    assert ran == [True]
