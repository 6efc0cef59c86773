"""What Tryton does that nobody expects, and what the writer makes of it. The traps, by number:

1. Removing the last role of an account leaves it the groups.
2. Only a write of the account, not of its role rows, makes the groups follow.
3. Nor do they follow the dates of roles before the daily job has run.
4. An application key works on after the account is locked.
5. A locked account cannot be edited.
6. Its login stays taken.
7. Logins that differ only in case are two accounts.
8. Groups written to an account with roles are taken away in silence.
9. References to what does not exist are accepted.
10. A new account gets the only company there is.
17. Names of roles are translated.
18. A role row is deleted without asking whose it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from erpsync.connectors.base import Status
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.model import Account
from tests.support.edits import creation, grants, write
from tests.support.erp import COMPANIES, Erp, utc

DAY = timedelta(days=1)
BUYER_GROUP, CLERK_GROUP = "party.group_party_admin", "company.group_employee_admin"
CASTINGS, TRADING = COMPANIES

Read = Callable[[str], Account]


def test_trap_1_removing_the_last_role_removes_its_groups(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    login = erp.login("last.role")
    erp.give(erp.create(login), "Buyer")
    assert write(writer, login, grants=()).status is Status.DONE
    assert erp.groups(login) == set()
    assert account(login).grants == ()


def test_trap_1_groups_of_an_account_without_roles_are_removed(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("by.hand")
    erp.create(login, groups=[["add", [erp.id("res.group", BUYER_GROUP)]]])
    assert write(writer, login, grants=()).status is Status.DONE
    assert erp.groups(login) == set()


def test_trap_1_removing_the_last_role_while_locking_removes_its_groups(
    erp: Erp, writer: TrytonWriter
) -> None:
    login = erp.login("leaver")
    erp.give(erp.create(login), "Buyer")
    assert write(writer, login, active=False, grants=()).status is Status.DONE
    assert erp.groups(login) == set()
    assert erp.read(login)["active"] in (False, 0)


def test_trap_2_a_role_whose_groups_are_missing_is_given_by_forcing_the_sync(
    erp: Erp, writer: TrytonWriter
) -> None:
    login = erp.login("unsynced")
    user = erp.create(login)
    row = erp.add_row(user, "Buyer")
    assert write(writer, login, grants=grants("Buyer")).status is Status.DONE
    assert erp.groups(login) == {BUYER_GROUP}
    assert [item["id"] for item in erp.rows(user)] == [row]


def test_trap_3_groups_that_an_expired_role_left_behind_are_taken_away(
    erp: Erp, writer: TrytonWriter
) -> None:
    login = erp.login("expired")
    user = erp.create(login)
    erp.give(user, "Buyer")
    erp.give(user, "Clerk")
    erp.change_row(erp.rows(user)[0]["id"], to_date=datetime.now(UTC) - 2 * DAY)
    assert write(writer, login, grants=grants("Clerk")).status is Status.DONE
    assert erp.groups(login) == {CLERK_GROUP}


def test_trap_3_groups_that_the_only_and_expired_role_left_behind_are_taken_away(
    erp: Erp, writer: TrytonWriter
) -> None:
    login = erp.login("all.expired")
    user = erp.create(login)
    erp.give(user, "Buyer")
    erp.change_row(erp.rows(user)[0]["id"], to_date=datetime.now(UTC) - 2 * DAY)
    assert write(writer, login, grants=()).status is Status.DONE
    assert erp.groups(login) == set()


def test_trap_4_the_application_keys_of_a_locked_account_end(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("api.user")
    user = erp.create(login)
    application = {"user": user, "application": "rest"}
    (number,) = erp.admin.call("model.res.user.application.create", [application], {})
    (made,) = erp.admin.call("model.res.user.application.read", [number], ["key"], {})
    assert erp.key_answers(made["key"]) == 200
    assert write(writer, login, active=False).status is Status.DONE
    assert erp.key_answers(made["key"]) == 401


def test_trap_5_an_account_is_locked_and_edited_in_one_go(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    login = erp.login("locked")
    erp.give(erp.create(login), "Buyer")
    changed = {"active": False, "name": "Gone", "grants": grants("Clerk"), "scope": {"company": (TRADING,)}}
    assert write(writer, login, **changed).status is Status.DONE
    assert account(login) == Account(login, **{"language": None, **changed})  # type: ignore[arg-type]


def test_trap_5_a_locked_account_comes_back_with_new_name_and_roles(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    login = erp.login("back")
    user = erp.create(login)
    erp.give(user, "Buyer")
    erp.write(user, active=False)
    changed = {"active": True, "name": "回来", "email": "back@huaxin.example", "grants": grants("Clerk")}
    assert write(writer, login, **changed).status is Status.DONE
    assert account(login) == Account(login, **changed)  # type: ignore[arg-type]
    assert erp.groups(login) == {CLERK_GROUP}


def test_trap_5_what_cannot_be_edited_after_coming_back_is_said(erp: Erp, writer: TrytonWriter) -> None:
    login, taken = erp.login("half.back"), erp.login("taken")
    erp.write(erp.create(login), active=False)
    erp.create(taken)
    outcome = write(writer, login, active=True, login=taken)
    assert outcome.status is Status.FAILED
    assert outcome.message == (
        "the account is active again, but could not be edited: "
        "You can not have two users with the same login!"
    )


def test_trap_5_roles_of_a_locked_account_are_revoked_without_unlocking_it(
    erp: Erp, writer: TrytonWriter
) -> None:
    login = erp.login("locked.still")
    user = erp.create(login)
    erp.give(user, "Buyer")
    erp.write(user, active=False)
    assert write(writer, login, grants=()).status is Status.DONE
    assert erp.groups(login) == set()
    assert erp.read(login)["active"] in (False, 0)


def test_trap_6_the_login_of_a_locked_account_stays_taken(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("locked.twin")
    erp.write(erp.create(login), active=False)
    (outcome,) = writer.apply([creation(writer, Account(login, "New", grants=grants("Buyer")))])
    assert outcome.status is Status.FAILED


def test_trap_8_a_role_is_not_added_beside_groups_that_tryton_would_take_away(
    erp: Erp, writer: TrytonWriter
) -> None:
    login = erp.login("mixed")
    user = erp.create(login, groups=[["add", [erp.id("res.group", CLERK_GROUP)]]])
    outcome = write(writer, login, grants=grants("Buyer", f"group:{CLERK_GROUP}"))
    assert outcome.status is Status.FAILED
    assert "which Tryton takes away with the first role" in outcome.message
    assert erp.groups(login) == {CLERK_GROUP}
    assert erp.rows(user) == []


def test_trap_9_a_row_of_a_role_that_does_not_exist_can_be_taken_away(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("dangling")
    user = erp.create(login)
    row = {"user": user, "role": 9999, "from_date": utc(2040, 12, 31, 16), "to_date": None}
    erp.admin.call("model.res.user.role.create", [row], {})
    assert write(writer, login, grants=grants("Buyer")).status is Status.DONE
    assert [item["role"] for item in erp.rows(user)] == [erp.id("res.role", "Buyer")]
