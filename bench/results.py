"""The figures of a run as values and as JSON, and what they should stay within."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bench.measure import (
    CASES,
    TOGETHER,
    WITH_POLICY,
    Figures,
    Round,
    figures,
    parse_figures,
)

SIZES = (1_000, 10_000, 100_000)
FILE = Path(__file__).with_name("results.json")
"""Where the figures of a run with all sizes are kept, for the documentation."""
GROWTH = 11.0
"""How many times more a company of ten times the size may cost."""


class Reach(NamedTuple):
    """Something to stay within, and what it is: met or not."""

    what: str
    found: float
    most: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.found <= self.most


def machine() -> dict[str, Any]:
    """What was measured on, without names."""
    import yaml

    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "pyyaml": yaml.__version__,
        "libyaml": ".".join(map(str, yaml._yaml.get_version())),  # noqa: SLF001 - nothing else tells it
    }


def of_run(sizes: Mapping[str, Mapping[str, Any]], start: Mapping[str, Figures]) -> dict[str, Any]:
    """The document of a run."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "start": {name: item._asdict() for name, item in start.items()},
        "sizes": dict(sizes),
    }


def of_size(place: Path, rounds: Sequence[Round]) -> dict[str, Any]:
    """The figures of a size."""
    measured = rounds[0]
    return {
        "runs": len(rounds),
        "layouts": {
            layout: {**_content(place / layout / "access"), "parse": parse_figures(layout, rounds)._asdict()}
            for layout in measured.parse
        },
        "cases": {
            case.name: {
                "cold": figures(case, rounds, warm=False)._asdict(),
                "warm": figures(case, rounds, warm=True)._asdict(),
            }
            for case in CASES
            if case.name in measured.cold
        },
    }


def _content(access_dir: Path) -> dict[str, int]:
    sizes = [path.stat().st_size for path in access_dir.rglob("*.yaml")]
    return {"files": len(sizes), "bytes": sum(sizes)}


def figures_of(document: Mapping[str, Any], size: int, case: str, when: str) -> Figures:
    """The figures of a case in a document; ``when`` is cold or warm."""
    return Figures(**document["sizes"][str(size)]["cases"][case][when])


def sizes_of(document: Mapping[str, Any], case: str | None = None) -> list[int]:
    """The sizes that a document has, or has a case of, in their order."""
    sizes = document["sizes"].items()
    return sorted(int(size) for size, value in sizes if case is None or case in value["cases"])


def exponent(of: float, to: float, smaller: int, larger: int) -> float:
    """By which power of the users a cost grows between two sizes; 1 is in step with them."""
    return math.log(to / of) / math.log(larger / smaller)


def reaches(document: Mapping[str, Any]) -> Iterator[Reach]:
    """What should be stayed within, as far as the document has the sizes for it."""
    sizes, large = sizes_of(document, TOGETHER.name), SIZES[-1]
    if large in sizes_of(document, WITH_POLICY.name):
        for name, when, cpu, peak in (
            (TOGETHER.name, "cold", 20, 300),
            (TOGETHER.name, "warm", 2, 200),
            (WITH_POLICY.name, "cold", 35, None),
            (WITH_POLICY.name, "warm", 6, None),
        ):
            found = figures_of(document, large, name, when)
            words = f"{large:,} users: validate + plan" + (", all risks" if name == WITH_POLICY.name else "")
            yield Reach(f"{words}, {when}", found.cpu, cpu, "s")
            if peak:
                yield Reach(f"{words}, {when}, memory", found.peak, peak, "MB")
    if large in sizes and SIZES[-2] in sizes:
        of, to = (figures_of(document, size, TOGETHER.name, "cold").cpu for size in SIZES[-2:])
        yield Reach(f"growth from {SIZES[-2]:,} to {large:,} users, cold", to / of, GROWTH, "×")
    start = document["start"]
    yield Reach("erpsync --help", start["erpsync --help"]["cpu"], 0.15, "s")
    example = "erpsync validate, the example company"
    yield Reach(example, start[example]["cpu"], 0.35, "s")


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_rounded(document), indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Read a document."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value
