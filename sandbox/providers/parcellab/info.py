"""The status of an order as its recipient may see it: how it is named, proven and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.errors import Refused
from sandbox.exchange import Call
from sandbox.providers.parcellab import orders, stories
from sandbox.workspace import World

WAYS = ("order_number", "external_order_id", "external_reference", "tracking_number", "customer_number")
MEMBERS = (
    "order_number client_key external_reference order_status order_date delivery_method destination_country_iso3 language_iso2"
    " recipient_name recipient_email customer_number cancelled_date cancelled_reason"
).split()
MASKS = {"recipient_name": "<name>", "recipient_email": "<email>"}


def named(call: Call) -> dict[str, Any]:
    """Find the order that the parameters name, the newest of several. Raises Refused when there is none, or no proof."""
    way = _way(call.params)
    found = (record for record in _candidates(call.world, way, call.params) if _fits(record, call))
    record = next(found, None)
    if record is None or not _proven(record, call.params):
        raise Refused("unknown-info")
    return record


def _way(params: Mapping[str, Any]) -> str:
    """Tell in which of the six ways the parameters name an order. Raises Refused when in none, or in several."""
    ways = [name for name in WAYS if name in params] or [name for name in ("recipient_email",) if name in params]
    by_parcel = ways == ["tracking_number"]
    if len(ways) != 1 or by_parcel != ("courier" in params) or not (by_parcel or "account" in params):
        raise Refused("info-modes")
    return ways[0]


def _candidates(world: World, way: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the orders that one parameter names, in any account, the newest first."""
    match way:
        case "order_number":
            found = [orders.by_number(world, params["account"], params[way])]
        case "external_reference":
            found = [orders.by_reference(world, params["account"], params[way])]
        case "external_order_id":
            found = [orders.by_id(world, params[way])]
        case "tracking_number":
            holders = orders.holders(world, params["courier"], params[way]).values()
            found = [orders.by_id(world, external_id) for external_id in holders]
            found.sort(key=lambda record: record["created_at"] if record else "", reverse=True)
        case _:
            everything = (record for _, record in world.values("orders", newest_first=True))
            yield from (record for record in everything if _same(way, record["members"].get(way), params[way]))
            return
    yield from (record for record in found if record is not None)


def _fits(record: Mapping[str, Any], call: Call) -> bool:
    """Tell whether an order is of the account and of the shop that the caller means, and the caller's to see."""
    account, params = record["members"]["account"], call.params
    shops = {params[name] for name in ("client", "client_key") if params.get(name)}
    return (
        params.get("account", account) == account
        and call.account.number in (None, account)
        and shops <= {record["members"].get("client_key")}
    )


def _proven(record: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Tell whether the e-mail address and the postal code that come beside a way are the order's."""
    members = record["members"]
    if "recipient_email" in params and not _same("recipient_email", members.get("recipient_email"), params["recipient_email"]):
        return False
    codes = {(members.get("shipping_address") or {}).get("postal_code"), *(t.get("recipient_postal_code") for t in record["trackings"])}
    given = {_plain(params[name]) for name in ("postal_code", "recipient_postal_code") if params.get(name)}
    return given <= {_plain(code) for code in codes if code}


def _same(name: str, kept: str | None, given: str) -> bool:
    """Compare a member with a parameter; only e-mail addresses are the same in any letter case."""
    return kept is not None and (kept.casefold() == given.casefold() if name == "recipient_email" else kept == given)


def _plain(postal_code: str) -> str:
    return "".join(postal_code.split()).casefold()


# --- the answer --------------------------------------------------------------------------------------------------------------


def shown(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    """Show an order with its parcels, names and addresses masked."""
    members = {**orders.EMPTY, **record["members"]}
    visible = {name: MASKS.get(name, members[name]) if members[name] else members[name] for name in MEMBERS}
    return {
        "account": members["account"],
        "external_id": record["external_id"],
        **visible,
        "additional_attributes": {item["key"]: item.get("value") for item in members["additional_attributes"]},
        "trackings": [_tracking(call.world, record, tracking) for tracking in record["trackings"] if _is_wanted(tracking, call.params)],
    }


def _is_wanted(tracking: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Tell whether a parcel is shown; one that comes back only to somebody who asks for it or for those."""
    asked = orders.parcel_key(tracking["courier"], tracking["tracking_number"]) == orders.parcel_key(
        params.get("courier", ""), params.get("tracking_number", "")
    )
    if params["single_tracking"] and "tracking_number" in params:
        return asked
    return asked or params["show_returns"] or not tracking.get("is_return")


def _tracking(world: World, record: Mapping[str, Any], tracking: Mapping[str, Any]) -> dict[str, Any]:
    story = stories.story(world, record, tracking)
    return {
        "tracking_number": tracking["tracking_number"],
        "courier_info": {"courier": tracking["courier"], "name": _courier_name(world, tracking["courier"])},
        "checkpoints": [point.shown() for point in story],
        "reporting_info": {"contacted_with_messages": stories.contacted(world, record, tracking)},
        "is_delayed": any(point.status == "WarehouseDelay" for point in story),
        "delivery_location_type": stories.handed_over(story),
        "is_return": bool(tracking.get("is_return")),
        "cancelled_date": tracking.get("cancelled_date"),
        "articles": tracking.get("articles", []),
    }


def _courier_name(world: World, code: str) -> str:
    return next((courier["name"] for courier in world.scene["couriers"] if courier["courier"] == code), code)
