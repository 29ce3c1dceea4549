"""Why a target says no: whether it is the cause that the document names, with its status, its code, its place and its envelope.

A Trial brings one cause about. What calls can't bring about is *shown*: a target that knows `Prefer` is asked for it by name; where
neither is to be had the trial is impossible, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import unquote

from contracts.caller import Caller, Outcome, conforms
from contracts.listing import listing
from contracts.promises import Broken, CannotTell, accepted, hold
from contracts.provocations import Provocation, provocations
from contracts.ready import known, play, ready, renewed
from contracts.scenarios import Scenario
from sandbox.causes import Cause
from sandbox.document import pointer
from sandbox.spec import Header, Operation, Spec

How = Literal["seen", "shown", "impossible"]
Recipe = Callable[[Caller], Outcome]


class Known(Protocol):
    """What is known of a provider beside its document.

    `recipes` bring a cause about, by operationId and cause; `places` tells where a refusal says that the fault is, as
    `sandbox.exchange.Problem` writes places, None where its envelope can't.
    """

    @property
    def recipes(self) -> Mapping[tuple[str, str], Recipe]:
        """The calls that bring causes about."""

    @property
    def places(self) -> Callable[[Outcome], frozenset[str]] | None:
        """Where a refusal says that the fault is."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt to bring a cause about. `check` raises Broken, and CannotTell where this target does not let it be tried.

    `operation` is the operationId it is tried with, `title` says how. `reason` is why an impossible one is; its check raises it.
    """

    operation: str
    cause: Cause
    how: How
    check: Callable[[Caller], None]
    title: str = ""
    reason: str = ""

    @property
    def name(self) -> str:
        """The cause and how it is brought about: the same in every run."""
        return f"{self.operation} {self.cause.name}: {self.title or self.reason}"


def trials(spec: Spec, provider: Known | None = None) -> tuple[Trial, ...]:
    """List the trials of a document: for each operation and each of its causes one or more."""
    return tuple(trial for operation in spec.operations.values() for trial in _trials(spec, operation, provider))


def _trials(spec: Spec, operation: Operation, provider: Known | None) -> Iterator[Trial]:
    places = provider.places if provider else None
    done: set[str] = set()
    for way in provocations(spec, operation):
        done.add(way.cause.name)
        yield Trial(operation.id, way.cause, "seen", _provoked(way, places), way.title)
    for scenario in sorted(known(spec), key=lambda one: not one.before):  # what needs no scene comes first
        cause = spec.cause(scenario.cause, operation) if scenario.cause and scenario.call.operation == operation.id else None
        if cause and not scenario.foreign and cause.name not in done:
            done.add(cause.name)
            yield Trial(operation.id, cause, "seen", _played(scenario, cause), scenario.title)
    for (name, title), recipe in provider.recipes.items() if provider else ():
        cause = spec.cause(title, operation)
        if name == operation.id and cause:
            done.add(cause.name)
            yield Trial(operation.id, cause, "seen", _cooked(recipe, cause), "a call of its own")
    for cause in {**operation.refusals, **operation.causes}.values():
        if cause.name not in done:
            yield _last_resort(operation, cause)


def _last_resort(operation: Operation, cause: Cause) -> Trial:
    """Let a cause be shown that calls don't bring about; say of the others why nothing can be done."""
    if cause.name not in operation.refusals:
        return _impossible(operation, cause, "the document has no reply for it")
    if cause.when and cause.when.kinds <= {"too-large", "media-type", "malformed"} and operation.body is None:
        return _impossible(operation, cause, f"{operation.id} takes no body")
    return Trial(operation.id, cause, "shown", _shown(operation, cause), "asked for with Prefer")


def _impossible(operation: Operation, cause: Cause, reason: str) -> Trial:
    def check(_: Caller) -> None:
        raise CannotTell(reason)

    return Trial(operation.id, cause, "impossible", check, reason=reason)


def _provoked(way: Provocation, places: Callable[[Outcome], frozenset[str]] | None) -> Callable[[Caller], None]:
    def check(caller: Caller) -> None:
        outcome = way.make(caller)
        _held(caller.spec, outcome, way.cause)
        if places and way.places and (told := places(outcome)) != way.places:
            raise Broken(f"{way.cause.name} is told at another place", sorted(way.places), sorted(told), outcome)

    return check


def _played(scenario: Scenario, cause: Cause) -> Callable[[Caller], None]:
    def check(caller: Caller) -> None:
        *before, call = renewed(caller, scenario)
        for step in before:
            accepted(play(caller, step))
        _held(caller.spec, play(caller, call), cause)

    return check


def _cooked(recipe: Recipe, cause: Cause) -> Callable[[Caller], None]:
    return lambda caller: _held(caller.spec, recipe(caller), cause)


def _shown(operation: Operation, cause: Cause) -> Callable[[Caller], None]:
    def check(caller: Caller) -> None:
        step = ready(caller, operation)
        wanted = f"cause={cause.name}"
        outcome = play(caller, step, prefer=wanted)
        if wanted not in outcome.answer.headers.get("preference-applied", ""):
            raise CannotTell("calls don't bring it about, and the target does not know Prefer")
        _held(caller.spec, outcome, cause)
        if cause.severity == "transient":
            again = play(caller, step)
            empty = again.means == 404 and listing(caller.spec, operation) is not None  # a list that has nothing may say no
            hold(
                again.accepted or empty,
                f"after {cause.name} the same call does not succeed",
                expected="success",
                got=again.means,
                outcome=again,
            )

    return check


# --- what a refusal must look like -----------------------------------------------------------------------------------------------


def refused(spec: Spec, outcome: Outcome, name: str) -> None:
    """Hold an outcome to be the refusal for a cause.

    Raises Broken, CannotTell where the target wants a pause instead, and KeyError for a cause that the operation does not have.
    """
    cause = spec.cause(name, outcome.operation)
    if cause is None:
        raise KeyError(name)
    _held(spec, outcome, cause)


def _held(spec: Spec, outcome: Outcome, cause: Cause) -> None:
    name = cause.name
    if outcome.means == 429 != cause.means:
        raise CannotTell(f"{outcome.operation.id} was called too often")
    if outcome.status != cause.status:
        raise Broken(f"the status of {name} is wrong", cause.status, outcome.status, outcome)
    for place in code_places(spec, outcome, cause):
        if outcome.at(place) != cause.code:
            raise Broken(f"the code of {name} at {place} is wrong", cause.code, outcome.at(place), outcome)
    response = spec.response(cause, outcome.operation)
    for problem in conforms(response, outcome.answer, outcome.body) if response else ():
        raise Broken(f"the envelope of {name} is wrong: {problem}", problem.expected, problem.value, outcome)
    for name, header in response.headers.items() if response else ():
        _documented(outcome, cause, name, header)
    if cause.when:
        _headers(outcome, cause)


def _documented(outcome: Outcome, cause: Cause, name: str, header: Header) -> None:
    """Hold a header to the document: it is there where it must be, and is what its schema says, as a text or as a number."""
    text = outcome.answer.headers.get(name)
    if text is None:
        hold(not header.required, f"the header {name} of {cause.name} is missing", expected=header.example, outcome=outcome)
    elif not (header.check.ok(text) or (text.isdecimal() and header.check.ok(int(text)))):
        raise Broken(f"the header {name} of {cause.name} is wrong", header.example, text, outcome)


def _headers(outcome: Outcome, cause: Cause) -> None:
    """Hold the headers that HTTP asks for in these refusals: RFC 9110, 15.5.6 and 15.4."""
    kinds, headers = cause.when.kinds if cause.when else frozenset(), outcome.answer.headers
    if "wrong-method" in kinds and cause.status == 405:
        allowed = {method.strip().upper() for method in headers.get("allow", "").split(",")}
        good = outcome.operation.method in allowed and outcome.request.method not in allowed
        hold(
            good, f"the header Allow of {cause.name} is wrong", expected=outcome.operation.method, got=headers.get("allow"), outcome=outcome
        )
    if "missing-slash" in kinds:
        there = unquote(headers.get("location", "").partition("?")[0])
        hold(
            there.endswith(f"{outcome.request.path}/"),
            "a redirect leads elsewhere",
            expected=f"{outcome.request.path}/",
            got=there,
            outcome=outcome,
        )


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
