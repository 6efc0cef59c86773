"""What the contract needs of an ERP besides its connector: to be changed by hand."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol, runtime_checkable

import pytest

from erpsync.connectors.base import Reader, Writer
from erpsync.model import Target


class Harness(Protocol):
    """One real ERP under the contract. A new connector brings its own.

    ``entitlements`` are two that exist there, neither of which brings the other. ``companies`` are those
    of which an account may have any, or none where the ERP knows no companies. ``implied`` is one
    that brings another, with that one, or None where no entitlement does.
    """

    entitlements: tuple[str, str]
    companies: tuple[str, ...]
    implied: tuple[str, str] | None
    required: str
    """What every user must have declared there, as YAML behind the other keys; not told where it is said."""
    granted_to_all: tuple[str, ...]
    """Entitlements without which there is no account."""
    ambient: frozenset[str]
    """Those, with all that they bring: the contract looks past them."""
    leaves_residue: bool
    """Whether what came with an entitlement stays when that is taken away by hand."""

    def login(self, name: str) -> str:
        """A login that nobody has."""

    def today(self) -> date:
        """The day of the contract. Recorded answers belong to the day on which they were recorded."""

    def target(self) -> Target:
        """The ERP as a target, everything enforced."""

    def reading(self) -> AbstractContextManager[Reader]:
        """Log in for reading."""

    def writing(self) -> AbstractContextManager[Writer]:
        """Log in for writing."""

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the connector read two accounts at a time, where it reads in pages."""

    # --- by hand, as an administrator would ---------------------------------------------------------

    def make(self, login: str) -> None:
        """Make an active account that holds nothing."""

    def set_active(self, login: str, *, active: bool) -> None:
        """Lock or unlock an account."""

    def rename(self, login: str, name: str) -> None:
        """Give a person another name."""

    def give(self, login: str, entitlement: str) -> None:
        """Give an entitlement without end."""

    def take(self, login: str, entitlement: str) -> None:
        """Take an entitlement away."""

    def set_companies(self, login: str, *names: str) -> None:
        """Let an account touch exactly these companies."""


class Undemanding:
    """Part of the harness of an ERP in which an account needs nothing but a login and a name."""

    required = ""
    granted_to_all: tuple[str, ...] = ()
    ambient: frozenset[str] = frozenset()
    leaves_residue = True


@runtime_checkable
class Guarded(Harness, Protocol):
    """An ERP that lets not everybody in, and not everybody write."""

    def wrong_password(self) -> AbstractContextManager[Reader]:
        """Log in for reading, with a password that is none."""

    def writing_without_rights(self) -> AbstractContextManager[Writer]:
        """Log in for writing, as somebody who may only read."""
