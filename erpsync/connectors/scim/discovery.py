"""What a SCIM service says it can do (RFC 7643, sections 5 to 7). It is obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from erpsync.connectors.scim.answers import ScimError, not_scim
from erpsync.connectors.scim.messages import USER, Json
from erpsync.connectors.scim.session import ScimSession
from erpsync.errors import TargetError

NOT_OFFERED = (403, 404, 405, 501)
"""How services answer who asks for what they do not have, or do not show."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as it describes itself.

    ``most`` is how many resources it lists at once, 0 without a limit; ``bulk`` how many operations it
    takes at once, 0 for none, and ``bulk_bytes`` how large they may be. ``location`` is where it says it
    is. ``users`` and ``groups`` are where the standard has them (RFC 7644, section 3.2).
    """

    location: str
    patch: bool
    filter: bool
    sort: bool
    etag: bool
    most: int
    bulk: int
    bulk_bytes: int
    users: str = "/Users"
    groups: str | None = "/Groups"


def discover(session: ScimSession) -> Service:
    """Ask a service what it can do.

    Raises:
        TargetError: it does not say, or cannot be reached.
    """
    try:
        config = session.get("/ServiceProviderConfig")
    except ScimError as error:
        raise TargetError(
            f"the service does not describe itself: {error.message}",
            where=session.where,
            hint="the url ends where /ServiceProviderConfig and /Users begin; see docs/scim.md",
        ) from error
    try:
        return _service(config, session.http.url)
    except (AttributeError, KeyError, TypeError, ValueError):  # what should be an object, a number … is not
        raise not_scim(session.where) from None


def optional(session: ScimSession, path: str) -> Json:
    """What a service has there, if it offers it.

    Raises:
        TargetError: it cannot be read, for another reason than that it is not offered.
    """
    try:
        return session.get(path)
    except ScimError as error:
        if error.status in NOT_OFFERED:
            return {}
        raise TargetError(f"{path} cannot be read: {error.message}", where=session.where) from error


def _service(config: Json, url: str) -> Service:
    bulk, listing = config.get("bulk") or {}, config.get("filter") or {}
    return Service(
        # Some services leave their host out.
        location=urljoin(url, str((config.get("meta") or {}).get("location") or url)),
        patch=_supported(config, "patch"),
        filter=_supported(config, "filter"),
        sort=_supported(config, "sort"),
        etag=_supported(config, "etag"),
        most=int(listing.get("maxResults") or 0),
        bulk=int(bulk.get("maxOperations") or 0) if _supported(config, "bulk") else 0,
        bulk_bytes=int(bulk.get("maxPayloadSize") or 0),
    )


def _supported(config: Mapping[str, Any], feature: str) -> bool:
    return (config.get(feature) or {}).get("supported") is True


def canonical_values(session: ScimSession, kind: str) -> frozenset[str]:
    """The values of `roles` or `entitlements` that the schema of Users lists; nothing where it does not.

    Raises:
        TargetError: the schema cannot be read, or is none.
    """
    schema = optional(session, f"/Schemas/{USER}")
    try:
        attributes = {attribute["name"]: attribute for attribute in schema.get("attributes") or []}
        parts = attributes.get(kind, {}).get("subAttributes") or []
        return frozenset(
            value for part in parts if part["name"] == "value" for value in part.get("canonicalValues") or []
        )
    except (AttributeError, KeyError, TypeError):
        raise not_scim(session.where) from None


def endpoints(session: ScimSession) -> dict[str, str]:
    """Where the resources of each schema are; nothing where the service does not say.

    Raises:
        TargetError: that cannot be read.
    """
    kinds = optional(session, "/ResourceTypes").get("Resources") or []
    try:
        return {kind["schema"]: _below(kind["endpoint"], session.http.url) for kind in kinds}
    except (AttributeError, KeyError, TypeError):
        raise not_scim(session.where) from None


def _below(endpoint: str, base: str) -> str:
    """The path of an endpoint below the base address, also where a service writes all of the address."""
    return "/" + endpoint.removeprefix(base).strip("/")
