"""What an import starts from, for tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from erpsync.building import build
from erpsync.importing.entries import entry_edits, new_entries
from erpsync.importing.values import Ground, Imported
from erpsync.merge import merge
from erpsync.model import (
    Access,
    Account,
    Capabilities,
    Catalogue,
    Description,
    Descriptions,
    Finding,
    Grant,
    fold,
)
from erpsync.yaml_edit import edit
from erpsync.yaml_tree import parse
from tests.builders import CAN, ERP, OBSERVE, TODAY, declare, make_target, snapshot

CATALOGUE = Catalogue(
    entitlements=frozenset({"Purchase", "Purchase / Approval", "Stock", "会计"}),
    scopes={"company": ("Huaxin Castings", "Huaxin Trading")},
    languages=frozenset({"en", "zh_CN"}),
    fixed={"administrator": "only an administrator may change it"},
)


def account(login: str, *entitlements: str, name: str | None = "陈静", **values: object) -> Account:
    """An account that holds these without end."""
    grants = tuple(Grant(item) for item in sorted(entitlements))
    return Account(login, name, **({"grants": grants} | values))  # type: ignore[arg-type]  # by name


def ground(
    *accounts: Account,
    access: Access | None = None,
    catalogue: Catalogue = CATALOGUE,
    can: Capabilities = CAN,
    people: Mapping[str, Description] | None = None,
    titles: Mapping[str, str] | None = None,
    protected: Mapping[str, str] | None = None,
    limited: Collection[str] = (),
    owner: str | None = None,
    all_roles: bool = False,
) -> Ground:
    """A target with these accounts, of which git knows nothing yet unless it is given."""
    declared = access or declare(target=make_target(OBSERVE, protected=["admin"]))
    return Ground(
        declared,
        declared.targets[ERP],
        TODAY,
        snapshot(*accounts, protected=protected),
        catalogue,
        can,
        Descriptions({fold(login): item for login, item in (people or {}).items()}, titles or {}),
        limited,
        owner,
        all_roles,
    )


def written(found: Imported, ground: Ground) -> Access:
    """What was imported, written as files and read back; into the declared state as it was."""
    findings: list[Finding] = []
    documents = []
    for path, entries in new_entries(found, ground, "access").items():
        if path != ground.target.at.file:
            text = edit(entries.comment, entry_edits(entries, ground, path))
            documents.append(parse(text.encode(), path, findings))
    merged, twice = merge([item for item in documents if item is not None], set())
    assert not findings
    assert not twice
    read = build(merged, ground.access.digest)
    old = ground.access
    return replace(
        old,
        users={**old.users, **read.users},
        roles={**old.roles, **read.roles},
        positions={**old.positions, **read.positions},
    )
