"""Requests that break rules which nobody has broken yet: one for each, made of an example of the document with one wrong value.

What comes of them is judged as any invalid request is: it must be refused. A rule of a form that stands beside a wider one can't be
broken: what breaks it is admitted as the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from contracts.constraints import bodies, follow, named_parameters
from contracts.ready import examples
from sandbox import parameters
from sandbox.exchange import Request
from sandbox.spec import Operation, Spec
from sandbox.validation import Check

Path = tuple[str | int, ...]

GONE = object()
MANY = 60
DEEPEST = 12
WAYS = 16  # to one schema
_PLAIN: tuple[Any, ...] = (GONE, 7, "no such value", True, None, -1, 1.5, 10**15, "", "!", "x" * 70_000)
_HELD: tuple[Any, ...] = ({}, [], {"no-such-member": 1}, ["no such value"], ["a", "a"], [1] * MANY, ["a"] * 300)
_TEXTS = ("no such value", "!", "-1", "1.5", "9" * 25, "", "x" * 3000, ",", "a\tb")
_WRONG = (*_PLAIN, *_HELD)


@dataclass(frozen=True, slots=True)
class Broken:
    """A body that breaks a rule; `body` is None where the rule can't be broken, as another form admits what breaks it."""

    rule: str
    body: Any


def breaking(spec: Spec, operation: Operation, rules: set[str]) -> Iterator[Broken]:
    """Yield what breaks each of some rules of an operation's JSON body; nothing for a rule that no value was found for."""
    media = next(((kind, where) for kind, where in bodies(spec, operation) if "json" in kind), None)
    if media is None or operation.body is None:
        return
    check, bases = operation.body.media[media[0]], [*examples(spec, operation), {}]
    for rule, place in _places(spec, media[1], (), (), Counter()):
        if rule in rules and (found := _found(spec, check, bases, rule, place)) is not None:
            rules.discard(rule)
            yield found


def breaking_query(spec: Spec, operation: Operation, rules: set[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield for each of some rules of query parameters a query that breaks it; nothing for a rule that no text was found for."""
    for node, _ in named_parameters(spec, operation):
        for text in _TEXTS if node["in"] == "query" and operation.check_parameters else ():
            found = parameters.read(
                operation, dict.fromkeys(_on_the_path(operation), "a"), Request("GET", "/", urlencode({node["name"]: text}))
            )
            broken = operation.check_parameters.broken(found) if operation.check_parameters else frozenset()
            for rule in sorted(broken & rules):
                rules.discard(rule)
                yield rule, {node["name"]: text}


def _on_the_path(operation: Operation) -> list[str]:
    return [parameter.name for parameter in operation.parameters if parameter.location == "path"]


def _found(spec: Spec, check: Check, bases: list[Any], rule: str, place: Path) -> Broken | None:
    """Look for the wrong value that breaks the fewest rules beside this one."""
    best: tuple[int, Any] | None = None
    for base in bases:
        for wrong in _WRONG:
            body = put(base, place, wrong)
            broken = check.broken(body)
            if rule in broken and (best is None or len(broken) < best[0]):
                best = len(broken), body
    if best is not None:
        return Broken(rule, best[1])
    alone = spec.check(rule.rpartition("/")[0])
    admitted = any(
        rule in alone.broken(wrong) and check.ok(put(base, place, wrong)) for base in bases for wrong in _WRONG if wrong is not GONE
    )
    return Broken(rule, None) if admitted else None


def _places(spec: Spec, where: str, place: Path, above: tuple[str, ...], seen: Counter[str]) -> Iterator[tuple[str, Path]]:
    """Yield every keyword of a schema and of those in it, with the way to the values that it speaks of.

    What is used again and again comes with its first ways only: there may be millions.
    """
    node, where = follow(spec, where)
    if not isinstance(node, Mapping) or where in above or len(place) > DEEPEST or seen[where] == WAYS:
        return
    above = (*above, where)
    seen[where] += 1
    for keyword, value in node.items():
        yield f"{where}/{keyword}", (*place, value[0]) if keyword == "required" and value else place
        if keyword == "properties":
            for name in value:
                yield from _places(spec, _step(where, keyword, name), (*place, name), above, seen)
        elif keyword in ("allOf", "anyOf", "oneOf"):
            for index in range(len(value)):
                yield from _places(spec, f"{where}/{keyword}/{index}", place, above, seen)
        elif keyword in ("then", "else"):
            yield from _places(spec, f"{where}/{keyword}", place, above, seen)
        elif keyword == "items":
            yield from _places(spec, f"{where}/{keyword}", (*place, 0), above, seen)
        elif keyword == "additionalProperties":
            yield from _places(spec, f"{where}/{keyword}", (*place, "no-such-member"), above, seen)


def _step(where: str, keyword: str, name: str) -> str:
    return f"{where}/{keyword}/{name.replace('~', '~0').replace('/', '~1')}"


def put(value: Any, place: Path, new: Any) -> Any:
    """Write a value with another one at a place, and whatever it takes to get there; GONE takes out what is there."""
    if not place:
        return value if new is GONE else new
    step, *rest = place
    if isinstance(step, int):
        held = value if isinstance(value, list) else []
        first = put(held[0] if held else None, tuple(rest), new)
        return held[1:] if new is GONE and not rest else [first, *held[1:]]
    members = dict(value) if isinstance(value, Mapping) else {}
    if new is GONE and not rest:
        members.pop(step, None)
        return members
    return {**members, step: put(members.get(step), tuple(rest), new)}
