"""Sends what no generator draws by chance: requests that are one edit away from a rule of the document, on either side of it.

They come from `contracts.payloads.derive`, each with the rule that it tries and the verdict that the document gives. Schemathesis tries
most rules in one way; off by one, off by one character or by a look-alike is what a wrong implementation gets wrong.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from contracts.bodies import can_be_called, is_json
from contracts.caller import Caller, Outcome
from contracts.conformance.shaping import Shaper
from contracts.target import NoAnswer
from sandbox import codec
from sandbox.exchange import Request
from sandbox.spec import Operation

if TYPE_CHECKING:
    from contracts.payloads.payload import Payload


class Edges:
    """One pass over operations, as one caller; `judge` is asked about each exchange. `most` is how many there are for an operation.

    `over` tells that there is no time for more.
    """

    def __init__(self, caller: Caller, judge: Callable[[Payload, Outcome], None], most: int, over: Callable[[], bool]) -> None:
        self._caller = caller
        self._judge = judge
        self._most = most
        self._over = over
        self._shaper = Shaper(caller)

    def go(self, operation: Operation) -> None:
        """Send what there is for an operation; the rest is left out once it gives no answer."""
        if not can_be_called(operation):
            return
        from contracts.payloads import derive  # noqa: PLC0415 - takes long to import, and the quick profile has no edges

        near = (payload for payload in derive.payloads(self._caller.spec, operation) if _near(payload))
        for payload in itertools.islice(near, self._most):
            if self._over():
                return
            try:
                outcome = self._caller.send(operation, self._request(operation, payload))
            except NoAnswer:
                return
            if outcome.accepted:
                self._shaper.learn(outcome)
            self._judge(payload, outcome)

    def _request(self, operation: Operation, payload: Payload) -> Request:
        draft = payload.draft
        body = draft.body or b""
        if body and not draft.raw and not draft.padded_to and is_json(draft.headers.get("content-type")):
            body = self._shaped(operation, payload, body)
        path = draft.path if payload.place.startswith("path:") else self._shaper.way(operation) or draft.path
        headers = {**self._caller.shown(operation).headers, **draft.headers}
        return Request(draft.method, path, draft.query, headers, body, self._caller.target.url)

    def _shaped(self, operation: Operation, payload: Payload, body: bytes) -> bytes:
        value = json.loads(body)
        shaped = self._shaper.example(operation, value, about=payload.place) if isinstance(value, (dict, list)) else value
        return body if shaped == value else codec.dump(shaped)


def _near(payload: Payload) -> bool:
    """Leave out values of another type, which Schemathesis sends as well; null is taken for absent too often to leave to it."""
    return payload.keyword != "type" or "null" in payload.id
