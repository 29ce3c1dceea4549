"""State that lasts and can be shared: the store in SQLite or PostgreSQL, through SQLAlchemy Core.

What is acknowledged is on disk. A workspace that was never written to has no rows: what it finds is the scene, which every
process has in memory, and which becomes rows with the first write. How transactions of several threads share the database is
said in `batches`; statements are in `tables`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from sandbox.batches import Alone, Connections, Together, reason
from sandbox.memory import MemoryStore
from sandbox.store import SHARED, State, StoreError, StoreUnavailable, Transaction
from sandbox.tables import CHUNK, VERSION, Statements, about, digest, metadata

WAIT_S = 2
_LAST_SERIAL = 2**62
_EVERY_CALL_READS = ("clock", "faults")  # collections of one document, fetched with the first statement


class SqlStore:
    """Everything in a database, which outlives this process and may be shared with others.

    `url` is one of SQLAlchemy's: `sqlite:///file.db` or `postgresql+psycopg://user:password@host/name`. Raises StoreError.
    """

    waits = True

    def __init__(self, url: str) -> None:
        try:
            self._url = sa.make_url(url)
        except SQLAlchemyError:
            raise StoreError(url, "is no address of a store; write sqlite:///FILE or postgresql+psycopg://…") from None
        engine = _engine(self._url, str(self))
        self._engine = engine
        self._connections: Connections = Together(engine) if engine.dialect.name == "sqlite" else Alone(engine)
        self._current = threading.local()
        self.scenes = MemoryStore()
        self.statements = Statements(engine.dialect)
        self.driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error

    def __str__(self) -> str:
        return self._url.render_as_string(hide_password=True)

    def prepare(self, *, make: bool = True) -> None:
        """Find the tables as this version knows them, or make them; leave no connection open. Raises StoreError."""
        file = self._url.database if self._engine.dialect.name == "sqlite" else None
        if not make and file is not None and not Path(file).exists():
            raise StoreError(str(self), "is not there; `serve` or `import` makes one")
        try:
            with self._engine.begin() as connection:
                _find_tables(connection, str(self), make=make)
            if self._engine.dialect.name == "sqlite":  # now that the file is known to be ours
                with contextlib.closing(self._engine.raw_connection()) as raw:
                    raw.cursor().execute("PRAGMA journal_mode = WAL")
        except SQLAlchemyError as error:
            raise StoreError(str(self), f"can't be used: {reason(error)}") from None
        finally:
            self._engine.dispose()

    def close(self) -> None:
        """Let go of every connection."""
        self._connections.close()
        self._engine.dispose()

    def set_scene(self, fill: Callable[[Transaction], None], *, empty: bool = False) -> None:
        """Define what a fresh workspace finds; see `Store.set_scene`. It is not stored: every process brings it."""
        self.scenes.set_scene(fill, empty=empty)

    def transaction(self, workspace: str) -> SqlTransaction:
        """Open a workspace, as a context. Nobody else sees or changes it until the block ends."""
        return SqlTransaction(self, workspace)

    def workspaces(self) -> list[str]:
        """Name the workspaces that were written to, oldest first. Raises StoreUnavailable."""
        with self.transaction(SHARED) as transaction:
            return [name for (name,) in transaction.run(self.statements.workspaces) if name != SHARED]

    def integrity(self) -> list[str]:
        """Ask the database whether its file is whole; one line for each fault. Nothing where it has no such question."""
        if self._engine.dialect.name != "sqlite":
            return []
        with self.transaction(SHARED) as transaction:
            return [text for (text,) in transaction.run("PRAGMA integrity_check") if text != "ok"]

    def enter(self) -> tuple[sa.Connection, bool]:
        """Give the connection of this thread's transaction, and tell whether it is new: an inner one joins the outer."""
        joined: sa.Connection | None = getattr(self._current, "connection", None)
        if joined is not None:
            return joined, False
        self._current.connection = connection = self._connections.enter()
        return connection, True

    def leave(self, connection: sa.Connection, *, commit: bool, broken: bool) -> None:
        """End the transaction that `enter` began, and return when it is on disk; a `broken` connection is not used again."""
        self._current.connection = None
        self._connections.leave(connection, commit=commit, broken=broken)


def _engine(url: sa.URL, shown: str) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return sa.create_engine(url, paramstyle="named", connect_args={"timeout": WAIT_S, "check_same_thread": False})
    if url.get_backend_name() != "postgresql":
        raise StoreError(shown, "is neither SQLite nor PostgreSQL; write sqlite:///FILE or postgresql+psycopg://…")
    try:
        waits = {"connect_timeout": WAIT_S, "options": f"-c lock_timeout={WAIT_S}s"}
        return sa.create_engine(url, connect_args=waits, pool_size=16, pool_timeout=WAIT_S)
    except ModuleNotFoundError as error:
        raise StoreError(shown, f"needs the package {error.name}; pip install 'trackbed[postgres]'") from None


def _find_tables(connection: sa.Connection, shown: str, *, make: bool) -> None:
    known = sa.inspect(connection).get_table_names()
    if not known and make:
        metadata.create_all(connection)
        connection.execute(sa.insert(about).values(name="version", value=VERSION))
        return
    if about.name not in known:
        raise StoreError(
            shown, "holds something else; choose another database" if known else "holds no store; `serve` or `import` makes one"
        )
    version = connection.scalar(sa.select(about.c.value).where(about.c.name == "version"))
    if version != VERSION:
        raise StoreError(
            shown, f"is a store of version {version}, and this Trackbed reads version {VERSION}; use the Trackbed that made it"
        )


class SqlTransaction:
    """One workspace, for the time of one call. See `Transaction`: this one does the same with rows."""

    def __init__(self, store: SqlStore, workspace: str) -> None:
        self._store = store
        self._said = store.statements
        self._scene: Transaction | None = None
        self._known: dict[tuple[str, str], bytes | None] = {}
        self.workspace = workspace

    def __enter__(self) -> Self:
        try:
            self._connection, self._outermost = self._store.enter()
        except (SQLAlchemyError, self._store.driver_error) as error:
            raise StoreUnavailable(reason(error)) from error
        self._cursor = self._connection.connection.cursor()
        try:
            self._begin()
        except BaseException:
            self._end(commit=False, broken=True)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object, /) -> None:
        self._close_scene()
        self._cursor.close()
        self._end(commit=kind is None, broken=kind is StoreUnavailable)

    def _begin(self) -> None:
        if self._said.lock is not None:
            self.run(self._said.lock, n=int.from_bytes(digest(self.workspace)[:8], "big", signed=True))
        found = self.run(self._said.begin)
        if not found:
            self._open_scene()
            return
        self._known = {(name, name): None for name in _EVERY_CALL_READS} | {(name, name): body for name, body in found if name is not None}

    def _end(self, *, commit: bool, broken: bool) -> None:
        if self._outermost:
            self._store.leave(self._connection, commit=commit, broken=broken)

    def run(self, statement: str, **values: Any) -> list[Any]:
        """Run a statement about this workspace and return its rows. Raises StoreUnavailable.

        The driver does it: SQLAlchemy's own way takes longer than SQLite itself.
        """
        try:
            self._cursor.execute(statement, {"w": self.workspace, **values})
            return list(self._cursor.fetchall()) if self._cursor.description else []
        except self._store.driver_error as error:
            raise StoreUnavailable(reason(error)) from error

    # --- documents ---------------------------------------------------------------------------------------------------------

    def get(self, collection: str, key: str) -> bytes | None:
        """Read one document; None when there is none."""
        if self._scene is not None:
            return self._scene.get(collection, key)
        if (collection, key) not in self._known:
            rows = self.run(self._said.get, c=collection, d=digest(key))
            self._known[collection, key] = bytes(rows[0][0]) if rows else None
        return self._known[collection, key]

    def put(self, collection: str, key: str, body: bytes) -> None:
        """Create or replace one document. A replaced one keeps its place in the order."""
        self._own()
        self.run(self._said.put, c=collection, d=digest(key), k=key.encode(), b=body)
        self._known[collection, key] = body

    def delete(self, collection: str, key: str) -> None:
        """Delete one document, if it is there."""
        if self.get(collection, key) is None:
            return
        self._own()
        self.run(self._said.delete, c=collection, d=digest(key))
        self._known[collection, key] = None

    def share(self, collection: str, key: str, body: bytes) -> None:
        """Put one document into the workspace that belongs to nobody."""
        with self._store.transaction(SHARED) as shared:
            shared.put(collection, key, body)

    def count(self, collection: str) -> int:
        """Count the documents of a collection."""
        return self._scene.count(collection) if self._scene is not None else int(self.run(self._said.count, c=collection)[0][0])

    def next(self, counter: str) -> int:
        """Count one up and return the number, from 1. Numbers of a transaction that fails are used again."""
        self._own()
        return int(self.run(self._said.next, n=counter)[0][0])

    def scan(self, collection: str, *, newest_first: bool = False, after: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Yield serial number, key and document in order of creation, or the other way round; `after` continues behind one."""
        if self._scene is not None:
            yield from self._scene.scan(collection, newest_first=newest_first, after=after)
            return
        last = after if after is not None else _LAST_SERIAL if newest_first else 0
        more = True
        while more:
            rows = self.run(self._said.down if newest_first else self._said.up, c=collection, a=last)
            for serial, key, body in rows:
                yield serial, bytes(key).decode(), bytes(body)
                last = serial
            more = len(rows) == CHUNK

    def export(self) -> State:
        """Take everything that the workspace holds."""
        if self._scene is not None:
            return self._scene.export()
        names = [name for (name,) in self.run(self._said.collections)]
        return State({name: list(self.scan(name)) for name in names}, {name: int(value) for name, value in self.run(self._said.counters)})

    def restore(self, state: State) -> None:
        """Put something else in the place of everything that the workspace holds."""
        self.reset()
        self._make(state)

    def reset(self) -> None:
        """Leave the workspace as fresh as one that nobody used."""
        if self._scene is None:
            for statement in self._said.forget:
                self.run(statement)
            self._known = {}
            self._open_scene()

    # --- scene and rows ----------------------------------------------------------------------------------------------------

    def _open_scene(self) -> None:
        self._scene = self._store.scenes.transaction(self.workspace)
        self._scene.__enter__()

    def _close_scene(self) -> None:
        if self._scene is not None:
            self._scene.__exit__(None, None, None)
            self._scene = None

    def _own(self) -> None:
        """Turn the scene of a fresh workspace into rows, before the first write."""
        if self._scene is not None:
            self._make(self._scene.export())

    def _make(self, state: State) -> None:
        self._close_scene()
        self.run(self._said.make)
        for collection, documents in state.collections.items():
            self._insert(collection, documents)
        for name, value in state.counters.items():
            self.run(self._said.set_counter, n=name, v=value)

    def _insert(self, collection: str, documents: Iterable[tuple[int, str, bytes]]) -> None:
        rows = [
            {"w": self.workspace, "c": collection, "d": digest(key), "k": key.encode(), "s": serial, "b": body}
            for serial, key, body in documents
        ]
        try:
            self._cursor.executemany(self._said.insert, rows)
        except self._store.driver_error as error:
            raise StoreUnavailable(reason(error)) from error
