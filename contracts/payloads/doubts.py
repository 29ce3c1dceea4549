"""Payloads that a schema allows and business may refuse: a carrier of the right form that nobody knows, a filter that nothing passes.

Where a document says which members keep clear of a cause (`avoid`), or a provider's recipes do, a payload about such a member may be
accepted or refused for that cause; it is always the same one of the two. Recipes can tell of a body whether the cause may strike it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from contracts.payloads.payload import Draft, Expected, Payload
from contracts.payloads.recipe import Doubt
from contracts.payloads.recipes import DOUBTS
from sandbox import codec
from sandbox.causes import Cause
from sandbox.document import steps_of
from sandbox.spec import Operation, Spec


def doubted(spec: Spec, operation: Operation, payload: Payload, *, shared: bool = False) -> Payload:
    """Label a payload that a schema allows as one that may be refused, where a cause of business may strike; else give it back.

    `shared` is for an account that took other payloads before.
    """
    if payload.verdict != "accept" or payload.before:
        return payload
    body = _body(payload.draft)
    causes = striking(spec, operation, payload.place, payload.draft, body, drawn=payload.kind == "random", shared=shared)
    return replace(payload, verdict="either", expected=either(payload.expected, causes)) if causes else payload


def either(expected: Expected, causes: tuple[Cause, ...]) -> Expected:
    """Say what is answered to a call that may be accepted as `expected` or be refused for one of some causes."""
    statuses = tuple(sorted({*expected.statuses, *(cause.status for cause in causes)}))
    only = causes[0] if len(causes) == 1 else None
    name, code = (only.name, only.code) if only else (None, None)
    return replace(expected, statuses=statuses, cause=name, code=code)


def striking(  # noqa: PLR0913 - whose call, about what, and where it goes
    spec: Spec, operation: Operation, place: str, draft: Draft, body: Any, *, drawn: bool = False, shared: bool = False
) -> tuple[Cause, ...]:
    """Find the causes that may strike a call which is about a place. One that is `drawn` or about its body is about all it holds.

    `body` is what the draft's body says, None for none.
    """
    if place and not drawn:
        about = _about(spec, operation.id, place)
    else:
        avoided, known = _avoided(spec, operation.id), _known(spec, operation.id)
        about = (
            *(doubt for doubt in avoided if _within(place, doubt.place) or (drawn and _holds(draft, doubt.place))),
            *(doubt for doubt in known if _within(place, doubt.place) or _holds(draft, doubt.place)),
        )
    if not about:
        return ()
    struck = {doubt.cause for doubt in about if shared >= doubt.shared and (doubt.when is None or doubt.when(body))}
    return tuple(operation.causes[name] for name in sorted(struck)) if struck else ()


def forbids(spec: Spec, operation: Operation, body: Mapping[str, Any]) -> bool:
    """Tell whether a cause may strike a call for what its body holds or lacks, whatever it is about."""
    return any(doubt.when(body) for doubt in _known(spec, operation.id) if doubt.when and not doubt.place)


@lru_cache(maxsize=64)
def _avoided(spec: Spec, name: str) -> tuple[Doubt, ...]:
    """List the doubts about an operation that its document tells, but for causes of which recipes know more."""
    known = {doubt.cause for doubt in _known(spec, name)}
    causes = [cause for cause in spec.operations[name].causes.values() if cause.name not in known]
    return tuple(Doubt(name, cause.name, pointer) for cause in causes for pointer in cause.avoid)


@lru_cache(maxsize=64)
def _known(spec: Spec, name: str) -> tuple[Doubt, ...]:
    """List the doubts about an operation that only recipes tell."""
    return tuple(doubt for doubt in DOUBTS.get(spec.name, ()) if doubt.operation == name)


@lru_cache(maxsize=1024)
def _about(spec: Spec, name: str, place: str) -> tuple[Doubt, ...]:
    return tuple(doubt for doubt in (*_avoided(spec, name), *_known(spec, name)) if not doubt.place or _within(place, doubt.place))


def _body(draft: Draft) -> Any:
    """Read what a draft holds; nothing where that is no JSON."""
    try:
        return codec.load(draft.body or b"null")
    except ValueError:
        return None


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
