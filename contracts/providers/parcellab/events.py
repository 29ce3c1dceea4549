"""Promises of parcelLab: what becomes of events, and a parcel's way while time passes.

Events are attached later. On a target with a clock later can be waited for; on any other, what is not there yet proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.caller import Caller
from contracts.causes import refused
from contracts.promises import Broken, CannotTell, Promise, hold, promise, same
from contracts.proofs import forward, members, moment, taken, turned_down
from contracts.providers.parcellab.orders import EVENT, EVENTS, LIVE, SCHEMAS, adding, fields, new, parcel, parcels, put

TRIES = 5
LATER_S = 60
SOME_TIME = "2026-01-02T03:04:05Z"
STEPS = 60  # of six hours: more than any parcel takes
DELIVERED = "Delivered"


def _order(caller: Caller, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make an order with one parcel; gives both."""
    tracking = parcel(caller, **given)
    return put(caller, new(caller, external_reference=caller.unique("shop-"), mutations=adding(tracking))).body, tracking


def _report(caller: Caller, status: str, **given: Any) -> None:
    """Send an event, which is answered with 204 and nothing. Raises Broken."""
    outcome = taken(caller.call("sendEvent", {"event_status": status, **given}), f"the event {status}")
    same((outcome.status, outcome.answer.body), (204, b""), "an event has another answer than 204 and nothing", outcome)


def _on(tracking: Mapping[str, Any]) -> dict[str, Any]:
    return {"courier": tracking["courier"], "tracking_number": tracking["tracking_number"]}


def _points(caller: Caller, order: Mapping[str, Any], index: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parcels(caller, order)[index]["checkpoints"]
    return found


def _attached(caller: Caller, order: Mapping[str, Any], fits: Callable[[dict[str, Any]], bool], index: int = 0) -> dict[str, Any]:
    """Wait for a checkpoint. Raises Broken when it does not come, and CannotTell where nobody can wait for it."""
    waits = True
    for _ in range(TRIES):
        point = next((point for point in _points(caller, order, index) if fits(point)), None)
        if point is not None:
            return point
        try:
            forward(caller, LATER_S)
        except CannotTell:
            waits = False
    if not waits:
        raise CannotTell("events are attached later, and the target has no clock to wait by")
    raise Broken("an event does not reach its parcel", "a checkpoint", _points(caller, order, index))


def _says(text: str) -> Callable[[dict[str, Any]], bool]:
    return lambda point: point.get("text") == text


@promise("sendEvent", "putOrder", "getOrderInfo", where=EVENT, source=EVENTS)
def an_event_reaches_its_parcel(caller: Caller) -> None:
    """An event of a parcel becomes a checkpoint of it, with its status, time, place and words."""
    order, tracking = _order(caller)
    words = f"Loaded into the vän {caller.unique()}"
    _report(caller, "OutForDelivery", **_on(tracking), event_timestamp=SOME_TIME, event_details=words, location="Bärlin")
    point = _attached(caller, order, _says(words))
    members(point, {"status_code": "OutForDelivery", "location": "Bärlin"}, "the checkpoint of an event")
    same(moment(point.get("timestamp"), "its time"), moment(SOME_TIME, "what was sent"), "the checkpoint is of another time")
    same([point for point in _points(caller, order) if _says(words)(point)], [point], "an event is there more than once")


@promise("sendEvent", "putOrder", "getOrderInfo", where=EVENT, source=LIVE)
def in_transit_is_shown_as_a_scan(caller: Caller) -> None:
    """The event `InTransit` is shown as the checkpoint `InboundScan`."""
    order, tracking = _order(caller)
    words = f"On its way {caller.unique()}"
    _report(caller, "InTransit", **_on(tracking), event_timestamp=SOME_TIME, event_details=words)
    same(_attached(caller, order, _says(words)).get("status_code"), "InboundScan", "the checkpoint has another status")


@promise("sendEvent", "putOrder", "getOrderInfo", where=EVENT, source=LIVE)
def an_event_of_an_order_reaches_no_parcel(caller: Caller) -> None:
    """An event that names an order is accepted, and never becomes a checkpoint."""
    order, tracking = _order(caller)
    lost, kept = caller.unique("lost "), caller.unique("kept ")
    _report(caller, "Loaded", account=order["account"], order_number=order["order_number"], event_details=lost)
    _report(caller, "Loaded", **_on(tracking), event_details=kept, event_timestamp=SOME_TIME)
    _attached(caller, order, _says(kept))
    hold(not any(_says(lost)(point) for point in _points(caller, order)), "an event of an order reached a parcel", got=lost)


@promise("sendEvent", "putOrder", "getOrderInfo", where=EVENT, source=EVENTS)
def an_event_reaches_no_other_parcel(caller: Caller) -> None:
    """An event changes the parcel that it names and no other, neither of the order nor with the same number at another courier."""
    number = caller.unique("TB")
    same_number = [{"courier": caller.scene[name], "tracking_number": number} for name in ("courier", "other_courier")]
    order = put(caller, new(caller, mutations=adding(*same_number, parcel(caller)))).body
    words = caller.unique("for the first ")
    _report(caller, "Loaded", **same_number[0], event_details=words, event_timestamp=SOME_TIME)
    _attached(caller, order, _says(words))
    others = [point for index in (1, 2) for point in _points(caller, order, index) if _says(words)(point)]
    same(others, [], "an event reached another parcel than it named")


@promise("sendEvent", "putOrder", "getOrderInfo", where=f"{SCHEMAS}/ReferenceEvent", source=EVENTS)
def an_event_finds_its_parcel_by_reference(caller: Caller) -> None:
    """An event that names a reference reaches the parcel of the order that has it."""
    order, _ = _order(caller)
    words = caller.unique("by reference ")
    reference = {"account": order["account"], "reference_number": order["external_reference"]}
    _report(caller, "WarehousePrepared", **reference, event_details=words, event_timestamp=SOME_TIME)
    _attached(caller, order, _says(words))


@promise("sendEvent", where=EVENT, source=EVENTS)
def an_event_of_nothing_is_accepted(caller: Caller) -> None:
    """An event of a parcel that nobody knows is accepted like any other."""
    _report(caller, "Loaded", **_on(parcel(caller)))
    _report(caller, "Loaded", account=caller.scene["account"], reference_number=caller.unique("none-"))
    _report(caller, "Loaded", account=caller.scene["account"], order_number=caller.unique("none-"))


@promise("sendEvent", where=f"{EVENT}/responses/204", source=LIVE)
def an_event_of_a_parcel_may_name_the_account(caller: Caller) -> None:
    """An event of a parcel is accepted with an account beside it."""
    _report(caller, "Loaded", **_on(parcel(caller)), account=caller.scene["account"])


@promise("sendEvent", where=f"{SCHEMAS}/EventStatus", source=EVENTS)
def every_documented_status_can_be_reported(caller: Caller) -> None:
    """Each status of the document is accepted."""
    tracking = _on(parcel(caller))
    for status in caller.spec.tree["components"]["schemas"]["EventStatus"]["enum"]:
        _report(caller, status, **tracking, placeholder_value="noon")


@promise("sendEvent", "putOrder", "getOrderInfo", where=f"{SCHEMAS}/EventStatus", source=LIVE)
def an_unknown_status_is_refused(caller: Caller) -> None:
    """A status that the document does not have is refused at `event_status`, in another letter case too, and reaches nothing."""
    order, tracking = _order(caller)
    before = _points(caller, order)
    for status in ("Lost in space", "delivered", "", "PickupReady, collect at the shop"):
        body = {"event_status": status, **_on(tracking)}
        outcome = turned_down(caller.call("sendEvent", body), f"the event {status!r}")
        refused(caller.spec, outcome, "invalid")
        same(fields(outcome), ["event_status"], "the refusal names another member", outcome)
    same(_points(caller, order), before, "a refused event reached a parcel")


@promise("sendEvent", "putOrder", "getOrderInfo", where=f"{SCHEMAS}/TrackingInfo/properties/checkpoints", inferred=True)
def events_are_sorted_by_their_times(caller: Caller) -> None:
    """Events that come in any order are told in the order in which they happened."""
    order, tracking = _order(caller)
    words = {hour: caller.unique(f"at {hour} ") for hour in (5, 3, 4)}
    for hour, text in words.items():
        _report(caller, "Loaded", **_on(tracking), event_details=text, event_timestamp=f"2026-01-02T0{hour}:00:00Z")
    for text in words.values():
        _attached(caller, order, _says(text))
    told = [point["text"] for point in _points(caller, order) if point["text"] in words.values()]
    same(told, [words[3], words[4], words[5]], "the checkpoints are not in the order in which they happened")


@promise("putOrder", "getOrderInfo", where=f"{SCHEMAS}/TrackingInfo/properties/checkpoints", inferred=True)
def a_parcel_never_goes_back(caller: Caller) -> None:
    """While time passes checkpoints are added at the end, none goes away or changes, and the last one is not overtaken."""
    forward(caller, 0)
    order, _ = _order(caller)
    last = _points(caller, order)
    for _ in range(STEPS):
        forward(caller, 6 * 3600)
        now = _points(caller, order)
        same(now[: len(last)], last, "a checkpoint went away or changed")
        last = now
    hold(last, "a parcel never moves", expected="checkpoints", got=last)
    statuses = [point["status_code"] for point in last]
    hold(statuses.count(DELIVERED) <= 1, "a parcel was delivered more than once", got=statuses)
    hold(DELIVERED not in statuses[:-1], "something follows the delivery", got=statuses)


PROMISES: tuple[Promise, ...] = (
    an_event_reaches_its_parcel,
    in_transit_is_shown_as_a_scan,
    an_event_of_an_order_reaches_no_parcel,
    an_event_reaches_no_other_parcel,
    an_event_finds_its_parcel_by_reference,
    an_event_of_nothing_is_accepted,
    an_event_of_a_parcel_may_name_the_account,
    every_documented_status_can_be_reported,
    an_unknown_status_is_refused,
    events_are_sorted_by_their_times,
    a_parcel_never_goes_back,
)
