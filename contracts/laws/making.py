"""What laws need made: things of the kind that a list has or a link leads to, and how they are known again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.links import Link, links, parameters
from contracts.listing import Listing
from contracts.promises import CannotTell
from contracts.ready import create, examples, play, ready
from contracts.scenarios import Step
from sandbox.document import steps_of
from sandbox.spec import Operation, Spec

SOME = 5


def maker_of(spec: Spec, found: Listing) -> Operation | None:
    """Find the operation that creates what a list has: one beside it or above it whose answers link on, a POST before others."""

    def near(operation: Operation) -> int:
        pairs = zip(operation.path.strip("/").split("/"), found.operation.path.strip("/").split("/"), strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    longest = len(found.operation.path.strip("/").split("/"))
    fitting = [one for one in spec.operations.values() if one.creates and any(links(spec, one)) and near(one) >= max(longest - 1, 1)]
    makers = [one for one in fitting if not isinstance(next(iter(examples(spec, one)), None), list)]
    return max(makers, key=lambda one: (near(one), one.method == "POST"), default=None)


def made(caller: Caller, maker: Operation | None, count: int = SOME) -> list[Outcome]:
    """Create some things of different kinds, as the document's examples have them. Nothing without a maker."""
    if maker is None:
        return []
    shown = examples(caller.spec, maker) or (None,)
    return [_one(caller, maker, shown[index % len(shown)]) for index in range(count)]


def _one(caller: Caller, maker: Operation, body: Any) -> Outcome:
    outcome = play(caller, ready(caller, maker, body))
    return outcome if outcome.accepted else create(caller, maker)  # an example may need what is not there


def key_of(spec: Spec, maker: Operation, outcome: Outcome) -> Mapping[str, Any]:
    """Tell by which members an item is known to be what was created: those that its links lead on by, below their last name."""
    for link in links(spec, maker):
        filled = parameters(spec, link, outcome)
        bodies = [expression for expression in link.parameters.values() if str(expression).startswith("$response.body#/")]
        if filled and len(bodies) == len(link.parameters):
            return {steps_of(str(expression).partition("#")[2])[-1]: filled[name] for name, expression in link.parameters.items()}
    raise CannotTell(f"no link tells by what a thing that {maker.id} made is known")


def count(items: list[Any], key: Mapping[str, Any]) -> int:
    """Count the items that are known by these members."""
    return sum(isinstance(item, Mapping) and all(item.get(name) == value for name, value in key.items()) for item in items)


def told(key: Mapping[str, Any]) -> str:
    """Write the members by which something is known, for a sentence."""
    return ", ".join(f"{name} {value}" for name, value in key.items())


def links_by(spec: Spec, maker: Operation, method: str) -> Iterator[Link]:
    """Yield the links from a create to operations with a method, that is not itself."""
    found = {link.leads_to: link for link in links(spec, maker) if spec.operations[link.leads_to].method == method}
    yield from (link for name, link in found.items() if name != maker.id)


def along(caller: Caller, link: Link, outcome: Outcome, body: Any = None) -> Outcome:
    """Follow a link of an answer. Raises CannotTell where it lacks what the link needs."""
    found = parameters(caller.spec, link, outcome)
    if found is None:
        raise CannotTell(f"the answer of {link.operation} has not what its link {link.name} needs")
    return play(caller, Step(link.leads_to, found, body))
