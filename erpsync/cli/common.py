"""What several commands share: options, output, progress, opening a target."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from erpsync.errors import ErpsyncError, RefusedError, UsageError

if TYPE_CHECKING:
    from erpsync.connectors.base import Progress, Reader
    from erpsync.connectors.recorded import RecordedReader
    from erpsync.model import Access, Target
    from erpsync.pages import Memory
    from erpsync.plan import Plan, TargetPlan, Unread
    from erpsync.render.text import Paint

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date that was written."""
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            self.fail(f"{value!r} is not a day (YYYY-MM-DD)", param, ctx)


def access_option(command: F) -> F:
    """``--access DIR``."""
    return click.option(
        "--access",
        "access_dir",
        type=click.Path(path_type=Path),
        default=Path("access"),
        show_default=True,
        metavar="DIR",
        help="The directory of the access files.",
    )(command)


def target_option(command: F) -> F:
    """``--target NAME``, repeatable."""
    return click.option(
        "--target",
        "target_names",
        multiple=True,
        metavar="NAME",
        help="Only this target; may be repeated. Default: all.",
    )(command)


def as_of_option(command: F) -> F:
    """``--as-of DATE``."""
    return click.option(
        "--as-of",
        type=Day(),
        metavar="DATE",
        help="The day to look at. Default: today in the company's time zone.",
    )(command)


def live_option(command: F) -> F:
    """``--live FILE``."""
    return click.option(
        "--live",
        "live_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Compare with a recorded snapshot instead of the ERP itself.",
    )(command)


def state_option(command: F) -> F:
    """``--state DIR``."""
    return click.option(
        "--state", "state_dir", type=click.Path(path_type=Path), default=Path(".erpsync"), show_default=True,
        envvar="ERPSYNC_STATE", metavar="DIR", help="Where journals and the plans of runs are kept.",
    )(command)  # fmt: skip


def cache_option(command: F) -> F:
    """``--no-cache``."""
    return click.option(
        "--no-cache", is_flag=True, envvar="ERPSYNC_NO_CACHE",
        help="Work everything out anew. The result is the same, to the byte.",
    )(command)  # fmt: skip


@contextmanager
def remembering(state_dir: Path, *, no_cache: bool) -> Iterator[Memory]:
    """What earlier runs worked out; what this one does is kept when it ends, also when it fails."""
    from erpsync.pages import FORGETFUL

    cache = None
    if not no_cache:
        from erpsync.cache import open_cache

        cache = open_cache(state_dir, os.environ)
    try:
        yield cache or FORGETFUL
    finally:
        if cache:
            cache.save()


def format_option(*formats: str) -> Callable[[F], F]:
    """``--format``; the first is the default."""
    return click.option(
        "--format", "output_format", type=click.Choice(formats), default=formats[0], show_default=True,
        help="How the result is written.",
    )  # fmt: skip


def base_option(command: F) -> F:
    """``--base COMMIT``."""
    return click.option(
        "--base", "base_name", metavar="COMMIT",
        help="Compare with this commit. Default: where the change parted from the main branch.",
    )(command)  # fmt: skip


def lang_option(command: F) -> F:
    """``--lang``."""
    return click.option(
        "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True,
        help="The language of titles and of what is told.",
    )(command)  # fmt: skip


def output_option(what: str) -> Callable[[F], F]:
    """``--output FILE``."""
    return click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help=what)


def today(access: Access) -> date:
    """Today in the company's time zone."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(access.timezone)).date()


def chosen_targets(access: Access, names: Sequence[str]) -> list[Target]:
    """The targets with these names, or all.

    Raises:
        UsageError: there is none, or none of a name.
    """
    from erpsync.schema import suggest

    if not access.targets:
        raise UsageError("the access files declare no target", hint="declare one under targets:")
    for name in names:
        if name not in access.targets:
            raise UsageError(f"no target {name!r} is declared", hint=suggest(name, access.targets, "targets"))
    return [target for name, target in sorted(access.targets.items()) if not names or name in names]


def recorded_target(access: Access, names: Sequence[str], recorded: RecordedReader) -> Target:
    """The target that a snapshot was recorded of.

    Raises:
        UsageError: it is not declared, or not among the chosen ones.
    """
    if names and recorded.target not in names:
        hint = f"name the target {recorded.target}"
        raise UsageError(f"the snapshot is of target {recorded.target!r}", hint=hint)
    (target,) = chosen_targets(access, [recorded.target])
    return target


def to_plan(access_dir: Path, state_dir: Path, memory: Memory | None = None) -> Access:
    """The declared state of an access directory that must be valid.

    Who was locked in an emergency stays locked until git knows of it.
    """
    from erpsync.access import load_lean
    from erpsync.cli.open_emergencies import keep_locked
    from erpsync.pages import FORGETFUL

    return keep_locked(load_lean(access_dir, memory or FORGETFUL), state_dir)


def sealed(
    plans: Sequence[TargetPlan], access: Access, access_dir: Path, day: date, unread: Sequence[Unread] = ()
) -> Plan:
    """The plans of the targets as one, bound to the declared state and to now."""
    from datetime import UTC

    from erpsync.forge.git import commit_of
    from erpsync.plan import make_plan

    return make_plan(
        plans,
        as_of=day,
        now=datetime.now(UTC),
        access_digest=access.digest,
        commit=commit_of(access_dir),
        lifetime=access.plan_lifetime,
        unread=unread,
    )


@contextmanager
def open_reader(access: Access, target: Target) -> Iterator[Reader]:
    """Log in to a target for reading, with progress on a terminal."""
    from erpsync.connectors.registry import connect, find_connector

    connector = find_connector(target)
    with progress_bar() as progress, connector.read(connect(target, access.timezone, progress)) as reader:
        yield reader


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Progress on stderr if that is a terminal, else nothing."""
    with progress_bars() as progress_of:
        yield progress_of("")


@contextmanager
def progress_bars() -> Iterator[Callable[[str], Progress]]:
    """The progress of several targets, each under its name, on stderr if that is a terminal."""
    from functools import partial

    from erpsync.connectors.base import no_progress

    if not sys.stderr.isatty():
        yield lambda _: no_progress
        return
    from erpsync.cli.progress import bar_of

    with bar_of() as bar:
        tasks: dict[tuple[str, str], Any] = {}

        def report(name: str, what: str, done: int, total: int) -> None:
            if (name, what) not in tasks:
                tasks[name, what] = bar.add_task(f"{name}: {what}" if name else what, total=total or None)
            bar.update(tasks[name, what], completed=done, total=total or None)

        yield lambda name: partial(report, name)


def refuse_excess(plan: Plan) -> None:
    """Refuse a plan that goes over a limit, once it was shown.

    Raises:
        RefusedError: it does.
    """
    if plan.excess:
        raise RefusedError(
            "the plan goes over a limit:\n  " + "\n  ".join(plan.excess),
            hint="change less at once, or name the users in a waiver (waivers: in the access files)",
        )


def paint_stdout() -> Paint:
    """Colours, if stdout is a terminal and nobody asked for none."""
    return _paint(colour=sys.stdout.isatty())


def paint_stderr() -> Paint:
    """Colours, if stderr is a terminal and nobody asked for none."""
    return _paint(colour=sys.stderr.isatty())


def _paint(*, colour: bool) -> Paint:
    from erpsync.render.text import no_paint

    # https://no-color.org
    if not colour or os.environ.get("NO_COLOR"):
        return no_paint

    def paint(text: str, style: str) -> str:
        return click.style(text, bold=True) if style == "bold" else click.style(text, fg=style)

    return paint


def emit(text: str | Iterable[str]) -> None:
    """Write a result to stdout, whole or as its pieces come."""
    for piece in [text] if isinstance(text, str) else in_blocks(text):
        click.echo(piece, nl=False)


BLOCK = 1 << 16
"""Characters that are written at once."""


def in_blocks(pieces: Iterable[str]) -> Iterator[str]:
    """The same text in larger pieces: writing has its price each time."""
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield "".join(waiting)
            waiting, size = [], 0
    yield "".join(waiting)


def write_file(path: Path, text: str | Iterable[str]) -> None:
    """Write a file whole or not at all; only its owner may read it, since it names people and their rights.

    Raises:
        ErpsyncError: it cannot be written.
    """
    import tempfile

    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines([text] if isinstance(text, str) else text)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ErpsyncError(f"cannot be written: {error.strerror}", where=str(path)) from error
