"""The bare parse of every access file: PyYAML's C events, nothing built from them.

No program that reads these files with PyYAML can cost less, so it is what the others are held against.
Run as a script of its own: ``python yardstick.py DIR``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out


def parse(root: Path) -> None:
    """Pull every event of every file."""
    for path in sorted(root.rglob("*.yaml")):
        next_event = CParser(path.read_bytes()).get_event
        while next_event() is not None:
            pass


if __name__ == "__main__":
    parse(Path(sys.argv[1]))
