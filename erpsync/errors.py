"""The one base error of erpsync and the exit codes of its commands."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit status of a command says."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    CHANGES = 3
    REFUSED = 4
    STALE = 5
    PARTIAL = 6
    # The shell's own convention for a program ended by Ctrl-C: 128 + SIGINT.
    INTERRUPTED = 130


class ErpsyncError(Exception):
    """Something that ends the command: what happened, where, and what to do next.

    Args:
        message: what happened, one sentence without a full stop at its end.
        where: the file and line, or the target and login, if it has a place.
        hint: what the user can do about it.
    """

    exit_code = ExitCode.ERROR

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def add_hint(self, hint: str) -> None:
        """Give one more piece of advice, on a line of its own."""
        self.hint = f"{self.hint}\n  hint: {hint}" if self.hint else hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{place}{self.message}{advice}"


class PartialError(ErpsyncError):
    """Some of what was asked for was done, and some could not be."""

    exit_code = ExitCode.PARTIAL


class UsageError(ErpsyncError):
    """The command line asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class RefusedError(ErpsyncError):
    """Nothing was done because a check says no: invalid files, policy, limits, approvals."""

    exit_code = ExitCode.REFUSED


class StaleError(ErpsyncError):
    """The plan no longer fits: the declared or the live state has moved since."""

    exit_code = ExitCode.STALE


class TargetError(ErpsyncError):
    """A target cannot be reached, refuses, or answers what it should not."""
