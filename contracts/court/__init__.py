"""What comes before anybody is accused: whether it is true, whether it comes about again, and the shortest way to show it.

A finding is looked at by a second validator, brought about again as somebody else, and cut down to what it takes. What does not come
about again is a flake. Findings that have one cause are one finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from contracts.caller import Outcome
from contracts.constraints import broken, media_of
from contracts.court import reference
from contracts.court.replay import Player, read
from contracts.findings import Finding, Key, Step
from contracts.run.manners import TimeIsUp
from contracts.run.results import Ruling, Verdict
from sandbox import codec
from sandbox.exchange import Request
from sandbox.spec import Operation, Spec

MAX_PLAYS = 40  # stories sent again to cut down one finding
_OPEN = frozenset(("unevaluatedProperties", "additionalProperties"))
_OF_ONE_CALL = frozenset("ST101 ST102 ST103 ST104 ST105 ST106 ST107 ST108 ST109 ST110 ST111 ST201 ST202 ST203 ST204 ST205 ST401".split())
_ON_THE_REQUEST = frozenset(("ST201", "ST202"))  # codes that hang on whether the request was valid

# What comes of a finding that is brought about anew by its own check: a finding again, or something else.
Again = Callable[[Finding], object]


@dataclass(frozen=True)
class Court:
    """Rules on findings. `checks` make the check behind a finding once more; one that has none is sent again as it was.

    `origins` finds the calls that created what a request names: a story may begin after them.
    """

    spec: Spec
    player: Player
    checks: Mapping[Key, Again]
    origins: Callable[[Request], tuple[Step, ...]] = lambda _: ()

    def rule(self, found: Sequence[Finding]) -> Iterator[Verdict]:
        """Rule on all that was found, one verdict for each cause."""
        groups: dict[Key, list[Finding]] = {}
        for finding in found:
            groups.setdefault(finding.key, []).append(finding)
        for group in groups.values():
            shortest = min(group, key=_length)
            yield replace(self._judge(shortest), times=len(group))

    def _judge(self, finding: Finding) -> Verdict:
        if reason := self._disputed(finding):
            return Verdict("disputed", finding, reason)
        if not finding.steps:
            return Verdict(self._ruling(finding), finding)
        confirmed = self._confirm(finding)
        if confirmed is None:
            return Verdict("flake", finding, "it did not come about again")
        return Verdict(self._ruling(confirmed), confirmed)

    # --- is it true ----------------------------------------------------------------------------------------------------

    def _disputed(self, finding: Finding) -> str:
        """Say why a finding does not hold by what the document says; empty where it does."""
        outcome = self._last(finding)
        if outcome is None:
            return ""
        request = outcome.request
        second = reference.request_valid(self.spec, outcome.operation, request)
        first = not self._broken(outcome.operation, request)
        if second is not None and second is not first:
            return "two validators differ on whether the request keeps the document's rules"
        if finding.check == "ST202" and second is False:
            return "the request breaks the document's rules, so it may be refused"
        if finding.check == "ST201" and second is True and not self._bent(outcome.operation, request):
            return "the request keeps the document's rules, so it may be accepted"
        if finding.check == "ST108" and reference.answer_valid(self.spec, outcome) is True and not _of_header(outcome):
            return "the second validator finds nothing wrong with the answer"
        return ""

    def _bent(self, operation: Operation, request: Request) -> bool:
        """Tell whether a request is wrong in a way that no schema states: its media type, or a body that can't be read."""
        if operation.body is None:
            return True
        return media_of(request.headers) not in operation.body.media or reference.request_valid(self.spec, operation, request) is None

    # --- does it come about again --------------------------------------------------------------------------------------

    def _confirm(self, finding: Finding) -> Finding | None:
        """Bring a finding about again; gives it with the shortest story known, None where it does not come."""
        if (check := self.checks.get(finding.key)) is not None:
            again = check(finding)
            if not isinstance(again, Finding) or again.key != finding.key:
                return None
            return self._without_strangers(again)
        wanted = self._signature(finding.steps[-1])
        before = self.origins(finding.steps[-1].request)
        for story in (finding.steps, (*before, *finding.steps)) if before else (finding.steps,):
            played = self.player.play(story)
            if played is not None and self._signature(played[-1]) == wanted:
                return self._shortest(replace(finding, steps=played), wanted)
        return None

    def _signature(self, step: Step) -> object:
        """Say what it is about an exchange that would be the same if it came about again."""
        operation = self._operation(step.request)
        if step.answer is None:
            return "no answer"
        outcome = read(self.spec, operation, step) if operation else None
        if outcome is None or operation is None:
            return (step.answer.status, media_of(step.answer.headers), "allow" in step.answer.headers)
        wrong = frozenset((problem.keyword, problem.rule) for problem in outcome.problems())
        return (outcome.status, outcome.means, wrong, self._broken(operation, step.request))

    # --- the shortest way ----------------------------------------------------------------------------------------------

    def _shortest(self, finding: Finding, wanted: object) -> Finding:
        """Cut a finding of one call down: without the calls before it, without members and parameters that it does not take."""
        if finding.kind != "conformance" or finding.check not in _OF_ONE_CALL:
            return finding
        plays = 0
        changed = True
        while changed and plays < MAX_PLAYS:
            changed = False
            for smaller in _smaller(finding.steps):
                plays += 1
                try:
                    played = self.player.play(smaller)
                except TimeIsUp:
                    return finding  # which is confirmed, if not as short as could be
                if played is not None and self._signature(played[-1]) == wanted:
                    finding, changed = replace(finding, steps=played), True
                    break
                if plays >= MAX_PLAYS:
                    break
        return finding

    def _without_strangers(self, finding: Finding) -> Finding:
        """Leave out of a promise's story the calls that have nothing to do with what its last one is about."""
        last = finding.steps[-1].request
        marks = {text for old in self.player.known for text in _words(last) if text.startswith(old.prefix)}
        if not marks:
            return finding
        kept = tuple(step for step in finding.steps[:-1] if any(mark in _whole(step) for mark in marks))
        return replace(finding, steps=(*kept, finding.steps[-1]))

    # --- how bad it is -------------------------------------------------------------------------------------------------

    def _ruling(self, finding: Finding) -> Ruling:
        if finding.inferred:
            return "doubtful"
        outcome = self._last(finding)
        problems = outcome.problems() if outcome is not None and finding.check == "ST108" else ()
        return "doubtful" if problems and all(problem.keyword in _OPEN for problem in problems) else "failed"

    # --- looking things up ---------------------------------------------------------------------------------------------

    def _last(self, finding: Finding) -> Outcome | None:
        if not finding.steps:
            return None
        operation = self._operation(finding.steps[-1].request)
        return read(self.spec, operation, finding.steps[-1]) if operation else None

    def _operation(self, request: Request) -> Operation | None:
        return (self.spec.router.find(request.path) or ({}, {}))[0].get(request.method)

    def _broken(self, operation: Operation, request: Request) -> frozenset[str]:
        return broken(self.spec, operation, (self.spec.router.find(request.path) or ({}, {}))[1], request)


def _length(finding: Finding) -> tuple[int, int]:
    return len(finding.steps), sum(len(step.request.body) + len(step.request.query) for step in finding.steps)


def _of_header(outcome: Outcome) -> bool:
    response = outcome.operation.responses.get(outcome.status)
    return bool(response and response.headers)


def _smaller(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Yield stories with less in them: the boldest cuts first."""
    if len(steps) > 1:
        yield (steps[-1],)
        yield from (tuple(step for at, step in enumerate(steps) if at != index) for index in range(len(steps) - 1))
    request = steps[-1].request
    for smaller in _less(request):
        yield (*steps[:-1], replace(steps[-1], request=smaller))


def _less(request: Request) -> Iterator[Request]:
    pairs = parse_qsl(request.query, keep_blank_values=True)
    for index in range(len(pairs)):
        yield request._replace(query=urlencode(pairs[:index] + pairs[index + 1 :]))
    if request.body and "json" in media_of(request.headers):
        try:
            value = codec.read_json(request.body)
        except codec.Unreadable:
            return
        for smaller in _parts_less(value):
            yield request._replace(body=codec.dump(smaller))


def _parts_less(value: Any) -> Iterator[Any]:
    """Yield a value with one member or element less, outer ones first."""
    if isinstance(value, dict):
        for name in value:
            yield {other: inner for other, inner in value.items() if other != name}
        for name, inner in value.items():
            yield from ({**value, name: less} for less in _parts_less(inner))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index, inner in enumerate(value):
            yield from ([*value[:index], less, *value[index + 1 :]] for less in _parts_less(inner))


def _words(request: Request) -> Iterator[str]:
    """Yield the texts that a request carries: parts of its path, values of its query and its body."""
    yield from request.path.split("/")
    yield from (value for _, value in parse_qsl(request.query))
    try:
        yield from _leaves(codec.read_json(request.body) if request.body else None)
    except codec.Unreadable:
        return


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)


def _whole(step: Step) -> str:
    answer = step.answer.body.decode(errors="replace") if step.answer else ""
    return f"{step.request.path} {step.request.query} {step.request.body.decode(errors='replace')} {answer}"
