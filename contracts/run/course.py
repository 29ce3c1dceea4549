"""The course of a run: what is checked after what, when it ends, and what is made of it.

reach → conformance → causes → promises → laws → lifecycle → promises that run alone → the court → clean-up
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from contracts.court import Court
from contracts.court.replay import Player
from contracts.findings import Finding, Key
from contracts.promises import CannotTell
from contracts.providers import PROVIDERS
from contracts.run import certificate, phases
from contracts.run.catalogue import Item, items
from contracts.run.identities import Identity
from contracts.run.manners import ReadOnly, TargetIsGone, TimeIsUp, Watched
from contracts.run.phases import Options
from contracts.run.reach import CannotRun, reach
from contracts.run.results import KINDS, Left, Result, Untried, Verdict
from contracts.run.runner import Judged, Runner, clock
from contracts.run.selection import check_names
from contracts.target import Target

_OF_CHECKING = 0.8  # of the time that there is; the rest is for the court
_OF_RULES = 0.3  # of what is left then
_CLEANING_S = 4.0  # after the end of a run that ended early


def run(judged: Judged, options: Options, told: Callable[[str], None] = lambda _: None) -> Result:
    """Judge a target. Raises CannotRun where nothing can be judged, UnknownName for a selection of what there is not."""
    begun = _Run(judged, options, told)  # its clock runs from here: of a huge document to see what there is to check takes time too
    check_names(options.selection, judged.spec, items(judged.spec))
    return begun.go()


class _Run:
    """One run, from its first call to its result."""

    def __init__(self, judged: Judged, options: Options, told: Callable[[str], None]) -> None:
        self.elapsed = clock()
        self.watched = Watched(judged.target, per_s=options.per_s, keep=options.keep, called=self._called)
        target: Target = ReadOnly(self.watched, judged.spec) if options.selection.read_only else self.watched
        self.options = options
        sample = options.profile == "quick" and not options.selection.only  # what is named is tried
        self.items = items(judged.spec, sample=sample, seed=options.seed)
        self.told = told
        self.runner = Runner(replace(judged, target=target), options.seed, options.selection, self._tell)
        self.spec = judged.spec
        self.doing = ""
        self.ended = ""
        self.broken_off = False
        self._held: set[str] = set()
        self._fresh = itertools.count(1)

    def go(self) -> Result:
        """Run everything. What ends it early is taken down, and what is known then is the result."""
        self._reach()
        self.watched.end_after(self._until(_OF_CHECKING))
        self._ending_early(self._check)
        if any(untried.reason.startswith(phases.TIME_IS_UP) for untried in self.runner.untried):  # a part of it, at least
            self.ended = self.ended or phases.TIME_IS_UP
        self.runner.untried += self._left_out()
        verdicts: list[Verdict] = []
        self.watched.end_after(self._until(1))
        if not self.broken_off:
            self._ending_early(lambda: verdicts.extend(self._judged()))
        judged = {verdict.finding.key for verdict in verdicts}
        verdicts += (Verdict("doubtful", found, "there was no time to confirm it") for found in self._unjudged(judged))
        gone, left = self._cleaned()
        return self._result(tuple(verdicts), gone, left)

    def _reach(self) -> None:
        self._tell("reaching the target")
        self.watched.end_after(self._until(1))
        try:
            reach(self.runner.caller("reach"))
        except TimeIsUp:
            raise CannotRun(f"{self.watched.url} gave no answer before the time was up; give more with --max-time") from None

    def _until(self, part: float) -> float | None:
        """Say how many seconds are left of a part of the time that was given; None where none was."""
        return None if self.options.max_time_s is None else max(0.0, part * self.options.max_time_s - self.elapsed())

    def _cleaned(self) -> tuple[tuple[str, ...], tuple[Left, ...]]:
        """Delete what was created, and say what was and what was not; worlds of a sandbox are left as they are."""
        if self.runner.judged.control:
            return (), ()
        self._tell("cleaning up")
        left = self._until(1)
        self.watched.end_after(_CLEANING_S if self.ended else None if left is None else max(_CLEANING_S, left))
        return self.runner.leavings.remove()

    def _ending_early(self, part: Callable[[], Any]) -> None:
        try:
            part()
        except TimeIsUp:
            self.ended = phases.TIME_IS_UP
        except TargetIsGone as gone:
            self.ended, self.broken_off = f"the target is gone: {gone}", True
        except KeyboardInterrupt:
            self.ended, self.broken_off = "it was interrupted", True

    # --- checking ------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        if wanted := self.options.selection.conforming(self.spec):
            self._tell("conformance")
            phases.conform(self.runner, self.watched, self.options, wanted)
            if self.options.profile != "quick":
                self._tell("rules that nobody has broken")
                phases.break_rules(self.runner, wanted, self.watched.share(_OF_RULES))
        self._hold(alone=False)
        if self._lives():
            self._tell("whole lives")
            phases.live(self.runner, self.watched, self.options)
        self._hold(alone=True)

    def _hold(self, *, alone: bool) -> None:
        for item in self.items:
            if item.promise.alone is alone and self.options.selection.item(self.spec, item):
                self.runner.hold(item)
                self._held.add(item.part)

    def _left_out(self) -> Iterator[Untried]:
        """List what was wanted and not tried, because the run ended before."""
        if not self.ended:
            return
        done = {(check.kind, check.operation) for check in self.runner.checks}
        done |= {(untried.kind, untried.operation) for untried in self.runner.untried}
        selection = self.options.selection
        wanted = selection.conforming(self.spec)
        yield from (Untried("conformance", "conformance", name, self.ended) for name in wanted if ("conformance", name) not in done)
        for item in self.items:
            if item.part not in self._held and selection.item(self.spec, item):
                yield Untried(item.kind, item.promise.name, item.operation, self.ended)
        if self._lives() and self.runner.judged.spec.name in PROVIDERS and ("lifecycle", "") not in done:
            yield Untried("lifecycle", "whole-lives", "", self.ended)

    def _lives(self) -> bool:
        """Tell whether whole lives are wanted: they call everything, so not where a part of the document is meant."""
        selection = self.options.selection
        return (
            selection.kind("lifecycle") and not selection.read_only and selection.only <= {"lifecycle"} and not selection.skip - set(KINDS)
        )

    # --- judging -------------------------------------------------------------------------------------------------------

    def _judged(self) -> Iterator[Verdict]:
        self._tell("the court")
        player = Player(self.spec, self.runner.judged.target, self.runner.identities, self._somebody)
        checks = {key: self._again(item) for key, item in self.runner.again.items()}
        yield from Court(self.spec, player, checks, self.runner.leavings.origins).rule(self.runner.found)

    def _again(self, item: Item) -> Callable[[Finding], object]:
        return lambda _: self.runner.attempt(item, again="/again")

    def _somebody(self) -> Identity:
        """Give somebody who has never been there."""
        part = f"court/{next(self._fresh)}"
        with contextlib.suppress(CannotTell):  # then it comes out in the story that is sent again
            self.runner.caller(part)
        return self.runner.identity(part)

    def _unjudged(self, judged: set[Key]) -> list[Finding]:
        return list({found.key: found for found in self.runner.found if found.key not in judged}.values())

    # --- the result ----------------------------------------------------------------------------------------------------

    def _result(self, verdicts: tuple[Verdict, ...], gone: tuple[str, ...], left: Any) -> Result:
        runner = self.runner
        operations = self.options.selection.about(self.spec, self.items)
        proved = certificate.certify(self.spec, runner.evidence, operations, runner.excuses)
        return Result(
            self.spec,
            self.watched.url,
            self.options.seed,
            self.options.profile,
            verdicts,
            tuple(runner.untried),
            proved,
            tuple(runner.checks),
            runner.evidence.calls,
            self.elapsed(),
            nothing=certificate.vacuous(self.spec, proved),
            ended=self.ended,
            broken_off=self.broken_off,
            own=runner.judged.control is not None,
            strict=self.options.strict,
            left=left,
            gone=gone,
            exchanges=tuple(self.watched.kept),
        )

    # --- telling -------------------------------------------------------------------------------------------------------

    def _tell(self, doing: str) -> None:
        self.doing = doing
        self._called()

    def _called(self) -> None:
        self.told(f"{self.runner.evidence.calls} calls, {len(self.runner.found)} findings: {self.doing}" if self.doing else "")
