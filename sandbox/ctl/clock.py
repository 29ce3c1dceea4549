"""`trackbed ctl clock`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from sandbox import durations
from sandbox.ctl.session import Session, command, options, remember, time


@click.group(invoke_without_command=True)
@options
@click.pass_context
def clock(context: click.Context, /, **given: Any) -> None:
    """Read or move the time in the workspace."""
    remember(context, given)
    if context.invoked_subcommand is None:
        context.invoke(read)


@clock.command()
@command
def read(session: Session) -> None:
    """Say what time it is."""
    session.show(session.control.get(session.path("clock")), _say_clock)


@clock.command()
@command
def freeze(session: Session) -> None:
    """Let the clock stand still."""
    _change(session, frozen=True)


@clock.command()
@command
def run(session: Session) -> None:
    """Let a frozen clock run on."""
    _change(session, frozen=False)


@clock.command("set")
@click.argument("when")
@command
def set_(session: Session, when: str) -> None:
    """Set the clock to WHEN, such as 2026-03-02T09:00Z; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(when)
    except ValueError:
        raise ValueError(f"{when!r} is no time; write it as in 2026-03-02T09:00Z") from None
    _change(session, now=(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat())


@clock.command()
@click.argument("length")
@command
def advance(session: Session, length: str) -> None:
    """Move the clock forward by LENGTH: 2d, 1d12h, 90m, PT36H, or seconds."""
    by = durations.parse(length).total_seconds()
    session.show(session.control.post(session.path("clock", "advance"), {"by": by}), _say_move)


@clock.command()
@click.argument("rate", type=float)
@command
def scale(session: Session, rate: float) -> None:
    """Let the clock run RATE times as fast as the real one."""
    _change(session, rate=rate)


@clock.command()
@click.argument("number", required=False)
@command
def step(session: Session, number: str | None) -> None:
    """Move the clock to the next thing that happens, to any parcel or to that of NUMBER."""
    session.show(session.control.post(session.path("clock", "step"), {"number": number} if number else {}), _say_move)


def _change(session: Session, **change: Any) -> None:
    session.show(session.control.put(session.path("clock"), change), _say_move)


def _say_move(moved: Mapping[str, Any]) -> None:
    _say_clock(moved["clock"])
    for event in moved["events"]:
        click.echo(f"  {time(event['known_at'])}  {event['number']}  {event['milestone']}  {event['city']}, {event['country']}")


def _say_clock(shown: Mapping[str, Any]) -> None:
    speed = "" if shown["rate"] == 1 else f", {shown['rate']:g} times as fast"
    click.echo(f"{time(shown['now'])}  {'frozen' if shown['frozen'] else 'running'}{speed}")
