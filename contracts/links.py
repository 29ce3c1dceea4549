"""Links of the document: where an answer leads, with its parameters filled in from the exchange (OpenAPI runtime expressions)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from contracts.caller import Outcome
from contracts.constraints import follow
from sandbox import codec
from sandbox.document import at
from sandbox.spec import Operation, Spec


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its name below a reply of an operation, the operation that it leads to, and its parameters' expressions."""

    operation: str
    status: int
    name: str
    leads_to: str
    parameters: Mapping[str, Any]
    where: str


def links(spec: Spec, operation: Operation) -> Iterator[Link]:
    """List the links of an operation's replies that name another operation of the document."""
    for status in operation.responses:
        response, where = follow(spec, f"{operation.where}/responses/{status}")
        for name in response.get("links", {}):
            node, place = follow(spec, f"{where}/links/{name}")
            if node.get("operationId") in spec.operations:
                yield Link(operation.id, status, name, node["operationId"], node.get("parameters", {}), place)


def parameters(spec: Spec, link: Link, outcome: Outcome) -> dict[str, Any] | None:
    """Fill in a link's parameters from an exchange; None where it has not all of them."""
    filled = {name: _value(spec, expression, outcome) for name, expression in link.parameters.items()}
    return None if any(value is None for value in filled.values()) else filled


def _value(spec: Spec, expression: Any, outcome: Outcome) -> Any:
    """Evaluate a runtime expression; what is none is a value itself."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    source, _, rest = expression[1:].partition(".")
    kind, _, place = rest.partition("#") if rest.startswith("body") else rest.partition(".")
    try:
        if source == "response":
            return at(outcome.body, place) if kind == "body" else outcome.answer.headers.get(place.lower())
        return _of_request(spec, kind, place, outcome)
    except (KeyError, codec.Unreadable):
        return None


def _of_request(spec: Spec, kind: str, place: str, outcome: Outcome) -> Any:
    if kind == "body":
        return at(codec.read_json(outcome.request.body), place)
    if kind == "path":
        return (spec.router.find(outcome.request.path) or ({}, {}))[1][place]
    if kind == "query":
        return parse_qs(outcome.request.query)[place][-1]
    return outcome.request.headers.get(place.lower())
