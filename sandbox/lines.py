"""One connection to a database, spoken to in the way that costs least.

SQLAlchemy opens it and writes the statements (see `tables`); what is said over it goes through the driver alone, since with
SQLAlchemy's own way, and with psycopg's cursors, a small statement takes longer in Python than in the database. Who may speak, and
when something is committed, is decided in `batches`.
"""

from __future__ import annotations

import select
from collections.abc import Mapping, Sequence
from itertools import count
from struct import pack
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa

ANSWER_MS = 10_000  # a database that says nothing for so long is gone
_CHUNK = 256  # commands in one go: what they answer must fit into the buffers between us and the server
_CHECKPOINT_BYTES = 4_000_000


class Statement(NamedTuple):
    """A statement as its database has it, with the names of its parameters in their order."""

    text: str
    names: tuple[str, ...] = ()


Command = tuple[Statement, Mapping[str, Any]]


class LineError(Exception):
    """The database refused something, or is gone (`gone`); the text says what happened."""

    def __init__(self, text: str, *, gone: bool) -> None:
        super().__init__(text)
        self.gone = gone


class Line(Protocol):
    """A connection on which nothing is committed unless somebody says so."""

    def ask(self, commands: Sequence[Command]) -> list[list[Any]]:
        """Run statements in their order and give the rows of each. Raises LineError; what came behind has not run then."""

    def close(self) -> None:
        """Hang up. What was not committed is taken back."""


def open_line(engine: sa.Engine) -> Line:
    """Connect. Raises SQLAlchemyError or an error of the driver."""
    fairy = engine.raw_connection()
    raw: Any = fairy.driver_connection
    fairy.detach()
    return SqliteLine(raw, engine) if engine.dialect.name == "sqlite" else PostgresLine(raw)


class SqliteLine:
    """SQLite, in this very process.

    It may happen in WAL mode that a checkpoint misses what another process commits at the same moment, and the file is damaged
    (https://sqlite.org/wal.html#walresetbug, until 3.51.3). So nothing is checkpointed on its own here, but only while this
    process has the right to write and nobody else can commit.
    """

    def __init__(self, raw: Any, engine: sa.Engine) -> None:
        self._raw = raw
        self._engine = engine
        self._error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._written = 0
        self._other: Any = None
        raw.isolation_level = None  # transactions begin where we say so
        self._cursor = raw.cursor()
        self._cursor.execute("PRAGMA synchronous = FULL")
        self._cursor.execute("PRAGMA wal_autocheckpoint = 0")

    def ask(self, commands: Sequence[Command]) -> list[list[Any]]:
        """Run statements in their order and give the rows of each."""
        execute = self._cursor.execute
        found = []
        try:
            if self._written > _CHECKPOINT_BYTES and not self._raw.in_transaction:
                self._checkpoint()
            for statement, values in commands:
                found.append(execute(statement.text, [values[name] for name in statement.names]).fetchall())
                self._written += len(values.get("b", b""))
        except self._error as error:
            raise LineError(str(error), gone=False) from error
        return found

    def _checkpoint(self) -> None:
        """Move into the file what is in the log, over a connection of its own: one with a transaction can't.

        The transaction that keeps others out stays empty, so that the next one finds nothing in the log and starts it anew.
        """
        if self._other is None:
            self._other = self._engine.raw_connection()
            self._other.cursor().execute("PRAGMA wal_autocheckpoint = 0")
        self._cursor.execute("BEGIN IMMEDIATE")
        self._other.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._cursor.execute("COMMIT")
        self._written = 0

    def close(self) -> None:
        """Hang up."""
        if self._other is not None:
            self._other.close()
        self._raw.close()


_TYPES = {str: 25, bytes: 17, int: 20}  # OIDs of text, bytea and int8
_TEXT, _BINARY = 0, 1


class PostgresLine:
    """PostgreSQL, through libpq: statements are prepared once, and what belongs together is sent in one go (pipeline mode).

    Nobody is kept waiting by the interpreter lock while the server works: libpq's own way to wait would hold it.
    """

    def __init__(self, raw: Any) -> None:
        from psycopg import Error, pq  # noqa: PLC0415 - an extra; who has no PostgreSQL has no psycopg

        self._raw, self._pg, self._pq, self._error = raw, raw.pgconn, pq, Error
        self._prepared: dict[Statement, bytes] = {}
        self._names = count()
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(self._pg.socket, select.POLLIN)
        self._writable.register(self._pg.socket, select.POLLIN | select.POLLOUT)

    def ask(self, commands: Sequence[Command]) -> list[list[Any]]:
        """Run statements in their order and give the rows of each."""
        if len(commands) > _CHUNK:
            return [rows for start in range(0, len(commands), _CHUNK) for rows in self.ask(commands[start : start + _CHUNK])]
        try:
            wanted = [done for statement, values in commands for done in self._send(statement, values)]
            self._pg.pipeline_sync()
            self._flush()
            results = self._results()
        except self._error as error:
            raise LineError(str(error).strip().splitlines()[0], gone=True) from error
        return [_rows(result) for result, is_wanted in zip(results, wanted, strict=True) if is_wanted]

    def _send(self, statement: Statement, values: Mapping[str, Any]) -> tuple[bool, ...]:
        """Send one statement; tell for each result that will come whether somebody waits for it."""
        given = [values[name] for name in statement.names]
        name = self._prepared.get(statement)
        is_new = name is None
        if name is None:
            name = self._prepared[statement] = b"s%d" % next(self._names)
            self._pg.send_prepare(name, statement.text.encode(), [_TYPES[type(value)] for value in given])
        written = [value if type(value) is bytes else value.encode() if type(value) is str else pack("!q", value) for value in given]
        self._pg.send_query_prepared(name, written, [_BINARY] * len(written), _BINARY)
        return (False, True) if is_new else (True,)

    def _flush(self) -> None:
        while self._pg.flush():
            self._wait(self._writable)
            self._pg.consume_input()

    def _results(self) -> list[Any]:
        """Read everything up to the end of what was sent. Raises LineError for the first thing that failed."""
        found, failed, status = [], None, self._pq.ExecStatus
        while True:
            while self._pg.is_busy():
                self._wait(self._readable)
                self._pg.consume_input()
            result = self._pg.get_result()
            if result is None:
                continue
            if result.status == status.PIPELINE_SYNC:
                break
            if result.status == status.FATAL_ERROR and failed is None:
                failed = result.error_message.decode(errors="replace").strip().splitlines()[0]
            found.append(result)
        if failed is not None:
            self._prepared.clear()  # of what was not reached nobody knows whether it is prepared
            raise LineError(failed, gone=self._pg.status != self._pq.ConnStatus.OK)
        return found

    def _wait(self, poll: select.poll) -> None:
        if not poll.poll(ANSWER_MS):
            raise LineError("the database does not answer", gone=True)

    def close(self) -> None:
        """Hang up."""
        self._raw.close()


def _rows(result: Any) -> list[tuple[Any, ...]]:
    columns = range(result.nfields)
    kinds = [result.ftype(column) for column in columns]
    return [tuple(_value(result.get_value(row, column), kinds[column]) for column in columns) for row in range(result.ntuples)]


def _value(raw: bytes | None, kind: int) -> Any:
    """Read a value in PostgreSQL's binary form: bytea as it is, booleans and integers, all else is text."""
    if raw is None or kind == 17:
        return raw
    if kind == 16:
        return raw == b"\1"
    return int.from_bytes(raw, "big", signed=True) if kind in (20, 21, 23) else raw.decode()
