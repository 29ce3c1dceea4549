"""Somebody who answers in a target's place, so that what would be sent can be told without sending it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.target import Target, WsgiTarget
from sandbox.answers import Answer
from sandbox.codec import dump
from sandbox.exchange import Request
from sandbox.providers import PROVIDERS
from sandbox.spec import Spec


def stand_in(spec: Spec) -> Target:
    """Give a sandbox in this process for a document that it serves, and the examples of the document for any other."""
    if spec.name not in PROVIDERS:
        return Examples(spec)
    from sandbox.app import create_app  # noqa: PLC0415 - the whole sandbox, which nothing else of a run needs
    from sandbox.assembly import Settings, assemble  # noqa: PLC0415 - as above

    return WsgiTarget(create_app(sandbox=assemble(Settings((spec.name,), any_credentials=True))), f"/{spec.name}")


@dataclass(frozen=True)
class Examples:
    """A target that answers every call with the first example of its first documented success."""

    spec: Spec

    @property
    def url(self) -> str:
        """An address that nobody has."""
        return "http://localhost"

    def send(self, request: Request) -> Answer:
        """Answer from the document."""
        operation = (self.spec.router.find(request.path) or ({}, {}))[0].get(request.method)
        for status, response in sorted(operation.responses.items()) if operation else ():
            headers = {"content-type": response.media_type} if response.media_type else {}
            example: Any = next(iter(response.examples.values()), None)
            return Answer(status, headers, b"" if example is None else dump(example))
        return Answer(404, {}, b"")
