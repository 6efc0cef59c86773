"""access/ files → the declared state: load, validate, build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from erpsync.building import build
from erpsync.errors import RefusedError, UsageError
from erpsync.files import Loaded, load_directory
from erpsync.merge import Merged, merge
from erpsync.model import Access, Finding, Severity
from erpsync.references import check_references
from erpsync.rule_checks import check_rules
from erpsync.rule_names import check_rule_names
from erpsync.schema import check_documents


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
    return validate_loaded(loaded)


def validate_loaded(loaded: Loaded) -> Validated:
    """Check access files that were read, from a directory or from a commit."""
    schema_findings, bad = check_documents(loaded.documents)
    merged, merge_findings = merge(loaded.documents, bad)
    findings = [
        *loaded.findings,
        *schema_findings,
        *merge_findings,
        *check_references(merged),
        *check_rules(merged),
        *check_rule_names(merged),
    ]
    findings.sort(key=lambda finding: finding.order)
    return Validated(merged, loaded.digest, tuple(findings), loaded.files)


def must_be_valid(root: Path) -> Validated:
    """The entries of an access directory that must be valid.

    Raises:
        InvalidFilesError: it is not.
    """
    validated = validate(root)
    if validated.errors:
        raise InvalidFilesError(validated.findings)
    return validated


def load_valid(root: Path) -> Access:
    """The declared state of an access directory that must be valid.

    Raises:
        InvalidFilesError: it is not.
    """
    return must_be_valid(root).build()
