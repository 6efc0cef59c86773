"""What a target says about its Odoo, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from erpsync.errors import RefusedError
from erpsync.model import Target
from erpsync.schema import suggest

Kind = Literal["groups", "roles"]

CHOICES = {
    "entitlements": ("groups", "roles"),
    "authentication": ("password", "key"),
    "invite": ("no", "yes"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """Whether groups or the roles of base_user_role are managed, how to log in, and who gets mail."""

    kind: Kind = "groups"
    key: bool = False
    """The password is an API key."""
    invite: bool = False
    """New users get an invitation by mail from Odoo."""


def options_of(target: Target) -> Options:
    """Read the options of a target.

    Raises:
        RefusedError: it has one that this connector does not know, or a value that it does not know.
    """
    where = f"target {target.name!r}"
    for option, value in target.options.items():
        if option not in CHOICES:
            hint = suggest(option, CHOICES, "known options")
            raise RefusedError(f"unknown option {option!r}", where=where, hint=hint)
        if value not in CHOICES[option]:
            hint = suggest(value, CHOICES[option], "it can be")
            raise RefusedError(f"option {option!r} cannot be {value!r}", where=where, hint=hint)
    return Options(
        kind="roles" if target.options.get("entitlements") == "roles" else "groups",
        key=target.options.get("authentication") == "key",
        invite=target.options.get("invite") == "yes",
    )
