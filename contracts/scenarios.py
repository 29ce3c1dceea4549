"""Exchanges that are known, as data: the fixtures, read as calls of operations that any account on any target can make.

A scenario is one call with what must be there before it. The credentials of the fixture are taken off; the one who plays it shows
their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from sandbox import document
from sandbox.document import steps_of
from sandbox.spec import Operation, Spec


@dataclass(frozen=True, slots=True)
class Step:
    """One call: parameters by name (a list where the query has one several times), and the body, None for none."""

    operation: str
    params: Mapping[str, Any]
    body: Any


@dataclass(frozen=True, slots=True)
class Scenario:
    """What `before` sets up, the call, and what comes: HTTP status, and the name of the cause, None where the call is accepted.

    `foreign` tells that the fixture shows a credential which is not that of an ordinary account: the call alone does not bring its
    reply about.
    """

    name: str
    title: str
    before: tuple[Step, ...]
    call: Step
    status: int
    cause: str | None
    foreign: bool


def read(spec: Spec, folder: Path) -> Iterator[Scenario]:
    """Read the scenarios of a provider from its folder of fixtures, in the order of their names. Raises SpecError."""
    for path in sorted(folder.glob("*-*.json")):
        raw = document.read(path)
        reply = raw["reply"]
        yield Scenario(
            path.stem,
            raw["title"],
            tuple(_step(spec, step) for step in raw.get("before", ())),
            _step(spec, raw["request"]),
            reply["status"],
            reply.get("headers", {}).get("trackbed-cause"),
            foreign=not _ordinary(spec, raw["request"]),
        )


def _step(spec: Spec, raw: Mapping[str, Any]) -> Step:
    path, _, query = raw["path"].partition("?")
    methods, variables = spec.router.find(path) or ({}, {})
    operation = methods[raw["method"]]
    found = {name: values if len(values) > 1 else values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    return Step(operation.id, {**variables, **found}, _without_credential(operation, raw.get("body")))


def _without_credential(operation: Operation, body: Any) -> Any:
    if not operation.credential or not isinstance(body, Mapping):
        return body
    first = steps_of(operation.credential)[0]
    return {name: value for name, value in body.items() if name != first}


def _ordinary(spec: Spec, raw: Mapping[str, Any]) -> bool:
    """Tell whether a request shows the demonstration account, in whatever form."""
    operation = _step(spec, raw).operation
    if spec.operations[operation].credential:
        return bool(raw.get("body", {}).get(steps_of(str(spec.credential))[0]) == "sbx_demo")
    shown = " ".join(str(value) for name, value in raw.get("headers", {}).items() if name.lower() in spec.secret_headers)
    return not shown or shown.endswith("sbx_demo") or "c2J4X2RlbW86" in shown
