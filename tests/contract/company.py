"""A small organisation over the ERP under the contract: what is declared, planned, applied, and drifted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from erpsync.access import load_valid
from erpsync.apply import Result
from erpsync.apply import apply as carry_out
from erpsync.connectors.base import Status
from erpsync.model import Access
from erpsync.plan import TargetPlan
from erpsync.planning import plan_target
from tests.contract.harness import Harness
from tests.support.access_files import AccessFiles
from tests.support.erp import SHANGHAI

DAY = timedelta(days=1)

ORGANISATION = """\
departments: {{purchasing: {{title: Purchasing}}}}
subsystems: {{materials: {{title: Materials}}}}
positions: {{buyer: {{title: Buyer, department: purchasing, roles: [buyer]}}}}
roles:
  buyer: {{title: Buyer, subsystem: materials, owner: owner, entitlements: {{erp: [{0}{2}]}}}}
  clerk: {{title: Clerk, subsystem: materials, owner: owner, entitlements: {{erp: [{1}]}}}}
users:
  owner: {{name: Owner, department: purchasing, type: dedicated}}
"""


@dataclass
class Company:
    """A declared state and the ERP it is for."""

    harness: Harness
    files: AccessFiles

    def declare(self, *users: str) -> None:
        """Declare exactly these users; each is one line of YAML."""
        required = self.harness.required
        self.files.users(*(line if "scope:" in line else f"{line[:-1]}{required}}}" for line in users))

    def access(self) -> Access:
        """The declared state, for the target under the contract."""
        access = load_valid(self.files.path)
        target = replace(self.harness.target(), ignore=("*",))
        return replace(access, targets={"erp": target})

    def plan(self) -> TargetPlan:
        """Plan for today."""
        access = self.access()
        with self.harness.reading() as reader:
            return plan_target(access, access.targets["erp"], reader, self.harness.today())

    def apply(self, plan: TargetPlan) -> Result:
        """Carry a plan out."""
        with self.harness.writing() as writer:
            return carry_out(plan, self.harness.target(), writer, self.harness.today())

    def drift(self) -> dict[str, list[str]]:
        """What differs, in words, by login."""
        told = {
            change.login: [
                f"{item.kind} {item.subject}".strip()
                for item in change.changes
                if item.subject not in self.harness.ambient
            ]
            for change in self.plan().accounts
        }
        return {login: words for login, words in told.items() if words}

    def held(self, login: str) -> list[str]:
        """The entitlements of an account beside those that every account has."""
        with self.harness.reading() as reader:
            grants = reader.snapshot([login]).accounts[login].grants
        return sorted(grant.entitlement for grant in grants if grant.entitlement not in self.harness.ambient)

    def settle(self) -> None:
        """Plan and apply; then nothing differs."""
        result = self.apply(self.plan())
        assert {outcome.status for outcome in result.outcomes} <= {Status.DONE}, result.outcomes
        assert self.plan().accounts == ()


def organisation(harness: Harness) -> str:
    """The roles and the position, with what the ERP calls them."""
    return ORGANISATION.format(*harness.entitlements, "".join(f", {name}" for name in harness.granted_to_all))


def this_day() -> date:
    """Today, for an ERP that answers by itself."""
    return datetime.now(SHANGHAI).date()


def user(key: str, more: str = "", name: str = "陈静") -> str:
    """A buyer."""
    return f"{key}: {{name: {name}, department: purchasing, position: buyer, type: dedicated{more}}}"
