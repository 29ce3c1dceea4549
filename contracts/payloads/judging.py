"""Whether an answer is the one that a payload's label promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from contracts.caller import Outcome
from contracts.payloads import labels
from contracts.payloads.payload import Payload
from sandbox import codec
from sandbox.causes import Cause
from sandbox.document import at, steps_of
from sandbox.spec import Operation, Spec

_WORD = re.compile(r"[\w-]+")


def complaints(spec: Spec, payload: Payload, outcome: Outcome) -> tuple[str, ...]:
    """Say all in which an answer differs from its label: status, code, place of the error. Nothing for one that is as labelled."""
    expected = payload.expected
    if outcome.status not in expected.statuses:
        return (f"the status is {outcome.status}, not {_either(expected.statuses)}",)
    if payload.verdict == "accept" and not outcome.accepted:
        return (f"it was refused with what stands for {outcome.means}",)
    if payload.verdict == "reject" and outcome.accepted:
        return ("it was accepted",)
    cause = labels.cause_of(spec, outcome.operation, expected)
    if outcome.accepted or cause is None:
        return ()
    if payload.verdict == "either":
        return tuple(_code(spec, outcome, cause))
    return (*_code(spec, outcome, cause), *_place(spec, outcome, cause, expected.place))


def _either(values: tuple[Any, ...]) -> str:
    return " or ".join(map(str, values))


def _code(spec: Spec, outcome: Outcome, cause: Cause) -> Iterator[str]:
    for shape in code_shapes(spec, outcome.operation, cause):
        found = [value for steps, value in _leaves(outcome.body, ()) if _shape(steps) == shape]
        if not any(_is(value, cause.code) for value in found):
            yield f"the code of {cause.name} at /{'/'.join(shape)} is {_either(tuple(found)) or 'absent'}, not {cause.code}"


def code_shapes(spec: Spec, operation: Operation, cause: Cause) -> tuple[tuple[str, ...], ...]:
    """Find where the document's example of a refusal has the code of its cause, `*` for any position; nothing for one without a code."""
    if cause.code is None:
        return ()
    found = (_shape(steps) for steps, value in _leaves(_example(spec, operation, cause), ()) if _is(value, cause.code))
    return tuple(dict.fromkeys(found))


def _is(value: Any, code: Any) -> bool:
    return type(value) is type(code) and bool(value == code)


def _place(spec: Spec, outcome: Outcome, cause: Cause, place: str | None) -> Iterator[str]:
    """Look for the place where the document's example of a refusal tells one: as a text that is nothing but the path to a member."""
    wanted = _steps(place)
    told = [steps for steps, value in _leaves(_example(spec, outcome.operation, cause), ()) if _names(spec, outcome.operation, value)]
    if not wanted or not told:
        return
    found = [value for steps, value in _leaves(outcome.body, ()) if _shape(steps) in map(_shape, told) and isinstance(value, str)]
    if not any(_leads_to(_WORD.findall(value), wanted) for value in found):
        yield f"the error is told at {_either(tuple(found)) or 'no place'}, not at {'.'.join(wanted)}"


def _steps(place: str | None) -> list[str]:
    if not place or place.startswith("header:"):
        return []
    location, _, rest = place.partition(":")
    return steps_of(place) if place.startswith("/") else (rest or location).split("/")


def _shape(steps: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple("*" if isinstance(step, int) else step for step in steps)


def _leads_to(told: list[str], wanted: list[str]) -> bool:
    """Tell whether a place is told, or one that holds it: a document may name the whole instead of the part."""
    return bool(told) and told == wanted[: len(told)]


def _names(spec: Spec, operation: Operation, value: Any) -> bool:
    """Tell whether a value is the path to a member or parameter of an operation, and no more."""
    words = _WORD.findall(value) if isinstance(value, str) and " " not in value else []
    return bool(words) and words[0] in _members(spec, operation.id)


@lru_cache(maxsize=256)
def _members(spec: Spec, name: str) -> frozenset[str]:
    """Name the parameters of an operation and all members that its body may have."""
    operation = spec.operations[name]
    found = {parameter.name for parameter in operation.parameters}
    if operation.body:
        _collect(spec, at(spec.tree, f"{operation.where}/requestBody"), found, set())
    return frozenset(found)


def _collect(spec: Spec, node: Any, found: set[str], seen: set[str]) -> None:
    if isinstance(node, list):
        for inner in node:
            _collect(spec, inner, found, seen)
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            _collect(spec, at(spec.tree, reference[1:]), found, seen)
        if isinstance(node.get("properties"), dict):
            found.update(node["properties"])
        for name, inner in node.items():
            if name != "examples":
                _collect(spec, inner, found, seen)


def _example(spec: Spec, operation: Operation, cause: Cause) -> Any:
    """Find the document's example of a refusal; None where it shows none."""
    shared = spec.shared_responses.get(cause.response or "")
    for response in (spec.response(cause, operation), shared):
        if response is not None and cause.example in response.examples:
            return response.examples[cause.example]
    return None


def _leaves(value: Any, steps: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, (*steps, key))
    else:
        yield steps, value


def excerpt(outcome: Outcome) -> str:
    """Give the beginning of an answer's body, for people."""
    text = codec.dump(outcome.body) if outcome.body is not None else outcome.answer.body
    return text[:500].decode("utf-8", "replace")
