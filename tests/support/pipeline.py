"""The jobs of an access repository, run in this process against an ERP in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.company_repository import CompanyRepository


class Ended(Protocol):
    """How a command ended and what it said."""

    @property
    def code(self) -> int:
        """The exit code."""

    @property
    def out(self) -> str:
        """What it wrote to stdout."""

    @property
    def err(self) -> str:
        """What it wrote to stderr."""


@dataclass
class Pipeline:
    """Runs the commands of the workflows in checkouts of a company's repository."""

    repository: CompanyRepository
    command: Callable[..., Ended]
    monkeypatch: pytest.MonkeyPatch

    def run(self, job: Path, number: int | None, *arguments: object, **env: str) -> Ended:
        """Run a command in a checkout as a job does."""
        with self.monkeypatch.context() as patch:
            patch.chdir(job)
            for name, value in (self.repository.environment(job, number) | env).items():
                patch.setenv(name, value)
            return self.command(*arguments)

    def plan(self, number: int, **env: str) -> Ended:
        """The job of a pull request."""
        job = self.repository.checkout_trial(number)
        ran = self.run(job, number, "ci", "plan", "--output", "plan.json", **env)
        self.repository.upload(job, number)
        return ran

    def approvals(self, number: int) -> Ended:
        """The job of a review."""
        return self.run(self.repository.checkout_trial(number), number, "approvals")

    def apply(self, *arguments: object, of: str = "main") -> Ended:
        """The job of a merge, or that of the night."""
        return self.run(self.repository.checkout(of), None, "ci", "apply", *arguments)

    def drift(self) -> Ended:
        """The job of the morning."""
        return self.run(self.repository.checkout("main"), None, "ci", "drift")

    def merged(self, number: int, *handles: str) -> str:
        """Plan, approve and merge a pull request; the merge."""
        assert self.plan(number).code == 0
        self.repository.approve(number, *handles)
        return self.repository.merge(number)
