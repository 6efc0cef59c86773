"""People who were taken for somebody else, or for two."""

from __future__ import annotations

from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import Erp
from tests.support.memory import MemoryErp


def test_a_renamed_person_is_not_deleted_and_made_anew(real: Desk, erp: Erp) -> None:
    """peribolos: people have no earlier name, so a rename removes and adds; here it updates the account."""
    old, new = erp.login("chen.jing"), erp.login("chen.jing.wu")
    user = erp.create(old, name="陈静")
    erp.give(user, "Buyer")
    real.access.users(buyer(new, more=f", previously: [{old}]"))
    real.plan()
    assert real.planned() == {new: [("update", "login")]}
    assert real.apply().code == 0
    assert erp.read(new)["id"] == user
    assert erp.groups(new) == {"party.group_party_admin"}


def test_a_login_that_changes_is_an_update_of_the_same_account(desk: Desk, memory: MemoryErp) -> None:
    """The same for a login: the key in git is the identity, whatever the login becomes."""
    memory.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"),)))
    desk.access.users(buyer("chen.jing", more=", logins: {erp: CJ0023}"))
    desk.plan()
    assert desk.planned() == {"CJ0023": [("update", "login")]}
    assert desk.apply().code == 0
    assert memory.accounts.keys() == {"wu.lan", "cj0023"}


def test_a_login_in_another_case_is_not_a_second_person(desk: Desk, memory: MemoryErp) -> None:
    """The same for case: Chen.Jing and chen.jing are one login."""
    memory.put(Account("Chen.Jing", "陈静", grants=(Grant("Buyer"),)))
    desk.access.users(buyer("chen.jing"))
    desk.plan()
    assert desk.planned() == {}


def test_who_leaves_is_locked_and_never_deleted(real: Desk, erp: Erp) -> None:
    """Deleting takes along who made and approved what; here an account is locked, and its keys end."""
    login = erp.login("zhao.min")
    user = erp.create(login)
    erp.give(user, "Buyer")
    application = {"user": user, "application": "rest"}
    (number,) = erp.admin.call("model.res.user.application.create", [application], {})
    (made,) = erp.admin.call("model.res.user.application.read", [number], ["key"], {})
    assert erp.key_answers(made["key"]) == 200
    real.access.users(buyer(login, login, ", status: left"))
    real.plan()
    assert real.planned() == {login: [("lock", ""), ("revoke", "Buyer")]}
    assert real.apply().code == 0
    left = erp.read(login)
    assert (left["id"], bool(left["active"]), list(left["groups"])) == (user, False, [])
    assert erp.key_answers(made["key"]) == 401
