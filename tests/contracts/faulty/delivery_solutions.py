"""Delivery Solutions, wrong in one way at a time."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from contracts.caller import Caller
from sandbox.exchange import Call, Reply, Request

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
    page_of_html,
    sent,
    telling,
)

ADDRESS = {"street1": "100 Example Parkway West", "city": "Houston", "state": "TX", "postalCode": "77064"}
PLACE = {"locationExternalId": "Self Delivery Store"}
WAITING = {**PLACE, "type": "delivery", "deliveryAddress": ADDRESS, "deliveryContact": {"name": "Ivy", "phone": "+1 202-555-0143"}}
NEW = {**WAITING, "provider": "Self Delivery", "trackingId": "FAULT-1"}
CREATE, UPDATE, LIST, TOKEN = "createTracker", "updateTracker", "listTrackers", "issueToken"
SCHEMAS = "/components/schemas"

Usual = Callable[[Call], Reply]


def creates(**members: Any) -> Callable[[Caller], object]:
    """Create one with these members."""
    return lambda c: c.call(CREATE, {**NEW, **members})


def waits(**members: Any) -> Callable[[Caller], object]:
    """Create one without a provider."""
    return lambda c: c.call(CREATE, {**WAITING, **members})


def updates(*changes: Any, **members: Any) -> Callable[[Caller], object]:
    """Create one, change it, and list it."""

    def show(c: Caller) -> None:
        made = c.call(CREATE, {**WAITING, "trackerExternalId": "fault-1", **members})
        for change in changes:
            c.call(UPDATE, change, params={"tracker_id": made.body["id"]})
        c.call(LIST, {"orderExternalIds": ["fault-1"]})

    return show


def lists(filters: Any, *made: Any) -> Callable[[Caller], object]:
    """Create some and list."""
    return lambda c: ([c.call(CREATE, {**WAITING, **members}) for members in made], c.call(LIST, filters))


def _token(c: Caller) -> str:
    operation = c.spec.operations[TOKEN]
    headers = {
        "authorization": "Basic " + base64.b64encode(f"{c.text}:secret".encode()).decode(),
        "content-type": "application/x-www-form-urlencoded",
    }
    return str(
        c.send(operation, Request("POST", operation.path, "", headers, b"grant_type=client_credentials", c.target.url)).body["access_token"]
    )


def _old_token(c: Caller) -> object:
    first = _token(c)
    _token(c)
    return c.as_(first).call(LIST, {})


def _raw(c: Caller, raw: bytes) -> object:
    operation = c.spec.operations[CREATE]
    return c.send(operation, Request("POST", operation.path, "", {**c.request(operation, {}).headers}, raw, c.target.url))


def _many(c: Caller) -> object:
    for index in range(102):
        c.call(CREATE, {**WAITING, "groupId": "many", "trackerExternalId": f"many-{index:03}"})
    page = c.call(LIST, {"groupId": "many"})
    return c.call(LIST, {"groupId": "many", "pagination": {"currentToken": page.body["pagination"]["nextToken"]}})


# --- what is accepted --------------------------------------------------------------------------------------------------------------


def _half_dispatched(value: Any) -> Any:
    if isinstance(value, dict) and ("provider" in value) != ("trackingId" in value):
        return {name: inner for name, inner in value.items() if name not in ("provider", "trackingId")}
    return value


def _city_in_bytes(value: Any) -> None:
    """Make a city too long that has more than a hundred bytes."""
    address = value.get("deliveryAddress") if isinstance(value, dict) else None
    if isinstance(address, dict) and isinstance(address.get("city"), str) and len(address["city"].encode("utf-8", "replace")) > 100:
        address["city"] = "c" * 101


def _lower_type(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        value["type"] = value["type"].lower()


def _ordered_windows(value: Any) -> None:
    for name in ("pickupTime", "deliveryTime"):
        window = value.get(name) if isinstance(value, dict) else None
        if isinstance(window, dict) and all(type(window.get(end)) is int for end in ("startsAt", "endsAt")):
            window["startsAt"], window["endsAt"] = sorted((window["startsAt"], window["endsAt"]))


def _short_window(value: Any) -> None:
    for name in ("createdAt", "lastUpdatedAt"):
        window = value.get(name) if isinstance(value, dict) else None
        if isinstance(window, dict) and all(type(window.get(end)) is int for end in ("startsAt", "endsAt")):
            window["startsAt"] = max(window["startsAt"], window["endsAt"] - 86_400_000)


def _any_page(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("pagination"), dict):
        token = value["pagination"].get("currentToken")
        if isinstance(token, str) and not re.fullmatch(r"[A-Za-z0-9+/]{40,}=*", token):
            del value["pagination"]


def _unknown_location(asked: Asked, send: Send) -> Told:
    told = send(asked)
    return page_of_html(500) if told.status == 422 and b'"entity":"location"' in told.body else told


def _no_json(asked: Asked, send: Send) -> Told:
    told = send(asked)
    return page_of_html(500) if told.status == 400 and asked.json is None and asked.body else told


def _upsert(asked: Asked, send: Send) -> Told:
    told = send(asked)
    if asked.operation == UPDATE and told.status == 404:
        asked.method, asked.path, asked.operation = "POST", "/tracker/v2/trackers", CREATE
        asked.json = {**WAITING, **(asked.json or {})}
        asked.headers["content-type"] = "application/json"
        return send(asked)
    return told


# --- what is answered -----------------------------------------------------------------------------------------------------------------


def _created(change: Callable[[Any], object], *operations: str) -> Difference:
    """Change each tracker of an answer in place."""

    def with_each(value: Any) -> None:
        for tracker in value["data"] if isinstance(value.get("data"), list) else [value] if "status" in value and "id" in value else []:
            change(tracker)

    return body(with_each, *(operations or (CREATE, UPDATE, LIST)))


def _status(old: int, new: int, *, code: str = "") -> Callable[[Told], None]:
    def change(told: Told) -> None:
        if told.status == old and code in told.body.decode("utf-8", "replace"):
            told.status = new

    return change


def _no_code(told: Told) -> None:
    told.headers.pop("apierrorcode", None)


def _one_code(told: Told) -> None:
    if told.status == 401:
        told.body = told.body.replace(b"UJ0001", b"250002")
        told.headers["apierrorcode"] = "250002"


def _name_alone(tracker: Any) -> None:
    tracker["provider"] = tracker["provider"] and tracker["provider"]["name"]


def _own_name(tracker: Any) -> None:
    tracker["orderExternalId"] = tracker["id"]


def _open_end(tracker: Any) -> None:
    for name in ("pickupTime", "deliveryTime"):
        if tracker[name]:
            tracker[name] = {end: moment for end, moment in tracker[name].items() if moment is not None}


def _dispatched(tracker: Any) -> None:
    if tracker["status"] == "PENDING_DISPATCH":
        tracker["status"] = "ORDER_DISPATCHED"


def _internal(tracker: Any) -> None:
    tracker["__v"] = 0


def _whole_cents(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("orderValue"), float):
        value["orderValue"] = int(value["orderValue"] * 100) / 100


def _float_ids(value: Any) -> None:
    attributes = value.get("orderAttributes") if isinstance(value, dict) else None
    for name, inner in (attributes or {}).items() if isinstance(attributes, dict) else ():
        if type(inner) is int:
            attributes[name] = str(inner)


def _short_coordinates(value: Any) -> None:
    address = value.get("deliveryAddress") if isinstance(value, dict) else None
    for name in ("latitude", "longitude"):
        if isinstance(address, dict) and isinstance(address.get(name), float):
            address[name] = round(address[name], 3)


def _digits_only(value: Any) -> None:
    contact = value.get("deliveryContact") if isinstance(value, dict) else None
    if isinstance(contact, dict) and isinstance(contact.get("phone"), str):
        contact["phone"] = re.sub(r"[ -]", "", contact["phone"])


def _number_of_seconds(value: Any) -> None:
    if "expires_in" in value:
        value["expires_in"] = int(value["expires_in"])


# --- what is kept -------------------------------------------------------------------------------------------------------------------


def _found(call: Call) -> Any:
    ident = call.params["tracker_id"]
    return call.world.get("trackers", ident) or call.world.get("trackers", call.world.get("names", ident) or "")


def _lost(call: Call, usual: Usual, _: Any) -> Reply:
    before, reply = _found(call), usual(call)
    call.world.put("trackers", before["id"], before)
    return reply


def _forgets_group(call: Call, usual: Usual, _: Any) -> Reply:
    return usual(call._replace(body={"deliveryInstructions": "", **call.body}) if call.body else call)


def _merged_windows(call: Call, usual: Usual, _: Any) -> Reply:
    change, before = dict(call.body or {}), (_found(call) or {}).get("sent", {})
    for name in ("pickupTime", "deliveryTime"):
        if change.get(name) and before.get(name):
            change[name] = before[name] | change[name]
    return usual(call._replace(body=change))


def _appended(call: Call, usual: Usual, _: Any) -> Reply:
    change, before = dict(call.body or {}), (_found(call) or {}).get("sent", {})
    if "pickupInstructions" in change:
        change["pickupInstructions"] = (before.get("pickupInstructions", "") + change["pickupInstructions"])[:10_000]
    return usual(call._replace(body=change))


def _type_changes(call: Call, usual: Usual, _: Any) -> Reply:
    reply, tracker = usual(call), _found(call)
    if (kind := (call.body or {}).get("type")) in ("pickup", "delivery", "shipping"):
        tracker["sent"]["type"] = reply.body["type"] = kind
        call.world.put("trackers", tracker["id"], tracker)
    return reply


def _no_instructions(call: Call, usual: Usual, _: Any) -> Reply:
    reply = usual(call)
    tracker = call.world.get("trackers", reply.body["id"])
    tracker["location"]["pickupInstructions"] = None
    reply.body["pickupInstructions"] = tracker["sent"].get("pickupInstructions")
    call.world.put("trackers", tracker["id"], tracker)
    return reply


def _freed_name(call: Call, usual: Usual, _: Any) -> Reply:
    if name := call.body.get("trackerExternalId"):
        call.world.delete("names", name)
    return usual(call)


def _id_only(asked: Asked, send: Send) -> Told:
    if asked.operation == UPDATE and not re.fullmatch(r".*/[0-9a-fA-F]{24}", asked.path):
        asked.path = "/tracker/v2/trackers/none"
    return send(asked)


def _half_written(asked: Asked, send: Send) -> Told:
    """Write the other members of an update before its provider is looked at."""
    told, value = send(asked), asked.json
    if asked.operation == UPDATE and told.status == 422 and isinstance(value, dict) and "provider" in value:
        asked.json = {name: inner for name, inner in value.items() if name not in ("provider", "trackingId")}
        send(asked)
    return told


# --- who may, lists, journeys --------------------------------------------------------------------------------------------------------


def _open_door(asked: Asked) -> None:
    asked.headers.setdefault("authorization", "Bearer sbx_nobody")


def _all_tokens_good() -> Handler:
    """Take every token that was ever issued for the account that it was issued to."""
    issued: dict[str, str] = {}

    def handler(asked: Asked, send: Send) -> Told:
        shown = asked.headers.get("authorization", "")
        asked.headers["authorization"] = issued.get(shown, shown)
        told = send(asked)
        if asked.operation == TOKEN and told.status == 200:
            issued[f"Bearer {told.json['access_token']}"] = f"Bearer {told.json['client_id']}"
        return told

    return handler


def _one_world(asked: Asked) -> None:
    if asked.headers.get("authorization", "").startswith("Bearer sbx_") and "sbx_denied_" not in asked.headers["authorization"]:
        asked.headers["authorization"] = "Bearer sbx_everybody"


def _group_in_any_case(call: Call, usual: Usual, _: Any) -> Reply:
    """Find the trackers of a group by its name in small letters, as some databases compare texts."""
    if not (wanted := call.body.get("groupId")):
        return usual(call)
    there = [tracker["sent"] for _, tracker in call.world.values("trackers")]
    fitting = {sent["trackerExternalId"] for sent in there if (sent.get("groupId") or "").lower() == wanted.lower()}
    fitting &= {*call.body.get("orderExternalIds", ())} or fitting
    others = {name: value for name, value in call.body.items() if name != "groupId"}
    return usual(call._replace(body={**others, "orderExternalIds": sorted(fitting) or ["none"]}))


def _without(name: str) -> Callable[[Any], Any]:
    return lambda value: (
        {key: inner for key, inner in value.items() if key != name}
        if isinstance(value, dict) and isinstance(value.get(name), list)
        else value
    )


def _repeats_last(call: Call, usual: Usual, provider: Any) -> Reply:
    reply = usual(call)
    if (call.body.get("pagination") or {}).get("currentToken") and reply.body["data"]:
        first = usual(call._replace(body={name: value for name, value in call.body.items() if name != "pagination"}))
        reply.body["data"] = [first.body["data"][-1], *reply.body["data"]][:100]
    return reply


def _no_second_page(value: Any) -> None:
    if "pagination" in value:
        value["pagination"]["nextToken"] = None


def _delivered_and_back() -> Handler:
    """Say that an order which was delivered is in transit, at every second look."""
    looks: dict[str, int] = {}

    def handler(asked: Asked, send: Send) -> Told:
        told = send(asked)
        value = told.json
        if told.status == 200 and asked.operation == LIST:
            for tracker in value["data"]:
                looks[tracker["id"]] = looks.get(tracker["id"], 0) + 1
                if tracker["status"] == "ORDER_DELIVERED" and looks[tracker["id"]] % 2 == 0:
                    tracker["status"] = "IN_TRANSIT"
            told.json = value
        return told

    return handler


def _never_recovers() -> Handler:
    broken: list[Told] = []

    def handler(asked: Asked, send: Send) -> Told:
        if broken and asked.operation == broken[0].headers["x-of"]:
            return Told(broken[0].status, dict(broken[0].headers), broken[0].body)
        told = send(asked)
        if told.status == 500 and not broken:
            broken.append(Told(told.status, {**told.headers, "x-of": asked.operation}, told.body))
        return told

    return handler


def _delivered(c: Caller) -> object:
    c.call(CREATE, {**NEW, "trackingId": "SBX-DELIVERED-1", "trackerExternalId": "fault-1"})
    return [c.call(LIST, {"orderExternalIds": ["fault-1"]}) for _ in range(2)]


def _not_there(c: Caller) -> object:
    return c.call(UPDATE, {"orderValue": 1}, params={"tracker_id": "0" * 24})


WINDOW = {"startsAt": 1_649_268_000_000, "endsAt": 1_649_253_600_000}
MONTHS = {"createdAt": {"startsAt": 1_640_000_000_000, "endsAt": 1_652_266_731_000}}

# fmt: off
FAULTY: tuple[Faulty, ...] = tuple(Faulty(f"delivery_solutions-{name}", "delivery_solutions", *rest) for name, *rest in [
    ("postal-code-of-21", "validation", "A postal code of 21 characters is taken; 20 are the most.", "limits at the edge and one beyond",
     edited({f"{SCHEMAS}/Address/properties/postalCode/maxLength": 21}), creates(deliveryAddress={**ADDRESS, "postalCode": "1" * 21}), 4),
    ("city-of-100-refused", "validation", "A city of 100 characters is refused; 100 are the most.", "limits at the edge and one beyond",
     edited({f"{SCHEMAS}/Address/properties/city/maxLength": 99}), creates(deliveryAddress={**ADDRESS, "city": "c" * 100})),
    ("length-in-bytes", "validation", "The length of a city counts its bytes.", "a length counts characters",
     sent(_city_in_bytes, CREATE),
     creates(deliveryAddress={**ADDRESS, "city": "é" * 60})),
    ("sixth-country", "validation", "The Netherlands are taken; five countries are.", "an enum is exact",
     edited({f"{SCHEMAS}/Address/properties/countryCode/enum": ["US", "CA", "GB", "AU", "IE", "NL"]}), creates(deliveryAddress={**ADDRESS, "countryCode": "NL"}), 5),
    ("type-in-any-case", "validation", "The type is taken in any letter case.", "an enum is exact", sent(_lower_type, CREATE), creates(type="Delivery")),
    ("address-not-needed", "validation", "A delivery without an address is taken.", "what is required is asked for",
     edited({f"{SCHEMAS}/NewTracker/else": True}), lambda c: c.call(CREATE, {**PLACE, "type": "delivery"}), 6),
    ("half-dispatched", "validation", "A provider without a number is left out in silence.", "what depends on each other is asked for", sent(_half_dispatched, CREATE), waits(provider="Self Delivery")),
    ("empty-list-refused", "validation", "An attribute that is an empty list is refused.", "what the schema allows is taken",
     edited({f"{SCHEMAS}/AttributeValue/anyOf": GONE, f"{SCHEMAS}/AttributeValue/oneOf": [
         {"type": "string", "maxLength": 500}, {"type": "number"}, {"type": "boolean"},
         *({"type": "array", "maxItems": 100, "items": {"type": kind}} for kind in ("string", "number", "boolean"))]}), creates(orderAttributes={"colours": []})),
    ("negative-value", "validation", "An order may be worth less than nothing.", "limits at the edge and one beyond",
     edited({f"{SCHEMAS}/OrderValue/minimum": -1, f"{SCHEMAS}/TrackerMembers/properties/orderValue/minimum": -1}), creates(orderValue=-1)),
    ("null-in-update", "validation", "An update may clear the group with null; it may not.", "null is a value",
     edited({f"{SCHEMAS}/TrackerChange/properties/groupId/type": ["string", "null"]}), updates({"groupId": None}, groupId="g")),
    ("windows-turned", "validation", "A window that ends before it starts is turned round.", "a window ends after it starts", sent(_ordered_windows, CREATE, UPDATE), creates(pickupTime=WINDOW)),
    ("long-window-cut", "validation", "A list's window of more than 30 days is cut.", "limits at the edge and one beyond", sent(_short_window, LIST), lambda c: c.call(LIST, MONTHS)),
    ("any-page-token", "validation", "A page token that is none leads to the first page.", "a page token must be one", sent(_any_page, LIST), lambda c: c.call(LIST, {"pagination": {"currentToken": "none"}})),

    ("update-is-200", "envelope", "An update is answered with 200; it is 201.", "an answer has its status", telling(_status(201, 200), UPDATE), updates({"orderValue": 1}), 3),
    ("duplicate-is-409", "envelope", "A duplicate has the status 409.", "a refusal has the status of its cause", telling(_status(422, 409, code="DUPLICATE_ID"), CREATE),
     lambda c: [c.call(CREATE, {**WAITING, "trackerExternalId": "fault-2"}) for _ in range(2)]),
    ("missing-is-422", "envelope", "What is missing is refused with 422; it is 400.", "a refusal has the status of its cause", telling(_status(400, 422, code="MISSING_TRACKER_DATA")),
     lambda c: c.call(CREATE, {**PLACE, "type": "delivery"})),
    ("provider-is-text", "envelope", "The provider is a name in the answer too.", "an answer conforms to its schema", _created(_name_alone), creates(), 2),
    ("no-error-header", "envelope", "A refusal has no `apierrorcode`.", "an answer has its headers", telling(_no_code), _not_there),
    ("one-gateway-code", "envelope", "A bad token has the same code at every operation.", "a refusal has the code of its cause", telling(_one_code, UPDATE),
     lambda c: c.as_nobody().call(UPDATE, {}, params={"tracker_id": "0" * 24})),
    ("open-end-missing", "envelope", "The open end of a window is missing; it is null.", "an answer conforms to its schema", _created(_open_end), creates(pickupTime={"startsAt": 1_649_253_600_000})),
    ("internal-member", "envelope", "A member of the database shows.", "an answer conforms to its schema", _created(_internal), creates()),
    ("expires-in-number", "envelope", "The life of a token is a number; it is a text.", "an answer conforms to its schema", body(_number_of_seconds, TOKEN), _token),
    ("location-crash", "crash", "A location that is not known ends in a crash.", "a refusal has the status of its cause", between(lambda: _unknown_location), creates(locationExternalId="nowhere"), 1),
    ("html-for-bad-json", "crash", "A body that is not JSON ends in a page of HTML.", "a malformed body is refused in the envelope", between(lambda: _no_json), lambda c: _raw(c, b"{"), 1),

    ("update-lost", "state", "An update is answered as if it had happened.", "read your write", instead(update_tracker=_lost), updates({"orderValue": 5})),
    ("update-clobbers", "state", "An update empties the instructions unless it names them.", "an update changes what it names and nothing else", instead(update_tracker=_forgets_group),
     updates({"orderValue": 5}, deliveryInstructions="ring")),
    ("window-merged", "state", "An update of a window keeps the end that it does not name.", "each member is replaced as a whole", instead(update_tracker=_merged_windows),
     updates({"pickupTime": {"endsAt": 1_649_268_000_000}}, pickupTime={"startsAt": 1_649_253_600_000}), 9),
    ("update-appends", "state", "An update appends to the instructions; twice is twice as long.", "the same update twice is as once", instead(update_tracker=_appended),
     updates({"pickupInstructions": "knock"}, {"pickupInstructions": "knock"}), 10),
    ("type-changes", "state", "An update changes the type, which stays as it was created.", "an update changes what it may and nothing else", instead(update_tracker=_type_changes), updates({"type": "shipping", "orderValue": 1})),
    ("refused-update-writes", "state", "An update refused for its provider has written the rest.", "a refused call changes nothing", between(lambda: _half_written),
     updates({"orderValue": 5, "provider": "Nobody", "trackingId": "1"})),
    ("duplicate-accepted", "state", "An external id may be used again.", "the same key twice is refused", instead(create_tracker=_freed_name),
     lambda c: [c.call(CREATE, {**WAITING, "trackerExternalId": "fault-2"}) for _ in range(2)]),
    ("upsert", "state", "An update of a tracker that is not there creates one.", "what is not there can't be changed", between(lambda: _upsert), _not_there),
    ("own-id-only", "identity", "A tracker is not found by its external id.", "a tracker is found by either id", between(lambda: _id_only),
     lambda c: (c.call(CREATE, {**WAITING, "trackerExternalId": "fault-3"}), c.call(UPDATE, {"orderValue": 2}, params={"tracker_id": "fault-3"}))),
    ("order-id-own", "identity", "`orderExternalId` is the service's id and not the caller's.", "`orderExternalId` mirrors `trackerExternalId`", _created(_own_name), waits(trackerExternalId="fault-4")),
    ("waits-as-dispatched", "journey", "A tracker without a provider is dispatched.", "a tracker without a provider waits", _created(_dispatched), waits()),
    ("instructions-lost", "state", "The location's instructions are not told.", "what was not sent is filled in", instead(create_tracker=_no_instructions), waits()),

    ("value-cut", "echo", "An order's value is cut to two decimals.", "what was sent comes back", sent(_whole_cents, CREATE, UPDATE), creates(orderValue=116.129)),
    ("numbers-become-texts", "echo", "Numbers among the attributes come back as texts.", "what was sent comes back", sent(_float_ids, CREATE, UPDATE), creates(orderAttributes={"points": 12})),
    ("coordinates-rounded", "echo", "Coordinates are rounded to three decimals.", "what was sent comes back", sent(_short_coordinates, CREATE), creates(deliveryAddress={**ADDRESS, "latitude": 29.9259823})),
    ("phone-stripped", "echo", "Blanks and hyphens are taken out of phone numbers.", "what was sent comes back", sent(_digits_only, CREATE, UPDATE), creates()),

    ("token-not-needed", "security", "Who shows no token is served.", "credentials are asked for", asking(_open_door, LIST, CREATE, UPDATE), lambda c: c.as_nobody().call(LIST, {})),
    ("old-token-good", "security", "A token is good after a newer one was issued.", "a new token revokes the one before", between(_all_tokens_good), _old_token),
    ("one-world", "security", "All clients see the same trackers.", "a foreign account sees nothing", asking(_one_world, LIST, CREATE, UPDATE), lambda c: (c.call(CREATE, NEW), c.as_("sbx_other").call(LIST, {}))),

    ("group-in-any-case", "listing", "The group to filter by is taken in any letter case.", "the letter case of the group matters", instead(list_trackers=_group_in_any_case),
     lists({"groupId": "GROUP"}, {"groupId": "group"})),
    ("statuses-ignored", "listing", "The list does not look at `statuses`.", "a filter filters", sent(_without("statuses"), LIST), lists({"statuses": ["ORDER_DELIVERED"]}, {})),
    ("locations-ignored", "listing", "The list does not look at `locationExternalIds`.", "a filter filters", sent(_without("locationExternalIds"), LIST), lists({"locationExternalIds": ["100983"]}, {})),
    ("page-repeats", "listing", "A page begins with the last of the page before.", "pages partition", instead(list_trackers=_repeats_last), _many),
    ("no-second-page", "listing", "A list ends after its first page.", "pages partition", body(_no_second_page, LIST), _many),
    ("delivered-and-back", "journey", "What was delivered is in transit again at every second look.", "nothing follows a terminal status", between(_delivered_and_back), _delivered),
    ("never-recovers", "transient", "After one failure the operation always fails.", "after a transient cause the same call succeeds", between(_never_recovers),
     lambda c: (c.call(LIST, {}, headers={"prefer": "cause=server-error"}), c.call(LIST, {}))),
])
# fmt: on
