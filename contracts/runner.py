"""A run: everything that is checked, in order, each part as somebody of its own; and what came of it.

    reach → conformance → causes → promises → laws → lifecycle → promises that run alone → the court → clean-up

A part that stumbles does not stop the others. What ends a run early (its time, a target that is gone, a person) leaves what is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import worlds
from contracts.caller import FOREIGN, Caller, Outcome
from contracts.credentials import Show
from contracts.evidence import Evidence
from contracts.findings import Finding, Kind, Step
from contracts.identities import Identity, identity
from contracts.leavings import Leavings
from contracts.manners import TargetIsGone, TimeIsUp
from contracts.promises import Broken, CannotTell, Promise
from contracts.results import Checked, Held, Untried
from contracts.selection import Selection
from contracts.target import NoAnswer, Target
from sandbox.client import Control, ControlError
from sandbox.exchange import Request
from sandbox.spec import Spec

ENDINGS = (TimeIsUp, TargetIsGone, KeyboardInterrupt)


@dataclass(frozen=True)
class Judged:
    """What is judged, and as whom: a document, a target, a credential in the provider's own form (None where there is none)."""

    spec: Spec
    target: Target
    credential: str | None
    show: Show | None = None
    scene: Mapping[str, Any] = field(default_factory=dict)
    control: Control | None = None


@dataclass
class Runner:
    """Makes checks on a target, and remembers what they showed. `told` hears what is being done, for a person who waits."""

    judged: Judged
    seed: int
    selection: Selection = field(default_factory=Selection)
    told: Callable[[str], None] = lambda _: None
    found: list[Finding] = field(default_factory=list)
    untried: list[Untried] = field(default_factory=list)
    checks: list[Checked] = field(default_factory=list)
    again: dict[tuple[str, str, str, str], tuple[Kind, Promise]] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)
    excuses: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.evidence = Evidence(self.judged.spec)
        self.leavings = Leavings(self.judged.spec)

    def caller(self, part: str, *listeners: Callable[[Outcome], None]) -> Caller:
        """Make a caller for one part of the run, with a world of its own where the target gives them. Raises CannotTell."""
        who = identity(self.judged.credential, self.seed, part)
        self.identities.append(who)
        if who.core and who.text:
            self._refresh(who.text)
        caller = Caller(
            self.judged.spec,
            self.judged.target,
            who.text,
            self.judged.show,
            prefix=who.prefix,
            scene=self.judged.scene,
            control=self.judged.control,
        )

        def heard(outcome: Outcome) -> None:
            self.evidence.hear(outcome)
            self.leavings.hear(outcome, caller)
            for listener in listeners:
                listener(outcome)

        caller.heard = heard
        return caller

    def _refresh(self, text: str) -> None:
        try:
            for account in (text, text + FOREIGN):
                worlds.reset(self.judged.control, account)
        except ControlError as error:
            raise CannotTell(f"the world of {text} could not be made fresh: {error}") from None

    def hold(self, kind: Kind, promise: Promise, *, part: str = "") -> Finding | None:
        """Try one promise, and take down how it went. Gives the finding where it is broken."""
        operation = promise.operations[0] if promise.operations else ""
        self.told(f"{kind} {promise.name}")
        finding = self.attempt(kind, promise, part=part)
        held: Held = "kept"
        if isinstance(finding, Untried):
            held = "untried"
            self.untried.append(finding)
        elif finding is not None:
            held = "broken"
            self.again.setdefault(finding.key, (kind, promise))
            self.found.append(finding)
        self.checks.append(Checked(kind, promise.name, operation, held))
        return finding if isinstance(finding, Finding) else None

    def attempt(self, kind: Kind, promise: Promise, *, part: str = "") -> Finding | Untried | None:
        """Try one promise as somebody of its own. None where it was kept."""
        operation = promise.operations[0] if promise.operations else ""
        story: list[Outcome] = []
        try:
            caller = self.caller(f"{kind}/{promise.name}/{operation}{part}", story.append)
            promise.check(caller)
        except Broken as broken:
            return self._finding(kind, promise, broken, story)
        except NoAnswer as silence:
            nothing = Broken(f"the target gave no answer: {silence.reason}", "an answer")
            return self._finding(kind, promise, nothing, story, silent=silence.request)
        except CannotTell as reason:
            return Untried(kind, promise.name, operation, str(reason))
        except ENDINGS:
            raise
        except Exception as error:  # noqa: BLE001 - an answer that no check expects must not end the run
            return Untried(kind, promise.name, operation, f"the check stumbled over an answer: {type(error).__name__}: {error}", error=True)
        return None

    def _finding(self, kind: Kind, promise: Promise, broken: Broken, story: list[Outcome], *, silent: Request | None = None) -> Finding:
        judged = next((index for index, outcome in enumerate(story) if outcome is broken.outcome), len(story) - 1)
        steps = [Step(outcome.request, outcome.answer) for outcome in story[: judged + 1]]
        return Finding(
            kind,
            promise.name,
            promise.operations[0] if promise.operations else "",
            promise.where,
            broken.message,
            broken.expected,
            broken.got,
            promise.source,
            inferred=promise.inferred,
            steps=(*steps, *((Step(silent, None),) if silent else ())),
            seed=self.seed,
        )


def clock() -> Callable[[], float]:
    """Start a watch; calling it gives the seconds since."""
    began = time.monotonic()
    return lambda: time.monotonic() - began
