"""One workspace of the SQL store, for the time of one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from sandbox.batches import Space
from sandbox.lines import Command, Statement
from sandbox.store import SHARED, State, Transaction
from sandbox.tables import ALWAYS_READ, CHUNK, digest

if TYPE_CHECKING:
    from sandbox.sql import SqlStore

_LAST_SERIAL = 2**62


class SqlTransaction:
    """One workspace, for the time of one call. See `Transaction`: this one does the same with rows.

    What it writes is kept back and goes to the database with its batch; only where it must be found again by a scan or a count it
    is written at once, behind a savepoint.
    """

    def __init__(self, store: SqlStore, workspace: str, *, uses: bool) -> None:
        self._store = store
        self._uses = uses
        self._said = store.statements
        self._scene: Transaction | None = None
        self._written: list[Command] = []
        self._counted: set[str] = set()
        self._shared: list[tuple[str, str, bytes]] = []
        self._changed = self._is_marked = False
        self.workspace = workspace

    def __enter__(self) -> Self:
        self._batch, self._is_outermost = self._store.enter()
        try:
            self._space = self._batch.hold(self.workspace, inner=self._batch.depth > 0, uses=self._uses)
        except BaseException:
            if self._is_outermost:
                self._store.leave(self._batch)
            raise
        self._batch.depth += 1
        if not self._space.there:
            self._open_scene()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object, /) -> None:
        self._close_scene()
        try:
            if kind is None:
                self._keep()
            elif self._is_marked:
                self._batch.unmark(back=True)
        finally:
            self._batch.depth -= 1
            if self._is_outermost:
                self._store.leave(self._batch)

    @property
    def used_s(self) -> int:
        """When it was last used before this, in seconds since 1970."""
        return self._space.used_s

    def _keep(self) -> None:
        if self._shared:
            with self._store.transaction(SHARED) as shared:
                for collection, key, body in self._shared:
                    shared.put(collection, key, body)
        if self._is_marked:
            self._batch.unmark(back=False)
        if self._changed:
            self._batch.keep(self.workspace, self._space, self._written, self._counted)

    def _see(self) -> None:
        """Write what was kept back, so that the database finds it too."""
        if self._written or self._batch.pending:
            mark = bool(self._written) and not self._is_marked
            self._batch.settle(self._written, mark=mark)
            self._is_marked = self._is_marked or mark
            self._written = []

    # --- documents ---------------------------------------------------------------------------------------------------------

    def get(self, collection: str, key: str) -> bytes | None:
        """Read one document; None when there is none."""
        if self._scene is not None:
            return self._scene.get(collection, key)
        known = self._space.known
        if (collection, key) not in known:
            rows = self._batch.ask(self._said.get, d=digest(self.workspace, collection, key))
            known[collection, key] = rows[0][0] if rows else None
        return known[collection, key]

    def put(self, collection: str, key: str, body: bytes) -> None:
        """Create or replace one document. A replaced one keeps its place in the order."""
        self._own()
        self._write(self._said.put, c=collection, d=digest(self.workspace, collection, key), k=key.encode(), b=body)
        self._space.known[collection, key] = body

    def delete(self, collection: str, key: str) -> None:
        """Delete one document, if it is there."""
        if self.get(collection, key) is None:
            return
        self._own()
        self._write(self._said.delete, d=digest(self.workspace, collection, key))
        self._space.known[collection, key] = None

    def share(self, collection: str, key: str, body: bytes) -> None:
        """Put one document into the workspace that belongs to nobody, at the end of the transaction."""
        self._shared.append((collection, key, body))

    def count(self, collection: str) -> int:
        """Count the documents of a collection."""
        if self._scene is not None:
            return self._scene.count(collection)
        self._see()
        return int(self._batch.ask(self._said.count, w=self.workspace, c=collection)[0][0])

    def next(self, counter: str) -> int:
        """Count one up and return the number, from 1. Numbers of a transaction that fails are used again."""
        self._own()
        value = self._space.counters[counter] = self._space.counters.get(counter, 0) + 1
        self._counted.add(counter)
        return value

    def scan(self, collection: str, *, newest_first: bool = False, after: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Yield serial number, key and document in order of creation, or the other way round; `after` continues behind one."""
        if self._scene is not None:
            yield from self._scene.scan(collection, newest_first=newest_first, after=after)
            return
        last = after if after is not None else _LAST_SERIAL if newest_first else 0
        statement = self._said.down if newest_first else self._said.up
        more = True
        while more:
            self._see()
            rows = self._batch.ask(statement, w=self.workspace, c=collection, a=last)
            for serial, key, body in rows:
                yield serial, key.decode(), body
                last = serial
            more = len(rows) == CHUNK

    def export(self) -> State:
        """Take everything that the workspace holds."""
        if self._scene is not None:
            return self._scene.export()
        self._see()
        names = [name for (name,) in self._batch.ask(self._said.collections, w=self.workspace)]
        return State({name: list(self.scan(name)) for name in names}, dict(self._space.counters))

    def restore(self, state: State) -> None:
        """Put something else in the place of everything that the workspace holds."""
        self.reset()
        self._own(state)

    def reset(self) -> None:
        """Leave the workspace as fresh as one that nobody used."""
        if self._scene is None:
            self._own()
            for statement in self._said.forget:
                self._write(statement)
            self._see()  # what is deleted must not be found again
            self._space = Space(there=False, used_s=self._space.used_s)
            self._counted.clear()
            self._open_scene()

    # --- scene and rows ----------------------------------------------------------------------------------------------------

    def _open_scene(self) -> None:
        self._scene = self._store.scenes.transaction(self.workspace)
        self._scene.__enter__()

    def _close_scene(self) -> None:
        if self._scene is not None:
            self._scene.__exit__(None, None, None)
            self._scene = None

    def _own(self, state: State | None = None) -> None:
        """Before a write: take a copy of what others see, and turn the scene of a fresh workspace, or another state, into rows."""
        if not self._changed:
            self._space = self._space.copy()
            self._changed = True
        if self._scene is not None:
            state = state or self._scene.export()
            self._close_scene()
            self._make(state)

    def _make(self, state: State) -> None:
        now_s = self._store.now_s()
        self._space = Space(there=True, used_s=now_s, known={(name, name): None for name in ALWAYS_READ})
        self._store.made += 1
        self._write(self._said.make, v=now_s)
        for collection, documents in state.collections.items():
            for serial, key, body in documents:
                self._write(self._said.insert, c=collection, d=digest(self.workspace, collection, key), k=key.encode(), s=serial, b=body)
                self._space.known[collection, key] = body
        self._space.counters.update(state.counters)
        self._counted.update(state.counters)

    def _write(self, statement: Statement, **values: Any) -> None:
        self._written.append((statement, {"w": self.workspace, **values}))
