"""access/ files → the declared state: load, validate, build."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from erpsync.building import build
from erpsync.errors import RefusedError, UsageError
from erpsync.files import Loaded, load_directory
from erpsync.mentions import aliases_of
from erpsync.merge import Merged, merge
from erpsync.model import Access, Finding, Location, Severity
from erpsync.pages import FORGETFUL, Memory, Roster, pages_of_entries
from erpsync.references import check_references
from erpsync.rule_checks import check_rules
from erpsync.rule_names import check_rule_names
from erpsync.schema import check_documents
from erpsync.sifting import Sifted, in_order, sift
from erpsync.suspects import Known, suspects


@dataclass(frozen=True, slots=True)
class Validated:
    """The declared entries as far as they could be read, and everything that is wrong with them, sorted.

    ``roster`` has users of whom nothing more needs to be said; those are not in ``merged``.
    """

    merged: Merged
    digest: str
    findings: tuple[Finding, ...]
    files: int
    roster: Roster = field(default_factory=Roster)

    def count(self, section: str) -> int:
        """How many right entries a section has."""
        return sum(1 for _ in self.merged.good(section)) + (len(self.roster) if section == "users" else 0)

    def build(self) -> Access:
        """The declared values, built only when asked for: who checks the files needs none of them."""
        access = build(self.merged, self.digest)
        return replace(access, users={**access.users, **self.roster.kept()}) if self.roster else access

    def build_lean(self) -> Access:
        """The same, with users who are unpacked only when they are asked for."""
        others = Merged({**self.merged.sections, "users": {}}, self.merged.bad)
        packed = pages_of_entries(self.merged.good("users"))
        return replace(build(others, self.digest), users=Roster([*self.roster.pages, *packed]))

    def places_of(self, users: Collection[str]) -> dict[str, Location]:
        """Where some users are declared, as far as they are."""
        entries = self.merged["users"]
        packed = self.roster.some(key for key in users if key in self.roster) if users else {}
        return {key: entries[key].at for key in users if key in entries} | {
            key: user.at for key, user in packed.items()
        }

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
    """Load and check an access directory; each entry of it is among the merged ones, with all its places.

    Raises:
        UsageError: there is no such directory, or it holds no access file.
    """
    _must_be_there(root)
    loaded = load_directory(root)
    _must_hold_some(root, loaded)
    return validate_loaded(loaded)


def validate_loaded(loaded: Loaded) -> Validated:
    """Check access files that were read, from a directory or from a commit."""
    schema_findings, bad = check_documents(loaded.documents)
    merged, merge_findings = merge(loaded.documents, bad)
    findings = [*loaded.findings, *schema_findings, *merge_findings, *_check(merged)]
    return Validated(merged, loaded.digest, _in_order(findings), loaded.files)


def validate_lean(root: Path, memory: Memory = FORGETFUL) -> Validated:
    """The same findings, in a fraction of the time and memory.

    Users with whom nothing is wrong are packed file by file, and not among the merged entries.

    Args:
        root: the access directory.
        memory: may know files that are as they were in an earlier run.

    Raises:
        UsageError: there is no such directory, or it holds no access file.
        ErpsyncError: a file was changed while it was read.
    """
    _must_be_there(root)
    found = sift(root, memory)
    _must_hold_some(root, found)
    numbers = list(found.pages)
    merged, _ = merge(in_order(found.documents.items()), found.bad)
    suspected = suspects(list(found.pages.values()), _known(merged))
    found.look_closer([numbers[index] for index in suspected])
    merged, merge_findings = merge(in_order(found.documents.items()), found.bad)
    roster = Roster(found.pages.values())
    merged = replace(merged, elsewhere=roster.keys())
    findings = [*found.findings, *merge_findings, *_check(merged)]
    return Validated(merged, found.digest, _in_order(findings), found.files, roster)


def _known(merged: Merged) -> Known:
    longest = {
        key: int(role["max_duration"].removesuffix("d"))
        for key, role, _ in merged.good("roles")
        if "max_duration" in role
    }
    aliases = [alias for key, user, _ in merged.good("users") for alias in aliases_of(key, user)]
    return Known(merged.sections, longest, aliases)


def _check(merged: Merged) -> Iterator[Finding]:
    yield from check_references(merged)
    yield from check_rules(merged)
    yield from check_rule_names(merged)


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.order))


def _must_be_there(root: Path) -> None:
    if not root.is_dir():
        raise UsageError(
            f"no directory {str(root)!r}", hint="name it with --access DIR, or make one: erpsync init DIR"
        )


def _must_hold_some(root: Path, found: Loaded | Sifted) -> None:
    if not found.files and not found.findings:
        raise UsageError(
            f"no *.yaml file in {str(root)!r}", hint="make an access directory: erpsync init DIR"
        )


def must_be_valid(root: Path) -> Validated:
    """The entries of an access directory that must be valid.

    Raises:
        InvalidFilesError: it is not.
    """
    return _valid(validate(root))


def load_valid(root: Path) -> Access:
    """The declared state of an access directory that must be valid.

    Raises:
        InvalidFilesError: it is not.
    """
    return _valid(validate_lean(root)).build()


def load_lean(root: Path, memory: Memory = FORGETFUL) -> Access:
    """The same, its users unpacked only when they are asked for: see `erpsync.pages.Roster`.

    Raises:
        InvalidFilesError: it is not.
    """
    return _valid(validate_lean(root, memory)).build_lean()


def _valid(validated: Validated) -> Validated:
    if validated.errors:
        raise InvalidFilesError(validated.findings)
    return validated
