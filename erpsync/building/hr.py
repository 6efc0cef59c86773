"""The list of the personnel department, from the settings."""

from __future__ import annotations

from typing import Any

from erpsync.building.targets import limit
from erpsync.model import HrList
from erpsync.yaml_tree import Map


def hr_list(entry: Map) -> HrList:
    """How the list is read, from its entry."""
    said: dict[str, Any] = {key: entry[key] for key in ("sheet", "delimiter", "encoding") if key in entry}
    said |= {key: tuple(entry[key]) for key in ("left", "without_access") if key in entry}
    said |= {key: dict(entry[key]) for key in ("departments", "positions") if key in entry}
    if "header" in entry:
        said["header"] = int(entry["header"])
    if "limit" in entry:
        said["limit"] = limit(entry["limit"])
    return HrList(dict(entry["columns"]), **said)
