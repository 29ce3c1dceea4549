"""The journal of a store that several processes share: what one of them wrote down all of them can read.

Entries are written in batches and may lose their last moments at a crash: a batch is seen by everybody before the calls in it are
answered, but nobody waits until the disk has it. What could not be written, since the database was away, comes with the next batch.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import count, groupby
from operator import attrgetter
from threading import Lock
from typing import Any

import orjson

from sandbox.exchange import Problem
from sandbox.journal import MAX_BYTES, MAX_ENTRIES, Entry, Query, weight
from sandbox.lines import Command
from sandbox.sql import SqlStore
from sandbox.store import StoreUnavailable
from sandbox.tables import NOTES

_TRIM_EVERY = 256  # entries
_BODIES = ("request_body", "reply_body")


class Ledger:
    """The last exchanges of all worlds in one store, oldest first. See `journal.Journal`: this one does the same with rows.

    An id is made of the number of this start, which the store counts, of the process, and of a number that the process counts.
    Raises StoreUnavailable.
    """

    def __init__(self, store: SqlStore, *, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._store = store
        self._said = store.statements
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._waiting: deque[Entry] = deque(maxlen=max_entries)
        self._numbers = count(1)
        with store.batch() as batch:
            self._start = batch.ask(self._said.add, w=NOTES, n="starts", v=1)[0][0]
            batch.add([])  # it counts only if it was kept

    def add(self, known: tuple[Any, ...]) -> str:
        """Keep an exchange until the next flush, and make the id that finds it again."""
        ident = f"t{self._start}-{os.getpid()}-{next(self._numbers):06d}"
        self._waiting.append(Entry._make((ident, *known, 0)))
        return ident

    def flush(self) -> None:
        """Write down what waits. Nobody need be told if that fails: it waits on."""
        with self._lock:
            entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not entries:
                return
            try:
                self._write(entries)
            except StoreUnavailable:
                self._waiting.extendleft(reversed(entries))

    def _write(self, entries: list[Entry]) -> None:
        """Write a row for each account: the numbers of its entries follow one another."""
        with self._store.batch(lasting=False) as batch:
            last = batch.ask(self._said.add, w=NOTES, n="journal", v=len(entries))[0][0]
            number, rows = last - len(entries), list[Command]()
            for account, group in groupby(sorted(entries, key=attrgetter("account")), key=attrgetter("account")):
                same = list(group)
                number += len(same)
                body = b"[" + b",".join(map(_dump, same)) + b"]"
                rows.append((self._said.note, {"s": number, "w": account, "a": len(same), "v": sum(map(weight, same)), "b": body}))
            if last % _TRIM_EVERY < len(entries):
                rows.append((self._said.trim, {"s": last - self._max_entries}))
                rows.append((self._said.lighten, {"v": self._max_bytes}))
            batch.add(rows)

    def last(self) -> int:
        """Tell the number of the last exchange, 0 when there is none."""
        counters: dict[str, int] = dict(self._store.ask(self._said.counters, w=NOTES))
        return counters.get("journal", 0)

    def entries(self, wanted: Query | None = None, *, after: int = 0) -> list[Entry]:
        """List what is kept, fits and comes behind a number, oldest first."""
        query, last = wanted or Query(), self.last()
        after = max(after, last - self._max_entries)
        if query.workspace is None:
            rows = self._store.ask(self._said.notes, a=after)
        else:
            rows = self._store.ask(self._said.notes_of, a=after, w=query.workspace)
        found = [entry for row in rows for entry in _entries(*row) if after < entry.number <= last and query.fits(entry)]
        return self._within_bytes(found)

    def _within_bytes(self, found: list[Entry]) -> list[Entry]:
        total = 0
        for index in range(len(found) - 1, -1, -1):
            total += weight(found[index])
            if total > self._max_bytes:
                return found[index + 1 :]
        return found

    def forget(self, account: str) -> None:
        """Drop the exchanges of one account."""
        with self._store.batch() as batch:
            batch.add([(self._said.forget_notes, {"w": account})])


def _dump(entry: Entry) -> bytes:
    fields = entry._asdict() | {name: getattr(entry, name).decode("latin-1") for name in _BODIES}
    fields["request_headers"], fields["reply_headers"] = dict(entry.request_headers), dict(entry.reply_headers)
    fields["problems"] = [(problem.place, problem.keyword, problem.message, problem.rule) for problem in entry.problems]
    fields["at"] = entry.at.isoformat()
    values = list(fields.values())
    try:
        return orjson.dumps(values)
    except TypeError:  # a lone surrogate in a header or a path
        return json.dumps(values).encode()


def _entries(last: int, how_many: int, body: bytes) -> Iterator[Entry]:
    """Read the entries of a row, whose last one has the number `last`."""
    try:
        found = orjson.loads(body)
    except ValueError:
        found = json.loads(body)
    for number, values in enumerate(found, last - how_many + 1):
        fields = dict(zip(Entry._fields, values, strict=True))
        fields |= {name: fields[name].encode("latin-1") for name in _BODIES}
        fields["problems"] = tuple(Problem(place, keyword, message, rule=rule) for place, keyword, message, rule in fields["problems"])
        fields["at"] = datetime.fromisoformat(fields["at"])
        yield Entry(**fields | {"number": number})
