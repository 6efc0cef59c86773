"""``hr sync``: shown first, then a commit for all or for each person; a short list locks nobody."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.cli.conftest import Command
from tests.support.company_repository import SETTINGS, CompanyRepository
from tests.support.github_server import GitHubServer
from tests.support.repositories import git

HR = """\
  hr:
    columns: {employee_no: 工号, name: 姓名, department: 部门, position: 岗位, status: 状态}
    limit: {count: 1}
"""
PEOPLE = """\
users:
  wu.lan: {name: 吴兰, employee_no: "1", department: purchasing, position: buyer, type: dedicated}
  lin.tao: {name: 林涛, employee_no: "2", department: purchasing, position: buyer, type: dedicated}
  he.qi: {name: 何琪, employee_no: "3", department: audit, type: dedicated}
  ruan.ling: {name: 阮玲, employee_no: "4", department: audit, type: dedicated}
  bao.jing: {name: 鲍静, employee_no: "5", department: audit, type: dedicated}
"""
ROWS = [
    ["工号", "姓名", "部门", "岗位", "状态"],
    ["1", "吴兰", "Purchasing", "Buyer", "在职"],
    ["2", "林涛", "Purchasing", "Buyer", "离职"],
    ["3", "何琪", "Purchasing", "Buyer", "在职"],
    ["4", "阮玲", "Audit", "", "在职"],
    ["6", "王小明", "Purchasing", "Buyer", "在职"],
    ["7", "王小红", "Purchasing", "总裁", "在职"],
]


@pytest.fixture
def repository(
    tmp_path: Path, github_server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> CompanyRepository:
    made = CompanyRepository(tmp_path, github_server)
    settings = SETTINGS.format(url="http://127.0.0.1:9/")
    described = settings.replace("{timezone: Asia/Shanghai}\n", "\n  timezone: Asia/Shanghai\n" + HR)
    made.begin(more={"access/erpsync.yaml": described, "access/users/people.yaml": PEOPLE})
    git(made.work, "config", "user.name", "Tang Shuzhen")
    git(made.work, "config", "user.email", "tang.shuzhen@huaxin.example")
    monkeypatch.chdir(made.work)
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "ERP_USERNAME", "ERP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return made


def csv(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(row) for row in rows).encode(encoding)


def xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def put(tmp_path: Path, data: bytes, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data"), [("a.csv", csv(ROWS)), ("b.csv", csv(ROWS, "gb18030")), ("c.xlsx", xlsx(ROWS))]
)
def test_list_of_any_kind_is_shown_and_nothing_is_made(
    erpsync: Command, repository: CompanyRepository, tmp_path: Path, name: str, data: bytes
) -> None:
    ran = erpsync("hr", "sync", put(tmp_path, data, name), "--as-of", "2026-11-28")
    assert ran.code == 0, ran.err
    expected = (
        "- lin.tao leaves on 2026-11-28 (林涛)",
        "~ Move he.qi to buyer (何琪)",
        "+ wang.xiaoming joins (王小明)",
        "bao.jing (鲍静, 5)",
        ":7: 王小红: no position is called '总裁'",
        "1 join, 1 move, 1 leave, 0 corrected; 1 not in the list, 1 not taken",
        "to make it: --write",
    )
    for words in expected:
        assert words in ran.out
    assert git(repository.work, "branch", "--list") == "* main"


def test_one_commit_for_all(erpsync: Command, repository: CompanyRepository, tmp_path: Path) -> None:
    file = put(tmp_path, csv(ROWS))
    ran = erpsync("hr", "sync", file, "--write", "--as-of", "2026-11-28", "--request", "HR-11", "--offline")
    assert ran.code == 0, ran.err
    assert git(repository.work, "rev-list", "--count", "main..request/hr-2026-11-28") == "1"
    message = git(repository.work, "log", "-1", "--format=%B", "request/hr-2026-11-28")
    assert message.startswith("Personnel list: 1 join, 1 move, 1 leave\n\npersonnel list list.csv")
    assert "Request: HR-11\nRequested-for: lin.tao" in message
    git(repository.work, "checkout", "-q", "request/hr-2026-11-28")
    again = erpsync("hr", "sync", file, "--as-of", "2026-11-28")
    assert "0 join, 0 move, 0 leave" in again.out


def test_one_commit_for_each_person(erpsync: Command, repository: CompanyRepository, tmp_path: Path) -> None:
    file = put(
        tmp_path,
        csv([*ROWS, ["8", "新人", "Audit", "Buyer2", ""], ["9", "王小明", "Purchasing", "Buyer", ""]]),
    )
    arguments = ("--write", "--commits", "person", "--as-of", "2026-11-28", "--branch", "b", "--offline")
    assert erpsync("hr", "sync", file, *arguments).code == 0
    subjects = git(repository.work, "log", "--reverse", "--format=%s", "main..b").splitlines()
    assert subjects == [
        "lin.tao leaves on 2026-11-28", "Move he.qi to buyer", "wang.xiaoming joins", "wang.xiaoming2 joins",
    ]  # fmt: skip
    assert git(repository.work, "diff", "--name-only", "b~1", "b") == "access/users/people.yaml"


def test_short_list_locks_nobody(erpsync: Command, repository: CompanyRepository, tmp_path: Path) -> None:
    ran = erpsync("hr", "sync", put(tmp_path, csv(ROWS[:2])), "--write", "--as-of", "2026-11-28")
    assert (ran.code, "Not in the list, and left as they are: 4" in ran.out) == (0, True)
    assert git(repository.work, "branch", "--list") == "* main"


def test_more_leavers_than_the_limit_are_refused(
    erpsync: Command, repository: CompanyRepository, tmp_path: Path
) -> None:
    rows = [ROWS[0], *([number, "x", "", "", "离职"] for number in "1234")]
    ran = erpsync("hr", "sync", put(tmp_path, csv(rows)), "--write", "--as-of", "2026-11-28")
    assert (ran.code, "4 of 5 people would leave; the limit is 1" in ran.err) == (4, True)
    assert git(repository.work, "branch", "--list") == "* main"


def test_files_here_change_where_asked_for(
    erpsync: Command, repository: CompanyRepository, tmp_path: Path
) -> None:
    arguments = ("--write", "--work-tree", "--commits", "person", "--as-of", "2026-11-28", "--offline")
    assert erpsync("hr", "sync", put(tmp_path, csv(ROWS)), *arguments).code == 0
    text = repository.read("access/users/people.yaml") + repository.read("access/users/buyers.yaml")
    assert "王小明" in text
    assert "position_since: 2026-11-28" in text


def test_what_is_wrong_with_the_file_or_the_settings_is_said(
    erpsync: Command, repository: CompanyRepository, tmp_path: Path
) -> None:
    ran = erpsync("hr", "sync", put(tmp_path, csv([["工号"], ["1"]])))
    assert (ran.code, "no column '姓名'" in ran.err) == (1, True)
    assert erpsync("hr", "sync", tmp_path / "nowhere.csv").code == 1
    repository.push({"access/erpsync.yaml": SETTINGS.format(url="http://127.0.0.1:9/")})
    ran = erpsync("hr", "sync", put(tmp_path, csv(ROWS)))
    assert (ran.code, "settings: {hr:" in ran.err) == (2, True)
