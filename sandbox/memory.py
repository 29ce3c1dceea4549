"""The store in this process's memory: nothing to set up, and gone when the process ends."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Self

from sandbox.store import SHARED, State, Transaction
from sandbox.timeline import Clock

SCENE = ":scene"  # no account can be called so
_STRIPES = 64


@dataclass(slots=True)
class _Collection:
    """Documents by key, and their order of creation. `serials[i]` is the serial number of the key `order[i]`."""

    rows: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    serials: array[int] = field(default_factory=lambda: array("q"))

    def append(self, key: str, body: bytes) -> None:
        self.rows[key] = body
        self.order.append(key)
        self.serials.append(self.serials[-1] + 1 if self.serials else 1)

    def insert(self, position: int, serial: int, key: str, body: bytes) -> None:
        self.rows[key] = body
        self.order.insert(position, key)
        self.serials.insert(position, serial)

    def remove(self, key: str) -> tuple[int, int]:
        """Take a document out; say where it stood, as position and serial number."""
        del self.rows[key]
        position = self.order.index(key)
        del self.order[position]
        return position, self.serials.pop(position)

    def copy(self) -> _Collection:
        return _Collection(dict(self.rows), list(self.order), self.serials[:])


@dataclass(slots=True)
class _Space:
    """One workspace. A `frozen` one is a scene that many share; it is copied before it is written to."""

    collections: dict[str, _Collection] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    frozen: bool = False

    def copy(self) -> _Space:
        return _Space({name: collection.copy() for name, collection in self.collections.items()}, dict(self.counters))


_NONE = _Collection()
_NOTHING = _Space(frozen=True)


class MemoryTransaction:
    """One workspace, for the time of one call: a context that holds it alone.

    What it writes it sees at once, and nobody else before its end. An exception takes everything back.
    """

    __slots__ = ("_lock", "_store", "_undo", "shared", "space", "uses", "workspace")

    def __init__(self, store: MemoryStore, workspace: str, lock: Lock) -> None:
        self._store = store
        self.uses = True
        self._lock = lock
        self._undo: list[Callable[[], object]] = []
        self.workspace = workspace
        self.shared: dict[tuple[str, str], bytes] = {}

    def __enter__(self) -> Self:
        self._lock.acquire()
        self.space = self._store.space(self.workspace)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._store.keep(self)
            else:
                for undo in reversed(self._undo):
                    undo()
        finally:
            self._lock.release()

    def get(self, collection: str, key: str) -> bytes | None:
        """Read one document; None when there is none."""
        return self.space.collections.get(collection, _NONE).rows.get(key)

    def put(self, collection: str, key: str, body: bytes) -> None:
        """Create or replace one document. A replaced one keeps its place in the order."""
        documents = self._collection(collection)
        old = documents.rows.get(key)
        if old is None:
            documents.append(key, body)
            self._undo.append(lambda: documents.remove(key))
        else:
            documents.rows[key] = body
            self._undo.append(lambda: documents.rows.__setitem__(key, old))

    def delete(self, collection: str, key: str) -> None:
        """Delete one document, if it is there."""
        old = self.get(collection, key)
        if old is not None:
            documents = self._collection(collection)
            position, serial = documents.remove(key)
            self._undo.append(lambda: documents.insert(position, serial, key, old))

    def share(self, collection: str, key: str, body: bytes) -> None:
        """Put one document into the workspace that belongs to nobody, at the end of the transaction."""
        self.shared[collection, key] = body

    def count(self, collection: str) -> int:
        """Count the documents of a collection."""
        return len(self.space.collections.get(collection, _NONE).rows)

    def next(self, counter: str) -> int:
        """Count one up and return the number, from 1. Numbers of a transaction that fails are used again."""
        counters = self._own().counters
        old = counters.get(counter, 0)
        counters[counter] = old + 1
        self._undo.append(lambda: counters.__setitem__(counter, old))
        return old + 1

    def scan(self, collection: str, *, newest_first: bool = False, after: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Yield serial number, key and document in order of creation, or the other way round.

        `after` continues behind a serial number where an earlier scan in the same direction ended.
        """
        documents = self.space.collections.get(collection, _NONE)
        if newest_first:
            end = len(documents.order) if after is None else bisect_left(documents.serials, after)
            positions = range(end - 1, -1, -1)
        else:
            positions = range(0 if after is None else bisect_right(documents.serials, after), len(documents.order))
        for position in positions:
            key = documents.order[position]
            yield documents.serials[position], key, documents.rows[key]

    def export(self) -> State:
        """Take everything that the workspace holds."""
        collections = {name: list(self.scan(name)) for name in self.space.collections}
        return State(collections, dict(self.space.counters))

    def restore(self, state: State) -> None:
        """Put something else in the place of everything that the workspace holds."""
        space = _Space(counters=dict(state.counters))
        for name, documents in state.collections.items():
            space.collections[name] = _Collection(
                {key: body for _, key, body in documents},
                [key for _, key, _ in documents],
                array("q", (serial for serial, _, _ in documents)),
            )
        self.space = space

    def reset(self) -> None:
        """Leave the workspace as fresh as one that nobody used."""
        self.space = self._store.fresh(self.workspace)

    def _own(self) -> _Space:
        if self.space.frozen:
            self.space = self.space.copy()
        return self.space

    def _collection(self, name: str) -> _Collection:
        collections = self._own().collections
        if name not in collections:
            collections[name] = _Collection()
        return collections[name]


class MemoryStore:
    """Everything in this process's memory; gone when it ends.

    A workspace that was never written to shares one scene with all others; its first write gives it a copy. When each was used last
    is noted where there is a `clock` to tell it.
    """

    waits = False

    def __init__(self, clock: Clock | None = None) -> None:
        self.made = 0
        self._clock = clock
        self._used: dict[str, datetime] = {}  # what was used last comes last
        self._spaces: dict[str, _Space] = {}
        self._locks = [Lock() for _ in range(_STRIPES)]
        self._shared_lock = Lock()
        self._scene = self._empty = _NOTHING

    def set_scene(self, fill: Callable[[Transaction], None], *, empty: bool = False) -> None:
        """Define what a fresh workspace finds, or with `empty` one that starts without a scene: `fill` writes it."""
        with MemoryTransaction(self, SCENE, Lock()) as transaction:
            fill(transaction)
        scene = self._spaces.pop(SCENE, _NOTHING)
        scene.frozen = True
        if empty:
            self._empty = scene
        else:
            self._scene = scene

    def transaction(self, workspace: str, *, uses: bool = True) -> MemoryTransaction:
        """Open a workspace, as a context. Nobody else sees or changes it until the block ends."""
        transaction = MemoryTransaction(self, workspace, self._lock(workspace))
        if not uses:
            transaction.uses = False
        return transaction

    def _lock(self, workspace: str) -> Lock:
        return self._shared_lock if workspace == SHARED else self._locks[hash(workspace) % _STRIPES]

    def space(self, workspace: str) -> _Space:
        """Find a workspace as it is now: its own, or the scene that it starts from. The caller holds its lock."""
        return self._spaces.get(workspace) or self.fresh(workspace)

    def fresh(self, workspace: str) -> _Space:
        """Find what a workspace starts from."""
        if workspace in (SHARED, SCENE):
            return _NOTHING
        return self._empty if workspace.startswith("sbx_empty_") else self._scene

    def keep(self, done: MemoryTransaction) -> None:
        """Keep what a transaction wrote. It still holds the workspace's lock."""
        workspace, space = done.workspace, done.space
        if not space.frozen:
            if self._clock is not None and done.uses:
                self._note_use(workspace, self._clock.now())
            self._spaces[workspace] = space
        elif workspace in self._spaces:
            del self._spaces[workspace]
            self._used.pop(workspace, None)
        if done.shared:
            with self.transaction(SHARED) as transaction:
                for (name, key), body in done.shared.items():
                    transaction.put(name, key, body)

    def _note_use(self, workspace: str, now: datetime) -> None:
        if workspace in (SHARED, SCENE):
            return
        if self._used.pop(workspace, None) is None:
            self.made += 1
        self._used[workspace] = now

    def end_unused(self, *, most: int | None, ttl: timedelta | None) -> list[str]:
        """Make fresh what nobody used; see `Store.end_unused`. Without a clock nothing is known to be unused."""
        used, ended = list(self._used.items()), []
        beyond = 0 if most is None else len(used) - most
        now = self._clock.now() if self._clock is not None else None
        for index, (name, used_at) in enumerate(used):
            if index < beyond or (ttl is not None and now is not None and now - used_at >= ttl):
                with self.transaction(name, uses=False) as transaction:
                    if self._used.get(name) is used_at:  # else somebody used it in the meantime
                        transaction.reset()
                        ended.append(name)
        return ended

    def workspaces(self) -> list[str]:
        """Name the workspaces that were written to, oldest first."""
        return [name for name in list(self._spaces) if name != SHARED]
