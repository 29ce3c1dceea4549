"""The control plane over HTTP: worlds, their time and their faults, and who may touch them."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import Server, serving

from sandbox import codec, lint
from sandbox.control import Control
from sandbox.resources import SPECS
from sandbox.spec import Operation, Spec
from sandbox.timeline import FIRST_MOMENT, LAST_MOMENT, Clock

from callers import JSON, Caller, Result, sandbox_app

SPEC = Spec.load(SPECS / "control.yaml")
NOW = "2026-03-02T09:00:00.000000Z"
MINE = "/workspaces/sbx_empty_mine"
WRITES = [operation for operation in SPEC.operations.values() if operation.body]
BODIES = {operation.id: next(iter(operation.body.examples.values())) for operation in WRITES if operation.body}


@pytest.fixture
def app(clock: Clock) -> Flask:
    return sandbox_app("trackru", "parcellab", "delivery_solutions", clock=clock)


@pytest.fixture
def control(app: Flask) -> Caller:
    return Caller(app, "_sandbox", {})


@pytest.fixture(scope="module")
def quiet() -> Flask:
    """One sandbox for all tests that are refused."""
    return sandbox_app("trackru", clock=Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))


@pytest.fixture
def refusing(quiet: Flask) -> Caller:
    """The control plane of the sandbox in which nothing is ever written; a test that does so all the same spoils no other."""
    control = Caller(quiet, "_sandbox", {})
    control.delete(MINE)
    return control


def trackru(app: Flask, account: str = "sbx_empty_mine") -> Caller:
    return Caller(app, "trackru", {"Api-Key": account})


def create(app: Flask, number: str, account: str = "sbx_empty_mine") -> None:
    result = trackru(app, account).post("/v1/trackings/post", {"tracking_number": number, "carrier_code": "sto"})
    assert result.body["meta"]["code"] == 200, result.body


def status(app: Flask, number: str, account: str = "sbx_empty_mine") -> str:
    found: str = trackru(app, account).get(f"/v1/trackings/sto/{number}").body["data"][0]["status"]
    return found


def now(control: Caller, workspace: str = MINE) -> str:
    found: str = control.get(f"{workspace}/clock").body["now"]
    return found


def freeze(control: Caller, workspace: str = MINE, **more: Any) -> Result:
    return good(control.put(f"{workspace}/clock", {"frozen": True} | more))


def advance(control: Caller, by: float | str, workspace: str = MINE) -> list[dict[str, Any]]:
    return events(good(control.post(f"{workspace}/clock/advance", {"by": by})))


def good(result: Result) -> Result:
    assert result.status in (200, 201, 204), result.body
    return result


def events(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = result.body["events"]
    return found


def milestones(found: list[dict[str, Any]]) -> list[str]:
    return [event["milestone"] for event in found]


def path_of(operation: Operation) -> str:
    values = {"workspace": "sbx_empty_mine", "fault": "f1", "id": "last"}
    return re.sub(r"\{([a-z]+)\}", lambda match: values[match[1]], operation.path).removeprefix("/_sandbox")


# --- the document --------------------------------------------------------------------------------------------------------------


def test_the_document_agrees_with_itself_and_with_its_class() -> None:
    lint.check(SPEC, Control({}, None, None))  # type: ignore[arg-type]


def test_a_sandbox_whose_control_plane_disagrees_with_its_document_is_told_so(app: Flask) -> None:
    lint.check(app.extensions["sandbox"].control.spec, app.extensions["sandbox"].control.provider)


def test_every_operation_stands_for_itself_in_flasks_list(app: Flask) -> None:
    assert {f"control.{name}" for name in SPEC.operations} <= {rule.endpoint for rule in app.url_map.iter_rules()}


@pytest.mark.parametrize("name", SPEC.operations)
def test_every_refusal_of_an_operation_is_documented(name: str) -> None:
    documented = SPEC.operations[name].responses.keys()
    assert {401, 403} <= documented
    assert SPEC.operations[name].body is None or {400, 415, 422} <= documented


# --- workspaces ------------------------------------------------------------------------------------------------------------------


def test_workspaces_are_listed_in_the_order_of_their_first_write(app: Flask, control: Caller) -> None:
    assert control.get("/workspaces").body == {"workspaces": []}
    for account, number in (("sbx_b", "SBX-LOST-1"), ("sbx_empty_a", "SBX-LOST-1"), ("sbx_b", "SBX-LOST-2")):
        create(app, number, account)
    freeze(control, "/workspaces/sbx_empty_a", now="2026-05-01T00:00:00Z")
    good(control.post("/workspaces/sbx_empty_a/faults", {"latency_ms": 1}))
    listed = control.get("/workspaces").body["workspaces"]
    assert [entry["name"] for entry in listed] == ["sbx_b", "sbx_empty_a"]
    assert listed[1] == {"name": "sbx_empty_a", "documents": 1, "faults": 1, "now": "2026-05-01T00:00:00.000000Z"}
    assert (listed[0]["faults"], listed[0]["now"]) == (0, NOW)


def test_looking_at_a_workspace_leaves_it_fresh(app: Flask, control: Caller) -> None:
    for operation in SPEC.operations.values():
        if operation.method == "GET":
            control.get(path_of(operation))
    trackru(app, "sbx_mine").get("/v1/carriers")
    assert control.get("/workspaces").body == {"workspaces": []}


@pytest.mark.parametrize("path", ["", "/faults", "/faults/f1"])
def test_taking_nothing_away_from_a_fresh_workspace_leaves_it_fresh(control: Caller, path: str) -> None:
    control.delete(MINE + path)
    assert control.get("/workspaces").body == {"workspaces": []}


def test_a_reset_forgets_documents_clock_faults_and_exchanges_of_this_workspace_only(app: Flask, control: Caller) -> None:
    before = {name: control.get(f"/workspaces/{name}/snapshot").body for name in ("sbx_mine", "sbx_other")}
    for account in ("sbx_mine", "sbx_other"):
        create(app, "SBX-LOST-1", account)
        freeze(control, f"/workspaces/{account}", now="2026-05-01T00:00:00Z")
        good(control.post(f"/workspaces/{account}/faults", {"latency_ms": 1}))
    other = control.get("/workspaces/sbx_other/snapshot").body
    assert good(control.delete("/workspaces/sbx_mine")).status == 204
    assert control.get("/workspaces/sbx_mine/snapshot").body == before["sbx_mine"]
    assert control.get("/workspaces/sbx_mine/clock").body == {"now": NOW, "rate": 1.0, "frozen": False, "own": False}
    assert control.get("/workspaces/sbx_mine/faults").body == {"faults": []}
    assert control.get("/workspaces/sbx_other/snapshot").body == other
    assert [entry["workspace"] for entry in control.get("/journal").body["entries"]] == ["sbx_other"]
    assert [entry["name"] for entry in control.get("/workspaces").body["workspaces"]] == ["sbx_other"]


@pytest.mark.parametrize(
    "name", ["sbx_", "SBX_a", "mine", "-", "sbx_" + "x" * 61, "sbx_%00", "sbx_a%2Fb", "sbx_%F0%9F%90%8D", ":scene", ".."]
)
def test_a_name_that_no_account_has_is_refused(refusing: Caller, name: str) -> None:
    for result in (refusing.get(f"/workspaces/{name}/clock"), refusing.delete(f"/workspaces/{name}")):
        assert result.status in (404, 422)
        assert result.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["public", "any_0123456789abcdef", "sbx_A.b-c_1"])
def test_every_account_has_a_workspace(refusing: Caller, name: str) -> None:
    assert refusing.get(f"/workspaces/{name}/clock").body["now"] == NOW


# --- the clock: read, set, freeze, scale ----------------------------------------------------------------------------------------


def test_a_clock_that_nobody_moved_shows_the_sandboxs_time(control: Caller, clock: Clock) -> None:
    clock.fixed += timedelta(hours=1)
    assert control.get(f"{MINE}/clock").body == {"now": "2026-03-02T10:00:00.000000Z", "rate": 1.0, "frozen": False, "own": False}


def test_a_frozen_clock_stands_until_it_is_released_and_then_goes_on_from_there(control: Caller, clock: Clock) -> None:
    assert freeze(control).body["clock"] == {"now": NOW, "rate": 1.0, "frozen": True, "own": True}
    clock.fixed += timedelta(days=30)
    assert now(control) == NOW
    assert good(control.put(f"{MINE}/clock", {"frozen": False})).body["clock"]["now"] == NOW
    clock.fixed += timedelta(hours=2)
    assert now(control) == "2026-03-02T11:00:00.000000Z"


def test_a_clock_can_be_set_running_or_standing_in_any_offset(control: Caller, clock: Clock) -> None:
    good(control.put(f"{MINE}/clock", {"now": "2026-06-01T02:00:00+02:00"}))
    clock.fixed += timedelta(minutes=5)
    assert now(control) == "2026-06-01T00:05:00.000000Z"
    freeze(control, now="2026-07-01T00:00:00.25Z")
    clock.fixed += timedelta(minutes=5)
    assert now(control) == "2026-07-01T00:00:00.250000Z"


def test_a_scaled_clock_runs_as_many_times_as_fast(control: Caller, clock: Clock) -> None:
    good(control.put(f"{MINE}/clock", {"rate": 3600}))
    clock.fixed += timedelta(seconds=24)
    assert now(control) == "2026-03-03T09:00:00.000000Z"
    assert good(control.put(f"{MINE}/clock", {"rate": 0.5})).body["clock"] == {
        "now": "2026-03-03T09:00:00.000000Z",
        "rate": 0.5,
        "frozen": False,
        "own": True,
    }
    clock.fixed += timedelta(hours=2)
    assert now(control) == "2026-03-03T10:00:00.000000Z"


def test_what_passes_on_a_scaled_clock_before_a_change_is_told_by_the_change(app: Flask, control: Caller, clock: Clock) -> None:
    create(app, "SBX-LOST-1")
    good(control.put(f"{MINE}/clock", {"rate": 1000}))
    clock.fixed += timedelta(seconds=15)
    assert status(app, "SBX-LOST-1") == "transit"
    assert milestones(advance(control, "10h")) == ["departed", "arrived"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"frozen": "yes"},
        {"rate": 0},
        {"rate": -1},
        {"rate": 1_000_001},
        {"rate": "fast"},
        {"now": 5},
        {"now": ""},
        {"now": "tomorrow"},
        {"now": "2026-03-02"},
        {"now": "2026-03-02T09:00:00"},
        {"now": "2026-02-30T09:00:00Z"},
        {"now": "1969-12-31T23:59:59Z"},
        {"now": "2200-01-01T00:00:00Z"},
        {"now": "1970-01-01T00:00:00+14:00"},
        {"now": "2199-12-31T23:59:59-12:00"},
        {"now": "2026-12-31T23:59:60Z"},
        {"froze": True},
        [],
        None,
        5,
    ],
)
def test_what_is_no_change_of_a_clock_is_refused_and_changes_nothing(refusing: Caller, body: Any) -> None:
    result = refusing.put(f"{MINE}/clock", data=json.dumps(body), headers=JSON)
    assert (result.status, result.cause) == (422, "invalid")
    assert result.body["problems"]
    assert refusing.get(f"{MINE}/clock").body["own"] is False


@pytest.mark.parametrize("moment", ["2026-03-02t09:00:00z", "2026-03-02T09:00:00.123456789Z", "2026-03-02T09:00:00-00:00"])
def test_every_way_of_rfc_3339_to_write_a_moment_is_read(control: Caller, moment: str) -> None:
    assert freeze(control, now=moment).body["clock"]["now"].startswith("2026-03-02T09:00:00.")


def test_a_clock_stays_within_its_years(app: Flask, control: Caller, clock: Clock) -> None:
    for moment in (FIRST_MOMENT, LAST_MOMENT):
        assert datetime.fromisoformat(freeze(control, now=moment.isoformat()).body["clock"]["now"]) == moment
    create(app, "SBX-LOST-1")
    for path, body, cause in (("advance", {"by": "1s"}, "out-of-time"), ("step", {}, "nothing-ahead")):
        assert control.post(f"{MINE}/clock/{path}", body).cause == cause
        assert datetime.fromisoformat(now(control)) == LAST_MOMENT
    good(control.put(f"{MINE}/clock", {"frozen": False, "rate": 1_000_000}))
    clock.fixed += timedelta(days=365)
    assert datetime.fromisoformat(now(control)) == LAST_MOMENT
    assert status(app, "SBX-LOST-1") == "pending"
    clock.fixed -= timedelta(days=700)
    assert datetime.fromisoformat(now(control)) == FIRST_MOMENT


def test_a_running_clock_shows_the_moment_it_was_set_to_up_to_the_last(control: Caller) -> None:
    for moment in ("2199-12-31T23:00:00.000000Z", "2199-12-31T23:59:59.000000Z"):
        assert good(control.put(f"{MINE}/clock", {"now": moment})).body["clock"]["now"] == moment


def test_setting_back_tells_nothing_and_unsays_what_was_not_yet(app: Flask, control: Caller) -> None:
    create(app, "SBX-LOST-1")
    freeze(control)
    assert milestones(advance(control, "10d"))[-1] == "lost"
    assert status(app, "SBX-LOST-1") == "exception"
    assert events(freeze(control, now="2026-03-02T13:30:00Z")) == []
    assert status(app, "SBX-LOST-1") == "transit"
    assert events(freeze(control, now="2026-02-01T00:00:00Z")) == []
    assert status(app, "SBX-LOST-1") == "pending"
    assert milestones(advance(control, "40d"))[-1] == "lost"


# --- the clock: advance and step ------------------------------------------------------------------------------------------------


def test_advancing_a_frozen_clock_moves_it_and_leaves_it_frozen(control: Caller, clock: Clock) -> None:
    freeze(control)
    advance(control, "1d")
    clock.fixed += timedelta(days=5)
    assert control.get(f"{MINE}/clock").body == {"now": "2026-03-03T09:00:00.000000Z", "rate": 1.0, "frozen": True, "own": True}


def test_advancing_a_running_clock_leaves_it_running(control: Caller, clock: Clock) -> None:
    advance(control, "1d")
    clock.fixed += timedelta(hours=1)
    assert now(control) == "2026-03-03T10:00:00.000000Z"


def test_what_became_known_on_the_way_is_told_in_that_order(app: Flask, control: Caller) -> None:
    freeze(control)
    for number in ("SBX-DISORDER-1", "SBX-EXPRESS-1"):
        create(app, number)
    told = advance(control, "31h")
    assert [event["known_at"] for event in told] == sorted(event["known_at"] for event in told)
    assert milestones([event for event in told if event["number"] == "SBX-EXPRESS-1"]) == [
        "accepted",
        "departed",
        "at-delivery-centre",
        "out-for-delivery",
        "delivered",
    ]
    late = told[-1]
    assert late == {
        "known_at": "2026-03-03T15:00:00.000000Z",
        "happened_at": "2026-03-03T00:00:00+01:00",
        "number": "SBX-DISORDER-1",
        "journey": "disorder",
        "milestone": "arrived",
        "city": "Hannover",
        "country": "DE",
    }


def test_each_step_goes_to_the_next_moment_and_tells_what_becomes_known_in_it(app: Flask, control: Caller) -> None:
    freeze(control)
    create(app, "SBX-LOST-1")
    told = []
    while (result := control.post(f"{MINE}/clock/step", {})).status == 200:
        assert {event["known_at"] for event in events(result)} == {result.body["clock"]["now"]}
        told += milestones(events(result))
    assert told == ["accepted", "departed", "arrived", "departed", "lost"]
    assert (result.status, result.cause) == (409, "nothing-ahead")
    assert status(app, "SBX-LOST-1") == "exception"


def test_a_step_of_one_parcel_takes_the_others_along(app: Flask, control: Caller) -> None:
    freeze(control)
    create(app, "SBX-CUSTOMS-1")
    create(app, "SBX-EXPRESS-1")
    told = events(good(control.post(f"{MINE}/clock/step", {"number": "sbx-customs-1"})))
    assert [event["milestone"] for event in told if event["number"] == "SBX-CUSTOMS-1"] == ["accepted"]
    assert [event["milestone"] for event in told if event["number"] == "SBX-EXPRESS-1"] == ["accepted", "departed", "at-delivery-centre"]
    assert control.post(f"{MINE}/clock/step", {"number": "SBX-NOBODY-1"}).cause == "nothing-ahead"


def test_a_step_of_a_running_clock_leaves_it_running(app: Flask, control: Caller, clock: Clock) -> None:
    create(app, "SBX-EXPRESS-1")
    assert good(control.post(f"{MINE}/clock/step", {})).body["clock"]["frozen"] is False
    clock.fixed += timedelta(hours=1)
    assert now(control) == "2026-03-02T11:00:00.000000Z"


@pytest.mark.parametrize(
    "by", [-1, "-1d", "", "1", "d", "1y", "P1M", "PT", "P1DT", "1.5d", " 1d", "999999999w", 5e9 + 1, 1e300, None, True, [1], {"days": 1}]
)
def test_what_is_no_duration_is_refused_and_moves_nothing(refusing: Caller, by: Any) -> None:
    result = refusing.post(f"{MINE}/clock/advance", {"by": by})
    assert (result.status, result.cause) == (422, "invalid")
    assert "Python" not in result.body["detail"]
    assert refusing.get(f"{MINE}/clock").body["own"] is False


@pytest.mark.parametrize("body", [{}, {"to": "1d"}, {"by": "1d", "more": 1}])
def test_an_advance_needs_its_length_and_nothing_else(refusing: Caller, body: Any) -> None:
    assert refusing.post(f"{MINE}/clock/advance", body).status == 422


LENGTHS = st.integers(0, 20 * 86_400)


def stage() -> tuple[Caller, Flask]:
    app = sandbox_app("trackru", clock=Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))
    control = Caller(app, "_sandbox", {})
    freeze(control)
    for number in ("SBX-DISORDER-1", "SBX-SPLIT-1", "SBX-RETURNED-1", "SBX-DELIVERED-1"):
        create(app, number)
    return control, app


@settings(max_examples=20, deadline=None)
@given(st.lists(LENGTHS, min_size=1, max_size=6))
def test_many_advances_are_one_advance(lengths: list[int]) -> None:
    (control, app), (other, other_app) = stage(), stage()
    told = [event for length in lengths for event in advance(control, length)]
    assert told == advance(other, sum(lengths))
    assert now(control) == now(other)
    shown = [trackru(each).get("/v1/trackings/get").body for each in (app, other_app)]
    assert shown[0] == shown[1]


@settings(max_examples=15, deadline=None)
@given(LENGTHS)
def test_steps_tell_what_one_advance_tells(length: int) -> None:
    (control, _), (other, _) = stage(), stage()
    whole = advance(other, length)
    end = now(other)
    told: list[dict[str, Any]] = []
    while len(told) < len(whole):
        told += events(good(control.post(f"{MINE}/clock/step", {})))
    assert told == whole
    assert now(control) <= end


# --- the clock is the workspace's own -------------------------------------------------------------------------------------------


def test_all_apis_of_a_workspace_follow_its_clock_and_no_other_workspace_does(app: Flask, control: Caller) -> None:
    shown = {}
    for account in ("sbx_empty_mine", "sbx_empty_other"):
        create(app, "SBX-EXPRESS-1", account)
        lab = Caller(app, "parcellab", {"Authorization": f"Parcellab-API-Token {account}"})
        tracking = {"type": "add_tracking", "tracking": {"courier": "dhl-germany", "tracking_number": "SBX-EXPRESS-1"}}
        order = {"account": 1, "order_number": "A", "destination_country_iso3": "DEU", "recipient_email": "a@example.com"}
        good(lab.put("/v4/track/orders/", order | {"mutations": [tracking]}))
        lynk = Caller(app, "delivery_solutions", {"Authorization": f"Bearer {account}"})
        sent = next(iter(Spec.load(SPECS / "delivery_solutions.yaml").operations["createTracker"].body.examples.values()))  # type: ignore[union-attr]
        good(lynk.post("/tracker/v2/trackers", sent | {"trackingId": "SBX-EXPRESS-1"}))
    freeze(control)
    advance(control, "10h")
    for account in ("sbx_empty_mine", "sbx_empty_other"):
        lab = Caller(app, "parcellab", {"Authorization": f"Parcellab-API-Token {account}"})
        lynk = Caller(app, "delivery_solutions", {"Authorization": f"Bearer {account}"})
        (parcel,) = lab.get("/v4/track/orders/info/?order_number=A&account=1").body["trackings"]
        (tracker,) = lynk.post("/tracker/v2/trackers/list", {}).body["data"]
        shown[account] = (status(app, "SBX-EXPRESS-1", account), parcel["checkpoints"][-1]["status_code"], tracker["status"])
    assert shown["sbx_empty_mine"] == ("delivered", "Delivered", "ORDER_DELIVERED")
    assert shown["sbx_empty_other"] == ("pending", "WarehousePrepared", "ORDER_DISPATCHED")
    assert now(control, "/workspaces/sbx_empty_other") == NOW


# --- what it takes, and what it refuses -----------------------------------------------------------------------------------------

HOSTILE = {
    "an empty body": b"",
    "no JSON": b"{",
    "1,000 nested arrays": b"[" * 1000 + b"]" * 1000,
    "100,000 nested arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep inside": b'{"now":' + b"[" * 70 + b"]" * 70 + b"}",
    "NaN": b'{"rate":NaN}',
    "Infinity": b'{"rate":Infinity}',
    "1e400": b'{"rate":1e400}',
    "duplicate keys": b'{"rate":1,"rate":2}',
    "a lone surrogate": b'{"now":"\\ud800"}',
    "invalid UTF-8": b'{"now":"\xff"}',
    "UTF-16": '{"rate":1}'.encode("utf-16"),
    "a byte-order mark": b'\xef\xbb\xbf{"rate":1}',
    "a control character": b'{"now":"\x01"}',
}


def refused(result: Result, status: int, cause: str) -> None:
    assert (result.status, result.cause, result.headers["content-type"]) == (status, cause, "application/problem+json")
    assert result.body.keys() <= {"type", "title", "status", "detail", "problems"}
    assert (result.body["status"], result.body["type"]) == (status, "about:blank")
    assert "Traceback" not in json.dumps(result.body)


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.id)
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused_as_a_problem(refusing: Caller, operation: Operation, body: bytes) -> None:
    refused(refusing.send(operation.method, path_of(operation), data=body, headers=JSON), 400, "malformed")


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.id)
@pytest.mark.parametrize(
    "declared", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16"]
)
def test_a_write_that_does_not_declare_json_is_refused(refusing: Caller, operation: Operation, declared: str | None) -> None:
    body = json.dumps(BODIES[operation.id])
    result = refusing.send(operation.method, path_of(operation), data=body, headers={"Content-Type": declared})  # type: ignore[dict-item]
    refused(result, 415, "media-type")
    assert "application/json" in result.body["detail"] or "utf-8" in result.body["detail"]
    assert refusing.get("/workspaces").body == {"workspaces": []}


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.id)
def test_the_written_examples_are_taken(app: Flask, control: Caller, operation: Operation) -> None:
    create(app, "SBX-CUSTOMS-1")
    assert operation.body is not None
    for body in operation.body.examples.values():
        good(control.send(operation.method, path_of(operation), json=body))


def test_a_digit_too_many_is_refused_whole(refusing: Caller) -> None:
    result = refusing.post(f"{MINE}/clock/advance", data=b'{"by":' + b"9" * 5000 + b"}", headers=JSON)
    assert result.status in (400, 422)
    assert result.headers["content-type"] == "application/problem+json"


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://[::1"},
    {"Origin": ""},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("operation", SPEC.operations.values(), ids=lambda operation: operation.id)
def test_what_a_browser_sends_for_a_foreign_page_is_refused(refusing: Caller, operation: Operation, headers: dict[str, str]) -> None:
    result = refusing.send(operation.method, path_of(operation), json=BODIES.get(operation.id), headers=headers)
    refused(result, 403, "foreign-page")
    assert "--allow-host" in result.body["detail"]
    assert refusing.get("/workspaces").body == {"workspaces": []}


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "HTTP://LOCALHOST"}],
)
def test_a_page_of_the_sandbox_itself_may_call(control: Caller, headers: dict[str, str]) -> None:
    assert control.put(f"{MINE}/clock", {"frozen": True}, headers=headers).status == 200


@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1.evil.example", "[::2]"])
@pytest.mark.parametrize("operation", SPEC.operations.values(), ids=lambda operation: operation.id)
def test_a_foreign_host_is_refused_by_every_operation(refusing: Caller, operation: Operation, host: str) -> None:
    result = refusing.send(operation.method, path_of(operation), json=BODIES.get(operation.id), headers={"Host": host})
    assert (result.status, result.headers["content-type"]) == (400, "application/problem+json")
    assert "--allow-host" in result.body["detail"]
    assert refusing.get("/workspaces").body == {"workspaces": []}


def test_no_answer_of_the_control_plane_has_a_cors_header(control: Caller) -> None:
    asked = {"Origin": "http://localhost", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    for operation in SPEC.operations.values():
        for method in (operation.method, "OPTIONS"):
            for headers in (asked, {"Origin": "https://evil.example"}):
                result = control.send(method, path_of(operation), json=BODIES.get(operation.id), headers=headers)
                assert not [name for name in result.headers if name.startswith("access-control-")]
                assert method != "OPTIONS" or result.status == 405


@pytest.mark.parametrize(
    "path", ["", "/", "/workspace", "/workspaces/", "/workspaces/sbx_a/clock/", "//workspaces", "/workspaces/sbx_a/nothing", "/%00"]
)
def test_an_unknown_path_says_where_the_document_is(refusing: Caller, path: str) -> None:
    result = refusing.get(path)
    refused(result, 404, "unknown-path")
    assert "/_sandbox/specs/control.yaml" in result.body["detail"]


def test_the_document_that_it_names_is_there(app: Flask) -> None:
    assert app.test_client().get("/_sandbox/specs/control.yaml").data == (SPECS / "control.yaml").read_bytes()


@pytest.mark.parametrize("method", ["PATCH", "HEAD", "OPTIONS", "TRACE", "BREW", "POST"])
def test_a_wrong_method_names_the_right_ones(refusing: Caller, method: str) -> None:
    result = refusing.send(method, f"{MINE}/clock")
    assert (result.status, result.cause, result.headers["allow"]) == (405, "wrong-method", "GET, PUT")


def test_a_refusal_lists_all_that_is_wrong_with_places(refusing: Caller) -> None:
    result = refusing.put(f"{MINE}/clock", {"rate": 0, "frozen": 5, "more": 1})
    refused(result, 422, "invalid")
    assert {"/rate", "/frozen"} <= {problem["place"] for problem in result.body["problems"]}
    assert {problem["place"] for problem in refusing.get("/journal?limit=0&status=9&provider=X").body["problems"]} == {
        "query:limit",
        "query:status",
        "query:provider",
    }


def test_an_unknown_fault_and_an_unknown_exchange_are_not_there(refusing: Caller) -> None:
    refused(refusing.delete(f"{MINE}/faults/f1"), 404, "unknown-fault")
    refused(refusing.get("/explain/last"), 404, "unknown-exchange")
    refused(refusing.get("/explain/t000001"), 404, "unknown-exchange")


def test_the_control_plane_is_not_in_the_journal(app: Flask, control: Caller) -> None:
    for operation in SPEC.operations.values():
        control.send(operation.method, path_of(operation), json=BODIES.get(operation.id))
    assert control.get("/journal").body == {"entries": [], "next": 0}
    trackru(app).get("/v1/carriers")
    assert [entry["provider"] for entry in control.get("/journal").body["entries"]] == ["trackru"]


def test_under_a_vendors_own_host_name_the_control_plane_is_the_same(refusing: Caller) -> None:
    assert refusing.get("/workspaces", headers={"Host": "api.trackru.ru"}).body == {"workspaces": []}


# --- on a real server -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("local")) as running:
        yield running
        assert "Traceback" not in running.log, running.log


@pytest.fixture(scope="module")
def open_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("open"), "--host", "0.0.0.0") as running:
        yield running
        assert "Traceback" not in running.log, running.log


def call(server: Server, operation: Operation, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return ask(server, operation.method, f"/_sandbox{path_of(operation)}", BODIES.get(operation.id), **headers)


def ask(server: Server, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    named = {key.replace("_", "-"): value for key, value in headers.items()} | ({} if body is None else JSON)
    try:
        connection.request(method, path, None if body is None else codec.dump(body), named)
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
    finally:
        connection.close()


def token_of(server: Server) -> str:
    match = re.search(r"TRACKBED_TOKEN=(\S+)", server.log)
    assert match is not None, server.log
    return match[1]


def test_on_a_loopback_address_no_token_is_asked_for_nor_printed(local: Server) -> None:
    assert "TRACKBED_TOKEN" not in local.log
    assert ask(local, "GET", "/_sandbox/workspaces")[0] == 200


@pytest.mark.parametrize("operation", SPEC.operations.values(), ids=lambda operation: operation.id)
def test_beyond_the_loopback_address_every_operation_asks_for_the_token(open_to_all: Server, operation: Operation) -> None:
    token = token_of(open_to_all)
    assert len(token) >= 32
    wrong = (
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {token}x",
        f"Bearer {token[:-1]}",
        f"Basic {token}",
        token,
        "Bearer sbx_demo",
        "Bearer \xff",
    )
    for headers in ({}, *({"authorization": text} for text in wrong)):
        status, fields, body = call(open_to_all, operation, **headers)
        assert (status, fields["www-authenticate"], fields["trackbed-cause"]) == (401, "Bearer", "unauthenticated"), headers
        assert "TRACKBED_TOKEN" in json.loads(body)["detail"]
        assert token.encode() not in body
    status, _, body = call(open_to_all, operation, authorization=f"Bearer {token}")
    assert status in (200, 201, 204, 404, 409), body


def test_beyond_the_loopback_address_a_foreign_page_is_refused_with_the_token_too(open_to_all: Server) -> None:
    named = {"authorization": f"Bearer {token_of(open_to_all)}"}
    assert ask(open_to_all, "GET", "/_sandbox/workspaces", None, origin="http://evil.example", **named)[0] == 403
    assert ask(open_to_all, "GET", "/_sandbox/workspaces", None, sec_fetch_site="cross-site", **named)[0] == 403
    assert ask(open_to_all, "GET", "/_sandbox/workspaces", None, host="evil.example", **named)[0] == 400


def test_beyond_the_loopback_address_providers_ask_for_no_token_and_the_journal_never_has_it(open_to_all: Server) -> None:
    token = token_of(open_to_all)
    good_token = {"authorization": f"Bearer {token}"}
    assert ask(open_to_all, "GET", "/trackru/v1/carriers", api_key="sbx_a", cookie=f"token={token}", **good_token)[0] == 200
    assert ask(open_to_all, "GET", "/parcellab/v4/track/orders/", **good_token)[0] == 401
    for path in ("/_sandbox/journal", "/_sandbox/journal.har", "/_sandbox/explain/last"):
        status, _, body = ask(open_to_all, "GET", path, **good_token)
        assert (status, token.encode() in body) == (200, False)


def test_a_token_of_ones_own_is_taken_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKBED_TOKEN", "my-own-token")
    with serving(tmp_path, "--host", "0.0.0.0", "trackru") as server:
        assert token_of(server) == "my-own-token"
        assert ask(server, "GET", "/_sandbox/workspaces", authorization="Bearer my-own-token")[0] == 200
        assert ask(server, "GET", "/_sandbox/workspaces")[0] == 401


def test_a_token_in_the_environment_closes_no_loopback_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKBED_TOKEN", "my-own-token")
    with serving(tmp_path, "trackru") as server:
        assert ask(server, "GET", "/_sandbox/workspaces")[0] == 200


def test_each_start_makes_another_token(open_to_all: Server, tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", "trackru") as other:
        assert token_of(other) != token_of(open_to_all)


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.id)
def test_a_body_over_64_mib_is_413_declared_or_not(local: Server, operation: Operation) -> None:
    limit = 64 * 1024 * 1024
    head = f"{operation.method} /_sandbox{path_of(operation)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    answer = local.raw(f"{head}Content-Length: {limit + 1}\r\n\r\n{{".encode(), half=True)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:300]
    assert b"is larger than 67108864 bytes" in answer


def test_a_chunked_body_over_64_mib_is_413(local: Server) -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    head = f"PUT /_sandbox{MINE}/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = local.raw(head.encode() + chunk * 65 + b"0\r\n\r\n", half=True, timeout=20)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:300]


def test_a_large_snapshot_goes_in_and_out_whole(local: Server) -> None:
    text = "x" * 10_000_000
    document = {"serial": 1, "key": "k", "value": text}
    sent = SPEC.operations["restoreSnapshot"].body.examples["small"] | {"collections": {"mine.own": [document]}}  # type: ignore[union-attr]
    assert ask(local, "PUT", "/_sandbox/workspaces/sbx_large/snapshot", sent)[0] == 200
    status, _, body = ask(local, "GET", "/_sandbox/workspaces/sbx_large/snapshot")
    assert status == 200
    assert json.loads(body)["collections"]["mine.own"] == [document]


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_straight_door_refuses_hostile_bytes_alike(local: Server, body: bytes) -> None:
    head = f"PUT /_sandbox{MINE}/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = local.raw(head.encode() + body)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:300]
    assert b"application/problem+json" in answer


def test_the_straight_door_serves_what_flask_serves(local: Server, control: Caller) -> None:
    for path in (
        "/",
        "/workspace",
        "/workspaces/sbx_fresh/faults",
        "/workspaces/nobody/clock",
        "/explain/last?workspace=sbx_fresh",
    ):
        flask = control.get(path, headers={"Host": "127.0.0.1"})
        status, fields, body = ask(local, "GET", f"/_sandbox{path}")
        assert (status, json.loads(body)) == (flask.status, flask.body), path
        assert fields["content-type"] == flask.headers["content-type"]
