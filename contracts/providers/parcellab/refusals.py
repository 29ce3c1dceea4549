"""Promises of parcelLab: why a call is refused, in which of three shapes, what the refusal names, and that nothing happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import once, turned_down
from contracts.providers.parcellab.orders import (
    ADDRESS,
    CREATING,
    FULL,
    GET,
    LEFT_OUT,
    LIVE,
    POST,
    PUT,
    SCHEMAS,
    absent,
    adding,
    fields,
    made,
    named,
    new,
    pairs,
    parcel,
    put,
    read,
)

NEEDED = ("destination_country_iso3", "recipient_email")
WRONG: Mapping[str, Any] = {  # a wrong value for each member
    "recipient_email": "not an address",
    "destination_country_iso3": "XXX",
    "language_iso2": "xx",
    "order_currency": "EURO",
    "timezone": "Europe/Atlantis",
    "order_total_amount": "1.234",
    "announced_delivery_date": "2026-06-18T00:00:00Z",
    "order_date": "yesterday",
    "cancelled_reason": "weather",
    "has_multiple_shipments": "yes",
    "client_key": "x" * 513,
    "external_id": "not-a-uuid",
}


@promise("putOrder", "createOrder", where=f"{PUT}/x-causes/missing-for-create", source=LIVE)
def a_new_order_needs_country_and_address(caller: Caller) -> None:
    """A put of an unknown order without country and e-mail address is refused, names both, and makes none."""
    for left_out in (NEEDED[:1], NEEDED[1:], NEEDED):
        body = new(caller, **dict.fromkeys(left_out, LEFT_OUT))
        outcome = turned_down(caller.call("putOrder", body), f"a new order without {' and '.join(left_out)}")
        refused(caller.spec, outcome, "missing-for-create")
        once(fields(outcome), [*left_out], "the list of what is missing", outcome)
        absent(caller, body, "a refused put")


@promise("createOrder", where=f"{SCHEMAS}/NewOrder", inferred=True)
def a_post_needs_four_members(caller: Caller) -> None:
    """A post without one of the four required members, or without all, is refused and names exactly these."""
    needed = ("account", "order_number", *NEEDED)
    for left_out in (*((name,) for name in needed), needed):
        outcome = turned_down(caller.call("createOrder", new(caller, **dict.fromkeys(left_out, LEFT_OUT))), "a post that lacks something")
        refused(caller.spec, outcome, "missing-field")
        once(fields(outcome), [*left_out], "the list of what is missing", outcome)


@promise("putOrder", where=f"{PUT}/x-causes/no-identifier", source=FULL)
def an_order_must_be_named(caller: Caller) -> None:
    """A put that names no order is refused, by a `detail` alone and no list of errors."""
    outcome = turned_down(caller.call("putOrder", new(caller, order_number=LEFT_OUT)), "a put that names no order")
    refused(caller.spec, outcome, "no-identifier")
    same(sorted(outcome.body), ["detail"], "the refusal has another shape", outcome)


@promise("putOrder", "createOrder", where=f"{SCHEMAS}/RefusedReply", source=FULL)
def a_wrong_value_is_told_at_its_place(caller: Caller) -> None:
    """A wrong value is refused with 400, by type and a list of errors that names the member, and by nothing else."""
    for name, value in WRONG.items():
        for operation in ("putOrder", "createOrder"):
            outcome = turned_down(caller.call(operation, new(caller, **{name: value})), f"a wrong {name}")
            refused(caller.spec, outcome, "invalid")
            same(fields(outcome), [name], "the refusal names another member", outcome)
            same(sorted(outcome.body), ["errors", "type"], "the refusal has another shape", outcome)
            same(outcome.at("/type"), "client_error", "the refusal is of another type", outcome)


@promise("putOrder", "createOrder", where=f"{SCHEMAS}/RefusedReply/properties/errors", inferred=True)
def a_refusal_names_every_wrong_member_and_no_other(caller: Caller) -> None:
    """If several values are wrong the refusal names each of them once, and none that is right."""
    names = [*WRONG]
    for wrong in (names[:2], names[3:7], names[:-1]):
        body = new(caller, **{**new(caller, channel="right", tags=["right"]), **{name: WRONG[name] for name in wrong}})
        for operation in ("putOrder", "createOrder"):
            outcome = turned_down(caller.call(operation, body), "several wrong values")
            once(fields(outcome), wrong, "the list of what is wrong", outcome)


@promise("putOrder", where=f"{SCHEMAS}/Problem/properties/attr", source=CREATING)
def a_place_is_told_with_dots(caller: Caller) -> None:
    """A wrong value further down is told by its path, with dots and positions."""
    places: tuple[tuple[dict[str, Any], str], ...] = (
        ({"shipping_address": {**ADDRESS, "city": ""}}, "shipping_address.city"),
        ({"articles_order": [{"line_item_id": "1"}, {"line_item_id": "2", "quantity": -1}]}, "articles_order.1.quantity"),
        ({"tags": ["a", 1]}, "tags.1"),
        ({"additional_attributes": [{"value": 1}]}, "additional_attributes.0.key"),
        ({"mutations": adding({"courier": "x", "tracking_number": ""})}, "mutations.0.tracking.tracking_number"),
    )
    for given, place in places:
        outcome = turned_down(caller.call("putOrder", new(caller, **given)), f"something wrong at {place}")
        same(fields(outcome), [place], "the refusal names another place", outcome)


@promise("putOrder", "createOrder", "sendEvent", where=f"{SCHEMAS}/RefusedReply", source=FULL)
def a_refusal_has_one_of_three_shapes(caller: Caller) -> None:
    """What is refused is told by `client_error`, by `validation_error`, or by a `detail` alone, each where it belongs."""
    tracking = parcel(caller)
    put(caller, new(caller, mutations=adding(tracking)))
    bodies = (
        (new(caller, recipient_email="x"), "client_error"),
        (new(caller, mutations=adding(tracking)), "validation_error"),
        (new(caller, order_number=LEFT_OUT), None),
    )
    for body, kind in bodies:
        outcome = turned_down(caller.call("putOrder", body), "a put with something wrong in it")
        same(outcome.status, 400, "the refusal has another status", outcome)
        same(outcome.at("/type"), kind, "the refusal is of another type", outcome)
        hold(("detail" in outcome.body) == (kind is None), "the refusal mixes two shapes", got=outcome.body, outcome=outcome)


# --- rules of their own ----------------------------------------------------------------------------------------------------------


@promise("putOrder", "createOrder", where=f"{SCHEMAS}/OptionalDate", source=LIVE)
def a_day_has_no_time(caller: Caller) -> None:
    """The announced days take a date alone; a date-time is refused, and so is a day that is none."""
    for name in ("announced_delivery_date", "announced_delivery_date_min", "announced_delivery_date_max"):
        for text in ("2026-06-18T00:00:00Z", "2026-02-30", "2027-02-29", "18.06.2026", "2026-6-18"):
            outcome = turned_down(caller.call("putOrder", new(caller, **{name: text})), f"{text} as {name}")
            same((outcome.status, fields(outcome)), (400, [name]), "the refusal is another one", outcome)


@promise("putOrder", where=f"{SCHEMAS}/OptionalDateTime", inferred=True)
def a_moment_has_a_time_and_a_zone(caller: Caller) -> None:
    """The date of an order takes a whole date-time; a date alone, or one without an offset, is refused."""
    for text in ("2026-06-16", "2026-06-16T10:30:00", "2026-06-16T25:00:00Z", "2026-02-30T10:30:00Z"):
        outcome = turned_down(caller.call("putOrder", new(caller, order_date=text)), f"{text} as order_date")
        same(fields(outcome), ["order_date"], "the refusal names another member", outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/Address", source=FULL)
def half_an_address_is_refused(caller: Caller) -> None:
    """An address that lacks one of its four members, or has it blank or null, is refused and changes nothing."""
    order = made(caller, shipping_address=dict(ADDRESS))
    for name in ("address_line", "postal_code", "city", "country_iso3"):
        less = {key: value for key, value in ADDRESS.items() if key != name}
        for address in (less, {**ADDRESS, name: ""}, {**ADDRESS, name: None}):
            outcome = turned_down(caller.call("putOrder", named(order, shipping_address=address)), f"an address without {name}")
            same((outcome.status, fields(outcome)), (400, [f"shipping_address.{name}"]), "the refusal is another one", outcome)
    same(read(caller, order), order, "a refused put changed something")


@promise("putOrder", where=f"{SCHEMAS}/OrderMembers/properties/additional_attributes", source=LIVE)
def attributes_are_a_list_here(caller: Caller) -> None:
    """Attributes are sent as a list; an object is refused."""
    outcome = turned_down(caller.call("putOrder", new(caller, additional_attributes={"gift": True})), "attributes as an object")
    same((outcome.status, fields(outcome)), (400, ["additional_attributes"]), "the refusal is another one", outcome)


@promise("putOrder", "getOrder", where=f"{PUT}/x-causes/duplicate-line-item", inferred=True)
def lines_have_ids_of_their_own(caller: Caller) -> None:
    """Two lines with one id are refused at the second."""
    order = made(caller, articles_order=[{"line_item_id": "1"}])
    lines = [{"line_item_id": ident} for ident in ("1", "2", "1")]
    outcome = turned_down(caller.call("putOrder", named(order, articles_order=lines)), "two lines with one id")
    refused(caller.spec, outcome, "duplicate-line-item")
    same(fields(outcome), ["articles_order.2.line_item_id"], "the refusal names another place", outcome)
    same(read(caller, order), order, "a refused put changed something")


@promise("putOrder", "getOrder", where=f"{PUT}/x-causes/unknown-delivery-method", inferred=True)
def delivery_method_and_status_must_be_set_up(caller: Caller) -> None:
    """A delivery method or an order status that the account does not have is refused."""
    order = made(caller)
    for name in ("delivery_method", "order_status"):
        body = named(order, channel="after", **{name: caller.unique("nothing ")})
        outcome = turned_down(caller.call("putOrder", body), f"an unknown {name}")
        refused(caller.spec, outcome, f"unknown-{name.replace('_', '-')}")
        same(fields(outcome), [name], "the refusal names another member", outcome)
    same(read(caller, order), order, "a refused put changed something")


@promise("getOrder", where="/components/parameters/id", source="https://docs.parcellab.com/docs/developers/v4/orders/trackings-orders")
def an_id_does_not_begin_with_info(caller: Caller) -> None:
    """Nothing that begins with `info` is an id, and an unknown id is not found either."""
    for ident in ("information", "info123", "infox", "00000000-0000-4000-8000-000000000000", caller.unique("nobody-")):
        outcome = turned_down(caller.call("getOrder", params={"id": ident}), f"the id {ident}")
        same(outcome.status, 404, "an id that is none has another status than 404", outcome)


# --- what a refusal leaves behind ------------------------------------------------------------------------------------------------


@promise("putOrder", "createOrder", where=f"{PUT}/responses/400", source=FULL)
def a_refused_order_is_not_made(caller: Caller) -> None:
    """After a refused put or post there is no order, no parcel, and its number is still free."""
    for name, value in WRONG.items():
        for operation in ("putOrder", "createOrder"):
            tracking = parcel(caller)
            body = new(caller, mutations=adding(tracking), **{name: value})
            turned_down(caller.call(operation, body), f"a wrong {name}")
            absent(caller, body, "a refused call")
    order = put(caller, new(caller, mutations=adding(tracking)), "a parcel that a refused call had").body
    same([number for _, number in pairs(caller, order)], [tracking["tracking_number"]], "the parcel is not on the order")


@promise("putOrder", "getOrder", where=f"{PUT}/responses/400", source=FULL)
def a_refused_put_changes_nothing(caller: Caller) -> None:
    """After a refused put an order is as it was, also in the members that were right."""
    order = made(caller, channel="before", tags=["before"], articles_order=[{"line_item_id": "1", "quantity": 1}])
    for name in WRONG:
        if name != "external_id":
            body = named(order, **{"channel": "after", "tags": ["after"], "articles_order": [], name: WRONG[name]})
            outcome = turned_down(caller.call("putOrder", body), f"a wrong {name}")
            same(read(caller, order), order, "a refused put changed something", outcome)


@promise("putOrder", "createOrder", where=f"{POST}/requestBody", source=FULL)
def a_body_that_is_no_json_is_refused(caller: Caller) -> None:
    """A body that is not JSON, or is no object, is refused with 400."""
    for body in (b"{", b"[]", b"null", b"<order/>", b'{"order_number": "x", '):
        for operation in ("putOrder", "createOrder"):
            same(turned_down(caller.call(operation, body), f"the body {body!r}").status, 400, "the status is another one")


# --- the slash at the end ----------------------------------------------------------------------------------------------------


def _without_slash(caller: Caller, operation: str, body: Any = None) -> Outcome:
    found = caller.spec.operations[operation]
    request = caller.request(found, body) if body is not None else caller.request(found)
    return caller.send(found, request._replace(path=request.path.rstrip("/")))


@promise("putOrder", "listOrders", where="/x-causes/missing-slash", source=LIVE)
def a_path_without_its_slash_is_somewhere_else(caller: Caller) -> None:
    """A call without the slash at the end is sent on with 301 to the path that has it, and does nothing itself."""
    body = new(caller)
    for outcome in (_without_slash(caller, "putOrder", body), _without_slash(caller, "listOrders")):
        same(outcome.status, 301, "a path without its slash has another status", outcome)
        target = outcome.answer.headers.get("location", "").partition("?")[0]
        hold(target.endswith(outcome.operation.path), "it does not lead to the path with the slash", got=target, outcome=outcome)
    absent(caller, body, "a put without the slash")


@promise("getOrder", where=GET, source="https://docs.parcellab.com/docs/developers/orders/create-orders-trackings")
def an_order_cannot_be_deleted(caller: Caller) -> None:
    """There is no operation that deletes an order: the method is refused and the order stays."""
    order = made(caller)
    found = caller.spec.operations["getOrder"]
    request = caller.request(found, params={"id": order["external_id"]})
    for method in ("DELETE", "PATCH"):
        turned_down(caller.send(found, request._replace(method=method)), f"the method {method}")
    same(read(caller, order), order, "an order changed by a method that it does not have")


PROMISES: tuple[Promise, ...] = (
    a_new_order_needs_country_and_address,
    a_post_needs_four_members,
    an_order_must_be_named,
    a_wrong_value_is_told_at_its_place,
    a_refusal_names_every_wrong_member_and_no_other,
    a_place_is_told_with_dots,
    a_refusal_has_one_of_three_shapes,
    a_day_has_no_time,
    a_moment_has_a_time_and_a_zone,
    half_an_address_is_refused,
    attributes_are_a_list_here,
    lines_have_ids_of_their_own,
    delivery_method_and_status_must_be_set_up,
    an_id_does_not_begin_with_info,
    a_refused_order_is_not_made,
    a_refused_put_changes_nothing,
    a_body_that_is_no_json_is_refused,
    a_path_without_its_slash_is_somewhere_else,
    an_order_cannot_be_deleted,
)
