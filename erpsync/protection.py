"""Which accounts must never be changed, whatever git says.

The answer stands apart from what it protects: in the target's settings and in the ERP, not beside
the user. It is asked where the plan is made, and again where it is written.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from erpsync.model import Snapshot, Target, fold


def protection(login: str, target: Target, live: Snapshot) -> str | None:
    """Why the account with this login must not be changed, or None."""
    folded = fold(login)
    if folded in live.protected:
        return live.protected[folded]
    if any(matches(folded, pattern) for pattern in target.protected):
        return "protected by the target's settings"
    return None


def matches(folded: str, pattern: str) -> bool:
    """Whether a folded login fits a pattern, in which only ``*`` and ``?`` are special."""
    return fnmatchcase(folded, fold(pattern).replace("[", "[[]"))
