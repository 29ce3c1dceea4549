"""How the transactions of several threads share a database.

PostgreSQL gives each a connection of its own. SQLite has one writer at a time and waits for the disk at every commit, so there
all threads take turns on one connection and their transactions are committed together: each is a savepoint, and nobody is
answered before the commit that holds it is on disk.
"""

from __future__ import annotations

import threading
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from sandbox.store import StoreUnavailable

MOST = 64  # transactions in one commit


class Connections(Protocol):
    """Who may use which connection, and when it is committed."""

    def enter(self) -> sa.Connection:
        """Begin a transaction. Raises SQLAlchemyError."""

    def leave(self, connection: sa.Connection, *, commit: bool, broken: bool) -> None:
        """End it, and return when that is on disk; a `broken` connection is not used again. Raises StoreUnavailable."""

    def close(self) -> None:
        """Let go of what is kept open."""


class Alone:
    """A connection for each transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def enter(self) -> sa.Connection:
        """Begin a transaction."""
        connection = self._engine.connect()
        connection.begin()
        return connection

    def leave(self, connection: sa.Connection, *, commit: bool, broken: bool) -> None:
        """End it."""
        try:
            with connection:
                if broken:
                    connection.invalidate()
                    self._engine.dispose()  # the others that wait in the pool lead to the same server
                if commit:
                    connection.commit()
        except SQLAlchemyError as error:
            raise StoreUnavailable(reason(error)) from error

    def close(self) -> None:
        """Keep nothing: the engine has its own pool."""


class _Ticket:
    """What a thread holds that waits for the commit of others."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._error: BaseException | None = None

    def settle(self, error: BaseException | None) -> None:
        self._error = error
        self._done.set()

    def wait(self) -> None:
        self._done.wait()
        if self._error is not None:
            raise StoreUnavailable(reason(self._error)) from self._error


class Together:
    """One connection for all, and one commit for all who queue up for it.

    Whoever is done while nobody else waits for a turn commits for everybody since the last commit; the others wait for that. So
    one client alone is never delayed, and many share the price of a disk.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._tickets: list[_Ticket] = []
        self._connection: Any = None
        sa.event.listen(engine, "connect", _set_up)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))

    def enter(self) -> sa.Connection:
        """Wait for the turn of this thread, and begin."""
        self._count(1)
        self._turn.acquire()
        self._count(-1)
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            if not self._connection.in_transaction():
                self._connection.begin()
            self._connection.connection.cursor().execute("SAVEPOINT one")
        except BaseException as error:
            self._settle(error)
            self._turn.release()
            raise
        return self._connection  # type: ignore[no-any-return]

    def leave(self, connection: sa.Connection, *, commit: bool, broken: bool) -> None:  # noqa: ARG002 - a file does not go away
        """Give the turn to the next, and wait for the commit."""
        ticket = _Ticket()
        self._tickets.append(ticket)
        try:
            cursor = connection.connection.cursor()
            if not commit:
                cursor.execute("ROLLBACK TO one")
            cursor.execute("RELEASE one")
        except self._error as error:  # the whole transaction is gone, as on a disk that is full
            self._settle(error)
        else:
            if self._waiting == 0 or len(self._tickets) >= MOST:
                self._settle()
        self._turn.release()
        ticket.wait()

    def _count(self, more: int) -> None:
        with self._counting:
            self._waiting += more

    def close(self) -> None:
        """Close the one connection."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _settle(self, error: BaseException | None = None) -> None:
        """Commit for everybody who waits, or tell them all that it failed."""
        tickets, self._tickets = self._tickets, []
        connection, broken = self._connection, error
        try:
            if connection is not None and connection.in_transaction():
                if broken is None:
                    connection.commit()
                else:
                    connection.rollback()
        except SQLAlchemyError as failed:
            broken = broken or failed
        if broken is not None and connection is not None:
            connection.invalidate()
            connection.close()
            self._connection = None
        for ticket in tickets:
            ticket.settle(broken)


def _set_up(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    connection.execute("PRAGMA synchronous = FULL")


def reason(error: BaseException) -> str:
    """Take what the database itself said, in one line."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
