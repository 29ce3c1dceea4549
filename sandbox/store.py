"""Where documents are kept: as bytes, in named collections, one set of collections per workspace.

A transaction sees one workspace and holds it alone until it ends. What it writes is applied at its end, all of it or, when
it ends with an exception, nothing. Keys are unique within a collection; a scan follows the order of creation.

`SHARED` is the one workspace that belongs to nobody: addresses of public pages are looked up there.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock

SHARED = "-"
_STRIPES = 64


@dataclass(slots=True)
class _Collection:
    """Documents by key, and their order of creation. `seqs[i]` is the serial number of the key `order[i]`."""

    rows: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    seqs: array[int] = field(default_factory=lambda: array("q"))

    def put(self, key: str, body: bytes) -> None:
        if key not in self.rows:
            self.order.append(key)
            self.seqs.append(self.seqs[-1] + 1 if self.seqs else 1)
        self.rows[key] = body

    def delete(self, key: str) -> None:
        del self.rows[key]
        position = self.order.index(key)
        del self.order[position]
        del self.seqs[position]

    def copy(self) -> _Collection:
        return _Collection(dict(self.rows), list(self.order), self.seqs[:])


@dataclass(slots=True)
class _Space:
    """One workspace."""

    collections: dict[str, _Collection] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def copy(self) -> _Space:
        return _Space({name: collection.copy() for name, collection in self.collections.items()}, dict(self.counters))


_NONE = _Collection()


class Transaction:
    """One workspace, for the time of one call."""

    __slots__ = ("_counters", "_pending", "_space", "shared")

    def __init__(self, space: _Space) -> None:
        self._space = space
        self._pending: dict[tuple[str, str], bytes | None] = {}
        self.shared: dict[tuple[str, str], bytes] = {}
        self._counters: dict[str, int] = {}

    def get(self, collection: str, key: str) -> bytes | None:
        """Read one document; None when there is none."""
        if self._pending and (collection, key) in self._pending:
            return self._pending[collection, key]
        return self._space.collections.get(collection, _NONE).rows.get(key)

    def put(self, collection: str, key: str, body: bytes) -> None:
        """Create or replace one document. A replaced one keeps its place in the order."""
        self._pending[collection, key] = body

    def delete(self, collection: str, key: str) -> None:
        """Delete one document, if it is there."""
        self._pending[collection, key] = None

    def share(self, collection: str, key: str, body: bytes) -> None:
        """Put one document into the workspace that belongs to nobody, together with what this transaction writes."""
        self.shared[collection, key] = body

    def count(self, collection: str) -> int:
        """Count the documents of a collection."""
        return sum(1 for _ in self.scan(collection)) if self._pending else len(self._space.collections.get(collection, _NONE).rows)

    def next(self, counter: str) -> int:
        """Count one up and return the number, from 1. Numbers of a transaction that fails are used again."""
        value = self._counters.get(counter, self._space.counters.get(counter, 0)) + 1
        self._counters[counter] = value
        return value

    def scan(self, collection: str, *, newest_first: bool = False, after: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Yield serial number, key and document in order of creation, or the other way round.

        `after` continues behind a serial number where an earlier scan in the same direction ended. What this
        transaction created itself comes with serial numbers that are not final.
        """
        stored = self._space.collections.get(collection, _NONE)
        fresh = [
            (key, body) for (name, key), body in self._pending.items() if name == collection and body is not None and key not in stored.rows
        ]
        last = stored.seqs[-1] if stored.seqs else 0
        created = [(last + number, key, body) for number, (key, body) in enumerate(fresh, 1)]
        if newest_first:
            yield from (row for row in reversed(created) if after is None or row[0] < after)
            positions = range((bisect_left(stored.seqs, after) if after is not None else len(stored.order)) - 1, -1, -1)
        else:
            positions = range(bisect_right(stored.seqs, after) if after is not None else 0, len(stored.order))
        for position in positions:
            key = stored.order[position]
            body = self._pending.get((collection, key), stored.rows[key]) if self._pending else stored.rows[key]
            if body is not None:
                yield stored.seqs[position], key, body
        if not newest_first:
            yield from (row for row in created if after is None or row[0] > after)

    @property
    def changed(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._pending or self._counters)

    def apply(self, space: _Space) -> None:
        """Write everything into a workspace."""
        space.counters.update(self._counters)
        for (name, key), body in self._pending.items():
            collection = space.collections.setdefault(name, _Collection())
            if body is not None:
                collection.put(key, body)
            elif key in collection.rows:
                collection.delete(key)


class MemoryStore:
    """Everything in this process's memory; gone when it ends.

    A workspace that was never written to shares one scene with all others; its first write gives it a copy.
    """

    def __init__(self) -> None:
        self._spaces: dict[str, _Space] = {}
        self._locks = [Lock() for _ in range(_STRIPES)]
        self._shared_lock = Lock()
        self._scene = _Space()
        self._empty = _Space()

    def set_scene(self, fill: Callable[[Transaction], None]) -> None:
        """Define what a fresh workspace finds: `fill` writes it into a transaction."""
        transaction = Transaction(_Space())
        fill(transaction)
        self._scene = _Space()
        transaction.apply(self._scene)
        self._share(transaction.shared)

    def transaction(self, workspace: str) -> _Open:
        """Open a workspace, as a context. Nothing else sees or changes it until the block ends."""
        return _Open(self, workspace)

    def lock(self, workspace: str) -> Lock:
        """Find the lock that guards a workspace."""
        return self._shared_lock if workspace == SHARED else self._locks[hash(workspace) % _STRIPES]

    def space(self, workspace: str) -> _Space:
        """Find a workspace as it is now: its own, or the scene that it starts from."""
        return self._spaces.get(workspace) or (self._empty if _starts_empty(workspace) else self._scene)

    def commit(self, workspace: str, transaction: Transaction) -> None:
        """Write what a transaction holds; the workspace is locked by the caller."""
        if transaction.changed:
            if workspace not in self._spaces:
                self._spaces[workspace] = self.space(workspace).copy()
            transaction.apply(self._spaces[workspace])
        if transaction.shared:
            self._share(transaction.shared)

    def _share(self, documents: dict[tuple[str, str], bytes]) -> None:
        with self._shared_lock:
            space = self._spaces.setdefault(SHARED, _Space())
            for (name, key), body in documents.items():
                space.collections.setdefault(name, _Collection()).put(key, body)

    def workspaces(self) -> list[str]:
        """Name the workspaces that were written to, oldest first."""
        return [name for name in list(self._spaces) if name != SHARED]


def _starts_empty(workspace: str) -> bool:
    return workspace == SHARED or workspace.startswith("sbx_empty_")


class _Open:
    """The time during which one workspace belongs to one transaction."""

    __slots__ = ("_lock", "_store", "_transaction", "_workspace")

    def __init__(self, store: MemoryStore, workspace: str) -> None:
        self._store = store
        self._workspace = workspace
        self._lock = store.lock(workspace)

    def __enter__(self) -> Transaction:
        self._lock.acquire()
        self._transaction = Transaction(self._store.space(self._workspace))
        return self._transaction

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._store.commit(self._workspace, self._transaction)
        finally:
            self._lock.release()
