"""What a run proved and what it did not: every operation, reply, cause, link and rule of the document, two-sided.

A row is *seen*, or only *shown* (the target was asked for it by name), or *impossible* with the reason, or *missing*: it could have been
tried and did not come about. A run whose operations never answered with success has proved nothing, whatever else it found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contracts.constraints import constraints
from contracts.foreign import ANY_OF
from contracts.links import links
from contracts.run.evidence import Evidence
from sandbox.causes import Cause
from sandbox.document import at
from sandbox.spec import Operation, Spec

Kind = Literal["operation", "response", "cause", "link", "constraint"]
State = Literal["seen", "shown", "impossible", "missing"]
KINDS: tuple[Kind, ...] = ("operation", "response", "cause", "link", "constraint")
STATES: tuple[State, ...] = ("seen", "shown", "impossible", "missing")

# Why something could not be tried, by kind, operation and name; an empty name is for all of that kind, `operation` for all of it.
Excuses = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that the document says, and whether the run saw it. `where` is its JSON pointer, `reason` is that of an impossible one.

    `operation` is empty for a cause that is the whole document's.
    """

    kind: Kind
    operation: str
    name: str
    where: str
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """All rows, in the order of the document."""

    rows: tuple[Row, ...]

    @property
    def missing(self) -> tuple[Row, ...]:
        """What could have been seen and was not."""
        return tuple(row for row in self.rows if row.state == "missing")

    @property
    def unproved(self) -> tuple[str, ...]:
        """Name the operations that were tried and never answered with success."""
        return tuple(row.operation for row in self.rows if row.kind == "operation" and row.state == "missing")

    def count(self, kind: Kind, state: State, operation: str | None = None) -> int:
        """Count rows of a kind that are in a state, of one operation or of all."""
        return sum(row.kind == kind and row.state == state and operation in (None, row.operation) for row in self.rows)


def certify(spec: Spec, evidence: Evidence, operations: Iterable[str], excuses: Excuses) -> Certificate:
    """Write the certificate for the operations that a run was about."""
    rows: list[Row] = []
    for name in operations:
        rows += _rows(spec, spec.operations[name], evidence, excuses)
    rows += (_cause(cause, "", evidence, excuses) for cause in spec.causes.values())
    return Certificate(tuple(rows))


def vacuous(spec: Spec, certificate: Certificate) -> str:
    """Say why a run proved nothing at all; empty for one that proved something."""
    tried = [row for row in certificate.rows if row.kind == "operation" and row.state in ("seen", "missing")]
    if not any(row.state == "seen" for row in tried):
        return "no operation answered with success"
    makers = [row for row in tried if spec.operations[row.operation].creates]
    if makers and not any(row.state == "seen" for row in makers):
        return f"nothing could be created: {' and '.join(row.operation for row in makers)} never answered with success"
    return ""


def _rows(spec: Spec, operation: Operation, evidence: Evidence, excuses: Excuses) -> Iterator[Row]:
    def row(kind: Kind, name: str, where: str, facts: tuple[bool, bool, str]) -> Row:
        seen, shown, reason = facts
        excuse = excuses.get(("operation", operation.id, "")) or excuses.get((kind, operation.id, name)) or reason
        state: State = "seen" if seen else "shown" if shown else "impossible" if excuse else "missing"
        return Row(kind, operation.id, name, where, state, excuse if state == "impossible" else "")

    yield row("operation", operation.id, operation.where, (evidence.accepted[operation.id] > 0, False, ""))
    for status in operation.responses:
        key = (operation.id, status)
        where = f"{operation.where}/responses/{status}"
        if ANY_OF not in at(spec.tree, where):
            yield row("response", str(status), where, (evidence.answered[key] > 0, key in evidence.shown, _rare(operation, status)))
    for cause in operation.causes.values():
        yield _cause(cause, operation.id, evidence, excuses)
    for link in links(spec, operation):
        walked = (operation.id, link.status, link.name) in evidence.links
        excuse = excuses.get(("operation", link.leads_to, ""), "")
        yield row("link", f"{link.status} {link.name}", link.where, (walked, False, excuse))
    for constraint in constraints(spec, operation).values():
        seen = (operation.id, constraint.rule) in evidence.broken
        yield row("constraint", constraint.rule, constraint.rule, (seen, False, constraint.impossible))


def _cause(cause: Cause, operation: str, evidence: Evidence, excuses: Excuses) -> Row:
    """Write the row of a cause: of an operation's own, or for an empty name of the document's, which any operation may show."""

    def among(pairs: set[tuple[str, str]]) -> bool:
        return any(cause.name == name and operation in ("", where) for where, name in pairs)

    excuse = excuses.get(("operation", operation, "")) or excuses.get(("cause", operation, cause.name)) or _hard_to_cause(cause)
    state: State = "seen" if among(evidence.causes) else "shown" if among(evidence.causes_shown) else "impossible" if excuse else "missing"
    return Row("cause", operation, cause.name, cause.where, state, excuse if state == "impossible" else "")


def _rare(operation: Operation, status: int) -> str:
    """Say why a reply does not come about by itself: where all causes of it are such."""
    reasons = [_hard_to_cause(cause) for cause in operation.refusals.values() if cause.status == status]
    return reasons[0] if reasons and all(reasons) else ""


_STANDINGS = {
    "revoked": "a credential that was withdrawn",
    "expired": "a credential that has expired",
    "denied": "an account without rights",
    "readonly": "an account that may not write",
    "cross-site": "a page of another site",
}


def _hard_to_cause(cause: Cause) -> str:
    """Say why nothing that an ordinary account sends brings a cause about; empty where something does."""
    if cause.severity == "transient":
        return "it is a passing trouble of the target, which no request brings about"
    needed = [_STANDINGS[reason] for reason in sorted(cause.when.reasons) if reason in _STANDINGS] if cause.when else []
    if cause.when and needed and len(needed) == len(cause.when.reasons):
        return f"it takes {' or '.join(needed)}"
    if cause.when and cause.when.kinds == {"forbidden"}:
        return "it takes an account without the right to do this"
    return ""


def summary(certificate: Certificate) -> dict[str, dict[str, int]]:
    """Count rows by kind and state."""
    return {kind: {state: certificate.count(kind, state) for state in STATES} for kind in KINDS}


def told(certificate: Certificate) -> list[dict[str, Any]]:
    """Write the rows as JSON data."""
    return [
        {"kind": row.kind, "operation": row.operation, "name": row.name, "where": row.where, "state": row.state, "reason": row.reason}
        for row in certificate.rows
    ]
