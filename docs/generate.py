"""Write what can be generated in the documentation, or check that it is up to date.

    python docs/generate.py            writes the reference pages, and the outputs and figures in the others
    python docs/generate.py --check    names the pages that are out of date, and exits 1 if there are any

It needs no ERP: what erpsync prints is computed from recorded accounts in docs/examples/.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from generator.cli_reference import cli_reference
from generator.fields_reference import fields_reference
from generator.figures import fill
from generator.outputs import OutputError, refresh
from generator.rules_reference import rules_reference
from generator.yaml_reference import yaml_reference

ROOT = Path(__file__).resolve().parent.parent
REFERENCES: Mapping[str, Callable[[], str]] = {
    "docs/yaml-reference.md": yaml_reference,
    "docs/cli-reference.md": cli_reference,
    "docs/rule-fields.md": fields_reference,
    "docs/rules.md": partial(rules_reference, ROOT),
}


def generated() -> Iterator[tuple[Path, str]]:
    """Every page with something generated in it, as it should be.

    Raises:
        OutputError: an example of a page no longer does what the page says.
    """
    for name, make in REFERENCES.items():
        yield ROOT / name, make()
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        if str(path.relative_to(ROOT)) not in REFERENCES:
            text = path.read_text("utf-8")
            fresh = fill(refresh(text, path.relative_to(ROOT), ROOT))
            if fresh != text or "<!-- output:" in text:
                yield path, fresh


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check compare them; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python docs/generate.py [--check]\n")
        return 2
    try:
        pages = list(generated())
    except OutputError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    stale = [(path, text) for path, text in pages if not path.exists() or path.read_text("utf-8") != text]
    for path, text in stale:
        if arguments:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: run python docs/generate.py\n")
        else:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 1 if arguments and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
