"""``erpsync unlock``: remove the lock that a dead run left behind."""

from __future__ import annotations

from pathlib import Path

import click

from erpsync.cli.common import access_option, chosen_targets, emit, state_option
from erpsync.cli.recording import Places, locked, open_journal
from erpsync.errors import ExitCode


@click.command()
@click.argument("target_name", metavar="TARGET")
@click.option("--run", "run_id", metavar="RUN", required=True, help="The run that holds the lock.")
@access_option
@state_option
def unlock(target_name: str, run_id: str, access_dir: Path, state_dir: Path) -> int:
    """Remove the lock of a TARGET that a dead RUN left behind.

    First make sure that the run is dead: two that write at once undo each other's work. Only the
    lock of exactly that run is removed, and the journal tells of it.
    """
    from erpsync.access import load_valid
    from erpsync.run import this_run

    access = load_valid(access_dir)
    places = Places(access_dir, state_dir)
    (target,) = chosen_targets(access, [target_name])
    run = this_run()
    holder = locked(target, run, places).break_lock(run_id)
    with open_journal(target.name, access, run, places) as append:
        append({"event": "unlock", "by": run.by, "host": run.host, "held": holder.to_json()})
    emit(f"{target.name} is unlocked; the lock was that of {holder.who}, run {holder.run}\n")
    return ExitCode.DONE
