"""Orders: what is kept of one, how one is found, how a body is merged into it, and how it is shown.

An order lives under its external id. Three further collections find that id by order number, by external reference and by
parcel. Keys that hold a caller's text are JSON, in which no two texts look alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sandbox import codec
from sandbox.exchange import Problem
from sandbox.workspace import World

# The members of an order as an answer lists them, with what they read until something is sent.
EMPTY: Mapping[str, Any] = {
    "account": None,
    "order_number": None,
    "external_reference": None,
    "client_key": "",
    "destination_country_iso3": None,
    "language_iso2": None,
    "shipping_address": None,
    "billing_address": None,
    "delivery_method": None,
    "recipient_email": None,
    "recipient_name": None,
    "recipient_phone": None,
    "customer_number": None,
    "invoice_number": None,
    "payment_method": None,
    "order_total_amount": None,
    "order_tax_amount": None,
    "order_net_amount": None,
    "order_discount_amount": None,
    "order_currency": None,
    "payment_details": None,
    "order_date": None,
    "channel": None,
    "announced_delivery_date": None,
    "announced_delivery_date_min": None,
    "announced_delivery_date_max": None,
    "timezone": None,
    "order_status": None,
    "has_multiple_shipments": False,
    "cancelled_date": None,
    "cancelled_reason": None,
    "tags": [],
    "articles_order": [],
    "additional_recipients": [],
    "additional_attributes": [],
}
AMOUNTS = ("order_total_amount", "order_tax_amount", "order_net_amount", "order_discount_amount")
ADDRESS = ("first_name last_name company_name address_line address_line_extra postal_code city country_iso3 region_code phone").split()


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """Show an order as the answers do, without its trackings."""
    return {
        "external_id": record["external_id"],
        **EMPTY,
        **record["members"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
    }


# --- finding -----------------------------------------------------------------------------------------------------------------


def by_id(world: World, external_id: str) -> dict[str, Any] | None:
    """Find an order by its external id, in any letter case."""
    record: dict[str, Any] | None = world.get("orders", external_id.lower())
    return record


def by_number(world: World, account: float, order_number: str) -> dict[str, Any] | None:
    """Find an order by its number, which is unique in the account."""
    return _indexed(world, "numbers", key(int(account), order_number))


def by_reference(world: World, account: float, reference: str) -> dict[str, Any] | None:
    """Find an order by the retailer's own reference, which is unique in the account."""
    return _indexed(world, "references", key(int(account), reference))


def holders(world: World, courier: str, number: str) -> dict[str, str]:
    """Tell who has a parcel: by the account's number, as text, the external id of one order."""
    found: dict[str, str] | None = world.get("parcels", parcel_key(courier, number))
    return found or {}


def named(world: World, body: Mapping[str, Any], account: float | None) -> dict[str, Any] | None:
    """Find the order that a body means: by its external id where there is one, else by its number in the account."""
    if "external_id" in body:
        record = by_id(world, body["external_id"])
        return record if record and account in (None, record["members"]["account"]) else None
    return None if account is None else by_number(world, account, body["order_number"])


def key(*parts: Any) -> str:
    """Write what finds a thing as one text."""
    return codec.dump(parts).decode()


def parcel_key(courier: str, number: str) -> str:
    """Write courier and number as one text; a number is the same in any letter case, as the parcel is."""
    return key(courier, number.upper())


def _indexed(world: World, collection: str, text: str) -> dict[str, Any] | None:
    external_id = world.get(collection, text)
    return None if external_id is None else by_id(world, external_id)


# --- changing ----------------------------------------------------------------------------------------------------------------


def blank(world: World, body: Mapping[str, Any]) -> dict[str, Any]:
    """Begin a new order, with the external id that the caller chose or one of ours."""
    external_id = body.get("external_id") or str(UUID(hex=world.new_hex("order", 32), version=4))
    return {"external_id": external_id, "created_at": iso(world.now), "updated_at": iso(world.now), "members": {}, "trackings": []}


def merged(record: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what was sent over what is there; lists replace lists. The record given stays as it is."""
    sent = {name: KEPT[name](value) if name in KEPT else value for name, value in body.items() if name in EMPTY}
    return {**record, "members": record["members"] | sent, "trackings": [*record["trackings"]]}


def from_scene(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """Make an order of the scene. Raises ValueError for one that could not have come in."""
    began_at = world.now + timedelta(seconds=given["began_s"])
    record = merged(blank(world, given), {**given, "order_date": iso(began_at)})
    for problem in problems(world, record, given, None):
        raise ValueError(f"order {given['order_number']!r}: {problem.message}")
    for tracking in given["trackings"]:
        added_at = iso(world.now + timedelta(seconds=tracking["began_s"]))
        record["trackings"].append({**tracking, "added_at": added_at})
    return record | {"created_at": iso(began_at), "updated_at": iso(began_at)}


def save(world: World, record: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """Keep an order, and find it from now on by what it is called now. One that has not changed keeps its date of change."""
    if before and codec.dump([before[part] for part in ("members", "trackings")]) != codec.dump(
        [record[part] for part in ("members", "trackings")]
    ):
        record["updated_at"] = iso(world.now)
    external_id, names, old_names = record["external_id"].lower(), _names(record), _names(before)
    for collection, text in old_names - names:
        world.delete(collection, text)
    for collection, text in sorted(names - old_names):
        world.put(collection, text, external_id)
    account = str(record["members"]["account"])
    for tracking in record["trackings"][len(before["trackings"]) if before else 0 :]:
        courier, number = tracking["courier"], tracking["tracking_number"]
        world.put("parcels", parcel_key(courier, number), holders(world, courier, number) | {account: external_id})
    world.put("orders", external_id, record)


def _names(record: Mapping[str, Any] | None) -> set[tuple[str, str]]:
    """Tell what finds an order beside its id: collection and key."""
    if record is None:
        return set()
    members = record["members"]
    names = {("numbers", key(members["account"], members["order_number"]))}
    if reference := members.get("external_reference"):
        names.add(("references", key(members["account"], reference)))
    return names


def _amount(value: Any) -> str | None:
    """Write an amount with two decimals, half a cent rounded up."""
    return None if value is None else f"{Decimal(str(value)).quantize(Decimal('0.01'), ROUND_HALF_UP):f}"


def _closed(*members: str) -> Callable[[Any], Any]:
    """Keep of an object, or of each in a list, what the document lists and nothing else."""

    def close(value: Any) -> Any:
        if isinstance(value, list):
            return [close(item) for item in value]
        return value and {member: inner for member, inner in value.items() if member in members}

    return close


# How a member that was sent is kept and echoed; all others are as they came.
KEPT: Mapping[str, Callable[[Any], Any]] = {
    "account": int,
    "client_key": lambda value: value or "",
    "recipient_email": lambda value: None if value == "_unset" else value,
    "shipping_address": _closed(*ADDRESS),
    "billing_address": _closed(*ADDRESS),
    "additional_recipients": _closed("role", "email"),
    "additional_attributes": _closed("key", "value"),
    **dict.fromkeys(AMOUNTS, _amount),
}


# --- rules that no schema states ---------------------------------------------------------------------------------------------------


def problems(world: World, record: Mapping[str, Any], body: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Tell what is wrong with the members that were sent; each problem's keyword is the name of its cause."""
    yield from _taken(world, record, body, before)
    yield from _repeated(body)
    yield from _not_set_up(world, record["members"]["account"], body)


def _taken(world: World, record: Mapping[str, Any], body: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Problem]:
    account = record["members"]["account"]
    finders = (("order_number", by_number), ("external_reference", by_reference))  # an empty reference is never kept in the index
    taken_by = {name: find(world, account, body[name]) for name, find in finders if name in body}
    if "external_id" in body:
        taken_by["external_id"] = by_id(world, body["external_id"])
    own = before["external_id"] if before else None
    for name, holder in taken_by.items():
        if holder is not None and holder["external_id"] != own:
            yield Problem(f"/{name}", "duplicate-order", f"There is an order with this {name} already.")


def _repeated(body: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, line in enumerate(body.get("articles_order", ())):
        if line["line_item_id"] in seen:
            place = f"/articles_order/{index}/line_item_id"
            yield Problem(place, "duplicate-line-item", "Another line item has this line_item_id.")
        seen.add(line["line_item_id"])


def _not_set_up(world: World, account: int, body: Mapping[str, Any]) -> Iterator[Problem]:
    scene = world.scene
    setup = next((one for one in scene["accounts"] if one["account"] == account), scene["other_accounts"])
    for name, known in (("delivery_method", setup["delivery_methods"]), ("order_status", setup["order_statuses"])):
        value = body.get(name)
        if value is not None and value not in known:
            yield Problem(f"/{name}", f"unknown-{name.replace('_', '-')}", f'The {name.replace("_", " ")} "{value}" is not set up.')


# --- times -------------------------------------------------------------------------------------------------------------------


def iso(moment: datetime) -> str:
    """Write a moment as the answers have it: in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """Read a date-time of RFC 3339, which allows what Python does not: small letters, leap seconds, the year 0."""
    try:
        return datetime.fromisoformat(re.sub(r":60(?=[.Z+-])", ":59", text.upper()))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
