"""What a promise is, and how a broken one is told.

A promise is a plain function that takes a Caller, does what is needed and returns when the promise held. It raises Broken when it
did not, and CannotTell when the target did not let it be tried (a create that is refused for another reason): nothing is proved then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.caller import Caller, Outcome
    from sandbox.spec import Spec

STUMBLES = (LookupError, TypeError, AttributeError, ValueError)  # what Python raises for a value of another form than expected

Check = Callable[["Caller"], None]


@dataclass
class Broken(Exception):
    """A promise was not kept: what was expected, what came instead, and in which exchange (the last one where None)."""

    message: str
    expected: Any = None
    got: Any = None
    outcome: Outcome | None = None

    def __str__(self) -> str:
        return self.message


@dataclass
class CannotTell(Exception):
    """A promise could not be tried; `reason` says what stood in the way."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: what checks it, which operations it is about, and where it comes from.

    `where` is the JSON pointer of the place in the document that states it (of the operation where no single place does), `source` the
    page that says so, empty for one that is `inferred`. `alone` runs after all others (it spoils the account); `writes` tells that
    trying it changes something on the target.
    """

    check: Check
    operations: tuple[str, ...]
    where: str
    source: str = ""
    inferred: bool = False
    alone: bool = False
    writes: bool = True

    @property
    def name(self) -> str:
        """The function's name, as words joined by hyphens."""
        return self.check.__name__.replace("_", "-")

    @property
    def title(self) -> str:
        """The first line of the function's docstring: the promise in a sentence."""
        return (self.check.__doc__ or self.name).strip().partition("\n")[0]


def promise(
    *operations: str, where: str, source: str = "", inferred: bool = False, alone: bool = False, writes: bool = True
) -> Callable[[Check], Promise]:
    """Make a promise of a function. Raises ValueError for one that is neither sourced nor inferred."""
    if not source and not inferred:
        raise ValueError("a promise names its source, or says that it is inferred")

    def made(check: Check) -> Promise:
        return Promise(formal(check), operations, where, source, inferred=inferred, alone=alone, writes=writes)

    return made


def formal(check: Check) -> Check:
    """Let a check that stumbles over a malformed answer say that a promise is broken.

    What is raised while an answer is read (a member that is not there, a text for an object) accuses only if an answer that the check
    was given is not as the document has it: that is true of the target, whoever stumbled. Any other such error is a fault of the
    check, and goes on as it is. The price: a check that trips over an answer that conforms tells nothing, though the target may be
    wrong; what a promise asks beyond the document it has to ask by `hold`.
    """

    @wraps(check)
    def checked(caller: Caller) -> None:
        heard: list[Outcome] = []
        tell = caller.heard

        def hear(outcome: Outcome) -> None:
            heard.append(outcome)
            tell(outcome)

        caller.heard = hear
        try:
            check(caller)
        except STUMBLES as error:
            if (broken := malformed(caller.spec, heard)) is None:
                raise
            raise broken from error
        finally:
            caller.heard = tell

    return checked


def malformed(spec: Spec, heard: Iterable[Outcome]) -> Broken | None:
    """Find the last answer that is not as the document has it; None where all are, or were asked for by what is no documented call."""
    for outcome in reversed(tuple(heard)):
        documented = outcome.status in outcome.operation.responses or outcome.accepted
        methods = (spec.router.find(outcome.request.path) or ({}, {}))[0]
        if documented and methods.get(outcome.request.method) is outcome.operation and (problems := outcome.problems()):
            message = f"an answer has not the form that it must have: {problems[0]}"
            return Broken(message, problems[0].expected, outcome.body, outcome)
    return None


def accepted(outcome: Outcome) -> Outcome:
    """Give an outcome that was accepted back. Raises CannotTell for a refusal: what a promise needed was not to be had."""
    if not outcome.accepted:
        raise CannotTell(f"{outcome.operation.id} was refused with {outcome.means}")
    return outcome


def hold(kept: object, message: str, *, expected: Any = None, got: Any = None, outcome: Outcome | None = None) -> None:
    """Raise Broken unless something is true."""
    if not kept:
        raise Broken(message, expected, got, outcome)


def same(got: Any, expected: Any, message: str, outcome: Outcome | None = None) -> None:
    """Raise Broken unless two JSON values are the same: 1 and 1.0 are, 1 and true are not."""
    if not _same(got, expected):
        raise Broken(message, expected, got, outcome)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
