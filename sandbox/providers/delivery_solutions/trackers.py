"""Trackers: what is kept of one, and how an answer tells it.

A tracker keeps its location and its provider as they were when they were chosen; what became of them later does not reach
back. What is kept of a request is what the document describes: answers are closed, so anything else is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.workspace import World

Shape = Mapping[str, Any]  # the known members; each with the shape of what it holds, or None for whatever it is
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _members(names: str, **inner: Shape) -> Shape:
    return {**dict.fromkeys(names.split()), **inner}


WINDOW = _members("startsAt endsAt")
SIZE = _members("height width length unit")
WEIGHT = _members("value unit")
ADDRESS = _members("street1 street2 apartmentNumber city state postalCode countryCode latitude longitude")
CONTACT = _members("name phone email")
CUSTOMER = _members("name phone email userExternalId")
ITEM = _members(
    "sku upc category quantity price salePrice image title description itemAttributes tags",
    size=SIZE,
    weight=WEIGHT,
)
PACKAGE = _members(
    "name description quantity itemQuantity temperatureControl content barcode",
    size=SIZE,
    weight=WEIGHT,
    itemList=ITEM,
)
CHANGE = _members(
    "trackingId groupId orderAttributes orderValue pickupInstructions deliveryInstructions locale createdDate",
    pickupTime=WINDOW,
    deliveryTime=WINDOW,
    deliveryContact=CUSTOMER,
    itemList=ITEM,
)
TRACKER = {**CHANGE, **_members("trackerExternalId type barcodes", deliveryAddress=ADDRESS, packages=PACKAGE)}
PROVIDER = _members("name serviceType displayName id serviceId")
WINDOWS = ("pickupTime", "deliveryTime")


def only(value: Any, shape: Shape | None) -> Any:
    """Keep of a value what a shape has, at every level; without a shape, all of it."""
    if shape is None or value is None:
        return value
    if isinstance(value, list):
        return [only(element, shape) for element in value]
    return {name: only(inner, shape[name]) for name, inner in value.items() if name in shape}


def kept(sent: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """Make what is kept of a request: what the shape has, with the documented defaults, and open ends of windows as null."""
    found: dict[str, Any] = only(sent, shape)
    for name in WINDOWS:
        if found.get(name) is not None:
            found[name] = _filled(found[name], startsAt=None, endsAt=None)
    if "deliveryAddress" in found:
        found["deliveryAddress"] = _filled(found["deliveryAddress"], countryCode="US")
    if "packages" in found:
        found["packages"] = [_filled(package, name="custom", quantity=1, itemQuantity=1) for package in found["packages"]]
    return found


def _filled(value: Mapping[str, Any], **defaults: Any) -> dict[str, Any]:
    return dict(value) | {name: default for name, default in defaults.items() if name not in value}


def made_location(world: World, pickup: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the location that a `pickup` makes, in the members of the scene's locations; `providers` serve it."""
    return {
        "locationExternalId": pickup.get("locationExternalId") or world.new_hex("location", 24),
        "brandExternalId": pickup.get("brandExternalId", world.scene["business"]["brandExternalId"]),
        "address": _filled(only(pickup["address"], ADDRESS), countryCode="US") if "address" in pickup else None,
        "contact": only(pickup.get("contact"), CONTACT),
        "pickupInstructions": pickup.get("pickupInstructions"),
        "timeZone": world.scene["business"]["timeZone"],
        "providers": [provider["name"] for provider in pickup.get("providers", ()) if provider.get("name")],
    }


def record(
    ident: str, sent: Mapping[str, Any], location: Mapping[str, Any], provider: Mapping[str, Any] | None, at: datetime
) -> dict[str, Any]:
    """Make what is kept of a new tracker. Times are in milliseconds since 1970.

    `linked` names the world that published its pages; what a scene or a snapshot brings is published when an account sees it.
    """
    own = kept(sent, TRACKER)
    if not own.get("trackerExternalId"):
        own["trackerExternalId"] = ident
    return {
        "id": ident,
        "created_ms": epoch_ms(at),
        "updated_ms": epoch_ms(at),
        "dispatched_ms": epoch_ms(at) if provider else None,
        "linked": "",
        "location": location,
        "provider": only(provider, PROVIDER),
        "sent": own,
    }


def told(
    world: World,
    tracker: Mapping[str, Any],
    status: str,
    estimate: Mapping[str, int | None],
    links: Mapping[str, str | None],
) -> dict[str, Any]:
    """Tell a tracker as every answer does; `estimate` is the window in which the provider expects to deliver."""
    sent, location, business = tracker["sent"], tracker["location"], world.scene["business"]
    return {
        "locationExternalId": location["locationExternalId"],
        "trackingId": sent.get("trackingId"),
        "brandExternalId": location["brandExternalId"],
        "orderExternalId": sent["trackerExternalId"],
        "packages": sent.get("packages", []),
        "type": sent.get("type", "shipping"),
        "orderAttributes": sent.get("orderAttributes", {}),
        "orderValue": sent.get("orderValue"),
        "status": status,
        **{name: sent.get(name) for name in WINDOWS},
        "estimatedPickupTime": {"startsAt": None},
        "estimatedDeliveryTime": estimate,
        "tips": None,
        "lastLocation": None,
        "driver": None,
        "vehicle": None,
        "provider": tracker["provider"],
        "currencyCode": business["currencyCode"],
        "deliveryAddress": sent.get("deliveryAddress"),
        "deliveryContact": sent.get("deliveryContact"),
        "deliveryInstructions": sent.get("deliveryInstructions"),
        "pickupInstructions": sent.get("pickupInstructions", location["pickupInstructions"]),
        "groupId": sent.get("groupId"),
        "timeZone": location["timeZone"],
        "pickupContact": location["contact"],
        "pickupAddress": location["address"],
        "id": tracker["id"],
        "referenceLinks": links,
        "trackerExternalId": sent["trackerExternalId"],
        "source": business["source"],
    }


def epoch_ms(moment: datetime) -> int:
    """Count the whole milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
