"""The outputs of erpsync that the pages show, by running it again on recorded accounts.

A block is marked by a comment with the scene it plays in, and the exit code if that is not 0::

    <!-- output: typo, exit 4 -->
    ```console
    $ erpsync validate
    ...
    ```

The commands after ``$`` stay as they stand; what follows them is replaced by what they print.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from erpsync.cli.main import run
from generator import full_erp

AS_OF = "2026-11-22"
"""The day on which docs/examples/live.json was recorded; the plans are for it."""

_BLOCK = re.compile(
    r"(?P<mark><!-- output: (?P<scene>\w+)(?:, exit (?P<exit>\d+))? -->\n)"
    r"(?P<fence>`{3,})(?P<kind>\w+)\n(?P<body>.*?)\n(?P=fence)\n",
    re.DOTALL,
)
_LIVE_COMMANDS = ("import", "check", "plan", "drift", "explain")
_DATED_COMMANDS = (*_LIVE_COMMANDS, "propose", "validate")


class OutputError(Exception):
    """An example does not do what the page says."""


@dataclass(frozen=True)
class Scene:
    """What stands in git (the example company, patched) and in the ERP (live.json, partly replaced).

    ``begin`` puts other files into git: those of a repository that nothing is declared in yet.
    """

    patch: str | None = None
    accounts: str | None = None
    begin: Callable[[Path, Path], None] | None = None


SCENES = {
    "demo": Scene(),
    "readme": Scene("readme.patch"),
    "limit": Scene("limit.patch"),
    "waiver": Scene("waiver.patch"),
    "typo": Scene("typo.patch"),
    "hand": Scene(accounts="live-by-hand.json"),
    "own": Scene("own-rules.patch"),
    "slip": Scene("own-rule-slip.patch"),
    "edited": Scene("tutorial.patch"),
    "applied": Scene("tutorial.patch", "live-applied.json"),
    "full": Scene(begin=lambda stage, _: full_erp.begin(stage)),
    "sorted": Scene(begin=lambda stage, root: full_erp.fill_in(stage, root / "access", AS_OF)),
    "proposed": Scene(begin=lambda stage, root: full_erp.propose(stage, root / "access", AS_OF)),
    "drifted": Scene("tutorial.patch", "live-drifted.json"),
}


def refresh(text: str, page: Path, root: Path) -> str:
    """The text of a page with its marked blocks run anew.

    Raises:
        OutputError: a command ends with another exit code than the page says.
    """

    def replace(match: re.Match[str]) -> str:
        commands = [line for line in match["body"].splitlines() if line.startswith("$ ")]
        expected = int(match["exit"] or 0)
        output = _play(SCENES[match["scene"]], commands, expected, f"{page}: {match['scene']}", root)
        fence = match["fence"]
        return f"{match['mark']}{fence}{match['kind']}\n{output}{fence}\n"

    return _BLOCK.sub(replace, text)


def _play(scene: Scene, commands: list[str], expected: int, where: str, root: Path) -> str:
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name)
        _set(stage, scene, root)
        lines = []
        for command in commands:
            output, code = _run(command, stage)
            lines += [f"{command}\n", output.rstrip("\n") + "\n"]
        if code != expected:
            message = f"{where}: {commands[-1]!r} ended with {code}, the page says {expected}:\n{output}"
            raise OutputError(message)
    return "".join(lines)


def _set(stage: Path, scene: Scene, root: Path) -> None:
    """Put the files and the recorded accounts of a scene into a directory."""
    examples = root / "docs" / "examples"
    if scene.begin:
        full_erp.begin(stage)
    else:
        shutil.copytree(root / "access", stage / "access")
    if scene.patch:
        command = ["git", "apply", str(examples / scene.patch)]
        subprocess.run(command, cwd=stage, check=True)  # noqa: S603 - both are ours
    live = json.loads((examples / "live.json").read_text("utf-8"))
    if scene.accounts:
        changed = {item["login"]: item for item in json.loads((examples / scene.accounts).read_text("utf-8"))}
        live["accounts"] = [changed.get(item["login"], item) for item in live["accounts"]]
    (stage / "live.json").write_text(json.dumps(live), "utf-8")
    if scene.begin:
        with chdir(stage):
            scene.begin(Path(), root)


def _run(command: str, stage: Path) -> tuple[str, int]:
    """Run one ``$ erpsync …`` line in a directory, with the recorded accounts in place of the ERP."""
    _, program, *arguments = shlex.split(command)
    if program != "erpsync":
        message = f"not a command of erpsync: {command}"
        raise OutputError(message)
    if arguments[0] in _LIVE_COMMANDS:
        arguments += ["--live", "live.json"]
    if arguments[0] in _DATED_COMMANDS:
        arguments += ["--as-of", AS_OF]
    output = io.StringIO()
    with chdir(stage), redirect_stdout(output), redirect_stderr(output):
        code = run(arguments)
    return output.getvalue(), code
