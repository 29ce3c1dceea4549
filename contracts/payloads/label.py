"""What a payload is called and what must be answered: read from the document by the problems that the request has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from contracts.payloads.payload import Expected, Verdict
from contracts.payloads.schema import RequestSchema
from sandbox import document
from sandbox.document import steps_of
from sandbox.exchange import Problem
from sandbox.spec import Operation, Spec

ACCEPTED = (200, 201, 202, 204)
REFUSED = (400, 422)
_ELSEWHERE = frozenset((401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 423, 425, 426, 428, 429, 431, 451))
_SHOWN = 40
_written = json.JSONEncoder(ensure_ascii=False).encode


def place_of(steps: tuple[Any, ...]) -> str:
    """Write the place of a request's part as `sandbox.exchange.Problem` does."""
    location, *rest = (str(step) for step in steps) if steps else ("body",)
    tail = "".join("/" + document.escape(step) for step in rest)
    if location == "body":
        return tail
    return f"{location}:{tail[1:]}" if rest else location


@lru_cache(maxsize=4096)
def name_of(place: str) -> str:
    """Write a place as a part of an id: steps joined by points."""
    location, colon, rest = place.partition(":") if not place.startswith("/") and place else ("", "", "")
    steps = [location, *rest.split("/")] if colon else steps_of(place)
    plain = [re.sub(r"[^\w.$@+-]+", "_", step) or "_" for step in steps]
    return ".".join(step[:60] for step in plain) or "body"


def accepted(spec: Spec, operation: Operation) -> Expected:
    """Say what a good request is answered with: a documented success."""
    statuses = tuple(status for status in operation.responses if 200 <= status < 300) or ACCEPTED
    return Expected(statuses, means=spec.accepted["in"][0] if spec.accepted else statuses[0])


def refused(spec: Spec, operation: Operation, problems: tuple[Problem, ...], place: str) -> tuple[Expected, str]:
    """Say what a bad request is answered with, and how hard the refusal is."""
    cause = spec.cause_for("invalid", operation, None, problems)
    if cause is not None:
        return Expected((cause.status,), cause.name, cause.code, cause.means, place), cause.severity
    documented = [status for status in operation.responses if 400 <= status < 500]
    fitting = [status for status in documented if status not in _ELSEWHERE] or list(REFUSED)
    if place.startswith("path:") and 404 in documented:  # a path that means nothing may as well not be there
        fitting.append(404)
    return Expected(tuple(fitting), means=fitting[0], place=place), "hard"


def forbidden(spec: Spec, operation: Operation, place: str) -> Expected | None:
    """Say what a credential of the body that nobody has is answered with; None where the document does not tell."""
    cause = spec.cause_for("forbidden", operation, "unknown", ())
    return Expected((cause.status,), cause.name, cause.code, cause.means, place) if cause else None


def unknown(spec: Spec, operation: Operation, place: str) -> tuple[Expected, Verdict] | None:
    """Say what a good path is answered with under which nothing may be kept; None where the document has no answer for that."""
    causes = [cause for cause in operation.causes.values() if cause.means == 404 and cause.when is None]
    if len(causes) == 1:
        cause = causes[0]
        return Expected((cause.status,), cause.name, cause.code, cause.means, place), "reject"
    if 404 in operation.responses:
        return replace(accepted(spec, operation), statuses=(*accepted(spec, operation).statuses, 404)), "either"
    return None


def title(place: str, case: str, problem: Problem | None, value: Any) -> str:
    """Write what a payload is in a sentence."""
    what = f"{place or 'the body'}: {case.replace('-', ' ')}"
    if problem is None:
        return f"{what}; {shown(value)} is allowed"
    return f"{what}; {problem.message or problem.keyword}" + ("" if problem.keyword == "required" else f", sent is {shown(value)}")


def provenance(schema: RequestSchema, rule: str, keyword: str | None) -> tuple[bool, str]:
    """Say whether a rule is inferred, and the reason or the source that the document gives for it."""
    tree = schema.spec.tree
    node, last = _holder(tree, rule)
    note = node.get("x-inferred") if isinstance(node, Mapping) else None
    if isinstance(note, str):
        return True, note
    if isinstance(note, Mapping) and (reason := note.get(keyword) or note.get(last)):
        return True, str(reason)
    if isinstance(node, Mapping) and "x-source" in node:
        return False, _first(node["x-source"])
    operation = document.at(tree, schema.operation.where)
    return False, _first(operation.get("x-source") or operation.get("externalDocs", {}).get("url", ""))


def _holder(tree: Any, rule: str) -> tuple[Any, str]:
    """Find the schema that holds a rule, and the rule's last step."""
    steps = steps_of(rule)
    for cut in range(1, 3):
        try:
            node = document.at(tree, "".join("/" + document.escape(step) for step in steps[: len(steps) - cut]))
        except KeyError:
            continue
        if isinstance(node, Mapping):
            return node, steps[len(steps) - cut] if steps else ""
    return None, ""


def _first(source: Any) -> str:
    return str(source[0] if isinstance(source, list) and source else source or "")


def shown(value: Any) -> str:
    """Write a value briefly, in ASCII with what people can read left as it is."""
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"{_written(value[:_SHOWN])[: _SHOWN - 1]}… ({len(value)} long)"
    text = _written(value)
    return (
        text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}… ({len(value) if isinstance(value, (str, list, dict)) else len(text)} long)"
    )
