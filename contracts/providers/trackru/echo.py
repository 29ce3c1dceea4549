"""Promises of Trackru: what was sent comes back, in an answer and in a read, and nothing is invented."""

from __future__ import annotations

from contracts.caller import Caller
from contracts.promises import Promise, accepted, hold, promise, same
from contracts.proofs import BLANKS, LOOKALIKES, TEXTS, members, taken, without
from contracts.providers.trackru.calls import (
    CREATE,
    CREATE_PAGE,
    GO_CLIENT,
    LOOK_UP,
    NODE_CLIENT,
    PYTHON_CLIENT,
    READ,
    SCHEMAS,
    TYPES,
    create,
    gone,
    key,
    listed,
    new,
    read,
)

EVERYTHING = {
    "destination_code": "DE",
    "title": "Garden shears",
    "logistics_channel": "4PX挂号小包",
    "customer_name": "Ivy Chandler",
    "customer_email": "Ivy.Chandler@example.com",
    "customer_phone": "+491700000000",
    "order_id": "A-02091",
    "order_create_time": "2017/8/27 16:51",
    "tracking_ship_date": "20181001",
    "tracking_postal_code": "01067",
    "tracking_account_number": "0077120",
    "tracking_destination_country": "DE",
    "specialNumberDestination": "DE",
    "auto_correct": 1,
    "comment": "leave at the door",
}
READABLE = ("customer_email", "customer_name", "title", "order_id", "comment", "order_create_time")
ADDED = {"id", "status", "created_at"}
ODD = ("itemTimeLength", "stayTimeLength", "lastEvent", "lastUpdateTime", "service_code", "origin_info", "destination_info")
ODD_OF_ORIGIN = ("ReferenceNumber", "ItemReceived", "DepartfromAirport", "ArrivalfromAbroad", "weblink", "carrier_code", "trackinfo")
FREE_TEXTS = ("title", "logistics_channel", "customer_name", "order_id", "comment")


@promise("createTracking", where=CREATE, source=CREATE_PAGE)
def a_create_repeats_what_was_sent(caller: Caller) -> None:
    """Every member of a create but its language comes back as it was sent."""
    body = new(caller, **EVERYTHING)
    outcome = taken(caller.call("createTracking", body), "a create with every member")
    members(outcome.at("/data"), body, "the new tracking", outcome)


@promise("createTracking", where=f"{SCHEMAS}/CreatedTracking", source=PYTHON_CLIENT)
def a_create_adds_id_status_and_time_and_no_more(caller: Caller) -> None:
    """What was not sent is absent from the answer to a create."""
    body = new(caller, title="One title")
    outcome = accepted(caller.call("createTracking", body))
    same(sorted(outcome.at("/data", {})), sorted(ADDED | body.keys()), "the answer has other members than it should", outcome)


@promise("createTracking", where=f"{SCHEMAS}/CreatedTracking", source=PYTHON_CLIENT)
def the_language_is_not_repeated(caller: Caller) -> None:
    """`lang` is taken and never told."""
    outcome = taken(caller.call("createTracking", new(caller, lang="en")), "a create with a language")
    hold("lang" not in outcome.at("/data", {}), "lang is repeated", expected="no lang", got=outcome.at("/data/lang"), outcome=outcome)


@promise("createTracking", where=f"{SCHEMAS}/CreatedTracking/properties/status", source=TYPES)
def a_new_tracking_is_pending(caller: Caller) -> None:
    """A tracking that was just created is pending."""
    outcome = accepted(caller.call("createTracking", new(caller)))
    same(outcome.at("/data/status"), "pending", "a new tracking is not pending", outcome)


@promise("createTracking", "getTracking", where=READ, source=CREATE_PAGE)
def what_was_created_can_be_read(caller: Caller) -> None:
    """A read tells what was sent, with the id and the time that the create told."""
    made = create(caller, **EVERYTHING)
    expected = {name: made.get(name) for name in ("id", "tracking_number", "carrier_code", "created_at")}
    members(read(caller, made), {**expected, **{name: EVERYTHING[name] for name in READABLE}}, "the tracking")


@promise("createTracking", "getTracking", where=READ, inferred=True)
def the_country_is_read_as_it_was_sent(caller: Caller) -> None:
    """`destination_code` is told by a read, where it is told, as it was sent."""
    found = read(caller, create(caller, destination_code="DE"))
    if "destination_code" in found:
        same(found["destination_code"], "DE", "destination_code was changed")


@promise("createTracking", "getTracking", where=CREATE, source=CREATE_PAGE)
def texts_come_back_as_they_were_written(caller: Caller) -> None:
    """A text comes back letter by letter: other scripts, signs beyond 16 bits, what looks like markup."""
    for text in TEXTS:
        _comes_back(caller, text)


@promise("createTracking", "getTracking", where=CREATE, source=CREATE_PAGE)
def blanks_come_back(caller: Caller) -> None:
    """Blanks around and within a text are part of it."""
    _comes_back(caller, BLANKS)


@promise("createTracking", "getTracking", where=CREATE, source=CREATE_PAGE)
def texts_that_look_like_values_stay_texts(caller: Caller) -> None:
    """A text that looks like a number, a truth or a date comes back as that text, zeros and all."""
    for text in LOOKALIKES:
        _comes_back(caller, text)


def _comes_back(caller: Caller, text: str) -> None:
    sent = dict.fromkeys(FREE_TEXTS, text)
    outcome = taken(caller.call("createTracking", new(caller, **sent)), f"a create with the text {text!r}")
    members(outcome.at("/data"), sent, "the new tracking", outcome)
    found = read(caller, outcome.at("/data"))
    members(found, {name: text for name in sent if name in READABLE}, "the tracking")


@promise("createTracking", "getTracking", where=f"{SCHEMAS}/Tracking", source=NODE_CLIENT)
def what_is_unset_is_empty_or_null(caller: Caller) -> None:
    """In a read, title and e-mail are empty when unset; order, comment, name and order time are null."""
    empty = {"title": "", "customer_email": ""}
    nothing = dict.fromkeys(("order_id", "comment", "customer_name", "order_create_time"))
    members(read(caller, create(caller)), {**empty, **nothing, "archived": False}, "the tracking")


@promise("getTracking", "listTrackings", where=f"{SCHEMAS}/Tracking", source=NODE_CLIENT)
def members_keep_their_odd_names(caller: Caller) -> None:
    """Names are told as clients know them: camel case beside snake case, and the recipient, where told, misspelt as `singed_by`."""
    made = create(caller)
    for found in (read(caller, made), *listed(caller, numbers=made["tracking_number"])):
        missing = [name for name in ODD if name not in found] + [name for name in ODD_OF_ORIGIN if name not in found["origin_info"]]
        same(missing, [], "members have other names than clients know")
        hold("signed_by" not in found, "the recipient is told under the right spelling, which no client knows", got=sorted(found))


@promise("createTracking", "getTracking", where=f"{READ}/responses/200", inferred=True)
def a_read_is_an_array_of_one(caller: Caller) -> None:
    """A read has the tracking as the one element of an array."""
    made = create(caller)
    outcome = taken(caller.call("getTracking", params=key(made)), "a read")
    data = outcome.at("/data")
    hold(isinstance(data, list) and len(data) == 1, "data is not an array of one", expected="an array of one", got=data, outcome=outcome)


@promise("createTracking", where=f"{CREATE}/responses/200", source=TYPES)
def a_create_is_a_bare_object(caller: Caller) -> None:
    """A create has the tracking itself as data, in no array."""
    outcome = accepted(caller.call("createTracking", new(caller)))
    hold(isinstance(outcome.at("/data"), dict), "data is no object", expected="an object", got=outcome.at("/data"), outcome=outcome)


@promise("getTracking", where=READ, inferred=True)
def a_read_changes_nothing(caller: Caller) -> None:
    """Reading twice tells the same."""
    made = create(caller)
    first = read(caller, made)
    second = read(caller, made)
    moving = ("status", "substatus", "updated_at") if first["status"] != second["status"] else ()
    same(without(second, *moving), without(first, *moving), "a second read tells something else")


# --- looking up ----------------------------------------------------------------------------------------------------------------


@promise("lookUpTracking", where=f"{LOOK_UP}/responses/200", source=GO_CLIENT)
def a_look_up_tells_the_one_parcel(caller: Caller) -> None:
    """A look-up has `items` with exactly the parcel that was asked for."""
    body = new(caller)
    outcome = taken(caller.call("lookUpTracking", body), "a look-up")
    found = outcome.at("/data/items")
    hold(isinstance(found, list) and len(found) == 1, "items is not one parcel", expected="one", got=found, outcome=outcome)
    members(found[0], key(body), "the parcel", outcome)


@promise("lookUpTracking", "getTracking", "listTrackings", where=LOOK_UP, inferred=True)
def a_look_up_keeps_nothing(caller: Caller) -> None:
    """A parcel that was looked up is not among the account's trackings."""
    body = new(caller)
    taken(caller.call("lookUpTracking", body), "a look-up")
    gone(caller, body)


@promise("lookUpTracking", "getTracking", where=LOOK_UP, inferred=True)
def a_look_up_leaves_a_tracking_as_it_is(caller: Caller) -> None:
    """Looking up a parcel that is watched changes nothing about its tracking."""
    made = create(caller, title="kept")
    taken(caller.call("lookUpTracking", {**key(made), "order": "another"}), "a look-up of a parcel that is watched")
    members(read(caller, made), {"id": made["id"], "title": "kept", "created_at": made["created_at"], "order_id": None}, "the tracking")


@promise("lookUpTracking", where=f"{SCHEMAS}/LookUp", source=GO_CLIENT)
def empty_texts_of_a_look_up_count_as_absent(caller: Caller) -> None:
    """Optional members of a look-up may be empty."""
    names = "destination_code tracking_ship_date tracking_postal_code specialNumberDestination order order_create_time lang".split()
    taken(caller.call("lookUpTracking", new(caller, **dict.fromkeys(names, ""))), "a look-up with empty texts")


PROMISES: tuple[Promise, ...] = (
    a_create_repeats_what_was_sent,
    a_create_adds_id_status_and_time_and_no_more,
    the_language_is_not_repeated,
    a_new_tracking_is_pending,
    a_create_is_a_bare_object,
    what_was_created_can_be_read,
    the_country_is_read_as_it_was_sent,
    texts_come_back_as_they_were_written,
    blanks_come_back,
    texts_that_look_like_values_stay_texts,
    what_is_unset_is_empty_or_null,
    members_keep_their_odd_names,
    a_read_is_an_array_of_one,
    a_read_changes_nothing,
    a_look_up_tells_the_one_parcel,
    a_look_up_keeps_nothing,
    a_look_up_leaves_a_tracking_as_it_is,
    empty_texts_of_a_look_up_count_as_absent,
)
