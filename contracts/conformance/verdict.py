"""What Schemathesis found, as findings: one for each cause of trouble, at its place in the document, with the shortest story that shows it.

Nothing is believed at once: a request that is said to be valid, or not, is held to the document by both validators before it accuses
anybody. What they don't bear out is counted, and is no finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.caller import Outcome
from contracts.causes import code_places
from contracts.conformance.config import may_strike
from contracts.conformance.events import Told, Trouble
from contracts.constraints import broken
from contracts.court import reference
from contracts.findings import Finding, Step
from contracts.payloads.payload import Payload
from contracts.provenance import provenance, stands
from sandbox.causes import Cause
from sandbox.document import steps_of
from sandbox.spec import Operation, Spec


@dataclass(frozen=True, slots=True)
class _Charge:
    """What is said against an answer: the code, the place in the document, and what tells it from others there."""

    code: str
    where: str
    cause: str
    message: str


_NOT_THE_DATA = frozenset((401, 403, 404, 409, 410, 429))  # what such a refusal is about, where a document names no causes
_ACCEPTED, _REFUSED, _BODY = "ST201", "ST202", "ST108"


@dataclass
class Verdict:
    """What is known so far. `ran` counts checks by operationId, `unfounded` what no validator bears out, by code and operation."""

    spec: Spec
    seed: int
    found: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    ran: Counter[tuple[str, str]] = field(default_factory=Counter)
    unfounded: Counter[tuple[str, str]] = field(default_factory=Counter)
    _taken: set[str] = field(default_factory=set)
    _waiting: dict[str, list[tuple[Payload, Outcome]]] = field(default_factory=dict)

    def take(self, told: Told, steps: Mapping[str, Outcome | Step], positive: Mapping[str, bool]) -> None:
        """Take in what a scenario told. `steps` are its exchanges by id, `positive` which cases were made to be valid."""
        for check in told.checks:
            outcome = steps.get(check.id)
            if isinstance(outcome, Outcome):
                self.ran[outcome.operation.id, check.check] += 1
                self._hold_status(outcome)
                if check.failure is not None:
                    self._accuse(check.failure, steps)
                elif check.check == "positive_data_acceptance" and positive.get(check.id):
                    self._hold_cause(outcome)

    def hold(self, payload: Payload, outcome: Outcome) -> None:
        """Hold an answer to the label of a payload: accepted or not, and what the document has for it."""
        operation, where = outcome.operation, payload.rule
        story = (_step(outcome),)
        if outcome.means >= 500:
            self._add(
                _Charge("ST101", f"{operation.where}/responses", str(outcome.means), f"Server error: {payload.title}"), story, outcome
            )
        elif payload.verdict == "reject" and outcome.accepted and self._founded(_ACCEPTED, outcome, where):
            self._add(_Charge(_ACCEPTED, where, "", f"Invalid data was accepted: {payload.title}"), story, outcome)
        elif payload.verdict == "accept" and not outcome.accepted:
            said = [cause for cause in operation.refusals.values() if _says(self.spec, outcome, cause)]
            if not any(map(may_strike, said)) and self._founded(_REFUSED, outcome, where):
                name = said[0].name if said else str(outcome.means)
                self._add(_Charge(_REFUSED, operation.where, name, f"Valid data was refused as {name}: {payload.title}"), story, outcome)
        for problem in outcome.problems():
            if problem.rule:
                self._add(_Charge(_BODY, problem.rule, "", f"Response violates schema: {problem}"), story, outcome)
        self._compare(payload, outcome)

    def _compare(self, payload: Payload, outcome: Outcome) -> None:
        """Look at an invalid request beside its valid twin: once that is taken, no rule of business stands in the way of either."""
        if outcome.accepted and payload.verdict == "accept":
            self._taken.add(payload.id)
            for waiting in self._waiting.pop(payload.id, ()):
                self._not_refused_for_it(*waiting)
        elif payload.verdict == "reject" and payload.twin:
            if payload.twin in self._taken:
                self._not_refused_for_it(payload, outcome)
            else:
                self._waiting.setdefault(payload.twin, []).append((payload, outcome))

    def _not_refused_for_it(self, payload: Payload, outcome: Outcome) -> None:
        said = [cause for cause in outcome.operation.refusals.values() if _says(self.spec, outcome, cause)]
        if said and all(cause.when is None and cause.severity == "hard" for cause in said) and self._founded(_ACCEPTED, outcome, ""):
            message = f"Invalid data was refused as {said[0].name} only: {payload.title}"
            self._add(_Charge(_ACCEPTED, payload.rule, "", message), (_step(outcome),), outcome)

    def _accuse(self, trouble: Trouble, steps: Mapping[str, Outcome | Step]) -> None:
        story = [step for id_ in trouble.story if (step := steps.get(id_)) is not None]
        last = story[-1] if story else None
        if not isinstance(last, Outcome):
            return
        message = " ".join(f"{trouble.title}: {trouble.message}".split())
        for where, cause in self._places(trouble, last):
            if self._founded(trouble.code, last, where):
                self._add(_Charge(trouble.code, where, cause, message), tuple(map(_step, story)), last)
            else:
                self.unfounded[trouble.code, last.operation.id] += 1

    def _hold_status(self, outcome: Outcome) -> None:
        """Hold a status to be one of the document on the wire, too: the judge sees what an answer means."""
        operation = outcome.operation
        if self.spec.accepted is None or outcome.request.method != operation.method or outcome.status in operation.responses:
            return
        if outcome.status not in {cause.status for cause in self.spec.causes.values() if cause.response}:
            message = f"Undocumented HTTP status code: {outcome.status} where the document has {sorted(operation.responses)}"
            self._add(_Charge("ST103", f"{operation.where}/responses", str(outcome.status), message), (_step(outcome),), outcome)

    def _hold_cause(self, outcome: Outcome) -> None:
        """Hold a refusal of valid data to be for a rule that no schema states: it breaks none of those that one does."""
        if outcome.accepted or outcome.request.method != outcome.operation.method:
            return
        said = [cause for cause in outcome.operation.refusals.values() if _says(self.spec, outcome, cause)]
        if said and not any(map(may_strike, said)) and self._founded(_REFUSED, outcome, ""):
            message = f"Valid data was refused as {said[0].name}"
            self._add(_Charge(_REFUSED, outcome.operation.where, said[0].name, message), (_step(outcome),), outcome)

    def _founded(self, code: str, outcome: Outcome, where: str) -> bool:
        operation, request = outcome.operation, outcome.request
        if code == _REFUSED and not operation.refusals and outcome.means in _NOT_THE_DATA:
            return False
        if code in (_ACCEPTED, _REFUSED):
            fast = not broken(self.spec, operation, self._variables(outcome), request)
            return fast == (code == _REFUSED) and reference.request_valid(self.spec, operation, request) is fast
        return code != _BODY or bool(where)

    def _places(self, trouble: Trouble, outcome: Outcome) -> list[tuple[str, str]]:
        """Say where in the document stands what was not kept, and by what this trouble differs from others there."""
        operation, where = outcome.operation, outcome.operation.where
        if trouble.code == _BODY:
            return list(dict.fromkeys((problem.rule, "") for problem in outcome.problems() if problem.rule)) or [("", "")]
        if trouble.code == _ACCEPTED:
            rules = sorted(broken(self.spec, operation, self._variables(outcome), outcome.request))
            return [(rules[0] if rules else where, "")]
        if trouble.code == _REFUSED:
            said = (cause.name for cause in operation.refusals.values() if _says(self.spec, outcome, cause))
            return [(where, next(said, str(outcome.means)))]
        return [_PLACES.get(trouble.code, _of_reply)(self.spec, trouble, outcome)]

    def _variables(self, outcome: Outcome) -> Mapping[str, str]:
        return (self.spec.router.find(outcome.request.path) or ({}, {}))[1]

    def _add(self, charge: _Charge, steps: tuple[Step, ...], outcome: Outcome) -> None:
        operation = outcome.operation
        source, inferred = provenance(self.spec, charge.where, operation)
        finding = Finding(
            "conformance",
            charge.code,
            operation.id,
            charge.where,
            charge.message,
            _expected(charge.code, operation),
            {"status": outcome.status, "means": outcome.means} if outcome.means != outcome.status else {"status": outcome.status},
            source,
            inferred=inferred,
            steps=steps,
            seed=self.seed,
            cause=charge.cause,
        )
        key = (charge.code, operation.id, charge.where, charge.cause)
        known = self.found.get(key)
        if known is None or _size(finding) < _size(known):
            self.found[key] = finding


def _says(spec: Spec, outcome: Outcome, cause: Cause) -> bool:
    if outcome.accepted or cause.status != outcome.status:
        return False
    places = code_places(spec, outcome, cause)  # those of an example, which may show more problems than there were
    return not places or any(outcome.at(place) == cause.code for place in places)


def _expected(code: str, operation: Operation) -> Any:
    if code == _ACCEPTED:
        return sorted({cause.means for cause in operation.refusals.values() if cause.means < 500})
    return sorted(operation.responses) if code in ("ST101", "ST103") else None


def _there(spec: Spec, where: str) -> bool:
    return stands(spec, steps_of(where)) is not None


def _step(step: Outcome | Step) -> Step:
    return Step(step.request, step.answer) if isinstance(step, Outcome) else step


def _size(finding: Finding) -> tuple[int, int]:
    return (len(finding.steps), sum(len(step.request.path) + len(step.request.query) + len(step.request.body) for step in finding.steps))


def _of_responses(_spec: Spec, _trouble: Trouble, outcome: Outcome) -> tuple[str, str]:
    return f"{outcome.operation.where}/responses", str(outcome.means)


def _of_path(_spec: Spec, _trouble: Trouble, outcome: Outcome) -> tuple[str, str]:
    return outcome.operation.where.rpartition("/")[0], outcome.request.method


def _of_security(spec: Spec, _trouble: Trouble, outcome: Outcome) -> tuple[str, str]:
    own = f"{outcome.operation.where}/security"
    return own if _there(spec, own) else "/security", ""


def _of_reply(spec: Spec, trouble: Trouble, outcome: Outcome) -> tuple[str, str]:
    reply = f"{outcome.operation.where}/responses/{outcome.status}"
    return reply if _there(spec, reply) else outcome.operation.where, trouble.title


def _of_operation(_spec: Spec, trouble: Trouble, outcome: Outcome) -> tuple[str, str]:
    return outcome.operation.where, trouble.title


_PLACES: Mapping[str, Callable[[Spec, Trouble, Outcome], tuple[str, str]]] = {
    "ST101": _of_responses,
    "ST102": _of_responses,
    "ST103": _of_responses,
    "ST203": _of_operation,
    "ST204": _of_path,
    "ST205": _of_path,
    "ST301": _of_operation,
    "ST302": _of_operation,
    "ST401": _of_security,
    "ST402": _of_security,
}
