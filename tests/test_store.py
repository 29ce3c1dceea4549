"""What is put is there, in order, and a transaction that fails leaves nothing behind."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from threading import Thread
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.store import SHARED, MemoryStore, Transaction

SPACES = st.sampled_from(["sbx_a", "sbx_b", "sbx_empty_c"])
COLLECTIONS = st.sampled_from(["x", "y"])
KEYS = st.sampled_from(["1", "2", "3", "4"])
BODIES = st.binary(max_size=3)
WRITES = st.lists(st.tuples(st.sampled_from(["put", "delete", "next"]), COLLECTIONS, KEYS, BODIES), max_size=5)


class Boom(Exception):
    pass


class Stores(RuleBasedStateMachine):
    """The store against a model: per workspace an ordered dict for each collection, and counters."""

    def new_store(self) -> Any:
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


TestMemoryStore = Stores.TestCase


def test_a_replaced_document_keeps_its_place_and_a_created_one_comes_last() -> None:
    store = MemoryStore()
    for key, body in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        with store.transaction("sbx_x") as transaction:
            transaction.put("c", key, body)
    with store.transaction("sbx_x") as transaction:
        transaction.delete("c", "a")
    with store.transaction("sbx_x") as transaction:
        transaction.put("c", "a", b"4")
        assert [key for _, key, _ in transaction.scan("c")] == ["b", "a"]


def test_what_is_shared_is_found_by_everybody() -> None:
    store = MemoryStore()
    with store.transaction("sbx_x") as transaction:
        transaction.share("links", "code", b"there")
    with store.transaction(SHARED) as transaction:
        assert transaction.get("links", "code") == b"there"
    assert store.workspaces() == []


def _in_threads(work: Callable[[int], None]) -> None:
    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_counters_and_first_writes_survive_eight_threads() -> None:
    store = MemoryStore()
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
