"""What a run comes to, as data: what was found, what could not be tried, what was proved; and how the command ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from contracts.findings import Finding, Kind
from contracts.run.certificate import Certificate
from contracts.run.manners import Exchange
from sandbox.spec import Spec

Ruling = Literal["failed", "doubtful", "flake", "disputed", "known"]
Held = Literal["kept", "broken", "untried"]
KINDS: tuple[Kind, ...] = ("conformance", "cause", "promise", "law", "lifecycle")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding and what the court makes of it.

    *failed*: a documented promise is broken. *doubtful*: an inferred one is. *flake*: it did not come about again. *disputed*: two
    validators differ about its request or its answer. *known*: the baseline has it. `reason` says why where that is not plain.
    `times` is how often the cause of it was met.
    """

    ruling: Ruling
    finding: Finding
    reason: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that was made, and how it went. Conformance is one check for each operation."""

    kind: Kind
    check: str
    operation: str
    held: Held


@dataclass(frozen=True, slots=True)
class Untried:
    """A check that could not be made, and what stood in the way.

    `error` tells that it was the check itself that stumbled; `place` is the line of ours where, empty where that tells nothing.
    """

    kind: Kind
    check: str
    operation: str
    reason: str
    error: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that the run created and could not remove: by which operation, and what identifies it."""

    operation: str
    identifiers: str


@dataclass(frozen=True)
class Result:
    """One run against one target.

    `own` tells that the target is a sandbox of ours, which must not even be doubtful. `ended` says why the run ended early, empty where
    it did not, `broken_off` that this was not of its own accord, `nothing` why it proved nothing, empty where it proved something.
    """

    spec: Spec
    url: str
    seed: int
    profile: str
    verdicts: tuple[Verdict, ...]
    untried: tuple[Untried, ...]
    certificate: Certificate
    checks: tuple[Checked, ...]
    calls: int
    took_s: float
    nothing: str = ""
    ended: str = ""
    broken_off: bool = False
    own: bool = False
    strict: bool = False
    left: tuple[Left, ...] = ()
    gone: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)

    def ruled(self, ruling: Ruling) -> tuple[Verdict, ...]:
        """Take the verdicts of one ruling."""
        return tuple(verdict for verdict in self.verdicts if verdict.ruling == ruling)

    def count(self, operation: str, kind: Kind) -> Counter[Held]:
        """Count how the checks of a kind went for an operation."""
        return Counter(check.held for check in self.checks if (check.operation, check.kind) == (operation, kind))

    @property
    def exit_code(self) -> int:
        """How the command ends: 0 for promises kept, 1 for promises broken, 2 for a run that proved nothing or could not be made."""
        if self.nothing:
            return 2
        if self.ruled("failed") or ((self.own or self.strict) and self.ruled("doubtful")):
            return 1
        stumbled = any(untried.error for untried in self.untried)
        return 2 if stumbled or self.broken_off or self.certificate.unproved else 0
