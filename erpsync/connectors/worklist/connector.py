"""The entry point of the worklist connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from erpsync.connectors.base import Connection
from erpsync.connectors.description import Ability, Description
from erpsync.connectors.worklist.options import parse_options
from erpsync.connectors.worklist.place import folder_of
from erpsync.connectors.worklist.reader import WorklistReader, paths_in, read_export
from erpsync.connectors.worklist.writer import WorklistWriter
from erpsync.errors import RefusedError
from erpsync.model import Target

NAME = "worklist"
"""What targets call this connector."""


class WorklistConnector:
    """Reads the export of an ERP, and writes work orders."""

    describes = Description(
        title="any ERP that exports its users and roles",
        page="docs/worklist.md",
        reader=WorklistReader,
        abilities={
            Ability.CREATE: "by people",
            Ability.LOCK: "by people",
            Ability.ATTRIBUTES: "login, name; email where there is a column for it",
            Ability.SCOPE: "one kind, where there is a column for it",
            Ability.DAYS: False,
            Ability.ACCOUNT_DAYS: False,
            Ability.IMPLIES: False,
            Ability.VERSIONS: "the next export is compared",
            Ability.BATCH: "one work order for all",
            Ability.DELETE: False,
        },
    )

    @staticmethod
    @contextmanager
    def read(connection: Connection) -> Iterator[WorklistReader]:
        """Read the export."""
        yield open_export(connection.target, folder_of(connection.target))

    @staticmethod
    @contextmanager
    def write(connection: Connection) -> Iterator[WorklistWriter]:
        """Read the export, to write a work order.

        Raises:
            RefusedError: there is no run that it belongs to.
        """
        target = connection.target
        if connection.handover is None:
            raise RefusedError("a work order belongs to the run of a plan", where=f"target {target.name!r}")
        options = parse_options(target)
        export = read_export(paths_in(folder_of(target), options, target), options)
        yield WorklistWriter(export, options, target, connection.handover)


def open_export(target: Target, place: Path) -> WorklistReader:
    """An export, read as the options of a target say.

    Args:
        target: whose export it is.
        place: the folder with its files; or the file, if there is only one.

    Raises:
        RefusedError, TargetError: it cannot be read.
    """
    options = parse_options(target)
    paths = paths_in(place, options, target)
    if place.is_file() and len(paths) == 1:
        paths = dict.fromkeys(paths, place)
    return WorklistReader(read_export(paths, options), options, target.database)
