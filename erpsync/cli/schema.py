"""``erpsync schema``: print a schema."""

from __future__ import annotations

import click

from erpsync.cli.common import emit
from erpsync.errors import ExitCode


@click.command()
@click.argument("name", type=click.Choice(["access", "plan", "snapshot"]), default="access")
def schema(name: str) -> int:
    """Print a JSON Schema: of the access files, of a plan or of a snapshot.

    Editors with a YAML language server complete and explain the access files with it.
    """
    from erpsync.schema import schema_text

    emit(schema_text(name))
    return ExitCode.DONE
