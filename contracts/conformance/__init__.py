"""Does an implementation answer as its document says: Schemathesis, asked about a document of ours and a target of anyone's.

What the room is for: a document that a right implementation can't fail, requests that mean what they say, and findings that hold. The
engine is Schemathesis' own; `adapter` is the only module that knows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from contracts.caller import Caller, Outcome
from contracts.conformance import adapter
from contracts.conformance.client import Client
from contracts.conformance.config import PROFILES, Depth, Settings, configuration
from contracts.conformance.edges import Edges
from contracts.conformance.events import Begun, Event, Made, Told, Wrong
from contracts.conformance.judge import project
from contracts.conformance.shaping import Shaper
from contracts.conformance.thinning import members, thin
from contracts.conformance.verdict import Verdict
from contracts.conformance.walking import Walk
from contracts.court import reference
from contracts.findings import Finding
from contracts.run.manners import ENDINGS
from sandbox.answers import Answer
from sandbox.codec import dump
from sandbox.exchange import Request
from sandbox.spec import Spec

__all__ = ["PROFILES", "Depth", "Result", "Settings", "calls", "run"]

Walked = Callable[[str, int, str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found. `errors` are what the engine could not do, in words; they are no findings, and a run with any has not passed.

    `checks` counts what was looked at, by operationId and Schemathesis' name of the check. `unfounded` counts accusations that a
    second look did not bear out, by code and operationId. `sent` counts the requests that Schemathesis made. `cut` are the operations
    for which there was no time to look at everything, `ended` is what ended it before its time: what is known then is the result.
    """

    findings: tuple[Finding, ...]
    errors: tuple[str, ...]
    checks: Counter[tuple[str, str]]
    unfounded: Counter[tuple[str, str]]
    sent: int
    cut: tuple[str, ...] = ()
    ended: BaseException | None = None


def run(
    account: Callable[[], Caller], settings: Settings, *, walked: Walked = lambda *_: None, over: Callable[[], bool] = lambda: False
) -> Result:
    """Run all phases against a target, each as the caller that `account` gives then; its `heard` is told of every exchange.

    `walked` is told of every link that was followed from an accepted answer to another one: operationId, HTTP status, name of the link.
    `over` tells that there is no time for more than what Schemathesis did.
    """
    return _Run(account, settings, walked, over).go()


def calls(spec: Spec, settings: Settings, caller: Caller) -> Iterator[Request]:
    """Yield the requests that a run would send, without sending one: a stand-in answers each with its document's own example."""
    sent: list[Request] = []
    stand_in = replace(caller, target=_StandIn(spec, caller.target.url, sent.append))
    for _ in _Run(lambda: stand_in, settings, lambda *_: None, lambda: False).events():
        yield from sent
        sent.clear()
    yield from sent


class _Run:
    """One run: what the engine asks for goes to the account of the phase, what it tells goes to the verdict."""

    def __init__(self, account: Callable[[], Caller], settings: Settings, walked: Walked, over: Callable[[], bool]) -> None:
        self.account = account
        self.over = over
        self.settings = settings
        self.walked = walked
        self.caller = account()
        self.spec = self.caller.spec
        self.shaper = Shaper(self.caller)
        self.client = Client(self.caller, self._learn)
        self.verdict = Verdict(self.spec, settings.seed)
        self.positive: dict[str, bool] = {}
        self.errors: dict[str, None] = {}
        self.links: set[tuple[str, int, str]] = set()
        self.lost: dict[tuple[str, str], Finding] = {}
        self.cut: dict[str, None] = {}
        self._begun = False

    def go(self) -> Result:
        reference.load()
        ended: BaseException | None = None
        try:
            for event in self.events():
                self._take(event)
            self._edge()
            self._walk()
        except ENDINGS as end:
            ended = end
        findings = (*self.verdict.found.values(), *self.lost.values(), *self._silent())
        return Result(findings, tuple(self.errors), self.verdict.ran, self.verdict.unfounded, self.client.sent, tuple(self.cut), ended)

    def events(self) -> Iterator[Event]:
        config = configuration(self.spec, self.settings, self.caller.target.url, anonymous=self.caller.text is None)
        profile, tree = PROFILES[self.settings.profile], project(self.spec)
        if profile.members > 1:
            for operation in self.spec.operations.values():
                thin(tree, operation, self.settings.seed, profile.members)
        choice = adapter.Choice(lambda id_: self.settings.wants(self.spec.operations[id_]), profile.cases, self.settings.seed, self.over)
        try:
            yield from adapter.run(tree, config, self.client.send, self._shape, choice)
        finally:
            self.client.closed = True  # an engine that was given up may still be at work

    def _shape(self, made: Made) -> None:
        self.positive[made.id] = made.positive and not made.probe
        self.shaper.shape(made)

    def _learn(self, outcome: Outcome) -> None:
        self.shaper.learn(outcome)

    def _take(self, event: Event) -> None:
        match event:
            case Begun():
                self._begin()
            case Wrong():
                if not (event.network and self.client.lost):
                    self.errors.setdefault(f"{event.label}: {event.message}")
            case Told():
                self.verdict.take(event, self.client.steps, self.positive)
                for source, status, link, means in event.walked:
                    if means < 400:
                        self.links.add((source, status, link))
                        self.walked(source, status, link)
                for id_ in event.ids:
                    self.client.steps.pop(id_, None)
                    self.positive.pop(id_, None)

    def _begin(self) -> None:
        """Begin a phase as another account, where the target gives them."""
        if self._begun:
            self.caller = self.account()
            self.client.caller = self.caller
            self.shaper = Shaper(self.caller)
        self._begun = True

    def _edge(self) -> None:
        """Send what is one edit away from a rule, as far as the profile has time for it."""
        profile = PROFILES[self.settings.profile]
        edges = Edges(self.account(), self.verdict.hold, profile.edges, self.over)
        for operation in self.spec.operations.values():
            if not self.settings.wants(operation):
                continue
            if profile.edges and members(self.spec.tree, operation) <= profile.large:
                edges.go(operation)
            if self.over():
                self.cut.setdefault(operation.id)

    def _walk(self) -> None:
        """Follow the links that no story has followed; what is lost is told once, whoever finds it."""
        walk = Walk(self.account(), self.settings.wants, self.settings.seed, self.over, set(self.links))
        try:
            walk.go()
        finally:
            for link in sorted(walk.walked - self.links):
                self.walked(*link)
            known = {(finding.check, finding.operation) for finding in self.verdict.found.values()}
            self.lost = {key: finding for key, finding in walk.found.items() if key not in known}

    def _silent(self) -> Iterator[Finding]:
        for (operation, reason), step in self.client.lost.items():
            where = self.spec.operations[operation].where
            yield Finding("conformance", "no-answer", operation, where, f"No answer came: {reason}", steps=(step,), seed=self.settings.seed)


@dataclass(frozen=True)
class _StandIn:
    """A target that is not there: it answers with the examples of the document."""

    spec: Spec
    url: str
    tell: Callable[[Request], None]

    def send(self, request: Request) -> Answer:
        self.tell(request)
        operation = (self.spec.router.find(request.path) or ({}, {}))[0].get(request.method)
        for status, response in sorted(operation.responses.items()) if operation else ():
            headers = {"content-type": response.media_type} if response.media_type else {}
            body = next((dump(example) for example in response.examples.values()), b"")
            return Answer(status, headers, body)
        return Answer(404, {}, b"")
