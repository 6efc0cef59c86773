"""The tables of measured and modelled figures, from what ``bench/`` keeps.

A table stands between two comments, and what is between them is replaced::

    <!-- figures: scale -->
    ...
    <!-- end -->
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bench import live, simulate, tables
from bench.chart import PEERS
from bench.peers import run as peers
from bench.results import FILE, read

_BLOCK = re.compile(r"(?P<mark><!-- figures: (?P<name>\w+) -->\n).*?(?P<end><!-- end -->\n)", re.DOTALL)
FIGURES: Mapping[str, Callable[[], str]] = {
    "measured": lambda: tables.markdown(read(FILE)),
    "peers": lambda: peers.markdown(read(PEERS)),
    "live": lambda: live.markdown(read(live.LIVE)),
    "scale": lambda: simulate.markdown(read(FILE)),
}


def fill(text: str) -> str:
    """The text of a page with its tables of figures made anew."""
    return _BLOCK.sub(lambda match: f"{match['mark']}\n{FIGURES[match['name']]()}\n{match['end']}", text)
