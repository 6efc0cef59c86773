"""The installed connectors, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from erpsync.connectors.description import Ability, Description
from erpsync.connectors.registry import Installed
from erpsync.render.escape import plain
from erpsync.render.text import Paint, no_paint

FORMAT = "erpsync-connectors/1"
LONGEST = 500
"""Most characters of one value: the words come from packages of anybody."""


def render_connectors(found: Sequence[Installed], paint: Paint = no_paint) -> str:
    """Each connector with what it can do, one thing a line."""
    return "\n".join("".join(f"{line}\n" for line in _connector(item, paint)) for item in found)


def _connector(found: Installed, paint: Paint) -> Iterator[str]:
    yield paint(_short(f"{found.name} ({found.package} {found.version})"), "bold")
    if found.problem:
        yield paint(f"  cannot be used: {_short(found.problem)}", "red")
    elif found.description is None:
        yield "  does not describe itself"
    else:
        yield from _described(found.description)


def _described(description: Description) -> Iterator[str]:
    rows = [("for", description.title), ("read more", description.page)]
    rows += [
        (ability.value, _told(description.abilities[ability]))
        for ability in Ability
        if ability in description.abilities
    ]
    rows += [("can tell", words) for words in description.offers]
    wide = max(len(name) for name, _ in rows)
    for name, value in rows:
        yield f"  {name:<{wide}}  {_short(value)}"


def _told(value: bool | str) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"


def _short(text: str) -> str:
    return plain(text[:LONGEST])


def connectors_json(found: Sequence[Installed]) -> str:
    """The same for programs; abilities are true, false or words, and left out where nothing is told."""
    connectors = [
        {
            "name": item.name,
            "package": item.package,
            "version": item.version,
            "problem": item.problem,
            "description": _description(item.description) if item.description else None,
        }
        for item in found
    ]
    return json.dumps({"format": FORMAT, "connectors": connectors}, ensure_ascii=False, indent=2) + "\n"


def _description(description: Description) -> dict[str, object]:
    abilities = {ability.name.lower(): description.abilities.get(ability) for ability in Ability}
    return {
        "title": description.title,
        "page": description.page,
        "abilities": {name: value for name, value in abilities.items() if value is not None},
        "tells": list(description.offers),
    }
