"""access/ files → the declared state: load, validate, build."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from erpsync.errors import RefusedError, UsageError
from erpsync.files import load_directory
from erpsync.merge import Merged, merge
from erpsync.model import (
    ALL,
    Access,
    Assignment,
    Birthright,
    Finding,
    Limit,
    LimitKind,
    Location,
    Manage,
    Mode,
    Position,
    Risk,
    Role,
    Severity,
    Status,
    Target,
    User,
    UserType,
    Waiver,
)
from erpsync.references import check_references, day
from erpsync.schema import check_documents
from erpsync.yaml_tree import Map


@dataclass(frozen=True, slots=True)
class Validated:
    """The declared entries as far as they could be read, and everything that is wrong with them, sorted."""

    merged: Merged
    digest: str
    findings: tuple[Finding, ...]
    files: int

    def count(self, section: str) -> int:
        """How many right entries a section has."""
        return sum(1 for _ in self.merged.good(section))

    def build(self) -> Access:
        """The declared values, built only when asked for: who checks the files needs none of them."""
        return build(self.merged, self.digest)

    @property
    def errors(self) -> int:
        """How many findings refuse."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


class InvalidFilesError(RefusedError):
    """The access files have findings that refuse; they come along."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        count = f"{len(findings)} finding" + ("s" if len(findings) != 1 else "")
        super().__init__(f"the access files are not valid: {count}", hint="correct them; nothing was changed")
        self.findings = findings


def validate(root: Path) -> Validated:
    """Load and check an access directory.

    Raises:
        UsageError: there is no such directory, or it holds no access file.
    """
    if not root.is_dir():
        raise UsageError(
            f"no directory {str(root)!r}", hint="name it with --access DIR, or make one: erpsync init DIR"
        )
    loaded = load_directory(root)
    if not loaded.files and not loaded.findings:
        raise UsageError(
            f"no *.yaml file in {str(root)!r}", hint="make an access directory: erpsync init DIR"
        )
    schema_findings, bad = check_documents(loaded.documents)
    merged, merge_findings = merge(loaded.documents, bad)
    findings = [*loaded.findings, *schema_findings, *merge_findings, *check_references(merged)]
    findings.sort(key=lambda finding: finding.order)
    return Validated(merged, loaded.digest, tuple(findings), loaded.files)


def load_valid(root: Path) -> Access:
    """The declared state of an access directory that must be valid.

    Raises:
        InvalidFilesError: it is not.
    """
    validated = validate(root)
    if validated.errors:
        raise InvalidFilesError(validated.findings)
    return validated.build()


def build(merged: Merged, digest: str) -> Access:
    """The declared values; entries with a finding of the schema are left out."""
    timezone = merged["settings"].get("timezone")
    return Access(
        timezone=str(timezone.value) if timezone else "UTC",
        targets={key: _target(key, entry, at) for key, entry, at in merged.good("targets")},
        positions={key: _position(key, entry, at) for key, entry, at in merged.good("positions")},
        roles={key: _role(key, entry, at) for key, entry, at in merged.good("roles")},
        birthright={key: _birthright(key, entry, at) for key, entry, at in merged.good("birthright")},
        users={key: _user(key, entry, at) for key, entry, at in merged.good("users")},
        waivers={key: _waiver(key, entry, at) for key, entry, at in merged.good("waivers")},
        plan_lifetime=timedelta(hours=_hours(merged)),
        digest=digest,
    )


def _hours(merged: Merged) -> int:
    expires = merged["settings"].get("plan_expires")
    return int(expires.value.removesuffix("h")) if expires and ("settings", "") not in merged.bad else 24


def _target(key: str, entry: Map, at: Location) -> Target:
    unmanaged = entry.get("unmanaged", {})
    return Target(
        name=key,
        connector=entry["connector"],
        url=entry["url"],
        username=entry["credentials"]["username"],
        password=entry["credentials"]["password"],
        at=at,
        database=entry.get("database"),
        options=entry.get("options", {}),
        manage=Manage(**{kind: Mode(mode) for kind, mode in entry.get("manage", {}).items()}),
        unmanaged_is_drift=unmanaged.get("accounts") == "drift",
        ignore=tuple(unmanaged.get("ignore", ())),
        protected=tuple(entry.get("protected", ())),
        limits={LimitKind(kind): _limit(limit) for kind, limit in entry.get("limits", {}).items()},
        shared_lock=entry.get("lock") == "remote",
        insecure=entry.get("insecure") == "true",
        requests_per_minute=int(entry["requests_per_minute"]) if "requests_per_minute" in entry else None,
    )


def _limit(entry: Map) -> Limit:
    share = entry.get("share")
    return Limit(
        count=int(entry["count"]) if "count" in entry else None,
        share=float(share.removesuffix("%")) / 100 if share else None,
    )


def _waiver(key: str, entry: Map, at: Location) -> Waiver:
    return Waiver(
        key=key,
        reason=entry["reason"],
        owner=entry["owner"],
        limits=frozenset(LimitKind(kind) for kind in entry["limits"]),
        users=frozenset(entry["users"]),
        valid_to=day(entry["valid_to"]),
        at=at,
    )


def _position(key: str, entry: Map, at: Location) -> Position:
    return Position(
        key=key,
        title=entry["title"],
        title_zh=entry.get("title_zh"),
        department=entry["department"],
        roles=tuple(entry.get("roles", ())),
        at=at,
    )


def _role(key: str, entry: Map, at: Location) -> Role:
    return Role(
        key=key,
        title=entry["title"],
        title_zh=entry.get("title_zh"),
        description=entry.get("description"),
        subsystem=entry["subsystem"],
        owner=entry["owner"],
        risk=Risk(entry.get("risk", "medium")),
        includes=tuple(entry.get("includes", ())),
        entitlements={target: tuple(names) for target, names in entry.get("entitlements", {}).items()},
        at=at,
    )


def _birthright(key: str, entry: Map, at: Location) -> Birthright:
    when = entry["when"]
    return Birthright(
        key=key,
        title=entry["title"],
        roles=tuple(entry["roles"]),
        types=frozenset(when.get("type", ())),
        departments=frozenset(when.get("department", ())),
        positions=frozenset(when.get("position", ())),
        at=at,
    )


_NO_SCOPE: dict[str, tuple[str, ...]] = {}


def _user(key: str, entry: Map, at: Location) -> User:
    get = entry.get
    first, last, scope = get("valid_from"), get("valid_to"), get("scope")
    return User(
        key=key,
        name=entry["name"],
        type=UserType(entry["type"]),
        at=at,
        status=Status(get("status", "active")),
        employee_no=get("employee_no"),
        email=get("email"),
        language=get("language"),
        department=get("department"),
        position=get("position"),
        position_at=entry.key_at("position") if "position" in entry else None,
        owner=get("owner"),
        valid_from=day(first) if first else None,
        valid_to=day(last) if last else None,
        logins=get("logins", {}),
        previously=tuple(get("previously", ())),
        scope={kind: _scope_values(values) for kind, values in scope.items()} if scope else _NO_SCOPE,
        assignments=tuple([_assignment(item, at) for item, at in entry["assignments"].entries()])
        if get("assignments")
        else (),
    )


def _scope_values(values: str | list[str]) -> tuple[str, ...]:
    return (ALL,) if values == ALL else tuple(sorted(values))


def _assignment(entry: Map, at: Location) -> Assignment:
    get = entry.get
    first, last = get("valid_from"), get("valid_to")
    return Assignment(
        entry["role"],
        entry["reason"],
        at,
        day(first) if first else None,
        day(last) if last else None,
        get("request"),
    )
