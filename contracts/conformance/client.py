"""Sends what Schemathesis has written to the target, as the account whose turn it is, and keeps what came until it is judged."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from contracts.caller import Caller, Outcome, meaning, parsed
from contracts.conformance.config import MARK
from contracts.conformance.events import Got, Lost, Sent
from contracts.findings import Step
from contracts.target import NoAnswer
from sandbox.exchange import Request
from sandbox.spec import Operation

_MARKS = frozenset((MARK, f"Bearer {MARK}", "Basic " + base64.b64encode(f"{MARK}:{MARK}".encode()).decode()))


@dataclass
class Client:
    """One for each run. `caller` may be another one in each phase; `lost` are the requests that got no answer, with the reason.

    Once it is `closed` nothing goes out any more.
    """

    caller: Caller
    accepted: Callable[[Outcome], None]
    steps: dict[str, Outcome | Step] = field(default_factory=dict)
    lost: dict[tuple[str, str], Step] = field(default_factory=dict)
    sent: int = 0
    closed: bool = False

    def send(self, sent: Sent) -> Got:
        """Send one request, and give its answer as the judge is to read it. Raises Lost."""
        if self.closed:
            raise Lost("the run is over")
        spec = self.caller.spec
        operation = spec.operations[sent.operation]
        request = self._request(sent, operation)
        self.sent += 1
        try:
            answer = self.caller.target.send(request)
        except NoAnswer as error:
            self.steps[sent.id] = Step(request, None)
            self.lost.setdefault((operation.id, error.reason), Step(request, None))
            raise Lost(str(error)) from None
        body = parsed(answer)
        outcome = Outcome(operation, request, answer, body, meaning(spec, operation, answer.status, body))
        self.steps[sent.id] = outcome
        self.caller.heard(outcome)
        if outcome.accepted and request.method == operation.method:
            self.accepted(outcome)
        return Got(outcome.means, answer.headers, answer.body)

    def _request(self, sent: Sent, operation: Operation) -> Request:
        shown = self.caller.shown(operation).headers
        headers = {name.lower(): value for name, value in sent.headers.items()}
        headers |= {name: shown[name] for name, value in headers.items() if value in _MARKS and name in shown}
        base = self.caller.target.url
        path, _, query = sent.url.removeprefix(base).partition("?")
        return Request(sent.method, unquote(path) or "/", query, headers, sent.body, base)
