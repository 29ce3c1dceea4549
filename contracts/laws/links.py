"""Laws of links: what was created is there, what was deleted is not, and the same PUT twice leaves what one leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.caller import Caller
from contracts.laws.making import along
from contracts.links import Link, parameters
from contracts.promises import Broken, CannotTell, accepted, hold
from contracts.ready import create, examples, play, ready
from contracts.scenarios import Step

GONE = (404, 410)


def what_is_created_can_be_read(readers: tuple[Link, ...], caller: Caller) -> None:
    """What was just created is there for who follows the links to it."""
    outcome = create(caller, caller.spec.operations[readers[0].operation])
    for reader in readers:
        read = along(caller, reader, outcome)
        if read.means == 429:
            raise CannotTell(f"{reader.leads_to} was called too often")
        hold(
            read.accepted,
            f"what {reader.operation} made is not there for {reader.leads_to}",
            expected="success",
            got=read.means,
            outcome=read,
        )


def what_is_deleted_is_read_no_longer(reader: Link, link: Link, caller: Caller) -> None:
    """What was deleted is not found, and cannot be deleted again."""
    outcome = create(caller, caller.spec.operations[link.operation])
    accepted(along(caller, reader, outcome))
    accepted(along(caller, link, outcome))
    read = along(caller, reader, outcome)
    hold(read.means in GONE, f"{reader.leads_to} still finds what was deleted", expected=list(GONE), got=read.means, outcome=read)


def a_put_twice_is_a_put_once(reader: Link, link: Link | None, caller: Caller) -> None:
    """The same PUT again leaves what the first one left, but for times."""
    maker = caller.spec.operations[reader.operation]
    step = ready(caller, maker)
    outcome = accepted(play(caller, step))
    if link is not None:
        found = parameters(caller.spec, link, outcome)
        step = Step(link.leads_to, found or {}, next(iter(examples(caller.spec, caller.spec.operations[link.leads_to])), None))
        accepted(play(caller, step))
    once = accepted(along(caller, reader, outcome))
    accepted(play(caller, step))
    twice = accepted(along(caller, reader, outcome))
    if not _alike(once.body, twice.body):
        raise Broken(f"the same {step.operation} again leaves something else", once.body, twice.body, twice)


def _alike(one: Any, other: Any) -> bool:
    """Tell whether two values are the same but for times."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return one == other or (_is_time(one) and _is_time(other))


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False
