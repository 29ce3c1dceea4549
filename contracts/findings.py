"""What a run found, as data: one finding for each cause of trouble, with all that is needed to repeat it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.answers import Answer
from sandbox.exchange import Request

Key = tuple[str, ...]
Kind = Literal["conformance", "cause", "promise", "law", "lifecycle"]


@dataclass(frozen=True, slots=True)
class Step:
    """One exchange of the story that a finding tells. `answer` is None where none came."""

    request: Request
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise that was not kept.

    `check` names it (a promise's name, a cause's name, Schemathesis' code such as `ST201`), `operation` is an operationId, `where` the
    JSON pointer of the place in the document and `source` the page behind it, empty where it is inferred. `steps` is the shortest
    story that shows it, the last one being the one that was judged. `seed` repeats the run. `cause` tells apart what one check may find
    at one place for several reasons (the status that came, the cause that a refusal names); empty where there is one reason only.
    """

    kind: Kind
    check: str
    operation: str
    where: str
    message: str
    expected: Any = None
    got: Any = None
    source: str = ""
    inferred: bool = False
    steps: tuple[Step, ...] = field(default=())
    seed: int = 0
    cause: str = ""

    @property
    def key(self) -> Key:
        """What makes two findings the same one: they are told once, and a baseline knows them by it."""
        return (self.kind, self.check, self.operation, self.where, self.cause)
