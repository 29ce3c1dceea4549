"""Payloads that a schema allows and business may refuse: a carrier of the right form that nobody knows, a filter that nothing passes.

Where a document says which members keep clear of a cause (`avoid`), or a provider's recipes do, a payload about such a member may be
accepted or refused for that cause; it is always the same one of the two.
"""

from __future__ import annotations

from dataclasses import replace

from contracts.payloads.payload import Draft, Expected, Payload
from contracts.payloads.recipes import DOUBTS
from sandbox import codec
from sandbox.causes import Cause
from sandbox.document import steps_of
from sandbox.spec import Operation, Spec


def doubted(spec: Spec, operation: Operation, payload: Payload) -> Payload:
    """Label a payload that a schema allows as one that may be refused, where a cause of business may strike; else give it back."""
    if payload.verdict != "accept" or payload.before:
        return payload
    causes = striking(spec, operation, payload.place, payload.draft, drawn=payload.kind == "random")
    return replace(payload, verdict="either", expected=either(payload.expected, causes)) if causes else payload


def either(expected: Expected, causes: tuple[Cause, ...]) -> Expected:
    """Say what is answered to a call that may be accepted as `expected` or be refused for one of some causes."""
    statuses = tuple(sorted({*expected.statuses, *(cause.status for cause in causes)}))
    only = causes[0] if len(causes) == 1 else None
    name, code = (only.name, only.code) if only else (None, None)
    return replace(expected, statuses=statuses, cause=name, code=code)


def striking(spec: Spec, operation: Operation, place: str, draft: Draft, *, drawn: bool = False) -> tuple[Cause, ...]:
    """Find the causes that may strike a call which is about a place. One that is `drawn` or about its body is about all it holds."""
    doubts = [doubt for doubt in DOUBTS.get(spec.name, ()) if doubt.operation == operation.id]
    if place and not drawn:
        struck = [cause for cause in operation.causes.values() if any(_within(place, pointer) for pointer in cause.avoid)]
        struck += [operation.causes[doubt.cause] for doubt in doubts if not doubt.place or _within(place, doubt.place)]
    else:
        struck = [
            cause
            for cause in operation.causes.values()
            if any(_within(place, pointer) or (drawn and _holds(draft, pointer)) for pointer in cause.avoid)
        ]
        struck += [operation.causes[doubt.cause] for doubt in doubts if _within(place, doubt.place) or _holds(draft, doubt.place)]
    return tuple({cause.name: cause for cause in struck}.values())


def _holds(draft: Draft, place: str) -> bool:
    """Tell whether a call has something at a place; an empty one is any."""
    if not place:
        return True
    location, _, name = place.partition(":")
    if name:
        return location == "query" and name in draft.query
    return codec.dump(steps_of(place)[0]) in (draft.body or b"")


def _within(place: str, outer: str) -> bool:
    return f"{place}/".startswith(f"{outer}/")
