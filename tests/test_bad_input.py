"""What a user really types wrong: one folder a defect, with the exact findings beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erpsync import files, yaml_tree
from erpsync.access import validate
from erpsync.model import Finding
from erpsync.render.text import render_findings
from tests.golden import check_golden

FOLDER = Path(__file__).parent / "bad_input"
DEFECTS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An access directory that is valid before a test spoils it."""
    monkeypatch.chdir(tmp_path)
    root = Path("access")
    root.mkdir()
    (root / "organisation.yaml").write_text("departments: {purchasing: {title: Purchasing}}\n")
    return root


def rendered(root: Path) -> str:
    return render_findings(validate(root).findings)


def only_finding(root: Path) -> Finding:
    (finding,) = validate(root).findings
    return finding


@pytest.mark.parametrize("defect", DEFECTS)
def test_defect_is_reported_as_expected(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    findings = rendered(Path(defect))
    assert findings, "a defect that nobody reports"
    check_golden(FOLDER / defect / "expected.txt", findings)


@pytest.mark.parametrize("defect", DEFECTS)
def test_findings_are_sorted_and_told_once(defect: str) -> None:
    findings = validate(FOLDER / defect).findings
    assert list(findings) == sorted(findings, key=lambda finding: finding.order)
    assert len(findings) == len(set(findings))


@pytest.mark.parametrize("defect", [name for name in DEFECTS if name.startswith("password_")])
def test_password_is_never_shown(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    assert "hunter2" not in rendered(Path(defect)).casefold()


def test_file_with_one_defect_does_not_hide_those_of_others() -> None:
    rules = {finding.rule for finding in validate(FOLDER / "everything_at_once").findings}
    assert {
        "yaml/syntax",
        "file/suffix",
        "schema/unknown-key",
        "schema/format",
        "reference/unknown",
    } <= rules


# --- what cannot stand in git as a fixture ----------------------------------------------------------


def test_file_over_the_limit_is_not_read(root: Path) -> None:
    path = root / "big.yaml"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    finding = only_finding(root)
    assert (finding.rule, str(finding.at)) == ("file/size", "access/big.yaml:1:1")
    assert "34 MB" in finding.message


def test_file_at_the_limit_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", (root / "organisation.yaml").stat().st_size)
    assert not validate(root).findings


@pytest.mark.parametrize("deep", ["[", "{a: ", "? ", "- ", "- - - ", "{? "])
def test_hundred_thousand_levels_of_nesting_are_refused(root: Path, deep: str) -> None:
    (root / "deep.yaml").write_text("users: " * (not deep.startswith(("?", "-"))) + deep * 100_000)
    findings = validate(root).findings
    assert {finding.at.file for finding in findings} == {"access/deep.yaml"}
    assert findings[-1].rule in ("yaml/syntax", "yaml/top")


def test_deepest_nesting_allowed_is_not_called_too_deep(root: Path) -> None:
    deep = "users: " + "{a: " * (yaml_tree.MAX_DEPTH - 1) + "b" + "}" * (yaml_tree.MAX_DEPTH - 1)
    (root / "deep.yaml").write_text(deep)
    assert "nesting" not in rendered(root)
    (root / "deep.yaml").write_text(deep.replace("b", "{a: b}"))
    assert f"more than {yaml_tree.MAX_DEPTH} levels of nesting" in rendered(root)


@pytest.mark.parametrize("kind", ["file", "folder", "dangling"])
def test_symbolic_link_is_not_followed(root: Path, tmp_path: Path, kind: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if kind == "folder":
        elsewhere.mkdir()
        (elsewhere / "users.yaml").write_text("users: {eve: {name: Eve, type: dedicated}}\n")
    elif kind == "file":
        elsewhere.write_text("users: {eve: {name: Eve, type: dedicated}}\n")
    (root / "users.yaml").symlink_to(elsewhere)
    finding = only_finding(root)
    assert (finding.rule, str(finding.at)) == ("file/symlink", "access/users.yaml:1:1")
    assert not validate(root).build().users


def test_link_to_the_folder_above_does_not_loop(root: Path) -> None:
    (root / "again").symlink_to("..", target_is_directory=True)
    assert only_finding(root).rule == "file/symlink"


def test_unreadable_file_is_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "users.yaml").write_text("users: {}\n")
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "users.yaml":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    finding = only_finding(root)
    assert (finding.rule, str(finding.at)) == ("file/unreadable", "access/users.yaml:1:1")
    assert "Permission denied" in finding.message


def test_unreadable_folder_is_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "users").mkdir()
    iterdir = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "users":
            raise PermissionError(13, "Permission denied")
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    finding = only_finding(root)
    assert (finding.rule, str(finding.at)) == ("file/unreadable", "access/users:1:1")


def test_named_pipe_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe.yaml")
    # A reader of a pipe without a writer waits for ever; this writer lets it go on at once.
    handle = os.open(root / "pipe.yaml", os.O_RDWR | os.O_NONBLOCK)
    os.write(handle, b"users: {}\n")
    finding = None
    try:
        finding = next(iter(validate(root).findings), None)
    finally:
        os.close(handle)
    assert finding is not None
    assert finding.at.file == "access/pipe.yaml"


def test_file_name_that_is_not_utf_8_is_a_finding(root: Path) -> None:
    name = "采购.yaml".encode("gbk")
    (root / os.fsdecode(name)).write_text("users: {}\n")
    finding = only_finding(root)
    assert finding.rule.startswith("file/")
    assert rendered(root).encode()


@pytest.mark.parametrize("name", ["users.yml", "users.YAML", "users.Yml", "users.Yaml"])
def test_suffix_that_would_not_be_read_is_a_finding(root: Path, name: str) -> None:
    (root / name).write_text("users: {}\n")
    finding = only_finding(root)
    assert (finding.rule, finding.at.file) == ("file/suffix", f"access/{name}")


@pytest.mark.parametrize("name", [".hidden.yaml", "users.yaml~", "users.yaml.bak", "notes.md", ".git/x.yaml"])
def test_files_of_editors_and_of_git_are_passed_over(root: Path, name: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("not: [yaml")
    assert not validate(root).findings
