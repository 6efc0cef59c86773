"""What is asked of a git remote: where a ref points, to bring it here, to move it.

The settings of the user's checkout must not change what these do, so every option is written out.
"""

from __future__ import annotations

from erpsync.forge.git import Answer, Git


def remote_tip(git: Git, remote: str, ref: str) -> Answer:
    """The object a ref of the remote points to; no output if there is no such ref."""
    listed = git.run("ls-remote", "--", remote, ref)
    # ls-remote takes the name for the end of one.
    tips = [line.split("\t")[0] for line in listed.output.splitlines() if line.endswith(f"\t{ref}")]
    return Answer("".join(tips[:1]), listed.failure)


def fetch(git: Git, remote: str, ref: str, *more: str) -> Answer:
    """Bring the objects of a ref of the remote; no ref of the checkout is touched.

    Args:
        git: in the checkout that has the remote.
        remote: its name.
        ref: the whole name of the ref.
        more: further options of git fetch.
    """
    quiet = ("--quiet", "--no-tags", "--no-prune", "--no-recurse-submodules", "--no-write-fetch-head")
    return git.run("fetch", *quiet, "--refmap=", *more, "--", remote, ref)


def push(git: Git, remote: str, lease: str, refspec: str) -> Answer:
    """Move one ref of the remote if it is still where the lease says.

    https://git-scm.com/docs/git-push#Documentation/git-push.txt---force-with-leaserefnameexpect
    """
    plain = ("--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no")
    return git.run("push", *plain, lease, "--", remote, refspec)
