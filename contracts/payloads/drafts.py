"""From a call to a draft, and from a draft to a request that shows a credential."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.bodies import content_type, media_type_of, query_of, write_with
from contracts.credentials import Send, Show, Shown, as_documented
from contracts.payloads.payload import PLACEHOLDER, Draft, Payload, Shows, Step
from contracts.payloads.recipes import FOREIGN
from contracts.providers import PROVIDERS
from sandbox import codec
from sandbox.document import pointer
from sandbox.exchange import Request
from sandbox.security import PREFIX
from sandbox.spec import Operation, Spec

if TYPE_CHECKING:
    from sandbox.answers import Answer

WRONG = "trackbed-wrong-credential"


class CannotShow(Exception):
    """A credential of the wanted kind cannot be made of the one that was given; the text says why."""


def draft_of(spec: Spec, step: Step) -> Draft:
    """Write a step as a draft of its operation."""
    operation, given = spec.operations[step.operation], dict(step.params)
    path, headers = operation.path, {}
    for parameter in operation.parameters:
        if parameter.location == "path" and parameter.name in given:
            path = path.replace(f"{{{parameter.name}}}", str(given.pop(parameter.name)))
        elif parameter.location == "header" and parameter.name in given:
            headers[parameter.name] = str(given.pop(parameter.name))
    if step.body is None or operation.body is None:
        return Draft(operation.method, path, query_of(given), headers)
    media_type = media_type_of(operation) or ""
    headers = {"content-type": content_type(media_type), **headers}
    return Draft(operation.method, path, query_of(given), headers, write_with(placeholders(spec, operation), step.body, media_type))


def placeholders(spec: Spec, operation: Operation) -> Mapping[str, Any]:
    """Give what stands in a body for the credential that travels there; nothing where the document has it travel elsewhere."""
    return Signer(spec, PLACEHOLDER).shown(operation, "good").body if operation.credential else {}


def no_send(request: Request) -> Answer:
    """Stand in for a target where there is none. Raises CannotShow."""
    raise CannotShow(f"this credential is traded for a token at {request.path} first; give the token itself, or --run")


def is_lone(text: str) -> bool:
    """Tell whether a credential is a lone `sbx_…` name, so that any number of accounts can be made of it."""
    return text.startswith(PREFIX) and ":" not in text and not text.endswith("=")


@dataclass(frozen=True)
class Signer:
    """Shows one account's credential. `text` is the credential as a user writes it; `send` reaches the target, for a token."""

    spec: Spec
    text: str
    send: Send = no_send

    def sign(self, operation: Operation, draft: Draft, place: str = "") -> Request:
        """Write a draft as a request. A member that the payload is about, at `place`, stays as it is. Raises CannotShow."""
        shown = self.shown(operation, draft.credential)
        body = draft.body or b""
        if shown.body and body:
            body = (
                self._replaced(operation, body, shown)
                if draft.raw
                else _laid(body, shown.body, place if draft.credential == "good" else None)
            )
        return Request(draft.method, draft.path, draft.query, {**shown.headers, **draft.headers}, body)

    def sign_payload(self, payload: Payload) -> Request:
        """Write a payload as a request. Raises CannotShow.

        One that is about the credential keeps its own, unless it is to be accepted: then only that of an account will do.
        """
        own = self.spec.credential is not None and payload.place == self.spec.credential and payload.verdict == "accept"
        return self.sign(self.spec.operations[payload.operation], payload.draft, "" if own else payload.place)

    def shown(self, operation: Operation, kind: Shows) -> Shown:
        """Make what shows a credential of a kind; nothing for a public operation. Raises CannotShow."""
        if kind == "absent":
            return Shown()
        text = self._text(kind)
        own = self._show(self.spec, operation, text, self.send) if self._show else None
        return own or as_documented(self.spec, operation, text)

    @property
    def _show(self) -> Show | None:
        provider = PROVIDERS.get(self.spec.name)
        return provider.show if provider else None

    def _text(self, kind: Shows) -> str:
        if kind == "good":
            return self.text
        if kind == "wrong":
            return WRONG
        if not is_lone(self.text):
            raise CannotShow(f"a credential that is {kind} can be made of a lone sbx_ name only")
        if kind == "foreign":
            return self._foreign()
        return f"{PREFIX}{kind}_{self.text.removeprefix(PREFIX)}"

    def _foreign(self) -> str:
        if (make := FOREIGN.get(self.spec.name)) is None:
            raise CannotShow(f"{self.spec.name} has no credentials that are bound to an account number")
        return make(self.text)

    def _replaced(self, operation: Operation, body: bytes, shown: Shown) -> bytes:
        """Put what shows a credential in the place of what stands for it, byte by byte; its name may be written in any way."""
        stands = placeholders(self.spec, operation)
        for name, value in shown.body.items():
            if stands[name] == PLACEHOLDER:
                body = body.replace(codec.dump(PLACEHOLDER), codec.dump(value))
            else:
                body = body.replace(_member(name, stands[name]), _member(name, value))
        return body


def _member(name: str, value: Any) -> bytes:
    return codec.dump({name: value})[1:-1]


def _laid(body: bytes, members: Mapping[str, Any], about: str | None) -> bytes:
    """Lay members into a JSON object, but for one that the payload is about."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(whole, dict):
        return body
    laid = {name: value for name, value in members.items() if about is None or not f"{about}/".startswith(f"{pointer(name)}/")}
    return codec.dump({**laid, **whole, **laid})
