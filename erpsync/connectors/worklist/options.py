"""The options of a worklist target: where the exports are, and which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from erpsync.errors import RefusedError
from erpsync.model import ChangeKind, Target
from erpsync.schema import suggest
from erpsync.table import ENCODINGS

REQUIRED = ("system", "users_file", "login_column", "name_column", "active_column", "active_value",
            "inactive_value", "role_column")  # fmt: skip
NEEDS = {
    "users_sheet": "users_file",
    "roles_sheet": "roles_file",
    "role_login_column": "roles_file",
    "catalogue_column": "catalogue_file",
    "catalogue_sheet": "catalogue_file",
    "scope_kind": "scope_column",
    "scopes_file": "scope_column",
    "scopes_column": "scopes_file",
    "scopes_sheet": "scopes_file",
    "catalogue_file": "catalogue_column",
}
"""Options that mean nothing without another one."""
PLAIN = (
    "email_column",
    "department_column",
    "position_column",
    "employee_no_column",
    "scope_column",
    "roles_file",
    "separator",
    "delimiter",
    "encoding",
    "header_row",
    "max_age",
)
DESCRIBED = ("department", "position", "employee_no")
"""What an export may tell of the person behind a login, for an import."""
STEPS = {f"step_{kind.value}": kind for kind in ChangeKind if kind is not ChangeKind.RETIME}
"""Options that name a step in the ERP's own words. Dates of grants are not read, so none changes them."""
KNOWN = frozenset({*REQUIRED, *NEEDS, *PLAIN, *STEPS})
ENCODINGS_OF = {None: ENCODINGS, "utf-8": ENCODINGS[:1], "gb18030": ENCODINGS[1:]}
DELIMITERS = {"tab": "\t", ",": ",", ";": ";", "|": "|"}
MAX_AGE = "24"


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet of one file."""

    file: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A column that lists names."""

    source: Source
    column: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the options say. ``roles`` is None where the roles stand in a column beside the user.

    ``active`` and ``inactive`` are the values that say whether a user may log in. ``separator`` stands
    between several roles, or values of the scope, in one cell. ``words`` are the ERP's own for a step.
    ``described`` are the columns of what is told of the person, by what that is.
    """

    system: str
    users: Source
    login: str
    name: str
    email: str | None
    described: Mapping[str, str]
    active_column: str
    active: frozenset[str]
    inactive: frozenset[str]
    roles: Source | None
    role_login: str
    role: str
    separator: str | None
    scope_column: str | None
    scope_kind: str
    catalogue: Listing | None
    scopes: Listing | None
    delimiter: str
    encodings: tuple[str, ...]
    header: int
    max_age: timedelta
    words: Mapping[ChangeKind, str]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every sheet that is read."""
        listings = (item.source for item in (self.catalogue, self.scopes) if item)
        return (self.users, *([self.roles] if self.roles else []), *listings)


def parse_options(target: Target) -> Options:
    """The options of a target, checked.

    Raises:
        RefusedError: one is missing, is not known, or cannot be what it says.
    """
    given = target.options
    for option in given:
        if option not in KNOWN:
            raise _refused(target, f"unknown option {option!r}", suggest(option, KNOWN, "known options"))
        if option in NEEDS and NEEDS[option] not in given:
            raise _refused(target, f"option {option!r} needs the option {NEEDS[option]!r}")
    for option in (*REQUIRED, *(["scopes_column"] if "scopes_file" in given else [])):
        if option not in given:
            raise _refused(target, f"the option {option!r} is missing", "see docs/worklist.md")
    active, inactive = (_values(given[option]) for option in ("active_value", "inactive_value"))
    if active & inactive:
        raise _refused(target, "a value of active_column cannot mean both active and inactive")
    return Options(
        system=given["system"],
        users=Source(given["users_file"], given.get("users_sheet")),
        login=given["login_column"],
        name=given["name_column"],
        email=given.get("email_column"),
        described={what: given[f"{what}_column"] for what in DESCRIBED if f"{what}_column" in given},
        active_column=given["active_column"],
        active=active,
        inactive=inactive,
        roles=Source(given["roles_file"], given.get("roles_sheet")) if "roles_file" in given else None,
        role_login=given.get("role_login_column", given["login_column"]),
        role=given["role_column"],
        separator=given.get("separator") or None,
        scope_column=given.get("scope_column"),
        scope_kind=given.get("scope_kind", "company"),
        catalogue=_listing(given, "catalogue"),
        scopes=_listing(given, "scopes"),
        delimiter=_delimiter(target),
        encodings=_encodings(target),
        header=_number(target, "header_row", "1"),
        max_age=timedelta(hours=_number(target, "max_age", MAX_AGE)),
        words={kind: given[option] for option, kind in STEPS.items() if option in given},
    )


def _values(text: str) -> frozenset[str]:
    """The values in an option, with ``|`` between them; an empty one stands for an empty cell."""
    return frozenset(value.strip() for value in text.split("|"))


def _listing(given: Mapping[str, str], prefix: str) -> Listing | None:
    file = given.get(f"{prefix}_file")
    source = Source(file, given.get(f"{prefix}_sheet")) if file else None
    return Listing(source, given[f"{prefix}_column"]) if source else None


def _delimiter(target: Target) -> str:
    text = target.options.get("delimiter", ",")
    if text not in DELIMITERS:
        raise _refused(target, f"option 'delimiter' cannot be {text!r}", f"one of {' '.join(DELIMITERS)}")
    return DELIMITERS[text]


def _encodings(target: Target) -> tuple[str, ...]:
    text = target.options.get("encoding")
    if text not in ENCODINGS_OF:
        raise _refused(target, f"option 'encoding' cannot be {text!r}", "utf-8 or gb18030")
    return ENCODINGS_OF[text]


def _number(target: Target, option: str, default: str) -> int:
    text = target.options.get(option, default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 100_000):
        raise _refused(target, f"option {option!r} cannot be {text!r}", "a whole number from 1")
    return int(text)


def _refused(target: Target, message: str, hint: str | None = None) -> RefusedError:
    return RefusedError(message, where=f"target {target.name!r} ({target.at})", hint=hint)
