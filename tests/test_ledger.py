"""The journal of a store says what the one in memory says, to everybody who shares the store, and keeps within its bounds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from databases import empty_postgres, postgres
from hypothesis import given
from hypothesis import strategies as st
from moments import NOW
from samples import first_samples

from sandbox import explain, har
from sandbox.assembly import Sandbox, Settings, assemble
from sandbox.exchange import Problem
from sandbox.journal import MAX_BODY, Entry, Journal, Query
from sandbox.ledger import Ledger, _dump, _entries
from sandbox.sql import SqlStore
from sandbox.timeline import Clock

TEXT = st.text(st.characters(), max_size=20)  # lone surrogates too: a header may hold what is no UTF-8
HEADERS = st.dictionaries(TEXT, TEXT, max_size=3)
KNOWN = st.tuples(
    st.just(NOW), TEXT, st.none() | TEXT, TEXT, TEXT, TEXT, TEXT, HEADERS, st.binary(max_size=50), st.integers(100, 599), HEADERS,
    st.binary(max_size=50), st.none() | TEXT, TEXT,
    st.lists(st.builds(Problem, TEXT, TEXT, TEXT, rule=TEXT), max_size=2).map(tuple), st.integers(0), TEXT, st.none() | TEXT,
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else empty_postgres()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    store = SqlStore(url)
    store.prepare()
    with contextlib.closing(store):
        yield store


def known(account: str, path: str = "/", body: bytes = b"") -> tuple[object, ...]:
    return (NOW, "toys", "getToy", account, "GET", path, "", {}, b"", 200, {}, body, None, "/paths", (), 7, "http://127.0.0.1", None)


def write(journal: Ledger, *accounts: str) -> None:
    for account in accounts:
        journal.add(known(account))
    journal.flush()


@given(KNOWN)
def test_an_entry_is_the_same_after_it_was_written_down(given_: tuple[object, ...]) -> None:
    entry = Entry._make(("t1-2-000003", *given_, 0))
    (read,) = _entries(9, 1, b"[" + _dump(entry) + b"]")
    assert read == entry._replace(number=9)


def test_both_journals_say_the_same_of_the_same_exchanges(url: str) -> None:
    def told(sandbox: Sandbox) -> list[object]:
        for sample in first_samples():
            sandbox.apis[sample.provider].answer(sample.request())
        found = [entry._replace(took_us=0) for entry in sandbox.shared.journal.entries()]
        same = [entry._replace(id="t000000", reply_headers=dict(entry.reply_headers) | {"trackbed-id": ""}) for entry in found]
        return [
            [explain.explanation(entry, sandbox.apis[entry.provider]) for entry in same],
            har.archive(same),
            [entry.number for entry in found],
        ]

    clock = Clock(NOW)
    stored = assemble(Settings(store=url), clock=clock)
    with contextlib.closing(stored.shared.store):  # type: ignore[type-var]
        assert told(stored) == told(assemble(Settings(), clock=clock))


def test_what_one_writes_all_can_read_in_one_order(url: str, store: SqlStore) -> None:
    other = SqlStore(url)
    with contextlib.closing(other):
        journals = [Ledger(store), Ledger(other)]

        def work(journal: Ledger, name: str) -> None:
            for turn in range(30):
                write(journal, name, "-", f"{name}{turn % 3}")

        threads = [Thread(target=work, args=(journal, name)) for journal in journals for name in ("sbx_a", "sbx_b")]
        for thread in threads:
            thread.start()
        seen: list[Entry] = []
        while any(thread.is_alive() for thread in threads):  # as somebody who follows
            seen += journals[0].entries(after=seen[-1].number if seen else 0)
        seen += journals[1].entries(after=seen[-1].number if seen else 0)
        assert [entry.number for entry in seen] == list(range(1, 361))
        assert len({entry.id for entry in seen}) == 360
        assert seen == journals[1].entries()
        assert journals[0].last() == 360


def test_it_keeps_the_latest_within_its_bounds(store: SqlStore) -> None:
    journal = Ledger(store, max_entries=100)
    for turn in range(40):
        write(journal, *("sbx_a", "sbx_b", "-") * 6)
        assert len(journal.entries()) == min(100, 18 * (turn + 1))
    assert [entry.number for entry in journal.entries()] == list(range(621, 721))
    assert len(journal.entries(Query(workspace="sbx_a"))) == 34
    ((rows,),) = store.ask(store.statements.count._replace(text="SELECT count(*) FROM journal", names=()))
    assert rows <= 3 * (100 + 256 + 18) // 6  # what is not shown any more is gone, now and then


def test_it_is_bounded_in_bytes_too(store: SqlStore) -> None:
    journal = Ledger(store, max_bytes=20_000)
    for _ in range(300):
        journal.add(known("sbx_a", body=b"x" * MAX_BODY))
        journal.flush()
    assert [entry.number for entry in journal.entries()] == [298, 299, 300]
    ((rows,),) = store.ask(store.statements.count._replace(text="SELECT count(*) FROM journal", names=()))
    assert rows < 60


def test_the_exchanges_of_an_account_are_forgotten_and_no_others(store: SqlStore) -> None:
    journal = Ledger(store)
    write(journal, "sbx_a", "sbx_b", "-")
    journal.forget("sbx_a")
    assert [entry.account for entry in journal.entries()] == ["-", "sbx_b"]
    assert journal.last() == 3


def test_ids_are_never_used_again(url: str) -> None:
    seen = set()
    for _ in range(3):
        store = SqlStore(url)
        store.prepare()
        with contextlib.closing(store):
            seen |= {journal.add(known("sbx_a")) for journal in (Ledger(store), Ledger(store)) for _ in range(3)}
    assert len(seen) == 18


def test_what_cannot_be_written_just_now_comes_later() -> None:
    store = SqlStore(empty_postgres())
    store.prepare()
    with contextlib.closing(store):
        journal = Ledger(store)
        write(journal, "sbx_a")
        postgres().stop()
        try:
            write(journal, "sbx_b", "sbx_c")
            write(journal, "sbx_d")
        finally:
            postgres().start()
        write(journal, "sbx_e")
        assert [(entry.number, entry.account, entry.id[-6:]) for entry in journal.entries()] == [
            (1, "sbx_a", "000001"),
            (2, "sbx_b", "000002"),
            (3, "sbx_c", "000003"),
            (4, "sbx_d", "000004"),
            (5, "sbx_e", "000005"),
        ]


def test_a_query_finds_the_same_in_both(store: SqlStore) -> None:
    memory, stored = Journal(), Ledger(store)
    for journal in (memory, stored):
        for turn in range(10):
            journal.add(known(f"sbx_{turn % 2}", f"/p{turn}"))
            journal.flush()
    for query in (Query(), Query(workspace="sbx_1"), Query(text="p3"), Query(status="2xx", operation="getToy"), Query(cause="none")):
        for after in (0, 4, 10, 99):
            found = [[(entry.number, entry.path) for entry in journal.entries(query, after=after)] for journal in (memory, stored)]
            assert found[0] == found[1]
    assert replace(Query(), workspace="sbx_1").fits(stored.entries()[1])
