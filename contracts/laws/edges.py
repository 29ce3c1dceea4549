"""The law of edges: what a schema allows up to its edge is taken up to it, and what lies a step beyond it, or beside it, is refused.

The values are those of the document's own examples, changed in one place. Where the edges are is asked of the document's validator:
a value that goes too far is told how far it may go. What a business rule says to a value is not known, so one at the edge has to be
taken only where its neighbour towards the middle is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.court.reference import request_valid
from contracts.listing import listing
from contracts.promises import Broken, CannotTell
from contracts.provenance import provenance
from contracts.ready import examples, fresh, play, put, ready
from contracts.scenarios import Step
from sandbox.document import pointer
from sandbox.exchange import Problem
from sandbox.spec import Operation

FAR = 20_000  # characters: more than any text has that is not a file
MANY = 2_000  # elements
WIDE = "𝄞"  # beyond sixteen bits
_FARTHEST = 10**30
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Kind = Literal["edge", "beyond"]


@dataclass(frozen=True, slots=True)
class Probe:
    """A value for one place; `what` says what it is. At an `edge` it is allowed, with a neighbour towards the `middle`; `beyond` it is not.

    `rule` is the JSON pointer of the keyword that makes the edge; empty where only the value itself tells which it breaks.
    """

    kind: Kind
    place: str
    value: Any
    what: str
    middle: Any = None
    rule: str = ""


def values_end_where_the_schema_says(operation: Operation, caller: Caller) -> None:
    """A value of an example is taken up to the edge that the schema documents, and refused beyond it and where it is only nearly right."""
    _try_all(caller, operation, inferred=False)


def values_end_where_the_schema_supposes(operation: Operation, caller: Caller) -> None:
    """A value of an example is taken up to the edge that the schema infers, and refused beyond it and where it is only nearly right."""
    _try_all(caller, operation, inferred=True)


def _try_all(caller: Caller, operation: Operation, *, inferred: bool) -> None:
    seen: set[tuple[str, str]] = set()
    tried = False
    for body in examples(caller.spec, operation):
        try:
            step = ready(caller, operation, body)
        except CannotTell:
            continue
        if not _taken(caller, operation, step):
            continue  # an example may need what is not there
        tried = True
        for probe in _probes(caller, operation, step.body):
            key = (re.sub(r"/[0-9]+(?=/|$)", "/*", probe.place), probe.what)
            problems = _problems(caller, operation, put(step.body, probe.place, probe.value))
            rule = probe.rule or (problems[0].rule if problems else "")
            if key in seen or bool(problems) != (probe.kind == "beyond") or provenance(caller.spec, rule, operation)[1] != inferred:
                continue
            seen.add(key)
            _try(caller, operation, step, probe)
    if not tried:
        raise CannotTell(f"no example of {operation.id} is taken")


def _taken(caller: Caller, operation: Operation, step: Step) -> bool:
    """Tell whether a call is taken; a list that has nothing may say no."""
    outcome = play(caller, step)
    return outcome.accepted or (outcome.means == 404 and listing(caller.spec, operation) is not None)


def _try(caller: Caller, operation: Operation, step: Step, probe: Probe) -> None:
    outcome, problems = _sent(caller, operation, step, probe.place, probe.value)
    if outcome.means == 429:
        raise CannotTell(f"{operation.id} was called too often")
    try:
        if probe.kind == "edge":
            _hold_taken(caller, operation, step, probe, outcome)
        else:
            _hold_refused(caller, operation, probe, outcome, problems)
    except Broken:
        if request_valid(caller.spec, operation, outcome.request) is (probe.kind == "edge"):
            raise  # else the two validators do not agree, and nobody can be blamed


def _hold_taken(caller: Caller, operation: Operation, step: Step, probe: Probe, outcome: Outcome) -> None:
    if not outcome.accepted and _sent(caller, operation, step, probe.place, probe.middle)[0].accepted:
        raise Broken(f"{probe.what} at {probe.place} is refused", "an accepted call", outcome.means, outcome)


def _hold_refused(caller: Caller, operation: Operation, probe: Probe, outcome: Outcome, problems: tuple[Problem, ...]) -> None:
    if outcome.accepted or outcome.means >= 500:
        raise Broken(f"{probe.what} at {probe.place} is not refused", "a refusal", outcome.means, outcome)
    causes = {caller.spec.cause_for("invalid", operation, None, (problem,)) for problem in problems}
    if len(causes) == 1 and (cause := causes.pop()):
        refused(caller.spec, outcome, cause.name)


def _sent(caller: Caller, operation: Operation, step: Step, place: str, value: Any) -> tuple[Outcome, tuple[Problem, ...]]:
    """Send an example with another value in one place; gives the answer, and what the document has against it."""
    body = put(fresh(caller, operation, step.body), place, value)
    return play(caller, Step(step.operation, step.params, body)), _problems(caller, operation, body)


def _problems(caller: Caller, operation: Operation, body: Any) -> tuple[Problem, ...]:
    if operation.body is None:
        return ()
    shown = caller.shown(operation).body if operation.credential else {}
    return next(iter(operation.body.media.values())).problems({**shown, **body} if isinstance(body, Mapping) else body)


# --- where the edges are -------------------------------------------------------------------------------------------------------


def _probes(caller: Caller, operation: Operation, body: Any) -> Iterator[Probe]:
    """Find the edges of every value in a body."""
    for place, value in _places("", body):
        extremes = _extremes(value)
        found = [problem for extreme in extremes for problem in _problems(caller, operation, put(body, place, extreme))]
        edges = {problem.keyword: problem for problem in found if problem.place == place}
        yield Probe("beyond", place, None, "null")
        if isinstance(value, str):
            yield from _of_text(caller, place, value, edges)
        elif isinstance(value, list):
            yield from _of_list(place, value, edges.get("maxItems"))
        elif extremes:
            yield from _of_number(place, value, edges)


def _extremes(value: Any) -> tuple[Any, ...]:
    """Give values of the same kind that go as far as any rule; nothing for what has no edges."""
    if isinstance(value, str):
        return "", "x" * FAR
    if isinstance(value, list) and value and not isinstance(value[0], dict | list):  # thousands of those cost more than they tell
        return ((value * MANY)[:MANY],)
    return (-_FARTHEST, _FARTHEST) if isinstance(value, int | float) and not isinstance(value, bool) else ()


def _places(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the places of a JSON value below its root; of a list the first element stands for all."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _places(place + pointer(name), inner)
    elif isinstance(value, list) and value:
        yield from _places(f"{place}/0", value[0])
    if place:
        yield place, value


def _of_text(caller: Caller, place: str, value: str, edges: Mapping[str, Problem]) -> Iterator[Probe]:
    if longest := edges.get("maxLength"):
        most, rule = longest.expected, longest.rule
        start = caller.unique()[-most:]
        middle = start.ljust(most // 2, "x")
        yield Probe("edge", place, start.ljust(most, "x"), f"a text of {most} characters", middle, rule)
        yield Probe("edge", place, start.ljust(most, WIDE), f"a text of {most} characters, most of four bytes", middle, rule)
        yield Probe("beyond", place, start.ljust(most + 1, "x"), f"a text of {most + 1} characters")
    if shortest := edges.get("minLength"):
        yield Probe("beyond", place, value[: shortest.expected - 1], f"a text of {shortest.expected - 1} characters")
    for what, near in _near(value):
        yield Probe("beyond", place, near, what)


def _near(text: str) -> Iterator[tuple[str, str]]:
    """Write what could be taken for a text by mistake."""
    yield "the other letter case", text.swapcase()
    yield "a line break behind it", f"{text}\n"
    yield "a blank before it", f" {text}"
    yield "something before it", f"!{text}"
    yield "something behind it", f"{text}!"
    if _DATE.fullmatch(text):
        yield "a date with a time", f"{text}T00:00:00Z"
        yield "a day that no month has", f"{text[:8]}32"
    elif _DATE.match(text):
        yield "a date without its time", text[:10]
        yield "a date-time without its zone", re.sub(r"(Z|[+-][0-9]{2}:[0-9]{2})$", "", text)
    if "@" in text:
        yield "an address without its sign", text.replace("@", "")
    if re.fullmatch(r"-?[0-9]+\.[0-9]+", text):
        yield "one more decimal", f"{text}5"
        yield "a comma for the point", text.replace(".", ",")


def _of_number(place: str, value: float, edges: Mapping[str, Problem]) -> Iterator[Probe]:
    for keyword, name, step in (("maximum", "greatest", 1), ("minimum", "least", -1)):
        if edge := edges.get(keyword):
            yield Probe("edge", place, edge.expected, f"the {name} number {edge.expected}", edge.expected - step, edge.rule)
            yield Probe("beyond", place, edge.expected + step, f"the number {edge.expected + step}")
    yield Probe("beyond", place, value + 0.5, "half a number more")
    yield Probe("beyond", place, str(value), "the number as a text")


def _of_list(place: str, value: list[Any], longest: Problem | None) -> Iterator[Probe]:
    if longest:
        many = longest.expected + 1
        yield Probe("beyond", place, (value * many)[:many], f"a list of {many}")
