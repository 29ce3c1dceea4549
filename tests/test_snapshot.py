"""A workspace as one JSON document: what is taken can be put back, here or under another name, and nothing is lost."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.resources import SPECS
from sandbox.spec import Spec
from sandbox.timeline import Clock

from callers import Caller, sandbox_app

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINE = "sbx_mine"
TRACKER = next(iter(Spec.load(SPECS / "delivery_solutions.yaml").operations["createTracker"].body.examples.values()))  # type: ignore[union-attr]
TOKEN = "/ent-services/security/v1/oauth/token"


class World:
    """One workspace, called through all four APIs and the control plane."""

    def __init__(self, app: Flask, name: str = MINE) -> None:
        self.app = app
        self.name = name
        self.trackru = Caller(app, "trackru", {"Api-Key": name})
        self.lab = Caller(app, "parcellab", {"Authorization": f"Parcellab-API-Token {name}"})
        self.lynk = Caller(app, "delivery_solutions", {"Authorization": f"Bearer {name}"})
        self.billink = Caller(app, "billink", {})
        self.control = Caller(app, f"_sandbox/workspaces/{name}", {})

    def take(self) -> Any:
        result = self.control.get("/snapshot")
        assert result.status == 200, result.body
        return result.body

    def restore(self, snapshot: Any) -> Any:
        result = self.control.put("/snapshot", snapshot)
        assert result.status == 200, result.body
        return result.body

    def create(self, tag: str) -> list[Any]:
        """Create something in each API; the answers hold the ids that were given."""
        invoice = {
            "billinkID": self.name,
            "billinkUsername": "u",
            "carrierCode": "postnl",
            "invoiceNumber": f"I{tag}",
            "trackAndTrace": tag,
        }
        tracking = {"type": "add_tracking", "tracking": {"courier": "dhl-germany", "tracking_number": f"SBX-CUSTOMS-{tag}"}}
        order = {"account": 1, "order_number": f"A{tag}", "destination_country_iso3": "DEU", "recipient_email": "a@example.com"}
        results = [
            self.trackru.post("/v1/trackings/post", {"tracking_number": f"SBX-CUSTOMS-{tag}", "carrier_code": "sto"}),
            self.lab.put("/v4/track/orders/", order | {"mutations": [tracking]}),
            self.lynk.post(
                "/tracker/v2/trackers", TRACKER | {"trackerExternalId": f"t{tag}", "trackingId": f"SBX-CUSTOMS-{tag}", "groupId": "g"}
            ),
            self.billink.post("/", invoice),
        ]
        assert all(result.status in (200, 201) and result.cause is None for result in results), results
        return [result.body for result in results]

    def reads(self) -> list[Any]:
        """Read all that the APIs show of this workspace, its messages and its pages."""
        orders = self.lab.get("/v4/track/orders/").body
        trackers = self.trackers()
        found = [self.trackru.get("/v1/trackings/get").body, orders, trackers]
        for order in orders["results"]:
            found.append(self.lab.get(f"/v4/track/orders/{order['external_id']}/").body)
            found.append(self.lab.get(f"/v4/track/orders/info/?order_number={order['order_number']}&account={order['account']}").body)
        found.append(self.app.test_client().get(f"/_sandbox/outbox?workspace={self.name}").get_json())
        return found + [self.page(link) for link in links(trackers)]

    def trackers(self) -> Any:
        """List all of them; without a filter the API lists those of the last day only."""
        names = [name["key"] for name in self.take()["collections"]["delivery_solutions.names"]]
        result = self.lynk.post("/tracker/v2/trackers/list", {"orderExternalIds": names})
        assert len(result.body["data"]) == len(names)
        return result.body

    def page(self, link: str) -> tuple[int, str]:
        answer = self.app.test_client().get(link)
        return answer.status_code, answer.text

    def token(self) -> str:
        secret = base64.b64encode(f"{self.name}:secret".encode()).decode()
        headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
        return str(self.lynk.post(TOKEN, data="grant_type=client_credentials", headers=headers).body["access_token"])

    def opens(self, token: str) -> bool:
        return self.lynk.post("/tracker/v2/trackers/list", {}, headers={"Authorization": f"Bearer {token}"}).status == 200


def links(trackers: Any) -> list[str]:
    return sorted(set(re.findall(r"/t/[A-Za-z0-9]{11}", json.dumps(trackers))))


@pytest.fixture
def app(clock: Clock) -> Flask:
    return sandbox_app(clock=clock)


@pytest.fixture
def mine(app: Flask) -> World:
    return World(app)


def busy(world: World) -> World:
    """Let a workspace have something of everything."""
    world.create("1")
    world.control.post("/faults", {"provider": "trackru", "operation": "listCarriers", "cause": "server-error", "nth": 3})
    world.control.post("/faults", {"provider": "trackru", "operation": "listCarriers", "rate_limit": {"calls": 2, "per_s": 60}})
    world.trackru.get("/v1/carriers")
    world.control.put("/clock", {"now": "2026-03-05T12:00:00Z", "rate": 2})
    return world


def test_a_snapshot_brings_back_identical_reads_in_every_api(mine: World) -> None:
    busy(mine)
    taken, seen = mine.take(), mine.reads()
    mine.create("2")
    mine.control.post("/clock/advance", {"by": "30d"})
    mine.control.delete("/faults")
    mine.trackru.delete("/v1/trackings/sto/SBX-CUSTOMS-1")
    assert mine.reads() != seen
    mine.restore(taken)
    assert mine.take() == taken
    assert mine.reads() == seen


def test_a_snapshot_goes_through_a_file_and_into_another_sandbox(mine: World, clock: Clock) -> None:
    busy(mine)
    text = json.dumps(mine.take(), indent=2)
    other = World(sandbox_app(clock=clock))
    other.restore(json.loads(text))
    assert other.reads() == mine.reads()
    assert other.take() == mine.take()


def test_after_a_restore_the_next_ids_are_those_that_would_have_come(mine: World, clock: Clock) -> None:
    busy(mine)
    taken = mine.take()
    first = mine.create("2")
    mine.control.delete("")
    mine.restore(taken)
    assert mine.create("2") == first
    other = World(sandbox_app(clock=clock))
    other.restore(taken)
    assert other.create("2") == first


def test_a_moved_clock_goes_on_from_where_the_sandboxs_clock_has_it(mine: World, clock: Clock) -> None:
    busy(mine)
    taken = mine.take()
    clock.fixed += timedelta(hours=1)
    mine.control.put("/clock", {"now": "2030-01-01T00:00:00Z"})
    mine.restore(taken)
    assert mine.control.get("/clock").body == {"now": "2026-03-05T14:00:00.000000Z", "rate": 2.0, "frozen": False, "own": True}
    mine.control.put("/clock", {"now": "2026-04-01T00:00:00Z", "frozen": True})
    frozen = mine.take()
    assert frozen["taken_at"] == "2026-04-01T00:00:00.000000Z"
    mine.control.delete("")
    clock.fixed += timedelta(days=1)
    mine.restore(frozen)
    assert mine.control.get("/clock").body["now"] == "2026-04-01T00:00:00.000000Z"


def test_faults_come_back_with_their_counters(mine: World) -> None:
    busy(mine)
    taken, faults = mine.take(), mine.control.get("/faults").body
    assert [fault["matched"] for fault in faults["faults"]] == [1, 1]
    answers = [mine.trackru.get("/v1/carriers").cause for _ in range(3)]
    assert answers[1] == "server-error"
    mine.restore(taken)
    assert mine.control.get("/faults").body == faults
    assert [mine.trackru.get("/v1/carriers").cause for _ in range(3)] == answers
    mine.restore(taken)
    assert mine.control.post("/faults", {"latency_ms": 1}).body["id"] == "f3"


def test_tokens_come_back_and_later_ones_are_gone(mine: World) -> None:
    old = mine.token()
    taken = mine.take()
    new = mine.token()
    assert (mine.opens(old), mine.opens(new)) == (False, True)
    mine.restore(taken)
    assert (mine.opens(old), mine.opens(new)) == (True, False)
    assert mine.token() == new


def test_published_pages_open_again_after_a_reset_and_a_restore(mine: World) -> None:
    mine.create("1")
    found = links(mine.trackers())
    pages = [mine.page(link) for link in found]
    assert {status for status, _ in pages} == {200}
    taken = mine.take()
    assert len(taken["published"]) >= 4
    mine.control.delete("")
    assert {mine.page(link)[0] for link in found if link[3:] in taken["published"]} == {404}
    mine.restore(taken)
    assert [mine.page(link) for link in found] == pages


def test_a_restore_withdraws_the_pages_that_the_snapshot_does_not_have(mine: World) -> None:
    taken = mine.take()
    mine.create("1")
    found = list(mine.take()["published"])
    mine.restore(taken)
    assert {mine.page(f"/t/{code}")[0] for code in found} == {404}
    assert found
    assert mine.take()["published"] == taken["published"]


def test_under_another_name_it_is_the_same_world_beside_the_first(mine: World, app: Flask) -> None:
    busy(mine)
    seen, taken = mine.reads(), mine.take()
    other = World(app, "sbx_other")
    assert other.restore(taken)["name"] == "sbx_other"
    assert other.trackru.get("/v1/trackings/get").body == mine.trackru.get("/v1/trackings/get").body
    assert other.lab.get("/v4/track/orders/").body == mine.lab.get("/v4/track/orders/").body
    assert other.take()["collections"] == taken["collections"]
    assert other.take()["workspace"] == "sbx_other"
    other.create("2")
    assert mine.reads() == seen, "the pages are still those of the first"
    other.control.delete("")
    assert mine.reads() == seen


def test_pages_go_over_to_another_name_once_the_first_has_withdrawn_them(mine: World, app: Flask) -> None:
    mine.create("1")
    taken = mine.take()
    assert len(taken["published"]) >= 4
    mine.control.delete("")
    other = World(app, "sbx_other")
    other.restore(taken)
    assert {mine.page(f"/t/{code}")[0] for code in taken["published"]} == {200}
    assert other.take()["published"].keys() >= taken["published"].keys()
    other.control.delete("")
    assert {mine.page(f"/t/{code}")[0] for code in taken["published"]} == {404}


def test_under_another_name_every_link_that_is_shown_opens(mine: World, app: Flask) -> None:
    mine.create("1")
    other = World(app, "sbx_other")
    other.restore(mine.take())
    found = links(other.trackers())
    assert len(found) >= 4
    assert {link: other.page(link)[0] for link in found} == dict.fromkeys(found, 200)


def _sorted(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


def test_a_snapshot_whose_members_were_sorted_is_as_good(mine: World) -> None:
    busy(mine)
    taken, seen = mine.take(), mine.reads()
    mine.control.delete("")
    mine.restore(_sorted(taken))
    assert mine.take() == taken
    assert mine.reads() == seen
    mine.control.delete("")
    assert mine.take()["published"] == {}
    assert {mine.page(f"/t/{code}")[0] for code in taken["published"]} == {404}


def test_a_reset_workspace_is_byte_for_byte_a_fresh_one(app: Flask, mine: World) -> None:
    def raw() -> bytes:
        return app.test_client().get(f"/_sandbox/workspaces/{MINE}/snapshot").data

    fresh, seen = raw(), mine.reads()
    busy(mine)
    mine.token()
    mine.control.delete("")
    assert raw() == fresh
    assert mine.reads() == seen
    assert mine.create("1") == World(sandbox_app(clock=Clock(START))).create("1")


def test_taking_changes_nothing_and_is_the_same_twice(app: Flask, mine: World) -> None:
    busy(mine)
    other = World(app, "sbx_other").take()
    assert mine.take() == mine.take()
    assert World(app, "sbx_other").take() == other


def test_a_snapshot_has_nothing_of_other_workspaces(app: Flask, mine: World) -> None:
    before = World(app, "sbx_empty_other").take()
    busy(mine)
    assert World(app, "sbx_empty_other").take() == before
    assert (before["collections"], before["published"]) == ({}, {})


STEPS = st.lists(
    st.sampled_from(["create", "delete", "token", "fault", "call", "advance", "freeze", "release", "clear", "tick"]), max_size=7
)


def play(world: World, steps: list[str], clock: Clock) -> None:
    assert clock.fixed is not None
    for number, step in enumerate(steps):
        if step == "create":
            world.create(f"{number}-{len(world.take()['collections'].get('billink.trackers', []))}")
        elif step == "delete":
            world.trackru.delete("/v1/trackings/sto/SBX-CUSTOMS-0-0")
        elif step == "token":
            world.token()
        elif step == "fault":
            world.control.post("/faults", {"operation": "listCarriers", "cause": "server-error"})
        elif step == "call":
            world.trackru.get("/v1/carriers")
        elif step == "advance":
            world.control.post("/clock/advance", {"by": "20h"})
        elif step in ("freeze", "release"):
            world.control.put("/clock", {"frozen": step == "freeze"})
        elif step == "clear":
            world.control.delete("/faults")
        else:
            clock.fixed += timedelta(minutes=7)


@settings(max_examples=25, deadline=None)
@given(STEPS, STEPS, st.booleans())
def test_take_restore_take_is_identical_whatever_came_before_and_between(before: list[str], between: list[str], reset: bool) -> None:
    clock = Clock(START)
    world = World(sandbox_app(clock=clock))
    play(world, before, clock)
    taken, seen, moment = world.take(), world.reads(), clock.fixed
    play(world, [step for step in between if step != "create"] + ["create"], clock)
    if reset:
        world.control.delete("")
    clock.fixed = moment
    world.restore(taken)
    assert world.take() == taken
    assert world.reads() == seen


# --- what is no snapshot --------------------------------------------------------------------------------------------------------

SMALL = Spec.load(SPECS / "control.yaml").operations["restoreSnapshot"].body.examples["small"]  # type: ignore[union-attr]


def documents(*pairs: tuple[int, str, Any]) -> list[dict[str, Any]]:
    return [{"serial": serial, "key": key, "value": value} for serial, key, value in pairs]


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "trackbed-workspace-2"},
        {"workspace": "nobody"},
        {"taken_at": "yesterday"},
        {"collections": []},
        {"collections": {"c": {}}},
        {"collections": {"c": [{"key": "a", "value": 1}]}},
        {"collections": {"c": documents((0, "a", 1))}},
        {"collections": {"c": documents((1, "a", 1), (2, "a", 2))}},
        {"collections": {"c": documents((2, "a", 1), (1, "b", 2))}},
        {"collections": {"c": documents((1, "a", 1), (1, "b", 2))}},
        {"collections": {"clock": documents((1, "clock", 5))}},
        {"collections": {"clock": documents((1, "clock", {}))}},
        {"collections": {"clock": documents((1, "clock", {"shown_at": "x", "set_at": "x", "rate": 1, "frozen": False}))}},
        {"collections": {"parcels": documents((1, "SBX-LOST-1", 5))}},
        {"collections": {"parcels": documents((1, "SBX-LOST-1", "yesterday"))}},
        {"collections": {"parcels": documents((1, "SBX-LOST-1", "2026-03-02T09:00:00"))}},
        {"collections": {"faults": documents((1, "faults", 5))}},
        {"collections": {"faults": documents((1, "faults", [{"cause": 5}]))}},
        {"collections": {"limits": documents((1, "trackru.lists", "often"))}},
        {"counters": {"c": -1}},
        {"counters": {"c": "1"}},
        {"published": {"abc": 5}},
        {"published": {"abc": {}}},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_snapshot_is_refused_and_changes_nothing(mine: World, changes: dict[str, Any]) -> None:
    mine.create("1")
    taken = mine.take()
    result = mine.control.put("/snapshot", SMALL | changes)
    assert (result.status, result.cause) == (422, "invalid"), result.body
    assert result.body["problems"]
    assert mine.take() == taken


@pytest.mark.parametrize("missing", list(SMALL))
def test_each_member_of_a_snapshot_is_needed(mine: World, missing: str) -> None:
    assert mine.control.put("/snapshot", {name: value for name, value in SMALL.items() if name != missing}).status == 422


def test_numbers_that_are_integers_in_json_are_taken(mine: World) -> None:
    sent = SMALL | {"collections": {"mine.own": documents((1, "a", 1.5), (2, "b", None))}, "counters": {"mine.n": 2}}
    text = json.dumps(sent).replace('"serial": 1,', '"serial": 1.0,').replace('"mine.n": 2', '"mine.n": 2.0')
    result = mine.control.send("PUT", "/snapshot", data=text, headers={"Content-Type": "application/json"})
    assert result.status == 200
    assert mine.take()["collections"] == sent["collections"]
    assert mine.take()["counters"] == {"mine.n": 2}


def test_numbers_of_many_digits_come_back_whole(mine: World) -> None:
    sent = SMALL | {"collections": {"mine.own": documents((1, "a", 2**70), (2, "b", "\0 ☕ \U0001f40d"))}}
    mine.restore(sent)
    assert mine.take()["collections"] == sent["collections"]


def test_a_snapshot_in_which_a_provider_is_named_that_is_not_served_shows_no_page(clock: Clock) -> None:
    world = World(sandbox_app("trackru", clock=clock))
    world.restore(SMALL | {"published": {"abc": {"world": MINE, "provider": "delivery_solutions", "page": "order", "id": "x"}}})
    assert world.page("/t/abc")[0] == 404
