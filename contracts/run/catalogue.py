"""Everything about a document that is checked one by one: its causes, a provider's promises, and the laws; in the order of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from contracts import causes, laws
from contracts.caller import Caller
from contracts.causes import Trial
from contracts.findings import Kind
from contracts.promises import Promise, formal
from contracts.providers import PROVIDERS
from contracts.run.manners import reads
from sandbox.document import at
from sandbox.spec import Spec

THIRD = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One check. `trial` is what it brings about where it is one of a cause."""

    kind: Kind
    promise: Promise
    trial: Trial | None = None

    @property
    def operation(self) -> str:
        """The operation that it is about first; empty for one of the whole."""
        return self.promise.operations[0] if self.promise.operations else ""

    @property
    def part(self) -> str:
        """Its name within a run, unlike that of any other check: causes are tried in several ways."""
        return f"{self.kind}/{self.promise.name}/{self.operation}/{self.trial.title if self.trial else ''}"


def items(spec: Spec, *, sample: bool = False, seed: int = 0) -> tuple[Item, ...]:
    """List the checks.

    A `sample` tries each cause of the document in one way, a third of the promises and the edges of one body: the seed says which.
    """
    provider = PROVIDERS.get(spec.name)
    trials = _trials(spec)
    promises = provider.promises if provider else ()
    edges = laws.of_bodies(spec)
    if sample:
        bodies = tuple(dict.fromkeys(law.operations for law in edges))
        promises, edges = promises[seed % THIRD :: THIRD], tuple(law for law in edges if law.operations == bodies[seed % len(bodies)])
    found = [
        *(Item("cause", _promise(spec, trial), trial) for trial in (_sampled(trials) if sample else _possible(trials))),
        *(Item("promise", promise) for promise in promises),
        *(Item("law", promise) for promise in (*laws.promises(spec), *edges)),
    ]
    return tuple(sorted(found, key=lambda item: item.promise.alone))


@lru_cache(maxsize=16)
def _trials(spec: Spec) -> tuple[Trial, ...]:
    return causes.trials(spec, PROVIDERS.get(spec.name))


def _possible(trials: Sequence[Trial]) -> Iterator[Trial]:
    """Leave out what cannot be tried with one operation and is tried with another: that is no gap."""
    tried = {trial.cause.where for trial in trials if trial.how != "impossible"}
    yield from (trial for trial in trials if trial.how != "impossible" or trial.cause.where not in tried)


def _sampled(trials: Iterable[Trial]) -> Iterator[Trial]:
    """Take one trial of each cause, one that can be made where there is one."""
    best: dict[str, Trial] = {}
    rank = {"seen": 0, "shown": 1, "impossible": 2}
    for trial in trials:
        known = best.get(trial.cause.where)
        if known is None or rank[trial.how] < rank[known.how]:
            best[trial.cause.where] = trial
    yield from best.values()


def _promise(spec: Spec, trial: Trial) -> Promise:
    """Make a promise of a trial."""
    source = at(spec.tree, trial.cause.where).get("x-source", "")

    def check(caller: Caller) -> None:
        trial.check(caller)

    check.__name__, check.__doc__ = trial.cause.name, f"{trial.cause.name} is answered as documented: {trial.title or trial.reason}."
    writes = not reads(spec, spec.operations[trial.operation])
    return Promise(
        formal(check), (trial.operation,), trial.cause.where, str(source), inferred=trial.cause.inferred or not source, writes=writes
    )
