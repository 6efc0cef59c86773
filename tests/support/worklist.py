"""The export of an imaginary U8, and access files whose target is read from it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from erpsync.connectors.base import Edit, Handover, Status
from erpsync.model import Account, AccountChange, Change, ChangeKind, Grant, Location, Reason, Target
from tests.support.access_files import ENFORCE, AccessFiles

OPTIONS = {
    "system": "U8-001",
    "users_file": "users.csv",
    "login_column": "操作员编码",
    "name_column": "操作员姓名",
    "active_column": "状态",
    "active_value": "启用",
    "inactive_value": "停用",
    "roles_file": "roles.csv",
    "role_column": "角色",
    "catalogue_file": "catalogue.csv",
    "catalogue_column": "角色名称",
}
USERS = [
    ["操作员编码", "操作员姓名", "状态"],
    ["peng.fei", "彭飞", "启用"],
    ["ma.li", "马丽", "启用"],
]
ROLES = [["操作员编码", "角色"], ["peng.fei", "Buyer"], ["peng.fei", "Clerk"]]
CATALOGUE = [["角色名称"], ["Buyer"], ["Clerk"], ["Planner"]]

Lines = Sequence[Sequence[str]]
PLAN = "sha256:" + "3f" * 32
RUN = "20261122T080000Z-a1b2c3"


def text_of(lines: Lines) -> str:
    """Lines as CSV."""
    stream = io.StringIO()
    csv.writer(stream).writerows(lines)
    return stream.getvalue()


def workbook_of(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """Lines as the sheets of an XLSX file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(list(line))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def put_export(
    folder: Path, users: Lines = USERS, roles: Lines = ROLES, catalogue: Lines = CATALOGUE,
    encoding: str = "gb18030",
) -> None:  # fmt: skip
    """Write an export of three files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("users", users), ("roles", roles), ("catalogue", catalogue)):
        (folder / f"{name}.csv").write_bytes(text_of(lines).encode(encoding))


def age(folder: Path, seconds: float) -> None:
    """Make the files of an export older; a negative age is still to come."""
    for path in folder.iterdir():
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def options(**more: str | None) -> dict[str, str]:
    """The options, with some changed, added, or left out by None."""
    return {name: value for name, value in {**OPTIONS, **more}.items() if value is not None}


def make_target(folder: Path, **more: str | None) -> Target:
    """A target whose access files are in a repository in this folder."""
    at = Location(str(folder / "access" / "erpsync.yaml"), 4, 3)
    return Target("u8", "worklist", "file:exports", None, None, at, options=options(**more))


def declare(access: AccessFiles, **more: str | None) -> None:
    """Write the settings of access files whose only target is the export in ``exports``."""
    (access.path.parent / ".git").mkdir(exist_ok=True)
    lines = "".join(f'      {name}: "{value}"\n' for name, value in options(**more).items())
    access.write(
        "erpsync.yaml",
        "settings: {timezone: Asia/Shanghai}\ntargets:\n  erp:\n    connector: worklist\n"
        f"    url: file:exports\n    manage: {ENFORCE}\n"
        f'    unmanaged: {{accounts: report, ignore: ["*"]}}\n    options:\n{lines}',
    )


# --- a plan ---------------------------------------------------------------------------------------

WHY = (Reason("position buyer", Location("access/users.yaml", 3, 5), "purchasing.buyer", "REQ-2026-0417"),)


def joiner(login: str = "chen.jing", name: str = "陈静", entitlement: str = "Buyer") -> AccountChange:
    """Somebody who gets an account and a role."""
    after = Account(login, name, grants=(Grant(entitlement),))
    changes = (
        Change(ChangeKind.CREATE, after=name, reasons=WHY),
        Change(ChangeKind.GRANT, entitlement, after=after.grants, reasons=WHY),
    )
    return AccountChange(login, login, None, after, "sha256:none", changes)


def leaver() -> AccountChange:
    """Somebody who loses a role and is locked."""
    before = Account("peng.fei", "彭飞", grants=(Grant("Buyer"),))
    changes = (Change(ChangeKind.LOCK), Change(ChangeKind.REVOKE, "Buyer", before=before.grants))
    return AccountChange(
        "peng.fei", "peng.fei", before, Account("peng.fei", "彭飞", active=False), "f", changes
    )


def handover(changes: Sequence[AccountChange], *folders: Path) -> Handover:
    """What a work order for these changes belongs to."""
    return Handover(RUN, PLAN, "wulan", tuple(changes), folders)


def edits_of(changes: Sequence[AccountChange]) -> list[Edit]:
    """The edits that apply would hand over."""
    return [Edit(change, change.before) for change in changes]


HANDED_OVER = Status.HANDED_OVER
