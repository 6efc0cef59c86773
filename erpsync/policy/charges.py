"""Who answers for what: every place of the files that names somebody as responsible. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from erpsync.model import Access, Location
from erpsync.policy.people import present

PARTS_ZH = {
    "manager": "负责人",
    "business admin": "业务管理员",
    "ERP admin": "ERP管理员",
    "key user": "关键用户",
    "owner": "责任人",
    "performer": "执行人",
    "deputy": "代理人",
    "controller": "监督人",
    "head": "主任",
    "member": "成员",
}
KINDS_ZH = {
    "department": "部门",
    "subsystem": "子系统",
    "role": "角色",
    "office": "办公室",
    "user": "用户",
    "risk": "风险",
    "mitigation": "补偿控制",
    "waiver": "豁免",
}


@dataclass(frozen=True, slots=True)
class Charge:
    """Somebody plays a part in an entry: ``part`` of the ``kind`` that is called ``key``."""

    part: str
    kind: str
    key: str
    user: str
    at: Location

    @property
    def subject(self) -> str:
        """What it is called among the findings of a rule."""
        return f"{self.kind}/{self.key}/{self.part.replace(' ', '_')}"

    @property
    def words(self) -> str:
        """``owner of role purchasing.buyer``."""
        return f"{self.part} of {self.kind} {self.key}"

    @property
    def words_zh(self) -> str:
        """The same in Chinese."""
        return f"{KINDS_ZH[self.kind]} {self.key} 的{PARTS_ZH[self.part]}"


def charges(access: Access, day: date) -> Iterator[Charge]:
    """Everything that somebody answers for, by whoever it is; what has ended is nobody's task any more."""
    yield from _organisation(access)
    yield from _exceptions(access, day)
    for role in access.roles.values():
        yield from _one("owner", "role", role.key, role.owner, role.at)
    for user in present(access, day):
        yield from _one("owner", "user", user.key, user.owner, user.at)
        yield from _one("deputy", "user", user.key, user.deputy, user.at)
        for key in user.controllers:
            yield Charge("controller", "user", user.key, key, user.at)


def _organisation(access: Access) -> Iterator[Charge]:
    for department in access.departments.values():
        yield from _one("manager", "department", department.key, department.manager, department.at)
    for subsystem in access.subsystems.values():
        at = subsystem.at
        yield from _one("business admin", "subsystem", subsystem.key, subsystem.business_admin, at)
        yield from _one("ERP admin", "subsystem", subsystem.key, subsystem.erp_admin, at)
        for key in subsystem.key_users:
            yield Charge("key user", "subsystem", subsystem.key, key, at)
    for office in (*access.oversight.values(), *access.operations.values()):
        yield from _one("head", "office", office.key, office.head, office.at)
        for key in office.members:
            if key != office.head:
                yield Charge("member", "office", office.key, key, office.at)


def _exceptions(access: Access, day: date) -> Iterator[Charge]:
    for risk in access.risks.values():
        yield from _one("owner", "risk", risk.key, risk.owner, risk.at)
    for item in access.mitigations.values():
        if item.valid_to >= day:
            yield Charge("owner", "mitigation", item.key, item.owner, item.at)
            yield Charge("performer", "mitigation", item.key, item.performer, item.at)
    for waiver in access.waivers.values():
        if waiver.valid_to >= day:
            yield Charge("owner", "waiver", waiver.key, waiver.owner, waiver.at)


def _one(part: str, kind: str, key: str, user: str | None, at: Location) -> Iterator[Charge]:
    if user is not None:
        yield Charge(part, kind, key, user, at)
