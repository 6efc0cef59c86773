"""``fmt``: one layout for all files, all of them or none."""

from __future__ import annotations

from pathlib import Path

from erpsync.access import load_valid
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles

ROOT = Path(__file__).parent.parent.parent
UNTIDY = """\
users:
    chen.jing:
       type: dedicated    # since May
       department: purchasing
       name: 陈静
"""
TIDY = """\
users:
  chen.jing:
    name: 陈静
    department: purchasing
    type: dedicated    # since May
"""


def test_files_are_laid_out_once(erpsync: Command, company: AccessFiles) -> None:
    file = company.write("people.yaml", UNTIDY)

    assert erpsync("fmt", "--check", "--access", company).code == 4
    assert file.read_text("utf-8") == UNTIDY
    assert str(file) in erpsync("fmt", "--access", company).out
    assert file.read_text("utf-8") == TIDY
    ran = erpsync("fmt", "--check", "--access", company)
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_entries_are_sorted_where_asked_for(erpsync: Command, company: AccessFiles) -> None:
    inside = "department: purchasing, type: dedicated}"
    text = f"users:\n  b: {{name: B, {inside}\n  a: {{name: A, {inside}\n"
    file = company.write("people.yaml", text)
    erpsync("fmt", "--access", company)
    assert file.read_text("utf-8") == text
    erpsync("fmt", "--sort", "--access", company)
    assert file.read_text("utf-8").splitlines()[1].startswith("  a:")


def test_file_that_cannot_be_read_leaves_all_as_they_are(erpsync: Command, company: AccessFiles) -> None:
    file = company.write("people.yaml", UNTIDY)
    company.write("zz.yaml", "users: [\n")
    ran = erpsync("fmt", "--access", company)
    assert (ran.code, "zz.yaml" in ran.err) == (1, True)
    assert file.read_text("utf-8") == UNTIDY


def test_file_of_another_encoding_is_named(erpsync: Command, company: AccessFiles) -> None:
    (company.path / "zz.yaml").write_bytes(UNTIDY.encode("gb18030"))
    for more in ((), ("--check",)):
        ran = erpsync("fmt", "--access", company, *more)
        assert ran.code == 1
        assert "zz.yaml: the file is not UTF-8 text" in ran.err
        assert "save it as UTF-8" in ran.err


def test_state_of_the_example_is_the_same_afterwards(erpsync: Command, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "access"
    shutil.copytree(ROOT / "access", copy)
    before = load_valid(copy)
    assert erpsync("fmt", "--sort", "--access", copy).code == 0
    after = load_valid(copy)
    for key, user in before.users.items():
        assert [item.role for item in after.users[key].assignments] == [
            item.role for item in user.assignments
        ]
        assert after.users[key].scope == user.scope
    assert erpsync("fmt", "--sort", "--check", "--access", copy).code == 0


def test_files_of_a_new_repository_are_laid_out(erpsync: Command, tmp_path: Path) -> None:
    assert erpsync("init", tmp_path / "new").code == 0
    ran = erpsync("fmt", "--check", "--access", tmp_path / "new" / "access")
    assert (ran.code, ran.out) == (0, "")


def test_directory_without_files_is_wrong_usage(erpsync: Command, tmp_path: Path) -> None:
    assert erpsync("fmt", "--access", tmp_path / "nowhere").code == 2
