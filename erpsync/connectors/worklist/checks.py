"""Is an export as erpsync needs it? What was read of it; it was refused already if something is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from erpsync.connectors.checks import Check, Verdict, named
from erpsync.connectors.worklist.options import Options

if TYPE_CHECKING:
    from erpsync.connectors.worklist.reader import Export

HINT = "see docs/worklist.md on the target"


def look_around(export: Export, options: Options, now: datetime) -> Iterator[Check]:
    """What an export has, how old it is, and what its columns cannot tell.

    Args:
        export: as it was read.
        options: what it was read by.
        now: the clock.
    """
    yield Check("version", Verdict.OK, f"{options.system}; erpsync sees its export, not the ERP")
    files = [f"{name} ({kind})" for name, kind in sorted(export.formats.items())]
    yield Check("files", Verdict.OK, f"read and whole: {named(files)}")
    yield _age(export, options, now)
    yield Check("rights", Verdict.OK, "nothing is logged in to, and nothing can be written")
    if options.catalogue is None:
        message = "without catalogue_file only roles that somebody holds can be granted"
        yield Check("columns", Verdict.WARN, message, f"export the list of roles too; {HINT}")
    missing = [
        what
        for what, column in (("e-mail addresses", options.email), ("scope", options.scope_column))
        if column is None
    ]
    if missing:
        yield Check("columns", Verdict.OK, f"there is no column for {' and '.join(missing)}: not compared")


def _age(export: Export, options: Options, now: datetime) -> Check:
    age, most = now - export.written, options.max_age
    hour = timedelta(hours=1)
    message = f"written {max(age, timedelta()) // hour} h ago, may be {most // hour} h old"
    if age > most * 0.75:
        return Check("age", Verdict.WARN, message, "export it again before it is refused")
    return Check("age", Verdict.OK, message)
