"""parcelLab: names that are taken, settings that are not there, mutations that go too far, accounts of others."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from contracts.payloads.payload import Step
from contracts.payloads.recipe import USUAL, Call, Doubt, Fresh, Named, Recipe

ACCOUNT, COURIER = Named("account", 12345), Named("courier", "dhl-germany")
ELSEWHERE = 54321
METHOD, STATUS = "standard shipping", "Processing"
_PUT, _POST, _LIST, _INFO, _READ, _EVENT = "putOrder", "createOrder", "listOrders", "getOrderInfo", "getOrder", "sendEvent"

Make = Callable[[Fresh], Call]


def bound_elsewhere(token: str) -> str:
    """Write a token as it is given out for another account: Base64 of that account's number, a colon and the token."""
    return base64.b64encode(f"{ELSEWHERE}:{token}".encode()).decode()


def _new(fresh: Fresh, **more: Any) -> dict[str, Any]:
    return {
        "account": ACCOUNT,
        "order_number": fresh("TB-"),
        "destination_country_iso3": "DEU",
        "recipient_email": "anna.schmidt@example.com",
        **more,
    }


def _line(ident: str | None = "1") -> dict[str, Any]:
    return {"sku": "TWL-01", "quantity": 3} | ({"line_item_id": ident} if ident else {})


def _tracking(fresh: Fresh, **more: Any) -> dict[str, Any]:
    return {"type": "add_tracking", "tracking": {"tracking_number": fresh("TB"), "courier": COURIER, **more}}


def _cancels(quantity: int) -> dict[str, Any]:
    return {"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity_to_cancel": quantity}]}


def _sends(*left_out: str, **more: Any) -> Make:
    """Send a new order without some members and with others."""
    return lambda fresh: Call({name: value for name, value in _new(fresh, **more).items() if name not in left_out})


def _twice(*same: str, **more: Any) -> Make:
    """Send an order after another one that has some of its members too."""

    def make(fresh: Fresh) -> Call:
        order, other = _new(fresh, **more), _new(fresh)
        if "external_reference" in same:
            order["external_reference"] = fresh("shop-")
        if "external_id" in same:
            order["external_id"] = fresh.uuid()
        return Call(other | {name: order[name] for name in same}, before=(Step(_POST, {}, order),))

    return make


def _adds(**more: Any) -> Make:
    """Send a new order with a parcel."""
    return lambda fresh: Call(_new(fresh, mutations=[_tracking(fresh, **more)]))


def _steals(fresh: Fresh) -> Call:
    addition = _tracking(fresh)
    return Call(_new(fresh, mutations=[addition]), before=(Step(_PUT, {}, _new(fresh, mutations=[addition])),))


def _changes(*mutations: dict[str, Any], after: tuple[dict[str, Any], ...] = ()) -> Make:
    """Send mutations to an order with one line item of three, `after` others."""

    def make(fresh: Fresh) -> Call:
        order = _new(fresh, articles_order=[_line()])
        name = {"account": ACCOUNT, "order_number": order["order_number"]}
        before = tuple(Step(_PUT, {}, name | {"mutations": [mutation]}) for mutation in after)
        return Call(name | {"mutations": [*mutations]}, before=(Step(_PUT, {}, order), *before))

    return make


def _asks(*names: str, **more: Any) -> Make:
    """Ask for an order by some of its members."""

    def make(fresh: Fresh) -> Call:
        order = _new(fresh, customer_number=fresh("C-"))
        return Call(None, {name: order[name] for name in names} | more, (Step(_POST, {}, order),))

    return make


def _reads(fresh: Fresh) -> Call:
    ident = fresh.uuid()
    return Call(None, {"id": ident}, (Step(_POST, {}, _new(fresh, external_id=ident)),))


def _reports(**more: Any) -> Make:
    return lambda fresh: Call({"courier": COURIER, "tracking_number": fresh("TB"), "event_status": "OutForDelivery", **more})


_CANCEL = {"type": "cancel_order", "cancelled_reason": "customer"}
_LAST = "/mutations/0/line_items/0/quantity_to_cancel"
_PARCEL = "/mutations/0/tracking/tracking_number"

# What both ways to create an order refuse alike.
_BOTH = tuple(
    recipe
    for operation in (_PUT, _POST)
    for recipe in (
        Recipe(operation, USUAL, "A new order with no more than it needs", _sends()),
        Recipe(
            operation,
            "reference-taken",
            "A reference that another order has",
            _twice("external_reference"),
            "duplicate-order",
            "/external_reference",
        ),
        Recipe(operation, "one-line", "A line item", _sends(articles_order=[_line()])),
        Recipe(operation, "two-lines", "Two line items", _sends(articles_order=[_line("1"), _line("2")])),
        Recipe(
            operation,
            "line-twice",
            "Two line items with one id",
            _sends(articles_order=[_line("1"), _line("1")]),
            "duplicate-line-item",
            "/articles_order/1/line_item_id",
            "two-lines",
        ),
        Recipe(operation, "known-method", "A delivery method that is set up", _sends(delivery_method=METHOD), needs="scene"),
        Recipe(
            operation,
            "unknown-method",
            "A delivery method that is not set up",
            _sends(delivery_method="by balloon"),
            "unknown-delivery-method",
            "/delivery_method",
            "known-method",
        ),
        Recipe(operation, "known-status", "An order status that is set up", _sends(order_status=STATUS), needs="scene"),
        Recipe(
            operation,
            "unknown-status",
            "An order status that is not set up",
            _sends(order_status="Eaten"),
            "unknown-order-status",
            "/order_status",
            "known-status",
        ),
        Recipe(operation, "with-parcel", "An order and its parcel", _adds()),
        Recipe(
            operation,
            "foreign-parcel",
            "A parcel that is on another order",
            _steals,
            "tracking-on-another-order",
            _PARCEL,
            "with-parcel",
        ),
        Recipe(
            operation,
            "checkpoints",
            "A parcel that brings its own checkpoints",
            _adds(checkpoints=[]),
            "checkpoints-sent",
            "/mutations/0/tracking/checkpoints",
            "with-parcel",
        ),
        Recipe(operation, "all-cancelled", "As much is cancelled as there is", _sends(articles_order=[_line()], mutations=[_cancels(3)])),
        Recipe(
            operation,
            "too-much-cancelled",
            "One more is cancelled than there is",
            _sends(articles_order=[_line()], mutations=[_cancels(4)]),
            "too-much-cancelled",
            _LAST,
            "all-cancelled",
        ),
        Recipe(
            operation,
            "line-without-id",
            "A line item without its id",
            _sends(articles_order=[_line(None)]),
            "missing-field",
            "/articles_order/0/line_item_id",
            "one-line",
        ),
        Recipe(
            operation,
            "foreign-account",
            "An account that the token is not for",
            _sends(),
            "foreign-account",
            "/account",
            credential="foreign",
            needs="sandbox",
        ),
    )
)

RECIPES = (
    *_BOTH,
    Recipe(_PUT, "again", "The same order once more changes it", _twice("order_number")),
    Recipe(_PUT, "nameless", "Nothing to find the order by", _sends("order_number"), "no-identifier", "/order_number"),
    Recipe(
        _PUT,
        "new-without-country",
        "A new order without what a create needs",
        _sends("destination_country_iso3"),
        "missing-for-create",
        "/destination_country_iso3",
    ),
    Recipe(_PUT, "cancel", "An order is cancelled", _changes(_CANCEL)),
    Recipe(_PUT, "cancel-twice", "A cancelled order is cancelled again: nothing more happens", _changes(_CANCEL, after=(_CANCEL,))),
    Recipe(_PUT, "cancel-the-rest", "What is left is cancelled", _changes(_cancels(1), after=(_cancels(2),))),
    Recipe(
        _PUT,
        "cancel-more-than-left",
        "More is cancelled than is left",
        _changes(_cancels(2), after=(_cancels(2),)),
        "too-much-cancelled",
        _LAST,
        "cancel-the-rest",
    ),
    Recipe(_PUT, "unknown-courier", "A courier that nobody knows: 200, and the mutation tells that it failed", _adds(courier="pigeon")),
    Recipe(_POST, "number-taken", "An order number that is taken", _twice("order_number"), "duplicate-order", "/order_number"),
    Recipe(_POST, "id-taken", "An external id that is taken", _twice("external_id"), "duplicate-order", "/external_id"),
    Recipe(_LIST, USUAL, "The first page", lambda _: Call()),
    Recipe(
        _LIST, "foreign-cursor", "A cursor that no page held", lambda _: Call(None, {"cursor": "cD00ODY="}), "bad-cursor", "query:cursor"
    ),
    Recipe(_LIST, "own-account", "The orders of one account", lambda _: Call(None, {"account": ACCOUNT})),
    Recipe(
        _LIST,
        "foreign-account",
        "The orders of an account that the token is not for",
        lambda _: Call(None, {"account": ACCOUNT}),
        "foreign-account",
        "query:account",
        "own-account",
        credential="foreign",
        needs="sandbox",
    ),
    Recipe(_INFO, USUAL, "An order by its number", _asks("account", "order_number")),
    Recipe(_INFO, "two-ways", "Two ways to name an order at once", _asks("account", "order_number", "customer_number"), "info-modes"),
    Recipe(_INFO, "no-way", "No way to name an order", _asks("account"), "info-modes"),
    Recipe(_INFO, "no-account", "An order number without its account", _asks("order_number"), "info-modes"),
    Recipe(_INFO, "courier-beside", "A courier beside an order number", _asks("account", "order_number", courier=COURIER), "info-modes"),
    Recipe(_INFO, "proven", "An order number and the recipient's address", _asks("account", "order_number", "recipient_email")),
    Recipe(
        _INFO,
        "wrong-proof",
        "An order number and somebody else's address",
        _asks("account", "order_number", recipient_email="mallory@example.com"),
        "unknown-info",
        twin="proven",
    ),
    Recipe(
        _INFO,
        "unknown-order",
        "An order that nobody has",
        lambda fresh: Call(None, {"account": ACCOUNT, "order_number": fresh("TB-")}),
        "unknown-info",
    ),
    Recipe(
        _INFO,
        "foreign-account",
        "An account that the token is not for",
        _asks("account", "order_number"),
        "foreign-account",
        "query:account",
        credential="foreign",
        needs="sandbox",
    ),
    Recipe(_READ, USUAL, "An order by its external id", _reads),
    Recipe(_READ, "unknown-order", "An id that nobody has", lambda fresh: Call(None, {"id": fresh.uuid()}), "unknown-order", "path:id"),
    Recipe(
        _READ,
        "information",
        "Nothing that begins with info is an id",
        lambda _: Call(None, {"id": "information"}),
        "impossible-id",
        "path:id",
    ),
    Recipe(_READ, "dotted", "Nothing with a dot is an id", lambda _: Call(None, {"id": "a.b"}), "impossible-id", "path:id"),
    Recipe(_EVENT, USUAL, "An event of a parcel", _reports()),
    Recipe(_EVENT, "unknown-event", "A status that is none", _reports(event_status="Arrived"), "invalid", "/event_status"),
    Recipe(_EVENT, "with-account", "An event with the account", _reports(account=ACCOUNT)),
    Recipe(
        _EVENT,
        "foreign-account",
        "An event of an account that the token is not for",
        _reports(account=ACCOUNT),
        "foreign-account",
        "/account",
        "with-account",
        credential="foreign",
        needs="sandbox",
    ),
)

NEEDED = frozenset(_new(Fresh("")))


def _may_be_new(body: Any) -> bool:
    """Tell whether a change of an order is refused where there is no such order."""
    return not (isinstance(body, dict) and body.keys() >= NEEDED)


def _listed(body: Any, name: str) -> list[Any]:
    """Take a list out of a body; empty where there is none."""
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, list) else []


def _repeats_a_line(body: Any) -> bool:
    idents = [line["line_item_id"] for line in _listed(body, "articles_order")]
    return len(set(idents)) < len(idents)


def _changes_a_line(body: Any) -> bool:
    changes = any(mutation["type"] == "change_line_item_quantity" for mutation in _listed(body, "mutations"))
    return changes and bool(_listed(body, "articles_order"))


DOUBTS = (
    Doubt(_INFO, "info-modes"),
    Doubt(_INFO, "unknown-info"),
    Doubt(_LIST, "bad-cursor", "query:cursor"),
    Doubt(_PUT, "missing-for-create", when=_may_be_new),
    *(
        doubt
        for operation in (_PUT, _POST)
        for doubt in (
            Doubt(operation, "unknown-order-status", "/order_status"),
            Doubt(operation, "duplicate-line-item", "/articles_order", _repeats_a_line),
            Doubt(operation, "too-much-cancelled", "/mutations", _changes_a_line),
            Doubt(operation, "tracking-on-another-order", "/mutations", shared=True),
        )
    ),
)
