"""Access that was only on its way, or already over, and was taken for access."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from erpsync.model import Account, Grant
from erpsync.resolve import resolver
from tests.accidents.conftest import Desk
from tests.builders import ERP, TODAY, assign, declare, role, user
from tests.support.access_files import buyer
from tests.support.erp import SHANGHAI, Erp, utc
from tests.support.memory import MemoryErp

DAY = timedelta(days=1)


def test_a_pending_grant_is_not_taken_for_access(real: Desk, erp: Erp) -> None:
    """kubernetes/test-infra #21140: expired invitations counted; here only what works counts."""
    login = erp.login("chen.jing")
    erp.add_row(erp.create(login, name="陈静"), "Buyer")
    real.access.users(buyer(login))
    # The role stands in the ERP, and its groups never came: it lets nobody do anything.
    assert erp.groups(login) == set()
    real.plan()
    assert ("grant", "Buyer") in real.planned()[login]
    assert real.apply().code == 0
    assert erp.groups(login) == {"party.group_party_admin"}
    assert real.drift() == 0


def test_an_expired_grant_that_still_works_is_taken_away(real: Desk, erp: Erp) -> None:
    """The other side of #21140: what ran out on paper may still open the door; here it is closed."""
    login = erp.login("chen.jing")
    user_id = erp.create(login, name="陈静")
    erp.give(user_id, "Buyer")
    erp.give(user_id, "Planner")
    (row,) = (row for row in erp.rows(user_id) if row["role"] == erp.id("res.role", "Planner"))
    erp.change_row(row["id"], to_date=utc(2020, 1, 31, 15, 59, 59))
    real.access.users(buyer(login))
    assert "company.group_company_admin" in erp.groups(login)
    assert real.drift() == 3
    real.plan()
    assert real.apply().code == 0
    assert erp.groups(login) == {"party.group_party_admin"}


@given(st.lists(st.booleans(), max_size=12))
def test_expired_neighbours_do_not_survive(ended: list[bool]) -> None:
    """IAMbic: removal from the list being walked can skip a neighbour; here a new list is made."""
    days = {f"Role {number}": TODAY - DAY if over else TODAY for number, over in enumerate(ended)}
    person = user(assignments=[assign(name, None, day) for name, day in days.items()])
    access = declare(users=[person], roles=[role(name, name) for name in days])
    grants = resolver(access, ERP, TODAY, validity=True).grants(person)
    assert {grant.entitlement for grant in grants} == {name for name, day in days.items() if day == TODAY}


def test_access_ends_on_its_day_without_any_commit(desk: Desk, memory: MemoryErp) -> None:
    """IAMbic: expiry is a change to a file; here a passed date is desired state, and needs no merge."""
    today = datetime.now(SHANGHAI).date()
    given_until = f"{{role: purchasing.planner, reason: stands in, valid_to: {today}}}"
    desk.access.users(buyer("chen.jing", more=f", assignments: [{given_until}]"))
    memory.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"), Grant("Planner"))))
    desk.plan("--as-of", today)
    assert desk.planned() == {"chen.jing": [("retime", "Planner")]}
    desk.plan("--as-of", today + DAY)
    assert desk.planned() == {"chen.jing": [("revoke", "Planner")]}
