"""Payloads from business: what no schema states, and only the provider knows, with what must be there before.

They come from three places: the recipes of a provider, its fixtures (exchanges that are known, as data), and the standing of accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from contracts import scenarios
from contracts.payloads import bases, labels
from contracts.payloads.drafts import draft_of
from contracts.payloads.payload import Payload, Shows, Step
from contracts.payloads.recipe import SANDBOX, USUAL, Recipe, World
from contracts.payloads.recipes import RECIPES
from contracts.scenarios import Scenario
from sandbox.causes import Cause
from sandbox.resources import FIXTURES
from sandbox.spec import Operation, Spec

# An account's standing: what the sandbox shows it by, and the fault that it is.
STANDINGS: tuple[tuple[Shows, str, str, str], ...] = (
    ("revoked", "unauthenticated", "revoked", "A credential that was good once"),
    ("denied", "forbidden", "denied", "A credential that is known and has no rights"),
    ("readonly", "forbidden", "readonly", "A credential that may only read"),
)


def payloads(spec: Spec, operation: Operation, world: World = SANDBOX) -> Iterator[Payload]:
    """Give the business payloads of an operation; none for a document that nobody wrote recipes for."""
    if spec.name not in RECIPES or not spec.causes:
        return
    for recipe in bases.recipes(spec, operation):
        if recipe.name != USUAL:  # it is the twin of many and comes with the payloads from the wire
            yield _cooked(spec, operation, recipe, world)
    yield from _standings(spec, operation, world)
    yield from _fixtures(spec, operation)


def _cooked(spec: Spec, operation: Operation, recipe: Recipe, world: World) -> Payload:
    name = bases.ident(spec, operation, recipe.name)
    made = bases.base(spec, operation, world.call(recipe, name))
    cause = _cause(spec, operation, recipe.cause)
    payload = Payload(
        name,
        recipe.title,
        "business",
        operation.id,
        replace(made.draft, credential=recipe.credential),
        "accept",
        labels.accepted(operation),
        recipe.place,
        operation.where,
        before=made.before,
        needs=recipe.needs,
    )
    return payload if cause is None else _refused(spec, operation, payload, cause, recipe.twin)


def _cause(spec: Spec, operation: Operation, name: str | None) -> Cause | None:
    """Find the cause that a recipe names. Raises KeyError for one that the document does not have."""
    if name is None:
        return None
    cause = spec.cause(name, operation)
    if cause is None:
        raise KeyError(f"{operation.id} has no cause {name!r}")
    return cause


def _refused(spec: Spec, operation: Operation, payload: Payload, cause: Cause, twin: str) -> Payload:
    source, inferred = labels.origin(spec, cause.where)
    return replace(
        payload,
        verdict="reject",
        expected=labels.caused(cause, payload.place or None),
        rule=cause.where,
        severity=cause.severity,
        inferred=inferred,
        source=source,
        twin=bases.ident(spec, operation, twin),
    )


def _standings(spec: Spec, operation: Operation, world: World) -> Iterator[Payload]:
    if not operation.secured:
        return
    for shows, kind, reason, title in STANDINGS:
        if shows == "readonly" and not any(need.roles - {"read"} for need in operation.needs):
            continue
        cause = spec.cause_for(kind, operation, reason)
        name = bases.ident(spec, operation, f"credential.{shows}")
        found = bases.usual(spec, operation, name, world)
        if cause is None or found is None:
            continue
        payload = Payload(
            name,
            title,
            "business",
            operation.id,
            replace(found.draft, credential=shows),
            "reject",
            labels.caused(cause, None),
            spec.credential or "",
            cause.where,
            before=found.before,
            needs="sandbox",
        )
        yield _refused(spec, operation, payload, cause, USUAL)


# --- fixtures ----------------------------------------------------------------------------------------------------------------


def _fixtures(spec: Spec, operation: Operation) -> Iterator[Payload]:
    """Tell the known exchanges of an operation. They play in the scene of a fresh account, with the identifiers that it has."""
    known = [scenario for scenario in _scenarios(spec) if scenario.call.operation == operation.id and not scenario.foreign]
    for scenario in known:
        yield _known(spec, operation, scenario, known)


@lru_cache(maxsize=16)
def _scenarios(spec: Spec) -> tuple[Scenario, ...]:
    return tuple(scenarios.read(spec, FIXTURES / spec.name))


def _known(spec: Spec, operation: Operation, scenario: Scenario, known: list[Scenario]) -> Payload:
    cause = _cause(spec, operation, scenario.cause)
    expected = labels.accepted(operation)
    payload = Payload(
        bases.ident(spec, operation, f"known.{_case(scenario)}"),
        scenario.title,
        "business",
        operation.id,
        draft_of(spec, _step(scenario.call)),
        "accept",
        replace(expected, statuses=(scenario.status,)),
        "",
        operation.where,
        before=tuple(map(_step, scenario.before)),
        needs="scene",
    )
    if cause is None:
        return payload
    nearest = min((other for other in known if other.cause is None), key=lambda other: _distance(scenario, other), default=None)
    return _refused(spec, operation, payload, cause, f"known.{_case(nearest)}" if nearest else USUAL)


def _case(scenario: Scenario) -> str:
    return scenario.name.partition("-")[2]


def _step(step: scenarios.Step) -> Step:
    return Step(step.operation, step.params, step.body)


def _distance(one: Scenario, other: Scenario) -> int:
    """Count the leaves in which two calls differ."""
    mine, theirs = (set(_leaves((scenario.call.params, scenario.call.body), ())) for scenario in (one, other))
    return len(mine ^ theirs)


def _leaves(value: object, path: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    else:
        yield (*path, repr(value))
