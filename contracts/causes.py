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
    """Find where a refusal holds the code of its cause: where the document's example of it does. Nothing for one without a code."""
    response = spec.response(cause, outcome.operation)
    example = response.examples.get(cause.example) if response else None
    return () if cause.code is None else tuple(_places(example, cause.code, ()))


def _places(value: Any, code: Any, steps: tuple[str | int, ...]) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(inner, code, (*steps, key))
    elif value == code and type(value) is type(code):
        yield pointer(*steps)
