"""One thing to check, as a test item has it: what `contracts.pytest_plugin` hands to a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from contracts import documents
from contracts.court import Court
from contracts.court.replay import Player
from contracts.findings import Finding
from contracts.providers import PROVIDERS
from contracts.report.commands import commands
from contracts.report.plain import value
from contracts.report.secrets import Secrets
from contracts.run import worlds
from contracts.run.catalogue import Item, items
from contracts.run.manners import Watched
from contracts.run.phases import Options, conform
from contracts.run.results import Untried, Verdict
from contracts.run.runner import Judged, Runner
from contracts.run.selection import Selection, UnknownName, check_names
from contracts.target import HttpTarget, Target, WsgiTarget
from sandbox.client import ControlError
from sandbox.errors import SpecError
from sandbox.spec import Spec

_OPTIONS = frozenset("credential profile seed scene only skip strict prefix".split())


class BadContract(Exception):
    """A mark says something that can't be; the text says what to write."""


@dataclass(frozen=True)
class Task:
    """What an item checks: one promise, or for `item` None the conformance of an operation. `options` are those of the mark."""

    spec: Spec
    operation: str
    item: Item | None
    options: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The item's name, by which `-k` finds it."""
        if self.item is None:
            return f"conformance-{self.operation}"
        words = (self.item.kind, self.item.promise.name, self.operation, _words(self.item.trial.title) if self.item.trial else "")
        return "-".join(word for word in words if word)


def tasks(root: Path, document: str, options: Mapping[str, Any]) -> list[Task]:
    """List what there is to check. Raises BadContract."""
    if unknown := options.keys() - _OPTIONS:
        raise BadContract(f"the mark `contract` knows no {min(unknown)!r}; it takes {', '.join(sorted(_OPTIONS))}")
    spec = _load(root, document)
    found = items(spec, sample=options.get("profile", "ci") == "quick" and not options.get("only"), seed=int(options.get("seed", 0)))
    selection = Selection(frozenset(options.get("only", ())), frozenset(options.get("skip", ())))
    try:
        check_names(selection, spec, items(spec))
    except UnknownName as error:
        raise BadContract(str(error)) from None
    wanted = selection.conforming(spec)
    return [
        *(Task(spec, operation, None, options) for operation in wanted),
        *(Task(spec, item.operation, item, options) for item in found if selection.item(spec, item)),
    ]


@lru_cache(maxsize=8)
def _load(root: Path, document: str) -> Spec:
    try:
        return documents.load(document if document in PROVIDERS else root / document)
    except (documents.UnknownDocument, SpecError) as error:
        raise BadContract(str(error)) from None


def _words(text: str) -> str:
    return "-".join("".join(character if character.isalnum() else " " for character in text).split())


@dataclass(frozen=True)
class Contract:
    """A task and the target that the suite gave: an address, a WSGI application, or a Target."""

    task: Task
    given: Any
    token: str | None = None

    def check(self) -> None:
        """Hold the target to it. Fails the test with the story, skips it where this target does not let it be tried."""
        __tracebackhide__ = True
        for verdict in self.verdicts():
            if verdict.ruling == "failed" or (verdict.ruling == "doubtful" and self.task.options.get("strict")):
                pytest.fail(self._told(verdict), pytrace=False)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Hold the target to it, and give what the court says. Skips the test where it can't be tried."""
        runner = self._runner()
        came = self._conformance(runner) if self.task.item is None else runner.attempt(self.task.item)
        if isinstance(came, Untried):
            (pytest.fail if came.error else pytest.skip)(f"{came.reason} ({came.place})" if came.place else came.reason)
        found = came if isinstance(came, tuple) else () if came is None else (came,)
        return tuple(self._court(runner, found).rule(found))

    def _conformance(self, runner: Runner) -> tuple[Finding, ...]:
        options = Options(seed=runner.seed, profile=self.task.options.get("profile", "ci"))
        found = conform(runner, Watched(runner.judged.target), options, (self.task.operation,))
        if runner.untried:
            pytest.fail("; ".join(untried.reason for untried in runner.untried), pytrace=False)
        return found

    def _runner(self) -> Runner:
        spec, options = self.task.spec, self.task.options
        target = self._target()
        provider = PROVIDERS.get(spec.name)
        scene = {**(provider.scene if provider else {}), **options.get("scene", {})}
        control = worlds.control_of(target, self.token)
        judged = Judged(spec, target, options.get("credential", "sbx_pytest"), provider.show if provider else None, scene, control)
        try:
            return Runner(judged, int(options.get("seed", 0)), scope=f"{spec.name}/{self.task.id}")
        except ControlError as error:
            pytest.fail(str(error), pytrace=False)

    def _target(self) -> Target:
        if isinstance(self.given, str):
            return HttpTarget(self.given.rstrip("/"))
        if callable(self.given):
            return WsgiTarget(self.given, self.task.options.get("prefix", ""))
        found: Target = self.given
        return found

    def _court(self, runner: Runner, found: tuple[Finding, ...]) -> Court:
        somebody = iter(range(10**6))
        player = Player(
            self.task.spec,
            runner.judged.target,
            runner.identities,
            lambda: runner.identity(f"court/{next(somebody)}"),
        )
        item = self.task.item
        checks = {} if item is None else {finding.key: lambda _: runner.attempt(item, again="/again") for finding in found}
        return Court(self.task.spec, player, checks, runner.leavings.origins)

    def _told(self, verdict: Verdict) -> str:
        finding, spec = verdict.finding, self.task.spec
        secrets = Secrets(spec, self.task.options.get("credential"))
        url = self._target().url
        return "\n".join(
            [
                f"{verdict.ruling}: {finding.message}",
                f"{finding.kind} {finding.check} of {finding.operation}, {spec.file}#{finding.where} {finding.source}".rstrip(),
                f"expected {value(finding.expected)}",
                f"got      {value(finding.got)}",
                *commands(url, finding.steps, secrets),
            ]
        )
