"""Promises of Delivery Solutions about time: a parcel's way, and what a list shows of it. Most need a target with a clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from contracts.caller import Caller
from contracts.promises import CannotTell, Promise, hold, promise, same
from contracts.proofs import forward
from contracts.providers.delivery_solutions.trackers import FILE, LIST, SCHEMAS, create, dispatched, found, lasting, listed, waiting

HOUR_S = 3600
STEPS = 60  # of six hours: more than any parcel takes
TERMINAL = frozenset("ESTIMATES_FAILED ORDER_FAILED ORDER_DELIVERED ORDER_UNDELIVERABLE ERROR_EXCEPTION ORDER_CANCELLED".split())


def _way(caller: Caller, order: str) -> Iterator[str]:
    """Tell the statuses of a tracker while time passes, each for as long as it lasts once."""
    last = ""
    for _ in range(STEPS):
        status = found(caller, order)["status"]
        if status != last:
            yield status
        last = status
        forward(caller, 6 * HOUR_S)


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/Status", inferred=True)
def nothing_follows_a_last_status(caller: Caller) -> None:
    """A dispatched tracker moves on, and stays in the first terminal status that it reaches."""
    forward(caller, 0)
    sent = dispatched(caller)
    create(caller, sent)
    way = list(_way(caller, sent["trackerExternalId"]))
    hold(len(way) > 1, "a dispatched tracker never moves", expected="several statuses", got=way)
    hold(all(status not in TERMINAL for status in way[:-1]), "something follows a terminal status", got=way)
    hold("PENDING_DISPATCH" not in way, "a dispatched tracker waits again", got=way)


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/Status", inferred=True)
def what_is_over_stays_over(caller: Caller) -> None:
    """A tracker of a parcel that has arrived has the same terminal status whenever one looks."""
    sent = dispatched(caller, trackingId=caller.scene["delivered"])
    create(caller, sent)
    told = [found(caller, sent["trackerExternalId"])["status"] for _ in range(4)]
    after = list(itertools.dropwhile(lambda status: status not in TERMINAL, told))
    if not after:
        raise CannotTell(f"the parcel {caller.scene['delivered']!r} is not delivered; the scene may name one as delivered")
    same(after, [after[0]] * len(after), "something follows a terminal status")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/Status", source=FILE)
def a_tracker_that_waits_goes_nowhere(caller: Caller) -> None:
    """A tracker without a provider waits, however long."""
    forward(caller, 0)
    sent = waiting(caller)
    create(caller, sent)
    same(list(_way(caller, sent["trackerExternalId"])), ["PENDING_DISPATCH"], "a tracker without a provider moved")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerMembers", source=FILE)
def time_changes_nothing_that_was_sent(caller: Caller) -> None:
    """While a parcel travels, the tracker's own members stay as they were sent."""
    forward(caller, 0)
    sent = dispatched(caller, orderValue=5, deliveryInstructions="at the door")
    create(caller, sent)
    before = lasting(found(caller, sent["trackerExternalId"]))
    for _ in range(12):
        forward(caller, 12 * HOUR_S)
        same(lasting(found(caller, sent["trackerExternalId"])), before, "time changed what was sent")


@promise("createTracker", "listTrackers", where=LIST, source=FILE)
def the_list_without_filters_goes_back_one_day(caller: Caller) -> None:
    """A tracker is in the list without filters for 24 hours, and in one with its group for longer."""
    forward(caller, 0)
    sent = waiting(caller, groupId=caller.unique("basket-"))
    create(caller, sent)
    for hours, there in ((23, True), (2, False)):
        forward(caller, hours * HOUR_S)
        orders = [tracker["orderExternalId"] for tracker in listed(caller)]
        same(sent["trackerExternalId"] in orders, there, "the list without filters does not go back 24 hours")
    same(len(listed(caller, groupId=sent["groupId"])), 1, "a tracker is gone after a day")


@promise("createTracker", "updateTracker", "listTrackers", where=f"{SCHEMAS}/TrackerFilters/properties/lastUpdatedAt", inferred=True)
def an_update_is_a_change(caller: Caller) -> None:
    """An update moves the time of the last change and not that of the creation."""
    forward(caller, 0)
    sent = waiting(caller, groupId=caller.unique("basket-"))
    ident = create(caller, sent).at("/id")
    forward(caller, 40 * 24 * HOUR_S)
    same(listed(caller, groupId=sent["groupId"], lastUpdatedAt={}), [], "a tracker changed without a call")
    caller.call("updateTracker", {"orderValue": 1}, params={"tracker_id": ident})
    same(len(listed(caller, groupId=sent["groupId"], lastUpdatedAt={})), 1, "an update is no change")
    same(listed(caller, groupId=sent["groupId"], createdAt={}), [], "an update moved the time of the creation")


PROMISES: tuple[Promise, ...] = (
    nothing_follows_a_last_status,
    what_is_over_stays_over,
    a_tracker_that_waits_goes_nowhere,
    time_changes_nothing_that_was_sent,
    the_list_without_filters_goes_back_one_day,
    an_update_is_a_change,
)
