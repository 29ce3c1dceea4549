"""What a run created on a target, and how it is removed again: by the delete operation that a link of the document leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.findings import Step
from contracts.links import Link, links, parameters
from contracts.run.manners import ENDINGS
from contracts.run.results import Left
from contracts.target import NoAnswer
from sandbox import codec
from sandbox.exchange import Request
from sandbox.spec import Spec

MAX_KEPT = 20_000
_Key = tuple[str, str]


@dataclass
class Leavings:
    """Hears what is created, and forgets what is deleted again. What was there before the run is never taken for its own."""

    spec: Spec
    _left: dict[_Key, tuple[Link, Mapping[str, Any], Caller]] = field(default_factory=dict)
    _made: dict[str, Step] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._links = {operation.id: tuple(links(self.spec, operation)) for operation in self.spec.operations.values()}

    def hear(self, outcome: Outcome, caller: Caller) -> None:
        """Take one exchange of a caller in."""
        if not outcome.accepted or outcome.request.method != outcome.operation.method:
            return
        if outcome.operation.method == "DELETE":
            variables = (self.spec.router.find(outcome.request.path) or ({}, {}))[1]
            self._left.pop(_key(outcome.operation.id, variables), None)
        elif outcome.operation.creates and len(self._left) < MAX_KEPT and (outcome.operation.method == "POST" or outcome.status == 201):
            self._take(outcome, caller)

    def remove(self, called: Callable[[], None] = lambda: None) -> tuple[tuple[str, ...], tuple[Left, ...]]:
        """Delete what can be deleted, as the one who created it. Gives what was removed and what is left, each once."""
        removed, left = [], []
        for (operation, key), (link, values, caller) in list(self._left.items()):
            called()
            if self._delete(link, values, caller):
                removed.append(f"{operation} {key}")
            else:
                left.append(Left(link.operation, key))
        return tuple(removed), tuple(left)

    def _take(self, outcome: Outcome, caller: Caller) -> None:
        found = [link for link in self._links[outcome.operation.id] if link.status == outcome.status]
        removers = [link for link in found if self.spec.operations[link.leads_to].method == "DELETE"]
        for link in removers or found[:1]:
            values = parameters(self.spec, link, outcome)
            if values is not None:
                self._left[_key(link.leads_to, values)] = (link, values, caller)
                self._made |= dict.fromkeys(map(str, values.values()), Step(outcome.request, outcome.answer))

    def origins(self, request: Request) -> tuple[Step, ...]:
        """Find the calls that created what a request names in its path."""
        steps = (self._made[part] for part in request.path.split("/") if part in self._made)
        return tuple({id(step): step for step in steps}.values())

    def _delete(self, link: Link, values: Mapping[str, Any], caller: Caller) -> bool:
        if self.spec.operations[link.leads_to].method != "DELETE":
            return False
        try:
            outcome = caller.call(link.leads_to, params=values)
        except (NoAnswer, ValueError, *ENDINGS):  # once one of them ended it, nothing more is sent
            return False
        return outcome.accepted or outcome.means in (404, 410)


def _key(operation: str, values: Mapping[str, Any]) -> _Key:
    return operation, codec.dump({name: str(value) for name, value in sorted(values.items())}).decode()
