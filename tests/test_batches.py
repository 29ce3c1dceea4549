"""What goes to the database together is kept together, or not at all, and nobody waits for ever."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from databases import empty_postgres

from sandbox.assembly import Settings, assemble
from sandbox.batches import Unkept
from sandbox.exchange import Request
from sandbox.lines import Statement
from sandbox.pipeline import Api
from sandbox.rounds import answer_all
from sandbox.sql import SqlStore
from sandbox.store import SHARED, StoreUnavailable
from sandbox.tables import lock_of

HEADERS = {"host": "127.0.0.1", "api-key": "sbx_empty_round", "content-type": "application/json"}


@contextlib.contextmanager
def opened(url: str) -> Iterator[SqlStore]:
    store = SqlStore(url)
    store.prepare()
    with contextlib.closing(store):
        yield store


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else empty_postgres()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with opened(url) as found:
        yield found


def put(store: SqlStore, workspace: str, key: str = "k", body: bytes = b"") -> None:
    with store.transaction(workspace) as transaction:
        transaction.put("c", key, body)


def get(store: SqlStore, workspace: str, key: str = "k") -> bytes | None:
    with store.transaction(workspace) as transaction:
        return transaction.get("c", key)


def test_a_batch_is_one_commit_and_one_that_fails_takes_only_its_own_back(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/store.db") as store:
        put(store, "sbx_first")
        said: list[str] = []
        line, _ = store.take()
        line._raw.set_trace_callback(said.append)  # type: ignore[attr-defined]
        with store.batch():
            for number in range(12):
                with contextlib.suppress(ZeroDivisionError), store.transaction(f"sbx_empty_{number % 5}") as transaction:
                    transaction.put("c", str(number), b"")
                    assert transaction.count("c") > 0  # the database finds it too
                    assert number % 3 or number // 0
        assert said.count("COMMIT") == 1
        kept = [number for number in range(12) if get(store, f"sbx_empty_{number % 5}", str(number)) is not None]
        assert kept == [number for number in range(12) if number % 3]


def test_others_see_a_batch_when_it_has_ended_and_not_before(url: str, store: SqlStore) -> None:
    with opened(url) as other:
        put(store, "sbx_a", body=b"1")
        with store.batch() as batch:
            put(store, "sbx_b", body=b"2")
            batch.settle()
            if "sqlite" not in url:  # there nobody else gets in at all
                assert get(other, "sbx_a") == b"1"
                assert [name for (name,) in other.ask(other.statements.workspaces)] == ["sbx_a"]
        assert get(other, "sbx_b") == b"2"
        assert other.workspaces() == ["sbx_a", "sbx_b"]


def test_two_batches_that_want_the_same_workspaces_in_another_order_both_end(url: str) -> None:
    names = ["sbx_a", "sbx_b", "sbx_c"]

    def work(order: list[str]) -> None:
        with opened(url) as store:
            for _ in range(30):
                with store.batch():
                    for name in order:
                        with store.transaction(name) as transaction:
                            transaction.put("c", "n", str(transaction.next("n")).encode())
                            transaction.share("links", str(transaction.next("links")), b"")

    threads = [Thread(target=work, args=(order,)) for order in (names, names[::-1], names[1:] + names[:1])]
    with opened(url) as store:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [get(store, name, "n") for name in names] == [b"90"] * 3
        with store.transaction(SHARED) as shared:
            assert shared.count("links") == 90


def test_what_a_transaction_shares_is_gone_when_it_fails(store: SqlStore) -> None:
    with store.batch():
        with contextlib.suppress(ZeroDivisionError), store.transaction("sbx_a") as transaction:
            transaction.put("c", "k", b"")
            transaction.share("links", "l", b"")
            assert transaction.count("c") // 0
        put(store, "sbx_b")
    assert store.workspaces() == ["sbx_b"]
    with store.transaction(SHARED) as shared:
        assert shared.get("links", "l") is None


def test_a_reset_and_a_write_in_one_batch_leave_only_the_write(store: SqlStore) -> None:
    put(store, "sbx_a", "old")
    with store.batch():
        put(store, "sbx_a", "older")
        with store.transaction("sbx_a") as transaction:
            transaction.next("n")
            transaction.reset()
        assert get(store, "sbx_a", "old") is None
        with store.transaction("sbx_a") as transaction:
            transaction.put("c", "new", str(transaction.next("n")).encode())
    with store.transaction("sbx_a") as transaction:
        assert [(key, body) for _, key, body in transaction.scan("c")] == [("new", b"1")]
        assert transaction.export().counters == {"n": 1}


# --- what fails ------------------------------------------------------------------------------------------------------------------


def limit(store: SqlStore) -> None:
    """Let the database refuse what is large."""
    refuse = "BEFORE INSERT ON documents WHEN length(NEW.body) > 50000 BEGIN SELECT RAISE(ABORT, 'too much'); END"
    store.ask(Statement(f"CREATE TRIGGER too_much {refuse}"))


def test_a_batch_that_is_too_much_is_taken_back_and_its_caller_is_told(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/store.db") as store:
        put(store, "sbx_a")
        limit(store)

        def all_of_it() -> None:
            with store.batch():
                put(store, "sbx_a", body=b"small")
                put(store, "sbx_b", body=b"x" * 100_000)

        with pytest.raises(Unkept, match="too much"):
            all_of_it()
        assert get(store, "sbx_a") == b""
        assert store.workspaces() == ["sbx_a"]


def test_of_a_round_that_is_too_much_each_call_is_answered_alone(tmp_path: Path) -> None:
    sandbox = assemble(Settings(("trackru",), store=f"sqlite:///{tmp_path}/store.db"))
    store, api = sandbox.shared.store, sandbox.apis["trackru"]
    assert isinstance(store, SqlStore)

    def create(number: str, title: str) -> Request:
        body = f'{{"tracking_number": "{number}", "carrier_code": "sto", "title": "{title}"}}'.encode()
        return Request("POST", "/v1/trackings/post", "", HEADERS, body, "http://127.0.0.1", "http://127.0.0.1")

    def codes(*requests: Request) -> list[bytes]:
        return [
            answer.body[16:19] + answer.headers.get("trackbed-cause", "").encode()
            for answer in answer_all(store, [(api, one) for one in requests])
        ]

    with contextlib.closing(store):
        assert codes(create("A1-000", ""), create("A1-001", "")) == [b"200", b"200"]
        limit(store)
        said = codes(create("A1-002", ""), create("A1-003", "x" * 60_000), create("A1-004", ""), create("A1-002", ""))
        assert said == [b"200", b"503unavailable", b"200", b"401duplicate"]
        with store.transaction("sbx_empty_round") as transaction:
            assert [key[-6:] for _, key, _ in transaction.scan("trackru.trackings")] == ["A1-000", "A1-001", "A1-002", "A1-004"]


def test_what_was_committed_in_the_midst_of_a_round_is_not_done_twice() -> None:
    """A round that wants a workspace which somebody else has commits first; what fails after that takes only its own along."""
    url = empty_postgres()
    sandbox = assemble(Settings(("trackru",), store=url))
    store, api = sandbox.shared.store, sandbox.apis["trackru"]
    assert isinstance(store, SqlStore)

    def create(account: str, number: str, title: str = "") -> tuple[Api, Request]:
        body = f'{{"tracking_number": "{number}", "carrier_code": "sto", "title": "{title}"}}'.encode()
        headers = HEADERS | {"api-key": account}
        return api, Request("POST", "/v1/trackings/post", "", headers, body, "http://127.0.0.1", "http://127.0.0.1")

    with contextlib.closing(store), psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("ALTER TABLE documents ADD CHECK (length(body) < 50000)")
        other.execute("SELECT pg_advisory_lock(%s)", [lock_of("sbx_empty_b")])
        release = Thread(target=_release_when_wanted, args=(other,))
        release.start()
        round_ = [create("sbx_empty_a", "A1-000"), create("sbx_empty_b", "A1-000"), create("sbx_empty_b", "A1-001", "x" * 60_000)]
        said = answer_all(store, round_)
        release.join()
    assert [answer.headers.get("trackbed-cause") for answer in said] == [None, None, "unavailable"]


def _release_when_wanted(connection: psycopg.Connection[tuple[int]]) -> None:
    while not connection.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchall():
        pass
    connection.execute("SELECT pg_advisory_unlock_all()")


def test_a_connection_that_died_in_the_meantime_is_replaced_and_nobody_notices() -> None:
    url = empty_postgres()
    with opened(url) as store:
        put(store, "sbx_a", body=b"1")
        hang_up_on(url)
        assert get(store, "sbx_a") == b"1"
        put(store, "sbx_a", body=b"2")
        hang_up_on(url)
        put(store, "sbx_a", body=b"3")
        assert get(store, "sbx_a") == b"3"


def test_a_connection_that_dies_within_a_batch_takes_it_along_and_the_caller_is_told() -> None:
    url = empty_postgres()
    with opened(url) as store:
        put(store, "sbx_a", body=b"1")

        def all_of_it() -> None:
            with store.batch():
                put(store, "sbx_a", body=b"2")
                hang_up_on(url)
                with pytest.raises(StoreUnavailable):
                    put(store, "sbx_b")

        with pytest.raises(StoreUnavailable) as gone:
            all_of_it()
        assert not isinstance(gone.value, Unkept)  # who can tell how far a commit had come
        assert get(store, "sbx_a") == b"1"
        assert store.workspaces() == ["sbx_a"]


def hang_up_on(url: str) -> None:
    """End every other connection to a database, as a restart of its server does."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_workspace_that_somebody_holds_too_long_is_unavailable(url: str, store: SqlStore) -> None:
    with opened(url) as other, store.batch():
        put(store, "sbx_a")
        store.transaction("sbx_a").__enter__().__exit__(None, None, None)
        with pytest.raises(StoreUnavailable, match=r"lock"):
            put(other, "sbx_a")


def test_several_starts_at_once_make_the_tables_once(url: str) -> None:
    code = f"from sandbox.sql import SqlStore; SqlStore({url!r}).prepare()"
    starts = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    assert [(start.communicate()[1], start.returncode) for start in starts] == [(b"", 0)] * 4


def test_the_log_of_a_file_is_emptied_now_and_then(tmp_path: Path) -> None:
    """Not by SQLite itself, which until 3.51.3 could damage the file when two processes did it."""
    with opened(f"sqlite:///{tmp_path}/store.db") as one, opened(f"sqlite:///{tmp_path}/store.db") as two:
        for turn in range(60):
            put(one, "sbx_a", f"{turn}", b"x" * 500_000)
            put(two, "sbx_a", f"{turn}", b"y" * 500_000)
            assert (tmp_path / "store.db-wal").stat().st_size < 15_000_000
        assert get(one, "sbx_a", "7") == b"y" * 500_000
        assert one.integrity() == two.integrity() == []
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
