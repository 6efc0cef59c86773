"""A company with three real targets: Tryton, a SCIM service, and the export of an ERP without an API."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.bootstrap import APPLY_LOGIN
from tests.support.access_files import ENFORCE, ORGANISATION
from tests.support.erp import APPLY_PASSWORD, Erp
from tests.support.scim_server import TOKEN, ScimServer
from tests.support.worklist import options, put_export

SETTINGS = """\
settings: {{timezone: Asia/Shanghai}}
targets:
  cloud:
    connector: scim
    url: {cloud}
    credentials: {{username: "env:CLOUD_USERNAME", password: "env:CLOUD_PASSWORD"}}
    manage: {manage}
    unmanaged: {{accounts: report, ignore: ["*"]}}
  erp:
    connector: tryton
    url: {erp}
    database: erp
    credentials: {{username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}}
    manage: {manage}
    unmanaged: {{accounts: report, ignore: ["*"]}}
    protected: [admin]
  u8:
    connector: worklist
    url: file:exports
    manage: {manage}
    unmanaged: {{accounts: report, ignore: ["*"]}}
    options:
{options}
"""
ROLE = """\
roles:
  group.buyer:
    title: Buyer everywhere
    subsystem: materials
    owner: wu.lan
    entitlements: {cloud: [Buyer], erp: [Buyer], u8: [Buyer]}
"""


@dataclass(frozen=True)
class CompanyOfThree:
    """The access files, and the logins of the one buyer in each target."""

    path: Path
    erp: Erp
    scim: ScimServer
    logins: dict[str, str]

    @property
    def exports(self) -> Path:
        """Where the export of u8 is."""
        return self.path.parent / "exports"

    def settings(self, *, erp: str | None = None, cloud: str | None = None) -> None:
        """Write the settings, with other addresses where given."""
        lines = "".join(f'      {name}: "{value}"\n' for name, value in options().items())
        text = SETTINGS.format(
            erp=erp or self.erp.url, cloud=cloud or self.scim.url, manage=ENFORCE, options=lines
        )
        (self.path / "erpsync.yaml").write_text(text, encoding="utf-8")

    def declare(self, *, assignments: bool = True) -> None:
        """Declare the buyer, with or without the role that grants in all three targets."""
        role = "[{role: group.buyer, reason: buys for the group, request: REQ-2026-0417}]"
        given = f", assignments: {role}" if assignments else ""
        logins = ", ".join(f"{target}: {login}" for target, login in self.logins.items())
        entry = (
            f"chen.jing: {{name: 陈静, department: purchasing, type: dedicated, logins: {{{logins}}}{given}}}"
        )
        (self.path / "people.yaml").write_text(f"users:\n  {entry}\n", encoding="utf-8")

    def __str__(self) -> str:
        return str(self.path)


def company_of_three(
    folder: Path, erp: Erp, scim: ScimServer, monkeypatch: pytest.MonkeyPatch
) -> CompanyOfThree:
    """Make one, with nobody in any target yet."""
    for name, value in {
        "ERP_USERNAME": APPLY_LOGIN,
        "ERP_PASSWORD": APPLY_PASSWORD,
        "CLOUD_USERNAME": "client",
        "CLOUD_PASSWORD": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    (folder / ".git").mkdir()
    path = folder / "access"
    path.mkdir()
    logins = {"cloud": scim.login("chen@huaxin.example"), "erp": erp.login("cj"), "u8": "CJ0023"}
    company = CompanyOfThree(path, erp, scim, logins)
    company.settings()
    (path / "organisation.yaml").write_text(
        ORGANISATION.replace("  wu.lan: {name", "  wu.lan: {status: locked, name"), encoding="utf-8"
    )
    (path / "role.yaml").write_text(ROLE, encoding="utf-8")
    company.declare()
    put_export(company.exports)
    return company
