"""Why a user has what: every way to every entitlement, and whether the target really has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from erpsync.connectors.base import Reader, implied_by
from erpsync.diff import settle
from erpsync.model import Access, Account, Capabilities, Grant, Target, User, fold
from erpsync.render.escape import plain
from erpsync.render.text import Paint, no_paint
from erpsync.render.words import because
from erpsync.resolve import Entitled, Resolver, resolver


def explain_user(
    access: Access, target: Target, user: User, as_of: date, reader: Reader | None, paint: Paint = no_paint
) -> str:
    """The explanation as text.

    Args:
        access: the declared state.
        target: where.
        user: who.
        as_of: on which day.
        reader: the target, or None to leave open what it really has.
        paint: colours.

    Raises:
        TargetError: the target cannot be read.
    """
    capabilities = reader.capabilities if reader else Capabilities(validity=True)
    implies = implied_by(reader) if reader else {}
    prepared = resolver(access, target.name, as_of, validity=capabilities.validity, implies=implies)
    live = _live(user, target, reader, as_of) if reader else None
    lines = [
        *_who(user, prepared),
        *_account(user, target, reader, live),
        *_grants(user, prepared, reader, live, paint),
    ]
    return "\n".join(lines) + "\n\n"


def _live(user: User, target: Target, reader: Reader, as_of: date) -> Account | None:
    """The account of a user, also one that still has an earlier login."""
    logins = [fold(login) for login in (user.login(target.name), user.key, *user.previously)]
    accounts = reader.snapshot(logins).accounts
    account = next((accounts[login] for login in logins if login in accounts), None)
    return settle(account, as_of, reader.capabilities) if account else None


def _who(user: User, prepared: Resolver) -> Iterator[str]:
    standing = prepared.standing(user)
    parts = [user.type.value, *(part for part in (user.position, user.department) if part)]
    place = f"{user.at.file}:{user.at.line}"
    yield f"{plain(user.key)} ({plain(user.name)}): {', '.join(parts)}; {standing.why} ({place})"


def _account(user: User, target: Target, reader: Reader | None, live: Account | None) -> Iterator[str]:
    login = plain(user.login(target.name))
    if reader is None:
        state = "not asked"
    elif live is None:
        state = "does not exist"
    else:
        state = "active" if live.active else "locked"
    yield f"in {target.name} as {login}: account {state}"


def _grants(
    user: User, prepared: Resolver, reader: Reader | None, live: Account | None, paint: Paint
) -> Iterator[str]:
    ways: dict[str, list[Entitled]] = {}
    for way in prepared.entitled(user):
        ways.setdefault(way.entitlement, []).append(way)
    wanted = _by_entitlement(prepared.account(user).grants)
    held = _by_entitlement(live.grants if live else ())
    if not ways and not held:
        yield "  no grants"
    for entitlement in sorted({*ways, *held}):
        mark = _mark(entitlement, wanted, held, asked=reader is not None)
        colour = {"✓": "green", "·": "bright_black"}.get(mark[0], "red")
        yield paint(f"  {mark[0]} {plain(entitlement)}", colour) + (f"  [{mark[1]}]" if mark[1] else "")
        for way in ways.get(entitlement, ()):
            yield f"      {_state(way, prepared.as_of)}{plain(because(way.reason))}"
        if entitlement not in ways:
            yield "      nothing in git grants it"


def _by_entitlement(grants: Iterable[Grant]) -> dict[str, set[Grant]]:
    spans: dict[str, set[Grant]] = {}
    for grant in grants:
        spans.setdefault(grant.entitlement, set()).add(grant)
    return spans


def _mark(
    entitlement: str, wanted: Mapping[str, set[Grant]], held: Mapping[str, set[Grant]], *, asked: bool
) -> tuple[str, str]:
    if not asked:
        return ("✓", "") if entitlement in wanted else ("·", "not now")
    if entitlement not in wanted:
        return ("✗", "the target has it, it should not") if entitlement in held else ("·", "not now")
    if entitlement not in held:
        return "✗", "the target does not have it"
    same = wanted[entitlement] == held[entitlement]
    return ("✓", "") if same else ("✗", "the target has it for other days")


def _state(way: Entitled, day: date) -> str:
    if way.ended(day):
        return "ended: "
    return "" if way.on(day) else "not yet: "
