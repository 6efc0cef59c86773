"""What an import starts from, for tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from erpsync.importing.values import Ground
from erpsync.model import Access, Account, Capabilities, Catalogue, Description, Descriptions, Grant, fold
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
