"""Git without a terminal, with a time limit on every call, and with no secret in a message."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from erpsync.errors import ErpsyncError

TIMEOUT_SECONDS = 30.0
MAX_MESSAGE = 300

# A run inside a hook must not take the hook's repository for ours; traces could show credentials.
_NOT_INHERITED = re.compile(
    "GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|NAMESPACE|OBJECT_DIRECTORY"
    "|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH|TRACE.*|CURL_VERBOSE)"
)
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "LC_ALL": "C",
}
ERPSYNC: Mapping[str, str] = {
    "GIT_AUTHOR_NAME": "erpsync",
    "GIT_AUTHOR_EMAIL": "erpsync@localhost",
    "GIT_COMMITTER_NAME": "erpsync",
    "GIT_COMMITTER_EMAIL": "erpsync@localhost",
}
"""Who writes what no person does, such as journals."""
WHOEVER_IS_HERE: Mapping[str, str] = {}
"""The person whom the user's own settings of git name."""
_USERINFO = re.compile(r"//[^/\s]*@")


class RemoteError(ErpsyncError):
    """The git remote cannot be reached, or does not let us."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What git printed, and why it failed: empty if it did not."""

    output: str
    failure: str


@dataclass(frozen=True, slots=True)
class Git:
    """Git in a directory; new objects go to a directory of their own if there is one.

    ``identity`` are the variables that say who makes commits: `ERPSYNC` or `WHOEVER_IS_HERE`.
    """

    directory: Path
    objects: Path | None = None
    identity: Mapping[str, str] = field(default_factory=lambda: ERPSYNC)

    def run(self, *arguments: str, given: str = "") -> Answer:
        """Run git without a terminal to ask on, and end it with all its helpers when it hangs.

        Raises:
            RemoteError: there is no git.
        """
        still = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
        try:
            process = subprocess.Popen(  # noqa: S603 - arguments are our own, and no shell reads them
                ["git", "-C", str(self.directory), *still, *arguments],  # noqa: S607 - the user's own git
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env=self._environment(),
                # A session of its own has no terminal, so ssh cannot ask for a passphrase there.
                start_new_session=True,
            )
        except OSError as error:
            raise RemoteError(f"git cannot be run: {error.strerror}", hint="install git") from error
        with process:
            try:
                output, complaint = process.communicate(given, TIMEOUT_SECONDS)
            except BaseException as error:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    return Answer("", f"no answer within {TIMEOUT_SECONDS:g} s")
                raise
        return Answer(output, _why(output, complaint) if process.returncode else "")

    def _environment(self) -> Mapping[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not _NOT_INHERITED.fullmatch(key)}
        objects = {"GIT_OBJECT_DIRECTORY": str(self.objects)} if self.objects else {}
        return {**inherited, **_ENVIRONMENT, **self.identity, **objects}


def _why(output: str, complaint: str) -> str:
    """Git's own words in one line, without advice and without credentials."""
    rejected = [line.split("\t")[-1] for line in output.splitlines() if line.startswith("!")]
    lines = [line.strip() for line in complaint.splitlines() if not line.startswith("hint:")]
    told = "; ".join(line for line in (*rejected, *lines) if line) or "git failed without a word"
    return _USERINFO.sub("//", told)[:MAX_MESSAGE]


def commit_of(directory: Path) -> str | None:
    """The commit of a directory, with a ``+`` where it holds uncommitted changes; None outside git."""
    git = Git(directory)
    try:
        commit = git.run("rev-parse", "HEAD")
        dirty = git.run("status", "--porcelain", "--", ".")
    except RemoteError:
        return None
    if commit.failure:
        return None
    return commit.output.strip() + ("+" if dirty.output.strip() else "")
