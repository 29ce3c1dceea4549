"""Follows the document's links that no story has followed, from what the document's own examples create.

Stories are drawn, so a link may never be followed; and Schemathesis sees that what was created can't be read only where the one path
begins with the other. Both are made up for here, in a handful of calls that are the same in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts import links
from contracts.caller import Caller, Outcome
from contracts.conformance.shaping import Shaper
from contracts.findings import Finding, Step
from contracts.links import Link
from contracts.provenance import provenance
from contracts.target import NoAnswer
from sandbox.spec import Operation

_NOTHING = object()
_ORDER = {"GET": 0, "HEAD": 0, "DELETE": 2}  # what changes nothing first, what takes away last
_GONE = frozenset((404, 410))


@dataclass
class Walk:
    """One walk over all links, as one caller. `walked` are those that have been followed, `lost` what could not be read."""

    caller: Caller
    wants: Callable[[Operation], bool]
    seed: int
    walked: set[tuple[str, int, str]] = field(default_factory=set)
    lost: dict[str, Finding] = field(default_factory=dict)

    def go(self) -> None:
        """Follow every link that is left and, of each create, one that reads."""
        for operation in self.caller.spec.operations.values():
            outgoing = list(links.links(self.caller.spec, operation))
            if outgoing and "{" not in operation.path and self.wants(operation):
                self._begin(operation, outgoing)

    def _begin(self, operation: Operation, outgoing: list[Link]) -> None:
        for body in self._bodies(operation):
            try:
                # The second time what is sent is there already: a PUT answers with another status then.
                for outcome in (self.caller.call(operation.id, *body) for _ in range(2)):
                    self._follow(outcome, [link for link in outgoing if link.status == outcome.status and outcome.accepted])
            except NoAnswer:
                return
            if all(_key(link) in self.walked for link in outgoing) and operation.id not in self.lost:
                return

    def _bodies(self, operation: Operation) -> Iterator[tuple[Any, ...]]:
        if operation.body is None:
            yield ()
            return
        for example in operation.body.examples.values():
            yield (Shaper(self.caller).example(operation, example),)

    def _follow(self, source: Outcome, outgoing: list[Link]) -> None:
        operations = self.caller.spec.operations
        for link in sorted(outgoing, key=lambda link: _ORDER.get(operations[link.leads_to].method, 1)):
            filled = links.parameters(self.caller.spec, link, source)
            target = operations[link.leads_to]
            if filled is None or not self.wants(target):
                continue
            body = next(iter(self._bodies(target)), ())
            outcome = self.caller.call(target.id, *body, params={name.rpartition(".")[2]: value for name, value in filled.items()})
            if outcome.means < 400:
                self.walked.add(_key(link))
            elif outcome.means in _GONE and target.method == "GET":
                self._lose(source, outcome, link)

    def _lose(self, source: Outcome, read: Outcome, link: Link) -> None:
        page, inferred = provenance(self.caller.spec, link.where, source.operation)
        message = f"What {source.operation.id} created is not there: {read.operation.id} answered {read.means}"
        steps = tuple(Step(outcome.request, outcome.answer) for outcome in (source, read))
        self.lost.setdefault(
            source.operation.id,
            Finding(
                "conformance",
                "ST302",
                source.operation.id,
                source.operation.where,
                message,
                200,
                read.means,
                page,
                inferred=inferred,
                steps=steps,
                seed=self.seed,
            ),
        )


def _key(link: Link) -> tuple[str, int, str]:
    return link.operation, link.status, link.name
