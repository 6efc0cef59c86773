"""The second service is not left out unseen: a developer may go on without it, CI may not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import second_scim

FOLDER = Path(second_scim.PROGRAM).parent


@pytest.mark.parametrize(("ci", "ends"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_node_tests_are_skipped_at_home_and_fail_in_ci(
    ci: str, ends: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(ends, match="make scimmy"), second_scim.running(tmp_path):
        pass


def test_every_package_of_it_is_pinned_by_its_digest() -> None:
    locked = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]
    named = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    assert named == locked[""]["dependencies"]
    assert all(name == "" or package["integrity"].startswith("sha512-") for name, package in locked.items())
    assert all("hasInstallScript" not in package for package in locked.values())
