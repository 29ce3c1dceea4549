"""The parts of a run that are more than one check: Schemathesis over all operations, and whole lives."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from contracts.caller import Outcome
from contracts.constraints import constraints
from contracts.findings import Finding, Step
from contracts.promises import CannotTell
from contracts.provenance import provenance
from contracts.providers import PROVIDERS
from contracts.ready import ready
from contracts.run import lifecycle
from contracts.run.manners import ENDINGS, Watched
from contracts.run.results import Checked, Held, Untried
from contracts.run.rules import Broken, breaking, breaking_query
from contracts.run.runner import Runner, stumbled
from contracts.run.selection import Selection
from contracts.target import NoAnswer
from sandbox.spec import Operation

Depth = Literal["quick", "ci", "deep"]

LIVES: Mapping[Depth, tuple[int, int]] = {"quick": (3, 8), "ci": (40, 25), "deep": (150, 40)}  # how many, and how long

TIME_IS_UP = "its time was up"
_OF_THE_ENGINE, _OF_CONFORMANCE = 0.4, 0.5  # of the time that there is; the rest is for the other checks
_NO_LINKS = "NoLinksFound"


@dataclass(frozen=True)
class Options:
    """What a run is asked for. `per_s` is the most calls in a second, `keep` lets the result hold every exchange."""

    seed: int = 0
    profile: Depth = "ci"
    selection: Selection = field(default_factory=Selection)
    strict: bool = False
    max_time_s: float | None = None
    per_s: float | None = None
    keep: bool = False


def conform(runner: Runner, watched: Watched, options: Options, wanted: tuple[str, ...]) -> tuple[Finding, ...]:
    """Let Schemathesis look at operations, and take down how each one did."""
    from contracts import conformance  # noqa: PLC0415 - with its engine it takes seconds to import

    parts = itertools.count(1)
    settings = conformance.Settings(
        seed=options.seed,
        profile=options.profile,
        max_time_s=None if (left := watched.left_s()) is None else left * _OF_THE_ENGINE,
        only=frozenset(wanted),
        read_only=options.selection.read_only,
    )
    over = watched.share(_OF_CONFORMANCE)
    try:
        found = conformance.run(lambda: runner.caller(f"conformance/{next(parts)}"), settings, walked=runner.evidence.walked, over=over)
    except ENDINGS:
        raise
    except Exception as error:  # noqa: BLE001 - an engine that is not ours must not end the run
        runner.untried.append(stumbled("conformance", "schemathesis", "", error))
        return ()
    runner.found += found.findings
    if ended := found.ended or watched.over:
        _take_down(runner, found.findings, [])
        raise ended
    partial = set(wanted) < runner.judged.spec.operations.keys()
    errors = [error for error in found.errors if not (partial and _NO_LINKS in error)]  # those that there are lead to what is left out
    runner.untried += (Untried("conformance", "schemathesis", "", error, error=True) for error in errors)
    runner.untried += (Untried("conformance", "conformance", name, f"{TIME_IS_UP} before all was tried") for name in found.cut)
    looked_at = {operation for operation, _ in found.checks} - set(found.cut)
    _take_down(runner, found.findings, [name for name in wanted if name in looked_at])
    return found.findings


def _take_down(runner: Runner, findings: tuple[Finding, ...], operations: list[str]) -> None:
    bad = {finding.operation for finding in findings}
    for name in dict.fromkeys((*operations, *bad)):
        held: Held = "broken" if name in bad else "kept"
        runner.checks.append(Checked("conformance", "conformance", name, held))


def live(runner: Runner, watched: Watched, options: Options) -> None:
    """Live whole lives, where the provider has a machine for them."""
    provider = PROVIDERS.get(runner.judged.spec.name)
    if provider is None or provider.machine is None:
        return
    count, steps = LIVES[options.profile]
    lives = itertools.count(1)
    try:
        found = lifecycle.run(
            runner.judged.spec,
            provider,
            lambda: runner.caller(f"lifecycle/{next(lives)}"),
            seed=options.seed,
            examples=count,
            steps=steps,
            over=watched.is_over,
        )
    except ENDINGS:
        raise
    except Exception as error:  # noqa: BLE001 - what no rule expects must not end the run
        runner.untried.append(stumbled("lifecycle", "whole-lives", "", error))
        return
    runner.found += found
    watched.check()
    held: Held = "broken" if found else "kept"
    runner.checks.append(Checked("lifecycle", "whole-lives", "", held))


def break_rules(runner: Runner, wanted: tuple[str, ...], over: Callable[[], bool]) -> None:
    """Break each rule of a body that nobody has broken yet, and hold the target to refuse that. `over` tells that there is no more time."""
    spec = runner.judged.spec
    for name in wanted:
        operation = spec.operations[name]
        known = {constraint.rule for constraint in constraints(spec, operation).values() if not constraint.impossible}
        left = {rule for rule in known if (name, rule) not in runner.evidence.broken}
        for _, query in breaking_query(spec, operation, left) if left else ():
            if over():
                runner.untried.append(Untried("conformance", "rules", name, f"{TIME_IS_UP} before all was tried"))
                return
            with contextlib.suppress(CannotTell, NoAnswer):
                caller = runner.caller(f"rules/{name}/{query}")
                caller.call(name, params={**ready(caller, operation).params, **query})
        for broken in breaking(spec, operation, left) if left else ():
            if over():
                runner.untried.append(Untried("conformance", "rules", name, f"{TIME_IS_UP} before all was tried"))
                return
            if broken.body is None:
                runner.excuses["constraint", name, broken.rule] = "what breaks it is admitted in another form"
            elif (found := _refused(runner, operation, broken)) is not None:
                runner.found.append(found)
                _take_down(runner, (found,), [])


def _refused(runner: Runner, operation: Operation, broken: Broken) -> Finding | None:
    """Send a request that breaks a rule; a finding where it is accepted."""
    heard: list[Outcome] = []
    with contextlib.suppress(CannotTell, NoAnswer):  # what can't be sent breaks nothing; no answer is somebody else's finding
        caller = runner.caller(f"rules/{operation.id}/{broken.rule}", heard.append)
        outcome = caller.call(operation.id, broken.body, params=ready(caller, operation).params)
        if outcome.accepted:
            source, inferred = provenance(runner.judged.spec, broken.rule, operation)
            step = Step(outcome.request, outcome.answer)
            message = "Invalid data was accepted"
            return Finding(
                "conformance", "ST201", operation.id, broken.rule, message, "a refusal", outcome.means, source,
                inferred=inferred, steps=(step,), seed=runner.seed,
            )  # fmt: skip
    return None
