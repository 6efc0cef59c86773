"""One target from reader to plan: what the ERP lacks or cannot have ends it before anything is planned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import jsonschema
import pytest

from erpsync.access import load_valid
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Grant
from erpsync.plan import TargetPlan, dump, load, make_plan
from erpsync.planning import OBJECTIONS_SHOWN, plan_target
from erpsync.schema import load_schema
from tests.builders import DIGEST, NOW
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import MemoryErp

DAY = date(2026, 11, 22)
MAIL = ", email: chen.jing@huaxin.example"


class StrictErp(MemoryErp):
    """An ERP in which nobody may be buyer and have an e-mail address."""

    def objections(self, account: Account) -> Iterator[str]:
        """Why not."""
        if account.email:
            yield "a buyer has no address"


def planned(access: AccessFiles, erp: MemoryErp) -> TargetPlan:
    declared = load_valid(access.path)
    return plan_target(declared, declared.targets["erp"], erp, DAY)


def test_an_account_that_the_erp_cannot_have_refuses_the_plan(access: AccessFiles) -> None:
    access.users(buyer("chen.jing", more=MAIL), buyer("lin.tao"))
    with pytest.raises(TargetError) as raised:
        planned(access, StrictErp())
    assert raised.value.message == (
        "the ERP cannot have what the access files say; nothing was changed:\n"
        "  chen.jing: a buyer has no address"
    )


def test_objections_beyond_the_first_are_counted(access: AccessFiles) -> None:
    many = OBJECTIONS_SHOWN + 3
    access.users(
        *(buyer(f"user{number:02}", more=f", email: {number}@huaxin.example") for number in range(many))
    )
    with pytest.raises(TargetError) as raised:
        planned(access, StrictErp())
    lines = raised.value.message.splitlines()
    assert len(lines) == 1 + OBJECTIONS_SHOWN + 1
    assert lines[-1] == "  and 3 more"


def test_an_account_that_stays_as_it_is_meets_no_objection(access: AccessFiles) -> None:
    access.users(buyer("chen.jing", more=MAIL))
    erp = StrictErp()
    erp.put(Account("chen.jing", "陈静", "chen.jing@huaxin.example", grants=(Grant("Buyer"),)))
    assert planned(access, erp).accounts == ()


def test_what_comes_with_an_entitlement_stands_in_the_plan_and_its_file(access: AccessFiles) -> None:
    access.users(buyer("chen.jing"))
    implies = {"Buyer": frozenset({"Staff", "Clerk"}), "Superuser": frozenset({"Staff"})}
    erp = MemoryErp(implies=implies, capabilities=Capabilities(validity=False, implies=True))
    made = planned(access, erp)
    assert [(item.kind.value, item.subject) for item in made.accounts[0].changes] == [
        ("create", ""), ("grant", "Buyer"), ("grant", "Clerk"), ("grant", "Staff")
    ]  # fmt: skip
    assert made.implies == {"Buyer": frozenset({"Staff", "Clerk"})}
    text = dump(make_plan([made], as_of=DAY, now=NOW, access_digest=DIGEST, commit=None))
    jsonschema.Draft202012Validator(load_schema("plan")).validate(json.loads(text))
    assert load(text).targets[0] == made


def test_what_came_with_a_revoked_entitlement_and_stayed_is_revoked_too(access: AccessFiles) -> None:
    access.users(buyer("chen.jing"))
    implies = {"Planner": frozenset({"Staff"})}
    erp = MemoryErp(implies=implies, capabilities=Capabilities(validity=False, implies=True))
    erp.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"), Grant("Staff"))))
    (change,) = planned(access, erp).accounts
    assert [(item.kind.value, item.subject) for item in change.changes] == [("revoke", "Staff")]
