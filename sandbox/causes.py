"""Why we say no: a document's table of causes, and which row a fault falls under."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.document import escape
from sandbox.errors import SpecError
from sandbox.exchange import Problem

KINDS = frozenset(
    (
        "unauthenticated",
        "forbidden",
        "unknown-path",
        "missing-slash",
        "wrong-method",
        "media-type",
        "malformed",
        "too-large",
        "invalid",
        "rate-limited",
        "unavailable",
    )
)
REASONS = frozenset(("absent", "malformed", "unknown", "revoked", "expired", "denied", "readonly", "cross-site"))
_WHEN = frozenset(("problem", "keyword", "place", "reason"))


@dataclass(frozen=True, slots=True)
class When:
    """What a row waits for. An empty set means: any."""

    kinds: frozenset[str]
    keywords: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()

    def matches(self, reason: str | None, problems: Iterable[Problem]) -> bool:
        """Tell whether a fault of one of its kinds falls under this row: at least one of its problems must fit."""
        if self.reasons and reason not in self.reasons:
            return False
        return not (self.keywords or self.places) or any(self._fits(problem) for problem in problems)

    def _fits(self, problem: Problem) -> bool:
        if self.keywords and problem.keyword not in self.keywords:
            return False
        return not self.places or any(_place(place).fullmatch(problem.place) for place in self.places)


@lru_cache(maxsize=1024)
def _place(text: str) -> re.Pattern[str]:
    """Compile a place; `*` stands for one step, such as an array position."""
    return re.compile("[^/]*".join(map(re.escape, text.split("*"))))


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: the reply to one kind of fault.

    `status` is the HTTP status, `code` the provider's own code as it stands in the body (None where bodies have none),
    `means` the status that the refusal stands for, `example` the name of the example that shows its body, `response`
    the shared reply of a refusal that belongs to no operation, `where` the row's JSON pointer in the document.

    `unique` and `avoid` are JSON pointers into the body of a request, and say how valid data keeps clear of a cause that no schema
    holds: the first are members to give a value that was not sent before, the second are members to take from one example.
    """

    name: str
    status: int
    code: Any
    means: int
    example: str
    severity: str
    where: str
    response: str | None = None
    when: When | None = None
    inferred: bool = False
    unique: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


def read_causes(file: str, table: Mapping[str, Any], where: str) -> dict[str, Cause]:
    """Read an `x-causes` table, in its order. Raises SpecError for a row that could never match or has no reply."""
    return {name: _read(file, name, row, f"{where}/{escape(name)}") for name, row in table.items()}


def _read(file: str, name: str, row: Mapping[str, Any], where: str) -> Cause:
    if missing := {"status", "example", "severity"} - row.keys():
        raise SpecError(file, where, f"is a cause without {', '.join(sorted(missing))}")
    if row["severity"] not in ("hard", "transient"):
        raise SpecError(file, f"{where}/severity", "is neither hard nor transient")
    if not ("x-source" in row or "x-inferred" in row):
        raise SpecError(file, where, "says neither where it is documented (x-source) nor why it is inferred (x-inferred)")
    return Cause(
        name,
        row["status"],
        row.get("code"),
        row.get("means", row["status"]),
        row["example"],
        row["severity"],
        where,
        row.get("response"),
        _when(file, row["when"], f"{where}/when") if "when" in row else None,
        inferred="x-inferred" in row,
        unique=_pointers(row.get("unique", ())),
        avoid=_pointers(row.get("avoid", ())),
    )


def _pointers(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _when(file: str, raw: Mapping[str, Any], where: str) -> When:
    if unknown := raw.keys() - _WHEN:
        raise SpecError(file, where, f"has {min(unknown)!r}; a condition has problem, keyword, place and reason")
    kinds, reasons = _set(raw.get("problem", ())), _set(raw.get("reason", ()))
    if not kinds or not kinds <= KINDS:
        raise SpecError(file, f"{where}/problem", f"is not one of {', '.join(sorted(KINDS))}")
    if not reasons <= REASONS:
        raise SpecError(file, f"{where}/reason", f"is not one of {', '.join(sorted(REASONS))}")
    return When(kinds, _set(raw.get("keyword", ())), _set(raw.get("place", ())), reasons)


def _set(value: Any) -> frozenset[str]:
    return frozenset((value,) if isinstance(value, str) else value)


def find(tables: Iterable[Mapping[str, Cause]], kind: str, reason: str | None, problems: tuple[Problem, ...]) -> Cause | None:
    """Find the first row, table by table, that a fault falls under; None when no row speaks of it."""
    for table in tables:
        for cause in table.values():
            if (when := cause.when) and kind in when.kinds and when.matches(reason, problems):
                return cause
    return None
