"""One world per account: what it holds, what time it is there, and that nobody else sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import workspace
from sandbox.memory import MemoryStore
from sandbox.resources import FIXTURES
from sandbox.store import SHARED, Transaction
from sandbox.timeline import Journeys, WorldClock
from sandbox.workspace import World

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JOURNEYS = Journeys.load(FIXTURES / "journeys")


def world(transaction: Transaction, *, provider: str = "toys", now: datetime = NOW, seed: int = 0) -> World:
    return World(transaction.workspace, provider, transaction, now, {}, JOURNEYS, seed)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_a_value_is_there_in_its_world_and_its_provider_only(store: MemoryStore) -> None:
    with store.transaction("sbx_a") as transaction:
        world(transaction).put("toys", "bear", {"name": "bear ☕"})
        assert world(transaction).get("toys", "bear") == {"name": "bear ☕"}
        assert world(transaction, provider="others").get("toys", "bear") is None
    with store.transaction("sbx_b") as transaction:
        assert world(transaction).get("toys", "bear") is None


def test_values_come_in_the_order_of_creation_or_backwards_and_go_on_behind_one(store: MemoryStore) -> None:
    with store.transaction("sbx_a") as transaction:
        here = world(transaction)
        for name in ("a", "b", "c"):
            here.put("toys", name, name)
        here.put("toys", "a", "A")
        here.delete("toys", "b")
        here.delete("toys", "nothing")
        assert list(here.values("toys")) == [(1, "A"), (3, "c")]
        assert list(here.values("toys", newest_first=True)) == [(3, "c"), (1, "A")]
        assert list(here.values("toys", after=1)) == [(3, "c")]
        assert here.count("toys") == 2


def test_ids_are_unique_in_a_world_and_the_same_in_every_run() -> None:
    def made(name: str, seed: int) -> list[str]:
        with MemoryStore().transaction(name) as transaction:
            here = world(transaction, seed=seed)
            return [here.new_hex("toys", 8) for _ in range(3)] + [here.new_hex("others", 8), here.hex_of("x", 8), here.hex_of("x", 8)]

    ids = made("sbx_a", 0)
    assert ids == made("sbx_a", 0)
    assert len(set(ids)) == 5
    assert not set(ids) & set(made("sbx_b", 0))
    assert not set(ids) & set(made("sbx_a", 1))


def test_counters_of_two_providers_do_not_meet(store: MemoryStore) -> None:
    with store.transaction("sbx_a") as transaction:
        assert [world(transaction).next("n"), world(transaction).next("n"), world(transaction, provider="others").next("n")] == [1, 2, 1]


def test_what_is_shared_says_whose_it_is(store: MemoryStore) -> None:
    with store.transaction("sbx_a") as transaction:
        world(transaction).share("code", {"page": "order"})
    with store.transaction(SHARED) as transaction:
        assert transaction.get(workspace.LINKS, "code") == b'{"world":"sbx_a","provider":"toys","page":"order"}'


def test_a_parcel_begins_when_it_is_first_asked_for_whatever_the_letter_case_and_the_provider(store: MemoryStore) -> None:
    with store.transaction("sbx_a") as transaction:
        first = world(transaction).parcel("sbx-lost-1")
        later = world(transaction, provider="others", now=NOW + timedelta(days=1)).parcel("SBX-Lost-1")
        assert (first.began_at, later.began_at, later.journey.name) == (NOW, NOW, "lost")
        assert [(parcel.number, parcel.began_at) for parcel in workspace.parcels_of(transaction, JOURNEYS)] == [("SBX-LOST-1", NOW)]
    with store.transaction("sbx_b") as transaction:
        assert world(transaction, now=NOW + timedelta(days=1)).parcel("SBX-LOST-1").began_at == NOW + timedelta(days=1)


def test_a_parcel_can_have_begun_before(store: MemoryStore) -> None:
    with store.transaction("sbx_a") as transaction:
        world(transaction).begin("x", NOW - timedelta(days=3))
        assert world(transaction).parcel("X").began_at == NOW - timedelta(days=3)


def test_a_world_has_the_sandboxs_time_until_it_has_a_clock_of_its_own(store: MemoryStore) -> None:
    with store.transaction("sbx_a") as transaction:
        assert workspace.clock_of(transaction) is None
        assert workspace.world_time(transaction, NOW) == NOW
        clock = WorldClock(NOW + timedelta(days=1), NOW, 2.0)
        workspace.set_clock(transaction, clock)
        assert workspace.clock_of(transaction) == clock
        assert workspace.world_time(transaction, NOW + timedelta(hours=1)) == NOW + timedelta(days=1, hours=2)
    with store.transaction("sbx_b") as transaction:
        assert workspace.world_time(transaction, NOW) == NOW


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_any_json_comes_back_as_it_was_put(value: object) -> None:
    with MemoryStore().transaction("sbx_a") as transaction:
        world(transaction).put("toys", "a", value)
        assert world(transaction).get("toys", "a") == value
