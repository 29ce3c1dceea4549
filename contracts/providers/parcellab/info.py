"""Promises of parcelLab: the status of an order as its recipient may see it, and how an order is named for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller
from contracts.causes import refused
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import members, moment, taken, turned_down
from contracts.providers.parcellab.orders import (
    ADDRESS,
    INFO,
    LIVE,
    SCHEMAS,
    STATUS,
    about,
    adding,
    made,
    named,
    new,
    pairs,
    parcel,
    parcels,
    put,
)


def _known(caller: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make an order that can be named in all ways; gives it and its parcel."""
    tracking = parcel(caller)
    body = new(
        caller,
        recipient_email=f"{caller.unique('anna-')}@example.com",
        recipient_name="Anna Schmidt",
        external_reference=caller.unique("shop-"),
        customer_number=caller.unique("C-"),
        client_key=caller.unique("shop-"),
        shipping_address=dict(ADDRESS),
        mutations=adding(tracking),
    )
    order = put(caller, body).body
    return {**order, "recipient_email": body["recipient_email"]}, tracking


def _ways(order: Mapping[str, Any], tracking: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    account = {"account": order["account"]}
    return (
        {**account, "order_number": order["order_number"]},
        {**account, "external_order_id": order["external_id"]},
        {**account, "external_reference": order["external_reference"]},
        {"tracking_number": tracking["tracking_number"], "courier": tracking["courier"]},
        {**account, "tracking_number": tracking["tracking_number"], "courier": tracking["courier"]},
        {**account, "customer_number": order["customer_number"]},
        {**account, "recipient_email": order["recipient_email"]},
        {**account, "order_number": order["order_number"], "client": order["client_key"]},
    )


@promise("getOrderInfo", "putOrder", where=INFO, source=STATUS)
def an_order_is_named_in_six_ways(caller: Caller) -> None:
    """Each of the six ways to name an order finds it."""
    order, tracking = _known(caller)
    made(caller)
    for params in _ways(order, tracking):
        outcome = taken(caller.call("getOrderInfo", params=params), f"naming an order by {', '.join(params)}")
        members(outcome.body, {"order_number": order["order_number"]}, f"the order named by {', '.join(params)}", outcome)


@promise("getOrderInfo", "putOrder", where=f"{INFO}/x-causes/info-modes", source=LIVE)
def an_order_is_named_in_one_way_at_a_time(caller: Caller) -> None:
    """No way, half a way, or two at once are refused."""
    order, tracking = _known(caller)
    account, number = {"account": order["account"]}, {"order_number": order["order_number"]}
    for params in (
        {},
        account,
        number,
        {"tracking_number": tracking["tracking_number"]},
        {**account, "courier": tracking["courier"]},
        {**account, **number, "customer_number": order["customer_number"]},
        {**account, **number, "external_reference": order["external_reference"]},
        {**account, **number, **tracking},
    ):
        outcome = turned_down(caller.call("getOrderInfo", params=params), f"naming an order by {', '.join(params) or 'nothing'}")
        refused(caller.spec, outcome, "info-modes")


@promise("getOrderInfo", "putOrder", where=f"{INFO}/responses/404", source=STATUS)
def an_unknown_name_finds_nothing(caller: Caller) -> None:
    """A name that no order has is answered with 404, in each way."""
    order, tracking = _known(caller)
    nobody = {
        **{name: caller.unique("nobody-") for name in ("order_number", "external_reference", "customer_number", "client_key")},
        "account": order["account"],
        "external_id": "00000000-0000-4000-8000-000000000000",
        "recipient_email": f"{caller.unique('nobody-')}@example.com",
    }
    for params in _ways(nobody, {**tracking, "tracking_number": caller.unique("TB")}):
        same(turned_down(caller.call("getOrderInfo", params=params), "an unknown name").status, 404, "the status is another one")


@promise("getOrderInfo", "putOrder", where=INFO, inferred=True)
def a_second_proof_must_match(caller: Caller) -> None:
    """An e-mail address or a postal code beside a name must be the order's: right ones find it, wrong ones nothing."""
    order, _ = _known(caller)
    right = {"recipient_email": order["recipient_email"], "postal_code": ADDRESS["postal_code"]}
    about(caller, order, **right)
    for wrong in ({"recipient_email": "other@example.com"}, {"postal_code": "99999"}, {"client": caller.unique("shop-")}):
        params = {"account": order["account"], "order_number": order["order_number"], **right, **wrong}
        outcome = turned_down(caller.call("getOrderInfo", params=params), f"a wrong {next(iter(wrong))}")
        refused(caller.spec, outcome, "unknown-info")


@promise("getOrderInfo", "putOrder", where=f"{SCHEMAS}/OrderInfo", source=LIVE)
def who_gets_it_is_masked(caller: Caller) -> None:
    """Name and e-mail address of the recipient appear nowhere in the status of an order."""
    order, _ = _known(caller)
    outcome = about(caller, order)
    text = outcome.answer.body.decode("utf-8", "replace")
    for secret in (order["recipient_name"], order["recipient_email"], ADDRESS["address_line"]):
        hold(secret not in text, "the status of an order tells who gets it", expected="<name> and <email>", got=secret, outcome=outcome)


@promise("getOrderInfo", "putOrder", where=f"{SCHEMAS}/OrderInfo/properties/additional_attributes", source=LIVE)
def attributes_are_an_object_here(caller: Caller) -> None:
    """The attributes that an order has as a list are an object in its status, and its tags are not told."""
    order = made(caller, additional_attributes=[{"key": "gift", "value": True}, {"key": "ä", "value": [1]}], tags=["a"])
    outcome = about(caller, order)
    same(outcome.at("/additional_attributes"), {"gift": True, "ä": [1]}, "the attributes are not told by their keys", outcome)
    hold("tags" not in outcome.body, "the status of an order tells its tags", got=outcome.body, outcome=outcome)


@promise("getOrderInfo", "putOrder", where=f"{SCHEMAS}/OrderInfo", inferred=True)
def the_status_follows_the_order(caller: Caller) -> None:
    """The status of an order tells its members as the last put left them."""
    order = made(caller, order_status=caller.scene["order_status"], customer_number="1")
    for change in ({"customer_number": "0002"}, {"language_iso2": "fr"}, {"client_key": "shop"}, {"destination_country_iso3": "FRA"}):
        put(caller, named(order, **change))
        members(about(caller, order).body, {**change, "external_id": order["external_id"]}, "the status of an order")


@promise("getOrderInfo", "putOrder", where=f"{SCHEMAS}/TrackingInfo", source=STATUS)
def each_parcel_is_told_once(caller: Caller) -> None:
    """The parcels of an order are told once each, and none of another order."""
    sent = [parcel(caller) for _ in range(3)]
    order = put(caller, new(caller, mutations=adding(*sent))).body
    other = put(caller, new(caller, mutations=adding(parcel(caller)))).body
    expected = [(one["courier"], one["tracking_number"]) for one in sent]
    same(pairs(caller, order), expected, "the parcels of an order are not its own")
    same(len(pairs(caller, other)), 1, "the parcels of an order are not its own")


@promise("getOrderInfo", "putOrder", where=f"{SCHEMAS}/TrackingInfo/properties/checkpoints", inferred=True)
def checkpoints_are_real_and_in_order(caller: Caller) -> None:
    """The checkpoints of a parcel have real times, the oldest first."""
    order = put(caller, new(caller, mutations=adding(parcel(caller)))).body
    times = [moment(point.get("timestamp"), "the time of a checkpoint") for one in parcels(caller, order) for point in one["checkpoints"]]
    hold(times == sorted(times), "the checkpoints are not in order", got=[str(at) for at in times])


@promise("getOrderInfo", "putOrder", where="/components/parameters/show_returns", inferred=True)
def what_comes_back_is_told_on_request(caller: Caller) -> None:
    """A parcel that comes back is told to who asks for returns, and to no one else."""
    there, back = parcel(caller), parcel(caller, is_return=True)
    order = put(caller, new(caller, mutations=adding(there, back))).body
    numbers = [there["tracking_number"], back["tracking_number"]]
    for params, expected in (({}, numbers[:1]), ({"show_returns": False}, numbers[:1]), ({"show_returns": True}, numbers)):
        same([number for _, number in pairs(caller, order, **params)], expected, f"the parcels with {params} are others")


@promise("getOrderInfo", "putOrder", where="/components/parameters/single_tracking", inferred=True)
def one_parcel_is_told_alone(caller: Caller) -> None:
    """With `single_tracking` the parcel that was named is told and no other; without, all of the order."""
    first, second = parcel(caller), parcel(caller)
    put(caller, new(caller, mutations=adding(first, second)))
    for single, expected in ((True, [second]), (False, [first, second])):
        params = {"tracking_number": second["tracking_number"], "courier": second["courier"], "single_tracking": single}
        outcome = taken(caller.call("getOrderInfo", params=params), "naming an order by a parcel")
        got = [one.get("tracking_number") for one in outcome.at("/trackings", [])]
        same(got, [one["tracking_number"] for one in expected], "the parcels are others", outcome)


PROMISES: tuple[Promise, ...] = (
    an_order_is_named_in_six_ways,
    an_order_is_named_in_one_way_at_a_time,
    an_unknown_name_finds_nothing,
    a_second_proof_must_match,
    who_gets_it_is_masked,
    attributes_are_an_object_here,
    the_status_follows_the_order,
    each_parcel_is_told_once,
    checkpoints_are_real_and_in_order,
    what_comes_back_is_told_on_request,
    one_parcel_is_told_alone,
)
