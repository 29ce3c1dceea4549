"""What is put is there, in order, and a transaction that fails leaves nothing behind."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from databases import empty_postgres
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.memory import MemoryStore
from sandbox.sql import SqlStore
from sandbox.store import SHARED, State, Store, Transaction

SPACES = st.sampled_from(["sbx_a", "sbx_b", "sbx_empty_c"])
COLLECTIONS = st.sampled_from(["x", "y"])
KEYS = st.sampled_from(["1", "2", "3", "4"])
BODIES = st.binary(max_size=3)
WRITES = st.lists(st.tuples(st.sampled_from(["put", "delete", "next"]), COLLECTIONS, KEYS, BODIES), max_size=5)


class Boom(Exception):
    pass


class Stores(RuleBasedStateMachine):
    """The store against a model: per workspace an ordered dict for each collection, and counters."""

    def new_store(self) -> Store:
        return MemoryStore()

    @initialize(scene=WRITES)
    def start(self, scene: list[tuple[str, str, str, bytes]]) -> None:
        self.store = self.new_store()
        self.scene: dict[str, Any] = {"x": {}, "y": {}, "counters": {}}
        self.store.set_scene(lambda transaction: self.write(transaction, self.scene, scene))
        self.model: dict[str, dict[str, Any]] = {}

    def world(self, space: str) -> dict[str, Any]:
        start = {"x": {}, "y": {}, "counters": {}} if space.startswith("sbx_empty_") else self.scene
        return {name: dict(part) for name, part in self.model.get(space, start).items()}

    def write(self, transaction: Transaction, model: dict[str, Any], writes: list[tuple[str, str, str, bytes]]) -> None:
        for what, collection, key, body in writes:
            if what == "put":
                transaction.put(collection, key, body)
                model[collection][key] = body
            elif what == "delete":
                transaction.delete(collection, key)
                model[collection].pop(key, None)
            else:
                model["counters"][key] = model["counters"].get(key, 0) + 1
                assert transaction.next(key) == model["counters"][key]
            self.agrees(transaction, model)

    @rule(space=SPACES, writes=WRITES)
    def commit(self, space: str, writes: list[tuple[str, str, str, bytes]]) -> None:
        model = self.world(space)
        with self.store.transaction(space) as transaction:
            self.write(transaction, model, writes)
        self.model[space] = model

    @rule(space=SPACES, writes=WRITES)
    def fail(self, space: str, writes: list[tuple[str, str, str, bytes]]) -> None:
        with contextlib.suppress(Boom), self.store.transaction(space) as transaction:
            self.write(transaction, self.world(space), writes)
            transaction.share("links", "lost", b"")
            raise Boom

    @rule(space=SPACES, collection=COLLECTIONS, after=st.integers(0, 6))
    def page(self, space: str, collection: str, after: int) -> None:
        with self.store.transaction(space) as transaction:
            rows = list(transaction.scan(collection))
            serials = [serial for serial, _, _ in rows]
            assert serials == sorted(set(serials))
            assert list(transaction.scan(collection, after=after)) == [row for row in rows if row[0] > after]
            assert list(transaction.scan(collection, newest_first=True, after=after)) == [row for row in rows[::-1] if row[0] < after]

    @invariant()
    def everything_is_as_the_model_has_it(self) -> None:
        for space in ("sbx_a", "sbx_b", "sbx_empty_c", "sbx_untouched"):
            with self.store.transaction(space) as transaction:
                self.agrees(transaction, self.world(space))
        with self.store.transaction(SHARED) as transaction:
            assert transaction.get("links", "lost") is None

    def agrees(self, transaction: Transaction, model: dict[str, Any]) -> None:
        for collection in ("x", "y"):
            rows = [(key, body) for _, key, body in transaction.scan(collection)]
            assert rows == list(model[collection].items())
            assert transaction.count(collection) == len(rows)
            assert [(key, body) for _, key, body in transaction.scan(collection, newest_first=True)] == rows[::-1]
            for key in ("1", "2", "3", "4"):
                assert transaction.get(collection, key) == model[collection].get(key)


class SqliteStores(Stores):
    """The same for SQLite."""

    def new_store(self) -> Store:
        self.folder = tempfile.TemporaryDirectory()
        return opened(f"sqlite:///{self.folder.name}/store.db")

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


class PostgresStores(Stores):
    """The same for PostgreSQL."""

    def new_store(self) -> Store:
        return opened(empty_postgres())

    def teardown(self) -> None:
        self.store.close()


TestMemoryStore = Stores.TestCase
TestSqliteStore = SqliteStores.TestCase
TestPostgresStore = PostgresStores.TestCase
TestSqliteStore.settings = settings(max_examples=40, deadline=None)
TestPostgresStore.settings = settings(max_examples=25, deadline=None)


def opened(url: str) -> SqlStore:
    store = SqlStore(url)
    store.prepare()
    return store


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Each kind of store, empty."""
    if request.param == "memory":
        yield MemoryStore()
        return
    with contextlib.closing(opened(f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else empty_postgres())) as found:
        yield found


def test_a_replaced_document_keeps_its_place_and_a_created_one_comes_last(store: Any) -> None:
    for key, body in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        with store.transaction("sbx_x") as transaction:
            transaction.put("c", key, body)
    with store.transaction("sbx_x") as transaction:
        transaction.delete("c", "a")
    with store.transaction("sbx_x") as transaction:
        transaction.put("c", "a", b"4")
        assert [key for _, key, _ in transaction.scan("c")] == ["b", "a"]


def test_what_is_shared_is_found_by_everybody(store: Any) -> None:
    with store.transaction("sbx_x") as transaction:
        transaction.share("links", "code", b"there")
    with store.transaction(SHARED) as transaction:
        assert transaction.get("links", "code") == b"there"
    assert store.workspaces() == []


def fill(collection: str) -> Callable[[Transaction], None]:
    def write(transaction: Transaction) -> None:
        transaction.put(collection, "a", b"1")
        transaction.next(collection)

    return write


def state_of(store: Store, workspace: str) -> tuple[dict[str, Any], dict[str, int]]:
    with store.transaction(workspace) as transaction:
        state = transaction.export()
        return {name: rows for name, rows in state.collections.items() if rows}, dict(state.counters)


def test_the_scene_of_empty_workspaces_is_no_part_of_the_other_in_either_order() -> None:
    for order in ((True, False), (False, True)):
        store = MemoryStore()
        for empty in order:
            store.set_scene(fill("empty" if empty else "full"), empty=empty)
        assert state_of(store, "sbx_a") == ({"full": [(1, "a", b"1")]}, {"full": 1})
        assert state_of(store, "sbx_empty_a") == ({"empty": [(1, "a", b"1")]}, {"empty": 1})
        assert state_of(store, SHARED) == ({}, {})
        assert store.workspaces() == []


def test_a_reset_workspace_is_fresh_again_and_listed_no_more(store: Any) -> None:
    store.set_scene(fill("scene"))
    for name in ("sbx_a", "sbx_b"):
        with store.transaction(name) as transaction:
            fill("mine")(transaction)
    with store.transaction("sbx_a") as transaction:
        transaction.reset()
        assert transaction.get("mine", "a") is None
    assert state_of(store, "sbx_a") == state_of(store, "sbx_never")
    assert store.workspaces() == ["sbx_b"]
    with store.transaction("sbx_a") as transaction:
        assert transaction.next("mine") == 1


def test_a_reset_or_a_restore_that_fails_leaves_everything_as_it_was(store: Any) -> None:
    with store.transaction("sbx_a") as transaction:
        fill("mine")(transaction)
    before = state_of(store, "sbx_a")
    for change in (lambda transaction: transaction.reset(), lambda transaction: transaction.restore(State({}, {}))):
        with contextlib.suppress(Boom), store.transaction("sbx_a") as transaction:
            transaction.put("mine", "b", b"2")
            change(transaction)
            fill("other")(transaction)
            raise Boom
        assert state_of(store, "sbx_a") == before


def test_what_is_exported_can_be_restored_with_its_serials_and_counters_and_shares_nothing(store: Any) -> None:
    with store.transaction("sbx_a") as transaction:
        for key in "abc":
            transaction.put("c", key, key.encode())
        transaction.delete("c", "b")
        transaction.next("n")
        state = transaction.export()
    with store.transaction("sbx_b") as transaction:
        transaction.restore(state)
        assert [serial for serial, _, _ in transaction.scan("c", after=1)] == [3]
        assert transaction.next("n") == 2
        transaction.put("c", "d", b"d")
        assert [(serial, key) for serial, key, _ in transaction.scan("c")] == [(1, "a"), (3, "c"), (4, "d")]
        transaction.delete("c", "a")
    assert state_of(store, "sbx_a") == ({"c": [(1, "a", b"a"), (3, "c", b"c")]}, {"n": 1})


def test_deleting_what_is_not_there_writes_nothing(store: Any) -> None:
    store.set_scene(fill("scene"))
    with store.transaction("sbx_a") as transaction:
        transaction.delete("scene", "z")
        transaction.delete("nothing", "z")
    assert store.workspaces() == []


@given(WRITES, WRITES)
def test_export_and_restore_give_the_same_state(first: list[Any], second: list[Any]) -> None:
    store = MemoryStore()
    with store.transaction("sbx_a") as transaction:
        _write(transaction, first)
        taken = transaction.export()
    with store.transaction("sbx_a") as transaction:
        _write(transaction, second)
        transaction.restore(taken)
        assert transaction.export() == taken
    with store.transaction("sbx_a") as transaction:
        assert transaction.export() == taken


def _write(transaction: Transaction, writes: list[tuple[str, str, str, bytes]]) -> None:
    for what, collection, key, body in writes:
        if what == "put":
            transaction.put(collection, key, body)
        elif what == "delete":
            transaction.delete(collection, key)
        else:
            transaction.next(key)


def _in_threads(work: Callable[[int], None]) -> None:
    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_counters_and_first_writes_survive_eight_threads(store: Any) -> None:
    store.set_scene(lambda transaction: transaction.put("c", "scene", b""))

    def work(number: int) -> None:
        for turn in range(50):
            with store.transaction("sbx_shared") as transaction:
                transaction.put("c", f"{number}-{turn}", str(transaction.next("n")).encode())

    _in_threads(work)
    with store.transaction("sbx_shared") as transaction:
        values = sorted(int(body) for _, key, body in transaction.scan("c") if key != "scene")
        assert values == list(range(1, 401))
        assert transaction.get("c", "scene") == b""


def test_any_text_is_a_key(store: Any) -> None:
    keys = ["", "\0", "a\0b", "ü", "x" * 10_000, "'; drop table documents; --"]
    with store.transaction("sbx_x") as transaction:
        for key in keys:
            transaction.put("c", key, key.encode())
    with store.transaction("sbx_x") as transaction:
        assert [key for _, key, _ in transaction.scan("c")] == keys
        assert [transaction.get("c", key) for key in keys] == [key.encode() for key in keys]


def test_a_long_collection_is_scanned_in_order_from_anywhere(store: Any) -> None:
    with store.transaction("sbx_x") as transaction:
        transaction.restore(State({"c": [(serial, str(serial), b"") for serial in range(1, 301)]}, {}))
        assert [serial for serial, _, _ in transaction.scan("c")] == list(range(1, 301))
        assert [serial for serial, _, _ in transaction.scan("c", newest_first=True, after=200)] == list(range(199, 0, -1))
        assert [serial for serial, _, _ in transaction.scan("c", after=128)] == list(range(129, 301))
