"""How much of a document its payloads hold: which edits of the schemas they notice, and why no payload could notice the others.

The score is the constraint-mutation score. Every edit is compiled, and the request that is said to notice it is judged by the schema
before and after: nothing is taken from the derivation on trust. An edit that is not noticed is *equivalent* where it is proven that no
request can be judged otherwise (a finite enum, an implied bound, an automaton that accepts nothing), else *unproven*, which is missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.payloads.derive import Derivation, derivation
from contracts.payloads.edits import Edit
from contracts.payloads.payload import Payload
from sandbox.spec import Operation, Spec


@dataclass(frozen=True, slots=True)
class Kill:
    """One edit and the payload that notices it."""

    edit: str
    rule: str
    payload: str


@dataclass(frozen=True, slots=True)
class Survivor:
    """One edit that no payload notices; `proof` says why none can, empty where that is unproven."""

    edit: str
    rule: str
    proof: str


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one operation: how many edits there are, what became of each, and how many payloads it took."""

    operation: str
    edits: int
    payloads: int
    kills: tuple[Kill, ...]
    equivalent: tuple[Survivor, ...]
    unproven: tuple[Survivor, ...]

    @property
    def percent(self) -> float:
        """The share of the edits that are not equivalent which are noticed."""
        wanted = self.edits - len(self.equivalent)
        return 100.0 * len(self.kills) / wanted if wanted else 100.0


def score(spec: Spec, operation: Operation) -> Score:
    """Derive the payloads of an operation, and judge with each edit compiled what they notice."""
    work = derivation(spec, operation)
    requests: dict[str, Mapping[str, Any]] = {}
    payloads: list[Payload] = []
    for derived in work.payloads():
        payloads.append(derived.payload)
        requests[derived.payload.id] = derived.request
    kills: list[Kill] = []
    unproven: list[Survivor] = []
    for edit, name in work.killed:
        if _notices(work, edit, requests[name]):
            kills.append(Kill(edit.id, edit.rule, name))
        else:
            unproven.append(Survivor(edit.id, edit.rule, ""))
    equivalent: list[Survivor] = []
    for missed in work.missed:
        proof = "; ".join(missed.reasons) if missed.equivalent else ""
        (equivalent if missed.equivalent else unproven).append(Survivor(missed.edit.id, missed.edit.rule, proof or ""))
    return Score(operation.id, work.edits, len(payloads), tuple(kills), tuple(equivalent), tuple(unproven))


def _notices(work: Derivation, edit: Edit, request: Mapping[str, Any]) -> bool:
    """Judge a request by the schema before and after an edit."""
    schema = work.schema
    return bool(schema.bundle.compile(edit.schema(schema)).is_valid(request)) is not schema.ok(request)
