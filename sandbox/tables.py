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


def digest(text: str) -> bytes:
    """Make 16 bytes that stand for a key."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class Statements:
    """The statements, as text for one kind of database.

    Their parameters: w(orkspace), c(ollection), d(igest), k(ey), b(ody), s(erial), n(ame), v(alue), a(fter). `lock` waits until
    nobody else has the workspace; None where one writer at a time is the rule anyway.
    """

    def __init__(self, dialect: sa.Dialect) -> None:
        d, k = _documents.c, _counters.c
        insert: Any = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        w: Any = sa.bindparam("w")
        c: Any = sa.bindparam("c")
        n: Any = sa.bindparam("n")
        here = sa.and_(d.workspace == w, d.collection == c)
        this = sa.and_(here, d.digest == sa.bindparam("d"))
        row = {"workspace": w, "collection": c, "digest": sa.bindparam("d"), "key": sa.bindparam("k"), "body": sa.bindparam("b")}
        rows = sa.select(d.serial, d.key, d.body)
        after: Any = sa.bindparam("a")
        at_hand = sa.and_(
            d.workspace == _workspaces.c.name, d.collection.in_([sa.literal_column("'clock'"), sa.literal_column("'faults'")])
        )
        last = sa.select(sa.func.coalesce(sa.func.max(d.serial), _ZERO) + _ONE).where(here).scalar_subquery()
        newest = sa.select(sa.func.coalesce(sa.func.max(_workspaces.c.serial), _ZERO) + _ONE).scalar_subquery()

        def text(statement: Any) -> str:
            return str(statement.compile(dialect=dialect))

        self.lock = text(sa.select(sa.func.pg_advisory_xact_lock(n))) if dialect.name == "postgresql" else None
        self.begin = text(
            sa.select(d.collection, d.body).select_from(_workspaces.outerjoin(_documents, at_hand)).where(_workspaces.c.name == w)
        )
        self.get = text(sa.select(d.body).where(this))
        self.put = text(
            insert(_documents)
            .values(**row, serial=last)
            .on_conflict_do_update(index_elements=["workspace", "collection", "digest"], set_={"body": sa.bindparam("b")})
        )
        self.insert = text(sa.insert(_documents).values(**row, serial=sa.bindparam("s")))
        self.delete = text(sa.delete(_documents).where(this))
        self.count = text(sa.select(sa.func.count()).select_from(_documents).where(here))
        self.up = text(rows.where(here, d.serial > after).order_by(d.serial)) + f" LIMIT {CHUNK}"
        self.down = text(rows.where(here, d.serial < after).order_by(d.serial.desc())) + f" LIMIT {CHUNK}"
        self.collections = text(sa.select(d.collection).where(d.workspace == w).distinct().order_by(d.collection))
        self.counters = text(sa.select(k.name, k.value).where(k.workspace == w).order_by(k.name))
        self.next = text(
            insert(_counters)
            .values(workspace=w, name=n, value=_ONE)
            .on_conflict_do_update(index_elements=["workspace", "name"], set_={"value": k.value + _ONE})
            .returning(k.value)
        )
        self.set_counter = text(sa.insert(_counters).values(workspace=w, name=n, value=sa.bindparam("v")))
        self.make = text(sa.insert(_workspaces).values(name=w, serial=newest))
        self.forget = [
            text(sa.delete(_documents).where(d.workspace == w)),
            text(sa.delete(_counters).where(k.workspace == w)),
            text(sa.delete(_workspaces).where(_workspaces.c.name == w)),
        ]
        self.workspaces = text(sa.select(_workspaces.c.name).order_by(_workspaces.c.serial, _workspaces.c.name))
