"""`trackbed ctl workspaces`, `reset`, `snapshot`, `restore`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from sandbox import files
from sandbox.ctl.session import Session, command, each, time


@click.command()
@command
def workspaces(session: Session) -> None:
    """List the workspaces that were written to."""
    session.show(session.control.get("/_sandbox/workspaces"), each("workspaces", _say))


@click.command()
@command
def reset(session: Session) -> None:
    """Make the workspace fresh: documents, clock, faults and journal."""
    session.control.delete(session.path())
    session.show({"name": session.workspace}, lambda _: click.echo(f"{session.workspace} is fresh."))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@command
def snapshot(session: Session, file: Path) -> None:
    """Write everything that the workspace holds to FILE, or to standard output."""
    files.write(file, json.dumps(session.control.get(session.path("snapshot")), ensure_ascii=False, indent=1).encode() + b"\n")


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@command
def restore(session: Session, file: Any) -> None:
    """Put the snapshot in FILE in the place of everything that the workspace holds."""
    try:
        content = json.load(file)
    except ValueError as error:
        raise ValueError(f"{file.name} is no JSON: {error}") from None
    restored = session.control.put(session.path("snapshot"), content)
    session.show(restored, lambda one: click.echo(f"{one['name']} holds {one['documents']} documents; its time is {time(one['now'])}."))


def _say(one: dict[str, Any]) -> None:
    click.echo(f"{one['name']}  {one['documents']} documents  {one['faults']} faults  {time(one['now'])}")
