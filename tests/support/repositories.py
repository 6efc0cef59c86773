"""Real git repositories: a bare one as the remote, and checkouts of it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BRANCH = "erpsync-journal"


def git(directory: Path, *arguments: str, given: str | None = None) -> str:
    """Run git there as somebody; what it printed."""
    identity = ["-c", "user.name=Chen Jing", "-c", "user.email=chen.jing@huaxin.example"]
    command = ["git", "-C", str(directory), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=given).stdout.strip()


@dataclass(frozen=True)
class Remote:
    """A bare repository, with what is on its branch of journals."""

    bare: Path

    def clone(self, name: str, *options: str) -> Path:
        """A checkout of its own."""
        path = self.bare.parent / name
        git(self.bare.parent, "clone", "-q", *options, f"file://{self.bare}", str(path))
        return path

    def hook(self, name: str, script: str) -> None:
        """Have the server run a script."""
        path = self.bare / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def unhook(self, name: str) -> None:
        """Have the server no longer run it."""
        (self.bare / "hooks" / name).unlink()

    @property
    def tip(self) -> str:
        """The last commit of the branch; empty without one."""
        return git(self.bare, "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")

    @property
    def commits(self) -> int:
        """How many commits the branch has."""
        return int(git(self.bare, "rev-list", "--count", BRANCH))

    @property
    def files(self) -> dict[str, str]:
        """What is on the branch, by path."""
        names = git(self.bare, "ls-tree", "-r", "--name-only", BRANCH).splitlines() if self.tip else []
        return {name: git(self.bare, "show", f"{BRANCH}:{name}") + "\n" for name in names}

    def edit(self, changes: Mapping[str, str | None], *, rewrite: bool = False) -> str:
        """Change or remove files on the branch by hand, in a new commit or in place of all others."""
        wanted = {**self.files, **changes}
        blobs = [
            (name, git(self.bare, "hash-object", "-w", "--stdin", given=text))
            for name, text in wanted.items()
            if text is not None
        ]
        tree = _tree(self.bare, blobs)
        parent = ["-p", self.tip] if self.tip and not rewrite else []
        commit = git(self.bare, "commit-tree", tree, *parent, "-m", "By hand")
        git(self.bare, "update-ref", f"refs/heads/{BRANCH}", commit)
        return commit


def _tree(bare: Path, files: list[tuple[str, str]]) -> str:
    entries = [f"100644 blob {blob}\t{name}" for name, blob in files if "/" not in name]
    for folder in sorted({name.partition("/")[0] for name, _ in files if "/" in name}):
        inside = [(name.partition("/")[2], blob) for name, blob in files if name.startswith(f"{folder}/")]
        entries.append(f"040000 tree {_tree(bare, inside)}\t{folder}")
    return git(bare, "mktree", given="".join(f"{entry}\n" for entry in entries))


def make_remote(folder: Path) -> Remote:
    """A bare repository with a branch main, whose one commit has a file in a folder."""
    bare, first = folder / "origin.git", folder / "first"
    git(folder, "init", "-q", "--bare", "-b", "main", str(bare))
    (bare / "hooks").mkdir(exist_ok=True)
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(folder, "init", "-q", "-b", "main", str(first))
    (first / "access").mkdir()
    (first / "access" / "erpsync.yaml").write_text("settings: {journal: remote}\n")
    git(first, "add", ".")
    git(first, "commit", "-q", "-m", "Begin")
    git(first, "push", "-q", str(bare), "main")
    return Remote(bare)
