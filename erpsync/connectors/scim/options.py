"""What a target says about its SCIM service, checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from erpsync.connectors.scim.profiles import PROFILES, Kind, Login, Profile
from erpsync.errors import RefusedError
from erpsync.model import Target
from erpsync.schema import suggest

CHOICES = {
    "profile": tuple(PROFILES),
    "entitlements": get_args(Kind),
    "authentication": get_args(Login),
}
LISTS = ("known", "languages")


@dataclass(frozen=True, slots=True)
class Options:
    """The profile as the target has it, and names that the service cannot list itself."""

    profile: Profile
    known: frozenset[str]
    """Roles or entitlements that exist, held by somebody or not."""
    languages: frozenset[str]


def options_of(target: Target) -> Options:
    """Read the options of a target.

    Raises:
        RefusedError: it has one that this connector does not know, or a value that it does not know.
    """
    where = f"target {target.name!r}"
    for option, value in target.options.items():
        if option not in CHOICES and option not in LISTS:
            hint = suggest(option, (*CHOICES, *LISTS), "known options")
            raise RefusedError(f"unknown option {option!r}", where=where, hint=hint)
        if option in CHOICES and value not in CHOICES[option]:
            hint = suggest(value, CHOICES[option], "it can be")
            raise RefusedError(f"option {option!r} cannot be {value!r}", where=where, hint=hint)
    profile = PROFILES[target.options.get("profile", "generic")]
    return Options(
        # Only a value of the type gets here: it was looked up in the type's own arguments.
        profile=replace(
            profile,
            kind=target.options.get("entitlements", profile.kind),  # type: ignore[arg-type]
            login=target.options.get("authentication", profile.login),  # type: ignore[arg-type]
        ),
        known=_names(target.options.get("known", "")),
        languages=_names(target.options.get("languages", "")),
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())
