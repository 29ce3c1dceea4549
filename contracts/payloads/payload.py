"""A payload and its label, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, dataclass_transform

T = TypeVar("T")
Kind = Literal["valid", "invalid", "business", "random"]
Verdict = Literal["accept", "reject", "either"]
Shows = Literal["good", "absent", "wrong", "foreign", "revoked", "denied", "readonly"]
Needs = Literal["", "scene", "sandbox"]


@dataclass_transform(frozen_default=True)
def _value(cls: type[T]) -> type[T]:
    """Make a dataclass that is quickly made and written: it is frozen for the type checker only, and orjson reads no slots."""
    return dataclass(cls)


# Stands in a body for a credential that travels there. The sender puts the account's own in its place, wherever it stands.
PLACEHOLDER = "TRACKBED-CREDENTIAL"


@_value
class Draft:
    """A request that no account has signed yet: the credential is shown by the one who sends it.

    `path` is the document's with its variables filled in, percent-decoded; `query` raw; `headers` by lower-case name. `body` is None for
    none; `raw` tells that its bytes are the point and no member may be laid into them. `padded_to` is the length in bytes that blanks
    after the body fill up, 0 for none. `credential` is what is shown: that of an ordinary account (`good`), none (`absent`), one that
    is `wrong`, one that is bound to another account number (`foreign`), or one of the sandbox's own that was `revoked`, has no rights
    (`denied`) or may not write (`readonly`).
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    raw: bool = False
    credential: Shows = "good"
    padded_to: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A call that sets the scene: an operation, its parameters by name, and its JSON body (None for none)."""

    operation: str
    params: Mapping[str, Any]
    body: Any


@dataclass(frozen=True)
class Expected:
    """What must be answered. `statuses` are all that are allowed; `cause`, `code` and `place` are None where the document names none.

    `place` is that of `sandbox.exchange.Problem`, where the error is to be reported. `means` is the status that the answer stands for.
    """

    statuses: tuple[int, ...]
    cause: str | None = None
    code: Any = None
    means: int | None = None
    place: str | None = None


@_value
class Payload:
    """One idea of what to send, and the answer that the document promises.

    `id` is stable from run to run (`trackru.createTracking.carrier_code.too-short`), `title` for a person. `place` says where the idea
    is, as `sandbox.exchange.Problem` writes places, `rule` is the JSON pointer in the document of the rule that it tries, `keyword` the
    JSON Schema keyword of that rule, None where it is none, `beside` the keywords that cannot but be broken with it. `twin` is the id of
    the nearest accepted payload, one edit apart, None for one that is accepted itself. `before` sets the scene. `needs` is what the
    target must have beside its document: nothing, the `scene` that a fresh account of the sandbox finds, or the `sandbox` itself, whose
    conventions it uses.
    """

    id: str
    title: str
    kind: Kind
    operation: str
    draft: Draft
    verdict: Verdict
    expected: Expected
    place: str
    rule: str
    keyword: str | None = None
    beside: tuple[str, ...] = ()
    severity: str = "hard"
    inferred: bool = False
    source: str = ""
    twin: str | None = None
    before: tuple[Step, ...] = ()
    needs: Needs = ""
