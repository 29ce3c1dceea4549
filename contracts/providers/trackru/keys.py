"""Promises of Trackru: which tracking is which: numbers, carriers, ids, and what is left of one that was deleted."""

from __future__ import annotations

from typing import Any

from contracts.caller import Caller
from contracts.promises import Promise, accepted, hold, promise, same
from contracts.proofs import members, taken, without
from contracts.providers.trackru.calls import (
    CARRIERS,
    CODES_PAGE,
    CREATE,
    CREATE_PAGE,
    DELETE,
    DETECT,
    DETECT_PAGE,
    INDEX,
    NO_CARRIER,
    PARAMETERS,
    PYTHON_CLIENT,
    READ,
    SCHEMAS,
    create,
    gone,
    key,
    listed,
    new,
    numbers,
    read,
    refused,
    update,
)

NUMBER = f"{SCHEMAS}/TrackingNumber/pattern"


@promise("createTracking", "getTracking", where=f"{CREATE}/x-causes/duplicate", source=CODES_PAGE)
def the_same_number_twice_is_refused(caller: Caller) -> None:
    """A number that the account has at that carrier is refused, and what is there stays as it is."""
    made = create(caller, title="first")
    before = read(caller, made)
    refused(caller, caller.call("createTracking", new(caller, **key(made), title="second", comment="new")), "duplicate")
    members(read(caller, made), {name: before[name] for name in ("id", "title", "comment", "created_at")}, "the tracking")
    same(len(listed(caller, numbers=made["tracking_number"])), 1, "the number is listed more than once")


@promise("createTracking", "getTracking", where=CREATE, inferred=True)
def letter_case_makes_no_other_number(caller: Caller) -> None:
    """A number in other letters is the same number: refused when created again, found when read."""
    made = create(caller, tracking_number=caller.unique("aBcD-"))
    for other in (made["tracking_number"].lower(), made["tracking_number"].upper()):
        body = new(caller, tracking_number=other)
        refused(caller, caller.call("createTracking", body), "duplicate")
        found = read(caller, body)
        members(found, {**key(made), "id": made["id"]}, "the tracking, read in other letters")


@promise("updateTracking", "deleteTracking", where=f"{PARAMETERS}/tracking_number", inferred=True)
def letter_case_matters_to_no_path(caller: Caller) -> None:
    """An update and a delete find a number in other letters too."""
    made = create(caller, tracking_number=caller.unique("aBcD-"))
    other = {**key(made), "tracking_number": made["tracking_number"].swapcase()}
    same(update(caller, other, {"title": "found"}).get("id"), made["id"], "an update in other letters finds something else")
    taken(caller.call("deleteTracking", params=other), "a delete in other letters")
    gone(caller, made)


@promise("createTracking", "getTracking", where=CREATE, inferred=True)
def the_same_number_at_another_carrier_is_another_tracking(caller: Caller) -> None:
    """A number may be watched at two carriers; each is a tracking of its own."""
    made = create(caller, title="first")
    body = new(caller, tracking_number=made["tracking_number"], carrier_code=caller.scene["other_carrier_code"], title="second")
    other = taken(caller.call("createTracking", body), "the same number at another carrier").at("/data")
    hold(other["id"] != made["id"], "two trackings have the same id", got=other["id"])
    members(read(caller, made), {"title": "first", "id": made["id"]}, "the first tracking")
    members(read(caller, other), {"title": "second", "id": other["id"]}, "the second tracking")


@promise("createTracking", where=f"{SCHEMAS}/Id", source=INDEX)
def ids_are_unique(caller: Caller) -> None:
    """Each tracking has an id that no other has, one that comes after a deleted one too."""
    made = [create(caller) for _ in range(4)]
    accepted(caller.call("deleteTracking", params=key(made[-1])))
    ids = [tracking["id"] for tracking in (*made, create(caller))]
    hold(len(set(ids)) == len(ids), "two trackings have the same id", expected="five ids", got=ids)


@promise("createTracking", "getTracking", "updateTracking", "listTrackings", where=f"{SCHEMAS}/Id", source=INDEX)
def an_id_stays(caller: Caller) -> None:
    """Create, read, update and list tell the same id, whatever happens in between."""
    made = create(caller)
    create(caller)
    found = [read(caller, made)["id"], update(caller, made, {"title": "changed"})["id"], read(caller, made)["id"]]
    found += [item["id"] for item in listed(caller, numbers=made["tracking_number"])]
    same(found, [made["id"]] * 4, "the id moves")


@promise("deleteTracking", "getTracking", "updateTracking", "listTrackings", where=DELETE, source=INDEX)
def a_deleted_tracking_is_gone(caller: Caller) -> None:
    """What was deleted is neither read, listed, updated nor deleted again."""
    made = create(caller)
    taken(caller.call("deleteTracking", params=key(made)), "a delete")
    gone(caller, made)
    refused(caller, caller.call("updateTracking", {"title": "back"}, params=key(made)), "no-such-tracking")
    refused(caller, caller.call("deleteTracking", params=key(made)), "no-such-tracking")
    gone(caller, made)


@promise("deleteTracking", "createTracking", where=DELETE, source=INDEX)
def a_deleted_number_can_be_created_again(caller: Caller) -> None:
    """A number that was deleted is free, and nothing of the old tracking clings to the new one."""
    made = create(caller, title="old", comment="old", order_id="old")
    update(caller, made, {"status": 4, "archived": "true"})
    accepted(caller.call("deleteTracking", params=key(made)))
    again = taken(caller.call("createTracking", new(caller, **key(made), title="new")), "a number that was deleted").at("/data")
    found = read(caller, again)
    members(found, {"id": again["id"], "title": "new", "comment": None, "order_id": None, "archived": False}, "the new tracking")
    hold(found["id"] != made["id"], "the new tracking has the id of the deleted one", got=found["id"])
    hold(found["status"] != "delivered", "the new tracking has the status that the old one was given", got=found["status"])


@promise("deleteTracking", where=f"{DELETE}/responses/200", source=PYTHON_CLIENT)
def a_delete_has_no_data(caller: Caller) -> None:
    """A delete is answered with an empty array."""
    outcome = taken(caller.call("deleteTracking", params=key(create(caller))), "a delete")
    same(outcome.at("/data"), [], "the data of a delete is no empty array", outcome)


@promise("deleteTracking", "getTracking", where=DELETE, source=INDEX)
def a_delete_takes_one_tracking(caller: Caller) -> None:
    """A delete leaves all others, those with the same number at another carrier too."""
    made, neighbour = create(caller), create(caller)
    other = create(caller, tracking_number=made["tracking_number"], carrier_code=caller.scene["other_carrier_code"])
    accepted(caller.call("deleteTracking", params=key(made)))
    for kept in (neighbour, other):
        same(read(caller, kept)["id"], kept["id"], "a delete takes more than it names")


@promise("createTracking", "getTracking", "listTrackings", where=CREATE, inferred=True)
def a_refused_create_makes_nothing(caller: Caller) -> None:
    """What is refused for its carrier, or for one bad member, is not there afterwards."""
    good = new(caller)
    flaws: tuple[dict[str, Any], ...] = ({"title": 7}, {"title": None}, {"lang": "english"}, {"tracking_ship_date": "2018-10-01"})
    for bad, cause in (({"carrier_code": NO_CARRIER}, "bad-carrier"), *((flaw, "invalid") for flaw in flaws)):
        refused(caller, caller.call("createTracking", {**good, **bad}), cause)
        gone(caller, {**good, **{name: value for name, value in bad.items() if name == "carrier_code"}})
    taken(caller.call("createTracking", good), "what was refused before, put right")


@promise("createTracking", where=NUMBER, source=CODES_PAGE)
def a_number_has_five_signs_or_more(caller: Caller) -> None:
    """Five letters, digits, hyphens or underscores are a number; four are not, nor is any other sign."""
    whole = caller.unique("_-x")
    taken(caller.call("createTracking", new(caller, tracking_number=f"{whole}-_9Az")), "a number with hyphen and underscore")
    for bad in ("1234", "", f"{whole} 1", f"{whole}.1", f"{whole}/1", f"{whole}é", f" {whole}", f"{whole}\n", f"{whole}٣"):
        refused(caller, caller.call("createTracking", new(caller, tracking_number=bad)), "bad-number")
    short = new(caller, tracking_number=caller.unique()[-5:].rjust(5, "0"))
    outcome = caller.call("createTracking", short)
    if outcome.at("/meta/code") != 4016:  # five signs are soon used up
        taken(outcome, "a number of five signs")
        caller.call("deleteTracking", params=key(short))


@promise("createTracking", where=f"{SCHEMAS}/NewTracking/required", source=CREATE_PAGE)
def number_and_carrier_are_enough(caller: Caller) -> None:
    """The smallest create has number and carrier, and neither may be left out."""
    body = new(caller)
    refused(caller, caller.call("createTracking", without(body, "tracking_number")), "missing-number")
    refused(caller, caller.call("createTracking", without(body, "carrier_code")), "missing-carrier")
    taken(caller.call("createTracking", body), "a create with number and carrier")


# --- carriers ------------------------------------------------------------------------------------------------------------------


@promise("listCarriers", "createTracking", where=f"{SCHEMAS}/CarrierCode", source=CREATE_PAGE)
def a_carrier_that_is_listed_can_be_named(caller: Caller) -> None:
    """The first and the last carrier of the list are good for a create; one that is not listed is refused."""
    codes = [carrier["code"] for carrier in accepted(caller.call("listCarriers")).at("/data")]
    for code in {codes[0], codes[-1]}:
        taken(caller.call("createTracking", new(caller, carrier_code=code)), f"a create with the listed carrier {code}")
    hold(NO_CARRIER not in codes, "the list has a carrier that nobody can have", got=NO_CARRIER)
    refused(caller, caller.call("createTracking", new(caller, carrier_code=NO_CARRIER)), "bad-carrier")


@promise("listCarriers", where=CARRIERS, source=DETECT_PAGE, writes=False)
def a_carrier_is_listed_once(caller: Caller) -> None:
    """No two carriers of the list have the same code."""
    outcome = taken(caller.call("listCarriers"), "the list of carriers")
    codes = [carrier["code"] for carrier in outcome.at("/data")]
    same(sorted(codes), sorted(set(codes)), "a carrier is listed twice", outcome)


@promise("detectCarriers", "listCarriers", where=DETECT, source=DETECT_PAGE, writes=False)
def a_guess_is_a_carrier_of_the_list(caller: Caller) -> None:
    """Whom a number is guessed to belong to the list of carriers has, under the same name."""
    known = {carrier["code"]: carrier["name"] for carrier in accepted(caller.call("listCarriers")).at("/data")}
    outcome = accepted(caller.call("detectCarriers", {"tracking_number": caller.scene["detectable"]}))
    guesses = [guess["code"] for guess in outcome.at("/data")]
    same(sorted(guesses), sorted(set(guesses)), "a carrier is guessed twice", outcome)
    for guess in outcome.at("/data"):
        same(guess["name"], known.get(guess["code"]), f"the carrier {guess['code']} is not listed under that name", outcome)


@promise("detectCarriers", where=f"{DETECT}/x-causes/not-detected", source=CODES_PAGE, writes=False)
def a_number_like_no_other_belongs_to_nobody(caller: Caller) -> None:
    """A number that no carrier could have is refused as such, not answered with an empty list."""
    refused(caller, caller.call("detectCarriers", {"tracking_number": "_-" * 30}), "not-detected")


@promise("getTracking", where=f"{READ}/x-causes/no-such-tracking", inferred=True, writes=False)
def what_was_never_created_is_not_there(caller: Caller) -> None:
    """A number that nobody created is neither read nor listed; its carrier may be known or not."""
    absent = new(caller)
    gone(caller, absent)
    refused(caller, caller.call("getTracking", params={**absent, "carrier_code": NO_CARRIER}), "no-such-tracking")
    same(numbers(listed(caller, numbers=absent["tracking_number"])), [], "what was never created is listed")


PROMISES: tuple[Promise, ...] = (
    the_same_number_twice_is_refused,
    letter_case_makes_no_other_number,
    letter_case_matters_to_no_path,
    the_same_number_at_another_carrier_is_another_tracking,
    ids_are_unique,
    an_id_stays,
    a_deleted_tracking_is_gone,
    a_deleted_number_can_be_created_again,
    a_delete_has_no_data,
    a_delete_takes_one_tracking,
    a_refused_create_makes_nothing,
    a_number_has_five_signs_or_more,
    number_and_carrier_are_enough,
    a_carrier_that_is_listed_can_be_named,
    a_carrier_is_listed_once,
    a_guess_is_a_carrier_of_the_list,
    a_number_like_no_other_belongs_to_nobody,
    what_was_never_created_is_not_there,
)
