"""How the promises make orders and find them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.promises import Broken, accepted
from contracts.proofs import members, taken, turned_down, without

FULL = "https://docs.parcellab.com/docs/developers/orders/full-order-api-spec"
PAGE = "https://docs.parcellab.com/docs/developers/v4/orders/trackings-orders"
CREATING = "https://docs.parcellab.com/docs/developers/orders/create-orders-trackings"
LIVE = "https://github.com/jamie1leesmith-lgtm/parcellab-claude-skills"
CLI = "https://pypi.org/project/parcellab-cli/"
STATUS = "https://docs.parcellab.com/docs/developers/status-updates/order-status"
EVENTS = "https://docs.parcellab.com/docs/developers/status-updates/send-shop-events"
ORDERS = "/paths/~1v4~1track~1orders~1"
PUT, POST, LIST = (f"{ORDERS}/{method}" for method in ("put", "post", "get"))
INFO = "/paths/~1v4~1track~1orders~1info~1/get"
GET = "/paths/~1v4~1track~1orders~1{id}~1/get"
EVENT = "/paths/~1v4~1track~1events~1/post"
SCHEMAS = "/components/schemas"
LEFT_OUT = object()
STAMPS = ("created_at", "updated_at")  # the service's own
OF_THE_CALL = "mutations"  # what became of the mutations is told by the answer to the call alone
ADDRESS: Mapping[str, Any] = {
    "first_name": "Anna",
    "last_name": "Schmidt",
    "address_line": "Beispielweg 12",
    "postal_code": "01067",
    "city": "Dresden",
    "country_iso3": "DEU",
}


def new(caller: Caller, **given: Any) -> dict[str, Any]:
    """Write the smallest new order; `LEFT_OUT` leaves a member out."""
    whole = {
        "account": caller.scene["account"],
        "order_number": caller.unique("ABC-"),
        "destination_country_iso3": "DEU",
        "recipient_email": "anna.schmidt@example.com",
        **given,
    }
    return {name: value for name, value in whole.items() if value is not LEFT_OUT}


def put(caller: Caller, body: Mapping[str, Any], what: str = "an order") -> Outcome:
    """Put an order that the document allows. Raises Broken for a refusal."""
    return taken(caller.call("putOrder", body), what)


def made(caller: Caller, **given: Any) -> dict[str, Any]:
    """Make an order that is needed, and give it as its answer tells it. Raises CannotTell."""
    outcome = accepted(caller.call("putOrder", new(caller, **given)))
    if not isinstance(outcome.body, dict):
        raise Broken("a put is not answered with an order", {}, outcome.body, outcome)
    return without(outcome.body, OF_THE_CALL)


def named(order: Mapping[str, Any], **change: Any) -> dict[str, Any]:
    """Write a change of an order, which is named by account and number."""
    return {"account": order["account"], "order_number": order["order_number"], **change}


def read(caller: Caller, order: Mapping[str, Any]) -> dict[str, Any]:
    """Read an order that must be there, by its external id. Raises Broken."""
    outcome = taken(caller.call("getOrder", params={"id": order["external_id"]}), "reading an order that is there")
    if not isinstance(outcome.body, dict):
        raise Broken("a read is not answered with an order", {}, outcome.body, outcome)
    return outcome.body


def about(caller: Caller, order: Mapping[str, Any], **params: Any) -> Outcome:
    """Ask where an order's parcels are, by its number. Raises CannotTell for a refusal."""
    return accepted(caller.call("getOrderInfo", params={"account": order["account"], "order_number": order["order_number"], **params}))


def parcels(caller: Caller, order: Mapping[str, Any], **params: Any) -> list[dict[str, Any]]:
    """Tell the parcels of an order. Raises Broken where the answer has none of the form."""
    outcome = about(caller, order, **params)
    found = outcome.at("/trackings")
    if not isinstance(found, list):
        raise Broken("the status of an order has no trackings", [], found, outcome)
    return found


def pairs(caller: Caller, order: Mapping[str, Any], **params: Any) -> list[tuple[Any, Any]]:
    """Tell courier and number of an order's parcels, in their order."""
    return [(one.get("courier_info", {}).get("courier"), one.get("tracking_number")) for one in parcels(caller, order, **params)]


def echoes(caller: Caller, body: Mapping[str, Any], expected: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Hold that a put answers members as expected, and that a read tells them so too; gives what was read."""
    outcome = put(caller, body, what)
    members(outcome.body, expected, what, outcome)
    after = read(caller, outcome.body)
    members(after, expected, f"{what}, read back")
    return after


def absent(caller: Caller, body: Mapping[str, Any], why: str) -> None:
    """Hold that there is no order with the account and number of a body. Raises Broken."""
    params = {"account": caller.scene["account"], "order_number": body["order_number"]}
    outcome = caller.call("getOrderInfo", params=params)
    if outcome.accepted:
        raise Broken(f"{why} left an order behind", 404, outcome.status, outcome)
    if turned_down(outcome, "asking for what is not there").status != 404:
        raise Broken("what is not there is refused with another status", 404, outcome.status, outcome)


def parcel(caller: Caller, **given: Any) -> dict[str, Any]:
    """Write a parcel that nobody has."""
    return {"courier": caller.scene["courier"], "tracking_number": caller.unique("TB"), **given}


def adding(*trackings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write the mutations that add parcels."""
    return [{"type": "add_tracking", "tracking": dict(tracking)} for tracking in trackings]


def fields(outcome: Outcome) -> list[Any]:
    """Tell which places a refusal names, each once."""
    errors = outcome.at("/errors", [])
    found = [error.get("attr") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return list(dict.fromkeys(found))
