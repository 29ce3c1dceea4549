"""Promises of Trackru: who may call, whose trackings they see, and by which names and paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import members, stranger, taken
from contracts.providers.trackru.calls import (
    CARRIERS,
    CODES_PAGE,
    CREATE,
    INDEX,
    PYTHON_CLIENT,
    create,
    gone,
    key,
    listed,
    new,
    read,
    refused,
    update,
)

WRONG_KEYS = ("wrong", "00000000-0000-0000-0000-000000000000", "' or 1=1 --")


@promise("createTracking", "getTracking", "listTrackings", where="/x-causes/bad-key", source=CODES_PAGE)
def without_a_key_nothing_is_done(caller: Caller) -> None:
    """A create, update or delete without a key, or with a wrong one, is refused and leaves everything as it is."""
    made, body = create(caller, title="kept"), new(caller)
    for other in (caller.as_nobody(), *map(caller.as_, WRONG_KEYS)):
        for outcome in (
            other.call("createTracking", body),
            other.call("createTrackings", [body]),
            other.call("updateTracking", {"title": "changed"}, params=key(made)),
            other.call("deleteTracking", params=key(made)),
        ):
            refused(caller, outcome, "bad-key")
    gone(caller, body)
    same(read(caller, made)["title"], "kept", "a call without a good key changes a tracking")


@promise("listTrackings", "getTracking", "listCarriers", where="/x-causes/bad-key", source=CODES_PAGE)
def without_a_key_nothing_is_told(caller: Caller) -> None:
    """No operation tells anything to somebody without a key, or with one that is wrong."""
    made = create(caller)
    for other in (caller.as_nobody(), *map(caller.as_, WRONG_KEYS)):
        for outcome in (
            other.call("listTrackings"),
            other.call("listTrackingsByPost", {}),
            other.call("getTracking", params=key(made)),
            other.call("lookUpTracking", key(made)),
            other.call("listCarriers"),
            other.call("detectCarriers", {"tracking_number": caller.scene["detectable"]}),
        ):
            refused(caller, outcome, "bad-key")
            same(outcome.at("/data"), [], "a refusal tells data", outcome)


@promise("createTracking", "getTracking", "updateTracking", "deleteTracking", "listTrackings", where=CREATE, source=INDEX)
def accounts_are_apart(caller: Caller) -> None:
    """Another account neither sees nor changes a tracking, and may watch the same number itself."""
    other, made = stranger(caller), create(caller, title="mine")
    gone(other, made)
    refused(caller, other.call("updateTracking", {"title": "taken"}, params=key(made)), "no-such-tracking")
    refused(caller, other.call("deleteTracking", params=key(made)), "no-such-tracking")
    theirs = taken(other.call("createTracking", new(caller, **key(made), title="theirs")), "a number that another account watches").at(
        "/data"
    )
    hold(theirs["id"] != made["id"], "two accounts have a tracking of the same id", got=made["id"])
    update(other, made, {"archived": "true"})
    members(read(caller, made), {"id": made["id"], "title": "mine", "archived": False}, "the tracking")
    same([item["id"] for item in listed(caller, numbers=made["tracking_number"])], [made["id"]], "another account's tracking is listed")
    taken(other.call("deleteTracking", params=key(made)), "a delete of the other account's own")
    same(read(caller, made)["id"], made["id"], "a delete in one account deletes in another")


@promise("getTracking", where="/components/securitySchemes", inferred=True)
def a_key_may_come_by_any_of_its_names(caller: Caller) -> None:
    """The key opens under each header that the document names."""
    made = create(caller)
    operation = caller.spec.operations["getTracking"]
    for need in operation.needs:
        request = caller.as_nobody().request(operation, params=key(made), headers={need.scheme.name: caller.text or ""})
        outcome = taken(caller.send(operation, request), f"a key in {need.scheme.name}")
        same(outcome.at("/data/0/id"), made["id"], f"a key in {need.scheme.name} opens another account", outcome)


@promise("createTracking", "getTracking", where="/x-aliases", inferred=True)
def the_second_generation_is_the_same(caller: Caller) -> None:
    """Paths below `/v2` are those below `/v1`: the same trackings, the same answers."""
    made = create(caller)
    operation = caller.spec.operations["getTracking"]
    request = caller.request(operation, params=key(made))
    outcome = taken(caller.send(operation, request._replace(path=request.path.replace("/v1/", "/v2/", 1))), "a read below /v2")
    same(outcome.at("/data/0/id"), made["id"], "below /v2 there is another tracking", outcome)


@promise("listCarriers", where=CARRIERS, source="https://github.com/jsdvjx/TrackingMore", writes=False)
def carriers_may_have_a_slash(caller: Caller) -> None:
    """The carriers are told with and without a slash at the end of the path."""
    operation = caller.spec.operations["listCarriers"]
    request = caller.request(operation)
    plain = taken(caller.send(operation, request), "the carriers")
    slashed = taken(caller.send(operation, request._replace(path=f"{request.path}/")), "the carriers, with a slash")
    same(slashed.at("/data"), plain.at("/data"), "with a slash other carriers are told", slashed)


def _refusals(caller: Caller) -> Iterator[tuple[str, Outcome]]:
    absent: dict[str, Any] = new(caller)
    made = create(caller)
    yield "bad-key", caller.as_nobody().call("createTracking", absent)
    yield "missing-number", caller.call("createTracking", {"carrier_code": made["carrier_code"]})
    yield "bad-number", caller.call("createTracking", new(caller, tracking_number="1234"))
    yield "duplicate", caller.call("createTracking", key(made))
    yield "no-such-tracking", caller.call("getTracking", params=absent)
    yield "no-such-tracking", caller.call("deleteTracking", params=absent)
    yield "nothing-found", caller.call("listTrackings", params={"numbers": absent["tracking_number"]})
    yield "bad-status", caller.call("updateTracking", {"status": 5}, params=key(made))
    yield "malformed", caller.call("createTracking", b"{")


@promise("createTracking", "getTracking", "listTrackings", where="/x-accepted", source=PYTHON_CLIENT)
def a_refusal_comes_with_status_200(caller: Caller) -> None:
    """HTTP says 200 to a refusal too; `meta.code` says what happened, and there is no data."""
    for cause, outcome in _refusals(caller):
        same(outcome.status, 200, f"the HTTP status of {cause} is not 200", outcome)
        refused(caller, outcome, cause)
        same(outcome.at("/data"), [], f"the refusal {cause} has data", outcome)


@promise("createTracking", "getTracking", "updateTracking", "deleteTracking", where="/x-accepted", source=CODES_PAGE)
def a_success_has_a_code_of_success(caller: Caller) -> None:
    """What was done has HTTP status 200 and a `meta.code` of 200 or 201, and was done."""
    body = new(caller)
    for operation, sent, there in (
        ("createTracking", body, True),
        ("updateTracking", {"title": "changed"}, True),
        ("deleteTracking", None, False),
    ):
        params = {} if operation == "createTracking" else key(body)
        outcome = caller.call(operation, params=params) if sent is None else caller.call(operation, sent, params=params)
        taken(outcome, f"a call of {operation} that does what it should")
        same(outcome.status, 200, f"the HTTP status of {operation} is not 200", outcome)
        hold(outcome.at("/meta/code") in (200, 201), "a success is told as a refusal", got=outcome.at("/meta"), outcome=outcome)
        (read if there else gone)(caller, body)


PROMISES: tuple[Promise, ...] = (
    without_a_key_nothing_is_done,
    without_a_key_nothing_is_told,
    accounts_are_apart,
    a_key_may_come_by_any_of_its_names,
    the_second_generation_is_the_same,
    carriers_may_have_a_slash,
    a_refusal_comes_with_status_200,
    a_success_has_a_code_of_success,
)
