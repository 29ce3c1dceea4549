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
    """One walk over all links, as one caller. `walked` are those that have been followed, `found` what was lost, or is not gone.

    `over` tells that there is no time for more.
    """

    caller: Caller
    wants: Callable[[Operation], bool]
    seed: int
    over: Callable[[], bool] = lambda: False
    walked: set[tuple[str, int, str]] = field(default_factory=set)
    found: dict[tuple[str, str], Finding] = field(default_factory=dict)

    def go(self) -> None:
        """Follow every link that is left and, of each create, one that reads."""
        for operation in self.caller.spec.operations.values():
            outgoing = list(links.links(self.caller.spec, operation))
            if outgoing and "{" not in operation.path and self.wants(operation) and not self.over():
                self._begin(operation, outgoing)

    def _begin(self, operation: Operation, outgoing: list[Link]) -> None:
        for body in self._bodies(operation):
            try:
                # The second time what is sent is there already: a PUT answers with another status then.
                for outcome in (self.caller.call(operation.id, *body) for _ in range(2)):
                    self._follow(outcome, [link for link in outgoing if link.status == outcome.status and outcome.accepted])
            except NoAnswer:
                return
            if all(_key(link) in self.walked for link in outgoing):
                return

    def _bodies(self, operation: Operation) -> Iterator[tuple[Any, ...]]:
        if operation.body is None:
            yield ()
            return
        for example in operation.body.examples.values():
            yield (Shaper(self.caller).example(operation, example),)

    def _follow(self, source: Outcome, outgoing: list[Link]) -> None:
        operations = self.caller.spec.operations
        reads: list[Outcome] = []
        for link in sorted(outgoing, key=lambda link: _ORDER.get(operations[link.leads_to].method, 1)):
            filled = links.parameters(self.caller.spec, link, source)
            target = operations[link.leads_to]
            if filled is None or not self.wants(target):
                continue
            body = next(iter(self._bodies(target)), ())
            outcome = self.caller.call(target.id, *body, params={name.rpartition(".")[2]: value for name, value in filled.items()})
            if outcome.means < 400:
                self.walked.add(_key(link))
                if target.method == "DELETE":
                    self._look_again(source, outcome, reads)
                elif target.method == "GET":
                    reads.append(outcome)
            elif outcome.means in _GONE and target.method == "GET":
                self._lose(source, outcome, link)

    def _look_again(self, source: Outcome, deleted: Outcome, reads: list[Outcome]) -> None:
        """Read what was deleted as it was read before: at the same address it must be gone."""
        for read in reads:
            if read.request.path == deleted.request.path:
                again = self.caller.send(read.operation, read.request)
                if again.accepted:
                    message = f"What {deleted.operation.id} deleted is still there: {read.operation.id} answered {again.means}"
                    self._tell("ST301", message, (source, read, deleted, again), deleted.operation.where)

    def _lose(self, source: Outcome, read: Outcome, link: Link) -> None:
        message = f"What {source.operation.id} created is not there: {read.operation.id} answered {read.means}"
        self._tell("ST302", message, (source, read), link.where)

    def _tell(self, code: str, message: str, story: tuple[Outcome, ...], place: str) -> None:
        about = story[-2].operation
        page, inferred = provenance(self.caller.spec, place, about)
        steps = tuple(Step(outcome.request, outcome.answer) for outcome in story)
        got = story[-1].means
        finding = Finding(
            "conformance", code, about.id, about.where, message, None, got, page, inferred=inferred, steps=steps, seed=self.seed
        )
        self.found.setdefault((code, about.id), finding)


def _key(link: Link) -> tuple[str, int, str]:
    return link.operation, link.status, link.name
