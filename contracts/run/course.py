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
from contracts.findings import Finding
from contracts.promises import CannotTell
from contracts.run import certificate, phases
from contracts.run.catalogue import Item, items
from contracts.run.identities import Identity, identity
from contracts.run.manners import ReadOnly, TargetIsGone, TimeIsUp, Watched
from contracts.run.phases import Options
from contracts.run.reach import reach
from contracts.run.results import KINDS, Result, Verdict
from contracts.run.runner import Judged, Runner, clock
from contracts.run.selection import check_names
from contracts.target import Target


def run(judged: Judged, options: Options, told: Callable[[str], None] = lambda _: None) -> Result:
    """Judge a target. Raises CannotRun where nothing can be judged, UnknownName for a selection of what there is not."""
    check_names(options.selection, judged.spec, items(judged.spec))
    return _Run(judged, options, told).go()


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
        self._fresh = itertools.count(1)

    def go(self) -> Result:
        """Run everything. What ends it early is taken down, and what is known then is the result."""
        self._tell("reaching the target")
        reach(self.runner.caller("reach"))
        self.watched.end_after(self.options.max_time_s)
        self._ending_early(self._check)
        verdicts: list[Verdict] = []
        self.watched.end_after(None)
        if not self.broken_off:
            self._ending_early(lambda: verdicts.extend(self._judged()))
        judged = {verdict.finding.key for verdict in verdicts}
        verdicts += (Verdict("doubtful", found, "there was no time to confirm it") for found in self._unjudged(judged))
        gone, left = self.runner.leavings.remove() if not self.broken_off and not self.runner.judged.control else ((), ())
        return self._result(tuple(verdicts), gone, left)

    def _ending_early(self, part: Callable[[], Any]) -> None:
        try:
            part()
        except TimeIsUp:
            self.ended = "its time was up"
        except TargetIsGone as gone:
            self.ended, self.broken_off = f"the target is gone: {gone}", True
        except KeyboardInterrupt:
            self.ended, self.broken_off = "it was interrupted", True

    # --- checking ------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        wanted = self.options.selection.operations(self.spec)
        if wanted and self.options.selection.kind("conformance"):
            self._tell("conformance")
            phases.conform(self.runner, self.watched, self.options, wanted)
            if self.options.profile != "quick":
                self._tell("rules that nobody has broken")
                phases.break_rules(self.runner, wanted)
        self._hold(alone=False)
        if self._lives():
            self._tell("whole lives")
            phases.live(self.runner, self.watched, self.options)
        self._hold(alone=True)

    def _hold(self, *, alone: bool) -> None:
        for item in self.items:
            if item.promise.alone is alone and self.options.selection.item(self.spec, item):
                self.runner.hold(item)

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
        return identity(self.runner.judged.credential, self.options.seed, part)

    def _unjudged(self, judged: set[tuple[str, str, str, str]]) -> list[Finding]:
        return list({found.key: found for found in self.runner.found if found.key not in judged}.values())

    # --- the result ----------------------------------------------------------------------------------------------------

    def _result(self, verdicts: tuple[Verdict, ...], gone: tuple[str, ...], left: Any) -> Result:
        runner = self.runner
        operations = self.options.selection.operations(self.spec)
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
