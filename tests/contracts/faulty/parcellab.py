"""parcelLab, wrong in one way at a time."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from contracts.caller import Caller
from sandbox.errors import Refused
from sandbox.exchange import Call, Problem, Reply, Request
from sandbox.providers.parcellab import orders

from .making import (
    GONE,
    Asked,
    Difference,
    Faulty,
    Handler,
    Send,
    Told,
    asking,
    between,
    body,
    edited,
    instead,
    sent,
    telling,
)

IDENTITY = {"account": 12345, "order_number": "FAULT-1"}
NEW = {**IDENTITY, "destination_country_iso3": "DEU", "recipient_email": "ivy@example.com"}
PARCEL = {"type": "add_tracking", "tracking": {"courier": "dhl-germany", "tracking_number": "FAULT0001"}}
LINE = {"line_item_id": "1", "sku": "MUG-07", "quantity": 2, "unit_price": "12.50"}
ADDRESS = {"address_line": "Beispielweg 12", "postal_code": "10117", "city": "Berlin", "country_iso3": "DEU"}
PUT, POST, GET, LIST, INFO, EVENT = "putOrder", "createOrder", "getOrder", "listOrders", "getOrderInfo", "sendEvent"
SCHEMAS = "/components/schemas"

Usual = Callable[[Call], Reply]


def puts(*changes: Any) -> Callable[[Caller], object]:
    """Put an order once for each change."""
    return lambda c: [c.call(PUT, {**IDENTITY, **change}) for change in changes]


def creates(**members: Any) -> Callable[[Caller], object]:
    """Create an order by PUT."""
    return puts({**NEW, **members})


def creates_and_reads(**members: Any) -> Callable[[Caller], object]:
    """Create an order by PUT, and read it."""
    return lambda c: c.call(GET, params={"id": c.call(PUT, {**NEW, **members}).body["external_id"]})


def posts(**members: Any) -> Callable[[Caller], object]:
    """Create an order by POST."""
    return lambda c: c.call(POST, {**NEW, **members})


def asks(*mutations: Any, event: Any = None, **params: Any) -> Callable[[Caller], object]:
    """Create an order with mutations, report an event, and read where its parcels are."""

    def show(c: Caller) -> None:
        c.call(PUT, {**NEW, "mutations": list(mutations)})
        if event:
            c.call(EVENT, {"courier": "dhl-germany", "tracking_number": "FAULT0001", **event})
        c.call(INFO, params={**IDENTITY, **params})

    return show


def lists(**params: Any) -> Callable[[Caller], object]:
    """Create two orders and list."""
    return lambda c: (puts(NEW, {**NEW, "order_number": "FAULT-2", "account": 7})(c), c.call(LIST, params=params))


def _raw(c: Caller, method: str, path: str, raw: bytes = b"") -> object:
    operation = c.spec.operations[PUT]
    return c.send(operation, Request(method, path, "", dict(c.request(operation, {}).headers), raw, c.target.url))


def _many(c: Caller) -> object:
    for index in range(101):
        c.call(PUT, {**NEW, "order_number": f"MANY-{index:03}"})
    return c.call(LIST)


def _numbered(c: Caller) -> object:
    mine = c.as_(base64.b64encode(f"12345:{c.text}".encode()).decode())
    return mine.call(PUT, {**NEW, "account": 7}), mine.call(LIST)


# --- what is accepted --------------------------------------------------------------------------------------------------------------


def _short_dates(value: Any) -> None:
    for name in ("announced_delivery_date", "announced_delivery_date_min", "announced_delivery_date_max"):
        if isinstance(value, dict) and isinstance(value.get(name), str):
            value[name] = re.sub(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ].*", r"\1", value[name])


def _rounded(value: Any) -> None:
    for name in ("order_total_amount", "order_tax_amount", "order_net_amount", "order_discount_amount"):
        if isinstance(value, dict) and isinstance(value.get(name), str):
            value[name] = re.sub(r"^(-?[0-9]{1,8}\.[0-9]{2})[0-9]+$", r"\1", value[name])


def _country_in_any_case(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("destination_country_iso3"), str):
        value["destination_country_iso3"] = value["destination_country_iso3"].upper()


def _whole_addresses(value: Any) -> None:
    for name in ("shipping_address", "billing_address"):
        if isinstance(value, dict) and isinstance(value.get(name), dict) and value[name]:
            value[name] = {
                **{key: value[name].get("city", "?") for key in ("address_line", "postal_code", "country_iso3") if key not in value[name]},
                **value[name],
            }


_KNOWN = frozenset(
    "account order_number external_id external_reference client_key destination_country_iso3 language_iso2 shipping_address"
    " billing_address delivery_method recipient_email recipient_name recipient_phone customer_number invoice_number payment_method"
    " order_total_amount order_tax_amount order_net_amount order_discount_amount order_currency payment_details order_date channel"
    " announced_delivery_date announced_delivery_date_min announced_delivery_date_max timezone order_status has_multiple_shipments"
    " cancelled_date cancelled_reason tags articles_order mutations additional_recipients additional_attributes".split()
)


def _strict(asked: Asked, send: Send) -> Told:
    value = asked.json
    if asked.operation in (PUT, POST) and isinstance(value, dict) and value.keys() - _KNOWN:
        told = send(asked)
        if told.status in (200, 201):
            told.status = 400
            told.json = {
                "type": "client_error",
                "errors": [{"code": "invalid", "detail": "Unknown member.", "attr": min(value.keys() - _KNOWN)}],
            }
        return told
    return send(asked)


def _cancels_all(value: Any) -> None:
    for mutation in value.get("mutations", ()) if isinstance(value, dict) and isinstance(value.get("mutations"), list) else ():
        lines = mutation.get("line_items") if isinstance(mutation, dict) else None
        for change in lines if isinstance(lines, list) else ():
            if isinstance(change, dict) and isinstance(change.get("quantity_to_cancel"), int) and change["quantity_to_cancel"] > 0:
                change.pop("quantity_to_cancel")
                change["quantity"] = 0


def _unique_lines(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("articles_order"), list):
        lines = {
            line.get("line_item_id"): line
            for line in value["articles_order"]
            if isinstance(line, dict) and isinstance(line.get("line_item_id"), str)
        }
        if len(lines) < len(value["articles_order"]) and all(
            isinstance(line, dict) and isinstance(line.get("line_item_id"), str) for line in value["articles_order"]
        ):
            value["articles_order"] = list(lines.values())


def _one_way_of_several(asked: Asked) -> None:
    if "order_number" in asked.params:
        asked.ask(external_reference=None, customer_number=None, external_order_id=None)


def _no_proof(asked: Asked) -> None:
    asked.ask(postal_code=None, recipient_postal_code=None)


# --- what is answered -----------------------------------------------------------------------------------------------------------------


def _orders(change: Callable[[Any], object], *operations: str) -> Difference:
    """Change each order of an answer in place."""

    def with_each(value: Any) -> None:
        for order in value.get("results", [value] if "order_number" in value else []):
            change(order)

    return body(with_each, *(operations or (PUT, POST, GET, LIST)))


def _status(old: int, new: int) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        if told.status == old:
            told.status = new

    return change


def _detail_alone(told: Told) -> None:
    if told.status == 401:
        told.json = {"detail": "Authentication credentials were not provided."}


def _same_code(value: Any) -> None:
    for error in value.get("errors", ()):
        if error["code"] == "authentication_failed":
            error["code"] = "not_authenticated"


def _with_parcels(order: Any) -> None:
    order["trackings"] = []


def _plain_prices(order: Any) -> None:
    for line in order["articles_order"]:
        if isinstance(line.get("unit_price"), str) and re.fullmatch(r"[0-9]+\.[0-9]*0", line["unit_price"]):
            line["unit_price"] = line["unit_price"].rstrip("0").rstrip(".")


def _float_amounts(order: Any) -> None:
    for name in ("order_total_amount", "order_tax_amount", "order_net_amount", "order_discount_amount"):
        if order[name] is not None:
            order[name] = float(order[name])


def _lower_number(order: Any) -> None:
    order["order_number"] = order["order_number"].lower()


def _sorted_tags(order: Any) -> None:
    order["tags"] = sorted(order["tags"])


def _utc_at_any_price(order: Any) -> None:
    if order["order_date"]:
        order["order_date"] = re.sub(r"[+-][0-9]{2}:[0-9]{2}$", "Z", order["order_date"])


def _unset_shows(asked: Asked, send: Send) -> Told:
    told, given = send(asked), asked.json
    if told.status in (200, 201) and asked.operation in (PUT, POST) and given.get("recipient_email") == "_unset":
        told.json = told.json | {"recipient_email": "_unset"}
    return told


def _soft_is_hard(asked: Asked, send: Send) -> Told:
    told = send(asked)
    if asked.operation == PUT and told.status in (200, 201) and b"There is no courier" in told.body:
        told.status = 400
        told.json = {
            "type": "client_error",
            "errors": [{"code": "invalid", "detail": "Unknown courier.", "attr": "mutations.0.tracking.courier"}],
        }
    return told


def _always_success(order: Any) -> None:
    for mutation in order.get("mutations", ()):
        mutation["result"]["success"] = True


def _no_results(order: Any) -> None:
    if "mutations" in order:
        order["mutations"] = order["mutations"][:1]


def _content_204(told: Told) -> None:
    if told.status == 204:
        told.status, told.headers["content-type"], told.json = 200, "application/json", {"status": "ok"}


def _no_redirect(asked: Asked, send: Send) -> Told:
    told = send(asked)
    if told.status == 301:
        asked.path += "/"
        return send(asked)
    return told


def _redirect_nowhere(told: Told) -> None:
    if told.status == 301:
        told.headers["location"] = "/orders/"


def _no_slash_404(told: Told) -> None:
    if told.status == 301:
        told.status = 404
        told.headers.pop("location", None)
        told.headers["content-type"] = "application/json"
        told.json = {"type": "client_error", "errors": [{"code": "not_found", "detail": "Not found.", "attr": None}]}


def _unmasked(call: Call, usual: Usual, _: Any) -> Reply:
    reply = usual(call)
    for name, key in call.world.get("orders", reply.body["external_id"])["members"].items():
        if name in ("recipient_name", "recipient_email"):
            reply.body[name] = key
    return reply


def _infos(change: Callable[[Any], object]) -> Difference:
    def with_each(value: Any) -> None:
        for tracking in value.get("trackings", ()):
            change(tracking)

    return body(with_each, INFO)


def _newest_first(tracking: Any) -> None:
    tracking["checkpoints"].reverse()


def _local_times(tracking: Any) -> None:
    for point in tracking["checkpoints"]:
        point["timestamp"] = point["timestamp"].rstrip("Z").split("+")[0]


def _in_transit() -> Handler:
    """Tell `InTransit` by its own name where an event reported it."""
    seen: set[str] = set()

    def handler(asked: Asked, send: Send) -> Told:
        value = asked.json
        if asked.operation == EVENT and isinstance(value, dict) and value.get("event_status") == "InTransit":
            seen.add(str(value.get("tracking_number", "")).upper())
        told = send(asked)
        if asked.operation == INFO and told.status == 200:
            answer = told.json
            for tracking in answer["trackings"]:
                for point in tracking["checkpoints"] if tracking["tracking_number"].upper() in seen else ():
                    if point["status_code"] == "InboundScan":
                        point["status_code"] = "InTransit"
            told.json = answer
        return told

    return handler


def _forgets_events(asked: Asked, send: Send) -> Told:
    value = asked.json
    if asked.operation == EVENT and isinstance(value, dict) and isinstance(value.get("tracking_number"), str):
        asked.json = {**value, "tracking_number": f"{value['tracking_number']}-lost"}
    return send(asked)


# --- what is kept -------------------------------------------------------------------------------------------------------------------


def _named(call: Call) -> Any:
    body = call.body
    if "external_id" in body:
        return call.world.get("orders", body["external_id"].lower())
    key = call.world.get("numbers", orders.key(int(body["account"]), body["order_number"])) if "account" in body else None
    return key and call.world.get("orders", key)


def _replaced(call: Call, usual: Usual, _: Any) -> Reply:
    before = _named(call)
    if before is not None:
        kept = {"account", "order_number", "destination_country_iso3", "recipient_email"}
        before["members"] = {name: value for name, value in before["members"].items() if name in kept}
        call.world.put("orders", before["external_id"], before)
    return usual(call)


def _lost(call: Call, usual: Usual, _: Any) -> Reply:
    before, reply = _named(call), usual(call)
    if before is not None:
        call.world.put("orders", before["external_id"], before)
    return reply


def _appended_tags(call: Call, usual: Usual, _: Any) -> Reply:
    before = _named(call)
    if before is not None and "tags" in call.body:
        return usual(call._replace(body={**call.body, "tags": [*before["members"].get("tags", ()), *call.body["tags"]]}))
    return usual(call)


def _no_null(call: Call, usual: Usual, _: Any) -> Reply:
    return usual(call._replace(body={name: value for name, value in call.body.items() if value is not None}))


def _another_one(call: Call, usual: Usual, _: Any) -> Reply:
    before = _named(call)
    if before is not None and "external_id" not in call.body and {"destination_country_iso3", "recipient_email"} <= call.body.keys():
        call.world.delete("numbers", orders.key(int(call.body["account"]), call.body["order_number"]))
    return usual(call)


def _merging_post(call: Call, usual: Usual, provider: Any) -> Reply:
    if _named(call) is not None:
        reply = provider.put_order(call)
        return Reply(201, {name: value for name, value in reply.body.items() if name != "mutations"})
    return usual(call)


def _parcel_again_refused(call: Call, usual: Usual, _: Any) -> Reply:
    before = _named(call)
    for index, mutation in enumerate(call.body.get("mutations", ())):
        sent_ = mutation.get("tracking", {})
        if (
            before
            and mutation["type"] == "add_tracking"
            and any((one["courier"], one["tracking_number"]) == (sent_["courier"], sent_["tracking_number"]) for one in before["trackings"])
        ):
            problem = Problem(f"/mutations/{index}/tracking/tracking_number", "tracking-on-another-order", "Is there already.")
            raise Refused("tracking-on-another-order", problems=(problem,))
    return usual(call)


def _parcel_anywhere(call: Call, usual: Usual, _: Any) -> Reply:
    for mutation in call.body.get("mutations", ()):
        if mutation["type"] == "add_tracking":
            call.world.delete("parcels", orders.parcel_key(mutation["tracking"]["courier"], mutation["tracking"]["tracking_number"]))
    return usual(call)


def _half_written(asked: Asked, send: Send) -> Told:
    """Write the members of an order before its mutations are looked at."""
    told, value = send(asked), asked.json
    if asked.operation == PUT and told.status == 400 and isinstance(value, dict) and value.get("mutations"):
        asked.json = {name: inner for name, inner in value.items() if name != "mutations"}
        send(asked)
    return told


def _known_line_members_only(value: Any) -> None:
    known = {"line_item_id", "sku", "article_name", "article_category", "quantity", "unit_price", "variant_id", "product_id"}
    if isinstance(value, dict) and isinstance(value.get("articles_order"), list):
        value["articles_order"] = [
            {name: inner for name, inner in line.items() if name in known} if isinstance(line, dict) else line
            for line in value["articles_order"]
        ]


def _touched(call: Call, usual: Usual, _: Any) -> Reply:
    reply = usual(call)
    record = call.world.get("orders", reply.body["external_id"])
    record["updated_at"] = reply.body["updated_at"] = call.world.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    call.world.put("orders", record["external_id"], record)
    return reply


# --- who may, lists ----------------------------------------------------------------------------------------------------------------------


def _may_write(asked: Asked) -> None:
    asked.headers["authorization"] = asked.headers.get("authorization", "").replace("sbx_readonly_", "sbx_writes_")


def _any_account(asked: Asked) -> None:
    """Take a numbered token for one that is good for every account."""
    shown = asked.headers.get("authorization", "")
    try:
        plain = base64.b64decode(shown.partition(" ")[2], validate=True).decode()
    except ValueError:
        return
    if re.fullmatch(r"[1-9][0-9]*:.+", plain):
        asked.headers["authorization"] = f"{shown.partition(' ')[0]} {plain.partition(':')[2]}"


def _one_world(asked: Asked) -> None:
    asked.headers["authorization"] = re.sub(
        r" sbx_(?!readonly_|denied_|revoked_)[\w.-]+$", " sbx_everybody", asked.headers.get("authorization", "")
    )


def _no_next(value: Any) -> None:
    if "results" in value:
        value["next"] = None


def _internal_host(value: Any) -> None:
    for name in ("next", "previous"):
        if value.get(name):
            value[name] = re.sub(r"^https?://[^/]+", "http://orders.internal:8000", value[name])


def _last_missing(value: Any) -> None:
    if len(value.get("results", ())) > 1:
        value["results"].pop()


def _never_recovers() -> Handler:
    broken: list[Told] = []

    def handler(asked: Asked, send: Send) -> Told:
        if broken and asked.operation:
            return Told(broken[0].status, dict(broken[0].headers), broken[0].body)
        told = send(asked)
        if told.status == 429 and not broken:
            broken.append(told)
        return told

    return handler


def _no_retry_after(told: Told) -> None:
    told.headers.pop("retry-after", None)


THROTTLED = {"prefer": "cause=too-many-requests"}

# fmt: off
FAULTY: tuple[Faulty, ...] = tuple(Faulty(f"parcellab-{name}", "parcellab", *rest) for name, *rest in [
    ("number-of-256", "validation", "An order number of 256 characters is taken; 255 are the most.", "limits at the edge and one beyond",
     edited({f"{SCHEMAS}/OrderNumber/maxLength": 256}), creates(order_number="n" * 256), 4),
    ("date-time-for-date", "validation", "A day may have a time; it is cut off.", "a format is kept", sent(_short_dates, PUT, POST), creates(announced_delivery_date="2026-03-05T10:00:00Z")),
    ("email-unchecked", "validation", "Any text is an e-mail address.", "a format is kept",
     edited({f"{SCHEMAS}/RecipientEmail": {"type": "string"}, f"{SCHEMAS}/OrderContent/properties/recipient_email/format": GONE}), creates(recipient_email="nobody")),
    ("third-decimal", "validation", "An amount may have a third decimal; it is cut off.", "what the schema forbids is refused", sent(_rounded, PUT, POST), creates(order_total_amount="89.905")),
    ("country-in-any-case", "validation", "A country is taken in any letter case.", "an enum is exact", sent(_country_in_any_case, PUT, POST), creates(destination_country_iso3="deu"), 5),
    ("part-of-address", "validation", "An address may lack its street.", "what is required is asked for", sent(_whole_addresses, PUT, POST), creates(shipping_address={"city": "Berlin", "postal_code": "10117", "country_iso3": "DEU"}), 6),
    ("empty-address-refused", "validation", "An empty address is refused.", "what the schema allows is taken", edited({f"{SCHEMAS}/Address/if": True}), creates(shipping_address={})),
    ("unknown-member-refused", "validation", "A member that is not known is refused; it is dropped.", "unknown members are dropped", between(lambda: _strict), creates(colour="red")),
    ("too-much-cancelled", "validation", "More may be cancelled than there is.", "no more is cancelled than there is", sent(_cancels_all, PUT),
     puts({**NEW, "articles_order": [LINE]}, {"mutations": [{"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity_to_cancel": 3}]}]})),
    ("lines-merged", "validation", "Of two lines with one id the last is taken.", "ids of lines are unique", sent(_unique_lines, PUT, POST), creates(articles_order=[LINE, LINE])),
    ("several-ways", "validation", "An order may be named in two ways at once.", "an order is named in exactly one way", asking(_one_way_of_several, INFO), asks(external_reference="x")),

    ("first-put-is-200", "envelope", "A PUT that creates is answered with 200; it is 201.", "an answer has its status", telling(_status(201, 200), PUT), creates(), 3),
    ("unauthorised-alone", "envelope", "Missing credentials get `detail` and nothing else.", "an answer conforms to its schema", telling(_detail_alone), lambda c: c.as_nobody().call(LIST), 2),
    ("one-code-for-401", "envelope", "Wrong credentials have the code of missing ones.", "a refusal has the code of its cause", body(_same_code), lambda c: c.as_("wrong").call(LIST)),
    ("parcels-shown", "envelope", "An order tells its trackings, which it does not.", "an answer conforms to its schema", _orders(_with_parcels, GET), creates_and_reads()),
    ("float-money", "envelope", "Amounts are numbers and not texts.", "an answer conforms to its schema", _orders(_float_amounts), creates(order_total_amount="89.90")),
    ("unset-shows", "envelope", "`_unset` shows as the address.", "`_unset` removes the address", between(lambda: _unset_shows), creates(recipient_email="_unset")),
    ("event-is-200", "envelope", "An event is answered with 200 and a body.", "an answer has its status", telling(_content_204, EVENT), asks(PARCEL, event={"event_status": "Delivered"}), 3),
    ("served-without-slash", "method", "A path without its slash is served.", "a path without its slash is a redirect", between(lambda: _no_redirect), lambda c: _raw(c, "GET", "/v4/track/orders")),
    ("no-redirect", "method", "A path without its slash does not exist.", "a path without its slash is a redirect", telling(_no_slash_404), lambda c: _raw(c, "GET", "/v4/track/orders")),
    ("redirect-nowhere", "envelope", "The redirect of a path without its slash leads nowhere.", "a path without its slash is a redirect", telling(_redirect_nowhere), lambda c: _raw(c, "GET", "/v4/track/orders"), 7),
    ("no-retry-after", "envelope", "A limit does not say when to come back.", "an answer has its headers", telling(_no_retry_after), lambda c: c.call(LIST, headers=THROTTLED)),
    ("info-is-400", "envelope", "An id that begins with `info` gets 400; it is 404.", "a refusal has the status of its cause",
     telling(_status(404, 400), GET), lambda c: c.call(GET, params={"id": "information"})),

    ("put-replaces", "state", "A second PUT forgets the members that it does not name.", "an update changes what it names and nothing else", instead(put_order=_replaced),
     puts({**NEW, "recipient_name": "Ivy"}, {"channel": "store"}), 9),
    ("update-lost", "state", "A second PUT is answered as if it had happened.", "read your write", instead(put_order=_lost),
     lambda c: (puts(NEW)(c), c.call(GET, params={"id": c.call(PUT, {**IDENTITY, "recipient_name": "Ivy"}).body["external_id"]}))),
    ("second-order", "state", "The same PUT twice makes two orders.", "the same update twice is as once", instead(put_order=_another_one), puts(NEW, NEW), 10),
    ("post-merges", "state", "A POST of an order that is there merges into it.", "the same key twice is refused", instead(create_order=_merging_post), lambda c: (c.call(POST, NEW), c.call(POST, NEW))),
    ("parcel-again-refused", "state", "A parcel that is on the order already is refused.", "the same update twice is as once", instead(put_order=_parcel_again_refused),
     puts({**NEW, "mutations": [PARCEL]}, {"mutations": [PARCEL]})),
    ("parcel-on-two-orders", "state", "A parcel may be on two orders.", "a parcel is on one order", instead(put_order=_parcel_anywhere),
     puts({**NEW, "mutations": [PARCEL]}, {**NEW, "order_number": "FAULT-2", "mutations": [PARCEL]})),
    ("courier-refused", "state", "A courier that is not known is refused.", "a courier that is not known fails softly", between(lambda: _soft_is_hard),
     creates(mutations=[{**PARCEL, "tracking": {**PARCEL["tracking"], "courier": "nobody"}}])),
    ("courier-succeeds", "state", "A courier that is not known is a success.", "a courier that is not known fails softly", _orders(_always_success, PUT),
     creates(mutations=[{**PARCEL, "tracking": {**PARCEL["tracking"], "courier": "nobody"}}])),
    ("results-missing", "batch", "Of several mutations only the first has a result.", "a batch accounts for each element", _orders(_no_results, PUT), creates(mutations=[PARCEL, PARCEL])),
    ("refused-put-writes", "state", "A PUT refused for a mutation has written its members.", "a refused call changes nothing", between(lambda: _half_written),
     lambda c: (puts(NEW)(c), c.call(PUT, {**IDENTITY, "recipient_name": "Half", "mutations": [{"type": "explode"}]}), c.call(LIST))),
    ("tags-appended", "state", "Tags are added to those that are there.", "lists are replaced whole", instead(put_order=_appended_tags), puts({**NEW, "tags": ["a"]}, {"tags": ["b"]}), 10),
    ("null-ignored", "state", "Null does not clear a member.", "null clears a member", instead(put_order=_no_null), puts({**NEW, "recipient_name": "Ivy"}, {"recipient_name": None})),
    ("line-members-dropped", "state", "Members of a line that are not known are dropped.", "unknown members of a line are kept", sent(_known_line_members_only, PUT, POST), creates(articles_order=[{**LINE, "engraving": "IC"}])),
    ("touched-for-nothing", "time", "The same again moves `updated_at`.", "the same again changes nothing", instead(put_order=_touched),
     lambda c: c.call(PUT, {"account": 12345, "order_number": "ABC-0990"})),

    ("number-lowered", "echo", "Order numbers come back in small letters.", "what was sent comes back", _orders(_lower_number), creates()),
    ("zeros-lost", "echo", "Prices of lines lose their trailing zeros.", "what was sent comes back", _orders(_plain_prices), creates(articles_order=[LINE])),
    ("tags-sorted", "echo", "Tags come back in alphabetical order.", "what was sent comes back", _orders(_sorted_tags), creates(tags=["b", "a"])),
    ("zone-dropped", "time", "The zone of an order's date becomes UTC and the hour stays.", "times are real", _orders(_utc_at_any_price), creates(order_date="2026-06-16T10:30:00+02:00")),

    ("readonly-writes", "security", "A token that may only read may write.", "who may not write is refused", asking(_may_write), lambda c: c.as_("sbx_readonly_x").call(PUT, NEW)),
    ("any-account", "security", "A token of one account is good for all.", "a foreign account sees nothing", asking(_any_account), _numbered),
    ("one-world", "security", "All tokens see the same orders.", "a foreign account sees nothing", asking(_one_world), lambda c: (c.call(PUT, NEW), c.as_("sbx_other").call(LIST))),
    ("no-second-proof", "security", "The postal code beside an order number is not looked at.", "a second proof must match", asking(_no_proof, INFO),
     lambda c: (c.call(PUT, {**NEW, "shipping_address": ADDRESS}), c.call(INFO, params={**IDENTITY, "postal_code": "99999"}))),
    ("unmasked", "security", "The recipient's name and address show.", "names and addresses are masked", Difference(
        {f"{SCHEMAS}/OrderInfo/properties/recipient_name": {}, f"{SCHEMAS}/OrderInfo/properties/recipient_email": {}}, {"get_order_info": _unmasked}), asks()),

    ("account-ignored", "listing", "The list does not look at `account`.", "a filter filters", asking(lambda asked: asked.ask(account=None), LIST), lists(account=7)),
    ("ordering-ignored", "listing", "The list does not look at `ordering`.", "a list is in order", asking(lambda asked: asked.params.get("ordering") in (None, "colour") or asked.ask(ordering=None), LIST), lists(ordering="created_at")),
    ("last-missing", "listing", "The last of every page is missing.", "a list has everything once", body(_last_missing, LIST), lists()),
    ("no-second-page", "listing", "A list ends after its first page.", "pages partition", body(_no_next, LIST), _many),
    ("internal-address", "listing", "The next page's address is that of a host inside.", "pages partition", body(_internal_host, LIST), _many),
    ("newest-checkpoint-first", "time", "Checkpoints come newest first.", "checkpoints come oldest first", _infos(_newest_first),
     lambda c: c.call(INFO, params={"account": 12345, "order_number": "ABC-0991"})),
    ("naive-times", "time", "Times of checkpoints have no zone.", "times are real", _infos(_local_times), lambda c: c.call(INFO, params={"account": 12345, "order_number": "ABC-0991"})),
    ("in-transit", "journey", "`InTransit` is shown as such.", "`InTransit` is shown as `InboundScan`", between(_in_transit), asks(PARCEL, event={"event_status": "InTransit"})),
    ("event-lost", "journey", "An event of a parcel is taken and forgotten.", "an event becomes a checkpoint", between(lambda: _forgets_events), asks(PARCEL, event={"event_status": "Delivered-Doorstep"})),
    ("never-recovers", "transient", "After a limit was reached every call is refused.", "after a transient cause the same call succeeds", between(_never_recovers), lambda c: (c.call(LIST, headers=THROTTLED), c.call(LIST))),
])
# fmt: on
