"""The usual call of an operation: what every edit starts from, and what the edited payloads name as their twin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from contracts.bodies import media_type_of, query_of
from contracts.payloads.drafts import draft_of
from contracts.payloads.labels import accepted, origin
from contracts.payloads.payload import Draft, Payload, Step
from contracts.payloads.recipe import SANDBOX, USUAL, Call, Recipe, World
from contracts.payloads.recipes import RECIPES
from sandbox import document, parameters
from sandbox.exchange import Problem, Request
from sandbox.spec import Operation, Spec


@dataclass(frozen=True, slots=True)
class Base:
    """A call as a draft, and what sets its scene."""

    draft: Draft
    before: tuple[Step, ...] = ()


def recipes(spec: Spec, operation: Operation) -> tuple[Recipe, ...]:
    """Give the recipes of an operation; none for a document that nobody wrote any for, or that has no causes to bring about."""
    return tuple(recipe for recipe in RECIPES.get(spec.name, ()) if recipe.operation == operation.id and spec.causes)


def ident(spec: Spec, operation: Operation, name: str) -> str:
    """Write the id of a payload."""
    return f"{spec.name}.{operation.id}.{name}"


def base(spec: Spec, operation: Operation, call: Call) -> Base:
    """Write a call as a base."""
    return Base(draft_of(spec, Step(operation.id, call.params, call.body)), call.before)


def usual(spec: Spec, operation: Operation, owner: str, world: World = SANDBOX) -> Base | None:
    """Make the usual call for the payload `owner` as a base; None where there is none (see `usual_call`)."""
    call = usual_call(spec, operation, owner, world)
    return base(spec, operation, call) if call else None


def usual_call(spec: Spec, operation: Operation, owner: str, world: World = SANDBOX) -> Call | None:
    """Make the usual call for the payload `owner`.

    None where there is no body for an operation that needs one: none is shown, or we do not write what it takes.
    """
    for recipe in recipes(spec, operation):
        if recipe.name == USUAL:
            return world.call(recipe, owner)
    body = _example(operation) if media_type_of(operation) else None
    if body is None and operation.body and operation.body.required:
        return None
    return Call(body, dict(_parameters(spec, operation)))


def twin(spec: Spec, operation: Operation, world: World = SANDBOX) -> Payload | None:
    """Make the payload that is the usual call itself; None where there is none (see `usual_call`)."""
    name = ident(spec, operation, USUAL)
    found = usual(spec, operation, name, world)
    if found is None:
        return None
    title = next((recipe.title for recipe in recipes(spec, operation) if recipe.name == USUAL), "The call as the document shows it")
    source, inferred = origin(spec, operation.where)
    return Payload(
        name,
        title,
        "valid",
        operation.id,
        found.draft,
        "accept",
        accepted(operation),
        "",
        operation.where,
        inferred=inferred,
        source=source,
        before=found.before,
    )


def _example(operation: Operation) -> Any:
    """Take the first example of a body that is valid; None where there is none."""
    if operation.body is None:
        return None
    check = next(iter(operation.body.media.values()), None)
    return next((value for value in (*operation.body.examples.values(), {}) if check is None or check.ok(value)), None)


def _parameters(spec: Spec, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Find values for the parameters that a call must have."""
    nodes = [*_nodes(spec, operation)]
    for parameter in operation.parameters:
        node = next((node for node in nodes if node["in"] == parameter.location and node["name"].lower() == parameter.name.lower()), {})
        if parameter.location == "path" or node.get("required"):
            yield parameter.name, _value(spec, node)


def _nodes(spec: Spec, operation: Operation) -> Iterator[Mapping[str, Any]]:
    item = operation.where.rpartition("/")[0]
    for where in (f"{operation.where}/parameters", f"{item}/parameters"):
        try:
            listed = document.at(spec.tree, where)
        except KeyError:
            continue
        for node in listed:
            yield document.at(spec.tree, node["$ref"][1:]) if "$ref" in node else node


def _value(spec: Spec, node: Mapping[str, Any]) -> Any:
    """Take the example of a parameter, else the smallest value of its type."""
    schema = node.get("schema", {})
    while "$ref" in schema:
        schema = document.at(spec.tree, schema["$ref"][1:])
    named: Mapping[str, Any] = next(iter(node.get("examples", {}).values()), {})
    for found in (
        node.get("example"),
        named.get("value"),
        *schema.get("examples", ()),
        schema.get("example"),
        schema.get("default"),
        *schema.get("enum", ()),
    ):
        if found is not None:
            return found
    return schema.get("minimum", 1) if schema.get("type") in ("integer", "number") else "x" * schema.get("minLength", 1)


# --- queries -----------------------------------------------------------------------------------------------------------------


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Read a query."""
    return parse_qsl(query, keep_blank_values=True)


def query_with(query: str, name: str, value: Any) -> str:
    """Add a parameter to a query."""
    added = query_of({name: value})
    return f"{query}&{added}" if query else added


def query_without(query: str, name: str) -> str:
    """Take a parameter out of a query."""
    return urlencode([pair for pair in query_pairs(query) if pair[0] != name])


def parameter_problems(operation: Operation, draft: Draft) -> tuple[Problem, ...]:
    """Say what is wrong with the parameters of a draft whose path is that of the operation."""
    if operation.check_parameters is None:
        return ()
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    values = [value for part, value in zip(operation.path.split("/"), draft.path.split("/"), strict=True) if part.startswith("{")]
    request = Request(draft.method, draft.path, draft.query, draft.headers)
    return operation.check_parameters.problems(parameters.read(operation, dict(zip(names, values, strict=True)), request))
