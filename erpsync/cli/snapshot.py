"""``erpsync snapshot``: record the live state."""

from __future__ import annotations

import json
from pathlib import Path

import click

from erpsync.cli.common import access_option, chosen_targets, emit, open_reader, output_option, write_file
from erpsync.errors import ExitCode


@click.command()
@click.argument("target_name", metavar="TARGET")
@access_option
@output_option("Write the snapshot here instead of to stdout.")
@click.option("--deep", is_flag=True, help="Record also what entitlements really allow, for check --deep.")
def snapshot(target_name: str, access_dir: Path, output: Path | None, deep: bool) -> int:
    """Record the live state of a target, for erpsync plan --live FILE.

    The snapshot names accounts and what they hold; it has no secret in it.
    """
    from erpsync.access import load_valid
    from erpsync.connectors.recorded import record_deep, record_described
    from erpsync.render.words import plural

    access = load_valid(access_dir)
    (target,) = chosen_targets(access, [target_name])
    with open_reader(access, target) as reader:
        document = record_deep(target, reader) if deep else record_described(target.name, reader)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if output:
        write_file(output, text)
        emit(f"{output}: {plural(len(document['accounts']), 'account')} of {target.name}\n")
    else:
        emit(text)
    return ExitCode.DONE
