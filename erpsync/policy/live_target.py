"""One target as it was read, with whose its accounts are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from erpsync.diff import find
from erpsync.model import Access, Capabilities, Snapshot, Target, fold
from erpsync.policy.base import LiveTarget
from erpsync.resolve import resolver


def live_target(
    access: Access,
    target: Target,
    snapshot: Snapshot,
    capabilities: Capabilities,
    as_of: date,
    last_login: Mapping[str, date | None],
) -> LiveTarget:
    """One target as it was read, with whose its accounts are: matched as a plan matches them.

    Args:
        access: the declared state.
        target: which target it is.
        snapshot: its accounts.
        capabilities: what it can do by itself.
        as_of: the day.
        last_login: by folded login, as far as the ERP tells.
    """
    desired = resolver(access, target.name, as_of, validity=capabilities.validity).desired()
    owners = {}
    for login, user in desired.users.items():
        found = find(login, desired, snapshot)
        if found is not None:
            owners[fold(found.login)] = user
    return LiveTarget(target.name, snapshot.accounts, owners, snapshot.protected, last_login)
