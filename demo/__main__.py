"""``python -m demo`` tells the story; ``python -m demo erp`` starts its ERP and keeps it running."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from demo import workspace
from demo.bootstrap import BootstrapError
from demo.console import progress, say
from demo.erp import start_as_left, start_lived_in
from demo.seed import SeedError
from demo.story import tell
from demo.tryton_database import password_file
from demo.tryton_process import ServerError
from demo.tryton_rpc import RpcError
from demo.tryton_server import TrytonServer
from demo.workspace import ROOT, Declared, DemoError, shown
from erpsync.access import InvalidFilesError
from erpsync.errors import ErpsyncError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit code; nothing is left running, however it ends."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=["story", "erp"],
        default="story",
        help="the story (default), or only the ERP, as it was left, until Ctrl-C",
    )
    parser.add_argument(
        "--lived-in", action="store_true", help="with erp: from the state before erpsync first saw it"
    )
    options = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end_in_order)
    try:
        with workspace.exclusive():
            if options.what == "story":
                _story()
            else:
                _serve(lived_in=options.lived_in)
    except KeyboardInterrupt:
        print("\ninterrupted; the ERP is stopped", file=sys.stderr)
        return INTERRUPTED
    except InvalidFilesError as error:
        print(f"error: {error}\n  to see them: .venv/bin/erpsync validate", file=sys.stderr)
        return 1
    except (DemoError, ServerError, SeedError, BootstrapError, RpcError, ErpsyncError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.TimeoutExpired as error:
        print(f"error: erpsync did not end within {error.timeout:.0f} s", file=sys.stderr)
        return 1
    return 0


def _story() -> None:
    declared = workspace.declared()
    with progress() as report:
        server, passwords = start_lived_in(declared, report)
    with server:
        tell(declared, server, passwords)
    say()
    say("── That was the demo. The ERP is stopped; it stays as it is now, to look around.", "bold cyan")
    _how_to_look_around(declared, server, start="make erp")
    say("To see the story again, from its beginning: make demo")


def _serve(*, lived_in: bool) -> None:
    declared = workspace.declared()
    with progress() as report:
        server = start_lived_in(declared, report)[0] if lived_in else start_as_left(declared, report)
    with server:
        say("The ERP is running. Ctrl-C stops it.", "bold")
        _how_to_look_around(declared, server)
        try:
            server.wait()
        except KeyboardInterrupt:  # the ordinary end
            say("\nThe ERP is stopped.")
            return
    raise DemoError(f"the ERP ended by itself: see {shown(server.log)}")


def _how_to_look_around(declared: Declared, server: TrytonServer, start: str | None = None) -> None:
    database = ROOT / f"{declared.database}.sqlite"
    lines = [
        *([f"start the ERP:      {start}   (runs until Ctrl-C)"] if start else []),
        f"where it is:        {server.url}, database {server.database} (for the Tryton client)",
        f"log in as:          admin, password in {shown(password_file(database))}",
        f"erpsync by hand:    . {shown(workspace.environment_file())}   (sets ERP_USERNAME and ERP_PASSWORD)",
        f"                    {' '.join(['.venv/bin/erpsync drift', *declared.options])}",
    ]
    for line in lines:
        say(f"  {line}")


def _end_in_order(number: int, _frame: FrameType | None) -> None:
    """Turn a signal to end into an exception, so that the server is stopped on the way out."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
