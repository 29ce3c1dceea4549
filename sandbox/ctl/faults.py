"""`trackbed ctl faults`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from sandbox.ctl.session import Session, command, each, options, remember


@click.group(invoke_without_command=True)
@options
@click.pass_context
def faults(context: click.Context, /, **given: Any) -> None:
    """List or change the fault rules of the workspace."""
    remember(context, given)
    if context.invoked_subcommand is None:
        context.invoke(list_)


@faults.command("list")
@command
def list_(session: Session) -> None:
    """List the rules and what they did so far."""
    session.show(session.control.get(session.path("faults")), each("faults", _say_fault))


@faults.command()
@click.option("--provider", help="Only calls of this provider.")
@click.option("--operation", help="Only calls of this operationId.")
@click.option("--path", help="Only calls whose path fits this shell pattern.")
@click.option("--body", multiple=True, metavar="POINTER=VALUE", help="Only calls with this value in the body; may be repeated.")
@click.option("--nth", type=int, help="Only the nth call that fits.")
@click.option("--probability", type=float, help="Only so many of the calls that fit, 0 to 1.")
@click.option("--times", type=int, help="How often at most.")
@click.option("--cause", help="Refuse for this cause of the document.")
@click.option("--expire-token", is_flag=True, default=None, help="Refuse the credential as one that has expired.")
@click.option("--rate-limit", metavar="CALLS/SECONDS", help="Refuse calls beyond this limit.")
@click.option("--latency", "latency_ms", type=int, metavar="MS", help="Wait before the answer.")
@click.option("--truncate", "truncate_at", type=int, metavar="BYTES", help="End the body early, as if it were whole.")
@click.option("--content-type", help="Say that the body is of this media type.")
@click.option("--cut", "cut_after", type=int, metavar="BYTES", help="Break the connection after so many bytes of the body.")
@click.option("--dribble", metavar="BYTES/MS", help="Send so many bytes at a time, with a pause before each.")
@command
def add(session: Session, body: tuple[str, ...], rate_limit: str | None, dribble: str | None, **rest: Any) -> None:
    """Let calls go wrong. Without --times a rule with a transient cause strikes once, any other until it is removed."""
    rule = {name: value for name, value in rest.items() if value is not None}
    if body:
        rule["body"] = dict(_member(pair) for pair in body)
    if rate_limit is not None:
        rule["rate_limit"] = dict(zip(("calls", "per_s"), _pair("--rate-limit", rate_limit), strict=True))
    if dribble is not None:
        rule["dribble"] = dict(zip(("bytes", "every_ms"), _pair("--dribble", dribble), strict=True))
    session.show(session.control.post(session.path("faults"), rule), _say_fault)


@faults.command()
@click.argument("ident", metavar="ID")
@command
def remove(session: Session, ident: str) -> None:
    """Remove the rule ID."""
    session.control.delete(session.path("faults", ident))
    session.show({"id": ident}, lambda _: click.echo(f"{ident} is gone."))


@faults.command()
@command
def clear(session: Session) -> None:
    """Remove all rules."""
    session.control.delete(session.path("faults"))
    session.show({}, lambda _: click.echo("There are no faults now."))


def _member(pair: str) -> tuple[str, Any]:
    """Read POINTER=VALUE; a value that is no JSON is text."""
    where, equals, text = pair.partition("=")
    if not equals or not where.startswith("/"):
        raise ValueError(f"--body {pair!r} is not POINTER=VALUE, such as /carrier_code=sto")
    try:
        return where, json.loads(text)
    except ValueError:
        return where, text


def _say_fault(rule: Mapping[str, Any]) -> None:
    told = ", ".join(f"{name} {_plain(value)}" for name, value in rule.items() if name not in ("id", "matched", "applied"))
    click.echo(f"{rule['id']}  {told}  (struck {rule['applied']} of {rule['matched']} calls that fitted)")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _pair(option: str, text: str) -> tuple[float, float]:
    """Read two numbers with a slash between them."""
    first, _, second = text.partition("/")
    try:
        return json.loads(first), json.loads(second)
    except ValueError:
        raise ValueError(f"{option} {text!r} is not two numbers, such as 10/60") from None
