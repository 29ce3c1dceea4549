"""What Schemathesis found, as findings: one for each cause of trouble, at its place in the document, with the shortest story that shows it.

Nothing is believed at once: a request that is said to be valid, or not, is held to the document by both validators before it accuses
anybody. What they don't bear out is counted, and is no finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import reference
from contracts.caller import Outcome
from contracts.causes import code_places
from contracts.conformance.adapter import Checked, Told, Trouble
from contracts.conformance.config import may_strike
from contracts.constraints import broken
from contracts.findings import Finding, Step
from sandbox.causes import Cause
from sandbox.document import at, escape, steps_of
from sandbox.spec import Operation, Spec

_ACCEPTED, _REFUSED, _BODY = "ST201", "ST202", "ST108"


@dataclass
class Verdict:
    """What is known so far. `ran` counts checks by operationId, `unfounded` what no validator bears out, by code and operation."""

    spec: Spec
    seed: int
    found: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    ran: Counter[tuple[str, str]] = field(default_factory=Counter)
    unfounded: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, told: Told, steps: Mapping[str, Outcome | Step], positive: Mapping[str, bool]) -> None:
        """Take in what a scenario told. `steps` are its exchanges by id, `positive` which cases were made to be valid."""
        for check in told.checks:
            outcome = steps.get(check.id)
            if isinstance(outcome, Outcome):
                self.ran[outcome.operation.id, check.check] += 1
                if check.failure is not None:
                    self._accuse(check.failure, steps)
                elif check.check == "positive_data_acceptance" and positive.get(check.id):
                    self._hold_cause(check, outcome)

    def _accuse(self, trouble: Trouble, steps: Mapping[str, Outcome | Step]) -> None:
        story = [step for id_ in trouble.story if (step := steps.get(id_)) is not None]
        last = story[-1] if story else None
        if not isinstance(last, Outcome):
            return
        message = " ".join(f"{trouble.title}: {trouble.message}".split())
        for where, cause in self._places(trouble, last):
            if self._founded(trouble.code, last, where):
                self._add(trouble.code, last, where, message, tuple(map(_step, story)), cause)
            else:
                self.unfounded[trouble.code, last.operation.id] += 1

    def _hold_cause(self, check: Checked, outcome: Outcome) -> None:
        """Valid data may be refused for a rule that no schema holds; for breaking one that it keeps it may not."""
        if outcome.accepted or outcome.request.method != outcome.operation.method:
            return
        said = [cause for cause in outcome.operation.refusals.values() if _says(self.spec, outcome, cause)]
        if said and not any(map(may_strike, said)) and self._founded(_REFUSED, outcome, ""):
            message = f"Valid data was refused as {said[0].name}"
            self._add(_REFUSED, outcome, said[0].where, message, (_step(outcome),), said[0].name)

    def _founded(self, code: str, outcome: Outcome, where: str) -> bool:
        operation, request = outcome.operation, outcome.request
        if code in (_ACCEPTED, _REFUSED):
            variables = (self.spec.router.find(request.path) or ({}, {}))[1]
            fast = not broken(operation, variables, request)
            return fast == (code == _REFUSED) and reference.request_valid(self.spec, operation, request) is fast
        return code != _BODY or bool(where)

    def _places(self, trouble: Trouble, outcome: Outcome) -> list[tuple[str, str]]:
        """Say where in the document stands what was not kept, and by what this trouble differs from others there."""
        operation = outcome.operation
        response = f"{operation.where}/responses/{outcome.status}"
        match trouble.code:
            case "ST108":
                rules = [(problem.rule, "") for problem in outcome.problems() if problem.rule]
                return list(dict.fromkeys(rules)) or [("", "")]
            case "ST201":
                variables = (self.spec.router.find(outcome.request.path) or ({}, {}))[1]
                return [(rule, "") for rule in sorted(broken(operation, variables, outcome.request))[:1]] or [(operation.where, "")]
            case "ST202":
                said = next((cause.name for cause in operation.refusals.values() if _says(self.spec, outcome, cause)), "")
                return [(operation.where, said or str(outcome.means))]
            case "ST101" | "ST102" | "ST103":
                return [(f"{operation.where}/responses", str(outcome.means))]
            case "ST204" | "ST205":
                return [(operation.where.rpartition("/")[0], outcome.request.method)]
            case "ST401" | "ST402":
                own = f"{operation.where}/security"
                return [(own if _there(self.spec, own) else "/security", "")]
        return [(response if _there(self.spec, response) else operation.where, trouble.title)]

    def _add(self, code: str, outcome: Outcome, where: str, message: str, steps: tuple[Step, ...], cause: str) -> None:
        operation = outcome.operation
        source, inferred = provenance(self.spec, where, operation)
        finding = Finding(
            "conformance",
            code,
            operation.id,
            where,
            message,
            _expected(code, operation),
            {"status": outcome.status, "means": outcome.means} if outcome.means != outcome.status else {"status": outcome.status},
            source,
            inferred=inferred,
            steps=steps,
            seed=self.seed,
        )
        key = (code, operation.id, where, cause)
        known = self.found.get(key)
        if known is None or _size(finding) < _size(known):
            self.found[key] = finding


def provenance(spec: Spec, where: str, operation: Operation | None = None) -> tuple[str, bool]:
    """Find the page behind a place in a document, and whether it is inferred: what the nearest note above it says.

    `x-inferred` as a map speaks of the members and keywords that it names. A place that no note speaks of has that of the operation.
    """
    for start in (where, operation.where if operation else ""):
        steps = steps_of(start)
        for depth in range(len(steps), -1, -1):
            node = _node(spec, steps[:depth])
            below = steps[depth:]
            if isinstance(node, Mapping) and (note := _note(node, below)) is not None:
                return note
    return "", True


def _note(node: Mapping[str, Any], below: list[str]) -> tuple[str, bool] | None:
    inferred, source = node.get("x-inferred"), node.get("x-source")
    if isinstance(inferred, Mapping) and any(step in inferred for step in below[:2]):
        return "", True
    if source is not None:
        return (source if isinstance(source, str) else str(source[0])), False
    return ("", True) if isinstance(inferred, str) else None


def _node(spec: Spec, steps: list[str]) -> Any:
    try:
        return at(spec.tree, "".join("/" + escape(step) for step in steps))
    except KeyError:
        return None


def _says(spec: Spec, outcome: Outcome, cause: Cause) -> bool:
    if outcome.accepted or cause.status != outcome.status:
        return False
    return all(outcome.at(place) == cause.code for place in code_places(spec, outcome, cause))


def _expected(code: str, operation: Operation) -> Any:
    if code == _ACCEPTED:
        return sorted({cause.means for cause in operation.refusals.values() if cause.means < 500})
    return sorted(operation.responses) if code in ("ST101", "ST103") else None


def _there(spec: Spec, where: str) -> bool:
    return _node(spec, steps_of(where)) is not None


def _step(step: Outcome | Step) -> Step:
    return Step(step.request, step.answer) if isinstance(step, Outcome) else step


def _size(finding: Finding) -> tuple[int, int]:
    return (len(finding.steps), sum(len(step.request.path) + len(step.request.query) + len(step.request.body) for step in finding.steps))
