"""`trackbed ctl journal`, `explain`, `outbox`."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from sandbox import files
from sandbox.ctl.session import Say, Session, command, each, time

POLL_S = 0.3


@click.command()
@command
def outbox(session: Session) -> None:
    """List what the real services would have sent to recipients by now."""
    session.show(session.control.get("/_sandbox/outbox", workspace=session.workspace), each("messages", _say_message))


def _say_message(one: Mapping[str, Any]) -> None:
    click.echo(f"{one['at']}  {one['channel']} to {one['to']}  {one['about']}: {one['text']}")


@click.command()
@click.option("--provider", help="Only of this provider.")
@click.option("--operation", help="Only of this operationId.")
@click.option("--status", help="Only with this status, or of a class such as 4xx.")
@click.option("--cause", help="Only those refused for this cause.")
@click.option("--text", help="Only those with this text in path, query or bodies.")
@click.option("--limit", type=int, default=20, show_default=True, help="How many at most.")
@click.option("--follow", "-f", is_flag=True, help="Go on with each exchange as it comes, until Ctrl+C.")
@click.option("--curl", is_flag=True, help="Show below each the command that repeats it.")
@click.option(
    "--har", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="FILE", help="Export as HAR 1.2; - prints it."
)
@command
def journal(session: Session, limit: int, follow: bool, curl: bool, har: Path | None, **wanted: Any) -> None:
    """Show the last exchanges, oldest first: of all workspaces, or of one that is named."""
    wanted["workspace"] = session.named
    if har is not None:
        files.write(har, json.dumps(session.control.get("/_sandbox/journal.har", **wanted), ensure_ascii=False).encode() + b"\n")
        return
    found = session.control.get("/_sandbox/journal", limit=limit, **wanted)
    say = partial(_say_entry, curl=curl)
    if not follow:
        session.show(found, each("entries", say))
        return
    with contextlib.suppress(KeyboardInterrupt):
        _follow(session, found, wanted, _say_line if session.as_json else say)


def _follow(session: Session, found: Mapping[str, Any], wanted: Mapping[str, Any], say: Say) -> None:
    pause = threading.Event()
    while True:
        for entry in found["entries"]:
            say(entry)
        pause.wait(POLL_S)
        found = session.control.get("/_sandbox/journal", limit=1000, after=found["next"], **wanted)


def _say_line(entry: Mapping[str, Any]) -> None:
    click.echo(json.dumps(entry, ensure_ascii=False))


def _say_entry(entry: Mapping[str, Any], *, curl: bool) -> None:
    request, reply = entry["request"], entry["reply"]
    called = f"{request['method']} /{entry['provider']}{request['path']}" + (f"?{request['query']}" if request["query"] else "")
    why = " ".join(filter(None, (entry["cause"], entry["fault"] and f"(fault {entry['fault']})")))
    click.echo(
        f"{entry['id']}  {time(entry['at'])}  {entry['workspace']}  {called}  {reply['status']}  {click.style(why, fg='red')}".rstrip()
    )
    if curl:
        click.echo(f"    {entry['curl']}")


@click.command()
@click.argument("ident", metavar="[ID]", default="last")
@command
def explain(session: Session, ident: str) -> None:
    """Say why the exchange ID (see Trackbed-Id) went as it did, or the last one."""
    named = {"workspace": session.named} if ident == "last" else {}
    session.show(session.control.get(f"/_sandbox/explain/{quote(ident, safe='')}", **named), _say_explanation)


def _say_explanation(told: Mapping[str, Any]) -> None:
    click.echo(told["id"])
    for sentence in told["sentences"]:
        click.echo(f"  {sentence}")
    click.echo(f"Again:\n  {told['curl']}")
