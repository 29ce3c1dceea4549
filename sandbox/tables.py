"""The tables of the SQL store, and every statement about them, compiled once for a database.

A key is stored as bytes (it may hold NUL, which PostgreSQL's text can't) beside its digest (it may be longer than an index admits).
Order of creation is a serial number within the collection; pages continue behind one, so a late page costs what the first one does.
"""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

VERSION = "1"
CHUNK = 64  # how many documents a scan fetches at a time

_ZERO, _ONE = sa.literal_column("0", sa.BigInteger), sa.literal_column("1", sa.BigInteger)

metadata = sa.MetaData()
about = sa.Table("trackbed", metadata, sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.String, nullable=False))
_workspaces = sa.Table(
    "workspaces", metadata, sa.Column("name", sa.String, primary_key=True), sa.Column("serial", sa.BigInteger, nullable=False)
)
_documents = sa.Table(
    "documents",
    metadata,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("collection", sa.String, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
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

_W: Any = sa.bindparam("w")
_C: Any = sa.bindparam("c")
_D: Any = sa.bindparam("d")
_N: Any = sa.bindparam("n")
_A: Any = sa.bindparam("a")
_HERE = sa.and_(_documents.c.workspace == _W, _documents.c.collection == _C)


def digest(text: str) -> bytes:
    """Make 16 bytes that stand for a key."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class Statements:
    """The statements, as text for one kind of database.

    Their parameters: w(orkspace), c(ollection), d(igest), k(ey), b(ody), s(erial), n(ame), v(alue), a(fter). `lock` waits until
    nobody else has the workspace; None where one writer at a time is the rule anyway.
    """

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect
        self._insert: Any = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        self._read_and_write_documents()
        self._page_through_documents()
        self._count()
        self._keep_workspaces()

    def _text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self._dialect))

    def _read_and_write_documents(self) -> None:
        this = sa.and_(_HERE, _documents.c.digest == _D)
        row = {"workspace": _W, "collection": _C, "digest": _D, "key": sa.bindparam("k"), "body": sa.bindparam("b")}
        last = sa.select(sa.func.coalesce(sa.func.max(_documents.c.serial), _ZERO) + _ONE).where(_HERE).scalar_subquery()
        put = self._insert(_documents).values(**row, serial=last)
        replace = {"index_elements": ["workspace", "collection", "digest"], "set_": {"body": sa.bindparam("b")}}
        self.get = self._text(sa.select(_documents.c.body).where(this))
        self.put = self._text(put.on_conflict_do_update(**replace))
        self.insert = self._text(sa.insert(_documents).values(**row, serial=sa.bindparam("s")))
        self.delete = self._text(sa.delete(_documents).where(this))

    def _page_through_documents(self) -> None:
        rows, serial = sa.select(_documents.c.serial, _documents.c.key, _documents.c.body), _documents.c.serial
        names = sa.select(_documents.c.collection).where(_documents.c.workspace == _W)
        self.count = self._text(sa.select(sa.func.count()).select_from(_documents).where(_HERE))
        self.up = self._text(rows.where(_HERE, serial > _A).order_by(serial)) + f" LIMIT {CHUNK}"
        self.down = self._text(rows.where(_HERE, serial < _A).order_by(serial.desc())) + f" LIMIT {CHUNK}"
        self.collections = self._text(names.distinct().order_by(_documents.c.collection))

    def _count(self) -> None:
        one = self._insert(_counters).values(workspace=_W, name=_N, value=_ONE)
        up = one.on_conflict_do_update(index_elements=["workspace", "name"], set_={"value": _counters.c.value + _ONE})
        mine = sa.select(_counters.c.name, _counters.c.value).where(_counters.c.workspace == _W)
        self.next = self._text(up.returning(_counters.c.value))
        self.set_counter = self._text(sa.insert(_counters).values(workspace=_W, name=_N, value=sa.bindparam("v")))
        self.counters = self._text(mine.order_by(_counters.c.name))

    def _keep_workspaces(self) -> None:
        every_call_reads = sa.and_(
            _documents.c.workspace == _workspaces.c.name, _documents.c.collection.in_(map(sa.literal_column, ("'clock'", "'faults'")))
        )
        begin = sa.select(_documents.c.collection, _documents.c.body).select_from(_workspaces.outerjoin(_documents, every_call_reads))
        newest = sa.select(sa.func.coalesce(sa.func.max(_workspaces.c.serial), _ZERO) + _ONE).scalar_subquery()
        lock = sa.select(sa.func.pg_advisory_xact_lock(_N))
        columns = (_documents.c.workspace, _counters.c.workspace, _workspaces.c.name)
        self.lock = self._text(lock) if self._dialect.name == "postgresql" else None
        self.begin = self._text(begin.where(_workspaces.c.name == _W))
        self.make = self._text(sa.insert(_workspaces).values(name=_W, serial=newest))
        self.forget = [self._text(sa.delete(column.table).where(column == _W)) for column in columns]
        self.workspaces = self._text(sa.select(_workspaces.c.name).order_by(_workspaces.c.serial, _workspaces.c.name))
