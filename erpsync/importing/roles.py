"""Entitlements → roles: one role for each, so that the catalogue says exactly what the ERP can give. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erpsync.importing.names import Keys, slug, titles
from erpsync.importing.values import NOWHERE, UNSORTED, Ground
from erpsync.model import Role


def known_roles(ground: Ground) -> dict[str, str]:
    """By entitlement: the declared role that grants it and nothing else, anywhere.

    A role that may be given for some days only is none: people hold it for longer.
    """
    found: dict[str, str] = {}
    for key, role in sorted(ground.access.roles.items()):
        granted = role.entitlements.get(ground.target.name, ())
        alone = len(granted) == 1 and len(role.entitlements) == 1 and not role.includes
        if alone and key not in ground.limited:
            found.setdefault(granted[0], key)
    return found


def new_roles(
    entitlements: Iterable[str], ground: Ground, known: Mapping[str, str], owner: str
) -> dict[str, Role]:
    """A role for each entitlement that has none, by entitlement."""
    keys = Keys(ground.access.roles)
    found: dict[str, Role] = {}
    for name in sorted(set(entitlements) - known.keys()):
        title, title_zh = titles(ground.descriptions.titles.get(name, name))
        found[name] = Role(
            key=keys.take(slug(title), "role"),
            title=title,
            title_zh=title_zh,
            at=NOWHERE,
            subsystem=UNSORTED,
            owner=owner,
            entitlements={ground.target.name: (name,)},
        )
    return found
