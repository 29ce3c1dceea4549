"""Payloads are sent, and what comes is held to their labels. The result is data; how it is told is not decided here.

Where the credential is a lone `sbx_…` name each payload has an account of its own, which nobody used before; else all have the one that
was given, and payloads that need the sandbox are not tried.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from contracts.caller import Outcome, meaning, parsed
from contracts.payloads import judging
from contracts.payloads.doubts import doubted
from contracts.payloads.drafts import CannotShow, Signer, draft_of, is_lone
from contracts.payloads.payload import Draft, Payload
from contracts.payloads.recipe import Fresh
from contracts.target import NoAnswer, Target
from sandbox import codec
from sandbox.answers import Answer
from sandbox.document import steps_of
from sandbox.exchange import Request
from sandbox.security import PREFIX
from sandbox.spec import Operation, Spec

Verdict = Literal["as labelled", "otherwise", "not tried"]
SILENT = 5  # answers that did not come in a row, after which nobody is asked any more
_NAME = 28  # characters of a name that its accounts keep


class CannotRun(Exception):
    """Nothing can be sent, or nobody answers; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a payload. `reasons` say in what it differs from its label, or why it was not tried; `status` is None then."""

    id: str
    title: str
    operation: str
    kind: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    status: int | None = None
    answer: str = ""
    rule: str = ""
    inferred: bool = False


@dataclass(frozen=True)
class Accounts:
    """The accounts of a run. `tag` keeps those of one run apart from those of any other."""

    text: str
    tag: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def many(self) -> bool:
        """Whether each payload can have one of its own."""
        return is_lone(self.text)

    def number(self, count: int) -> str:
        """Write the credential of the account with a number."""
        return f"{PREFIX}{self.text.removeprefix(PREFIX)[:_NAME]}_{self.tag}_{count}" if self.many else self.text


@dataclass
class Run:
    """One run of payloads of a document against a target."""

    spec: Spec
    target: Target
    accounts: Accounts
    _count: int = field(default=0, repr=False)
    _silent: int = field(default=0, repr=False)

    def results(self, payloads: Iterable[Payload]) -> Iterator[Result]:
        """Send payloads one after the other. Raises CannotRun when nobody answers."""
        for payload in payloads:
            yield self._result(payload)

    def _result(self, payload: Payload) -> Result:
        result = Result(
            payload.id, payload.title, payload.operation, payload.kind, "as labelled", rule=payload.rule, inferred=payload.inferred
        )
        if payload.needs and not self.accounts.many:
            what = "the scene of a fresh account" if payload.needs == "scene" else "what only the sandbox has"
            return replace(result, verdict="not tried", reasons=(f"it needs {what}; give a lone sbx_ name as --credential",))
        try:
            return self._judged(payload, result)
        except CannotShow as error:
            return replace(result, verdict="not tried", reasons=(str(error),))
        except NoAnswer as error:
            self._silent += 1
            if self._silent >= SILENT or self._count == 1:
                raise CannotRun(str(error)) from None
            return replace(result, verdict="otherwise", reasons=(str(error),))

    def _judged(self, payload: Payload, result: Result) -> Result:
        if not self.accounts.many:
            payload = doubted(self.spec, self.spec.operations[payload.operation], payload, shared=True)
        outcome, unset = self._send(payload)
        if unset:
            return replace(result, verdict="otherwise", reasons=(unset,))
        reasons = judging.complaints(self.spec, payload, outcome)
        if payload.verdict == "either" and not reasons and self.accounts.many:
            again, _ = self._send(payload)
            if (again.status, again.means) != (outcome.status, outcome.means):
                reasons = (f"the same call got {outcome.status} and then {again.status}",)
        verdict: Verdict = "otherwise" if reasons else "as labelled"
        return replace(result, verdict=verdict, reasons=reasons, status=outcome.status, answer=judging.excerpt(outcome) if reasons else "")

    def _send(self, payload: Payload) -> tuple[Outcome, str]:
        """Set the scene and send; the second value says why the scene could not be set, if so."""
        self._count += 1
        signer = Signer(self.spec, self.accounts.number(self._count), self.target.send)
        for step in payload.before:
            operation, draft = self.spec.operations[step.operation], draft_of(self.spec, step)
            outcome = self._exchange(operation, signer.sign(operation, draft))
            if not outcome.accepted:
                return outcome, f"its scene could not be set: {step.operation} was refused with {outcome.means}"
        operation = self.spec.operations[payload.operation]
        draft = payload.draft if self.accounts.many else freshened(operation, payload, self.accounts.tag)
        request = padded(signer.sign_payload(replace(payload, draft=draft)), draft)
        return self._exchange(operation, request), ""

    def _exchange(self, operation: Operation, request: Request) -> Outcome:
        answer = self.target.send(request)
        self._silent = 0
        body = parsed(answer)
        return Outcome(operation, request, answer, body, meaning(self.spec, operation, answer.status, body))


def freshened(operation: Operation, payload: Payload, tag: str) -> Draft:
    """Give members that must be unique (the document's causes say which) a value that was not sent before, where the idea is another.

    This is for accounts that have to take many payloads; a body that would not be valid any more stays as it is.
    """
    draft, fresh = payload.draft, Fresh(payload.id + tag)
    if draft.raw or not draft.body or payload.before or operation.body is None:
        return draft
    body = parsed(Answer(0, {}, draft.body))
    check = operation.body.check(Request(draft.method, draft.path, headers=draft.headers))
    for where in (pointer for cause in operation.causes.values() for pointer in cause.unique):
        (name,) = steps_of(where) if where.count("/") == 1 else ("",)
        if isinstance(body, dict) and isinstance(body.get(name), str) and not payload.place.startswith(where):
            changed = {**body, name: fresh("TB")}
            if check.ok(changed) == check.ok(body):
                body = changed
    return replace(draft, body=codec.dump(body)) if isinstance(body, dict) else draft


def padded(request: Request, draft: Draft) -> Request:
    """Fill a body up with blanks. Its connection is not used again: who refuses a body need not read it to its end."""
    if not draft.padded_to:
        return request
    return request._replace(body=request.body.ljust(draft.padded_to), headers={**request.headers, "connection": "close"})
