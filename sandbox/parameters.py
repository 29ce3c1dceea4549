"""Path, query and header parameters: text on the wire, typed values for everyone else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from sandbox.exchange import Problem, Request
from sandbox.spec import Operation, Parameter

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?")
_BOOLEANS = {"true": True, "false": False}


class Undecodable(ValueError):
    """A query that is no text: `problem` says which and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read(operation: Operation, variables: Mapping[str, str], request: Request) -> dict[str, dict[str, Any]]:
    """Collect the declared parameters that were sent, by location and name, typed where their text allows it.

    A text that does not fit its type stays text, and validation says so. Undeclared parameters are ignored. Raises
    Undecodable for a query that is not percent-encoded UTF-8, or holds a NUL.
    """
    query = _parse(request.query) if request.query else {}
    found: dict[str, dict[str, Any]] = {}
    for parameter in operation.parameters:
        if parameter.location == "path":
            texts = [variables[parameter.name]]
        elif parameter.location == "query":
            texts = query.get(parameter.name, [])
        else:
            texts = [request.headers[parameter.name]] if parameter.name in request.headers else []
        group = found.setdefault(parameter.location, {})  # also for a location where nothing was sent: something may be required there
        if texts:
            group[parameter.name] = typed(parameter, texts)
    return found


def _parse(query: str) -> dict[str, list[str]]:
    try:
        values = parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise Undecodable(Problem("query:", "encoding", f"is not percent-encoded UTF-8: {error}")) from None
    for name, texts in values.items():
        if any("\0" in text for text in texts):
            raise Undecodable(Problem(f"query:{name}", "encoding", "holds a NUL character, which no text may"))
    return values


def typed(parameter: Parameter, texts: list[str]) -> Any:
    """Read the texts of a parameter as its type has it; one that does not fit stays text."""
    if parameter.kind == "array":
        parts = texts if parameter.explode else texts[-1].split(",")
        return [_value(parameter.items, text) for text in parts]
    return _value(parameter.kind, texts[-1])


def _value(kind: str, text: str) -> Any:
    match kind:
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text):
            return float(text)
        case "boolean":
            return _BOOLEANS.get(text, text)
        case _:
            return text


def flat(operation: Operation, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Lay all locations together, and add the document's defaults."""
    values = {parameter.name: parameter.default for parameter in operation.parameters if parameter.has_default}
    for group in found.values():
        values.update(group)
    return values
