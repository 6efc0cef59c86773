"""The commits of a proposed change and who signed them, by the keys that the base allows.

Who may sign stands in ``.allowed_signers`` at the top of the repository, in the form of
https://man.openbsd.org/ssh-keygen#ALLOWED_SIGNERS . It is read from the base, so a change cannot
bring its own signers along. Signatures of other kinds than SSH do not count: their keys would come
from whatever machine checks them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from erpsync.forge.base import ForgeError
from erpsync.forge.git import Git
from erpsync.forge.git_objects import ask

ALLOWED_SIGNERS = ".allowed_signers"

_GOOD = "G"
"""The signature is good and its key is allowed: https://git-scm.com/docs/pretty-formats"""

_FACTS = "%x00".join(
    (
        "%H",
        "%P",
        "%T",
        "%G?",
        "%GS",
        "%ae",
        "%cI",
        "%s",
        "%(trailers:key=Approves,valueonly,unfold,separator=%x20)",
    )
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A commit. ``signer`` is None unless a key that the base allows has signed it; ``author`` is a claim."""

    commit: str
    parents: tuple[str, ...]
    tree: str
    signer: str | None
    author: str
    at: datetime
    subject: str
    approves: tuple[str, ...]


def has_signers(git: Git, commit: str) -> bool:
    """Whether a commit says whose signatures count."""
    return not git.run("cat-file", "-e", f"{commit}:{ALLOWED_SIGNERS}").failure


def signed_commits(git: Git, base: str, head: str) -> list[Signed]:
    """The commits that lead from a base to a head, newest first.

    Args:
        git: in the repository.
        base: the commit whose signers count.
        head: the last commit.

    Raises:
        ForgeError: signatures cannot be checked on this machine.
        RemoteError: git cannot read the commits.
    """
    return list(_read(git, base, "--topo-order", f"{base}..{head}"))


def signed_commit(git: Git, base: str, commit: str) -> Signed:
    """One commit, by the signers of a base; raises as `signed_commits`."""
    return next(_read(git, base, "-1", commit))


def tree_of(git: Git, commit: str) -> str:
    """The tree of a commit."""
    return ask(git, "rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}").strip()


def _read(git: Git, base: str, *which: str) -> Iterator[Signed]:
    keygen = shutil.which("ssh-keygen")
    if keygen is None:
        raise ForgeError("signatures cannot be checked: there is no ssh-keygen", hint="install OpenSSH")
    signers = ask(git, "cat-file", "blob", f"{base}:{ALLOWED_SIGNERS}") if has_signers(git, base) else ""
    with tempfile.NamedTemporaryFile("w", prefix="erpsync-signers-", encoding="utf-8") as file:
        file.write(signers)
        file.flush()
        only_ssh = (f"gpg.ssh.allowedSignersFile={file.name}", f"gpg.ssh.program={keygen}",
                    "gpg.program=false", "gpg.openpgp.program=false", "gpg.x509.program=false")  # fmt: skip
        options = [part for setting in only_ssh for part in ("-c", setting)]
        # A record ends with what no part of it can contain.
        form = f"--format=tformat:{_FACTS}%x00%x01"
        printed = ask(git, *options, "log", "--no-show-signature", form, *which, "--")
    for record in printed.split("\0\x01\n")[:-1]:
        commit, parents, tree, status, signer, author, at, subject, approves = record.split("\0")
        yield Signed(
            commit=commit,
            parents=tuple(parents.split()),
            tree=tree,
            signer=signer if status == _GOOD and signer else None,
            author=author,
            at=datetime.fromisoformat(at),
            subject=subject,
            approves=tuple(approves.split()),
        )
