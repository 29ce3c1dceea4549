"""Payloads that a schema allows and business may refuse: a carrier of the right form that nobody knows, a filter that nothing passes.

Where a document says which members keep clear of a cause (`avoid`), or a provider's recipes do, a payload about such a member may be
accepted or refused for that cause; it is always the same one of the two.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from contracts.payloads.payload import Expected, Payload
from contracts.payloads.recipes import DOUBTS
from sandbox import codec
from sandbox.causes import Cause
from sandbox.document import steps_of
from sandbox.spec import Operation, Spec


def doubted(spec: Spec, operation: Operation, payload: Payload) -> Payload:
    """Label a payload that a schema allows as one that may be refused, where a cause of business may strike; else give it back."""
    if payload.verdict != "accept" or payload.before:
        return payload
    whole = payload.kind == "random" or not payload.place
    causes = _striking(spec, operation, payload) if whole else _striking_at(spec, operation.id, payload.place)
    return replace(payload, verdict="either", expected=_either(payload.expected, causes)) if causes else payload


@lru_cache(maxsize=256)
def _either(expected: Expected, causes: tuple[Cause, ...]) -> Expected:
    statuses = tuple(sorted({*expected.statuses, *(cause.status for cause in causes)}))
    only = causes[0] if len(causes) == 1 else None
    name, code = (only.name, only.code) if only else (None, None)
    return replace(expected, statuses=statuses, cause=name, code=code)


@lru_cache(maxsize=1024)
def _striking_at(spec: Spec, name: str, place: str) -> tuple[Cause, ...]:
    """Find what may strike a payload that is about one place, whatever else it holds."""
    operation = spec.operations[name]
    avoided = [cause for cause in operation.causes.values() if any(_within(place, pointer) for pointer in cause.avoid)]
    doubts = [one for one in DOUBTS.get(spec.name, ()) if one.operation == name and (not one.place or _within(place, one.place))]
    return tuple({cause.name: cause for cause in (*avoided, *(operation.causes[one.cause] for one in doubts))}.values())


def _striking(spec: Spec, operation: Operation, payload: Payload) -> tuple[Cause, ...]:
    """Find what may strike a payload that is about all that its body holds."""
    found = {}
    for cause in operation.causes.values():
        if any(_within(payload.place, pointer) or (payload.kind == "random" and _is_about(payload, pointer)) for pointer in cause.avoid):
            found[cause.name] = cause
    for doubt in DOUBTS.get(spec.name, ()):
        if doubt.operation == operation.id and _is_about(payload, doubt.place):
            found[doubt.cause] = operation.causes[doubt.cause]
    return tuple(found.values())


def _is_about(payload: Payload, place: str) -> bool:
    """Tell whether a payload is about a place; one that is drawn or about the whole body is about all that the body holds."""
    if not place or _within(payload.place, place):
        return True
    if payload.kind != "random" and payload.place:
        return False
    location, _, name = place.partition(":")
    if name:
        return location == "query" and name in payload.draft.query
    return codec.dump(steps_of(place)[0]) in (payload.draft.body or b"")


def _within(place: str, outer: str) -> bool:
    return f"{place}/".startswith(f"{outer}/")
