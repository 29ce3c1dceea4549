"""Why a target said no: whether it is the cause that the document names, with its status, its code and its envelope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.caller import Outcome
from contracts.promises import Broken
from sandbox.causes import Cause
from sandbox.document import pointer
from sandbox.spec import Spec


def refused(spec: Spec, outcome: Outcome, name: str) -> None:
    """Hold an outcome to be the refusal for a cause. Raises Broken; KeyError for a cause that the operation does not have."""
    cause = spec.cause(name, outcome.operation)
    if cause is None:
        raise KeyError(name)
    if outcome.status != cause.status:
        raise Broken(f"the status of {name} is wrong", cause.status, outcome.status, outcome)
    for place in code_places(spec, outcome, cause):
        if outcome.at(place) != cause.code:
            raise Broken(f"the code of {name} at {place} is wrong", cause.code, outcome.at(place), outcome)
    for problem in outcome.problems():
        raise Broken(f"the envelope of {name} is wrong: {problem}", problem.expected, problem.value, outcome)


def code_places(spec: Spec, outcome: Outcome, cause: Cause) -> tuple[str, ...]:
    """Find where a refusal holds the code of its cause: where the document's example of it does. Nothing for one without a code.

    An example may tell of several errors and a refusal of one, and nobody promises their order: of an array that has the code the
    first element with it is meant, and the first of all where none has it.
    """
    response = spec.response(cause, outcome.operation)
    example = response.examples.get(cause.example) if response else None
    shapes = () if cause.code is None else dict.fromkeys(_shapes(example, cause.code, ()))
    return tuple(_place(outcome.body, shape, cause.code) for shape in shapes)


def _shapes(value: Any, code: Any, steps: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the ways to a code; `*` is any position of an array."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else (("*", one) for one in value):
            yield from _shapes(inner, code, (*steps, key))
    elif value == code and type(value) is type(code):
        yield steps


def _place(body: Any, shape: tuple[str, ...], code: Any) -> str:
    found = (steps for steps, value in _ends(body, shape, ()) if value == code)
    return pointer(*next(found, ["0" if step == "*" else step for step in shape]))


def _ends(value: Any, shape: tuple[str, ...], steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not shape:
        yield steps, value
    elif shape[0] == "*" and isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _ends(inner, shape[1:], (*steps, str(index)))
    elif isinstance(value, dict) and shape[0] in value:
        yield from _ends(value[shape[0]], shape[1:], (*steps, shape[0]))
