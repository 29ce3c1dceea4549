"""A payload as others can send it: its requests written out, with holes where the account goes, and what to look for in the answer.

Where the credential is a lone `sbx_…` name, whoever sends the requests puts the name of an account of its own into the holes, so that a
script can run twice. Any other credential is written out as it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from contracts.bodies import target_path
from contracts.payloads import judging, labels
from contracts.payloads.drafts import CannotShow, Signer, draft_of, is_lone
from contracts.payloads.payload import Draft, Expected, Payload
from sandbox import codec
from sandbox.document import steps_of
from sandbox.exchange import Request
from sandbox.security import PREFIX
from sandbox.spec import Operation, Spec

MARK = "trackbed0hole0trackbed"


@dataclass(frozen=True, slots=True)
class Hole:
    """The name of an account goes here; with `base64` the Base64 of what is `before` it, the name, and what is `after`."""

    base64: bool = False
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One request. `target` is path and query as they travel; `body` is None for none, its parts bytes or holes."""

    method: str
    target: str
    headers: tuple[tuple[str, tuple[str | Hole, ...]], ...]
    body: tuple[bytes | Hole, ...] | None
    padded_to: int = 0


@dataclass(frozen=True, slots=True)
class Sought:
    """What a body must hold: somewhere a member of this name with one of these values."""

    member: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A payload with its number from 1, the requests that set its scene, its own, and what to look for in the answer to it."""

    number: int
    payload: Payload
    before: tuple[Message, ...]
    call: Message
    sought: Sought | None


@dataclass
class Cases:
    """Writes payloads out. `left_out` counts those that the credential can't show, by reason."""

    spec: Spec
    credential: str
    left_out: dict[str, int]

    @property
    def account(self) -> str:
        """What the names of accounts begin with; empty where there is one credential for all."""
        return self.credential.removeprefix(PREFIX) if is_lone(self.credential) else ""

    def of(self, payloads: Iterable[Payload]) -> Iterator[Case]:
        """Write payloads out, one by one."""
        signer = Signer(self.spec, PREFIX + MARK if self.account else self.credential)
        for number, payload in enumerate(payloads, 1):
            try:
                yield self._case(signer, number, payload)
            except CannotShow as error:
                self.left_out[str(error)] = self.left_out.get(str(error), 0) + 1

    def _case(self, signer: Signer, number: int, payload: Payload) -> Case:
        if payload.needs and not self.account:
            raise CannotShow("what needs the sandbox or its scene needs a lone sbx_ name as --credential")
        operation = self.spec.operations[payload.operation]
        drafts = [(self.spec.operations[step.operation], draft_of(self.spec, step)) for step in payload.before]
        before = tuple(_message(signer.sign(other, draft), draft) for other, draft in drafts)
        call = _message(signer.sign_payload(payload), payload.draft)
        return Case(number, payload, before, call, sought(self.spec, operation, payload.verdict, payload.expected))


def _message(request: Request, draft: Draft) -> Message:
    headers = tuple((name, _holes(value)) for name, value in request.headers.items())
    return Message(request.method, target_path(request), headers, _body_holes(request, draft), draft.padded_to)


def sought(spec: Spec, operation: Operation, verdict: Literal["accept", "reject", "either"], expected: Expected) -> Sought | None:
    """Tell what to look for in an answer beside its status: the code of the refusal, or where 200 says nothing that of success."""
    if verdict == "accept" and spec.accepted:
        return Sought(steps_of(spec.accepted["pointer"])[-1], tuple(spec.accepted["in"]))
    cause = labels.cause_of(spec, operation, expected) if verdict == "reject" else None
    shapes = judging.code_shapes(spec, operation, cause) if cause else ()
    return Sought(shapes[0][-1], (cause.code,)) if cause and shapes else None


def _holes(value: str) -> tuple[str | Hole, ...]:
    """Cut a text where the mark is, or where a word is the Base64 of a text with the mark."""
    if MARK in value:
        before, _, after = value.partition(MARK)
        return tuple(part for part in (before, Hole(), after) if part)
    start, blank, word = value.rpartition(" ")
    try:
        plain = base64.b64decode(word, validate=True).decode()
    except (binascii.Error, ValueError):
        return (value,)
    if MARK not in plain:
        return (value,)
    before, _, after = plain.partition(MARK)
    return (start + blank, Hole(base64=True, before=before, after=after))


def _body_holes(request: Request, draft: Draft) -> tuple[bytes | Hole, ...] | None:
    if draft.body is None:
        return None
    parts = request.body.split(MARK.encode())
    holed: list[bytes | Hole] = [parts[0]]
    for part in parts[1:]:
        holed += [Hole(), part]
    return tuple(part for part in holed if part)


def filled(message: Message, account: str) -> tuple[list[tuple[str, str]], bytes]:
    """Fill the holes of a message with the name of an account: headers, and the whole body."""
    headers = [
        (name, "".join(part if isinstance(part, str) else _fill(part, account) for part in parts)) for name, parts in message.headers
    ]
    body = b"".join(part if isinstance(part, bytes) else account.encode() for part in message.body or ())
    return headers, body.ljust(message.padded_to)


def _fill(hole: Hole, account: str) -> str:
    return base64.b64encode(f"{hole.before}{account}{hole.after}".encode()).decode() if hole.base64 else account


def plain_text(parts: Iterable[bytes | Hole]) -> bool:
    """Tell whether the bytes of a body are text without a NUL, which any script can hold."""
    try:
        texts = [part.decode() for part in parts if isinstance(part, bytes)]
    except UnicodeDecodeError:
        return False
    return not any("\0" in text for text in texts)


def json_text(value: object) -> str:
    """Write a value as JSON text."""
    return codec.dump(value).decode()
