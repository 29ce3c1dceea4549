"""Whole lives: calls in any order, held to a small model of what the target must know by then.

A provider's machine (`contracts.providers.machines`) says which calls there are and what they mean; Hypothesis puts them in an order,
and when one is answered otherwise than the model expects it looks for the shortest story that still ends so.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings, stateful
from hypothesis.errors import Flaky, Unsatisfiable

from contracts.caller import Caller, Outcome
from contracts.findings import Finding, Step
from contracts.promises import STUMBLES, Broken, CannotTell, malformed
from contracts.target import NoAnswer

TRIES = 100  # lives that Hypothesis may spend on making a story simpler; what it leaves in is then trimmed act by act

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from contracts.providers import Provider
    from sandbox.spec import Spec


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
    """Live `examples` lives of at most `steps` steps each; gives the shortest story that ends badly, or nothing.

    It is one story at most: once target and model disagree, what else they disagree on proves little. `make_caller` is asked for
    somebody new for each life: an account that nobody has used, or one with identifiers that nobody has sent. `over` tells that time
    is up: from then on nothing is sent any more. Nothing for a provider without a machine. Raises whatever a caller raises that is no
    NoAnswer, as soon as it does.
    """
    if provider.machine is None:
        return []
    kind, book = provider.machine(), _Book()

    def life(over: Callable[[], bool] = over) -> Machine:
        return kind(_Life(spec, make_caller(), book, over))

    def tried() -> Machine:
        book.tries += book.finding is not None
        return life(lambda: over() or book.tries > TRIES or book.mishap is not None)

    try:
        _play(hypothesis.seed(seed)(tried), examples, steps)
    except (_Told, Flaky) as end:
        if isinstance(end, Flaky) and not (book.finding or book.mishap or over()):
            raise
    if book.mishap and not (book.finding and over()):
        raise book.mishap
    _trim(book, life)
    return [replace(book.finding, seed=seed)] if book.finding else []


def _play(life: Callable[[], Machine], examples: int, steps: int) -> None:
    """Let Hypothesis find and shrink. Raises _Told for what it found, Flaky where that does not always happen, or the mishap."""
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,  # the seed alone decides
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    with contextlib.suppress(Unsatisfiable):
        stateful.run_state_machine_as_test(life, settings=how)  # type: ignore[arg-type]  # it calls whatever makes a machine


def _trim(book: _Book, life: Callable[[], Machine]) -> None:
    """Leave out each act that the story does not need."""
    index = 0
    while index < len(book.acts):
        before, fewer = book.finding, [*book.acts[:index], *book.acts[index + 1 :]]
        _relive(life(), fewer)
        index += book.finding is before


def _relive(machine: Machine, acts: Iterable[_Act]) -> None:
    with contextlib.suppress(_Told):
        for rule, values in acts:
            rule(machine, **values)
        machine.teardown()


class _Told(Exception):
    """A rule was broken; the book has the story."""


_Act = tuple[Callable[..., None], Mapping[str, Any]]  # a rule, and what it was given


@dataclass
class _Book:
    """The shortest story that was found so far, and the acts that it takes.

    Of two that are as long the later one, which was made simpler, as long as it takes no more acts. `tries` counts the lives since the
    first finding; a `mishap` is what no rule expects.
    """

    finding: Finding | None = None
    acts: list[_Act] = field(default_factory=list)
    tries: int = 0
    mishap: Exception | None = None

    def enter(self, finding: Finding, acts: list[_Act]) -> None:
        """Keep a finding unless a shorter story is known."""
        if self.finding is None or (len(finding.steps), len(acts)) <= (len(self.finding.steps), len(self.acts)):
            self.finding, self.acts = finding, acts


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

    known: dict[int, dict[str, Any]]  # what is there, by slots

    def __init__(self, life: _Life) -> None:
        """Begin a life: nothing has been sent yet."""
        super().__init__()
        self.known = {}
        self.caller = life.caller
        self._life = life
        self.acts: list[_Act] = []
        self._story: list[Step] = []
        self._heard: list[Outcome] = []
        self._ended = False
        self.begin()

    def begin(self) -> None:
        """Make the model of a target that knows nothing of ours yet. Called once, before anything is sent."""

    def one_of_the_known(self, slot: int) -> int:
        """Give a slot with something in it; there must be one."""
        slots = sorted(self.known)
        return slots[slot % len(slots)]

    def everything_is_as_it_should_be(self) -> None:
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
        self._heard.append(outcome)
        if outcome.means == 429:
            raise CannotTell(f"{operation} was called too often")
        return outcome

    def teardown(self) -> None:
        """End a life, unless it has ended badly already."""
        if not self._ended:
            self.obey(type(self).everything_is_as_it_should_be, {}, "")

    def obey(self, function: Callable[..., None], values: Mapping[str, Any], source: str) -> None:
        """Carry a rule out. Raises what tells Hypothesis that it was broken."""
        if self._life.over():
            return
        try:
            function(self, **values)
        except CannotTell:
            return
        except Broken as broken:
            self._tell(function, broken, source)
        except Exception as mishap:
            if isinstance(mishap, STUMBLES) and (fault := malformed(self._life.spec, self._heard)):
                self._tell(function, fault, source)
            self._ended = True
            self._life.book.mishap = mishap
            raise

    def _tell(self, function: Callable[..., None], broken: Broken, source: str) -> NoReturn:
        self._ended = True
        self._life.book.enter(self._finding(function, broken, source), list(self.acts))
        raise _Told from broken

    def _finding(self, function: Callable[..., None], broken: Broken, source: str) -> Finding:
        outcome = broken.outcome or (self._heard[-1] if self._heard else None)
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


def rule(source: str = "", *, when: Callable[[Any], object] | None = None, **given: SearchStrategy[Any]) -> Callable[[Any], Any]:
    """Make a rule of a method: `given` are the strategies of its arguments, `when` tells of a machine whether it can be obeyed now.

    Without a source what it holds is inferred.
    """

    def made(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def obeyed(machine: Machine, **values: Any) -> None:
            if when is None or when(machine):
                machine.acts.append((obeyed, values))
                machine.obey(function, values, source)

        ruled = _rule(**given)(obeyed)
        return ruled if when is None else stateful.precondition(lambda machine: bool(when(machine)))(ruled)

    return made


def something_is_known(machine: Machine) -> bool:
    """Tell whether the model of a machine (`known`) has anything in it."""
    return bool(machine.known)


def something_happened(machine: Machine) -> bool:
    """Tell whether a machine has done anything yet: lives that only ever look prove little."""
    return bool(machine.acts)


_rule: Any = stateful.rule  # its types want to know the names of all arguments
