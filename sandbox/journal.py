"""What happened, in order: every exchange with what decided it. Bounded, and without secrets.

Secrets are taken out before anything is kept. What is kept of a body is its beginning.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import count
from threading import Lock
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sandbox import codec
from sandbox.document import steps_of
from sandbox.exchange import Problem, Request

if TYPE_CHECKING:
    from sandbox.answers import Answer
    from sandbox.pipeline import Trace
    from sandbox.spec import Spec

MAX_ENTRIES = 5_000
MAX_BYTES = 16_000_000
MAX_BODY = 4_096
MAX_PROBLEMS = 20
REDACTED = "[redacted]"
_SECRET_HEADER = re.compile(r"authorization|cookie|api-key|token|secret")
_SECRET_MEMBER = re.compile(rb'("(?:access|refresh|id)_token":)"[^"]*"?')
_TELLING = (b"secret", b"password", b"token", b"assertion")
_SECRET_FIELD = re.compile(
    rb'((?:^|[&{,])\s*"?(?:client(?:_|%5[Ff])(?:secret|assertion)|password|(?:access|refresh|id)(?:_|%5[Ff])token)"?\s*[=:]\s*)'
    rb'("(?:[^"\\]|\\.)*"?|[^&,}\s]*)'
)
_OVERHEAD = 1_000  # what an entry weighs beside its bodies, roughly


class Entry(NamedTuple):
    """One exchange. `account` is `-` without one; `decided_by` is the JSON pointer of what decided, or of the operation.

    Bodies are cut to their first 4,096 bytes; of the problems the first twenty are kept, without the values that were sent.
    `took_us` is in microseconds. `base` is the address that the path was sent to, `fault` the rule that made the call go
    wrong (`prefer` when the caller asked for it), None for none. `number` is where it stands in the order of all exchanges, from 1.
    """

    id: str
    at: datetime
    provider: str
    operation: str | None
    account: str
    method: str
    path: str
    query: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    reply_headers: Mapping[str, str]
    reply_body: bytes
    cause: str | None
    decided_by: str
    problems: tuple[Problem, ...]
    took_us: int
    base: str
    fault: str | None
    number: int


class Kept(Protocol):
    """Where entries are kept: in memory (`Journal`), or in a store that several processes share (`ledger.Ledger`)."""

    def add(self, known: tuple[Any, ...]) -> str:
        """Keep an exchange, which is an Entry without its id and its number, and make the id that finds it again."""

    def flush(self) -> None:
        """Let others see what was added."""

    def last(self) -> int:
        """Tell the number of the last exchange, 0 when there is none."""

    def entries(self, wanted: Query | None = None, *, after: int = 0) -> list[Entry]:
        """List what is kept, fits and comes behind a number, oldest first."""

    def forget(self, account: str) -> None:
        """Drop the exchanges of one account."""


class Journal:
    """The last exchanges of all worlds, oldest first, in memory.

    The exchanges of each account are known apart, so that to see or forget them takes no longer where others have many.
    """

    def __init__(self, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._entries: OrderedDict[int, Entry] = OrderedDict()  # by number; a plain dict finds its oldest more slowly the more have gone
        self._of: dict[str, deque[int]] = {}  # the numbers of an account, oldest first
        self._bytes = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._numbers = count(1)

    def add(self, known: tuple[Any, ...]) -> str:
        """Give an exchange its number and add it, at once: nothing may come behind one with a later number."""
        with self._lock:
            number = next(self._numbers)
            ident = f"t{number:06d}"
            self._entries[number] = entry = Entry._make((ident, *known, number))
            self._of.setdefault(entry.account, deque()).append(number)
            self._bytes += weight(entry)
            while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
                self._drop_oldest()
        return ident

    def _drop_oldest(self) -> None:
        _, entry = self._entries.popitem(last=False)
        self._bytes -= weight(entry)
        numbers = self._of[entry.account]
        numbers.popleft()
        if not numbers:
            del self._of[entry.account]

    def flush(self) -> None:
        """Do nothing: everybody who can see it sees it already."""

    def last(self) -> int:
        """Tell the number of the last exchange that is kept, 0 when there is none."""
        with self._lock:
            return next(reversed(self._entries), 0)

    def entries(self, wanted: Query | None = None, *, after: int = 0) -> list[Entry]:
        """List what is kept, fits and comes behind a number, oldest first."""
        with self._lock:
            if wanted is None or wanted.workspace is None:
                kept = list(self._entries.values())
            else:
                kept = [self._entries[number] for number in self._of.get(wanted.workspace, ())]
        return [entry for entry in kept if entry.number > after and (wanted is None or wanted.fits(entry))]

    def forget(self, account: str) -> None:
        """Drop the exchanges of one account."""
        with self._lock:
            for number in self._of.pop(account, ()):
                self._bytes -= weight(self._entries.pop(number))


def record(kept: Kept, spec: Spec, request: Request, trace: Trace, answer: Answer) -> str:
    """Write one exchange down, without its secrets, and return the id that finds it again."""
    operation, cause = trace.operation, trace.cause
    return kept.add(
        (
            trace.at,
            spec.name,
            operation.id if operation else None,
            trace.account,
            request.method,
            request.path,
            request.query,
            _without_secrets(request.headers, spec.secret_headers),
            _request_body(request, spec.credential, trace.parsed),
            answer.status,
            answer.headers,
            _reply_body(answer.body),
            cause.name if cause else None,
            cause.where if cause else operation.where if operation else "",
            tuple(replace(problem, value=None) for problem in trace.problems[:MAX_PROBLEMS]) if trace.problems else (),
            (perf_counter_ns() - trace.started_ns) // 1000,
            request.base,
            trace.fault,
        )
    )


@dataclass(frozen=True, slots=True)
class Query:
    """Which exchanges somebody wants to see; None for a thing that does not matter.

    `status` is a status or a class of them (`4xx`); `text` stands in path, query or bodies, in any letter case.
    """

    workspace: str | None = None
    provider: str | None = None
    operation: str | None = None
    status: str | None = None
    cause: str | None = None
    text: str | None = None

    def fits(self, entry: Entry) -> bool:
        """Tell whether an exchange is wanted."""
        return (
            self.workspace in (None, entry.account)
            and self.provider in (None, entry.provider)
            and self.operation in (None, entry.operation)
            and self.status in (None, str(entry.status), f"{entry.status // 100}xx")
            and self.cause in (None, entry.cause)
            and (self.text is None or _has(entry, self.text.lower()))
        )


def _has(entry: Entry, text: str) -> bool:
    if text in entry.path.lower() or text in entry.query.lower():
        return True
    return any(text in body.decode(errors="replace").lower() for body in (entry.request_body, entry.reply_body))


def weight(entry: Entry) -> int:
    """Tell how many bytes an exchange takes, roughly."""
    return _OVERHEAD + len(entry.request_body) + len(entry.reply_body)


@lru_cache(maxsize=1024)
def _is_secret(header: str) -> bool:
    return _SECRET_HEADER.search(header) is not None


def _without_secrets(headers: Mapping[str, str], secret: frozenset[str]) -> dict[str, str]:
    return {name: REDACTED if name in secret or _is_secret(name) else value for name, value in headers.items()}


def _request_body(request: Request, credential: str | None, parsed: Any) -> bytes:
    """Take the beginning of a body, with the credential in it blanked out."""
    if credential is None or not request.body:
        return _without_client_secrets(request.body)[:MAX_BODY]
    if parsed is None:
        return b""  # unreadable: who knows where the secret is
    return codec.dump(_blanked(parsed, steps_of(credential)[-1]))[:MAX_BODY]


def _blanked(node: Any, member: str) -> Any:
    """Blank out a member wherever it stands: who sends a wrong body may have the secret at a wrong place."""
    if isinstance(node, list):
        return [_blanked(item, member) for item in node]
    if isinstance(node, dict):
        return {name: REDACTED if name == member else _blanked(value, member) for name, value in node.items()}
    return node


def _without_client_secrets(body: bytes) -> bytes:
    """Blank out what OAuth sends in bodies, as a form or as JSON; of a long body only the beginning is looked at and kept."""
    body = body[: 2 * MAX_BODY]
    if any(word in body for word in _TELLING):
        return _SECRET_FIELD.sub(lambda match: match[1] + (b'"[redacted]"' if match[2].startswith(b'"') else b"[redacted]"), body)
    return body


def _reply_body(body: bytes) -> bytes:
    shown = body[:MAX_BODY]
    return _SECRET_MEMBER.sub(rb'\1"[redacted]"', shown) if b"_token" in shown else shown
