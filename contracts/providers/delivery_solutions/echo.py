"""Promises of Delivery Solutions: what was sent comes back, and what was not is filled in as documented."""

from __future__ import annotations

from typing import Any

from contracts.caller import Caller
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import BLANKS, LOOKALIKES, TEXTS, members, taken, without
from contracts.providers.delivery_solutions.trackers import (
    ADDRESS,
    CONTACT,
    CREATE,
    FILE,
    LEFT_OUT,
    NEWS,
    PAGE,
    SCHEMAS,
    WINDOW,
    create,
    dispatched,
    echoes,
    found,
    waiting,
)

ITEM = {
    "sku": "sku 1",
    "upc": "012345678905",
    "category": "Gifts",
    "quantity": 3,
    "size": {"height": 2.5, "width": 2, "length": 0.1, "unit": "in"},
    "weight": {"value": 0.25, "unit": "lb"},
    "price": 19.99,
    "salePrice": 0,
    "image": "https://example.com/items/watch.png",
    "title": "Watch",
    "description": "It ticks.",
    "itemAttributes": {"colour": "red", "nested": {"deep": [1, None, {"er": False}]}},
    "tags": ["b", "a", "b"],
}
PACKAGE = {
    "name": "box M",
    "description": "Garden tools",
    "quantity": 2,
    "itemQuantity": 4,
    "temperatureControl": "ambient",
    "content": ["fragile", "alcohol"],
    "barcode": "0012",
    "size": {"height": 10, "width": 20, "length": 30.5, "unit": "cm"},
    "weight": {"value": 4.2, "unit": "kg"},
    "itemList": [ITEM],
}


@promise("createTracker", "listTrackers", where=CREATE, source=PAGE)
def what_was_sent_comes_back(caller: Caller) -> None:
    """A create is answered with what was sent, and a list tells the same."""
    sent = dispatched(
        caller,
        type="delivery",
        groupId=caller.unique("basket-"),
        orderAttributes={"gift": True, "channel": "web", "floor": 0, "codes": ["a", "b"]},
        orderValue=116.5,
        pickupTime=dict(WINDOW),
        deliveryTime=dict(WINDOW),
        deliveryContact=dict(CONTACT),
        deliveryAddress={**ADDRESS, "street2": "", "apartmentNumber": "4b", "latitude": 29.9259823, "longitude": -95.5523879},
        pickupInstructions="ask at the side door",
        deliveryInstructions="leave at the door",
        packages=[PACKAGE],
    )
    echoes(caller, sent, without(sent, "provider"), "a new tracker")


@promise("createTracker", "listTrackers", where=CREATE, source=PAGE)
def texts_come_back_as_they_were_written(caller: Caller) -> None:
    """A text comes back letter by letter: other scripts, signs beyond 16 bits, what looks like markup."""
    for text in TEXTS:
        _text_comes_back(caller, text)


@promise("createTracker", "listTrackers", where=CREATE, source=PAGE)
def texts_stay_texts(caller: Caller) -> None:
    """A text that looks like a number, a date or a truth value stays a text."""
    for text in LOOKALIKES:
        _text_comes_back(caller, text)


@promise("createTracker", "listTrackers", where=CREATE, inferred=True)
def blanks_come_back(caller: Caller) -> None:
    """Blanks at the ends of a text and in a row come back."""
    _text_comes_back(caller, BLANKS)


def _text_comes_back(caller: Caller, text: str) -> None:
    sent = waiting(
        caller,
        trackerExternalId=text + caller.unique(" "),
        groupId=text,
        deliveryContact={"name": text, "phone": "+1 202-555-0143"},
        deliveryInstructions=text,
        orderAttributes={text: text},
        deliveryAddress={**ADDRESS, "street1": text},
    )
    echoes(caller, sent, sent, "a tracker with such texts")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/OrderValue", source=FILE)
def numbers_come_back_exactly(caller: Caller) -> None:
    """An amount or a coordinate comes back as the same number, down to its last digit."""
    for value in (0, 0.1, 19.99, 100, 1234567.89, 0.07, 99999999.99):
        sent = waiting(caller, orderValue=value, deliveryAddress={**ADDRESS, "latitude": -0.000001, "longitude": 179.99999999})
        echoes(caller, sent, sent, f"a tracker that is worth {value}")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/OrderAttributes", source=FILE)
def attributes_keep_their_kinds(caller: Caller) -> None:
    """An order attribute comes back with its own kind: text, number, truth value, or an array of one of these."""
    attributes = {"text": "1", "number": 1, "yes": True, "no": False, "zero": 0, "empty": "", "": "no name", "half": 0.5}
    arrays = {"texts": ["b", "a", "b"], "numbers": [3, 1, 2.5, 3], "truths": [True, False, True]}
    sent = waiting(caller, orderAttributes={**attributes, **arrays})
    echoes(caller, sent, sent, "a tracker with such attributes")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/AttributeValue", inferred=True)
def an_empty_array_is_an_attribute(caller: Caller) -> None:
    """An order attribute may be an empty array, although it could be one of three kinds."""
    sent = waiting(caller, orderAttributes={"none": []})
    echoes(caller, sent, sent, "a tracker with an empty array")


@promise("createTracker", "listTrackers", where=f"{CREATE}/requestBody", source=FILE)
def lists_keep_their_order_and_repetitions(caller: Caller) -> None:
    """Packages, their items and their contents come back in the order sent, those that are alike too."""
    items = [{"sku": sku, "quantity": 1, "tags": ["z", "a", "z"]} for sku in ("c", "a", "b", "a")]
    kinds = [("perishable", "alcohol"), ("alcohol", "perishable"), ("perishable", "alcohol")]
    packages = [{"name": "box", "quantity": 1, "itemQuantity": 1, "content": [*content], "itemList": items} for content in kinds]
    sent = waiting(caller, packages=packages)
    echoes(caller, sent, sent, "a tracker with several packages")


@promise("createTracker", "updateTracker", "listTrackers", where=f"{SCHEMAS}/TrackerMembers/properties/provider", source=FILE)
def a_provider_is_a_name_in_and_an_object_out(caller: Caller) -> None:
    """A provider is sent as its name and answered as an object; it is null until there is one."""
    outcome = create(caller, waiting(caller))
    same(outcome.at("/provider"), None, "a tracker that waits has a provider", outcome)
    for name in (caller.scene["provider"], caller.scene["other_provider"]):
        sent = dispatched(caller, provider=name)
        outcome = create(caller, sent)
        members(outcome.at("/provider"), {"name": name}, "the provider of a new tracker", outcome)
        members(found(caller, sent["trackerExternalId"])["provider"], {"name": name}, "the provider of a listed tracker")


@promise("createTracker", where=f"{SCHEMAS}/Status", source=FILE)
def a_tracker_waits_until_it_has_a_provider(caller: Caller) -> None:
    """Without provider and number a tracker is in PENDING_DISPATCH, with both in ORDER_DISPATCHED."""
    for body, status in ((waiting(caller), "PENDING_DISPATCH"), (dispatched(caller), "ORDER_DISPATCHED")):
        outcome = create(caller, body)
        same(outcome.at("/status"), status, "a new tracker has another status than it should", outcome)


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerMembers/properties/orderExternalId", source=FILE)
def the_order_is_called_as_the_tracker(caller: Caller) -> None:
    """`orderExternalId` is the `trackerExternalId` that was sent."""
    sent = waiting(caller)
    expected = dict.fromkeys(("orderExternalId", "trackerExternalId"), sent["trackerExternalId"])
    echoes(caller, sent, expected, "a tracker with an external id")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerMembers/properties/orderExternalId", source=FILE)
def a_tracker_without_a_name_is_called_by_its_id(caller: Caller) -> None:
    """Without a `trackerExternalId` the service's own id stands in."""
    outcome = create(caller, waiting(caller, trackerExternalId=LEFT_OUT))
    expected = dict.fromkeys(("orderExternalId", "trackerExternalId"), outcome.at("/id"))
    members(outcome.body, expected, "a tracker without an external id", outcome)
    members(found(caller, str(outcome.at("/id"))), expected, "a listed tracker without an external id")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerWindow", source=FILE)
def half_a_window_is_filled_with_null(caller: Caller) -> None:
    """A window that was sent with one end comes back with the other as null."""
    for half, filled in (({"startsAt": 1649253600000}, {"endsAt": None}), ({"endsAt": 1649268000000}, {"startsAt": None})):
        whole = {**half, **filled}
        sent = waiting(caller, pickupTime=half, deliveryTime=half)
        echoes(caller, sent, {"pickupTime": whole, "deliveryTime": whole}, "a tracker with half a window")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/NewTracker/properties/pickupTime", source=FILE)
def no_window_is_as_soon_as_possible(caller: Caller) -> None:
    """A window that is null or not sent is null in the answer."""
    for given in (None, LEFT_OUT):
        sent = waiting(caller, pickupTime=given, deliveryTime=given)
        echoes(caller, sent, {"pickupTime": None, "deliveryTime": None}, "a tracker without windows")


@promise("createTracker", where=f"{SCHEMAS}/EstimatedWindow", inferred=True)
def nothing_is_expected_before_the_provider_spoke(caller: Caller) -> None:
    """The estimates of a tracker that waits have `startsAt` alone, and that is null."""
    outcome = create(caller, waiting(caller))
    for name in ("estimatedPickupTime", "estimatedDeliveryTime"):
        same(outcome.at(f"/{name}"), {"startsAt": None}, f"{name} of a tracker that waits is not empty", outcome)


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/Address/properties/countryCode", inferred=True)
def a_country_that_is_not_sent_is_filled_in(caller: Caller) -> None:
    """An address without a country comes back with US, the default."""
    sent = waiting(caller, deliveryAddress=without(ADDRESS, "countryCode"))
    echoes(caller, sent, {"deliveryAddress": {**ADDRESS, "countryCode": "US"}}, "a tracker without a country")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/PackageMembers", inferred=True)
def what_a_package_lacks_is_filled_in(caller: Caller) -> None:
    """A package without name and numbers comes back as one `custom` with one item."""
    sent = waiting(caller, packages=[{}, {"name": "box", "quantity": 2}])
    filled = [{"name": "custom", "quantity": 1, "itemQuantity": 1}, {"name": "box", "quantity": 2, "itemQuantity": 1}]
    echoes(caller, sent, {"packages": filled}, "a tracker with empty packages")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerMembers", inferred=True)
def what_is_not_sent_is_told_as_nothing(caller: Caller) -> None:
    """A member that was not sent is null or empty in the answer, and the type is `shipping`."""
    expected: dict[str, Any] = {"type": "shipping", "packages": [], "orderAttributes": {}, "groupId": None, "orderValue": None}
    sent = waiting(caller)
    echoes(caller, sent, {**expected, "deliveryContact": None, "deliveryInstructions": None, "trackingId": None}, "the smallest tracker")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/NewTracker", source=FILE)
def members_that_are_not_documented_are_ignored(caller: Caller) -> None:
    """A member that the document does not have is no reason to refuse, and is not answered."""
    sent = waiting(caller, deliveryAddress={**ADDRESS, "planet": "Earth"}, packages=[{"colour": "red"}], mood="fine")
    outcome = taken(caller.call("createTracker", sent), "a tracker with members that are not documented")
    for told in (outcome.body, found(caller, sent["trackerExternalId"])):
        hold("mood" not in told and "planet" not in (told.get("deliveryAddress") or {}), "an unknown member came back", outcome=outcome)


@promise("createTracker", "listTrackers", where=f"{CREATE}/responses/201", source=PAGE)
def a_list_tells_what_the_create_answered(caller: Caller) -> None:
    """A tracker in a list is the tracker that its create answered, member by member, id included."""
    sent = dispatched(caller, packages=[PACKAGE], deliveryContact=dict(CONTACT), groupId=caller.unique("basket-"))
    outcome = create(caller, sent)
    same(without(found(caller, sent["trackerExternalId"]), *NEWS), without(outcome.body, *NEWS), "a listed tracker differs from its create")


@promise("createTracker", where=f"{SCHEMAS}/TrackerMembers/properties/id", source=FILE)
def ids_are_unique(caller: Caller) -> None:
    """No two trackers have the same id, not even those that are otherwise alike."""
    idents = [create(caller, waiting(caller)).at("/id") for _ in range(12)]
    hold(len(set(idents)) == len(idents), "an id was given twice", expected="twelve ids", got=idents)


@promise("createTracker", "updateTracker", where=f"{SCHEMAS}/ReferenceLinks", source=FILE)
def links_follow_the_state(caller: Caller) -> None:
    """The service's own page is there from the start, the tracking link once it is dispatched; both are at most 100 long."""
    outcome = create(caller, waiting(caller))
    hold(outcome.at("/referenceLinks/hostedTrackingUrl"), "a new tracker has no page", expected="an address", outcome=outcome)
    same(outcome.at("/referenceLinks/trackingUrl"), None, "a tracker that waits has a tracking link", outcome)
    outcome = create(caller, dispatched(caller))
    for name in ("trackingUrl", "hostedTrackingUrl"):
        link = outcome.at(f"/referenceLinks/{name}")
        hold(isinstance(link, str) and len(link) <= 100, f"{name} is no address of 100", expected="an address", got=link, outcome=outcome)


@promise("createTracker", where=f"{SCHEMAS}/ReferenceLinks/properties/customerWebflowUrl", inferred=True)
def a_group_has_a_page_of_its_own(caller: Caller) -> None:
    """Trackers of one group share a page; a tracker without a group has none."""
    alone = create(caller, waiting(caller))
    same(alone.at("/referenceLinks/customerWebflowUrl"), None, "a tracker without a group has the page of one", alone)
    group, other = caller.unique("basket-"), caller.unique("basket-")
    links = [create(caller, waiting(caller, groupId=name)).at("/referenceLinks/customerWebflowUrl") for name in (group, group, other)]
    hold(links[0] and links[0] == links[1] != links[2], "the page of a group is not one for all of it and no other", got=links)


PROMISES: tuple[Promise, ...] = (
    what_was_sent_comes_back,
    texts_come_back_as_they_were_written,
    texts_stay_texts,
    blanks_come_back,
    numbers_come_back_exactly,
    attributes_keep_their_kinds,
    an_empty_array_is_an_attribute,
    lists_keep_their_order_and_repetitions,
    a_provider_is_a_name_in_and_an_object_out,
    a_tracker_waits_until_it_has_a_provider,
    the_order_is_called_as_the_tracker,
    a_tracker_without_a_name_is_called_by_its_id,
    half_a_window_is_filled_with_null,
    no_window_is_as_soon_as_possible,
    nothing_is_expected_before_the_provider_spoke,
    a_country_that_is_not_sent_is_filled_in,
    what_a_package_lacks_is_filled_in,
    what_is_not_sent_is_told_as_nothing,
    members_that_are_not_documented_are_ignored,
    a_list_tells_what_the_create_answered,
    ids_are_unique,
    links_follow_the_state,
    a_group_has_a_page_of_its_own,
)
