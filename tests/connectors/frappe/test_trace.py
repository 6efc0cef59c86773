"""Who changed a User last, and when it was used."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from erpsync.connectors.frappe import FrappeConnector
from erpsync.model import LastChange
from tests.connectors.frappe.conftest import Read, Write, holding
from tests.connectors.frappe.stub import OWN, StubSite, user_row
from tests.support.erp import SHANGHAI
from tests.support.frappe_site import FrappeSite
from tests.support.http_server import StubServer

CHEN = "chen.jing@huaxin.example"


def version(by: str, day: int, **data: Any) -> dict[str, Any]:
    """A version that Frappe kept."""
    empty: dict[str, Any] = {"added": [], "changed": [], "removed": [], "row_changed": []}
    at = f"2026-11-{day:02} 10:00:00.000001"
    row = {"docname": CHEN, "ref_doctype": "User", "owner": by, "creation": at}
    return {"name": f"v{day}", "data": json.dumps({**empty, **data}), **row}


def last(stub: StubServer, *versions: dict[str, Any]) -> LastChange:
    """Who changed the user last."""
    site = StubSite(stub)
    made = {"owner": "he.qi@huaxin.example", "creation": "2026-11-01 08:00:00"}
    site.rows["User"].append(user_row(CHEN, **made))
    site.rows["Version"] = sorted(versions, key=lambda row: str(row["creation"]), reverse=True)
    with FrappeConnector.read(site.connection()) as reader:
        return reader.last_changes([CHEN])[CHEN]


def test_it_is_the_newest_version_that_is_about_what_erpsync_manages(stub: StubServer) -> None:
    found = last(
        stub,
        version("a", 3, changed=[["enabled", 1, 0]]),
        version("b", 5, added=[["roles", {"role": "Clerk"}]]),
        version("c", 9, changed=[["desk_theme", "Light", "Dark"]]),
    )
    assert found == LastChange("b", datetime(2026, 11, 5, 10, 0, 0, 1, tzinfo=SHANGHAI))


def test_without_a_version_it_is_who_made_it(stub: StubServer) -> None:
    assert last(stub) == LastChange("he.qi@huaxin.example", datetime(2026, 11, 1, 8, 0, tzinfo=SHANGHAI))


def test_who_gave_a_role_by_hand_is_named(frappe_site: FrappeSite, read: Read, write: Write) -> None:
    login = frappe_site.login("traced")
    frappe_site.make_user(login)
    write(holding(read(login), "Sales User"))
    with FrappeConnector.read(frappe_site.connection()) as reader:
        own = next(login for login, why in reader.snapshot([]).protected.items() if "erpsync" in why)
        assert reader.last_changes([login])[login].by == own


def test_the_last_login_is_the_later_of_both_and_none_for_never(stub: StubServer) -> None:
    site = StubSite(stub)
    site.rows["User"] += [
        user_row(
            "seen@huaxin.example", last_login="2026-08-01 09:00:00", last_active="2026-11-02 07:00:00.5"
        ),
        user_row("never@huaxin.example", last_login=None, last_active=None),
        user_row("key@huaxin.example", api_key="f7e1", last_login="2026-08-01 09:00:00", last_active=None),
    ]
    asked = ["seen@huaxin.example", "never@huaxin.example", "key@huaxin.example", OWN]
    with FrappeConnector.read(site.connection()) as reader:
        assert reader.last_logins(asked) == {
            "seen@huaxin.example": date(2026, 11, 2),
            "never@huaxin.example": None,
        }  # of an account with a key Frappe does not tell: two keys share what it notes
