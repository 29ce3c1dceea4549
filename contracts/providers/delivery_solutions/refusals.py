"""Promises of Delivery Solutions: why a call is refused, what the refusal names, and that nothing happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import members, once, taken, turned_down
from contracts.providers.delivery_solutions.trackers import (
    ADDRESS,
    CREATE,
    FILE,
    LEFT_OUT,
    PAGE,
    SCHEMAS,
    UPDATE,
    absent,
    create,
    dispatched,
    found,
    lasting,
    listed,
    waiting,
)

UNKNOWN = "0123456789abcdef01234567"  # an id that nothing has
WRONG: Mapping[str, Any] = {  # a wrong value for each member, with what else it takes to reach it
    "orderValue": -1,
    "type": "carrier pigeon",
    "groupId": 7,
    "deliveryContact": {"name": "Ivy Chandler"},
    "packages": [{"quantity": 0}],
    "locale": "english",
    "createdDate": "yesterday",
    "deliveryAddress": {**ADDRESS, "countryCode": "NL"},
}


def _named(outcome: Outcome) -> list[Any]:
    """Tell which members of the body a refusal names, each once; where exactly in them is not documented."""
    errors = outcome.at("/errors", [])
    names = [error.get("parameter") for error in errors if isinstance(error, dict)]
    return list(dict.fromkeys(name.partition(".")[0].partition("[")[0] if isinstance(name, str) else name for name in names))


def _refusals(caller: Caller) -> Iterator[Outcome]:
    """Make the platform refuse in all ways that a call alone can bring about."""
    yield caller.call("createTracker", waiting(caller, deliveryAddress=LEFT_OUT))
    yield caller.call("createTracker", waiting(caller, locationExternalId=LEFT_OUT))
    yield caller.call("createTracker", waiting(caller, orderValue=-1))
    yield caller.call("createTracker", dispatched(caller, provider=caller.unique("Nobody ")))
    yield caller.call("createTracker", waiting(caller, locationExternalId=caller.unique("nowhere-")))
    yield caller.call("createTracker", b"{")
    yield caller.call("updateTracker", {"orderValue": 1}, params={"tracker_id": UNKNOWN})
    yield caller.call("listTrackers", {"createdAt": {"startsAt": 0, "endsAt": 31 * 86_400_000}})


# --- what is refused ---------------------------------------------------------------------------------------------------------


@promise("createTracker", where=f"{CREATE}/x-causes/missing-address", source=PAGE)
def a_delivery_needs_an_address(caller: Caller) -> None:
    """A tracker that is delivered is refused without an address, as missing data at `deliveryAddress`."""
    sent = waiting(caller, type="delivery", deliveryAddress=LEFT_OUT)
    outcome = turned_down(caller.call("createTracker", sent), "a delivery without an address")
    refused(caller.spec, outcome, "missing-address")
    same(_named(outcome), ["deliveryAddress"], "the refusal names another member than the one that is missing", outcome)
    absent(caller, sent["trackerExternalId"], "a refused create")


@promise("createTracker", where=f"{CREATE}/x-causes/missing-data", inferred=True)
def what_is_missing_is_400_and_what_is_wrong_422(caller: Caller) -> None:
    """A body that lacks something is refused with 400, one that has something wrong with 422."""
    missing = (
        waiting(caller, locationExternalId=LEFT_OUT),
        waiting(caller, deliveryContact={"name": "Ivy Chandler"}),
        waiting(caller, deliveryAddress={"street1": "1 Example Street", "state": "TX", "postalCode": "77064"}),
        waiting(caller, packages=[{"itemList": [{"title": "Watch"}]}]),
    )
    for body in missing:
        refused(caller.spec, turned_down(caller.call("createTracker", body), "a body that lacks something"), "missing-data")
    for name, value in WRONG.items():
        if name != "deliveryContact":
            outcome = turned_down(caller.call("createTracker", waiting(caller, **{name: value})), f"a wrong {name}")
            refused(caller.spec, outcome, "invalid")


@promise("createTracker", "updateTracker", where=f"{CREATE}/x-causes/unknown-provider", source=PAGE)
def a_provider_must_be_set_up_letter_by_letter(caller: Caller) -> None:
    """A provider that the business does not have is refused, and so is a known one in another letter case."""
    ident = create(caller, waiting(caller)).at("/id")
    known = caller.scene["provider"]
    for name in (caller.unique("Nobody "), known.swapcase(), f"{known} ", f"{known}_123"):
        body = dispatched(caller, provider=name)
        for operation, sent, params in (
            ("createTracker", body, {}),
            ("updateTracker", {"provider": name, "trackingId": "1"}, {"tracker_id": ident}),
        ):
            outcome = turned_down(caller.call(operation, sent, params=params), f"the provider {name!r}")
            refused(caller.spec, outcome, "unknown-provider")
            members(outcome.at("/errors/0"), {"parameter": "provider", "entity": "provider"}, "the detail of the refusal", outcome)
        absent(caller, body["trackerExternalId"], "a refused create")


@promise("createTracker", "updateTracker", where=f"{CREATE}/x-causes/unknown-location", inferred=True)
def a_location_must_be_known(caller: Caller) -> None:
    """A location that nobody knows is refused by create and update."""
    ident = create(caller, waiting(caller)).at("/id")
    change = {"locationExternalId": caller.unique("nowhere-")}
    for outcome in (
        caller.call("createTracker", waiting(caller, **change)),
        caller.call("updateTracker", change, params={"tracker_id": ident}),
    ):
        refused(caller.spec, turned_down(outcome, "an unknown location"), "unknown-location")
        same(_named(outcome), ["locationExternalId"], "the refusal names another member", outcome)


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/NewTracker/properties/trackerExternalId", source=FILE)
def an_external_id_is_unique(caller: Caller) -> None:
    """A second tracker with the same external id is refused, and the first is as it was."""
    sent = waiting(caller, deliveryInstructions="first")
    create(caller, sent)
    before = found(caller, sent["trackerExternalId"])
    outcome = caller.call("createTracker", {**sent, "deliveryInstructions": "second"})
    turned_down(outcome, "an external id that is taken")
    same(lasting(found(caller, sent["trackerExternalId"])), lasting(before), "a refused duplicate changed the first tracker", outcome)


@promise("createTracker", where=f"{CREATE}/x-causes/duplicate-tracker", inferred=True)
def a_repeated_external_id_is_told_as_such(caller: Caller) -> None:
    """The refusal of an external id that is taken says so and names it, whatever else differs."""
    sent = waiting(caller)
    create(caller, sent)
    for body in (sent, dispatched(caller, trackerExternalId=sent["trackerExternalId"], type="delivery")):
        outcome = turned_down(caller.call("createTracker", body), "an external id that is taken")
        refused(caller.spec, outcome, "duplicate-tracker")
        same(_named(outcome), ["trackerExternalId"], "the refusal names another member", outcome)


@promise("updateTracker", "listTrackers", where=f"{UPDATE}/x-causes/unknown-tracker", inferred=True)
def an_unknown_tracker_is_not_made_by_an_update(caller: Caller) -> None:
    """An update of a tracker that is not there is refused with 404 and makes none."""
    name = caller.unique("nobody-")
    for ident in (UNKNOWN, name):
        outcome = caller.call("updateTracker", {"orderValue": 1}, params={"tracker_id": ident})
        refused(caller.spec, turned_down(outcome, "an update of nothing that is there"), "unknown-tracker")
    absent(caller, name, "an update of an unknown tracker")


@promise("createTracker", "updateTracker", where=f"{CREATE}/x-causes/reversed-window", inferred=True)
def a_window_ends_after_it_starts(caller: Caller) -> None:
    """A window that ends before it starts is refused; one of a single moment is taken."""
    ident = create(caller, waiting(caller)).at("/id")
    for name in ("pickupTime", "deliveryTime"):
        moment, reversed_ = {"startsAt": 7, "endsAt": 7}, {"startsAt": 8, "endsAt": 7}
        taken(caller.call("createTracker", waiting(caller, **{name: moment})), f"a {name} of one moment")
        for outcome in (
            caller.call("createTracker", waiting(caller, **{name: reversed_})),
            caller.call("updateTracker", {name: reversed_}, params={"tracker_id": ident}),
        ):
            refused(caller.spec, turned_down(outcome, f"a reversed {name}"), "reversed-window")
            same(_named(outcome), [name], "the refusal names another member", outcome)


@promise("createTracker", "updateTracker", where=f"{SCHEMAS}/TrackerChange", source=FILE)
def null_is_for_a_create_alone(caller: Caller) -> None:
    """Group and delivery instructions may be null in a create and not in an update."""
    sent = waiting(caller, groupId=None, deliveryInstructions=None)
    outcome = taken(caller.call("createTracker", sent), "a create with null for group and instructions")
    members(outcome.body, {"groupId": None, "deliveryInstructions": None}, "a new tracker", outcome)
    for name in ("groupId", "deliveryInstructions"):
        refusal = caller.call("updateTracker", {name: None}, params={"tracker_id": outcome.at("/id")})
        refused(caller.spec, turned_down(refusal, f"an update with null for {name}"), "invalid")


# --- what a refusal leaves behind ------------------------------------------------------------------------------------------------


@promise("createTracker", "listTrackers", where=f"{CREATE}/responses/422", source=PAGE)
def a_refused_create_leaves_nothing(caller: Caller) -> None:
    """After a refused create there is no tracker, and its external id is still free."""
    bodies = [waiting(caller, **{name: value}) for name, value in WRONG.items()]
    bodies += [
        dispatched(caller, provider=caller.unique("Nobody ")),
        waiting(caller, deliveryAddress=LEFT_OUT),
        waiting(caller, locationExternalId=LEFT_OUT),
    ]
    for body in bodies:
        order = body["trackerExternalId"]
        turned_down(caller.call("createTracker", body), "a create with something wrong in it")
        absent(caller, order, "a refused create")
        taken(caller.call("createTracker", waiting(caller, trackerExternalId=order)), "an external id that a refused create had")


@promise("createTracker", where=f"{CREATE}/x-causes/unknown-provider", source=PAGE)
def a_refused_create_makes_no_location(caller: Caller) -> None:
    """A location that a refused create would have made is not known afterwards."""
    place = caller.unique("warehouse-")
    pickup = {"name": "North", "locationExternalId": place, "address": dict(ADDRESS)}
    body = dispatched(caller, locationExternalId=LEFT_OUT, pickup=pickup, provider=caller.unique("Nobody "))
    turned_down(caller.call("createTracker", body), "an unknown provider")
    turned_down(caller.call("createTracker", waiting(caller, locationExternalId=place)), "a location that a refused create would have made")


@promise("updateTracker", "listTrackers", where=f"{UPDATE}/responses/422", source=PAGE)
def a_refused_update_changes_nothing(caller: Caller) -> None:
    """After a refused update a tracker is as it was, also in the members that were right."""
    sent = dispatched(caller, deliveryInstructions="before", orderValue=1, groupId=caller.unique("basket-"))
    ident = create(caller, sent).at("/id")
    before = lasting(found(caller, sent["trackerExternalId"]))
    right = {"deliveryInstructions": "after", "orderValue": 2, "orderAttributes": {"after": True}}
    mistakes: tuple[dict[str, Any], ...] = (
        {"provider": caller.unique("Nobody "), "trackingId": "1"},
        {"locationExternalId": caller.unique("nowhere-")},
        {"groupId": None},
        {"itemList": [{}]},
        {"createdDate": -1},
    )
    for wrong in mistakes:
        outcome = caller.call("updateTracker", {**right, **wrong}, params={"tracker_id": ident})
        turned_down(outcome, f"an update with a wrong {next(iter(wrong))}")
        same(lasting(found(caller, sent["trackerExternalId"])), before, "a refused update changed something", outcome)


# --- how it is said ----------------------------------------------------------------------------------------------------------


@promise("createTracker", where=f"{SCHEMAS}/Refusal/properties/errors", inferred=True)
def a_refusal_names_every_wrong_member_and_no_other(caller: Caller) -> None:
    """A refusal names each member that is wrong, whether one or several are, and none that is right."""
    names = [name for name in WRONG if name != "deliveryContact"]
    for wrong in ([name] for name in WRONG):
        _names_exactly(caller, wrong)
    for wrong in (names[:2], names[2:5], names):
        _names_exactly(caller, wrong)


def _names_exactly(caller: Caller, wrong: list[str]) -> None:
    right = {"deliveryInstructions": "right", "barcodes": ["1"], "pickupTime": None}
    outcome = caller.call("createTracker", waiting(caller, **right, **{name: WRONG[name] for name in wrong}))
    once(_named(turned_down(outcome, "a body with something wrong in it")), wrong, "the list of what is wrong", outcome)


@promise("createTracker", "updateTracker", "listTrackers", where="/components/headers/apierrorcode", source=FILE)
def every_refusal_has_its_headers(caller: Caller) -> None:
    """Each refusal has the headers `apierrorcode` and `apierrormsg`."""
    for outcome in _refusals(caller):
        for name in ("apierrorcode", "apierrormsg"):
            hold(outcome.answer.headers.get(name), f"a refusal lacks the header {name}", expected="a text", outcome=outcome)


@promise("createTracker", "updateTracker", "listTrackers", where="/components/headers/apierrorcode", inferred=True)
def header_and_body_give_the_same_reason(caller: Caller) -> None:
    """The header `apierrorcode` is the type of the refusal."""
    for outcome in _refusals(caller):
        same(outcome.answer.headers.get("apierrorcode"), outcome.at("/type"), "header and body give different reasons", outcome)


@promise("createTracker", "updateTracker", "listTrackers", where=f"{SCHEMAS}/Refusal", source=FILE)
def status_and_body_agree(caller: Caller) -> None:
    """A refusal has a status of its own and the envelope of refusals, a success has neither."""
    for outcome in _refusals(caller):
        hold(400 <= outcome.status < 500, "a refusal has the status of a success or a failure", got=outcome.status, outcome=outcome)
        hold(outcome.at("/type") and outcome.at("/errors/0/type"), "a refusal has no type", got=outcome.body, outcome=outcome)
        hold(not outcome.at("/severity"), "a refusal tells its severity", got=outcome.at("/severity"), outcome=outcome)
    outcome = create(caller, waiting(caller))
    same(outcome.status, 201, "a create has another status than 201", outcome)
    hold("errors" not in outcome.body, "a success has errors", got=outcome.body, outcome=outcome)


@promise("createTracker", "listTrackers", where=f"{CREATE}/requestBody", source=FILE)
def a_body_that_is_no_json_is_refused(caller: Caller) -> None:
    """A body that is not JSON, or is no object, is refused and creates nothing."""
    group = caller.unique("basket-")
    for body in (b"{", b"", b"[]", b"null", f'{{"groupId": "{group}", '.encode(), b"<tracker/>"):
        turned_down(caller.call("createTracker", body), f"the body {body!r}")
    same(listed(caller, groupId=group), [], "a body that can't be read left a tracker behind")


PROMISES: tuple[Promise, ...] = (
    a_delivery_needs_an_address,
    what_is_missing_is_400_and_what_is_wrong_422,
    a_provider_must_be_set_up_letter_by_letter,
    a_location_must_be_known,
    an_external_id_is_unique,
    a_repeated_external_id_is_told_as_such,
    an_unknown_tracker_is_not_made_by_an_update,
    a_window_ends_after_it_starts,
    null_is_for_a_create_alone,
    a_refused_create_leaves_nothing,
    a_refused_create_makes_no_location,
    a_refused_update_changes_nothing,
    a_refusal_names_every_wrong_member_and_no_other,
    every_refusal_has_its_headers,
    header_and_body_give_the_same_reason,
    status_and_body_agree,
    a_body_that_is_no_json_is_refused,
)
