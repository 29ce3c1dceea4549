"""State that lasts and can be shared: the store in SQLite or PostgreSQL, through SQLAlchemy Core.

What is acknowledged is on disk. A workspace that was never written to has no rows: what it finds is the scene, which every
process has in memory, and which becomes rows with the first write (`rows`). What goes to the database when is said in `batches`;
statements are in `tables`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from sandbox.batches import Batch, reason
from sandbox.lines import Line, LineError, Statement, open_line
from sandbox.memory import MemoryStore
from sandbox.rows import SqlTransaction
from sandbox.store import SHARED, StoreError, StoreUnavailable, Transaction
from sandbox.tables import VERSION, Statements, about, lock_of, metadata
from sandbox.timeline import Clock

WAIT_S = 2
TURN_S = 4  # how long a thread waits for the others of its process
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
