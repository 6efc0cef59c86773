"""How products that speak SCIM differ, as data. docs/scim.md says where each fact comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["groups", "roles", "entitlements"]
"""Where a service keeps what an account may do."""
Login = Literal["bearer", "basic", "encoded"]
"""What is sent to be let in: the password as a token, username and password, or both as one token."""

SAP_EXTENSION = "urn:ietf:params:scim:schemas:extension:sap:2.0"


@dataclass(frozen=True, slots=True)
class Profile:
    """The ways of one product.

    Args:
        name: as targets choose it.
        kind: where entitlements are; a target may say otherwise.
        login: what is sent to be let in; a target may say otherwise.
        page: how many resources the product gives at once, where that is known.
        per_minute: how many requests the product takes without delay, where the target does not say.
        csrf: a write needs a token that is fetched with a read.
        validity: the schema extension of a User that has `validFrom` and `validTo`.
        group_type: the schema extension of a Group that has `type` and `supportedOperations`.
        granting: the value of that `type` for groups that grant something; others are left alone.
    """

    name: str
    kind: Kind = "groups"
    login: Login = "bearer"
    page: int | None = None
    per_minute: int | None = None
    csrf: bool = False
    validity: str | None = None
    group_type: str | None = None
    granting: str = "authorization"


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("generic"),
        Profile("sap-ias", page=100, per_minute=200),
        Profile(
            "sap-s4hana-cloud",
            page=100,
            csrf=True,
            validity=f"{SAP_EXTENSION}:User",
            group_type=f"{SAP_EXTENSION}:Group",
        ),
        Profile("oracle-idcs", page=1000),
        Profile("infor-os", kind="entitlements", login="encoded"),
    )
}
