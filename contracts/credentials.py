"""How a credential is shown: what to add to a request so that it says who is calling.

A document says where a credential travels; what a provider wraps around it (a word before it, a token that is fetched first) is said
in `contracts.providers`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.document import steps_of
from sandbox.exchange import Request
from sandbox.spec import Operation, Spec

if TYPE_CHECKING:
    from sandbox.answers import Answer

Send = Callable[[Request], "Answer"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request gets: headers by lower-case name, and members that are laid into a JSON body."""

    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


# A provider's own form of a credential: `text` is what a user gave, `send` reaches the target (for a token). None: as documented.
Show = Callable[[Spec, Operation, str, Send], Shown | None]


def as_documented(spec: Spec, operation: Operation, text: str) -> Shown:
    """Show a credential as the document's first way says; nothing for a public operation. For HTTP Basic `text` is `user:password`."""
    if operation.needs:
        scheme = operation.needs[0].scheme
        if scheme.kind == "basic":
            plain = text if ":" in text else f"{text}:secret"
            return Shown({"authorization": "Basic " + base64.b64encode(plain.encode()).decode()})
        return Shown({scheme.name: text if scheme.kind == "apiKey" else f"Bearer {text}"})
    if spec.credential is not None and operation.credential:
        value: Any = text
        for step in reversed(steps_of(spec.credential)):
            value = {step: value}
        return Shown(body=value)
    return Shown()
