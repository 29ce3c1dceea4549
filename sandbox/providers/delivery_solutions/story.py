"""How far an order is, told from its parcel's journey: the status, what the provider expects, what the customer reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.outbox import Message
from sandbox.providers.delivery_solutions.trackers import EPOCH, epoch_ms
from sandbox.timeline import Event, Milestone, total
from sandbox.workspace import World

WAITING = "PENDING_DISPATCH"
DISPATCHED = "ORDER_DISPATCHED"
TERMINAL = frozenset("ESTIMATES_FAILED ORDER_FAILED ORDER_DELIVERED ORDER_UNDELIVERABLE ERROR_EXCEPTION ORDER_CANCELLED".split())
ESTIMATED = timedelta(hours=1)  # before and after the moment of delivery; how exact real providers are is not published


@dataclass(frozen=True, slots=True)
class Word:
    """How a milestone is told: the status, a line for the tracking page, and how the order is since then.

    With `alert` the customer gets a message.
    """

    status: str
    line: str
    sentence: str
    alert: bool = False


WORDS: Mapping[Milestone, Word] = total(
    {
        Milestone.ANNOUNCED: Word(DISPATCHED, "Announced to the carrier", "will soon be with the carrier"),
        Milestone.ACCEPTED: Word("PICKUP_COMPLETED", "Picked up by the carrier", "was picked up by the carrier", alert=True),
        Milestone.DEPARTED: Word("IN_TRANSIT", "Left the depot", "is on its way"),
        Milestone.ARRIVED: Word("IN_TRANSIT", "Arrived at a depot", "is on its way"),
        Milestone.EXPORTED: Word("IN_TRANSIT", "Left the country of origin", "is on its way"),
        Milestone.IMPORTED: Word("IN_TRANSIT", "Arrived in the country of destination", "is on its way"),
        Milestone.CUSTOMS_ENTERED: Word("IN_TRANSIT", "Presented to customs", "is with customs"),
        Milestone.CUSTOMS_HELD: Word("ORDER_DELAYED", "Held by customs", "is held by customs", alert=True),
        Milestone.CUSTOMS_RELEASED: Word("IN_TRANSIT", "Released by customs", "is on its way"),
        Milestone.AT_DELIVERY_CENTRE: Word("IN_TRANSIT", "Arrived at the delivery depot", "is near you"),
        Milestone.OUT_FOR_DELIVERY: Word("OUT_FOR_DELIVERY", "Out for delivery", "is out for delivery", alert=True),
        Milestone.ATTEMPT_FAILED: Word("ORDER_REDELIVERY", "Could not be delivered", "could not be delivered and comes again", alert=True),
        Milestone.READY_FOR_PICKUP: Word("ORDER_AT_LOCATION", "Ready to be collected", "is ready to be collected", alert=True),
        Milestone.DELIVERED: Word("ORDER_DELIVERED", "Delivered", "was delivered", alert=True),
        Milestone.ADDRESS_PROBLEM: Word("ORDER_DELAYED", "The address is incomplete", "is delayed: the address is incomplete", alert=True),
        Milestone.ADDRESS_CORRECTED: Word("IN_TRANSIT", "The address was corrected", "is on its way again"),
        Milestone.SPLIT: Word("IN_TRANSIT", "Divided into two parcels", "is on its way in two parcels"),
        Milestone.DAMAGED: Word("ERROR_EXCEPTION", "Damaged on the way", "was damaged on the way", alert=True),
        Milestone.LOST: Word("ERROR_EXCEPTION", "Lost on the way", "was lost on the way", alert=True),
        Milestone.EXPIRED: Word("ERROR_EXCEPTION", "No news from the carrier", "has had no news from the carrier for long"),
        Milestone.RETURN_STARTED: Word(
            "ORDER_UNDELIVERABLE", "On the way back to the sender", "is on its way back to the sender", alert=True
        ),
        Milestone.RETURNED: Word("ORDER_UNDELIVERABLE", "Back with the sender", "is back with the sender"),
    }
)


def events_of(world: World, tracker: Mapping[str, Any]) -> tuple[Event, ...]:
    """Tell all that has happened to a tracker's parcel, oldest first; nothing before it is dispatched."""
    return world.parcel(tracker["sent"]["trackingId"]).events(world.now) if tracker["provider"] else ()


def status(tracker: Mapping[str, Any], events: tuple[Event, ...]) -> str:
    """Name the status; nothing follows a terminal one."""
    if not tracker["provider"]:
        return WAITING
    return next((WORDS[event.milestone].status for event in reversed(_counting(events))), DISPATCHED)


def changed_ms(tracker: Mapping[str, Any], events: tuple[Event, ...]) -> int:
    """Tell when a call or the provider's news changed a tracker last, in milliseconds since 1970."""
    return max([int(tracker["updated_ms"]), *(epoch_ms(event.at) for event in _counting(events))])


def estimate(world: World, tracker: Mapping[str, Any], events: tuple[Event, ...]) -> dict[str, int | None]:
    """Tell when the provider expects to deliver: nothing until it has the parcel, and nothing if it never will."""
    window = expected(world, tracker, events)
    return {"startsAt": None} if window is None else {"startsAt": epoch_ms(window[0]), "endsAt": epoch_ms(window[1])}


def expected(world: World, tracker: Mapping[str, Any], events: tuple[Event, ...]) -> tuple[datetime, datetime] | None:
    """Tell the window in which the provider expects to deliver, in the zone of the destination; None without one."""
    if all(event.milestone is Milestone.ANNOUNCED for event in events):
        return None
    parcel = world.parcel(tracker["sent"]["trackingId"])
    for step in parcel.journey.steps:
        if step.milestone is Milestone.DELIVERED:
            at = (parcel.began_at + timedelta(seconds=step.after_s)).astimezone(ZoneInfo(step.place.zone))
            return at - ESTIMATED, at + ESTIMATED
    return None


def alerts(world: World, tracker: Mapping[str, Any]) -> Iterator[Message]:
    """Tell the customer's messages by e-mail and text message; old news come when the order is dispatched."""
    contact = tracker["sent"].get("deliveryContact") or {}
    for event in _counting(events_of(world, tracker)):
        word = WORDS[event.milestone]
        at = max(event.at, (EPOCH + timedelta(milliseconds=tracker["dispatched_ms"])).astimezone(event.at.tzinfo))
        for channel, to in (("email", contact.get("email")), ("sms", contact.get("phone"))):
            if word.alert and to:
                text = f"Your order {tracker['sent']['trackerExternalId']} {word.sentence}."
                yield Message(at, channel, to, tracker["sent"]["trackingId"], text)


def _counting(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Cut off what happens after a terminal status."""
    for number, event in enumerate(events, 1):
        if WORDS[event.milestone].status in TERMINAL:
            return events[:number]
    return events
