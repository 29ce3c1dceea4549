"""What a promise is, and how a broken one is told.

A promise is a plain function that takes a Caller, does what is needed and returns when the promise held. It raises Broken when it
did not, and CannotTell when the target did not let it be tried (a create that is refused for another reason): nothing is proved then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.caller import Caller, Outcome

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
    """Let a check take an answer of the wrong form (a member that is not there, a text for an object) for a broken promise."""

    @wraps(check)
    def checked(caller: Caller) -> None:
        try:
            check(caller)
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise Broken(f"an answer has not the form that it must have: {type(error).__name__} {error}") from error

    return checked


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
