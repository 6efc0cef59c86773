"""The tables of measured and modelled figures, from what ``bench/`` keeps.

A table stands between two comments, and what is between them is replaced::

    <!-- figures: scale -->
    ...
    <!-- end -->
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import live, simulate, tables
from bench.chart import PEERS
from bench.peers import run as peers
from bench.results import FILE, read

_BLOCK = re.compile(r"(?P<mark><!-- figures: (?P<name>\w+) -->\n).*?(?P<end><!-- end -->\n)", re.DOTALL)
FIGURES: Mapping[str, tuple[Path, Callable[[Mapping[str, Any]], str]]] = {
    "measured": (FILE, tables.markdown),
    "peers": (PEERS, peers.markdown),
    "live": (live.LIVE, live.markdown),
    "scale": (FILE, simulate.markdown),
}


def fill(text: str) -> str:
    """The text of a page with its tables of figures made anew."""
    return _BLOCK.sub(lambda match: f"{match['mark']}\n{_figures(match['name'])}\n{match['end']}", text)


def _figures(name: str) -> str:
    file, table = FIGURES[name]
    return table(read(file)) if file.is_file() else f"Not measured yet: there is no bench/{file.name}.\n"
