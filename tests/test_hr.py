"""The personnel list: people by their number; what is not understood is told and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from erpsync.access_requests import Asked
from erpsync.draft import Draft, draft
from erpsync.files import File
from erpsync.hr import Feed, compare, people_of
from erpsync.model import Access, HrList, Limit, Status
from erpsync.table import Content, read_table
from tests.support.worklist import workbook_of

DAY = date(2026, 11, 28)
COLUMNS = {
    "employee_no": "工号", "name": "姓名", "department": "部门", "position": "岗位", "email": "邮箱",
    "status": "状态", "left_on": "离职日期",
}  # fmt: skip
HEADER = ",".join(COLUMNS.values())
LIST = HrList(
    COLUMNS,
    departments={"采购一部": "purchasing"},
    positions={"质检": "inspector"},
    without_access=("保安*",),
)
COMPANY = (
    File("base.yaml", "access/base.yaml", """\
settings: {timezone: Asia/Shanghai}
departments:
  purchasing: {title: Purchasing, title_zh: 采购部}
  quality: {title: Quality, title_zh: 质量部}
subsystems: {s: {title: S}}
positions:
  buyer: {title: Buyer, title_zh: 采购员, department: purchasing, roles: [r]}
  inspector: {title: Inspector, title_zh: 检验员, department: quality, roles: []}
  clerk1: {title: Clerk, title_zh: 文员, department: purchasing, roles: []}
  clerk2: {title: Clerk, title_zh: 文员, department: quality, roles: []}
roles: {r: {title: R, subsystem: s, owner: wu.lan, entitlements: {}}}
""".encode()),
    File("users.yaml", "access/users.yaml", """\
users:
  wu.lan: {name: 吴岚, employee_no: "00008", department: purchasing, position: buyer, type: dedicated}
  chen.jing:  # key user
    name: 陈静
    employee_no: "10023"
    department: purchasing
    position: buyer
    type: dedicated
  peng.fei: {name: 彭飞, employee_no: "10096", department: purchasing, type: dedicated, status: left}
  svc: {name: 接口, type: service, owner: wu.lan, purpose: x, employee_no: "9"}
""".encode()),
)  # fmt: skip
ACCESS: Access = Draft(COMPANY, {}).valid().build()
WHOLE = ("00008,吴岚,采购部,采购员,,,", "10023,陈静,采购部,采购员,,在职,")


def fed(*lines: str, described: HrList = LIST, access: Access = ACCESS) -> Feed:
    data = "\n".join([HEADER, *lines]).encode()
    table = read_table(Content("list.csv", data, datetime(2026, 1, 1, tzinfo=UTC)), None, 1, ",")
    return compare(people_of(table, described), access, described, "access", DAY)


def after(asked: tuple[Asked, ...]) -> Access:
    edits: dict[str, list[object]] = {}
    for item in asked:
        edits.setdefault(item.file, []).extend(item.edits)
    new = [
        File(name.removeprefix("access/"), name, b"")
        for name in edits
        if name not in {f.shown for f in COMPANY}
    ]
    return draft(COMPANY, edits, new).valid().build()  # type: ignore[arg-type]  # edits of any kind


def titles(feed: Feed) -> list[str]:
    return [item.title for item in feed.asked]


def test_list_that_agrees_asks_for_nothing() -> None:
    feed = fed(*WHOLE)
    assert (feed.asked, feed.missing, feed.troubles) == ((), (), ())


def test_joiner_gets_key_department_and_position() -> None:
    feed = fed(
        *WHOLE, "20001,王小明,采购一部,采购员,wang@huaxin.example,在职,", "20002,王小明,质量部,质检,,,"
    )
    assert titles(feed) == ["wang.xiaoming joins", "wang.xiaoming2 joins"]
    users = after(feed.asked).users
    one, two = users["wang.xiaoming"], users["wang.xiaoming2"]
    assert (one.department, one.position, one.employee_no, one.email) == (
        "purchasing", "buyer", "20001", "wang@huaxin.example",
    )  # fmt: skip
    assert (two.department, two.position, two.at.file) == (
        "quality",
        "inspector",
        "access/users/quality.yaml",
    )


def test_mover_and_corrected_name() -> None:
    feed = fed(WHOLE[0], "10023,陈静静,质量部,检验员,,,")
    assert titles(feed) == ["Move chen.jing to inspector"]
    user = after(feed.asked).users["chen.jing"]
    assert (user.name, user.department, user.position, user.position_since) == (
        "陈静静",
        "quality",
        "inspector",
        DAY,
    )
    assert titles(fed(WHOLE[0], "10023,陈静,采购部,采购员,cj@huaxin.example,,")) == [
        "Correct email of chen.jing"
    ]
    assert titles(fed(WHOLE[0], "10023,陈静,质量部,,,,")) == ["Move chen.jing to department quality"]


def test_leaver_leaves_on_the_day_of_the_list() -> None:
    feed = fed(WHOLE[0], "10023,陈静,采购部,采购员,,离职,2026-11-20")
    user = after(feed.leaves).users["chen.jing"]
    assert (user.status, user.left_on) == (Status.LEFT, date(2026, 11, 20))
    later = after(fed(WHOLE[0], "10023,陈静,采购部,采购员,,离职,2026-12-31 00:00:00").leaves).users[
        "chen.jing"
    ]
    assert (later.status, later.valid_to) == (Status.ACTIVE, date(2026, 12, 31))
    assert after(fed(WHOLE[0], "10023,陈静,,,,离职,").leaves).users["chen.jing"].valid_to == DAY


@pytest.mark.parametrize(
    ("ends", "left_on", "asked"),
    [
        ("2026-12-15", "2027-06-30", False),
        ("2026-11-28", "", False),
        ("2025-12-31", "2027-06-30", False),
        ("2025-12-31", "", True),
    ],
)
def test_leaver_of_the_list_never_gets_access_prolonged(ends: str, left_on: str, asked: bool) -> None:
    user = replace(ACCESS.users["chen.jing"], valid_to=date.fromisoformat(ends))
    access = replace(ACCESS, users={**ACCESS.users, "chen.jing": user})
    feed = fed(WHOLE[0], f"10023,陈静,,,,离职,{left_on}", access=access)
    assert (bool(feed.asked), feed.troubles) == (asked, ())
    assert not any(edit.path[-1] == "valid_to" for item in feed.asked for edit in item.edits)


def test_days_of_a_workbook_are_days() -> None:
    line = ["10023", "陈静", "", "", "", "离职", datetime(2026, 11, 20)]  # noqa: DTZ001 - a cell has no zone
    data = workbook_of({"x": [list(COLUMNS.values()), line]})
    table = read_table(Content("list.xlsx", data, datetime(2026, 1, 1, tzinfo=UTC)), None, 1, ",")
    feed = compare(people_of(table, LIST), ACCESS, LIST, "access", DAY)
    assert after(feed.leaves).users["chen.jing"].left_on == date(2026, 11, 20)


def test_who_has_left_already_or_was_never_here_is_no_leaver() -> None:
    feed = fed(*WHOLE, "10096,彭飞,,,,离职,2026-08-31", "30000,某人,,,,离职,2026-08-31")
    assert (feed.asked, feed.troubles) == ((), ())


def test_who_is_missing_is_told_and_stays() -> None:
    feed = fed(WHOLE[0])
    assert ([user.key for user in feed.missing], feed.asked) == (["chen.jing"], ())


def test_people_without_access_are_counted_only() -> None:
    assert fed(*WHOLE, "40000,张三,保卫科,保安队长,,,").without_access == 1


@pytest.mark.parametrize(
    ("line", "words", "hint"),
    [
        ("20001,王小明,采购处,采购员,,,", "no department is called '采购处'", "采购部"),
        ("20001,王小明,采购部,采购长,,,", "no position is called '采购长'", "采购员"),
        ("20001,王小明,采购部,,,,", "names no position", "without_access"),
        ("20001,王小明,,文员,,,", "are called alike", "settings: hr:"),
        ("20001,王小明,质量部,采购员,,,", "buyer is one of purchasing", "correct the list"),
        ("20001,,采购部,采购员,,,", "has no name", ""),
        (",王小明,采购部,采购员,,,", "王小明 has no employee number", ""),
        ("8,吴岚,采购部,采购员,,,", "may be 00008, wu.lan", "zeros"),
        ("10023,陈静,采购部,采购员,,离职,soon", "'soon' is no day", "2026-12-31"),
        ("10096,彭飞,采购部,采购员,,,", "peng.fei has left, and is in the list", "by hand"),
    ],
)
def test_line_that_is_not_clear_is_told_with_its_number(line: str, words: str, hint: str) -> None:
    feed = fed(WHOLE[0], line)
    (trouble,) = feed.troubles
    assert (trouble.line, feed.asked) == (3, ())
    assert words in trouble.message
    assert hint in (trouble.hint or "")


def test_position_of_two_departments_is_told_by_the_department() -> None:
    assert after(fed(*WHOLE, "20001,王小明,质量部,文员,,,").asked).users["wang.xiaoming"].position == "clerk2"


def test_two_lines_with_one_number_are_both_left_out() -> None:
    feed = fed(WHOLE[0], "10023,陈静,质量部,检验员,,,", "10023,陈婧,采购部,采购员,,,")
    assert [(item.line, "10023 is in line" in item.message) for item in feed.troubles] == [
        (3, True),
        (4, True),
    ]
    assert feed.asked == ()


def test_number_of_two_users_is_told() -> None:
    users = {**ACCESS.users, "twin": replace(ACCESS.users["chen.jing"], key="twin")}
    (trouble,) = fed(*WHOLE, access=replace(ACCESS, users=users)).troubles
    assert "is that of chen.jing, twin" in trouble.message


@pytest.mark.parametrize(
    ("limit", "over"), [(Limit(0), True), (Limit(1), False), (Limit(None, 0.4), True), (Limit(5, 0.5), False)]
)
def test_more_leavers_than_the_limit_are_too_many(limit: Limit, over: bool) -> None:
    described = replace(LIST, limit=limit)
    feed = fed(WHOLE[0], "10023,陈静,,,,离职,2026-11-20", described=described)
    assert bool(feed.excess(described)) is over
    if over:
        assert feed.excess(described) == f"1 of 2 people would leave; the limit is {limit}"


def test_second_time_nothing_is_left() -> None:
    lines = (WHOLE[0], "10023,陈静,质量部,检验员,,,", "20001,王小明,采购部,采购员,w@huaxin.example,,")
    access = after(fed(*lines).asked)
    assert fed(*lines, access=access).asked == ()
