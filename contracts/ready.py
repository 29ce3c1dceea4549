"""Calls that a target will take: the document's own examples, made new for each call, with what must be there before.

Which members make something new is what the document says of its causes (`unique`); where a path leads is what its links say.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from contracts.bodies import media_type_of
from contracts.caller import Caller, Outcome
from contracts.constraints import bodies
from contracts.links import Link, links, parameters
from contracts.promises import CannotTell, accepted
from contracts.scenarios import Scenario, Step, read
from sandbox.document import steps_of
from sandbox.resources import FIXTURES
from sandbox.spec import Operation, Spec

_TRIES = 20  # bodies that are made up before one is good
_PARTS = 1_000  # of a body that is made up, roughly: each of them is edited later


def play(caller: Caller, step: Step, **headers: str) -> Outcome:
    """Make a call. Raises NoAnswer."""
    if step.body is None:
        return caller.call(step.operation, params=step.params, headers=headers)
    return caller.call(step.operation, step.body, params=step.params, headers=headers)


def ready(caller: Caller, operation: Operation, body: Any = None) -> Step:
    """Write a call of an operation that the target should take; where None is given, its body is that of `examples` that comes first.

    Raises CannotTell where the document does not tell how.
    """
    params: Mapping[str, Any] = {}
    if link := leading_to(caller.spec, operation):
        params = follow(caller, link)
    elif needed := [parameter.name for parameter in operation.parameters if parameter.location == "path"]:
        raise CannotTell(f"no link of the document leads to {operation.id}, so nobody knows its {needed[0]}")
    if operation.body is None:
        return Step(operation.id, params, None)
    body = next(iter(examples(caller.spec, operation)), None) if body is None else body
    if body is None and operation.body.required:
        raise CannotTell(f"nothing in the document leads to a body for {operation.id}")
    if operation.credential and isinstance(body, Mapping):  # the caller shows its own
        body = {name: value for name, value in body.items() if name not in caller.shown(operation).body}
    return Step(operation.id, params, fresh(caller, operation, body))


def follow(caller: Caller, link: Link) -> Mapping[str, Any]:
    """Create what a link leads from, and give the parameters that lead on. Raises CannotTell where that is refused."""
    outcome = create(caller, caller.spec.operations[link.operation])
    found = parameters(caller.spec, link, outcome)
    if found is None:
        raise CannotTell(f"the answer of {link.operation} has not what its link {link.name} needs")
    return found


def create(caller: Caller, operation: Operation) -> Outcome:
    """Make a call of an operation that the target takes. Raises CannotTell where it does not."""
    return accepted(play(caller, ready(caller, operation)))


def examples(spec: Spec, operation: Operation) -> tuple[Any, ...]:
    """Give the bodies that the document shows for an operation; the one that it calls the smallest comes first.

    Where it shows none, one with all members (of a huge schema with a thousand or so) is made from its schema; nothing where that can't
    be done, or where we do not write what it takes.
    """
    if media_type_of(operation) is None:
        return ()
    shown = operation.body.examples if operation.body else {}
    if shown or operation.body is None:
        return tuple(shown[name] for name in sorted(shown, key=lambda name: name != "smallest"))
    return _made_once(spec, operation.id)


@lru_cache(maxsize=256)
def _made_once(spec: Spec, name: str) -> tuple[Any, ...]:
    return tuple(itertools.islice(_made_up(spec, spec.operations[name]), 1))


def _made_up(spec: Spec, operation: Operation) -> Iterator[Any]:
    """Yield bodies that the first media type of an operation takes."""
    from contracts.payloads import schema  # noqa: PLC0415 - most documents show their bodies, and the solver takes long to import
    from contracts.payloads.facets import Demand  # noqa: PLC0415
    from contracts.payloads.solver import Solver  # noqa: PLC0415

    known = schema.bundle(spec)
    for media_type, where in itertools.islice(bodies(spec, operation), 1):
        check = operation.body.media[media_type] if operation.body else None
        wanted = [Demand({"$ref": known.uri(where)}, None, yes=True)]
        tried = itertools.islice(Solver(known, full=True, most=_PARTS).solve(wanted, plain=True), _TRIES)
        yield from (body for body in tried if check is None or check.ok(body))


def leading_to(spec: Spec, operation: Operation) -> Link | None:
    """Find the link from a create to an operation that fills in most of its parameters; None where there is none."""
    return _leading(spec).get(operation.id)


@lru_cache(maxsize=256)
def _leading(spec: Spec) -> Mapping[str, Link]:
    """List by operationId which link leads there best."""
    best: dict[str, Link] = {}
    for link in (link for maker in spec.operations.values() for link in links(spec, maker)):
        known = best.get(link.leads_to)
        if link.operation != link.leads_to and link.parameters and (known is None or len(link.parameters) > len(known.parameters)):
            best[link.leads_to] = link
    return best


# --- values that nobody has sent -------------------------------------------------------------------------------------------------


def unique_places(operation: Operation) -> Iterator[str]:
    """Name the members that make something new, by JSON pointer."""
    for cause in operation.causes.values():
        yield from cause.unique


def fresh(caller: Caller, operation: Operation, body: Any) -> Any:
    """Give a body whose unique members have values that nobody has sent, in the form of those that are there."""
    for place in unique_places(operation):
        old = _at(body, place)
        if isinstance(old, str):
            for value in (caller.unique(), f"{old}-{caller.unique()}", _digits(caller, old)):
                changed = put(body, place, value)
                if operation.body is None or not next(iter(operation.body.media.values())).problems(changed):
                    body = changed
                    break
    return body


def _at(tree: Any, place: str) -> Any:
    for step in steps_of(place):
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _digits(caller: Caller, old: str) -> str:
    """Write another number of as many digits; what is no number stays."""
    number = "".join(re.findall("[0-9]", caller.unique()))
    return number.rjust(len(old), "9")[-len(old) :] if old.isdecimal() else old


def put(tree: Any, place: str, value: Any) -> Any:
    """Give a JSON value with another value at a place whose surroundings are there. What is not on the way there is shared, not copied."""
    return _put(tree, steps_of(place), value)


def _put(tree: Any, steps: Sequence[str], value: Any) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(tree, list):
        index = int(step)
        return [*tree[:index], _put(tree[index], rest, value), *tree[index + 1 :]]
    return {**tree, step: _put(tree[step] if rest else None, rest, value)}


# --- scenarios ---------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def known(spec: Spec) -> tuple[Scenario, ...]:
    """Read the scenarios of a document of ours; none for another one."""
    folder = FIXTURES / spec.name
    return tuple(read(spec, folder)) if folder.is_dir() else ()


def renewed(caller: Caller, scenario: Scenario) -> tuple[Step, ...]:
    """Write the steps of a scenario with unique values that nobody has sent, the same one wherever it was the same before."""
    steps = (*scenario.before, scenario.call)
    old = [_at(step.body, place) for step in steps for place in unique_places(caller.spec.operations[step.operation])]
    values = {
        text: caller.unique() for text in dict.fromkeys(old) if isinstance(text, str) and len(text) > 3
    }  # a short one is part of words
    if not values:
        return steps
    pattern = re.compile("|".join(map(re.escape, values)))

    def swap(value: Any) -> Any:
        text = pattern.sub(lambda found: values[found[0]], json.dumps(value, ensure_ascii=False))
        return json.loads(text)

    return tuple(Step(step.operation, swap(dict(step.params)), swap(step.body)) for step in steps)
