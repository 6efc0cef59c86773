"""AccountChange → Frappe writes: limits, refusals, broken promises: what a real site does not do at will."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest

from erpsync.apply import apply as carry_out
from erpsync.codec import fingerprint
from erpsync.connectors.base import Outcome, Status
from erpsync.connectors.frappe import FrappeConnector
from erpsync.connectors.frappe.session import COUNT
from erpsync.connectors.frappe.throttle import made_within_the_hour
from erpsync.connectors.frappe.writer import DOCUMENTS, FrappeWriter
from erpsync.errors import ExitCode, TargetError
from erpsync.model import Account, Grant
from erpsync.plan import TargetPlan
from tests.connectors.frappe.conftest import edit, holding
from tests.connectors.frappe.stub import OWN, StubSite, answer, refusal, role_row, user_row
from tests.support.erp import SHANGHAI
from tests.support.http_server import Answer, Request, StubServer

CHEN = "chen.jing@huaxin.example"
TOO_MANY = ("Purchase User", "Sales User", "System Manager")


@pytest.fixture
def site(stub: StubServer) -> StubSite:
    """A site with one user, who buys."""
    made = StubSite(stub)
    made.rows["User"].append(user_row(CHEN))
    made.rows["Has Role"].append(role_row(CHEN, "Purchase User"))
    return made


@pytest.fixture
def writer(site: StubSite) -> Iterator[FrappeWriter]:
    """A session that can write."""
    with FrappeConnector.write(site.connection()) as opened:
        yield opened


def live(writer: FrappeWriter) -> Account:
    """The user who buys."""
    return writer.snapshot([CHEN]).accounts[CHEN]


def new(number: int, **values: object) -> Account:
    """A new user."""
    login = f"new{number}@huaxin.example"
    return replace(Account(login, f"New {number}", grants=(Grant("Sales User"),)), **values)  # type: ignore[arg-type]


def create(writer: FrappeWriter, *accounts: Account) -> list[Outcome]:
    """Make accounts."""
    return list(writer.apply([edit(None, account) for account in accounts]))


def sent_users(site: StubSite) -> list[list[str]]:
    """The users of each request that makes some."""
    return [[item["email"] for item in body["docs"] if item["doctype"] == "User"] for body in site.sent()]


# --- new users --------------------------------------------------------------------------------------


def test_many_users_are_made_in_one_request(writer: FrappeWriter, site: StubSite) -> None:
    outcomes = create(writer, *map(new, range(25)))
    assert {item.status for item in outcomes} == {Status.DONE}
    assert [len(users) for users in sent_users(site)] == [25]


def test_users_with_many_values_are_made_in_several_requests(site: StubSite) -> None:
    values = tuple(f"W{number:02}" for number in range(30))
    site.rows["Warehouse"] = [{"name": value} for value in values]
    with FrappeConnector.write(site.connection(scopes="Warehouse")) as writer:
        create(writer, *(new(number, scope={"warehouse": values}) for number in range(7)))
    assert [len(body["docs"]) for body in site.sent()] == [93, 93, 31]
    assert max(len(body["docs"]) for body in site.sent()) <= DOCUMENTS


def test_what_is_over_the_limit_of_an_hour_is_not_tried_and_it_is_said_what_to_do(
    writer: FrappeWriter, site: StubSite
) -> None:
    site.methods[COUNT] = 58
    outcomes = create(writer, *map(new, range(4)))
    assert [item.status for item in outcomes] == [Status.DONE] * 2 + [Status.NOT_TRIED] * 2
    assert "apply the same plan again in an hour" in outcomes[-1].message
    assert sent_users(site) == [["new0@huaxin.example", "new1@huaxin.example"]]


def test_nothing_is_made_where_the_hour_is_used_up_already(writer: FrappeWriter, site: StubSite) -> None:
    site.methods[COUNT] = 75
    assert [item.status for item in create(writer, new(1))] == [Status.NOT_TRIED]
    assert site.sent() == []


def test_frappes_own_throttle_ends_the_making_of_users_but_nothing_else(
    writer: FrappeWriter, site: StubSite
) -> None:
    made: list[str] = []

    def up_to_two(request: Request) -> Answer:
        users = [item["email"] for item in json.loads(request.body)["docs"]]
        if len(made) + len(users) > 2:
            return refusal("ValidationError", "Throttled")
        made.extend(users)
        return answer({"message": users})

    site.writes = [up_to_two] * 20
    outcomes = create(writer, *map(new, range(5)))
    assert [item.status for item in outcomes] == [Status.DONE] * 2 + [Status.NOT_TRIED] * 3
    assert made == ["new0@huaxin.example", "new1@huaxin.example"]


def test_users_made_within_the_hour_are_counted_in_the_time_of_the_site(
    writer: FrappeWriter, site: StubSite, stub: StubServer
) -> None:
    now = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
    assert made_within_the_hour(writer.session, now, SHANGHAI) == 0
    assert '[["creation",+">",+"2026-11-02+08:30:00"]]' in unquote(stub.requests[-1].path).replace(" ", "+")


def test_a_number_of_users_that_is_none_is_an_error(writer: FrappeWriter, site: StubSite) -> None:
    site.methods[COUNT] = "many"
    with pytest.raises(TargetError, match="the answer is not Frappe's"):
        create(writer, new(1))


def test_an_invitation_is_sent_only_if_the_target_says_so(site: StubSite) -> None:
    for invite, expected in (("true", 1), ("false", 0)):
        with FrappeConnector.write(site.connection(invite=invite)) as writer:
            create(writer, new(1))
        assert site.sent()[-1]["docs"][0]["send_welcome_email"] == expected


# --- existing users ---------------------------------------------------------------------------------


def test_only_what_changes_is_sent_with_the_version_and_the_rows_that_stay(
    writer: FrappeWriter, site: StubSite
) -> None:
    after = holding(live(writer), "Purchase User", "Sales User")
    (outcome,) = writer.apply([edit(live(writer), after)])
    assert outcome.status is Status.DONE
    (body,) = site.sent()
    assert body == {
        "modified": "2026-11-02 08:00:00.000001",
        "roles": [{"name": f"{CHEN}/Purchase User", "role": "Purchase User"}, {"role": "Sales User"}],
    }


def test_a_user_that_is_locked_loses_the_key_in_the_same_write(writer: FrappeWriter, site: StubSite) -> None:
    before = live(writer)
    (outcome,) = writer.apply([edit(before, replace(before, active=False))])
    assert outcome.status is Status.DONE
    (body,) = site.sent()
    assert (body["enabled"], body["api_key"], body["api_secret"]) == (0, None, "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"roles": []}, "Frappe did not give Purchase User, Sales User"),
        ({"roles": [{"name": "1", "role": name} for name in TOO_MANY]}, "Frappe gave System Manager too"),
        ({"enabled": 0}, "Frappe left it disabled"),
    ],
)  # fmt: skip
def test_a_yes_to_what_was_not_done_is_told_with_what_frappe_said(
    writer: FrappeWriter, site: StubSite, changes: dict[str, object], words: str
) -> None:
    hint = json.dumps([json.dumps({"message": "Role <b>dropped</b>"})])
    site.writes = [
        lambda request: answer({"data": {**site.as_asked(request), **changes}, "_server_messages": hint})
    ]
    before = live(writer)
    (outcome,) = writer.apply([edit(before, holding(before, "Purchase User", "Sales User"))])
    assert outcome.status is Status.FAILED
    assert outcome.message == f"{words}: Role dropped"


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("TimestampMismatchError", 417, Status.MOVED),
        ("DoesNotExistError", 404, Status.MOVED),
        ("LinkValidationError", 417, Status.FAILED),
        ("PermissionError", 403, Status.FAILED),
    ],
)
def test_a_refusal_stops_nobody_else(
    writer: FrappeWriter, site: StubSite, kind: str, status: int, expected: Status
) -> None:
    other = "wu.lan@huaxin.example"
    site.rows["User"].append(user_row(other))
    site.writes = [refusal(kind, status=status)]
    accounts = writer.snapshot().accounts
    edits = [edit(accounts[login], holding(accounts[login], "Sales User")) for login in (CHEN, other)]
    outcomes = list(writer.apply(edits))
    assert [item.status for item in outcomes] == [expected, Status.DONE]
    assert outcomes[0].message


def test_what_was_done_before_a_refusal_is_told(site: StubSite) -> None:
    site.rows["Company"] = [{"name": "A"}, {"name": "B"}]
    site.rows["User Permission"].append(
        {"name": "p1", "user": CHEN, "allow": "Company", "for_value": "A", "applicable_for": None}
    )
    with FrappeConnector.write(site.connection(scopes="Company")) as writer:
        before = live(writer)
        assert before.scope == {"company": ("A",)}
        site.writes = [
            lambda request: answer({"data": site.as_asked(request)}),
            refusal("LinkValidationError"),
        ]
        after = replace(holding(before, "Sales User"), scope={"company": ("B",)})
        (outcome,) = writer.apply([edit(before, after)])
    assert outcome.status is Status.FAILED
    assert outcome.message.endswith("(done before that: taken away what it loses)")
    assert [body.get("roles", "documents") for body in site.sent()] == [[], "documents"]


def test_a_second_write_of_an_account_is_under_the_version_that_the_first_one_made(site: StubSite) -> None:
    site.rows["Company"] = [{"name": "A"}, {"name": "B"}]
    with FrappeConnector.write(site.connection(scopes="Company")) as writer:
        before = live(writer)
        after = replace(holding(before, "Sales User"), scope={"company": ("B",)})
        (outcome,) = writer.apply([edit(before, after)])
    assert outcome.status is Status.DONE
    first, permission, second = site.sent()
    assert (first["modified"], first["roles"]) == ("2026-11-02 08:00:00.000001", [])
    assert permission["docs"][0]["for_value"] == "B"
    assert (second["modified"], second["roles"]) == ("2026-11-02 09:00:00.000001", [{"role": "Sales User"}])


def test_the_last_system_manager_beside_erpsync_stays_one(writer: FrappeWriter, site: StubSite) -> None:
    site.rows["Has Role"] += [role_row(CHEN, "System Manager"), role_row("Administrator", "System Manager")]
    before = live(writer)
    for after in (holding(before), replace(before, active=False)):
        (outcome,) = writer.apply([edit(before, after)])
        assert outcome.status is Status.FAILED
    assert site.sent() == []
    site.rows["User"].append(user_row("he.qi@huaxin.example"))
    site.rows["Has Role"].append(role_row("he.qi@huaxin.example", "System Manager"))
    (outcome,) = writer.apply([edit(before, holding(before))])
    assert outcome.status is Status.DONE


def test_a_disabled_system_manager_is_none(writer: FrappeWriter, site: StubSite) -> None:
    site.rows["Has Role"] += [
        role_row(CHEN, "System Manager"),
        role_row("gone@huaxin.example", "System Manager"),
    ]
    site.rows["User"].append(user_row("gone@huaxin.example", enabled=0))
    before = live(writer)
    (outcome,) = writer.apply([edit(before, holding(before))])
    assert outcome.status is Status.FAILED


def test_edits_of_new_and_old_accounts_are_written_in_their_order(
    writer: FrappeWriter, site: StubSite
) -> None:
    before = live(writer)
    edits = [edit(before, holding(before)), edit(None, new(1)), edit(None, new(2))]
    assert [item.login for item in writer.apply(edits)] == [CHEN, new(1).login, new(2).login]
    assert [request.verb for request in site.stub.requests if request.verb != "GET"] == ["PUT", "POST"]
    assert OWN not in {item.login for item in writer.apply([])}


# --- a whole run ------------------------------------------------------------------------------------


def test_a_run_tells_whom_the_throttle_kept_from_being_made_and_goes_on_with_the_others(
    writer: FrappeWriter, site: StubSite
) -> None:
    site.methods[COUNT] = 59

    def made(request: Request) -> Answer:
        for user in json.loads(request.body)["docs"]:
            site.rows["User"].append(user_row(user["email"], first_name=user["first_name"]))
            site.rows["Has Role"] += [role_row(user["email"], row["role"]) for row in user["roles"]]
        return answer({"message": []})

    site.writes = [made]
    changes = tuple(edit(None, new(number)).change for number in range(3))
    target = site.connection().target
    changes = tuple(replace(change, fingerprint=fingerprint(None)) for change in changes)
    plan = TargetPlan("erp", "frappe", writer.instance(), changes, (), (), unmanaged_is_drift=False)
    result = carry_out(plan, target, writer, date(2026, 11, 2))
    assert [item.status for item in result.outcomes] == [Status.DONE, Status.NOT_TRIED, Status.NOT_TRIED]
    assert "apply the same plan again in an hour" in result.outcomes[-1].message
    assert result.exit_code is ExitCode.PARTIAL
