"""How thoroughly a run looks, and what Schemathesis is told of it: a configuration of ours, never one that lies about somewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contracts.conformance.adapter import Cases
from sandbox.causes import Cause
from sandbox.spec import Operation, Spec

Depth = Literal["quick", "ci", "deep"]

MARK = "trackbed"  # stands for the credential until a request is sent
SAFE = frozenset(("GET", "HEAD"))


@dataclass(frozen=True, slots=True)
class Profile:
    """How many examples are drawn of each operation (0: none), how many stories told and of how many steps, and which cases enumerated.

    `operations` is how many operations are looked at one by one, by seed, where a document has more (None: all of them); examples and
    stories go through all. `members` is of how many optional members in a request one is tried. `edges` is how many requests are sent
    that are one edit away from a rule, for each operation, and `large` the number of members above which a body is too large for them.
    """

    examples: int
    stories: int
    steps: int
    cases: Cases
    operations: int | None = None
    members: int = 1
    edges: int = 0
    large: int = 0


PROFILES: Mapping[Depth, Profile] = {
    "quick": Profile(examples=0, stories=2, steps=5, cases=Cases(positive=8, alike=1, every=2), operations=4, members=8),
    "ci": Profile(examples=8, stories=10, steps=6, cases=Cases(positive=20, alike=1), edges=150, large=150),
    "deep": Profile(examples=300, stories=150, steps=8, cases=Cases(positive=5000, alike=100), edges=20_000, large=10_000),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is asked for.

    `only` and `skip` are operationIds; nothing in `only` is all of them. `max_time_s` ends the run early, and lets what is drawn go on
    until then. `read_only` sends nothing but GET and HEAD, and OPTIONS.
    """

    seed: int = 0
    profile: Depth = "ci"
    max_time_s: float | None = None
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    read_only: bool = False

    def wants(self, operation: Operation) -> bool:
        """Tell whether an operation is part of the run."""
        if self.read_only and operation.method not in SAFE:
            return False
        return operation.id not in self.skip and (not self.only or operation.id in self.only)

    def sampled(self, spec: Spec) -> frozenset[str]:
        """Name the operations that are looked at one by one: those of the run, or as many of them as the profile has time for."""
        wanted = [operation.id for operation in spec.operations.values() if self.wants(operation)]
        one_in = math.ceil(len(wanted) / (PROFILES[self.profile].operations or len(wanted) or 1))
        return frozenset(wanted[self.seed % one_in :: one_in] if one_in else ())


def configuration(spec: Spec, settings: Settings, url: str, *, anonymous: bool) -> dict[str, Any]:
    """Write the configuration of a run. `anonymous` is one without a credential."""
    profile, sampled = PROFILES[settings.profile], settings.sampled(spec)
    told: dict[str, Any] = {
        "seed": settings.seed,
        "workers": 1,  # several crash operations on Python 3.11
        "continue-on-failure": True,  # else the enumerating phases stop at their first finding
        "base-url": url,
        "max-redirects": 0,
        "suppress-health-check": ["too_slow"],  # it would say something of this machine, not of the target
        "cache": {"enabled": False},  # a run depends on nothing that an earlier one left
        "output": {"sanitization": {"enabled": False}},  # a command that repeats a call needs all of it
        "generation": {"database": "none", "max-examples": max(1, profile.examples), "exclude-header-characters": "\0"},
        "phases": _phases(settings, profile),
        "operations": [
            {"include-operation-id": operation.id, **own}
            for operation in spec.operations.values()
            if (own := _operation(operation, looked_at=operation.id in sampled))
        ],
    }
    if settings.max_time_s is not None:
        told["max-time"] = max(1, math.ceil(settings.max_time_s))
    if not anonymous and (schemes := _schemes(spec)):
        told["auth"] = {"openapi": schemes}
    return told


def _phases(settings: Settings, profile: Profile) -> dict[str, Any]:
    # What is learned from answers makes later requests depend on ids that a target draws at random: the same seed would no longer
    # give the same calls. What was created is known from the document's own links instead.
    memory = {"extra-data-sources": {"responses": False}}
    return {
        "examples": {**memory},
        "coverage": {**memory, **({"unexpected-methods": ["options"]} if settings.read_only else {})},
        "fuzzing": {**memory, "enabled": profile.examples > 0, "error-feedback": {"enabled": False}, "operation-ordering": "none"},
        "stateful": {
            "max-steps": profile.steps,
            "link-calibration": False,
            "generation": {"max-examples": profile.stories},
            "inference": {"algorithms": ["location-headers"]},  # names of members tell nothing about what belongs together
        },
    }


def _schemes(spec: Spec) -> dict[str, Any]:
    """Give each scheme that is the first choice of an operation the mark of a credential."""
    found: dict[str, Any] = {}
    for operation in spec.operations.values():
        for need in operation.needs[:1]:
            kind = need.scheme.kind
            found[need.scheme.label] = (
                {"username": MARK, "password": MARK} if kind == "basic" else {"bearer" if kind == "bearer" else "api_key": MARK}
            )
    return found


def may_strike(cause: Cause) -> bool:
    """Tell whether data that the schema admits can be refused for a cause: for a rule that no schema holds, or for a while."""
    return cause.when is None or bool(cause.unique or cause.avoid) or cause.severity == "transient"


def _operation(operation: Operation, *, looked_at: bool) -> dict[str, Any]:
    """Say what holds for one operation alone; nothing where all is as for any other."""
    told: dict[str, Any] = {}
    if not looked_at:
        told["phases"] = {phase: {"enabled": False} for phase in ("coverage", "fuzzing")}
    if operation.refusals:
        told["checks"] = _statuses(operation)
    return told


def _statuses(operation: Operation) -> dict[str, Any]:
    """Say which statuses a document's causes allow, where valid data is refused for business and where invalid data is refused."""
    business = {cause.means for cause in operation.refusals.values() if may_strike(cause)}
    refusals = {c.means for c in operation.refusals.values() if c.means < 500}
    return {
        "positive_data_acceptance": {"expected-statuses": ["2xx", *map(str, sorted(business))]},
        "negative_data_rejection": {"expected-statuses": [*map(str, sorted(refusals))]},
        "missing_required_header": {"expected-statuses": [*map(str, sorted(refusals))]},
    }
