"""People with real SSH keys, who sign commits."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.repositories import git


@dataclass(frozen=True)
class Signer:
    """Somebody with a key: the principal, and the file of the private half."""

    name: str
    key: Path

    @property
    def allowed(self) -> str:
        """The line of the file of allowed signers."""
        public = Path(f"{self.key}.pub").read_text(encoding="ascii").split()
        return f'{self.name} namespaces="git" {public[0]} {public[1]}\n'

    def commit(self, directory: Path, message: str, *options: str) -> str:
        """Sign a commit of everything there; its hash."""
        git(directory, "add", ".")
        return self.git(directory, "commit", "-q", "-S", "-m", message, *options)

    def approve(self, directory: Path, approved: str = "HEAD", *options: str) -> str:
        """Sign an approval; its hash."""
        commit = git(directory, "rev-parse", approved)
        return self.commit(directory, f"Approve\n\nApproves: {commit}", "--allow-empty", *options)

    def git(self, directory: Path, *arguments: str) -> str:
        """Run git with the key at hand; the commit that is checked out then."""
        git(directory, "-c", "gpg.format=ssh", "-c", f"user.signingkey={self.key}", *arguments)
        return git(directory, "rev-parse", "HEAD")


def make_signer(folder: Path, name: str) -> Signer:
    """Somebody with a new key."""
    key = folder / name
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return Signer(name, key)
