"""``erpsync connectors``: which kinds of ERP can be reached, and what they can do."""

from __future__ import annotations

import click

from erpsync.cli.common import emit, format_option, paint_stdout
from erpsync.errors import ExitCode


@click.command()
@format_option("text", "json")
def connectors(output_format: str) -> int:
    """List the installed connectors: package, version, what each can do, and what it can tell.

    Connectors come from erpsync itself and from packages installed beside it. Nothing is connected to,
    so what depends on the server is told in words; erpsync target check looks at one. A connector that
    cannot be used is listed with the reason.
    """
    from erpsync.connectors.registry import installed
    from erpsync.render.connectors import connectors_json, render_connectors

    found = installed()
    emit(connectors_json(found) if output_format == "json" else render_connectors(found, paint_stdout()))
    return ExitCode.DONE
