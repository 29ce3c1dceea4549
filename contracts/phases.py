"""The parts of a run that are more than one check: Schemathesis over all operations, and whole lives."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from contracts import lifecycle
from contracts.findings import Finding
from contracts.manners import Watched
from contracts.providers import PROVIDERS
from contracts.results import Checked, Held, Untried
from contracts.runner import ENDINGS, Runner
from contracts.selection import Selection

Depth = Literal["quick", "ci", "deep"]

LIVES: Mapping[Depth, tuple[int, int]] = {"quick": (3, 8), "ci": (12, 15), "deep": (150, 40)}  # how many, and how long

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
        max_time_s=options.max_time_s / 2 if options.max_time_s else None,  # the other half is for the rest
        only=frozenset(wanted),
        read_only=options.selection.read_only,
    )
    try:
        found = conformance.run(lambda: runner.caller(f"conformance/{next(parts)}"), settings, walked=runner.evidence.walked)
    except ENDINGS:
        raise
    except Exception as error:  # noqa: BLE001 - an engine that is not ours must not end the run
        runner.untried.append(Untried("conformance", "schemathesis", "", f"{type(error).__name__}: {error}", error=True))
        return ()
    runner.found += found.findings
    watched.check()
    partial = set(wanted) < runner.judged.spec.operations.keys()
    errors = [error for error in found.errors if not (partial and _NO_LINKS in error)]  # those that there are lead to what is left out
    runner.untried += (Untried("conformance", "schemathesis", "", error, error=True) for error in errors)
    looked_at = {operation for operation, _ in found.checks}
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
        runner.untried.append(Untried("lifecycle", "whole-lives", "", f"{type(error).__name__}: {error}", error=True))
        return
    runner.found += found
    watched.check()
    held: Held = "broken" if found else "kept"
    runner.checks.append(Checked("lifecycle", "whole-lives", "", held))
