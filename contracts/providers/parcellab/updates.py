"""Promises of parcelLab: what a put makes, merges and leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller
from contracts.causes import refused
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import TEXTS, later, members, moment, taken, turned_down, without
from contracts.providers.parcellab.orders import (
    ADDRESS,
    CREATING,
    FULL,
    OF_THE_CALL,
    PAGE,
    POST,
    PUT,
    SCHEMAS,
    STAMPS,
    adding,
    echoes,
    fields,
    made,
    named,
    new,
    pairs,
    parcel,
    put,
    read,
)

BEFORE: Mapping[str, Any] = {
    "client_key": "mybrand-a.com",
    "language_iso2": "de",
    "shipping_address": dict(ADDRESS),
    "billing_address": dict(ADDRESS),
    "recipient_name": "Anna Schmidt",
    "customer_number": "C-5501",
    "order_total_amount": "89.90",
    "order_currency": "EUR",
    "payment_details": {"a": 1, "b": {"c": 2}},
    "channel": "webshop",
    "announced_delivery_date": "2026-03-09",
    "timezone": "Europe/Berlin",
    "has_multiple_shipments": True,
    "tags": ["a", "b"],
    "articles_order": [{"line_item_id": "1", "quantity": 3}, {"line_item_id": "2", "quantity": 1}],
    "additional_recipients": [{"role": "gift", "email": "x@example.com"}],
    "additional_attributes": [{"key": "gift", "value": True}],
}
CHANGES: Mapping[str, Any] = {
    "destination_country_iso3": "AUT",
    "recipient_email": "Other@example.com",
    "client_key": "mybrand-b.com",
    "language_iso2": "en",
    "billing_address": {**ADDRESS, "city": "Wien", "postal_code": "1010"},
    "recipient_name": "Lukas Gruber",
    "customer_number": "0001",
    "order_total_amount": "0.10",
    "order_currency": "CHF",
    "channel": "store",
    "announced_delivery_date": "2026-03-10",
    "timezone": "Europe/Vienna",
    "has_multiple_shipments": False,
}
LISTS: Mapping[str, Any] = {
    "tags": ["c"],
    "articles_order": [{"line_item_id": "2", "sku": "new"}],
    "additional_recipients": [],
    "additional_attributes": [{"key": "other", "value": 0}],
}
CLEARED = ("recipient_name", "customer_number", "order_total_amount", "channel", "announced_delivery_date", "timezone", "language_iso2")


def _lasting(order: Mapping[str, Any], *but: str) -> dict[str, Any]:
    return without(order, *STAMPS, OF_THE_CALL, *but)


@promise("putOrder", where=f"{PUT}/responses", source=CREATING)
def the_first_put_is_201_and_all_others_200(caller: Caller) -> None:
    """A put that makes an order answers 201, each later one of the same order 200."""
    sent = new(caller)
    statuses = [put(caller, sent).status, put(caller, sent).status, put(caller, {**sent, "channel": "store"}).status]
    same(statuses, [201, 200, 200], "the statuses of three puts are not those documented")


@promise("putOrder", "getOrder", where=PUT, source=CREATING)
def the_same_put_twice_is_the_same_as_once(caller: Caller) -> None:
    """A put that is sent again makes no second order and changes nothing."""
    sent = new(caller, **BEFORE, external_reference=caller.unique("shop-"))
    first = put(caller, sent)
    before = read(caller, first.body)
    second = put(caller, sent)
    same(second.at("/external_id"), first.at("/external_id"), "the same put made a second order", second)
    same(_lasting(read(caller, first.body)), _lasting(before), "the same put again changed something", second)


@promise("putOrder", "getOrderInfo", where=f"{SCHEMAS}/AddTracking", inferred=True)
def a_parcel_that_is_added_twice_is_there_once(caller: Caller) -> None:
    """A put with a parcel that the order has already succeeds and adds none."""
    tracking = parcel(caller)
    sent = new(caller, mutations=adding(tracking))
    put(caller, sent)
    outcome = put(caller, sent)
    hold(outcome.at("/mutations/0/result/success") is True, "adding a parcel of the order again fails", outcome=outcome)
    same(pairs(caller, sent), [(tracking["courier"], tracking["tracking_number"])], "a parcel is not there once", outcome)


@promise("putOrder", "getOrder", where=PUT, source=FULL)
def a_put_changes_what_it_names(caller: Caller) -> None:
    """Each member that a put names reads as it was sent, in the answer and afterwards."""
    order = made(caller, **BEFORE)
    for name, value in {**CHANGES, "external_reference": caller.unique("shop-")}.items():
        echoes(caller, named(order, **{name: value}), {name: value}, f"a put of {name}")


@promise("putOrder", "getOrder", where=PUT, source=FULL)
def a_put_keeps_what_it_does_not_name(caller: Caller) -> None:
    """Members that a put does not name stay as they are: it merges and does not replace."""
    before = made(caller, **BEFORE)
    for name, value in CHANGES.items():
        put(caller, named(before, **{name: value}))
        after = read(caller, before)
        same(_lasting(after, name), _lasting(before, name), f"a put of {name} changed something else")
        before = after


@promise("putOrder", "getOrder", where=PUT, source=FULL)
def a_put_of_a_name_alone_changes_nothing(caller: Caller) -> None:
    """A put that only names an order, in either way, changes nothing, and neither does one with an empty list of mutations."""
    before = made(caller, **BEFORE)
    for body in (named(before), {"external_id": before["external_id"]}, named(before, mutations=[])):
        put(caller, body)
        same(read(caller, before), before, "a put of a name alone changed something")


@promise("putOrder", "getOrder", where=PUT, source=FULL)
def an_order_answers_to_both_its_names(caller: Caller) -> None:
    """An order is found by its external id, and by its number in the account."""
    order = made(caller)
    for value, body in (("one", {"external_id": order["external_id"]}), ("two", named(order))):
        outcome = put(caller, {**body, "channel": value})
        members(outcome.body, {"external_id": order["external_id"], "order_number": order["order_number"]}, "a changed order", outcome)
        same(read(caller, order)["channel"], value, "a put changed another order than it named", outcome)


@promise("putOrder", "getOrder", where=PUT, source=FULL)
def a_put_leaves_other_orders_alone(caller: Caller) -> None:
    """A put changes no other order, not even one that shares everything but its names."""
    orders = [made(caller, **BEFORE) for _ in range(3)]
    put(caller, named(orders[1], **CHANGES, mutations=[{"type": "cancel_order"}]))
    for order in (orders[0], orders[2]):
        same(read(caller, order), order, "a put changed another order")


@promise("putOrder", "getOrder", where=PUT, inferred=True)
def lists_are_replaced_whole(caller: Caller) -> None:
    """A list that is sent takes the place of the one before."""
    order = made(caller, **BEFORE)
    for name, value in LISTS.items():
        echoes(caller, named(order, **{name: value}), {name: value}, f"a put of {name}")


@promise("putOrder", "getOrder", where=PUT, inferred=True)
def objects_are_replaced_whole(caller: Caller) -> None:
    """An address or other object that is sent takes the place of the one before; an empty one too."""
    order = made(caller, **BEFORE)
    address = without(ADDRESS, "first_name", "last_name")
    changes: tuple[dict[str, Any], ...] = ({"shipping_address": address}, {"billing_address": {}}, {"payment_details": {"only": "this"}})
    for change in changes:
        echoes(caller, named(order, **change), change, "a put of an object")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OptionalText", inferred=True)
def null_clears_a_member(caller: Caller) -> None:
    """A member that is set to null is null, and all others stay."""
    before = made(caller, **BEFORE)
    for name in CLEARED:
        put(caller, named(before, **{name: None}))
        after = read(caller, before)
        same(after[name], None, f"null did not clear {name}")
        same(_lasting(after, name), _lasting(before, name), f"clearing {name} changed something else")
        before = after


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/RecipientEmail", source=PAGE)
def unset_removes_the_address(caller: Caller) -> None:
    """`_unset` removes an e-mail address that was there."""
    order = made(caller)
    echoes(caller, named(order, recipient_email="_unset"), {"recipient_email": None}, "an order whose address was removed")


@promise("putOrder", "getOrder", where=PUT, source=FULL)
def texts_of_a_put_come_back(caller: Caller) -> None:
    """A text that a later put brings comes back letter by letter."""
    order = made(caller)
    for text in TEXTS:
        change = {"recipient_name": text, "tags": [text], "channel": text}
        echoes(caller, named(order, **change), change, "a put with such texts")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderContent/properties/updated_at", inferred=True)
def a_change_is_stamped(caller: Caller) -> None:
    """A change moves `updated_at`, a repetition does not, and neither moves `created_at`."""
    order = made(caller, channel="webshop")
    later(caller)
    put(caller, named(order, channel="webshop"))
    same(read(caller, order), order, "a put of what was there already changed something")
    put(caller, named(order, channel="store"))
    after = read(caller, order)
    hold(moment(after["updated_at"], "updated_at") > moment(order["updated_at"], "updated_at"), "a change is not stamped", got=after)
    same(after["created_at"], order["created_at"], "the creation of an order moved")


# --- creating only -------------------------------------------------------------------------------------------------------------


@promise("createOrder", "getOrder", where=POST, source=PAGE)
def a_post_never_updates(caller: Caller) -> None:
    """A post with an order number that the account has is refused, and the order stays as it is."""
    order = made(caller, **BEFORE)
    outcome = turned_down(
        caller.call("createOrder", new(caller, order_number=order["order_number"], channel="post")), "a post of a known order"
    )
    same(read(caller, order), order, "a post changed an order", outcome)


@promise("createOrder", "getOrder", where=f"{POST}/x-causes/duplicate-order", inferred=True)
def a_post_of_a_known_name_is_told_as_such(caller: Caller) -> None:
    """A post with a number, a reference or an external id that is taken is refused as not unique, and names which."""
    order = made(caller, external_reference=caller.unique("shop-"))
    for name in ("order_number", "external_reference", "external_id"):
        outcome = turned_down(caller.call("createOrder", new(caller, **{name: order[name]})), f"a post with a known {name}")
        refused(caller.spec, outcome, "duplicate-order")
        same(fields(outcome), [name], "the refusal names another member", outcome)
    same(read(caller, order), order, "a post changed an order")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderMembers/properties/external_reference", source=PAGE)
def a_reference_is_unique(caller: Caller) -> None:
    """A put with the external reference of another order is refused, and changes neither."""
    first, second = (made(caller, external_reference=caller.unique("shop-")) for _ in range(2))
    body = named(second, external_reference=first["external_reference"], channel="after")
    turned_down(caller.call("putOrder", body), "a reference that another order has")
    for order in (first, second):
        same(read(caller, order), order, "a refused put changed something")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderMembers/properties/external_reference", inferred=True)
def a_reference_that_is_given_up_is_free(caller: Caller) -> None:
    """A reference that an order no longer has can be given to another."""
    reference = caller.unique("shop-")
    order = made(caller, external_reference=reference)
    put(caller, named(order, external_reference=None))
    echoes(caller, new(caller, external_reference=reference), {"external_reference": reference}, "an order with a free reference")


@promise("createOrder", "putOrder", "getOrder", where=POST, source=PAGE)
def what_was_posted_can_be_put(caller: Caller) -> None:
    """An order that was made by a post is updated by a put, with 200."""
    sent = new(caller)
    order = taken(caller.call("createOrder", sent), "a new order").body
    outcome = put(caller, named(order, channel="store"))
    same(outcome.status, 200, "a put of a posted order has another status than 200", outcome)
    same(_lasting(read(caller, order), "channel"), _lasting(order, "channel"), "a put of a posted order changed something else", outcome)


PROMISES: tuple[Promise, ...] = (
    the_first_put_is_201_and_all_others_200,
    the_same_put_twice_is_the_same_as_once,
    a_parcel_that_is_added_twice_is_there_once,
    a_put_changes_what_it_names,
    a_put_keeps_what_it_does_not_name,
    a_put_of_a_name_alone_changes_nothing,
    an_order_answers_to_both_its_names,
    a_put_leaves_other_orders_alone,
    lists_are_replaced_whole,
    objects_are_replaced_whole,
    null_clears_a_member,
    unset_removes_the_address,
    texts_of_a_put_come_back,
    a_change_is_stamped,
    a_post_never_updates,
    a_post_of_a_known_name_is_told_as_such,
    a_reference_is_unique,
    a_reference_that_is_given_up_is_free,
    what_was_posted_can_be_put,
)
