"""Promises of Delivery Solutions: what an update changes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller
from contracts.causes import refused
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import TEXTS, members, taken, turned_down, without
from contracts.providers.delivery_solutions.trackers import (
    ADDRESS,
    CONTACT,
    FILE,
    LEFT_OUT,
    SCHEMAS,
    UPDATE,
    WINDOW,
    create,
    dispatched,
    found,
    lasting,
    update,
    waiting,
)

CHANGES: Mapping[str, Any] = {
    "orderAttributes": {"gift": False, "floor": 3},
    "orderValue": 12.34,
    "pickupTime": {"startsAt": 1649253600001, "endsAt": None},
    "deliveryTime": {"startsAt": None, "endsAt": 1649268000001},
    "deliveryContact": {"name": "Noa Lind", "phone": "+12025550190"},
    "pickupInstructions": "now at the gate",
    "deliveryInstructions": "now with the neighbour",
}


def _full(caller: Caller) -> dict[str, Any]:
    """Make a tracker with every member that an update can change, and read it."""
    sent = dispatched(
        caller,
        groupId=caller.unique("basket-"),
        orderAttributes={"gift": True, "channel": "web"},
        orderValue=100,
        pickupTime=dict(WINDOW),
        deliveryTime=dict(WINDOW),
        deliveryContact=dict(CONTACT),
        pickupInstructions="at the side door",
        deliveryInstructions="at the door",
        packages=[{"name": "box", "quantity": 1, "itemQuantity": 1}],
    )
    create(caller, sent)
    return found(caller, sent["trackerExternalId"])


@promise("updateTracker", where=f"{UPDATE}/responses/201", source=FILE)
def an_update_answers_201(caller: Caller) -> None:
    """An update answers 201 and not 200, each time."""
    ident = create(caller, waiting(caller)).at("/id")
    for value in (1, 2):
        outcome = update(caller, ident, {"orderValue": value})
        same(outcome.status, 201, "an update has another status than 201", outcome)


@promise("updateTracker", "listTrackers", where=UPDATE, source=FILE)
def an_update_changes_what_it_names(caller: Caller) -> None:
    """Each member that an update can change reads as it was sent, in the answer and in a list."""
    before = _full(caller)
    for name, value in {**CHANGES, "groupId": caller.unique("basket-")}.items():
        outcome = update(caller, before["id"], {name: value})
        members(outcome.body, {name: value}, "an updated tracker", outcome)
        members(found(caller, before["trackerExternalId"]), {name: value}, "an updated tracker, read back")


@promise("updateTracker", "listTrackers", where=UPDATE, source=FILE)
def several_members_change_at_once(caller: Caller) -> None:
    """An update of all members at once changes them all."""
    before = _full(caller)
    outcome = update(caller, before["id"], CHANGES)
    members(outcome.body, CHANGES, "an updated tracker", outcome)
    members(found(caller, before["trackerExternalId"]), CHANGES, "an updated tracker, read back")


@promise("updateTracker", "listTrackers", where=UPDATE, inferred=True)
def an_update_changes_nothing_else(caller: Caller) -> None:
    """Members that an update does not name stay as they are."""
    before = _full(caller)
    for name, value in CHANGES.items():
        update(caller, before["id"], {name: value})
        after = found(caller, before["trackerExternalId"])
        same(lasting(after, name), lasting(before, name), f"an update of {name} changed something else")
        before = after


@promise("updateTracker", "listTrackers", where=UPDATE, source=FILE)
def an_update_leaves_other_trackers_alone(caller: Caller) -> None:
    """An update of one tracker changes no other, not even one of the same group."""
    group = caller.unique("basket-")
    sent = [dispatched(caller, groupId=group, orderValue=value) for value in (1, 2, 3)]
    idents = [create(caller, body).at("/id") for body in sent]
    before = [lasting(found(caller, body["trackerExternalId"])) for body in sent]
    update(caller, idents[1], CHANGES)
    for index in (0, 2):
        same(lasting(found(caller, sent[index]["trackerExternalId"])), before[index], "an update changed another tracker")


@promise("updateTracker", where=UPDATE, inferred=True)
def an_update_replaces_a_member_as_a_whole(caller: Caller) -> None:
    """An object that is sent takes the place of the one before: nothing of the old one is mixed in."""
    before = _full(caller)
    change = {"orderAttributes": {"only": "this"}, "deliveryContact": {"name": "Noa Lind", "phone": "+12025550190"}}
    halves = {"pickupTime": {"endsAt": 1649268000002}, "deliveryTime": {"startsAt": 1649253600002}}
    expected = {
        **change,
        "pickupTime": {"startsAt": None, "endsAt": 1649268000002},
        "deliveryTime": {"startsAt": 1649253600002, "endsAt": None},
    }
    outcome = update(caller, before["id"], {**change, **halves})
    members(outcome.body, expected, "an updated tracker", outcome)
    members(found(caller, before["trackerExternalId"]), expected, "an updated tracker, read back")


@promise("updateTracker", where=f"{SCHEMAS}/TrackerChange/properties/deliveryTime", source=FILE)
def a_window_can_be_taken_back(caller: Caller) -> None:
    """A window that is set to null is null; half a window has null for its other end."""
    before = _full(caller)
    for change, expected in (
        ({"deliveryTime": None, "pickupTime": None}, {"deliveryTime": None, "pickupTime": None}),
        ({"pickupTime": {"startsAt": 5}}, {"pickupTime": {"startsAt": 5, "endsAt": None}, "deliveryTime": None}),
    ):
        outcome = update(caller, before["id"], change)
        members(outcome.body, expected, "an updated tracker", outcome)


@promise("updateTracker", "listTrackers", where=UPDATE, inferred=True)
def half_a_window_replaces_a_whole_one(caller: Caller) -> None:
    """A window that is sent with one end takes the place of the one before: the other end is open and not what it was."""
    before = _full(caller)
    halves: tuple[dict[str, Any], ...] = ({"startsAt": 5}, {"endsAt": 5})
    for half in halves:
        whole = {"startsAt": None, "endsAt": None, **half}
        outcome = update(caller, before["id"], {"pickupTime": half, "deliveryTime": half})
        members(outcome.body, {"pickupTime": whole, "deliveryTime": whole}, "an updated tracker", outcome)
        update(caller, before["id"], {"pickupTime": dict(WINDOW), "deliveryTime": dict(WINDOW)})


@promise("updateTracker", where=f"{UPDATE}/requestBody", source=FILE)
def texts_of_an_update_come_back(caller: Caller) -> None:
    """A text that an update brings comes back letter by letter."""
    sent = waiting(caller)
    ident = create(caller, sent).at("/id")
    for text in TEXTS:
        change = {"deliveryInstructions": text, "groupId": text, "deliveryContact": {"name": text, "phone": "0"}}
        outcome = update(caller, ident, change)
        members(outcome.body, change, "an updated tracker", outcome)
        members(found(caller, sent["trackerExternalId"]), change, "an updated tracker, read back")


@promise("updateTracker", "listTrackers", where=f"{UPDATE}/requestBody", source=FILE)
def an_update_of_nothing_changes_nothing(caller: Caller) -> None:
    """An update without a body, or with an empty one, succeeds and changes nothing."""
    before = _full(caller)
    params = {"tracker_id": before["id"]}
    for outcome in (caller.call("updateTracker", params=params), caller.call("updateTracker", {}, params=params)):
        taken(outcome, "an update of nothing")
        same(lasting(found(caller, before["trackerExternalId"])), lasting(before), "an update of nothing changed something", outcome)


@promise("updateTracker", "listTrackers", where=UPDATE, source=FILE)
def what_was_created_stays(caller: Caller) -> None:
    """Type, external id, address, packages, barcodes and pickup are ignored by an update, not refused and not changed."""
    before = _full(caller)
    change = {
        "type": "pickup",
        "trackerExternalId": caller.unique("other-"),
        "deliveryAddress": {**ADDRESS, "city": "Dallas"},
        "packages": [],
        "barcodes": ["1"],
        "pickup": {"name": "elsewhere"},
    }
    outcome = update(caller, before["id"], change)
    same(lasting(outcome.body), lasting(before), "an update changed what stays as it was created", outcome)
    same(lasting(found(caller, before["trackerExternalId"])), lasting(before), "an update changed what stays as it was created")


@promise("updateTracker", "listTrackers", where=UPDATE, inferred=True)
def the_same_update_twice_is_the_same_as_once(caller: Caller) -> None:
    """An update that is sent again changes nothing more and makes nothing new."""
    before = _full(caller)
    first = update(caller, before["id"], CHANGES)
    second = update(caller, before["id"], CHANGES)
    same(lasting(second.body), lasting(first.body), "the same update again is answered otherwise", second)
    same(lasting(found(caller, before["trackerExternalId"])), lasting(first.body), "the same update again changed something", second)


@promise("updateTracker", "listTrackers", where=UPDATE, source=FILE)
def an_id_never_changes(caller: Caller) -> None:
    """The id of a tracker is the same in every answer."""
    sent = waiting(caller)
    ident = create(caller, sent).at("/id")
    answers = [update(caller, ident, {"orderValue": value}).at("/id") for value in (1, 2)]
    same([*answers, found(caller, sent["trackerExternalId"])["id"]], [ident] * 3, "the id of a tracker changed")


@promise("updateTracker", where="/components/parameters/tracker_id", inferred=True)
def a_tracker_answers_to_both_its_names(caller: Caller) -> None:
    """A tracker is updated by its id and by its external id."""
    sent = waiting(caller)
    ident = create(caller, sent).at("/id")
    for value, name in enumerate((ident, sent["trackerExternalId"])):
        outcome = update(caller, name, {"orderValue": value})
        members(outcome.body, {"id": ident, "orderValue": value}, "a tracker that was updated", outcome)


# --- dispatch ----------------------------------------------------------------------------------------------------------------


@promise("createTracker", "updateTracker", "listTrackers", where=UPDATE, source=FILE)
def provider_and_number_dispatch_a_waiting_tracker(caller: Caller) -> None:
    """An update with provider and number moves a waiting tracker to ORDER_DISPATCHED, with a provider and a link."""
    sent = waiting(caller)
    ident, number = create(caller, sent).at("/id"), caller.unique("del_")
    outcome = update(caller, ident, {"provider": caller.scene["provider"], "trackingId": number})
    members(outcome.body, {"status": "ORDER_DISPATCHED", "trackingId": number}, "a dispatched tracker", outcome)
    members(outcome.at("/provider"), {"name": caller.scene["provider"]}, "its provider", outcome)
    hold(outcome.at("/referenceLinks/trackingUrl"), "a dispatched tracker has no link", expected="an address", outcome=outcome)
    members(found(caller, sent["trackerExternalId"]), {"trackingId": number, "id": ident}, "a dispatched tracker, read back")


@promise("updateTracker", "listTrackers", where=f"{UPDATE}/x-causes/missing-data", inferred=True)
def provider_and_number_need_each_other(caller: Caller) -> None:
    """An update that would leave a tracker with a provider and no number, or the reverse, is refused as missing data."""
    sent = waiting(caller)
    ident = create(caller, sent).at("/id")
    for change in ({"provider": caller.scene["provider"]}, {"trackingId": caller.unique("del_")}):
        outcome = caller.call("updateTracker", change, params={"tracker_id": ident})
        refused(caller.spec, turned_down(outcome, "one without the other"), "missing-data")
        after = found(caller, sent["trackerExternalId"])
        members(after, {"provider": None, "trackingId": None, "status": "PENDING_DISPATCH"}, "a tracker that waits", outcome)


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/NewTracker/dependentRequired", inferred=True)
def a_new_tracker_has_both_or_neither(caller: Caller) -> None:
    """A create with a provider and no number, or the reverse, is refused as missing data."""
    for left_out in ("provider", "trackingId"):
        sent = dispatched(caller, **{left_out: LEFT_OUT})
        outcome = turned_down(caller.call("createTracker", sent), f"a tracker without {left_out}")
        refused(caller.spec, outcome, "missing-data")


@promise("updateTracker", "listTrackers", where=UPDATE, source=FILE)
def another_provider_takes_over(caller: Caller) -> None:
    """An update with another provider and number shows these and keeps the rest."""
    before = _full(caller)
    change = {"provider": caller.scene["other_provider"], "trackingId": caller.unique("del_")}
    outcome = update(caller, before["id"], change)
    members(outcome.body, {"trackingId": change["trackingId"]}, "a tracker with another number", outcome)
    members(outcome.at("/provider"), {"name": change["provider"]}, "its provider", outcome)
    after = found(caller, before["trackerExternalId"])
    moved = ("provider", "trackingId", "referenceLinks")
    same(lasting(after, *moved), lasting(before, *moved), "another provider changed something else", outcome)


@promise("updateTracker", "listTrackers", where=f"{UPDATE}/requestBody", source=FILE)
def another_location_takes_over(caller: Caller) -> None:
    """An update with another location moves the pickup there and keeps where the order goes."""
    sent = waiting(caller, deliveryContact=dict(CONTACT))
    before = create(caller, sent)
    outcome = update(caller, before.at("/id"), {"locationExternalId": caller.scene["other_location"]})
    expected = {**without(sent, "locationExternalId"), "locationExternalId": caller.scene["other_location"]}
    members(outcome.body, expected, "a tracker at another location", outcome)
    hold(outcome.at("/pickupAddress") != before.at("/pickupAddress"), "the pickup did not move", got=outcome.at("/pickupAddress"))
    members(found(caller, sent["trackerExternalId"]), expected, "a tracker at another location, read back")


PROMISES: tuple[Promise, ...] = (
    an_update_answers_201,
    an_update_changes_what_it_names,
    several_members_change_at_once,
    an_update_changes_nothing_else,
    an_update_leaves_other_trackers_alone,
    an_update_replaces_a_member_as_a_whole,
    a_window_can_be_taken_back,
    half_a_window_replaces_a_whole_one,
    texts_of_an_update_come_back,
    an_update_of_nothing_changes_nothing,
    what_was_created_stays,
    the_same_update_twice_is_the_same_as_once,
    an_id_never_changes,
    a_tracker_answers_to_both_its_names,
    provider_and_number_dispatch_a_waiting_tracker,
    provider_and_number_need_each_other,
    a_new_tracker_has_both_or_neither,
    another_provider_takes_over,
    another_location_takes_over,
)
