"""Where a promise comes from: the page behind a place in a document, or that it is inferred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.document import at, escape, steps_of
from sandbox.spec import Operation, Spec


def provenance(spec: Spec, where: str, operation: Operation | None = None) -> tuple[str, bool]:
    """Find the page behind a place in a document, and whether it is inferred: what the nearest note above it says.

    `x-inferred` as a map speaks of the members and keywords that it names. A place that no note speaks of has that of the operation;
    where that has none either, as in the documents of others, the document itself is the source, and nothing is inferred.
    """
    for start in (where, operation.where if operation else ""):
        steps = steps_of(start)
        for depth in range(len(steps), -1, -1):
            node = stands(spec, steps[:depth])
            below = steps[depth:]
            if isinstance(node, Mapping) and (note := _note(node, below)) is not None:
                return note
    return "", False


def _note(node: Mapping[str, Any], below: list[str]) -> tuple[str, bool] | None:
    inferred, source = node.get("x-inferred"), node.get("x-source")
    if isinstance(inferred, Mapping) and any(step in inferred for step in below[:2]):
        return "", True
    if source is not None:
        return (source if isinstance(source, str) else str(source[0])), False
    return ("", True) if isinstance(inferred, str) else None


def stands(spec: Spec, steps: list[str]) -> Any:
    """Give what stands in a document below some steps, None where there is nothing."""
    try:
        return at(spec.tree, "".join("/" + escape(step) for step in steps))
    except KeyError:
        return None
