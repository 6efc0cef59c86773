"""Which accounts are probably nobody's: built into the ERP, or used by a machine or by several people. Pure.

A proposal, no more: the administrator who reads the files decides. Words are looked for as whole parts
of a login, so that no person is taken for a machine because of a few letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from erpsync.model import Account, Snapshot, fold
from erpsync.protection import matches


class Nature(StrEnum):
    """What an account seems to be."""

    PERSON = "person"
    BUILT_IN = "built in"
    """Comes with the ERP or is erpsync's own: to be protected rather than declared."""
    TECHNICAL = "technical"
    """A machine, or a login that several people use: declared as a service, with an owner."""


_BUILT_IN = frozenset({
    "admin", "administrator", "root", "guest", "public", "__system__", "system", "odoobot", "default",
    "portaltemplate", "superuser", "sysadmin", "sysdba", "ddic", "sap*", "sapcpic", "tmsadm",
    "earlywatch", "anonymous", "nobody", "管理员", "系统管理员",
})  # fmt: skip
"""Logins that ERPs bring along: Tryton, Odoo, Frappe, SAP, and those that every handbook names."""
_WORDS = frozenset({
    "svc", "service", "services", "srv", "api", "bot", "robot", "batch", "job", "jobs", "cron", "sync",
    "integration", "interface", "intf", "edi", "etl", "rpc", "kiosk", "terminal", "scanner", "printer",
    "print", "backup", "monitor", "monitoring", "mailer", "noreply", "webshop", "mes", "wms", "plm",
    "test", "testing", "demo", "training", "shared", "common", "temp", "tmp", "dummy", "erpsync",
    "extract", "export", "emergency", "breakglass",
})  # fmt: skip
_WORDS_ZH = re.compile("公用|共用|公共|通用|测试|自助|终端|接口|打印|扫码|培训|演示|备份|同步|机器人|集成")
_PARTS = re.compile(r"[^\W\d_]+")
_OWN = "erpsync"


def nature(account: Account, live: Snapshot, generic: Iterable[str] = ()) -> Nature:
    """What an account seems to be, by its login, its name, and whether the ERP protects it.

    An administrator with a login of a person is a person: the ERP protects the account anyway.
    ``generic`` are patterns of names that the policy of the company takes for nobody's.
    """
    login = fold(account.login)
    parts = set(_PARTS.findall(login))
    # Connectors protect the login that they use, and say whose it is.
    if login in _BUILT_IN or _OWN in parts or _OWN in live.protected.get(login, ""):
        return Nature.BUILT_IN
    words = not parts.isdisjoint(_WORDS) or _WORDS_ZH.search(f"{login} {account.name or ''}")
    if words or any(matches(login, pattern) for pattern in generic):
        return Nature.BUILT_IN if login in live.protected else Nature.TECHNICAL
    return Nature.PERSON
