"""A run: everything that is checked, in order, each part as somebody of its own; and what came of it.

    reach → conformance → causes → promises → laws → lifecycle → promises that run alone → the court → clean-up

A part that stumbles does not stop the others. What ends a run early (its time, a target that is gone, a person) leaves what is known.
"""

from __future__ import annotations

import secrets
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import Trial
from contracts.credentials import Show
from contracts.findings import Finding, Key, Kind, Step
from contracts.promises import Broken, CannotTell
from contracts.run.catalogue import Item
from contracts.run.evidence import Evidence
from contracts.run.identities import Identity, identity
from contracts.run.leavings import Leavings
from contracts.run.manners import ENDINGS
from contracts.run.results import Checked, Held, Untried
from contracts.run.selection import Selection
from contracts.run.worlds import Worlds
from contracts.target import NoAnswer, Target
from sandbox.client import Control, ControlError
from sandbox.exchange import Request
from sandbox.spec import Spec

_OURS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Judged:
    """What is judged, and as whom: a document, a target, a credential in the provider's own form (None where there is none).

    `wait` lets time pass on a target whose clock can't be moved (see `contracts.proofs.later`).
    """

    spec: Spec
    target: Target
    credential: str | None
    show: Show | None = None
    scene: Mapping[str, Any] = field(default_factory=dict)
    control: Control | None = None
    wait: Callable[[float], None] = time.sleep


@dataclass
class Runner:
    """Makes checks on a target, and remembers what they showed. `told` hears what is being done, for a person who waits.

    `scope` keeps its accounts apart from those of other runners with the same seed, which may be at work at the same time; empty is the
    name of the document. `once` does so for a target whose worlds can't be made fresh: what an earlier run made there may still be
    there, so None makes it a new text for such a target, and an empty one for all others.
    """

    judged: Judged
    seed: int
    selection: Selection = field(default_factory=Selection)
    told: Callable[[str], None] = lambda _: None
    found: list[Finding] = field(default_factory=list)
    untried: list[Untried] = field(default_factory=list)
    checks: list[Checked] = field(default_factory=list)
    again: dict[Key, Item] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)
    excuses: dict[tuple[str, str, str], str] = field(default_factory=dict)
    scope: str = ""
    once: str | None = None

    def __post_init__(self) -> None:
        if self.once is None:
            self.once = "" if self.judged.control is not None else secrets.token_hex(6)
        self.evidence = Evidence(self.judged.spec)
        self.leavings = Leavings(self.judged.spec)
        self.worlds = Worlds(self.judged.control)

    def identity(self, part: str) -> Identity:
        """Give the identity of one part of the run."""
        return identity(self.judged.credential, self.seed, f"{self.scope or self.judged.spec.name}/{self.once}{part}")

    def caller(self, part: str, *listeners: Callable[[Outcome], None]) -> Caller:
        """Make a caller for one part of the run, with a world of its own where the target gives them. Raises CannotTell."""
        who = self.identity(part)
        self.identities.append(who)
        if who.core:
            self._refresh(who)
        caller = Caller(
            self.judged.spec,
            self.judged.target,
            who.text,
            self.judged.show,
            prefix=who.prefix,
            scene=self.judged.scene,
            control=self.judged.control,
            wait=self.judged.wait,
        )

        def heard(outcome: Outcome) -> None:
            self.evidence.hear(outcome)
            self.leavings.hear(outcome, caller)
            for listener in listeners:
                listener(outcome)

        caller.heard = heard
        return caller

    def _refresh(self, who: Identity) -> None:
        try:
            self.worlds.refresh(who.core)
        except ControlError as error:
            raise CannotTell(f"the world of {who.text} could not be made fresh: {error}") from None

    def hold(self, item: Item) -> Finding | None:
        """Make one check, and take down how it went. Gives the finding where a promise is broken."""
        self.told(f"{item.kind} {item.promise.name}")
        came = self.attempt(item)
        held: Held = "kept"
        if isinstance(came, Untried):
            held = "untried"
            self.untried.append(came)
        elif came is not None:
            held = "broken"
            self.again.setdefault(came.key, item)
            self.found.append(came)
        self.checks.append(Checked(item.kind, item.promise.name, item.operation, held))
        if item.trial is not None:
            self._prove(item.trial, came)
        return came if isinstance(came, Finding) else None

    def _prove(self, trial: Trial, came: Finding | Untried | None) -> None:
        """Take down what the trial of a cause proved: that it comes about, or why it can't."""
        if came is None:
            self.evidence.caused(trial.operation, trial.cause.name, shown=trial.how == "shown")
        elif isinstance(came, Untried) and not came.error:
            for operation in (trial.operation, ""):
                self.excuses.setdefault(("cause", operation, trial.cause.name), came.reason)

    def attempt(self, item: Item, *, again: str = "") -> Finding | Untried | None:
        """Make one check as somebody of its own. None where the promise was kept."""
        story: list[Outcome] = []
        try:
            item.promise.check(self.caller(item.part + again, story.append))
        except Broken as broken:
            return self._finding(item, broken, story)
        except NoAnswer as silence:
            nothing = Broken(f"the target gave no answer: {silence.reason}", "an answer")
            return self._finding(item, nothing, story, silent=silence.request)
        except CannotTell as why:
            return Untried(item.kind, item.promise.name, item.operation, str(why))
        except ENDINGS:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of one check must not end the run
            return stumbled(item.kind, item.promise.name, item.operation, error)
        return None

    def _finding(self, item: Item, broken: Broken, story: list[Outcome], *, silent: Request | None = None) -> Finding:
        judged = next((index for index, outcome in enumerate(story) if outcome is broken.outcome), len(story) - 1)
        steps = [Step(outcome.request, outcome.answer) for outcome in story[: judged + 1]]
        return Finding(
            item.kind,
            item.promise.name,
            item.operation,
            item.promise.where,
            broken.message,
            broken.expected,
            broken.got,
            item.promise.source,
            inferred=item.promise.inferred,
            steps=(*steps, *((Step(silent, None),) if silent else ())),
            seed=self.seed,
        )


def stumbled(kind: Kind, check: str, operation: str, error: Exception) -> Untried:
    """Say that a check of ours has a fault, and where: it tells nothing of the target."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_OURS)] or frames
    place = f"{_within(Path(ours[-1].filename))}:{ours[-1].lineno} in {ours[-1].name}" if ours else ""
    reason = f"a fault of ours, please report it: {type(error).__name__}: {error}"
    return Untried(kind, check, operation, reason, error=True, place=place)


def _within(path: Path) -> str:
    """Name a file as it is called in the project, or by its name alone: reports go to other people."""
    return path.relative_to(_OURS.parent).as_posix() if path.is_relative_to(_OURS) else path.name


def clock() -> Callable[[], float]:
    """Start a watch; calling it gives the seconds since."""
    began = time.monotonic()
    return lambda: time.monotonic() - began
