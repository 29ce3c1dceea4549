"""What can go wrong, one class each. Data first, the sentence last; nothing here decides what an answer looks like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.exchange import Problem


@dataclass
class SpecError(Exception):
    """A document cannot be used: which file, where in it, and why."""

    file: str
    pointer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.reason}"


@dataclass
class DataError(Exception):
    """A data file (a scene, a journey) cannot be used: which file, where in it, and why."""

    file: str
    pointer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}: {self.reason}"


@dataclass
class Rejection(Exception):
    """The engine says no before a provider is asked.

    `kind` is one of the words that `when.problem` knows, `reason` one of those of `when.reason` or None, and
    `problems` says what is wrong with the request, each with its place; it may be empty. `values` is what the wording
    needs beside them (`allow` for a wrong method).
    """

    kind: str
    reason: str | None = None
    problems: tuple[Problem, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems)) or f"{self.kind} ({self.reason})"


class Refused(Exception):
    """A provider says no, by the name of one of its document's causes.

    `place` is where the fault lies (see `Problem.place`; None for nowhere in particular) and `values` what the
    provider's own wording needs. A refusal for several reasons at once takes `problems` instead.
    """

    def __init__(self, cause: str, *, place: str | None = None, problems: tuple[Problem, ...] = (), **values: Any) -> None:
        super().__init__(cause)
        self.cause = cause
        self.problems = problems or ((Problem(place, cause, values=values),) if place is not None else ())
        self.values = values


@dataclass
class ReplyBroken(Exception):
    """The sandbox was about to say something that its document does not allow: a bug of ours, never hidden."""

    operation: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.reason}"
