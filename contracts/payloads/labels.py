"""Labels: which answer a document promises to a fault, to a call that is right, and to one that may be taken either way.

A document without a table of causes gets what HTTP says (RFC 9110), as a set of statuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.payloads.payload import Expected
from sandbox.causes import Cause
from sandbox.document import at
from sandbox.errors import Rejection
from sandbox.spec import Operation, Spec

BY_HTTP: dict[str, tuple[int, ...]] = {
    "unauthenticated": (401, 403),
    "unknown-path": (404,),
    "wrong-method": (404, 405),
    "media-type": (400, 415),
    "malformed": (400, 422),
    "too-large": (413,),
    "invalid": (400, 422),
}
ROUTED = frozenset(("unknown-path", "missing-slash", "wrong-method"))  # these belong to no operation


def accepted(operation: Operation) -> Expected:
    """Label a call that is right: any of the operation's documented statuses of success, or any at all where it documents none."""
    return Expected(tuple(status for status in sorted(operation.responses) if 200 <= status < 300) or (200, 201, 202, 204))


def refused(spec: Spec, operation: Operation, fault: Rejection, place: str | None = None) -> Expected:
    """Label a fault of a request, which is reported at `place`."""
    cause = spec.cause_for(fault.kind, None if fault.kind in ROUTED else operation, fault.reason, fault.problems)
    return Expected(BY_HTTP[fault.kind], place=place) if cause is None else caused(cause, place)


def caused(cause: Cause, place: str | None) -> Expected:
    """Label a refusal for a cause of the document."""
    return Expected((cause.status,), cause.name, cause.code, cause.means, place)


def either(spec: Spec, operation: Operation, *kinds: str) -> Expected:
    """Label a call that may be accepted or refused for a fault of one of these kinds."""
    statuses = set(accepted(operation).statuses)
    for kind in kinds:
        statuses.update(refused(spec, operation, Rejection(kind)).statuses)
    return Expected(tuple(sorted(statuses)))


def cause_of(spec: Spec, operation: Operation, expected: Expected) -> Cause | None:
    """Find the row behind a label; None where there is none."""
    return spec.cause(expected.cause, operation) if expected.cause else None


def origin(spec: Spec, where: str) -> tuple[str, bool]:
    """Tell what an object of the document says of its origin: the page (empty for none), and whether it is inferred."""
    try:
        node: Any = at(spec.tree, where)
    except KeyError:
        return "", False
    if not isinstance(node, Mapping):
        return "", False
    source = node.get("x-source") or node.get("externalDocs", {}).get("url", "")
    return (source[0] if isinstance(source, list) else source), "x-inferred" in node and not source
