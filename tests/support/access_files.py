"""Small valid access files, to be changed by the test."""

from __future__ import annotations

from pathlib import Path

SETTINGS = """\
settings:
  timezone: Asia/Shanghai
targets:
  erp:
    connector: {connector}
    url: {url}
    database: {database}
    credentials: {{username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}}
    manage: {manage}
    unmanaged: {{accounts: report, ignore: ["*"]}}
    protected: [admin]
"""
ENFORCE = "{accounts: enforce, attributes: enforce, entitlements: enforce, scope: enforce}"

ORGANISATION = """\
departments:
  purchasing: {title: Purchasing, title_zh: 采购部, manager: wu.lan}
subsystems:
  materials: {title: Materials, business_admin: wu.lan}
positions:
  buyer: {title: Buyer, title_zh: 采购员, department: purchasing, roles: [purchasing.buyer]}
roles:
  purchasing.buyer:
    title: Buyer
    subsystem: materials
    owner: wu.lan
    entitlements: {erp: [Buyer]}
  purchasing.planner:
    title: Planner
    subsystem: materials
    owner: wu.lan
    risk: high
    entitlements: {erp: [Planner]}
  purchasing.lead:
    title: Lead
    subsystem: materials
    owner: wu.lan
    includes: [purchasing.buyer]
    entitlements: {erp: [Clerk]}
users:
  wu.lan: {name: 吴兰, department: purchasing, type: dedicated}
"""


class AccessFiles:
    """An access directory: settings, an organisation, and the users that the test declares."""

    def __init__(self, path: Path, url: str = "http://127.0.0.1:9/", *, connector: str = "tryton") -> None:
        self.path = path
        path.mkdir()
        self.settings(url=url, connector=connector)
        self.write("organisation.yaml", ORGANISATION)

    def settings(
        self,
        *,
        url: str = "http://127.0.0.1:9/",
        connector: str = "tryton",
        database: str = "erp",
        manage: str = ENFORCE,
        extra: str = "",
    ) -> None:
        """Write the settings anew."""
        text = SETTINGS.format(url=url, connector=connector, database=database, manage=manage)
        self.write("erpsync.yaml", text + extra)

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        file = self.path / name
        file.write_text(text, encoding="utf-8")
        return file

    def users(self, *entries: str) -> Path:
        """Declare users; each entry is one line of YAML, ``key: {…}``."""
        return self.write("people.yaml", "users:\n" + "".join(f"  {entry}\n" for entry in entries))

    def __str__(self) -> str:
        return str(self.path)


def buyer(key: str, name: str = "陈静", more: str = "") -> str:
    """The declaration of a buyer."""
    return f"{key}: {{name: {name}, department: purchasing, position: buyer, type: dedicated{more}}}"
