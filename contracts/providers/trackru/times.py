"""Promises of Trackru: times are real and in order, and a parcel's journey only goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from contracts.caller import Caller
from contracts.promises import Broken, CannotTell, Promise, hold, promise, same
from contracts.proofs import forward, later, members, moment
from contracts.providers.trackru.calls import (
    INDEX,
    LIST_PAGE,
    NODE_CLIENT,
    READ,
    SCHEMAS,
    UPDATE_PAGE,
    create,
    key,
    listed,
    read,
    update,
)

NODES = ("ItemReceived", "ItemDispatched", "DepartfromAirport", "ArrivalfromAbroad", "CustomsClearance", "DestinationArrived")
STEP_S, STEPS = 12 * 3600, 24  # twelve days are enough for a parcel


@promise("createTracking", "getTracking", "updateTracking", "listTrackings", where=f"{SCHEMAS}/Timestamp", source=UPDATE_PAGE)
def created_at_never_moves(caller: Caller) -> None:
    """Create, read, update and list tell the same `created_at`, also after time has passed."""
    made = create(caller)
    first = moment(made["created_at"], "created_at")
    later(caller)
    for change in ({"title": "changed"}, {"status": 4}, {"archived": "true"}, {}):
        told = [update(caller, made, change), read(caller, made), *listed(caller, numbers=made["tracking_number"])]
        for tracking in told:
            hold(
                moment(tracking["created_at"], "created_at") == first,
                "created_at moves",
                expected=made["created_at"],
                got=tracking["created_at"],
            )


@promise("createTracking", "getTracking", "updateTracking", where=f"{SCHEMAS}/Timestamp", source=UPDATE_PAGE)
def times_are_in_order(caller: Caller) -> None:
    """Nothing is updated before it was created, and neither time runs backwards from call to call."""
    made = create(caller)
    found = read(caller, made)
    last = moment(found["created_at"], "created_at")
    later(caller)
    for title in ("one", "two"):
        changed = update(caller, made, {"title": title})
        now = moment(changed["updated_at"], "updated_at")
        hold(now >= last, "an update is older than what was before it", expected=f"{last} or later", got=str(now))
        read_at = moment(read(caller, made)["updated_at"], "updated_at")
        hold(read_at >= now, "a read tells an older time than the update", expected=f"{now} or later", got=str(read_at))
        last = now
    created = moment(create(caller)["created_at"], "created_at")
    hold(created >= moment(made["created_at"], "created_at"), "a later create has an older time", got=str(created))


@promise("updateTracking", "getTracking", where=f"{SCHEMAS}/Tracking/properties/updated_at", source=UPDATE_PAGE)
def an_update_moves_updated_at(caller: Caller) -> None:
    """After an update, `updated_at` is the time of the update, and neither a read nor time moves it."""
    made = create(caller)
    later(caller)
    changed = moment(update(caller, made, {"title": "changed"})["updated_at"], "updated_at")
    passed = (changed - moment(made["created_at"], "created_at")).total_seconds()
    hold(
        1 <= passed <= 60,
        "updated_at is not the time of the update",
        expected="a second after created_at, or little more",
        got=f"{passed} s",
    )
    read(caller, made)
    later(caller)
    same(read(caller, made)["updated_at"], read(caller, made)["updated_at"], "a read moves updated_at")
    hold(moment(read(caller, made)["updated_at"], "updated_at") == changed, "time alone moves updated_at", expected=str(changed))


# --- checkpoints ---------------------------------------------------------------------------------------------------------------


def _moving(caller: Caller) -> dict[str, Any]:
    """Read a parcel that is under way: one whose clock is moved, else the scene's. Raises CannotTell."""
    if caller.control is not None:
        made = create(caller)
        for _ in range(STEPS):
            found = read(caller, made)
            if len(found["origin_info"]["trackinfo"] or ()) > 1:
                return found
            forward(caller, STEP_S)
    if (there := _in_the_scene(caller)) is None:
        raise CannotTell("there is no parcel with checkpoints; the scene may name one as moving")
    return there


def _in_the_scene(caller: Caller) -> dict[str, Any] | None:
    """Read the scene's parcel; None where it has no checkpoints."""
    outcome = caller.call("getTracking", params=caller.scene["moving"])
    there = outcome.accepted and len(outcome.at("/data/0/origin_info/trackinfo") or ()) > 1
    return dict(outcome.at("/data/0")) if there else None


def _local(text: Any) -> datetime:
    """Read a local time without a zone. Raises Broken for a day that no calendar has."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - it is local, of a place that is not told
    except (ValueError, TypeError):
        raise Broken("a local time is no real one", "YYYY-MM-DD HH:MM", text) from None


@promise("getTracking", where=f"{SCHEMAS}/CarrierInfoMembers/properties/trackinfo", source=NODE_CLIENT)
def no_checkpoints_are_null(caller: Caller) -> None:
    """`trackinfo` is null, not empty, where nothing happened yet; then the last event and its time are empty."""
    found = read(caller, create(caller))
    hold(found["origin_info"]["trackinfo"] != [], "trackinfo is an empty array", expected=None, got=[])
    if found["origin_info"]["trackinfo"] is None:
        members(found, {"lastEvent": "", "lastUpdateTime": ""}, "a parcel without checkpoints")


@promise("getTracking", where=f"{SCHEMAS}/CarrierInfo", source=NODE_CLIENT)
def without_a_second_carrier_all_is_null(caller: Caller) -> None:
    """Where the second carrier has no code, all of `destination_info` is null."""
    second = read(caller, create(caller))["destination_info"]
    if second["carrier_code"] is None:
        same(second, dict.fromkeys(second), "destination_info tells of a carrier that is none")


@promise("getTracking", where=f"{SCHEMAS}/CarrierInfoMembers/properties/trackinfo", source=NODE_CLIENT)
def checkpoints_have_the_newest_first(caller: Caller) -> None:
    """Checkpoints have real dates, the newest first."""
    dates = [_local(point["Date"]) for point in _moving(caller)["origin_info"]["trackinfo"]]
    texts = [str(date) for date in dates]
    same(texts, [str(date) for date in sorted(dates, reverse=True)], "checkpoints are not newest first")


@promise("getTracking", where=f"{SCHEMAS}/Tracking/properties/lastEvent", source=NODE_CLIENT)
def the_last_event_is_the_newest_checkpoint(caller: Caller) -> None:
    """`lastUpdateTime` and `lastEvent` tell time, text and place of the newest checkpoint."""
    found = _moving(caller)
    newest = found["origin_info"]["trackinfo"][0]
    same(found["lastUpdateTime"], newest["Date"], "lastUpdateTime is not that of the newest checkpoint")
    expected = ",".join((newest["StatusDescription"], newest["Details"], newest["Date"]))
    same(found["lastEvent"], expected, "lastEvent is not the newest checkpoint")


@promise("getTracking", where=f"{SCHEMAS}/OriginInfo", source=NODE_CLIENT)
def a_milestone_has_the_time_of_its_checkpoint(caller: Caller) -> None:
    """A checkpoint that names a milestone has the time that the milestone has."""
    origin = _moving(caller)["origin_info"]
    for point in origin["trackinfo"]:
        if point.get("ItemNode") in NODES:
            same(origin[point["ItemNode"]], point["Date"], f"{point['ItemNode']} is not the time of its checkpoint")


@promise("getTracking", where=f"{SCHEMAS}/OriginInfo", inferred=True)
def a_milestone_has_a_checkpoint(caller: Caller) -> None:
    """A milestone that was reached has a checkpoint of its time: what happened is not forgotten."""
    origin = (_in_the_scene(caller) or _moving(caller))["origin_info"]
    reached = {node: origin[node] for node in NODES if origin[node] is not None}
    if not reached:
        raise CannotTell("the parcel has reached no milestone")
    dates = {point["Date"] for point in origin["trackinfo"]}
    lost = {node: time for node, time in reached.items() if time not in dates}
    hold(not lost, "a milestone has no checkpoint", expected=reached, got=sorted(dates))


@promise("getTracking", where=f"{SCHEMAS}/OriginInfo", source=NODE_CLIENT)
def the_first_carrier_is_that_of_the_tracking(caller: Caller) -> None:
    """`origin_info` tells of the carrier that the tracking was created with."""
    for code in (caller.scene["carrier_code"], caller.scene["other_carrier_code"]):
        found = read(caller, create(caller, carrier_code=code))
        told = found["origin_info"]["carrier_code"]
        hold(told in (code, None), "origin_info tells of another carrier", expected=code, got=told)


# --- the journey, where the target has a clock -----------------------------------------------------------------------------------


def _journey(caller: Caller) -> Iterator[dict[str, Any]]:
    """Read a new tracking again and again while time passes. Raises CannotTell where no clock can be moved."""
    made = create(caller)
    for _ in range(STEPS):
        yield read(caller, made)
        forward(caller, STEP_S)


def _points(tracking: dict[str, Any]) -> list[dict[str, Any]]:
    return list(tracking["origin_info"]["trackinfo"] or ())


@promise("getTracking", where=READ, source=INDEX)
def checkpoints_are_added_and_never_changed(caller: Caller) -> None:
    """As time passes checkpoints come on top; those that were told stay as they were."""
    before: list[dict[str, Any]] = []
    for found in _journey(caller):
        now = _points(found)
        hold(len(now) >= len(before), "a checkpoint is gone", expected=before, got=now)
        same(now[len(now) - len(before) :], before, "a checkpoint that was told has changed")
        before = now
    if not before:
        raise CannotTell("in twelve days the parcel has no checkpoint")


@promise("getTracking", where=f"{SCHEMAS}/OriginInfo", source=NODE_CLIENT)
def a_milestone_that_was_reached_stays(caller: Caller) -> None:
    """The time of a milestone, once told, never changes."""
    reached: dict[str, Any] = {}
    for found in _journey(caller):
        members(found["origin_info"], reached, "origin_info")
        reached |= {node: found["origin_info"][node] for node in NODES if found["origin_info"][node] is not None}
    if not reached:
        raise CannotTell("in twelve days the parcel has reached no milestone")


@promise("getTracking", where=f"{SCHEMAS}/Status", source=INDEX)
def what_is_delivered_stays_delivered(caller: Caller) -> None:
    """A parcel that was delivered is not under way again."""
    delivered = False
    for found in _journey(caller):
        hold(
            not delivered or found["status"] == "delivered",
            "a delivered parcel is not delivered",
            expected="delivered",
            got=found["status"],
        )
        delivered = delivered or found["status"] == "delivered"
    if not delivered:
        raise CannotTell("in twelve days the parcel is not delivered")


@promise("getTracking", where=f"{SCHEMAS}/Status", source=INDEX)
def status_and_newest_checkpoint_agree(caller: Caller) -> None:
    """A parcel with checkpoints is neither pending nor unknown, and delivered when its newest checkpoint is."""
    for found in _journey(caller):
        points = _points(found)
        if points:
            hold(found["status"] not in ("pending", "notfound"), "a parcel with checkpoints counts as not found", got=found["status"])
            done = points[0]["checkpoint_status"] == "delivered"
            hold(
                done == (found["status"] == "delivered"),
                "status and newest checkpoint do not agree",
                expected=points[0],
                got=found["status"],
            )


@promise("getTracking", where=f"{SCHEMAS}/Tracking/properties/updated_at", source=LIST_PAGE)
def updated_at_only_moves_forward(caller: Caller) -> None:
    """`updated_at` never goes back, and moves when a checkpoint comes."""
    before: dict[str, Any] | None = None
    for found in _journey(caller):
        if before is not None:
            old, now = (moment(tracking["updated_at"], "updated_at") for tracking in (before, found))
            hold(now >= old, "updated_at goes back", expected=f"{old} or later", got=str(now))
            hold(now > old or len(_points(found)) == len(_points(before)), "a new checkpoint does not move updated_at", got=str(now))
        before = found


@promise("updateTracking", "getTracking", where=f"{SCHEMAS}/TrackingChange/properties/status", source=UPDATE_PAGE)
def an_overruled_status_stays_while_the_parcel_moves(caller: Caller) -> None:
    """A status that a caller set is told until it is taken back; then it is what the carrier says by then."""
    made, twin = create(caller), create(caller)
    update(caller, made, {"status": 7})
    for _ in range(STEPS):
        same(read(caller, made)["status"], "exception", "time undoes what a caller decided")
        forward(caller, STEP_S)
    update(caller, made, {"status": 8})
    if (status := read(caller, twin)["status"]) == "delivered":
        same(read(caller, made)["status"], status, "8 does not give the status that the carrier tells by now")


@promise("listTrackings", "getTracking", where=f"{SCHEMAS}/Status", source=LIST_PAGE)
def the_status_filter_follows_the_parcel(caller: Caller) -> None:
    """Whatever status a parcel has, the filter for it has the parcel and the others do not."""
    made = create(caller)
    words = caller.spec.tree["components"]["schemas"]["Status"]["enum"]
    seen: set[str] = set()
    for _ in range(STEPS):
        status = read(caller, made)["status"]
        if status not in seen:
            fits = [word for word in words if listed(caller, numbers=made["tracking_number"], status=word)]
            same(fits, [status], "the filter finds the parcel under another status than a read tells")
        seen.add(status)
        forward(caller, STEP_S)
    members(read(caller, made), key(made), "the tracking")


PROMISES: tuple[Promise, ...] = (
    created_at_never_moves,
    times_are_in_order,
    an_update_moves_updated_at,
    no_checkpoints_are_null,
    without_a_second_carrier_all_is_null,
    checkpoints_have_the_newest_first,
    the_last_event_is_the_newest_checkpoint,
    a_milestone_has_the_time_of_its_checkpoint,
    a_milestone_has_a_checkpoint,
    the_first_carrier_is_that_of_the_tracking,
    checkpoints_are_added_and_never_changed,
    a_milestone_that_was_reached_stays,
    what_is_delivered_stays_delivered,
    status_and_newest_checkpoint_agree,
    updated_at_only_moves_forward,
    an_overruled_status_stays_while_the_parcel_moves,
    the_status_filter_follows_the_parcel,
)
