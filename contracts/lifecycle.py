"""Whole lives: calls in any order, held to a small model of what the target must know by then.

A provider's machine (`contracts.providers.machines`) says which calls there are and what they mean; Hypothesis puts them in an order,
and when one is answered otherwise than the model expects it looks for the shortest story that still ends so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings, stateful
from hypothesis.errors import Flaky, Unsatisfiable

from contracts.caller import Caller, Outcome
from contracts.findings import Finding, Step
from contracts.promises import Broken, CannotTell
from contracts.target import NoAnswer

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from contracts.providers import Provider
    from sandbox.spec import Spec

# Hypothesis tells one bug from another by the class of its exception: each rule that breaks has one of its own.
_Class = type[Exception]


def run(  # noqa: PLR0913 - who is judged by what, and for how long
    spec: Spec,
    provider: Provider,
    make_caller: Callable[[], Caller],
    *,
    seed: int,
    examples: int,
    steps: int,
    over: Callable[[], bool] = lambda: False,
) -> list[Finding]:
    """Live `examples` lives of at most `steps` steps each; gives one finding for each rule that was broken, with its shortest story.

    `make_caller` is asked for somebody new for each life: an account that nobody has used, or one with identifiers that nobody has
    sent. `over` tells that time is up: from then on nothing is sent any more. Nothing for a provider without a machine.
    """
    if provider.machine is None:
        return []
    kind, book = provider.machine, _Book()

    def life() -> Machine:
        return kind(_Life(spec, make_caller(), book, over))

    try:
        _play(hypothesis.seed(seed)(life), examples, steps)
    except (_Told, Flaky):
        if not book.findings:
            raise
    return [replace(finding, seed=seed) for finding in book.findings.values()]


def _play(life: Callable[[], Machine], examples: int, steps: int) -> None:
    """Let Hypothesis find and shrink. Raises _Told for what it found, or Flaky where that does not always happen."""
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,  # the seed alone decides
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        stateful.run_state_machine_as_test(life, settings=how)  # type: ignore[arg-type]  # it calls whatever makes a machine
    except Unsatisfiable:
        return
    except ExceptionGroup as several:
        found, rest = several.split((_Told, Flaky))
        raise rest or _Told(str(found)) from None


class _Told(Exception):
    """A rule was broken; the book has the story."""


@dataclass
class _Book:
    """The shortest story of each rule that was broken."""

    findings: dict[str, Finding] = field(default_factory=dict)
    _classes: dict[str, _Class] = field(default_factory=dict)

    def enter(self, finding: Finding) -> Exception:
        """Keep a finding unless a shorter story is known; gives what to raise."""
        known = self.findings.get(finding.check)
        if known is None or len(finding.steps) <= len(known.steps):
            self.findings[finding.check] = finding
        return self._classes.setdefault(finding.check, type("Told", (_Told,), {}))(finding.check)


@dataclass(frozen=True)
class _Life:
    """What a machine needs to live one life."""

    spec: Spec
    caller: Caller
    book: _Book
    over: Callable[[], bool]


class Machine(stateful.RuleBasedStateMachine):
    """A provider's rules. A subclass has a method for each (see `rule`), and keeps its model in its attributes.

    Models know things by small numbers, which shrink well: `slot` 0 is the first of its kind.
    """

    def __init__(self, life: _Life) -> None:
        """Begin a life: nothing has been sent yet."""
        super().__init__()
        self.caller = life.caller
        self._life = life
        self._story: list[Step] = []
        self._last: Outcome | None = None
        self._ended = False
        self.begin()

    def begin(self) -> None:
        """Make the model of a target that knows nothing of ours yet. Called once, before anything is sent."""

    def end(self) -> None:
        """Hold all that the model knows to what the target says. Called once, after the last step. Raises Broken."""

    def call(self, operation: str, body: Any = None, *, params: Mapping[str, Any] | None = None, by: Caller | None = None) -> Outcome:
        """Call an operation, as the account of this life or as somebody else; without `body` there is none. Raises Broken, CannotTell."""
        caller = by or self.caller
        found = self._life.spec.operations[operation]
        request = caller.request(found, params=params) if body is None else caller.request(found, body, params=params)
        try:
            outcome = caller.send(found, request)
        except NoAnswer as silent:
            self._story.append(Step(request, None))
            raise Broken(f"{operation} is not answered: {silent.reason}") from None
        self._story.append(Step(outcome.request, outcome.answer))
        self._last = outcome
        if outcome.means == 429:
            raise CannotTell(f"{operation} was called too often")
        return outcome

    def teardown(self) -> None:
        """End a life, unless it has ended badly already."""
        if not self._ended:
            self.obey(type(self).end, {}, "")

    def obey(self, function: Callable[..., None], values: Mapping[str, Any], source: str) -> None:
        """Carry a rule out. Raises what tells Hypothesis that it was broken."""
        if self._life.over():
            return
        try:
            function(self, **values)
        except CannotTell:
            return
        except Broken as broken:
            self._ended = True
            raise self._life.book.enter(self._finding(function, broken, source)) from broken

    def _finding(self, function: Callable[..., None], broken: Broken, source: str) -> Finding:
        outcome = broken.outcome or self._last
        return Finding(
            "lifecycle",
            function.__name__.replace("_", "-"),
            outcome.operation.id if outcome else "",
            outcome.operation.where if outcome else "",
            broken.message,
            broken.expected,
            broken.got,
            source=source,
            inferred=not source,
            steps=tuple(self._story),
        )


def rule(source: str = "", **given: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Make a rule of a method: `given` are the strategies of its arguments. Without a source what it holds is inferred."""

    def made(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def obeyed(machine: Machine, **values: Any) -> None:
            machine.obey(function, values, source)

        return _rule(**given)(obeyed)

    return made


_rule: Any = stateful.rule  # its types want to know the names of all arguments
