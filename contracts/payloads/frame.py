"""The members that business asks for and no schema does: what the usual call has of them stands around what was derived.

The smallest request that fits a schema may be one that business refuses whatever else it holds, such as a new order without a
recipient. What is shown with it shows nothing then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from contracts.payloads import bases, doubts
from contracts.payloads.contexts import Context, Found
from contracts.payloads.recipe import USUAL
from contracts.payloads.schema import RequestSchema


class Frame:
    """Puts the members of an operation's usual call around requests that business would refuse without them."""

    def __init__(self, schema: RequestSchema) -> None:
        self._schema = schema
        self._framed: dict[Context, tuple[Context, ...]] = {}
        self._least: dict[str, Any] = {}

    def begin(self, smallest: Any) -> None:
        """Learn the body of the smallest request: what that holds may be something else in any other."""
        self._least = smallest if isinstance(smallest, dict) else {}

    @cached_property
    def usual(self) -> dict[str, Any]:
        """The body of the usual call; empty where that has none, or is no object."""
        spec, operation = self._schema.spec, self._schema.operation
        call = bases.usual_call(spec, operation, bases.ident(spec, operation, USUAL))
        return call.body if call and isinstance(call.body, dict) else {}

    def around(self, found: Found) -> Found:
        """Put what is missing around a request; it stays as it is where nothing is, or where the document would judge it otherwise."""
        return self._filled(self._contexts(found.context), found.value, accepted=found.accepted) or found

    def filled(self, context: Context, value: Any, *, accepted: bool) -> Found | None:
        """Write a value in an open place, with what is missing around it if it can be; None where the document judges it otherwise."""
        return self._filled((*self._contexts(context), context), value, accepted=accepted)

    def _filled(self, contexts: tuple[Context, ...], value: Any, *, accepted: bool) -> Found | None:
        for context in contexts:
            request = context.fill(value)
            if self._schema.ok(request) is accepted:
                return Found(request, value, context.steps, context, accepted)
        return None

    def beside(self, found: Found) -> Found:
        """Put a refused request among the members of the usual call, its twin then; it stays as it is where other rules break there."""
        context = self._opening(found.context, self._own(found.context)) if self._is_within(found.context) else None
        if context is None:
            return found
        request = context.fill(found.value)
        before, behind = ([(one.place, one.rule) for one in self._schema.problems(each)] for each in (found.request, request))
        return found._replace(request=request, context=context) if before == behind else found

    def _contexts(self, context: Context) -> tuple[Context, ...]:
        """Put what is missing around an open place within a body, the fewest members first; nothing where nothing is missing."""
        framed = self._framed.get(context)
        if framed is None:
            framed = self._framed[context] = tuple(self._frames(context)) if self._is_within(context) else ()
        return framed

    def _frames(self, context: Context) -> Iterator[Context]:
        spec, operation, body = self._schema.spec, self._schema.operation, context.request["body"]
        if not doubts.forbids(spec, operation, body):
            return
        for members in (self._own(context), body):
            opening = self._opening(context, members)
            if not doubts.forbids(spec, operation, opening.request["body"]):
                yield opening

    def _opening(self, context: Context, members: Mapping[str, Any]) -> Context:
        return replace(context, request={**context.request, "body": self.usual | dict(members)})

    def _own(self, context: Context) -> dict[str, Any]:
        """Take the members of a body that are not there for the sake of the smallest request alone."""
        return {
            name: value for name, value in context.request["body"].items() if name == context.steps[1] or self._least.get(name) != value
        }

    @staticmethod
    def _is_within(context: Context) -> bool:
        return len(context.steps) > 1 and context.steps[0] == "body" and isinstance(context.request["body"], dict)
