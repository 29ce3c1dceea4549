"""How promises talk to a target: operations by name, in the document's terms, as one account.

A Caller builds the request of an operation from parameters and body, shows the credential, sends it, and reads the answer as the
document means it: whether the call was accepted, and which status it stands for where the wire says 200 to everything.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from contracts import bodies
from contracts.credentials import Show, Shown, as_documented
from contracts.target import NoAnswer, Target
from sandbox.answers import Answer
from sandbox.causes import Cause
from sandbox.document import at
from sandbox.exchange import Problem, Request
from sandbox.spec import Operation, Response, Spec

if TYPE_CHECKING:
    from sandbox.client import Control

LONE = re.compile(r"sbx_[A-Za-z0-9._-]{1,60}")
FOREIGN = "_foreign"  # what a second account is called after the first
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One exchange, read by the document. `body` is the parsed JSON of the answer, None where it has none that can be read.

    `means` is the status that the answer stands for: its own, or where the document tells success by `x-accepted` that of the cause
    with its code (418 for a code that no cause has).
    """

    operation: Operation
    request: Request
    answer: Answer
    body: Any
    means: int

    @property
    def status(self) -> int:
        """The HTTP status on the wire."""
        return self.answer.status

    @property
    def accepted(self) -> bool:
        """Whether the target did what it was asked."""
        return 200 <= self.means < 300

    def at(self, pointer: str, default: Any = None) -> Any:
        """Find something in the answer's body by JSON pointer."""
        try:
            return at(self.body, pointer)
        except KeyError:
            return default

    def problems(self) -> tuple[Problem, ...]:
        """Hold the answer to the document: status, media type, body. Nothing for one that conforms."""
        response = self.operation.responses.get(self.answer.status)
        if response is None:
            return (Problem("status", "status", f"is {self.answer.status}, which {self.operation.id} does not document"),)
        return conforms(response, self.answer, self.body)


def conforms(response: Response, answer: Answer, body: Any) -> tuple[Problem, ...]:
    """Hold an answer and its parsed body to a documented reply: headers, media type and schema. Nothing for one that conforms."""
    for name, header in response.headers.items():
        if header.required and name not in answer.headers:
            return (Problem(f"header:{name}", "required", "is missing"),)
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.media_type is None:
        return (Problem("", "content", "must be empty"),) if answer.body else ()
    if media_type != response.media_type:
        return (Problem("content-type", "content", f"is {media_type!r} where the document has {response.media_type!r}"),)
    return response.check.problems(body) if response.check else ()


def meaning(spec: Spec, operation: Operation, status: int, body: Any) -> int:
    """Tell which status an answer stands for (see `Outcome.means`)."""
    accepted = spec.accepted
    if accepted is None or status not in operation.responses:
        return status
    try:
        code = at(body, accepted["pointer"])
    except KeyError:
        return status
    if code in accepted["in"]:
        return status
    causes: Iterator[Cause] = itertools.chain(operation.causes.values(), spec.causes.values())
    return next((cause.means for cause in causes if cause.status == status and cause.code == code), 418)


@dataclass
class Caller:
    """One account on a target. `text` is its credential as a user writes it, None for somebody who shows none.

    Every exchange is told to `heard`. `prefix` makes values that nobody else has sent: the same ones in every run with the same seed.
    `scene` names what exists on the target and cannot be created by a call. `control` is the control plane of a target that has a
    clock, None for others; the account's name, `text`, is that of its workspace. `wait` lets real time pass, in seconds.
    """

    spec: Spec
    target: Target
    text: str | None
    show: Show | None = None
    heard: Callable[[Outcome], None] = field(default=lambda _: None, repr=False)
    prefix: str = "T0"
    scene: Mapping[str, Any] = field(default_factory=dict)
    control: Control | None = None
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def unique(self, beginning: str = "") -> str:
        """Make a text that was not sent before, of letters and digits: an identifier for something new."""
        return f"{beginning}{self.prefix}N{next(self._numbers):04}"

    def call(
        self,
        operation: str,
        body: Any = _NOTHING,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Call an operation by its operationId and read the answer. `params` are path and query parameters by name. Raises NoAnswer."""
        found = self.spec.operations[operation]
        return self.send(found, self.request(found, body, params=params, headers=headers))

    def request(
        self,
        operation: Operation,
        body: Any = _NOTHING,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        """Write the request of an operation, with the credential shown. Headers given here go over those that are made."""
        given = dict(params or {})
        path = operation.path
        for parameter in operation.parameters:
            if parameter.location == "path" and parameter.name in given:
                path = path.replace(f"{{{parameter.name}}}", str(given.pop(parameter.name)))
        shown = self.shown(operation)
        media_type = next(iter(operation.body.media), "") if operation.body and body is not _NOTHING else ""
        sent = {
            **shown.headers,
            **({"content-type": bodies.content_type(media_type)} if media_type else {}),
            **{k.lower(): v for k, v in (headers or {}).items()},
        }
        raw = b"" if body is _NOTHING else bodies.write_with(shown.body, body, media_type)
        return Request(operation.method, path, bodies.query_of(given), sent, raw, self.target.url)

    def send(self, operation: Operation, request: Request) -> Outcome:
        """Send a request of an operation as it is, and read the answer. Raises NoAnswer."""
        try:
            answer = self.target.send(request)
        except NoAnswer as silence:
            silence.request = request
            raise
        body = parsed(answer)
        outcome = Outcome(operation, request, answer, body, meaning(self.spec, operation, answer.status, body))
        self.heard(outcome)
        return outcome

    def as_nobody(self) -> Caller:
        """Give the same caller without a credential."""
        return replace(self, text=None)

    def as_(self, text: str) -> Caller:
        """Give the same caller with another credential."""
        return replace(self, text=text)

    def foreign(self) -> Caller | None:
        """Give a caller with another account of the same target: the scene's, or a second name; None where neither is to be had."""
        if "foreign_credential" in self.scene:
            return self.as_(str(self.scene["foreign_credential"]))
        return self.as_(self.text + FOREIGN) if self.text and gives_accounts(self.text) else None

    def shown(self, operation: Operation) -> Shown:
        """Tell what a request of an operation gets, so that it says who is calling."""
        if self.text is None:
            return Shown()
        own = self.show(self.spec, operation, self.text, self.target.send) if self.show else None
        return own or as_documented(self.spec, operation, self.text)


def gives_accounts(text: str) -> bool:
    """Tell whether a credential is one that a target of ours takes under any name: a lone `sbx_…` (see `sandbox.security`)."""
    return LONE.fullmatch(text) is not None


def parsed(answer: Answer) -> Any:
    """Read the JSON of an answer; None where there is none that can be read."""
    try:
        return json.loads(answer.body) if answer.body else None
    except (ValueError, RecursionError):
        return None
