"""The commands of a workflow, as its file has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
NAMES = ("plan", "apply", "drift")


class Step(NamedTuple):
    """One command and the environment that its step gives it."""

    run: str
    env: Mapping[str, str]


def workflow(name: str) -> dict[str, Any]:
    """A workflow; what it is started by stands under ``on``."""
    loaded = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    # YAML 1.1 reads the key as a truth value.
    loaded["on"] = loaded.pop(True)
    return dict(loaded)


def commands(name: str, job: str, values: Mapping[str, str]) -> Iterator[Step]:
    """The commands of a job but for those that install it.

    Args:
        name: of the workflow.
        job: of the job.
        values: what stands in the expressions, such as ``secrets.ERP_PLAN_USERNAME``.
    """
    for step in workflow(name)["jobs"][job]["steps"]:
        if "run" in step and not step["run"].startswith("pip install"):
            yield Step(step["run"], {key: _value(text, values) for key, text in step.get("env", {}).items()})


def _value(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: _expression(found[1], values), text)


def _expression(text: str, values: Mapping[str, str]) -> str:
    """The value of an expression; of ``A || 'B'`` that of A, or B where there is none."""
    name, _, otherwise = text.partition(" || ")
    return values.get(name) or (otherwise.strip("'") if otherwise else values[name])
