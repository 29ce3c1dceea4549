"""Promises of Delivery Solutions: where an order is picked up and where it goes."""

from __future__ import annotations

from typing import Any

from contracts.caller import Caller
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import members, taken
from contracts.providers.delivery_solutions.trackers import (
    ADDRESS,
    CREATE,
    FILE,
    LEFT_OUT,
    OLDER,
    PAGE,
    SCHEMAS,
    create,
    echoes,
    found,
    waiting,
)

WAREHOUSE = {**ADDRESS, "street1": "11 Example Blvd", "city": "Austin", "postalCode": "78759"}
KEEPER = {"name": "Stella Ruiz", "phone": "+1 202-555-0178", "email": "stella@example.com"}


def _pickup(caller: Caller, **given: Any) -> dict[str, Any]:
    whole = {
        "name": "North warehouse",
        "locationExternalId": caller.unique("warehouse-"),
        "address": dict(WAREHOUSE),
        "contact": dict(KEEPER),
        "pickupInstructions": "Ring twice",
        **given,
    }
    return {name: value for name, value in whole.items() if value is not LEFT_OUT}


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/Pickup", source=FILE)
def a_location_can_be_made_by_the_call(caller: Caller) -> None:
    """`pickup` in place of a known location makes one, and the answer tells its id, address, contact and instructions."""
    pickup = _pickup(caller)
    expected = {
        "locationExternalId": pickup["locationExternalId"],
        "pickupAddress": WAREHOUSE,
        "pickupContact": KEEPER,
        "pickupInstructions": "Ring twice",
    }
    echoes(caller, waiting(caller, locationExternalId=LEFT_OUT, pickup=pickup), expected, "a tracker with a location of its own")


@promise("createTracker", where=f"{SCHEMAS}/Pickup/properties/locationExternalId", source=FILE)
def a_location_that_was_made_is_known(caller: Caller) -> None:
    """A location that one call made can be named by the next."""
    pickup = _pickup(caller)
    create(caller, waiting(caller, locationExternalId=LEFT_OUT, pickup=pickup))
    again = waiting(caller, locationExternalId=pickup["locationExternalId"])
    outcome = taken(caller.call("createTracker", again), "a tracker at a location that a call made")
    members(outcome.body, {"locationExternalId": pickup["locationExternalId"], "pickupAddress": WAREHOUSE}, "the second tracker", outcome)


@promise("createTracker", where=f"{SCHEMAS}/Pickup/properties/locationExternalId", source=FILE)
def a_location_without_an_id_gets_one(caller: Caller) -> None:
    """A location that is made without an id has one in the answer, each its own."""
    idents = []
    for _ in range(2):
        body = waiting(caller, locationExternalId=LEFT_OUT, pickup=_pickup(caller, locationExternalId=LEFT_OUT))
        idents.append(create(caller, body).at("/locationExternalId"))
    hold(all(idents) and idents[0] != idents[1], "locations that were made have no ids of their own", got=idents)


@promise("createTracker", where=CREATE, inferred=True)
def a_known_location_goes_over_a_made_one(caller: Caller) -> None:
    """With both kinds of location the known one is taken, and a warning says so."""
    sent = waiting(caller, pickup=_pickup(caller))
    outcome = taken(caller.call("createTracker", sent), "a tracker with both kinds of location")
    same(outcome.at("/locationExternalId"), sent["locationExternalId"], "the location is not the known one", outcome)
    hold(outcome.at("/warnings"), "nothing warns that `pickup` was not used", expected="warnings", outcome=outcome)


@promise("createTracker", where=f"{CREATE}/requestBody", source=FILE)
def the_location_is_told_as_it_was_named(caller: Caller) -> None:
    """A tracker is picked up at the location that was named, and not at another."""
    told = []
    for name in (caller.scene["location"], caller.scene["other_location"]):
        sent = waiting(caller, locationExternalId=name)
        outcome = create(caller, sent)
        same(outcome.at("/locationExternalId"), name, "the location is not the one that was named", outcome)
        told.append(found(caller, sent["trackerExternalId"])["pickupAddress"])
    hold(told[0] != told[1], "two locations have one address", got=told)


@promise("createTracker", where=f"{SCHEMAS}/PickupInstructions", source=FILE)
def instructions_go_over_those_of_the_location(caller: Caller) -> None:
    """`pickupInstructions` of the tracker take the place of the location's own."""
    sent = waiting(caller, locationExternalId=LEFT_OUT, pickup=_pickup(caller), pickupInstructions="the side door")
    echoes(caller, sent, {"pickupInstructions": "the side door"}, "a tracker with instructions of its own")


@promise("createTracker", where=f"{SCHEMAS}/NewTracker/else", source=OLDER)
def what_the_customer_collects_needs_no_address(caller: Caller) -> None:
    """A tracker of the type `pickup` is accepted without an address."""
    sent = waiting(caller, type="pickup", deliveryAddress=LEFT_OUT)
    echoes(caller, sent, {"type": "pickup", "deliveryAddress": None}, "a tracker that is collected")


@promise("createTracker", where=f"{SCHEMAS}/Address/properties/countryCode", source=FILE)
def five_countries_are_served(caller: Caller) -> None:
    """An address may be in the US, Canada, Britain, Australia or Ireland."""
    for country in ("US", "CA", "GB", "AU", "IE"):
        sent = waiting(caller, deliveryAddress={**ADDRESS, "countryCode": country})
        outcome = taken(caller.call("createTracker", sent), f"an address in {country}")
        same(outcome.at("/deliveryAddress/countryCode"), country, "the country is another one", outcome)


@promise("createTracker", where=f"{SCHEMAS}/TrackerType", source=PAGE)
def each_type_comes_back(caller: Caller) -> None:
    """A tracker has the type that was sent."""
    for kind in ("pickup", "delivery", "shipping"):
        outcome = taken(caller.call("createTracker", waiting(caller, type=kind)), f"a tracker of the type {kind}")
        same(outcome.at("/type"), kind, "the type is another one", outcome)


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerMembers/properties/pickupInstructions", source=FILE)
def a_location_has_instructions_of_its_own(caller: Caller) -> None:
    """Without `pickupInstructions` of its own a tracker tells those of its location, whether that was set up or made by a call."""
    sent = waiting(caller)
    echoes(caller, sent, {"pickupInstructions": caller.scene["instructions"]}, "a tracker without instructions")
    pickup = _pickup(caller)
    create(caller, waiting(caller, locationExternalId=LEFT_OUT, pickup=pickup))
    sent = waiting(caller, locationExternalId=pickup["locationExternalId"])
    echoes(caller, sent, {"pickupInstructions": "Ring twice"}, "a tracker without instructions")


PROMISES: tuple[Promise, ...] = (
    a_location_can_be_made_by_the_call,
    a_location_that_was_made_is_known,
    a_location_without_an_id_gets_one,
    a_known_location_goes_over_a_made_one,
    the_location_is_told_as_it_was_named,
    instructions_go_over_those_of_the_location,
    a_location_has_instructions_of_its_own,
    what_the_customer_collects_needs_no_address,
    five_countries_are_served,
    each_type_comes_back,
)
