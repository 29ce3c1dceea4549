"""What a test gets to work with, used as a test uses it: over HTTP, on a server of its own."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import testing
from sandbox.client import ControlError
from sandbox.resources import FIXTURES
from sandbox.testing import Provider, Sandbox, Server

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2198, 12, 31), timezones=st.timezones())  # noqa: DTZ001 - as hypothesis wants it
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SMALLEST = {
    "billink": "createTracker-smallest",
    "delivery_solutions": "createTracker-smallest",
    "parcellab": "createOrder-smallest",
    "trackru": "createTracking-full",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with testing.serve() as server:
        yield server


@pytest.fixture
def world(server: Server) -> Iterator[Sandbox]:
    with server.workspace() as world:
        world.clock.freeze()
        yield world


def send(provider: Provider, method: str, path: str, body: Any = None) -> Any:
    """Send what a client would, with the credential of the workspace, and return what comes."""
    data = None if body is None else json.dumps({**body, **provider.body}).encode()
    headers = {**provider.headers, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(provider.url + path, data, headers, method=method), timeout=10) as reply:
        return json.load(reply)


def create(world: Sandbox, number: str) -> Any:
    return send(world.provider("trackru"), "POST", "/v1/trackings/post", {"tracking_number": number, "carrier_code": "sto"})["meta"]["code"]


def numbers(world: Sandbox) -> set[str]:
    data = send(world.provider("trackru"), "GET", "/v1/trackings/get")["data"]
    return {tracking["tracking_number"] for tracking in data["items"]} if data else set()


# --- servers and workspaces ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALLEST)
def test_every_api_opens_with_the_credential_of_the_workspace(world: Sandbox, name: str) -> None:
    request = json.loads((FIXTURES / name / f"{SMALLEST[name]}.json").read_text())["request"]
    send(world.provider(name), "POST", request["path"], request["body"])
    (exchange,) = world.requests
    assert (exchange.provider, exchange.status // 100, exchange.cause) == (name, 2, None)


def test_a_workspace_is_fresh_and_gone_afterwards(server: Server) -> None:
    with server.workspace() as one:
        fresh = numbers(one)
        create(one, "SBX-1")
        assert numbers(one) == fresh | {"SBX-1"}
        assert [space["name"] for space in server.control.get("/_sandbox/workspaces")["workspaces"]] == [one.name]
    assert server.control.get("/_sandbox/workspaces")["workspaces"] == []
    assert one.requests == []
    with server.workspace() as other:
        assert other.name != one.name
        assert numbers(other) == fresh


def test_a_workspace_is_gone_even_where_a_test_failed(server: Server) -> None:
    def fail() -> None:
        with server.workspace() as world:
            create(world, "SBX-1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert server.control.get("/_sandbox/workspaces")["workspaces"] == []


def test_a_workspace_with_a_name_forgets_who_had_it_before(server: Server) -> None:
    create(Sandbox(server, "sbx_mine"), "SBX-1")
    with server.workspace("sbx_mine") as world:
        assert world.requests == []
        assert create(world, "SBX-1") == 200


def test_workspaces_do_not_see_each_other(server: Server, world: Sandbox) -> None:
    with server.workspace() as other:
        other.clock.set(NOON)
        other.fault("server-error", operation="createTracking")
        assert create(world, "SBX-1") == 200
        assert other.requests == []
        assert "SBX-1" not in numbers(other)
        assert world.clock.now() != other.clock.now()


def test_a_provider_that_is_not_served_is_answered_with_those_that_are(world: Sandbox) -> None:
    with pytest.raises(LookupError, match=r"no provider 'trakru' is served; did you mean 'trackru'\? there are billink, delivery"):
        world.provider("trakru")


def test_a_server_takes_the_arguments_of_the_command() -> None:
    with testing.serve("trackru", "--empty") as server, server.workspace() as world:
        assert numbers(world) == set()
        with pytest.raises(LookupError, match=r"there are trackru$"):
            world.provider("billink")


def test_a_server_that_asks_for_a_token_is_opened_with_it_and_nobody_shows_it() -> None:
    with testing.serve("--host", "0.0.0.0") as server:
        assert server.token
        with server.workspace() as world:
            world.clock.freeze()
            create(world, "SBX-1")
            shown = repr([world, server, server.control, world.clock, world.fault(latency_ms=0), *world.requests, world.snapshot()])
        assert server.token not in shown
        with pytest.raises(ControlError, match="TRACKBED_TOKEN"), testing.connect(server.url).workspace():
            pass


def test_a_server_of_the_environment_is_used_and_left_running(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKBED_URL", server.url + "/")
    monkeypatch.setenv("TRACKBED_TOKEN", "secret")
    with testing.server() as found:
        assert found == replace(server, token="secret")
    assert testing.connect(server.url) == server
    monkeypatch.delenv("TRACKBED_URL")
    with testing.server() as started:
        assert started.url != server.url


def test_an_address_where_nothing_answers_is_told() -> None:
    with pytest.raises(ControlError, match=r"no sandbox answers at http://127.0.0.1:1 \(.*\); start one with `trackbed serve`"):
        testing.connect("http://127.0.0.1:1")


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"name": "Prism"}'])
def test_something_else_that_answers_is_not_taken_for_a_sandbox(content: bytes) -> None:
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        with pytest.raises(ControlError, match=r"what answers at .* is no sandbox"):
            testing.connect(f"http://127.0.0.1:{other.server_port}")
        thread.join()


# --- the clock ---------------------------------------------------------------------------------------------------------------


def test_a_clock_stands_still_or_runs(world: Sandbox) -> None:
    def frozen() -> bool:
        return bool(world.server.control.get(f"/_sandbox/workspaces/{world.name}/clock")["frozen"])

    assert world.clock.now() == world.clock.now()
    assert frozen()
    world.clock.run()
    assert not frozen()
    world.clock.freeze()
    assert frozen()


@settings(max_examples=50, deadline=None)
@given(moment=MOMENTS)
def test_a_clock_shows_what_it_was_set_to_whatever_the_time_zone(server: Server, moment: datetime) -> None:
    clock = Sandbox(server, "sbx_moment").clock
    clock.freeze()
    clock.set(moment)
    assert clock.now() == moment.astimezone(UTC)  # Python calls an hour that comes twice equal to nothing in another zone
    assert clock.now().utcoffset() == timedelta()
    Sandbox(server, "sbx_moment").reset()


def test_a_time_without_a_zone_is_refused_with_what_to_write(world: Sandbox) -> None:
    before = world.clock.now()
    with pytest.raises(ValueError, match=r"has no time zone; write datetime\(2026, 3, 2, 9, tzinfo=UTC\)"):
        world.clock.set(datetime(2026, 3, 2, 9))  # noqa: DTZ001 - this is the mistake
    assert world.clock.now() == before


def test_a_clock_is_advanced_by_lengths_or_by_a_timedelta(world: Sandbox) -> None:
    world.clock.set(NOON)
    world.clock.advance(days=2, hours=3, minutes=4, seconds=5.5)
    world.clock.advance(timedelta(minutes=1), weeks=1)
    assert world.clock.now() == NOON + timedelta(days=9, hours=3, minutes=5, seconds=5.5)
    with pytest.raises(ControlError, match="/by"):
        world.clock.advance(days=-1)
    with pytest.raises(TypeError, match="day"):
        world.clock.advance(day=1)


def test_a_clock_runs_at_another_rate(world: Sandbox) -> None:
    world.clock.scale(3600)
    assert world.server.control.get(f"/_sandbox/workspaces/{world.name}/clock")["rate"] == 3600


def test_a_clock_tells_what_it_moved_over(world: Sandbox) -> None:
    world.clock.set(NOON.astimezone(timezone(timedelta(hours=2))))
    create(world, "SBX-CUSTOMS-1")
    (first,) = world.clock.step("SBX-CUSTOMS-1")
    assert (first.number, first.journey, first.milestone, first.country) == ("SBX-CUSTOMS-1", "customs", "accepted", "CN")
    assert world.clock.now() == first.known_at
    rest = [event for event in world.clock.advance(days=60) if event.number == "SBX-CUSTOMS-1"]
    assert rest[-1].milestone == "delivered"
    assert [event.known_at for event in rest] == sorted(event.known_at for event in rest)
    assert first not in rest
    world.clock.step()
    with pytest.raises(ControlError, match="Create one first"):
        world.clock.step("SBX-CUSTOMS-1")


# --- faults, journal, outbox, snapshots ------------------------------------------------------------------------------------


def test_a_fault_lets_the_calls_go_wrong_that_it_names_and_counts_them(world: Sandbox) -> None:
    fault = world.fault("server-error", provider="trackru", operation="createTracking", times=2)
    assert (fault.matched, fault.applied) == (0, 0)
    assert [create(world, "SBX-1") for _ in range(3)] == [500, 500, 200]
    numbers(world)
    assert (fault.matched, fault.applied) == (3, 2)
    assert [(exchange.cause, exchange.fault) for exchange in world.requests][:3] == [("server-error", fault.id)] * 2 + [(None, None)]


def test_a_transient_fault_passes(world: Sandbox) -> None:
    world.fault("server-error", provider="trackru")
    assert [create(world, "SBX-1"), create(world, "SBX-1")] == [500, 200]


def test_a_fault_is_removed_and_with_it_its_counters(world: Sandbox) -> None:
    one, other = world.fault(truncate_at=0), world.fault("server-error", provider="trackru", times=9)
    one.remove()
    assert create(world, "SBX-1") == 500
    other.remove()
    assert create(world, "SBX-1") == 200
    with pytest.raises(LookupError, match="the fault f2 was removed"):
        _ = other.applied


@pytest.mark.parametrize(
    ("cause", "rule", "words"),
    [
        ("server-eror", {}, "did you mean 'server-error'"),
        ("server-error", {"provider": "trakru"}, "did you mean 'trackru'"),
        (None, {"latency": 5}, "latency"),
        (None, {}, "required|propert"),
    ],
)
def test_a_fault_that_says_something_unknown_is_refused(world: Sandbox, cause: str | None, rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ControlError, match=words) as refusal:
        world.fault(cause, **rule)
    assert refusal.value.status == 422


def test_requests_are_told_in_order_with_what_was_sent_and_answered(world: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "PAGE", 2)  # so that this is more than one
    sent = ["SBX-1", "SBX-2", "SBX-2", "SBX-3"]
    codes = [create(world, number) for number in sent]
    told = world.requests
    assert [exchange.json["tracking_number"] for exchange in told] == sent
    assert [json.loads(exchange.reply_body)["meta"]["code"] for exchange in told] == codes
    assert [exchange.cause for exchange in told] == [None, None, "duplicate", None]
    assert {(exchange.operation, exchange.method, exchange.path) for exchange in told} == {("createTracking", "POST", "/v1/trackings/post")}
    assert told[2].reply_headers["trackbed-id"] == told[2].id
    assert str(told[2]) == f"{told[2].id} POST /trackru/v1/trackings/post → 200 duplicate"
    assert told[2].at.utcoffset() == timedelta()


def test_a_query_and_a_fault_are_seen_at_a_glance(world: Sandbox) -> None:
    world.fault("server-error", provider="trackru")
    send(world.provider("trackru"), "GET", "/v1/trackings/get?limit=2&page=1")
    (exchange,) = world.requests
    assert str(exchange) == f"{exchange.id} GET /trackru/v1/trackings/get?limit=2&page=1 → 200 server-error (fault f1)"


def test_the_outbox_tells_what_recipients_would_have_got(world: Sandbox) -> None:
    body = {"tracking_number": "SBX-EXPRESS-1", "carrier_code": "sto", "customer_email": "ivy@example.com"}
    send(world.provider("trackru"), "POST", "/v1/trackings/post", body)
    before = [message for message in world.outbox if message.about == "SBX-EXPRESS-1"]
    world.clock.advance(days=2)
    after = [message for message in world.outbox if message.about == "SBX-EXPRESS-1"]
    assert before == []
    assert {(message.provider, message.channel, message.to) for message in after} == {("trackru", "email", "ivy@example.com")}
    assert after[-1].text.startswith("Delivered")
    assert after[-1].at <= world.clock.now()


def test_a_workspace_is_reset_and_restored_here_or_elsewhere(server: Server, world: Sandbox) -> None:
    fresh = numbers(world)
    create(world, "SBX-1")
    kept = world.snapshot()
    world.reset()
    assert numbers(world) == fresh
    world.restore(kept)
    assert numbers(world) == fresh | {"SBX-1"}
    with server.workspace() as other:
        other.restore(kept)
        assert numbers(other) == fresh | {"SBX-1"}


# --- without pytest ----------------------------------------------------------------------------------------------------------

SCRIPT = """
import sys, unittest
from sandbox import testing

class Parcels(unittest.TestCase):
    def setUp(self):
        self.sandbox = self.enterContext(server.workspace())

    def test_one(self):
        self.assertEqual(self.sandbox.requests, [])

with testing.server("trackru") as server:
    result = unittest.main(exit=False).result
strangers = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names - {"sandbox", "__mp_main__"}
print(result.testsRun, result.wasSuccessful(), sorted(name for name in sys.modules if name.startswith("sandbox")))
print(sorted(name for name in strangers if not name.startswith("_")))
"""


def test_it_works_without_pytest_and_imports_nothing_but_the_standard_library(tmp_path: Path) -> None:
    script = tmp_path / "tests.py"
    script.write_text(SCRIPT)
    result = subprocess.run([sys.executable, "-W", "error", script], capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.splitlines() == ["1 True ['sandbox', 'sandbox.background', 'sandbox.client', 'sandbox.testing']", "[]"], (
        result.stderr
    )
    assert result.returncode == 0
