"""How much of a document its payloads hold: which edits of the schemas they notice, and why no payload could notice the others.

The score is the constraint-mutation score. Every edit is compiled, and the request that is said to notice it is judged by the schema
before and after: nothing is taken from the derivation on trust. An edit that is not noticed is *equivalent* where it is proven that no
request can be judged otherwise (a finite enum, an implied bound, an automaton that accepts nothing), else *unproven*, which is missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
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
    judge = _Judge(work, requests)
    kills: list[Kill] = []
    unproven: list[Survivor] = []
    for edit, first in [*work.killed, *((missed.edit, None) for missed in work.missed if not missed.equivalent)]:
        name = judge.noticed_by(edit, first)
        if name is not None:
            kills.append(Kill(edit.id, edit.rule, name))
        else:
            unproven.append(Survivor(edit.id, edit.rule, ""))
    equivalent = (Survivor(one.edit.id, one.edit.rule, "; ".join(one.reasons)) for one in work.missed if one.equivalent)
    return Score(operation.id, work.edits, len(payloads), tuple(kills), tuple(equivalent), tuple(unproven))


class _Judge:
    """Judges requests by the schema before and after an edit."""

    def __init__(self, work: Derivation, requests: Mapping[str, Mapping[str, Any]]) -> None:
        self._schema, self._requests = work.schema, requests

    @cached_property
    def _accepted(self) -> dict[str, bool]:
        return {name: self._schema.ok(request) for name, request in self._requests.items()}

    def noticed_by(self, edit: Edit, first: str | None) -> str | None:
        """Name a payload that an edit is noticed by: the one that was made for it, or else any; None for none."""
        after = self._schema.bundle.compile(edit.schema(self._schema)).is_valid
        if first is not None and after(self._requests[first]) is not self._schema.ok(self._requests[first]):
            return first
        return next((name for name, request in self._requests.items() if after(request) is not self._accepted[name]), None)
