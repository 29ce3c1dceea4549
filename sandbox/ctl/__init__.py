"""`trackbed ctl`: the control plane of a sandbox that runs, from a shell."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import click

from sandbox.ctl import clock, faults, journal, session, workspaces


@click.group()
@partial(session.options, environment=True)
@click.pass_context
def ctl(context: click.Context, /, **said: Any) -> None:
    """Move time, break calls, and see what happened, in a sandbox that runs.

    Exit codes: 0 done; 1 there is no such thing, or nothing is ahead; 2 the call was wrong, or no sandbox answers.
    """
    session.remember(context, said)
    if "NO_COLOR" in os.environ:
        context.color = False


for command in (
    workspaces.workspaces,
    workspaces.reset,
    workspaces.snapshot,
    workspaces.restore,
    clock.clock,
    faults.faults,
    journal.journal,
    journal.explain,
    journal.outbox,
):
    ctl.add_command(command)
