"""What happens to a parcel, in parcelLab's words: its journey, the events that somebody reported, and the e-mails about them.

An event adds a checkpoint. It overrules the journey's own when both tell the same of the same moment; and once somebody
reported a delivery, the journey has nothing to say about what came after, nor a delivery of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.outbox import Message
from sandbox.providers.parcellab import orders
from sandbox.timeline import Milestone, total
from sandbox.workspace import World

TEXTS: Mapping[str, str] = {
    "WarehousePending": "The warehouse has the order.",
    "WarehousePrepared": "The parcel is packed.",
    "WarehouseDelay": "The parcel leaves the warehouse later than planned.",
    "Loaded": "The parcel is loaded.",
    "InboundScan": "The courier has the parcel.",
    "InTransit": "The parcel is on its way.",
    "ExportHub": "The parcel leaves the country.",
    "ImportHub": "The parcel is in the country of destination.",
    "CustomsIn": "The parcel is with the customs.",
    "CustomsReleased": "The customs have released the parcel.",
    "Exception-AddressIssue": "The address is incomplete or wrong.",
    "Exception-CustomerRefusal": "The recipient does not want the parcel.",
    "Exception-Customs": "The customs hold the parcel.",
    "Exception-Damaged": "The parcel is damaged.",
    "Exception-DeliveryPayment": "The payment at the door is open.",
    "Exception-IdentFailed": "The recipient could not be identified.",
    "Exception-ItemMissing": "The parcel cannot be found.",
    "Exception-Notified": "The recipient was told of a problem.",
    "Exception-Strike": "A strike holds the parcel up.",
    "ScheduledDelivery ###": "The delivery is planned for ###.",
    "ScheduledTomorrow": "The delivery is planned for tomorrow.",
    "DestinationDeliveryCenter": "The parcel is in the delivery centre.",
    "OutForDelivery": "The parcel is in the van.",
    "FailedAttempt-NewAttemptNextDay": "Nobody was there; the courier comes again on the next day.",
    "FailedAttempt-NewAttemptToday": "Nobody was there; the courier comes again today.",
    "FailedAttempt-PickUpReady": "Nobody was there; the parcel waits to be fetched.",
    "FailedAttempt-Scheduled ###": "Nobody was there; the courier comes again on ###.",
    "PickupReady": "The parcel waits to be fetched.",
    "PickupReady, collect at ###": "The parcel waits to be fetched at ###.",
    "Delivered": "The parcel is delivered.",
    "Delivered-Doorstep": "The parcel lies at the doorstep.",
    "Delivered-HomeDeposit": "The parcel lies where the recipient wished it.",
    "Delivered-Neighbor": "A neighbour has the parcel.",
    "Delivered-Notified": "The parcel is delivered, and the recipient was told.",
    "Delivered-ParcelLocker": "The parcel is in a locker.",
    "Delivered-ParcelShop": "The parcel is in a parcel shop.",
    "Delivered-Postbox": "The parcel is in the letter box.",
    "ReturnToSender-Damaged": "The parcel is damaged and goes back.",
    "ReturnToSender-DeliveryPayment": "The parcel was not paid for and goes back.",
    "ReturnToSender-NotCollected": "The parcel was not collected and goes back.",
    "ReturnToSender-Recall": "The sender wants the parcel back.",
    "ReturnDroppedOff": "The recipient has handed the return in.",
    "ReturnInProcess": "The return is on its way.",
    "ReturnDelivered": "The parcel is back at the sender.",
    "ReturnRefunded": "The return is refunded.",
    "RMAProcessed": "The return is dealt with.",
}


@dataclass(frozen=True, slots=True)
class Word:
    """How a milestone is told. Without a status there is no checkpoint; without a text the status has its usual one."""

    status: str = ""
    text: str = ""


WORDS: Mapping[Milestone, Word] = total(
    {
        Milestone.ANNOUNCED: Word("WarehousePrepared"),
        Milestone.ACCEPTED: Word("InboundScan"),
        Milestone.DEPARTED: Word("InTransit", "The parcel has left the hub."),
        Milestone.ARRIVED: Word("InTransit", "The parcel is in a hub on its way."),
        Milestone.EXPORTED: Word("ExportHub"),
        Milestone.IMPORTED: Word("ImportHub"),
        Milestone.CUSTOMS_ENTERED: Word("CustomsIn"),
        Milestone.CUSTOMS_HELD: Word("Exception-Customs"),
        Milestone.CUSTOMS_RELEASED: Word("CustomsReleased"),
        Milestone.AT_DELIVERY_CENTRE: Word("DestinationDeliveryCenter"),
        Milestone.OUT_FOR_DELIVERY: Word("OutForDelivery"),
        Milestone.ATTEMPT_FAILED: Word("FailedAttempt-NewAttemptNextDay"),
        Milestone.READY_FOR_PICKUP: Word("PickupReady"),
        Milestone.DELIVERED: Word("Delivered"),
        Milestone.ADDRESS_PROBLEM: Word("Exception-AddressIssue"),
        Milestone.ADDRESS_CORRECTED: Word("InTransit", "The address is corrected, the parcel is on its way."),
        Milestone.SPLIT: Word("InTransit", "The rest travels in a second parcel."),
        Milestone.DAMAGED: Word("Exception-Damaged"),
        Milestone.LOST: Word("Exception-ItemMissing"),
        Milestone.EXPIRED: Word(),
        Milestone.RETURN_STARTED: Word("ReturnToSender-NotCollected"),
        Milestone.RETURNED: Word("ReturnDelivered"),
    }
)
SHOWN_AS = {"InTransit": "InboundScan"}  # seen live by a third party
PLACES = ("Doorstep", "HomeDeposit", "Neighbor", "ParcelLocker", "ParcelShop", "Postbox")
REFERENCES = ("external_reference", "delivery_number", "courier_reference_number")

# The e-mail about a status, by the word that the status begins with, and its text.
MAILS: Mapping[str, tuple[str, str]] = {
    "WarehouseDelay": ("delay_notice", "Your order {order} is delayed."),
    "InboundScan": ("shipping_confirmation", "Your order {order} is on its way: parcel {parcel}."),
    "OutForDelivery": ("out_for_delivery", "Your parcel {parcel} comes today."),
    "FailedAttempt": ("failed_attempt", "Your parcel {parcel} could not be handed over."),
    "PickupReady": ("pickup_ready", "Your parcel {parcel} waits to be fetched."),
    "Exception": ("delivery_problem", "There is a problem with your parcel {parcel}."),
    "Delivered": ("delivery_confirmation", "Your parcel {parcel} is delivered."),
    "ReturnToSender": ("return_notice", "Your parcel {parcel} goes back to the sender."),
}
CONFIRMATION = ("order_confirmation", "Thank you for your order {order}.")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One thing that happened. `at` is aware, `timestamp` the same as an answer has it."""

    status: str
    at: datetime
    timestamp: str
    text: str
    location: str | None

    @property
    def family(self) -> str:
        """The word that the status begins with."""
        return re.split("[-, ]", self.status, maxsplit=1)[0]

    def shown(self) -> dict[str, Any]:
        """Show it as the answer does."""
        return {"status_code": self.status, "timestamp": self.timestamp, "text": self.text, "location": self.location}


# --- checkpoints -------------------------------------------------------------------------------------------------------------


def story(world: World, record: Mapping[str, Any], tracking: Mapping[str, Any]) -> list[Checkpoint]:
    """Tell what is known about an order's parcel, the oldest first."""
    reported = [_reported(event) for event in _events(world, record, tracking)]
    taken = {(point.status, point.at) for point in reported}
    delivered_at = min((point.at for point in reported if point.family == "Delivered"), default=None)
    own = [
        point
        for point in _journey(world, tracking)
        if (point.status, point.at) not in taken and (delivered_at is None or (point.at <= delivered_at and point.family != "Delivered"))
    ]
    return sorted(own + reported, key=lambda point: point.at)


def handed_over(points: list[Checkpoint]) -> str | None:
    """Tell where a parcel was handed over: a place, `Unknown`, or None while it was not."""
    last = next((point for point in reversed(points) if point.family == "Delivered"), None)
    if last is None:
        return None
    place = last.status.partition("-")[2]
    return place if place in PLACES else "Unknown"


def _journey(world: World, tracking: Mapping[str, Any]) -> Iterator[Checkpoint]:
    for event in world.parcel(tracking["tracking_number"]).events(world.now):
        word = WORDS[event.milestone]
        if word.status:
            status, text = SHOWN_AS.get(word.status, word.status), word.text or TEXTS[word.status]
            yield Checkpoint(status, event.at, orders.iso(event.at), text, f"{event.place.city}, {event.place.country}")


def _reported(event: Mapping[str, Any]) -> Checkpoint:
    status = event["status"]
    text = event["details"] or TEXTS[status].replace("###", event["placeholder"] or "###")
    return Checkpoint(SHOWN_AS.get(status, status), orders.instant(event["at"]), event["at"], text, event["location"])


# --- events ------------------------------------------------------------------------------------------------------------------


def report(world: World, body: Mapping[str, Any], account: float | None) -> None:
    """Keep an event where its parcels will find it, even before there are any. One of an order is not kept."""
    where = _addressee(body)
    if where is None:
        return
    event = {
        "status": body["event_status"],
        "at": body.get("event_timestamp") or orders.iso(world.now),
        "details": body.get("event_details"),
        "location": body.get("location"),
        "placeholder": body.get("placeholder_value"),
        "account": account,
    }
    world.put("events", where, [*(world.get("events", where) or ()), event])


def _addressee(body: Mapping[str, Any]) -> str | None:
    """Tell what an event is about, a parcel before a reference; None for an order."""
    courier, number, reference = (body.get(name) for name in ("courier", "tracking_number", "reference_number"))
    if isinstance(courier, str) and isinstance(number, str):
        return orders.parcel_key(courier, number)
    if isinstance(reference, str) and "account" in body:
        return orders.key(reference)
    return None


def _events(world: World, record: Mapping[str, Any], tracking: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the events of a parcel and of whatever the shop refers to it by, in the order they came in."""
    members = record["members"]
    references = {members.get("external_reference"), *(tracking.get(name) for name in REFERENCES)} - {None, ""}
    places = [orders.parcel_key(tracking["courier"], tracking["tracking_number"])]
    places += [orders.key(reference) for reference in sorted(references)]
    for place in places:
        for event in world.get("events", place) or ():
            if event["account"] in (None, members["account"]):
                yield event


# --- e-mails -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail about a parcel: what kind it is, when it went out, and what it says."""

    name: str
    at: datetime
    text: str


def messages(world: World, record: Mapping[str, Any]) -> Iterator[Message]:
    """Tell the e-mails about an order and its parcels up to now; none without an address."""
    members = record["members"]
    to = members.get("recipient_email")
    if to:
        number = members["order_number"]
        yield Message(datetime.fromisoformat(record["created_at"]), "email", to, number, CONFIRMATION[1].format(order=number))
        for tracking in record["trackings"]:
            for mail in _mails(world, record, tracking):
                yield Message(mail.at, "email", to, tracking["tracking_number"], mail.text)


def contacted(world: World, record: Mapping[str, Any], tracking: Mapping[str, Any]) -> list[str]:
    """Name the e-mails that the recipient of a parcel got by now, that about the order included."""
    if not record["members"].get("recipient_email") or tracking.get("notifications_inactive"):
        return []
    return [CONFIRMATION[0], *(mail.name for mail in _mails(world, record, tracking))]


def _mails(world: World, record: Mapping[str, Any], tracking: Mapping[str, Any]) -> Iterator[Mail]:
    """Yield the e-mails about a parcel, each kind once; none about what is not due yet, nor after a cancellation."""
    if tracking.get("notifications_inactive"):
        return
    ends_at = orders.instant(tracking["cancelled_date"]) if tracking.get("cancelled_date") else None
    added_at = datetime.fromisoformat(tracking["added_at"])
    sent: set[str] = set()
    for point in story(world, record, tracking):
        name, text = MAILS.get(point.family, ("", ""))
        at = max(point.at, added_at)
        if name and name not in sent and at <= world.now and (ends_at is None or at < ends_at):
            sent.add(name)
            yield Mail(name, at, text.format(order=record["members"]["order_number"], parcel=tracking["tracking_number"]))
