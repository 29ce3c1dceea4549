"""What a run has proved so far: which answers came, which causes and links were seen, which rules a request has broken.

It hears every exchange of a run and keeps counts, not exchanges. What is to be made of it the certificate says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from contracts.caller import Outcome
from contracts.causes import code_places
from contracts.constraints import broken
from sandbox.causes import Cause
from sandbox.spec import Spec


@dataclass
class Evidence:
    """What was seen, by operationId. `shown` is what a target was asked for by name (`Prefer`) and did not come by itself."""

    spec: Spec
    calls: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    shown: set[tuple[str, int]] = field(default_factory=set)
    causes: set[tuple[str, str]] = field(default_factory=set)
    causes_shown: set[tuple[str, str]] = field(default_factory=set)
    broken: set[tuple[str, str]] = field(default_factory=set)
    links: set[tuple[str, int, str]] = field(default_factory=set)

    def hear(self, outcome: Outcome) -> None:
        """Take one exchange in."""
        operation, request = outcome.operation, outcome.request
        self.calls += 1
        if request.method != operation.method:  # a question about its path, by a method that is not its own
            self._cause(outcome)
            return
        if "prefer" in request.headers:
            self.shown.add((operation.id, outcome.status))
            self.causes_shown.update((operation.id, cause.name) for cause in self._said(outcome))
            return
        self.answered[operation.id, outcome.status] += 1
        if outcome.accepted:
            self.accepted[operation.id] += 1
        self._cause(outcome)
        variables = (self.spec.router.find(request.path) or ({}, {}))[1]
        self.broken.update((operation.id, rule) for rule in broken(self.spec, operation, variables, request))

    def walked(self, operation: str, status: int, link: str) -> None:
        """Take in that a link of an answer was followed, to an answer that was no refusal."""
        self.links.add((operation, status, link))

    def caused(self, operation: str, cause: str, *, shown: bool = False) -> None:
        """Take in that a cause was brought about and answered as documented; `shown` by a request for it."""
        (self.causes_shown if shown else self.causes).add((operation, cause))

    def _cause(self, outcome: Outcome) -> None:
        """Take in the cause of a refusal; of several with the same answer only a trial knows which it was."""
        said = self._said(outcome)
        if len(said) == 1:
            self.causes.add((outcome.operation.id, said[0].name))

    def _said(self, outcome: Outcome) -> list[Cause]:
        """List the causes whose answer this is."""
        return [
            cause
            for cause in outcome.operation.refusals.values()
            if cause.status == outcome.status and not outcome.accepted and self._has_code(outcome, cause)
        ]

    def _has_code(self, outcome: Outcome, cause: Cause) -> bool:
        return all(outcome.at(place) == cause.code for place in code_places(self.spec, outcome, cause))
