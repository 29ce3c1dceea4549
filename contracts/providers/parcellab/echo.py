"""Promises of parcelLab: what was sent comes back, by PUT, POST and GET, and what was not is filled in as documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller
from contracts.promises import CannotTell, Promise, hold, promise, same
from contracts.proofs import BLANKS, LOOKALIKES, TEXTS, members, moment, taken, without
from contracts.providers.parcellab.orders import (
    ADDRESS,
    CLI,
    CREATING,
    FULL,
    GET,
    LIVE,
    OF_THE_CALL,
    PAGE,
    POST,
    PUT,
    SCHEMAS,
    STAMPS,
    adding,
    echoes,
    made,
    named,
    new,
    parcel,
    put,
    read,
)

LINE: Mapping[str, Any] = {
    "line_item_id": "1",
    "sku": "TWL-01",
    "article_name": "Bath towel",
    "quantity": 3,
    "unit_price": "19.900",
    "unit_price_original": "+24.",
    "weight": 0.35,
    "weight_unit": "kg",
    "is_bulky": False,
    "tags": ["b", "a", "b"],
    "bundle": {"group_id": "g1", "role": "component"},
    "additional_attributes": [{"key": "k", "value": [1, None]}],
}
FREE = ("recipient_name", "customer_number", "invoice_number", "payment_method", "channel", "recipient_phone", "client_key")


def _everything(caller: Caller) -> dict[str, Any]:
    return {
        "external_reference": caller.unique("shop-"),
        "client_key": "mybrand-a.com",
        "language_iso2": "de",
        "shipping_address": dict(ADDRESS),
        "billing_address": {**ADDRESS, "company_name": "Example GmbH", "region_code": "SN", "phone": "+49 351 0"},
        "delivery_method": caller.scene["delivery_method"],
        "recipient_name": "Anna Schmidt",
        "recipient_phone": "+49 351 000",
        "customer_number": "C-05501",
        "invoice_number": "0042",
        "payment_method": "credit card",
        "order_total_amount": "89.90",
        "order_tax_amount": "0.00",
        "order_net_amount": "99999999.99",
        "order_discount_amount": "-5.05",
        "order_currency": "EUR",
        "payment_details": {"card": {"last4": "0042"}, "steps": [1, 2.5, None, True]},
        "channel": "webshop",
        "announced_delivery_date": "2028-02-29",
        "announced_delivery_date_min": "2028-02-28",
        "announced_delivery_date_max": "2028-03-01",
        "timezone": "Europe/Berlin",
        "order_status": caller.scene["order_status"],
        "has_multiple_shipments": True,
        "cancelled_reason": "inventory",
        "tags": ["category:Home Apparel", "a", "category:Home Apparel"],
        "articles_order": [dict(LINE), {"line_item_id": "2"}],
        "additional_recipients": [{"role": "Gift", "email": "x@example.com"}, {"role": None, "email": None}],
        "additional_attributes": [{"key": "gift", "value": True}, {"key": "gift", "value": {"deep": [None, 1.5]}}],
    }


@promise("putOrder", "getOrder", where=PUT, source=FULL)
def what_was_put_comes_back(caller: Caller) -> None:
    """A put is answered with the order as it was sent, and a read tells the same."""
    sent = new(caller, **_everything(caller))
    echoes(caller, sent, sent, "a new order")


@promise("createOrder", "getOrder", where=POST, source=PAGE)
def what_was_posted_comes_back(caller: Caller) -> None:
    """A post is answered with 201 and the order as it was sent, and a read tells the same."""
    sent = new(caller, **_everything(caller))
    outcome = taken(caller.call("createOrder", sent), "a new order")
    same(outcome.status, 201, "a create has another status than 201", outcome)
    members(outcome.body, sent, "a new order", outcome)
    same(read(caller, outcome.body), outcome.body, "a read differs from the create")


@promise("putOrder", "getOrder", where=GET, inferred=True)
def a_read_tells_what_the_put_answered(caller: Caller) -> None:
    """A read is the answer to the put, without what became of its mutations."""
    outcome = put(caller, new(caller, **_everything(caller)))
    same(read(caller, outcome.body), without(outcome.body, OF_THE_CALL), "a read differs from the put")


@promise("getOrder", "putOrder", where=GET, source=PAGE)
def reading_changes_nothing(caller: Caller) -> None:
    """The same order read twice is the same."""
    order = made(caller)
    first, second = read(caller, order), read(caller, order)
    same(second, first, "an order changed by being read")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderMembers", source=FULL)
def texts_come_back_as_they_were_written(caller: Caller) -> None:
    """A text comes back letter by letter: other scripts, signs beyond 16 bits, what looks like markup."""
    for text in TEXTS:
        _text_comes_back(caller, text)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderMembers", source=FULL)
def texts_stay_texts(caller: Caller) -> None:
    """A text that looks like a number, a date or a truth value stays a text, in lines and attributes too."""
    for text in LOOKALIKES:
        _text_comes_back(caller, text)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderMembers", inferred=True)
def blanks_come_back(caller: Caller) -> None:
    """Blanks at the ends of a text and in a row come back."""
    _text_comes_back(caller, BLANKS)


def _text_comes_back(caller: Caller, text: str) -> None:
    sent = new(
        caller,
        **dict.fromkeys(FREE, text),
        order_number=text + caller.unique(" "),
        shipping_address={**ADDRESS, "address_line": text, "last_name": text},
        tags=[text],
        articles_order=[{"line_item_id": text, "article_name": text, "note": text}],
        additional_attributes=[{"key": text, "value": text}],
        payment_details={text: text},
    )
    echoes(caller, sent, sent, "an order with such texts")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderMembers/properties/tags", source=FULL)
def lists_keep_their_order_and_repetitions(caller: Caller) -> None:
    """Lines, tags, recipients and attributes come back in the order sent, those that are alike too."""
    sent = new(
        caller,
        tags=["b", "a", "c", "a", "B"],
        articles_order=[{"line_item_id": ident, "sku": "same"} for ident in ("10", "9", "2", "1", "a")],
        additional_recipients=[{"role": role, "email": "x@example.com"} for role in ("b", "a", "b")],
        additional_attributes=[{"key": key, "value": key} for key in ("z", "a", "z")],
    )
    echoes(caller, sent, sent, "an order with lists")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/AdditionalAttribute", source=LIVE)
def attributes_keep_their_kinds(caller: Caller) -> None:
    """The value of an attribute comes back with its own kind, whatever it is."""
    values: list[Any] = ["1", 1, 1.5, 0, True, False, None, "", [], {}, {"a": [{"b": None}]}, 12345678901234567]
    sent = new(caller, additional_attributes=[{"key": f"k{number}", "value": value} for number, value in enumerate(values)])
    echoes(caller, sent, sent, "an order with attributes of all kinds")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/LineItem", source=LIVE)
def unknown_members_of_lines_are_kept(caller: Caller) -> None:
    """A line keeps members that the document does not have, and the older names in camel case, as they were sent."""
    line = {
        **LINE,
        "articleNo": 7,
        "articleName": "Towel",
        "articleCategory": {"any": "thing"},
        "price": 19.9,
        "shelfLife": "long",
        "nested": {"Ünknown": [1, None, {"deep": ""}]},
    }
    sent = new(caller, articles_order=[line])
    echoes(caller, sent, sent, "an order with unknown members in a line")


@promise("putOrder", "getOrder", where=PUT, source=LIVE)
def unknown_members_of_an_order_vanish(caller: Caller) -> None:
    """A member that the document does not have is no reason to refuse, and is not kept."""
    sent = new(caller, mood="fine", orderNumber="X", Tags=["x"], order_numbers=[1])
    outcome = put(caller, sent, "an order with an unknown member")
    for told in (outcome.body, read(caller, outcome.body)):
        hold(not {"mood", "orderNumber", "Tags", "order_numbers"} & told.keys(), "an unknown member came back", got=told, outcome=outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/Decimal", source=CLI)
def decimals_of_lines_stay_as_written(caller: Caller) -> None:
    """A decimal of a line comes back digit by digit, trailing zeros and sign included."""
    for text in ("19.90", "19.9", "0.000", "+5", "-0.10", ".5", "5.", "123456789012345678901234567890.12"):
        sent = new(caller, articles_order=[{"line_item_id": "1", "unit_price": text, "tax_amount": text, "amount_invoiced": text}])
        echoes(caller, sent, sent, f"an order with a price of {text}")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OptionalAmount", source=PAGE)
def amounts_come_back_exactly(caller: Caller) -> None:
    """An amount with two decimals comes back digit by digit."""
    for text in ("89.90", "0.00", "0.07", "19.99", "1234567.89", "99999999.99", "-99999999.99"):
        sent = new(caller, order_total_amount=text, order_discount_amount=text)
        echoes(caller, sent, sent, f"an order of {text}")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/AmountText", inferred=True)
def amounts_are_answered_with_two_decimals(caller: Caller) -> None:
    """An amount that was sent with fewer decimals, or as a number, is answered as a text with two."""
    for given, expected in (
        ("89.9", "89.90"),
        ("5.", "5.00"),
        (".5", "0.50"),
        ("7", "7.00"),
        (89.9, "89.90"),
        (0.07, "0.07"),
        (100, "100.00"),
    ):
        sent = new(caller, order_total_amount=given)
        echoes(caller, sent, {"order_total_amount": expected}, f"an order of {given!r}")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OptionalDateTime", source=LIVE)
def moments_stay_the_same_moments(caller: Caller) -> None:
    """A date-time comes back as the same moment, whatever offset it was written with."""
    for text in ("2026-06-16T10:30:00Z", "2026-06-16T23:30:00-11:00", "2026-03-29T02:30:00+01:00", "2026-06-16T10:30:00.123+05:45"):
        outcome = put(caller, new(caller, order_date=text), f"an order of {text}")
        for told in (outcome.body, read(caller, outcome.body)):
            same(moment(told.get("order_date"), "order_date", outcome), moment(text, "order_date"), "a moment moved", outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OptionalDate", source=LIVE)
def days_stay_days(caller: Caller) -> None:
    """A date comes back as it was sent, in no zone."""
    for text in ("2028-02-29", "2026-12-31", "2026-01-01"):
        sent = new(caller, announced_delivery_date=text)
        echoes(caller, sent, sent, f"an order announced for {text}")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/ExternalId", source=FULL)
def an_external_id_may_be_chosen(caller: Caller) -> None:
    """An order that is made with an external id has it, and is read by it; one made without gets one of its own."""
    given = _uuid(caller)
    outcome = put(caller, new(caller, external_id=given), "an order with an external id")
    same(outcome.at("/external_id"), given, "the external id is another one", outcome)
    same(read(caller, {"external_id": given})["external_id"], given, "an order is read under its id and has another")
    idents = [made(caller)["external_id"] for _ in range(8)]
    hold(len({*idents, given}) == 9, "an external id was given twice", got=idents)


def _uuid(caller: Caller) -> str:
    """Make a UUID that nobody has sent."""
    digits = caller.unique().encode().hex()[-32:].rjust(32, "7")
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderIdentity/properties/client_key", source=LIVE)
def what_is_not_sent_is_empty(caller: Caller) -> None:
    """Of the smallest order the shop is an empty text, and tags and attributes are empty lists."""
    echoes(caller, new(caller), {"client_key": "", "tags": [], "additional_attributes": []}, "the smallest order")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderContent", inferred=True)
def what_is_not_sent_is_null(caller: Caller) -> None:
    """Of the smallest order everything else is null, empty or false."""
    nothing = dict.fromkeys((*FREE[:6], "shipping_address", "order_total_amount", "order_date", "order_status", "cancelled_date"))
    expected: dict[str, Any] = {**nothing, "articles_order": [], "additional_recipients": [], "has_multiple_shipments": False}
    echoes(caller, new(caller), expected, "the smallest order")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/Address", source=PAGE)
def an_address_may_be_empty(caller: Caller) -> None:
    """An empty object is an address."""
    sent = new(caller, shipping_address={}, billing_address={})
    echoes(caller, sent, sent, "an order with empty addresses")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/RecipientEmail", source=PAGE)
def unset_means_no_address(caller: Caller) -> None:
    """`_unset` in place of the e-mail address says that there is none; it is not answered."""
    echoes(caller, new(caller, recipient_email="_unset"), {"recipient_email": None}, "an order without an e-mail address")


@promise("putOrder", "getOrder", "createOrder", where=PUT, source=LIVE)
def an_order_does_not_tell_its_parcels(caller: Caller) -> None:
    """An order's answers have no `trackings`, also when it has some."""
    outcome = put(caller, new(caller, mutations=adding(parcel(caller))))
    for told in (outcome.body, read(caller, outcome.body)):
        hold("trackings" not in told, "an order tells its parcels", got=told, outcome=outcome)


@promise("putOrder", "createOrder", "getOrder", where=f"{SCHEMAS}/ChangedOrder", source=CREATING)
def mutations_are_told_by_their_call_alone(caller: Caller) -> None:
    """The mutations of a put are told with their results by its answer, and by no other."""
    outcome = put(caller, new(caller, mutations=adding(parcel(caller))))
    same([one.get("type") for one in outcome.at("/mutations", [])], ["add_tracking"], "a put does not tell its mutations", outcome)
    hold("mutations" not in read(caller, outcome.body), "a read tells mutations", outcome=outcome)
    again = put(caller, named(outcome.body, channel="webshop"))
    same(again.at("/mutations"), [], "a put tells the mutations of another", again)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderContent/properties/created_at", inferred=True)
def stamps_are_real_and_in_order(caller: Caller) -> None:
    """An order is not changed before it is created, and the creation never moves."""
    order = made(caller)
    if not all(order.get(name) for name in STAMPS):
        raise CannotTell("the orders have no times of their own")
    created, updated = (moment(order[name], name) for name in STAMPS)
    hold(created <= updated, "an order was changed before it was created", expected=str(created), got=str(updated))
    last = updated
    for channel in ("a", "b"):
        told = put(caller, named(order, channel=channel)).body
        same(told.get("created_at"), order["created_at"], "the creation of an order moved")
        hold(last <= moment(told.get("updated_at"), "updated_at"), "the last change of an order went back in time")
        last = moment(told["updated_at"], "updated_at")
        same(read(caller, order).get("created_at"), order["created_at"], "the creation of an order moved")


PROMISES: tuple[Promise, ...] = (
    what_was_put_comes_back,
    what_was_posted_comes_back,
    a_read_tells_what_the_put_answered,
    reading_changes_nothing,
    texts_come_back_as_they_were_written,
    texts_stay_texts,
    blanks_come_back,
    lists_keep_their_order_and_repetitions,
    attributes_keep_their_kinds,
    unknown_members_of_lines_are_kept,
    unknown_members_of_an_order_vanish,
    decimals_of_lines_stay_as_written,
    amounts_come_back_exactly,
    amounts_are_answered_with_two_decimals,
    moments_stay_the_same_moments,
    days_stay_days,
    an_external_id_may_be_chosen,
    what_is_not_sent_is_empty,
    what_is_not_sent_is_null,
    an_address_may_be_empty,
    unset_means_no_address,
    an_order_does_not_tell_its_parcels,
    mutations_are_told_by_their_call_alone,
    stamps_are_real_and_in_order,
)
