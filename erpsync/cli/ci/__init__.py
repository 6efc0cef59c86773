"""``erpsync ci``: what the workflows of an access repository run, one command a job.

Each runs on a laptop too: without a forge it prints what it would have said there.
"""

from __future__ import annotations

import click

from erpsync.cli.ci.apply import apply
from erpsync.cli.ci.drift import drift
from erpsync.cli.ci.plan import plan


@click.group()
def ci() -> None:
    """Plan a pull request, apply a merge, watch for drift: the jobs of an access repository."""


for command in (plan, apply, drift):
    ci.add_command(command)
