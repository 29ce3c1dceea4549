"""The tables of the SQL store, and every statement about them, compiled once for a database.

A document is found by the digest of its workspace, collection and key. The key itself is stored as bytes: it may hold NUL, which
PostgreSQL's text can't. Order of creation is a serial number within the collection; pages continue behind one, so a late page
costs what the first one does.
"""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from sandbox.lines import Statement

VERSION = "2"
CHUNK = 64  # how many documents a scan fetches at a time
ALWAYS_READ = ("clock", "faults")  # collections of one document, fetched when a workspace is opened
NOTES = ":journal"  # whose counters count what is no workspace's; no account can be called so

_ZERO, _ONE = sa.literal_column("0", sa.BigInteger), sa.literal_column("1", sa.BigInteger)

metadata = sa.MetaData()
about = sa.Table("trackbed", metadata, sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.String, nullable=False))
_workspaces = sa.Table(
    "workspaces",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("used_s", sa.BigInteger, nullable=False),
)
_documents = sa.Table(
    "documents",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("workspace", sa.String, nullable=False),
    sa.Column("collection", sa.String, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("documents_in_order", "workspace", "collection", "serial", unique=True),
)
_counters = sa.Table(
    "counters",
    metadata,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
_journal = sa.Table(
    "journal",
    metadata,
    sa.Column("last", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("account", sa.String, nullable=False),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("weight", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("journal_by_account", "account", "last"),
)

_W: Any = sa.bindparam("w")
_C: Any = sa.bindparam("c")
_D: Any = sa.bindparam("d")
_N: Any = sa.bindparam("n")
_V: Any = sa.bindparam("v", type_=sa.BigInteger)
_A: Any = sa.bindparam("a", type_=sa.BigInteger)
_S: Any = sa.bindparam("s", type_=sa.BigInteger)
_B: Any = sa.bindparam("b")
_HERE = sa.and_(_documents.c.workspace == _W, _documents.c.collection == _C)


def digest(*names: str) -> bytes:
    """Make 16 bytes that stand for a key in its collection and workspace; only the key may hold NUL."""
    return hashlib.blake2b("\0".join(names).encode(), digest_size=16).digest()


def lock_of(workspace: str) -> int:
    """Make the number that PostgreSQL's advisory lock for a workspace has."""
    return int.from_bytes(digest(workspace)[:8], "big", signed=True)


class Statements:
    """The statements of one kind of database.

    Their parameters: w(orkspace), c(ollection), d(igest), k(ey), b(ody), s(erial), n(ame), v(alue), a(fter). `hold` waits until
    nobody else has the workspace, `try_hold` tells whether nobody has; None where one writer at a time is the rule anyway.
    `hush` lets a transaction end before the disk has it.
    """

    def __init__(self, dialect: sa.Dialect) -> None:
        is_postgres = dialect.name == "postgresql"
        self._dialect = postgresql.dialect(paramstyle="numeric_dollar") if is_postgres else sqlite.dialect(paramstyle="qmark")  # type: ignore[no-untyped-call]
        self._insert: Any = postgresql.insert if is_postgres else sqlite.insert
        self._transact(is_postgres=is_postgres)
        self._read_and_write_documents()
        self._page_through_documents()
        self._count()
        self._keep_workspaces()
        self._keep_journal()

    def _of(self, statement: Any, more: str = "") -> Statement:
        compiled = statement.compile(dialect=self._dialect)
        return Statement(str(compiled) + more, tuple(compiled.positiontup or ()))

    def _transact(self, *, is_postgres: bool) -> None:
        self.begin = Statement("BEGIN ISOLATION LEVEL READ COMMITTED" if is_postgres else "BEGIN IMMEDIATE")
        self.commit, self.rollback = Statement("COMMIT"), Statement("ROLLBACK")
        self.mark, self.back, self.unmark = map(Statement, ("SAVEPOINT one", "ROLLBACK TO SAVEPOINT one", "RELEASE SAVEPOINT one"))
        lock, try_lock = (sa.select(function(_V)) for function in (sa.func.pg_advisory_xact_lock, sa.func.pg_try_advisory_xact_lock))
        self.hold = self._of(lock) if is_postgres else None
        self.try_hold = self._of(try_lock) if is_postgres else None
        self.hush = Statement("SET LOCAL synchronous_commit = off") if is_postgres else Statement("PRAGMA synchronous = NORMAL")
        self.unhush = None if is_postgres else Statement("PRAGMA synchronous = FULL")

    def _read_and_write_documents(self) -> None:
        this = _documents.c.digest == _D
        row = {"workspace": _W, "collection": _C, "digest": _D, "key": sa.bindparam("k"), "body": _B}
        last = sa.select(sa.func.coalesce(sa.func.max(_documents.c.serial), _ZERO) + _ONE).where(_HERE).scalar_subquery()
        put = self._insert(_documents).values(**row, serial=last)
        self.get = self._of(sa.select(_documents.c.body).where(this))
        self.put = self._of(put.on_conflict_do_update(index_elements=["digest"], set_={"body": _B}))
        self.insert = self._of(sa.insert(_documents).values(**row, serial=_S))
        self.delete = self._of(sa.delete(_documents).where(this))

    def _page_through_documents(self) -> None:
        rows, serial = sa.select(_documents.c.serial, _documents.c.key, _documents.c.body), _documents.c.serial
        names = sa.select(_documents.c.collection).where(_documents.c.workspace == _W)
        self.count = self._of(sa.select(sa.func.count()).select_from(_documents).where(_HERE))
        self.up = self._of(rows.where(_HERE, serial > _A).order_by(serial), f" LIMIT {CHUNK}")
        self.down = self._of(rows.where(_HERE, serial < _A).order_by(serial.desc()), f" LIMIT {CHUNK}")
        self.collections = self._of(names.distinct().order_by(_documents.c.collection))

    def _count(self) -> None:
        one = self._insert(_counters).values(workspace=_W, name=_N, value=_V)
        set_, add = ({"value": value} for value in (_V, _counters.c.value + _V))
        here = {"index_elements": ["workspace", "name"]}
        mine = sa.select(_counters.c.name, _counters.c.value).where(_counters.c.workspace == _W)
        self.set_counter = self._of(one.on_conflict_do_update(**here, set_=set_))
        self.add = self._of(one.on_conflict_do_update(**here, set_=add).returning(_counters.c.value))
        self.counters = self._of(mine.order_by(_counters.c.name))

    def _keep_workspaces(self) -> None:
        always_read = sa.and_(
            _documents.c.workspace == _workspaces.c.name,
            _documents.c.collection.in_([sa.literal_column(f"'{name}'") for name in ALWAYS_READ]),
        )
        found = (_workspaces.c.used_s, _documents.c.collection, _documents.c.body)
        look = sa.select(*found).select_from(_workspaces.outerjoin(_documents, always_read))
        newest = sa.select(sa.func.coalesce(sa.func.max(_workspaces.c.serial), _ZERO) + _ONE).scalar_subquery()
        columns = (_documents.c.workspace, _counters.c.workspace, _workspaces.c.name)
        name, used_s, serial = _workspaces.c.name, _workspaces.c.used_s, _workspaces.c.serial
        self.look = self._of(look.where(name == _W))
        self.make = self._of(sa.insert(_workspaces).values(name=_W, serial=newest, used_s=_V))
        self.use = self._of(sa.update(_workspaces).where(name == _W).values(used_s=_V))
        self.forget = [self._of(sa.delete(column.table).where(column == _W)) for column in columns]
        self.workspaces = self._of(sa.select(name).order_by(serial, name))
        self.used = self._of(sa.select(name, used_s).order_by(used_s, serial, name))

    def _keep_journal(self) -> None:
        c = _journal.c
        row = {"last": _S, "account": _W, "entries": _A, "weight": _V, "body": _B}
        rows = sa.select(c.last, c.entries, c.body).where(c.last > _A).order_by(c.last)
        total = sa.func.sum(c.weight).over(order_by=c.last.desc()).label("total")
        heavy = sa.select(c.last, total).subquery()
        self.note = self._of(sa.insert(_journal).values(**row))
        self.notes = self._of(rows)
        self.notes_of = self._of(rows.where(c.account == _W))
        self.trim = self._of(sa.delete(_journal).where(c.last <= _S))
        self.lighten = self._of(sa.delete(_journal).where(c.last.in_(sa.select(heavy.c.last).where(heavy.c.total > _V))))
        self.forget_notes = self._of(sa.delete(_journal).where(c.account == _W))
