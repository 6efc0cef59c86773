"""Reading many records: in big pages, or a few by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import quote

from erpsync.connectors.frappe.answers import Json, not_frappe
from erpsync.connectors.frappe.session import Filters, FrappeSession

PAGE = 50_000
"""Rows a call. A call costs Frappe more than rows do: 40,000 roles in one are read in half a second."""
NAMES_BYTES = 2_000
"""The names in one address, encoded: gunicorn takes addresses of 4,094 bytes."""


def read_all(
    session: FrappeSession,
    doctype: str,
    fields: Sequence[str],
    filters: Filters = (),
    *,
    parent: str | None = None,
    told: Callable[[int], None] = lambda _done: None,
) -> Iterator[Json]:
    """Read every record, by the order of their names.

    A page begins after the last name of the one before, not at a number: so nobody is left out when
    somebody else makes or deletes records meanwhile, and the database need not sort the whole table.

    Raises:
        FrappeError, TargetError: as `FrappeSession.list`; or a record has no name.
    """
    more = {} if parent is None else {"parent": parent}
    last: str | None = None
    done = 0
    while True:
        after: Filters = () if last is None else [["name", ">", last]]
        rows = session.list(
            doctype, fields, [*filters, *after], order_by="name asc", limit_page_length=PAGE, **more
        )
        yield from rows
        done += len(rows)
        told(done)
        if len(rows) < PAGE:
            return
        name = rows[-1].get("name")
        if not isinstance(name, str) or name == last:
            raise not_frappe(session.where)
        last = name


def by_address(names: Iterable[str]) -> Iterator[list[str]]:
    """Names in lists, each of which fits into an address."""
    some: list[str] = []
    size = 0
    for name in names:
        length = len(quote(json.dumps(name, ensure_ascii=False) + ", ", safe=""))
        if some and size + length > NAMES_BYTES:
            yield some
            some, size = [], 0
        some.append(name)
        size += length
    if some:
        yield some
