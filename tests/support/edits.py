"""What apply would hand a writer, from what the test wants an account to become."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from erpsync.codec import fingerprint
from erpsync.connectors.base import Edit, Outcome, Writer
from erpsync.diff import compare, settle
from erpsync.model import Account, AccountChange, Grant
from tests.support.erp import SHANGHAI


def edit(live: Account | None, writer: Writer, /, **after: Any) -> Edit:
    """A change of an account to these values; of no account, one that creates it."""
    before = settle(live, datetime.now(SHANGHAI).date(), writer.capabilities) if live else None
    wanted = replace(before, **after) if before else Account(**after)
    changes = tuple(compare(before, wanted))
    return Edit(AccountChange(wanted.login, wanted.login, before, wanted, fingerprint(live), changes), live)


def creation(writer: Writer, wanted: Account) -> Edit:
    """The creation of an account."""
    fields = ("login", "name", "email", "language", "active", "scope", "grants")
    return edit(None, writer, **{name: getattr(wanted, name) for name in fields})


def write(writer: Writer, login: str, /, **after: Any) -> Outcome:
    """Read an account, and write it as it should become; the outcome."""
    live = writer.snapshot([login.casefold()]).accounts.get(login.casefold())
    values = after if live else {"login": login, "name": login, **after}
    (outcome,) = writer.apply([edit(live, writer, **values)])
    return outcome


def grants(*names: str) -> tuple[Grant, ...]:
    """Grants without end."""
    return tuple(Grant(name) for name in sorted(names))
