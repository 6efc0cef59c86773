"""The story of the demo, told with the real erpsync command against the real ERP."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.bootstrap import APPLY_LOGIN
from demo.by_hand import CHANGES, change_by_hand
from demo.console import say
from demo.tryton_database import write_secret
from demo.tryton_rpc import Client
from demo.tryton_server import TrytonServer
from demo.workspace import CHECKOUT, ROOT, Declared, DemoError, Passwords, shown

# Of a long output, so many lines from its beginning and from its end are shown.
HEAD, TAIL = 40, 8

TIMEOUT = 300


def tell(declared: Declared, server: TrytonServer, passwords: Passwords) -> None:
    """Run the story from beginning to end. Raises DemoError at the first step that ends unexpectedly."""
    erpsync = Erpsync.beside_python(declared.options, passwords.apply)
    client = Client(server.url, server.database)
    first, second = shown(ROOT / "plan.json"), shown(ROOT / "plan-2.json")

    say("The ERP of Huaxin Group, whose access was kept by hand for years, and the access files in git.")
    chapter("Are the access files valid?")
    erpsync.run("validate")
    chapter("What would make the ERP as they say? A plan changes nothing.")
    erpsync.run("plan", "-o", first, keep_as=ROOT / "plan.txt")
    chapter("The plan is reviewed, and carried out: exactly this plan, or nothing.")
    erpsync.run("apply", first)
    chapter("Does the ERP differ from git now?")
    erpsync.run("drift")

    chapter("Some day later, an administrator changes access in the ERP itself:")
    client.login("admin", passwords.admin)
    for change in CHANGES:
        change_by_hand(client, change)
        say(f"  admin {change.words}")
    chapter("The nightly check finds who and what. Exit code 3 says that there is drift.")
    erpsync.run("drift", expected=3, mentions=[change.login for change in CHANGES])
    chapter("What is declared in git is put back.")
    erpsync.run("plan", "-o", second)
    erpsync.run("apply", second)
    erpsync.run("drift")
    chapter("Nothing is left to do; exit code 0 says so, and would be 3 if there were.")
    erpsync.run("plan", "--detailed-exitcode")
    chapter("Why does somebody have what she has?")
    erpsync.run("explain", "chen.jing")


def chapter(title: str) -> None:
    """Print the heading of a part of the story."""
    say()
    say(f"── {title}", "bold cyan")


@dataclass(frozen=True)
class Erpsync:
    """The erpsync command of this environment, with the credentials of its service account."""

    program: Path
    options: Sequence[str]
    environment: dict[str, str]

    @classmethod
    def beside_python(cls, options: Sequence[str], password: str) -> Erpsync:
        """Find the command that was installed with this Python. Raises DemoError when there is none."""
        program = Path(sys.executable).with_name("erpsync")
        if not program.is_file():
            raise DemoError(f"there is no {program}: install it, with pip install -e '.[demo]'")
        credentials = {"ERP_USERNAME": APPLY_LOGIN, "ERP_PASSWORD": password}
        return cls(program, options, os.environ | credentials)

    def run(
        self,
        command: str,
        *arguments: str,
        expected: int = 0,
        mentions: Sequence[str] = (),
        keep_as: Path | None = None,
    ) -> None:
        """Show a command and its output, shortened when it is kept whole in a file.

        Raises DemoError when its exit code or its words are not the expected ones.
        """
        words = [command, *arguments, *self.options]
        say(f"$ erpsync {shlex.join(words)}", "bold")
        done = subprocess.run(
            [self.program, *words],
            cwd=CHECKOUT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
        )
        _show(done.stdout, keep_as)
        if done.returncode != expected:
            raise DemoError(f"erpsync {command} ended with exit code {done.returncode} instead of {expected}")
        missing = [word for word in mentions if word.casefold() not in done.stdout.casefold()]
        if missing:
            raise DemoError(f"erpsync {command} does not mention {', '.join(missing)}")


def _show(output: str, keep_as: Path | None) -> None:
    lines = output.splitlines()
    if keep_as is None or len(lines) <= HEAD + TAIL:
        shown_lines = lines
    else:
        write_secret(keep_as, output.rstrip())  # it names people and their rights
        left_out = len(lines) - HEAD - TAIL
        note = f"… {left_out} of {len(lines)} lines left out here; to see them all: less {shown(keep_as)}"
        shown_lines = [*lines[:HEAD], note, *lines[-TAIL:]]
    for line in shown_lines:
        say(line)
