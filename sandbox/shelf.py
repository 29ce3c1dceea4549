"""`trackbed store`: look after a store at rest. What is exported is a line of JSON for each workspace, as a snapshot is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from sandbox import exits, files

_URL = click.argument("url", metavar="URL", envvar="TRACKBED_STORE")
_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.group()
def store() -> None:
    """Look after a store while no sandbox uses it. URL is as for `serve --store`, or TRACKBED_STORE."""


def _command(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def run(*, url: str, **given: Any) -> None:
        from sandbox.sql import SqlStore  # noqa: PLC0415 - no other command needs a database
        from sandbox.store import StoreError, StoreUnavailable  # noqa: PLC0415 - as above

        try:
            opened = SqlStore(url)
            opened.prepare(make=function.__name__ == "import_")
            try:
                function(opened, **given)
            finally:
                opened.close()
        except (StoreError, StoreUnavailable, ValueError, OSError) as error:
            exits.stop(str(error))

    return run


@store.command()
@_URL
@_command
def check(opened: Any) -> None:
    """Read everything that is in a store. Exit code 1 and a line for each fault if something is wrong."""
    faults = [*opened.integrity(), *_unreadable(opened)]
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(exits.NOT_THERE)
    names = opened.workspaces()
    click.echo(f"{opened}: {len(names)} workspaces, nothing wrong.")


def _unreadable(opened: Any) -> Iterator[str]:
    for workspace in opened.workspaces():
        with opened.transaction(workspace, uses=False) as transaction:
            for collection, documents in transaction.export().collections.items():
                for _, key, body in documents:
                    try:
                        json.loads(body)
                    except ValueError as error:
                        yield f"{workspace} {collection} {key}: {error}"
    for last, _, body in opened.ask(opened.statements.notes, a=0):
        try:
            json.loads(body)
        except ValueError as error:
            yield f"journal {last}: {error}"


@store.command()
@_URL
@click.argument("file", type=_FILE, default="-")
@_command
def export(opened: Any, file: Path) -> None:
    """Write every workspace to FILE, or to standard output."""
    from sandbox import snapshot  # noqa: PLC0415 - as above
    from sandbox.workspace import world_time  # noqa: PLC0415 - as above

    lines = []
    for workspace in opened.workspaces():
        with opened.transaction(workspace, uses=False) as transaction:
            taken = snapshot.take(opened, transaction, world_time(transaction, datetime.now(UTC)))
        lines.append(json.dumps(taken, ensure_ascii=False).encode() + b"\n")
    files.write(file, b"".join(lines))


@store.command("import")
@_URL
@click.argument("file", type=click.File("rb"))
@_command
def import_(opened: Any, file: Any) -> None:
    """Put every workspace of FILE in the place of those of the same name; a store that isn't there is made."""
    from sandbox import codec, snapshot  # noqa: PLC0415 - as above
    from sandbox.resources import SPECS  # noqa: PLC0415 - as above
    from sandbox.spec import Spec  # noqa: PLC0415 - as above

    check_ = Spec.load(SPECS / "control.yaml").check("/components/schemas/Snapshot")
    found = []
    for number, line in enumerate(file, 1):
        try:
            taken = codec.read_json(line)
        except codec.Unreadable as error:
            raise ValueError(f"{file.name} line {number} is no snapshot: {error}") from None
        for problem in check_.problems(taken):
            raise ValueError(f"{file.name} line {number} is no snapshot: {problem}")
        found.append(taken)
    for taken in found:
        with opened.transaction(taken["workspace"]) as transaction:
            snapshot.restore(opened, transaction, taken)
    click.echo(f"{len(found)} workspaces are in {opened}.")
