"""Trackru, wrong in one way at a time."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace as changed
from datetime import datetime, timedelta
from typing import Any

from contracts.caller import Caller
from sandbox.errors import Refused
from sandbox.exchange import Call, Refusal, Reply, Request
from sandbox.security import any_account

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

Usual = Callable[[Call], Reply]
NUMBER, CARRIER = "FAULT00001", "sto"
KEY = {"carrier_code": CARRIER, "tracking_number": NUMBER}
NEW = {"tracking_number": NUMBER, "carrier_code": CARRIER}
TITLES = ("/components/schemas/NewTracking/properties/title", "/components/schemas/TrackingChange/properties/title")


def _schema(name: str, keyword: str) -> str:
    return f"/components/schemas/{name}/{keyword}"


# --- how it is shown -----------------------------------------------------------------------------------------------------------


def creates(**members: Any) -> Callable[[Caller], object]:
    """Create one with these members."""
    return lambda c: c.call("createTracking", {**NEW, **members})


def creates_and_reads(**members: Any) -> Callable[[Caller], object]:
    """Create one and read it."""
    return lambda c: (c.call("createTracking", {**NEW, **members}), c.call("getTracking", params=KEY))


def updates(change: Any, *, then: bool = True, **members: Any) -> Callable[[Caller], object]:
    """Create one, change it and read it."""
    return lambda c: (
        c.call("createTracking", {**NEW, **members}),
        c.call("updateTracking", change, params=KEY),
        then and c.call("getTracking", params=KEY),
    )


def lists(number: int = 3, **params: Any) -> Callable[[Caller], object]:
    """Create some and list."""
    return lambda c: (_several(c, number), c.call("listTrackings", params=params))


def _several(c: Caller, number: int) -> None:
    for index in range(number):
        c.call("createTracking", {**NEW, "tracking_number": f"FAULT0000{index}", "title": f"No. {index}"})


def _raw(c: Caller, method: str, path: str) -> None:
    operation = c.spec.operations["getTracking"]
    shown = c.request(operation, params=KEY).headers
    c.send(operation, Request(method, path, "", shown, b"", c.target.url))


# --- envelopes ------------------------------------------------------------------------------------------------------------------

MEANS = {4001: 401, 4002: 401, 4012: 400, 4013: 400, 4014: 400, 4015: 400, 4016: 409, 4017: 404, 4031: 404, 4033: 400}


def _honest_status(told: Told) -> None:
    told.status = MEANS.get((told.json or {}).get("meta", {}).get("code"), told.status)


def _code(old: int, new: int) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        if value["meta"]["code"] == old:
            value["meta"]["code"] = new

    return change


def _accepted(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change `data` of a success in place, or give another."""

    def with_data(value: Any) -> None:
        if value["meta"]["code"] in (200, 201):
            new = change(value["data"])
            value["data"] = value["data"] if new is None else new

    return with_data


def _empty_page(value: Any) -> None:
    if value["meta"]["code"] == 4031:
        value["meta"] = {"code": 200, "type": "Success", "message": "Success"}
        value["data"] = {"page": 1, "limit": 100, "total": "0", "count": 0, "items": []}


def _no_type(value: Any) -> None:
    if value["meta"]["code"] not in (200, 201):
        del value["meta"]["type"]


def _null_data(value: Any) -> None:
    if value["meta"]["code"] not in (200, 201):
        value["data"] = None


def _html_404(asked: Asked, send: Send) -> Told:
    told = send(asked)
    return page_of_html(404) if told.status == 404 else told


def _welcome(asked: Asked, send: Send) -> Told:
    told = send(asked)
    if told.status == 404:
        told.status, told.json = 200, {"meta": {"code": 200, "type": "Success", "message": "Success"}, "data": []}
    return told


def _as_html(told: Told) -> None:
    told.headers["content-type"] = "text/html; charset=utf-8"


# --- what is accepted --------------------------------------------------------------------------------------------------------------


def _no_carrier(call: Call, usual: Usual, _: Any) -> Reply:
    return usual(call._replace(body={"carrier_code": CARRIER, **call.body}))


def _whole_numbers(asked: Asked) -> None:
    asked.query = re.sub(r"(limit|page)=([0-9]+)\.[0-9]+", r"\1=\2", asked.query)


def _lower_status(asked: Asked) -> None:
    if "status" in asked.params:
        asked.ask(status=asked.params["status"].lower())


def _without_nulls(value: Any) -> Any:
    return {name: inner for name, inner in value.items() if inner is not None} if isinstance(value, dict) else value


def _known_status_only(value: Any) -> Any:
    known = isinstance(value, dict) and value.get("status") in (4, 7, 8, "4", "7", "8")
    return value if known or not isinstance(value, dict) else {name: inner for name, inner in value.items() if name != "status"}


# --- what is kept -------------------------------------------------------------------------------------------------------------------


def _key(call: Call) -> str:
    given = call.params if "tracking_number" in call.params else call.body
    return f"{given['carrier_code']}/{given['tracking_number'].upper()}"


def _lost(call: Call, usual: Usual, _: Any) -> Reply:
    reply = usual(call)
    call.world.delete("trackings", _key(call))
    return reply


def _not_changed(call: Call, usual: Usual, _: Any) -> Reply:
    before, reply = call.world.get("trackings", _key(call)), usual(call)
    call.world.put("trackings", _key(call), before)
    return reply


def _not_deleted(call: Call, usual: Usual, _: Any) -> Reply:
    before, reply = call.world.get("trackings", _key(call)), usual(call)
    call.world.put("trackings", _key(call), before)
    return reply


def _buried(call: Call, _: Usual, provider: Any) -> Reply:
    provider.get_tracking(call)
    call.world.put("graves", _key(call), 1)
    return Reply(200, {"meta": {"code": 200, "type": "Success", "message": "Success"}, "data": []})


def _not_buried(call: Call, usual: Usual, _: Any) -> Reply:
    if call.world.get("graves", _key(call)):
        raise Refused("no-such-tracking", place="path:tracking_number")
    return usual(call)


def _dug_up(call: Call, usual: Usual, _: Any) -> Reply:
    if call.world.get("graves", _key(call)):
        call.world.delete("graves", _key(call))
        call.world.delete("trackings", _key(call))
    return usual(call)


def _replaced(call: Call, usual: Usual, _: Any) -> Reply:
    reply = usual(call)
    record = call.world.get("trackings", _key(call))
    kept = {"tracking_number", "carrier_code", *(call.body or {})}
    record["sent"] = {name: value for name, value in record["sent"].items() if name in kept}
    call.world.put("trackings", _key(call), record)
    return reply


def _twice(call: Call, usual: Usual, _: Any) -> Reply:
    call.world.delete("trackings", _key(call))
    return usual(call)


def _exact_case(call: Call, usual: Usual, _: Any) -> Reply:
    reply = usual(call)
    if reply.body["data"][0]["tracking_number"] != call.params["tracking_number"]:
        raise Refused("no-such-tracking", place="path:tracking_number")
    return reply


def _record(change: Callable[[Call, dict[str, Any]], None]) -> Callable[[Call, Usual, Any], Reply]:
    """Spoil what is kept after a call that works."""

    def method(call: Call, usual: Usual, _: Any) -> Reply:
        reply = usual(call)
        record = call.world.get("trackings", _key(call))
        change(call, record)
        call.world.put("trackings", _key(call), record)
        return reply

    return method


def _another_id(call: Call, record: dict[str, Any]) -> None:
    record["id"] = call.world.new_hex("tracking", 32)


def _created_now(_: Call, record: dict[str, Any]) -> None:
    record["created_at"] = record["updated_at"]


def _never_updated(_: Call, record: dict[str, Any]) -> None:
    record["updated_at"] = record["created_at"]


def _poor_id(value: Any) -> None:
    value["id"] = "".join(f"{ord(sign):02x}" for sign in value["carrier_code"])[:32].ljust(32, "0")


def _undo_does_nothing(value: Any) -> Any:
    return {name: inner for name, inner in value.items() if name != "status" or str(inner) != "8"} if isinstance(value, dict) else value


def _any_text_archives(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("archived"), str) and value["archived"] != "false":
        value["archived"] = "true"


def _half_written(asked: Asked, send: Send) -> Told:
    """Write the other members of an update before its status is looked at."""
    told, value = send(asked), asked.json
    if asked.operation == "updateTracking" and told.json["meta"]["code"] == 4033 and isinstance(value, dict):
        asked.json = {name: inner for name, inner in value.items() if name != "status"}
        send(asked)
    return told


def _look_up_keeps(call: Call, usual: Usual, provider: Any) -> Reply:
    reply = usual(call)
    if call.world.get("trackings", _key(call)) is None:
        provider._add(call.world, {name: call.body[name] for name in ("tracking_number", "carrier_code")}, call.world.now)
    return reply


def _stale() -> Handler:
    """Remember what was read, as a cache does that no write invalidates."""
    cache: dict[tuple[str, ...], Told] = {}

    def handler(asked: Asked, send: Send) -> Told:
        if asked.operation != "getTracking":
            return send(asked)
        key = (asked.path, asked.headers.get("api-key", ""))
        if key not in cache or cache[key].json["meta"]["code"] != 200:
            cache[key] = send(asked)
        return changed(cache[key], headers=dict(cache[key].headers))

    return handler


# --- what comes back ---------------------------------------------------------------------------------------------------------------


def _title(change: Callable[[str], str]) -> Difference:
    """Change titles on their way in."""

    def with_title(value: Any) -> None:
        if isinstance(value, dict) and isinstance(value.get("title"), str):
            value["title"] = change(value["title"])

    return sent(with_title, "createTracking", "updateTracking")


def _no_astral(asked: Asked, send: Send) -> Told:
    if asked.operation == "createTracking" and re.search(r"[\U00010000-\U0010ffff]", str(asked.json)):
        return page_of_html(500)
    return send(asked)


def _lower_email(value: Any) -> None:
    if isinstance(value, dict) and isinstance(value.get("customer_email"), str):
        value["customer_email"] = value["customer_email"].lower()


def _upper_number(value: Any) -> None:
    value["tracking_number"] = value["tracking_number"].upper()


# --- lists -----------------------------------------------------------------------------------------------------------------------------


def _no_limit(asked: Asked, send: Send) -> Told:
    """Give everything on the first page, and say that it is as many as were asked for."""
    limit = asked.params.get("limit")
    if asked.operation != "listTrackings" or limit is None or not limit.isdigit() or int(limit) < 1:
        return send(asked)
    asked.ask(limit=100)
    told = send(asked)
    if (value := told.json)["meta"]["code"] == 200:
        value["data"]["limit"] = int(limit)
        told.json = value
    return told


def _overlapping(asked: Asked, send: Send) -> Told:
    """Begin every page but the first with the last of the one before."""
    told, params = send(asked), asked.params
    if asked.operation == "listTrackings" and params.get("page", "1") != "1" and (value := told.json)["meta"]["code"] == 200:
        asked.ask(page=int(value["data"]["page"]) - 1)
        value["data"]["items"] = [*send(asked).json["data"]["items"][-1:], *value["data"]["items"]][: value["data"]["limit"]]
        told.json = value
    return told


def _last_missing(data: Any) -> None:
    if len(data["items"]) > 1:
        data["items"].pop()
        data["count"] -= 1


def _oldest_first(data: Any) -> None:
    data["items"].reverse()


def _total_of_page(data: Any) -> None:
    data["total"] = str(data["count"])


def _first_number_only(asked: Asked) -> None:
    if "numbers" in asked.params:
        asked.ask(numbers=asked.params["numbers"].partition(",")[0])


def _huge_limit(asked: Asked, send: Send) -> Told:
    return page_of_html(500) if asked.params.get("limit") == "2147483647" else send(asked)


# --- who may ----------------------------------------------------------------------------------------------------------------------------

KEYS = ("api-key", "tracktry-api-key", "trackingmore-api-key", "tracking-api-key")


def _open_door(asked: Asked) -> None:
    if not any(name in asked.headers for name in KEYS):
        asked.headers["api-key"] = "sbx_nobody"


def _one_world(asked: Asked) -> None:
    key = asked.headers.get("api-key", "")
    if key.startswith("sbx_") and not key.startswith(("sbx_revoked_", "sbx_denied_")):
        asked.headers["api-key"] = "sbx_everybody"


def _revoked_is_good(asked: Asked) -> None:
    asked.headers["api-key"] = asked.headers.get("api-key", "").replace("sbx_revoked_", "sbx_again_")


# --- batches ---------------------------------------------------------------------------------------------------------------------------


def _all_or_nothing(call: Call, usual: Usual, provider: Any) -> Reply:
    outcomes = [call.attempt("createTracking", element) for element in call.body]
    if any(isinstance(outcome, Refusal) for outcome in outcomes):
        for element, outcome in zip(call.body, outcomes, strict=True):
            if isinstance(outcome, Reply):
                call.world.delete("trackings", f"{element['carrier_code']}/{element['tracking_number'].upper()}")
    reply = usual(call)
    for told in reply.body["data"]["trackings"] if reply.body["data"]["errors"] else ():
        call.world.delete("trackings", f"{told['carrier_code']}/{told['tracking_number'].upper()}")
    return reply


def _first_error_only(data: Any) -> None:
    data["errors"] = data["errors"][:1]


def _submitted_is_added(data: Any) -> None:
    data["submitted"] = max(data["added"], 1)


def _backwards(data: Any) -> None:
    data["trackings"].reverse()


MIXED = [{**NEW, "tracking_number": "FAULT00007"}, {"carrier_code": "sto"}, {**NEW, "tracking_number": "FAULT00008"}, NEW, NEW]


def _in_batch(c: Caller) -> object:
    return c.call("createTrackings", MIXED), c.call("listTrackings")


# --- times and journeys ------------------------------------------------------------------------------------------------------------------


def _times(change: Callable[[str], str]) -> Callable[[Any], None]:
    def with_times(value: Any) -> None:
        for name in ("created_at", "updated_at"):
            if name in value:
                value[name] = change(value[name])

    return with_times


def _each(change: Callable[[Any], None]) -> Callable[[Any], Any]:
    """Change each tracking of an answer, wherever it stands."""

    def with_each(data: Any) -> None:
        for tracking in data.get("items", data.get("trackings", [data])) if isinstance(data, dict) else data:
            change(tracking)

    return _accepted(with_each)


def _oldest_checkpoint_first(value: Any) -> None:
    for part in ("origin_info", "destination_info"):
        (value[part]["trackinfo"] or []).reverse()


def _forgets(value: Any) -> None:
    """Tell the newest two checkpoints only, as if the others had never been."""
    value["origin_info"]["trackinfo"] = (value["origin_info"]["trackinfo"] or [])[:2] or None


def _turned_back() -> Handler:
    """Say that a parcel which was delivered is under way, at every second look."""
    looks: dict[str, int] = {}

    def handler(asked: Asked, send: Send) -> Told:
        told = send(asked)
        if asked.operation == "getTracking" and (value := told.json)["meta"]["code"] == 200 and value["data"][0]["status"] == "delivered":
            looks[asked.path] = looks.get(asked.path, 0) + 1
            if looks[asked.path] % 2 == 0:
                value["data"][0] |= {"status": "transit", "substatus": "transit001", "track_update": True}
                told.json = value
        return told

    return handler


def _shifted(text: str) -> str:
    return (datetime.fromisoformat(text) + timedelta(hours=0)).replace(tzinfo=None).isoformat() + "+00:00"


def _delivered_twice(c: Caller) -> object:
    key = {"carrier_code": CARRIER, "tracking_number": "SBX-DELIVERED-1"}
    return c.call("createTracking", key), [c.call("getTracking", params=key) for _ in range(2)]


# --- methods, failures --------------------------------------------------------------------------------------------------------------------


def _patch_is_put(asked: Asked, send: Send) -> Told:
    if asked.method == "PATCH":
        asked.method, asked.operation = "PUT", "updateTracking"
    return send(asked)


def _no_allow(told: Told) -> None:
    told.headers.pop("allow", None)


def _method_unknown(told: Told) -> None:
    if told.status == 405:
        told.status = 404


def _never_recovers() -> Handler:
    """Fail for good after the first failure: the connection that broke is never opened again."""
    broken: list[bytes] = []

    def handler(asked: Asked, send: Send) -> Told:
        told = Told(200, {"content-type": "application/json"}, broken[0]) if broken and asked.operation else send(asked)
        if (told.json or {}).get("meta", {}).get("code") == 500 and not broken:
            broken.append(told.body)
        return told

    return handler


def _fails_once(c: Caller) -> object:
    return c.call("listCarriers", headers={"prefer": "cause=server-error"}), c.call("listCarriers")


LIST, READ, CREATE, UPDATE = "listTrackings", "getTracking", "createTracking", "updateTracking"
LISTS = (LIST, "listTrackingsByPost")
READS = (CREATE, "createTrackings", READ, UPDATE, "lookUpTracking", *LISTS)

# fmt: off
FAULTY: tuple[Faulty, ...] = tuple(Faulty(f"trackru-{name}", "trackru", *rest) for name, *rest in [
    ("short-number-accepted", "validation", "A tracking number of four characters is taken; five are the least.", "limits at the edge and one beyond",
     edited({_schema("TrackingNumber", "pattern"): "^[0-9A-Za-z_-]{4,}$"}), creates(tracking_number="AB12")),
    ("short-number-refused", "validation", "A tracking number of five characters is refused; five are enough.", "limits at the edge and one beyond",
     edited({_schema("TrackingNumber", "pattern"): "^[0-9A-Za-z_-]{6,}$"}), creates(tracking_number="AB123")),
    ("number-unanchored", "validation", "The pattern of a tracking number may match anywhere in it.", "what the schema forbids is refused",
     edited({_schema("TrackingNumber", "pattern"): "[0-9A-Za-z_-]{5,}"}), creates(tracking_number="AB123 ")),
    ("missing-carrier-accepted", "validation", "Without a carrier the first one is taken.", "what is required is asked for",
     Difference({_schema("NewTracking", "required"): ["tracking_number"]}, {"create_tracking": _no_carrier}),
     lambda c: c.call(CREATE, {"tracking_number": NUMBER}), 6),
    ("filter-in-any-case", "validation", "The status to filter by is taken in any letter case.", "an enum is exact",
     asking(_lower_status, LIST), lambda c: c.call(LIST, params={"status": "Transit"}), 5),
    ("limit-zero-accepted", "validation", "A limit of 0 is taken, and finds nothing.", "limits at the edge and one beyond",
     edited({"/components/parameters/limit/schema/minimum": 0}), lists(limit=0)),
    ("limit-cut-to-whole", "validation", "A limit of 1.5 is read as 1.", "an integer is whole", asking(_whole_numbers, LIST), lists(limit="1.5")),
    ("day-unchecked", "validation", "The day of shipment is taken in any form.", "what the schema forbids is refused",
     edited({_schema("ShipDate", "pattern"): GONE}), creates(tracking_ship_date="1 October 2018")),
    ("null-accepted", "validation", "A member that is null counts as absent.", "null is a value", sent(_without_nulls, CREATE, UPDATE), creates(title=None)),
    ("batch-of-41", "validation", "A batch of 41 is taken; 40 are the most.", "limits at the edge and one beyond",
     edited({"/paths/~1v1~1trackings~1batch/post/requestBody/content/application~1json/schema/maxItems": 41,
             **{f"/components/schemas/Batch/properties/{name}": 41 for name in ("submitted/maximum", "added/maximum", "trackings/maxItems")}}),
     lambda c: c.call("createTrackings", [{**NEW, "tracking_number": f"FAULT{index:05}"} for index in range(41)]), 4),
    ("empty-update-refused", "validation", "An update without a body is refused.", "an update without a body changes nothing and succeeds",
     edited({"/paths/~1v1~1trackings~1{carrier_code}~1{tracking_number}/put/requestBody/required": True}),
     lambda c: (c.call(CREATE, NEW), c.call(UPDATE, params=KEY))),
    ("bad-status-ignored", "validation", "A status that is none of 4, 7 and 8 is ignored.", "an enum is exact", sent(_known_status_only, UPDATE), updates({"status": 5})),

    ("honest-status", "envelope", "A refusal comes with an HTTP status of its own.", "a refusal has the status of its cause", telling(_honest_status), lambda c: c.call(READ, params=KEY), 3),
    ("duplicate-code", "envelope", "A duplicate has the code of a request that is not understood.", "a refusal has the code of its cause",
     body(_code(4016, 4012)), lambda c: (c.call(CREATE, NEW), c.call(CREATE, NEW))),
    ("number-code", "envelope", "A missing number has the code of a bad one.", "a refusal has the code of its cause",
     body(_code(4013, 4014)), lambda c: c.call(CREATE, {"carrier_code": CARRIER})),
    ("total-is-number", "envelope", "The total of a list is a number; it is a text.", "an answer conforms to its schema",
     body(_accepted(lambda data: {**data, "total": int(data["total"])}), *LISTS), lists()),
    ("read-is-object", "envelope", "A read answers the tracking itself, not an array of one.", "an answer conforms to its schema",
     body(_accepted(lambda data: data[0]), READ), creates_and_reads()),
    ("type-missing", "envelope", "A refusal has no type.", "an answer conforms to its schema", body(_no_type), lambda c: c.call(READ, params=KEY)),
    ("data-null", "envelope", "The data of a refusal are null.", "an answer conforms to its schema", body(_null_data), lambda c: c.call(READ, params=KEY)),
    ("html-page", "envelope", "An unknown path gets a page of HTML.", "an unknown path is refused in the envelope", between(lambda: _html_404), lambda c: _raw(c, "GET", "/v1/nowhere")),
    ("everything-exists", "method", "An unknown path is answered with success.", "an unknown path is refused", between(lambda: _welcome), lambda c: _raw(c, "GET", "/v1/nowhere")),
    ("json-as-html", "envelope", "The list of carriers says that it is HTML.", "an answer has its media type", telling(_as_html, "listCarriers"), lambda c: c.call("listCarriers"), 2),
    ("empty-page", "envelope", "A list without a hit is an empty page; it is a refusal.", "a refusal has the code of its cause", body(_empty_page, *LISTS), lists(1, orders="none")),

    ("create-lost", "state", "A tracking is said to be created and is not there.", "read your write", instead(create_tracking=_lost), creates_and_reads()),
    ("update-lost", "state", "An update is answered as if it had happened.", "read your write", instead(update_tracking=_not_changed), updates({"title": "new"})),
    ("delete-lost", "state", "A delete succeeds and deletes nothing.", "a deleted thing is gone", instead(delete_tracking=_not_deleted),
     lambda c: (c.call(CREATE, NEW), c.call("deleteTracking", params=KEY), c.call(READ, params=KEY)), 8),
    ("deleted-in-list", "state", "What was deleted can't be read but is still listed.", "a deleted thing is gone",
     instead(delete_tracking=_buried, get_tracking=_not_buried, update_tracking=_not_buried, create_tracking=_dug_up),
     lambda c: (c.call(CREATE, NEW), c.call("deleteTracking", params=KEY), c.call(READ, params=KEY), c.call(LIST))),
    ("update-clobbers", "state", "An update forgets the members that it does not name.", "an update changes what it names and nothing else",
     instead(update_tracking=_replaced), updates({"title": "new"}, customer_name="Ivy")),
    ("refused-update-writes", "state", "An update that is refused for its status has written the rest.", "a refused call changes nothing",
     between(lambda: _half_written), updates({"title": "half", "status": 5})),
    ("duplicate-accepted", "state", "The same number again makes a new tracking.", "the same key twice is refused", instead(create_tracking=_twice), lambda c: (c.call(CREATE, NEW), c.call(CREATE, NEW))),
    ("number-case-matters", "state", "A tracking is found only by the letter case it was created with.", "the letter case of the number does not matter",
     instead(get_tracking=_exact_case), lambda c: (c.call(CREATE, NEW), c.call(READ, params={**KEY, "tracking_number": NUMBER.lower()}))),
    ("stale-read", "state", "A read answers what was read before.", "read your write", between(_stale),
     lambda c: (c.call(CREATE, NEW), c.call(READ, params=KEY), c.call(UPDATE, {"title": "new"}, params=KEY), c.call(READ, params=KEY))),
    ("look-up-creates", "state", "Looking a number up registers it.", "a look-up keeps nothing", instead(look_up_tracking=_look_up_keeps),
     lambda c: (c.call("lookUpTracking", NEW), c.call(READ, params=KEY))),
    ("undo-lost", "state", "Status 8 does not give the carrier's status back.", "status 8 takes an overruled status back", sent(_undo_does_nothing, UPDATE),
     lambda c: (updates({"status": 4})(c), updates({"status": 8})(c))),
    ("anything-archives", "state", "Any text but `false` archives.", "another text than `true` and `false` changes nothing", sent(_any_text_archives, UPDATE), updates({"archived": "maybe"})),

    ("id-changes", "identity", "A tracking has another id after an update.", "ids are stable", instead(update_tracking=_record(_another_id)), updates({"title": "new"})),
    ("id-shared", "identity", "Trackings of one carrier have the same id.", "ids are unique", body(_each(_poor_id), *READS), lists()),
    ("created-at-moves", "time", "An update sets `created_at` as well.", "`created_at` never moves", instead(update_tracking=_record(_created_now)),
     lambda c: (c.call(UPDATE, {"title": "new"}, params={**KEY, "tracking_number": "402934299065"}), c.call(READ, params={**KEY, "tracking_number": "402934299065"}))),
    ("updated-at-stands", "time", "An update leaves `updated_at` as it was.", "`updated_at` tells the last change", instead(update_tracking=_record(_never_updated)),
     lambda c: (c.call(UPDATE, {"title": "new"}, params={**KEY, "tracking_number": "402934299065"}), c.call(READ, params={**KEY, "tracking_number": "402934299065"}))),

    ("title-trimmed", "echo", "Blanks around a title are cut off.", "what was sent comes back", _title(str.strip), creates_and_reads(title="  spare parts ")),
    ("title-normalised", "echo", "A title is brought into another form of Unicode.", "what was sent comes back", _title(lambda text: unicodedata.normalize("NFC", text)), creates_and_reads(title="Cafe\u0301")),
    ("title-cut", "echo", "A title ends after 50 characters.", "what was sent comes back", _title(lambda text: text[:50]), creates_and_reads(title="t" * 51)),
    ("title-escaped", "echo", "A title comes back with HTML entities.", "what was sent comes back", _title(html.escape), creates_and_reads(title="Nuts & bolts")),
    ("astral-crash", "crash", "A character beyond the basic plane ends in a crash.", "valid data are accepted", between(lambda: _no_astral), creates(title="\U0001f4e6"), 1),
    ("email-lowered", "echo", "E-mail addresses are kept in small letters.", "what was sent comes back", sent(_lower_email, CREATE, UPDATE), creates_and_reads(customer_email="Ivy@Example.com")),
    ("number-raised", "echo", "Tracking numbers come back in capitals.", "what was sent comes back", body(_each(_upper_number), *READS),
     lambda c: c.call(CREATE, {**NEW, "tracking_number": "fault00002"})),

    ("filter-ignored", "listing", "The list takes a status to filter by and lists everything.", "a filter filters", asking(lambda asked: asked.ask(status=None), LIST), lists(status="delivered")),
    ("archived-ignored", "listing", "The list by POST does not look at `archived`.", "a filter filters",
     sent(lambda value: isinstance(value, dict) and isinstance(value.get("archived"), str) and value.pop("archived") and None, "listTrackingsByPost"),
     lambda c: (_several(c, 1), c.call("listTrackingsByPost", {"archived": "true"}))),
    ("limit-ignored", "listing", "A page has more than its limit.", "a limit is a prefix", between(lambda: _no_limit), lists(limit=1)),
    ("pages-overlap", "listing", "A page begins with the last of the page before.", "pages partition", between(lambda: _overlapping), lists(limit=1, page=2)),
    ("last-missing", "listing", "The last of every page is missing.", "a list has everything once", body(_accepted(_last_missing), *LISTS), lists()),
    ("oldest-first", "listing", "The oldest of a page come first.", "a list is in order", body(_accepted(_oldest_first), LIST), lists()),
    ("total-of-page", "listing", "The total counts the page only.", "the total counts everything", body(_accepted(_total_of_page), *LISTS), lists(limit=1)),
    ("window-ignored", "listing", "`created_at_min` is not looked at.", "a narrower window is a subset", asking(lambda asked: asked.ask(created_at_min=None), LIST), lists(created_at_min=253402300799)),
    ("first-number-only", "listing", "Of several numbers to look for only the first counts.", "a filter filters", asking(_first_number_only, LIST), lists(numbers="FAULT00000,FAULT00001")),
    ("limit-crash", "crash", "The largest limit ends in a crash.", "valid data are accepted", between(lambda: _huge_limit), lists(limit=2147483647), 1),

    ("no-key-needed", "security", "Who shows no key is served.", "credentials are asked for", asking(_open_door), lambda c: c.as_nobody().call(LIST)),
    ("any-key", "security", "Any key is good.", "wrong credentials are refused", Difference(known=any_account), lambda c: c.as_("wrong").call(LIST)),
    ("revoked-key", "security", "A key that was revoked is good.", "revoked credentials are refused", asking(_revoked_is_good), lambda c: c.as_("sbx_revoked_x").call(LIST)),
    ("one-world", "security", "All accounts see the same trackings.", "a foreign account sees nothing", asking(_one_world), lambda c: (c.call(CREATE, NEW), c.as_("sbx_other").call(READ, params=KEY))),

    ("batch-drops-errors", "batch", "Of the elements at fault only the first is told.", "a batch accounts for each element", body(_accepted(_first_error_only), "createTrackings"), _in_batch),
    ("batch-all-or-nothing", "batch", "One element at fault and none is kept, whatever the answer says.", "a batch accounts for each element", instead(create_trackings=_all_or_nothing), _in_batch),
    ("batch-miscounts", "batch", "`submitted` counts what was added.", "a batch accounts for each element", body(_accepted(_submitted_is_added), "createTrackings"), _in_batch),
    ("batch-backwards", "batch", "What a batch created is told in reverse.", "a batch accounts for each element", body(_accepted(_backwards), "createTrackings"), _in_batch),

    ("naive-times", "time", "Times have no zone.", "times are real", body(_each(_times(lambda text: text[:19])), *READS), creates_and_reads()),
    ("wrong-zone", "time", "Local times are told as if they were UTC, eight hours in the future.", "times are real", body(_each(_times(_shifted)), *READS), creates_and_reads()),
    ("oldest-checkpoint-first", "time", "Checkpoints come oldest first.", "checkpoints come newest first", body(_each(_oldest_checkpoint_first), READ, "lookUpTracking", *LISTS),
     lambda c: c.call(READ, params={"carrier_code": "china-post", "tracking_number": "RN123456789CN"})),
    ("history-forgotten", "journey", "Only the last two checkpoints are told.", "what happened stays", body(_each(_forgets), READ, "lookUpTracking", *LISTS),
     lambda c: c.call(READ, params={"carrier_code": "china-post", "tracking_number": "RN123456789CN"})),
    ("delivered-and-back", "journey", "What was delivered is under way again at every second look.", "a journey does not go back", between(_turned_back), _delivered_twice),

    ("patch-open", "method", "PATCH is taken for PUT.", "a wrong method is refused", between(lambda: _patch_is_put), lambda c: (c.call(CREATE, NEW), _raw(c, "PATCH", f"/v1/trackings/sto/{NUMBER}"))),
    ("no-allow", "method", "A wrong method is refused without `Allow`.", "a wrong method is refused, with `Allow`", telling(_no_allow), lambda c: _raw(c, "PATCH", f"/v1/trackings/sto/{NUMBER}")),
    ("method-unknown", "method", "A wrong method gets the status of an unknown path.", "a wrong method is refused", telling(_method_unknown), lambda c: _raw(c, "PATCH", f"/v1/trackings/sto/{NUMBER}")),
    ("never-recovers", "transient", "After one failure every call fails.", "after a transient cause the same call succeeds", between(_never_recovers), _fails_once),
])
# fmt: on
