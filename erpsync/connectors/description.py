"""What is known of a connector without a connection, for ``erpsync connectors``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from erpsync.connectors.base import Objecting, Permitting, Traced, Used
from erpsync.connectors.checks import Checkable


class Ability(StrEnum):
    """What an ERP may be able to do; the words stand in the list."""

    CREATE = "create accounts"
    LOCK = "lock accounts"
    ATTRIBUTES = "attributes"
    SCOPE = "scope"
    DAYS = "days of a grant"
    ACCOUNT_DAYS = "days of an account"
    IMPLIES = "entitlements that bring others"
    VERSIONS = "refuses what moved meanwhile"
    BATCH = "several accounts at once"
    DELETE = "delete accounts"


@dataclass(frozen=True, slots=True)
class Description:
    """What a connector says of itself. It stands in its class as ``describes``.

    ``title`` names the ERP and the releases that it is tested with, ``page`` is where people read more.
    What ``reader`` offers beside reading is seen from its methods. ``abilities`` are yes, no, or words,
    such as ``as the service says``; what is not named is not told.
    """

    title: str
    page: str
    reader: type
    abilities: Mapping[Ability, bool | str] = field(default_factory=dict)

    @property
    def offers(self) -> tuple[str, ...]:
        """The optional protocols of its reader, in words."""
        return tuple(words for protocol, words in _OFFERS if issubclass(self.reader, protocol))


_OFFERS: tuple[tuple[type, str], ...] = (
    (Checkable, "whether it is set up right"),
    (Objecting, "what an account cannot be"),
    (Permitting, "what entitlements really allow"),
    (Traced, "who changed an account last"),
    (Used, "when an account was used last"),
)
