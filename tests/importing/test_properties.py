"""Import and apply are each other's inverse, whatever state there is; and the files say what was imported."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from erpsync.diff import diff, settle
from erpsync.importing.importer import import_live
from erpsync.importing.proof import resolver_of
from erpsync.importing.values import Ground
from erpsync.model import Access, Account, Capabilities, Snapshot, fold
from tests.builders import ENFORCE, ERP, OBSERVE, Case, declare, make_target
from tests.importing.grounds import written
from tests.strategies import cases

EMPTY = declare(target=make_target(OBSERVE))


def ground_of(case: Case, access: Access) -> Ground:
    """The target of a case, of which this is declared."""
    return Ground(access, access.targets[ERP], case.as_of, case.live, case.catalogue, case.capabilities)


def told(account: Account, can: Capabilities) -> tuple[object, ...]:
    """What counts of an account: of a locked one, that and what it holds."""
    held = (fold(account.login), account.active, account.grants)
    if not account.active:
        return held
    return (*held, account.name if "name" in can.attributes else None, account.scope)


@given(cases())
def test_what_is_imported_resolves_to_the_live_account_and_nobody_is_forgotten(case: Case) -> None:
    ground = ground_of(case, case.access)
    found = import_live(ground)
    access = written(found, ground)
    resolved = resolver_of(ground, access)
    imported = {fold(user.login(ERP)) for user in found.users.values()} - {found.owner}
    for user in found.users.values():
        live = case.live.accounts.get(fold(user.login(ERP)))
        if live is None:
            assert user.key == found.owner
            continue
        wanted = resolved.account(access.users[user.key])
        assert told(wanted, case.capabilities) == told(
            settle(live, case.as_of, case.capabilities), case.capabilities
        )
        assert wanted.email in (live.email, None)
    difference = case.diff()
    strangers = {fold(account.login) for account in difference.unmanaged}
    others = {fold(item.login) for item in found.left_out} | {fold(login) for login in found.protected}
    assert imported | others == strangers
    assert not imported & others


@given(cases())
def test_importing_changes_nothing_for_users_who_are_declared_already(case: Case) -> None:
    ground = ground_of(case, case.access)
    access = written(import_live(ground), ground)
    before, after = case.resolver, resolver_of(ground, access)
    for key, user in case.access.users.items():
        assert after.account(access.users[key]) == replace(before, implies=case.catalogue.implies).account(
            user
        )


@given(cases(st.just(ENFORCE)))
def test_what_was_declared_and_applied_is_imported_whole_and_nothing_would_change(case: Case) -> None:
    applied = replace(case, live=Snapshot({})).applied()
    ground = ground_of(applied, EMPTY)
    found = import_live(ground)
    # Names alone that look like a machine's or are erpsync's own are not declared as people.
    assert not found.left_out
    grown = replace(applied, access=written(found, ground))
    again = diff(
        resolver_of(ground, grown.access).desired(),
        applied.live,
        target=make_target(),
        catalogue=applied.catalogue,
        capabilities=applied.capabilities,
        as_of=applied.as_of,
    )
    assert again.accounts == ()
    assert again.held == ()
    assert again.unmanaged == ()
