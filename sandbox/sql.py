"""State that lasts and can be shared: the store in SQLite or PostgreSQL, through SQLAlchemy Core.

What is acknowledged is on disk. A workspace that was never written to has no rows: what it finds is the scene, which every
process has in memory, and which becomes rows with the first write. What goes to the database when is said in `batches`;
statements are in `tables`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from sandbox.batches import Batch, Space, reason
from sandbox.lines import Command, Line, LineError, Statement, open_line
from sandbox.memory import MemoryStore
from sandbox.store import SHARED, State, StoreError, StoreUnavailable, Transaction
from sandbox.tables import ALWAYS_READ, CHUNK, VERSION, Statements, about, digest, lock_of, metadata
from sandbox.timeline import Clock

WAIT_S = 2
TURN_S = 4  # how long a thread waits for the others of its process
_LAST_SERIAL = 2**62
_BY_INDEX = ("enable_seqscan", "enable_bitmapscan")  # a plan that was made for an empty table is kept when it has grown


class SqlStore:
    """Everything in a database, which outlives this process and may be shared with others.

    `url` is one of SQLAlchemy's: `sqlite:///file.db` or `postgresql+psycopg://user:password@host/name`; `clock` tells when a
    workspace was last used. Raises StoreError.
    """

    waits = True

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        try:
            self._url = sa.make_url(url)
        except SQLAlchemyError:
            raise StoreError(url, "is no address of a store; write sqlite:///FILE or postgresql+psycopg://…") from None
        self._engine = _engine(self._url, str(self))
        self._driver_error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        self._clock = clock or Clock()
        self._turn = threading.Lock()
        self._current = threading.local()
        self._line: Line | None = None
        self.scenes = MemoryStore()
        self.statements = Statements(self._engine.dialect)
        self.made = 0

    def __str__(self) -> str:
        return self._url.render_as_string(hide_password=True)

    # --- the database ------------------------------------------------------------------------------------------------------

    def prepare(self, *, make: bool = True) -> None:
        """Find the tables as this version knows them, or make them; leave no connection open. Raises StoreError."""
        is_file = self._engine.dialect.name == "sqlite"
        if not make and is_file and self._url.database is not None and not Path(self._url.database).exists():
            raise StoreError(str(self), "is not there; `serve` or `import` makes one")
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(self.statements.begin.text)
                if not is_file:  # of several servers that start at once one makes the tables
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_of(about.name))))
                _find_tables(connection, str(self), make=make)
                connection.exec_driver_sql(self.statements.commit.text)
                if is_file:  # now that it is known to be ours
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except SQLAlchemyError as error:
            raise StoreError(str(self), f"can't be used: {reason(error)}") from None
        finally:
            self._engine.dispose()

    def close(self) -> None:
        """Let go of every connection."""
        with self._turn:
            self.drop()
        self._engine.dispose()

    def take(self) -> tuple[Line, bool]:
        """Give the connection of this process, and tell whether it was opened only now. Raises LineError."""
        if self._line is not None:
            return self._line, False
        try:
            self._line = open_line(self._engine)
        except (SQLAlchemyError, self._driver_error) as error:
            raise LineError(reason(error), gone=True) from error
        return self._line, True

    def drop(self) -> None:
        """Hang up; the next who needs a connection opens one."""
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(self._driver_error, SQLAlchemyError):
                line.close()

    # --- what is in it -----------------------------------------------------------------------------------------------------

    def set_scene(self, fill: Callable[[Transaction], None], *, empty: bool = False) -> None:
        """Define what a fresh workspace finds; see `Store.set_scene`. It is not stored: every process brings it."""
        self.scenes.set_scene(fill, empty=empty)

    @contextlib.contextmanager
    def batch(self, *, lasting: bool = True) -> Iterator[Batch]:
        """Commit all that this thread does in the block together, at its end; within another batch at the end of that one.

        With `lasting` it returns when it is on disk, else when others can see it. Raises StoreUnavailable: then nothing of it was
        kept, or, where a connection broke in the midst of a commit, perhaps everything.
        """
        batch, is_outermost = self.enter(lasting=lasting)
        try:
            yield batch
        except BaseException:
            if is_outermost:
                batch.cancel()
            raise
        finally:
            if is_outermost:
                self.leave(batch)

    def enter(self, *, lasting: bool = True) -> tuple[Batch, bool]:
        """Give the batch of this thread, and tell whether it begins here."""
        batch: Batch | None = getattr(self._current, "batch", None)
        if batch is not None:
            return batch, False
        if not self._turn.acquire(timeout=TURN_S):
            raise StoreUnavailable("too many wait for the database")
        batch = self._current.batch = Batch(self, self.statements, self.now_s, lasting=lasting)
        return batch, True

    def leave(self, batch: Batch) -> None:
        """End the batch that began here. Raises StoreUnavailable."""
        try:
            batch.end()
        finally:
            self._current.batch = None
            self._turn.release()

    def now_s(self) -> int:
        """Tell the time by which workspaces get old, in seconds since 1970."""
        return int(self._clock.now().timestamp())

    def transaction(self, workspace: str, *, uses: bool = True) -> SqlTransaction:
        """Open a workspace, as a context. Nobody else sees or changes it until the block ends."""
        return SqlTransaction(self, workspace, uses=uses)

    def ask(self, statement: Statement, **values: Any) -> list[Any]:
        """Run one statement that belongs to no workspace, and give its rows. Raises StoreUnavailable."""
        with self.batch() as batch:
            if batch.pending:
                batch.settle()
            return batch.ask(statement, **values)

    def workspaces(self) -> list[str]:
        """Name the workspaces that were written to, oldest first. Raises StoreUnavailable."""
        return [name for (name,) in self.ask(self.statements.workspaces) if name != SHARED]

    def end_unused(self, *, most: int | None, ttl: timedelta | None) -> list[str]:
        """Make fresh what nobody used; see `Store.end_unused`."""
        rows = [(name, used_s) for name, used_s in self.ask(self.statements.used) if name != SHARED]
        beyond = 0 if most is None else len(rows) - most
        since_s = 0 if ttl is None else self.now_s() - ttl.total_seconds()
        ended = []
        for index, (name, used_s) in enumerate(rows):
            if index < beyond or used_s <= since_s:
                with self.transaction(name, uses=False) as transaction:
                    if transaction.used_s == used_s:  # else somebody used it in the meantime
                        transaction.reset()
                        ended.append(name)
        return ended

    def integrity(self) -> list[str]:
        """Ask the database whether its file is whole; one line for each fault. Nothing where it has no such question."""
        if self._engine.dialect.name != "sqlite":
            return []
        return [text for (text,) in self.ask(Statement("PRAGMA integrity_check")) if text != "ok"]


def _engine(url: sa.URL, shown: str) -> sa.Engine:
    """Make what opens connections. They commit when they are told to."""
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise StoreError(shown, "names no file; write sqlite:///FILE, or leave the store out to keep everything in memory")
        alone = {"timeout": WAIT_S, "check_same_thread": False, "isolation_level": None}
        return sa.create_engine(url, connect_args=alone, poolclass=sa.NullPool)
    if url.get_backend_name() != "postgresql":
        raise StoreError(shown, "is neither SQLite nor PostgreSQL; write sqlite:///FILE or postgresql+psycopg://…")
    settings = {"lock_timeout": f"{WAIT_S}s", "jit": "off"} | dict.fromkeys(_BY_INDEX, "off")
    arguments: dict[str, Any] = {
        "connect_timeout": WAIT_S,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "autocommit": True,
    }
    try:
        return sa.create_engine(url, connect_args=arguments, poolclass=sa.NullPool)
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
