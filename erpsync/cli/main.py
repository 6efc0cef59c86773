"""The ``erpsync`` command: its subcommands, and what becomes of every way they can end."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Sequence

import click

from erpsync import __version__
from erpsync.cli.apply import apply
from erpsync.cli.approvals import approvals
from erpsync.cli.check import check
from erpsync.cli.ci import ci
from erpsync.cli.codeowners import codeowners
from erpsync.cli.connectors import connectors
from erpsync.cli.drift import drift
from erpsync.cli.emergency import emergency
from erpsync.cli.explain import explain
from erpsync.cli.formatting import fmt
from erpsync.cli.hr import hr
from erpsync.cli.importing import import_
from erpsync.cli.init import init
from erpsync.cli.journal import history, journal
from erpsync.cli.plan import plan
from erpsync.cli.propose import propose
from erpsync.cli.renaming import rename, rename_role
from erpsync.cli.request import request
from erpsync.cli.rollback import rollback
from erpsync.cli.schema import schema
from erpsync.cli.snapshot import snapshot
from erpsync.cli.sod import sod
from erpsync.cli.target import target
from erpsync.cli.trail import trail
from erpsync.cli.unlock import unlock
from erpsync.cli.validate import validate
from erpsync.errors import ErpsyncError, ExitCode

EXIT_CODES = """
\b
Exit codes:
  0  done, or handed over to people who do it; nothing to do; no drift
  1  error: unreachable ERP, bad credentials, internal fault
  2  wrong usage
  3  plan --detailed-exitcode found changes; drift found drift
  4  refused: invalid files, the policy, a limit, missing approvals, a lock, an edited plan
  5  stale plan: the declared or the live state has moved
  6  partly applied: the summary says what was done and what was not
"""


@click.group(
    name="erpsync",
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="erpsync")
def cli() -> None:
    """GitOps for ERP access.

    Who may do what in the ERP is kept as reviewed YAML in git. erpsync validates it, compares it
    with the live ERP, shows the difference as a plan, and applies that plan, or reports drift.
    """


for command in (
    validate,
    check,
    plan,
    apply,
    drift,
    approvals,
    codeowners,
    ci,
    explain,
    sod,
    propose,
    rollback,
    emergency,
    journal,
    history,
    trail,
    unlock,
    snapshot,
    target,
    import_,
    connectors,
    request,
    hr,
    fmt,
    rename,
    rename_role,
    init,
    schema,
):
    cli.add_command(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. No traceback reaches the user."""
    try:
        code = cli.main(args=arguments, prog_name="erpsync", standalone_mode=False)
        sys.stdout.flush()
        return int(code or ExitCode.DONE)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except ErpsyncError as error:
        _complain(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of the output has gone; there is nobody left to tell. Python would complain at
        # its end about not being able to flush: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.ERROR
    except Exception as error:  # noqa: BLE001 - the last line of defence before a traceback
        click.echo(_fault(error), err=True)
        return ExitCode.ERROR


def _complain(error: ErpsyncError) -> None:
    from erpsync.access import InvalidFilesError
    from erpsync.cli.common import paint_stderr
    from erpsync.render.escape import plain_lines
    from erpsync.render.text import render_findings

    paint = paint_stderr()
    if isinstance(error, InvalidFilesError):
        click.echo(render_findings(error.findings, paint), err=True, nl=False)
    click.echo(paint("error: ", "red") + plain_lines(str(error)), err=True)


def _fault(error: Exception) -> str:
    """Keep the traceback in a file that only its owner can read, and say where."""
    import tempfile
    import traceback

    lines = [f"erpsync {__version__}, Python {sys.version}", *traceback.format_exception(error)]
    with tempfile.NamedTemporaryFile(
        "w", prefix="erpsync-fault-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write("\n".join(lines))
    return (
        f"error: internal fault: {type(error).__name__}\n"
        f"  hint: this is a bug of erpsync; please report it with {file.name} (look through it first)"
    )


def _interrupt(signum: int, frame: object) -> None:  # noqa: ARG001 - the signature of a signal handler
    raise KeyboardInterrupt


def main() -> None:
    """Entry point of the installed command."""
    # Loading makes hundreds of thousands of small objects and no cycles; looking for cycles again and
    # again while they pile up would take a third of the time.
    gc.set_threshold(200_000, 20, 50)
    # A cancelled CI job is told so by SIGTERM: it ends like Ctrl-C, with a summary of what was done.
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no character for a name is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run())
