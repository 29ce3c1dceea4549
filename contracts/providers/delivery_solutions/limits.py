"""Promises of Delivery Solutions: what is just within a limit is taken and comes back whole, one beyond is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.caller import Caller
from contracts.causes import refused
from contracts.promises import Promise, promise
from contracts.proofs import members, taken, turned_down
from contracts.providers.delivery_solutions.trackers import ADDRESS, CREATE, FILE, SCHEMAS, absent, create, echoes, update, waiting

Make = Callable[[str], Mapping[str, Any]]

# Texts of a create: how long each may be, and the members that hold one.
TEXT_LIMITS: Mapping[str, tuple[int, Make]] = {
    "groupId": (100, lambda text: {"groupId": text}),
    "deliveryInstructions": (10_000, lambda text: {"deliveryInstructions": text}),
    "pickupInstructions": (10_000, lambda text: {"pickupInstructions": text}),
    "deliveryContact.name": (100, lambda text: {"deliveryContact": {"name": text, "phone": "0"}}),
    "deliveryContact.phone": (20, lambda text: {"deliveryContact": {"name": "Ivy", "phone": text}}),
    "deliveryContact.email": (100, lambda text: {"deliveryContact": {"name": "Ivy", "phone": "0", "email": text}}),
    "deliveryAddress.street1": (100, lambda text: {"deliveryAddress": {**ADDRESS, "street1": text}}),
    "deliveryAddress.street2": (100, lambda text: {"deliveryAddress": {**ADDRESS, "street2": text}}),
    "deliveryAddress.city": (100, lambda text: {"deliveryAddress": {**ADDRESS, "city": text}}),
    "deliveryAddress.apartmentNumber": (50, lambda text: {"deliveryAddress": {**ADDRESS, "apartmentNumber": text}}),
    "deliveryAddress.state": (100, lambda text: {"deliveryAddress": {**ADDRESS, "state": text}}),
    "deliveryAddress.postalCode": (20, lambda text: {"deliveryAddress": {**ADDRESS, "postalCode": text}}),
    "orderAttributes": (500, lambda text: {"orderAttributes": {"note": text}}),
    "packages.barcode": (500, lambda text: {"packages": [_package(barcode=text)]}),
    "packages.description": (10_000, lambda text: {"packages": [_package(description=text)]}),
    "packages.itemList.title": (200, lambda text: {"packages": [_package(itemList=[{"sku": "1", "title": text}])]}),
}
# Values at the edge that are taken, and those beyond it.
EDGES: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = (
    ({"orderValue": 0}, {"orderValue": -0.01}),
    ({"deliveryAddress": {**ADDRESS, "state": "TX"}}, {"deliveryAddress": {**ADDRESS, "state": "T"}}),
    ({"orderAttributes": {"many": ["a"] * 100}}, {"orderAttributes": {"many": ["a"] * 101}}),
    ({"orderAttributes": {"one": ["a", "b"]}}, {"orderAttributes": {"mixed": ["a", 1]}}),
    ({"orderAttributes": {"plain": "a"}}, {"orderAttributes": {"object": {}}}),
    ({"orderAttributes": {"plain": 0}}, {"orderAttributes": {"nothing": None}}),
)
UNTOLD: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = (  # of members that an answer does not tell
    ({"locale": "en-US"}, {"locale": "en_US"}),
    ({"locale": "de-AT"}, {"locale": "EN-us"}),
    ({"itemList": [{"sku": "1", "quantity": 1}]}, {"itemList": [{"sku": "1", "quantity": 0}]}),
    ({"itemList": [{"sku": "1", "price": 0}]}, {"itemList": [{"sku": "1", "price": -1}]}),
    ({"barcodes": ["1"]}, {"barcodes": [1]}),
)


def _package(**given: Any) -> dict[str, Any]:
    return {"name": "custom", "quantity": 1, "itemQuantity": 1, **given}


@promise("createTracker", "listTrackers", where=f"{CREATE}/requestBody", source=FILE)
def the_longest_text_comes_back_whole(caller: Caller) -> None:
    """A text of the greatest length is taken and comes back whole."""
    for place, (most, make) in TEXT_LIMITS.items():
        given = make(("abcdefghi " * (most // 10 + 1))[: most - 1] + "z")
        echoes(caller, waiting(caller, **given), given, f"a tracker with {most} characters in {place}")


@promise("createTracker", where=f"{CREATE}/requestBody", source=FILE)
def a_longer_text_is_refused(caller: Caller) -> None:
    """A text of one character more than the greatest length is refused and not cut."""
    for place, (most, make) in TEXT_LIMITS.items():
        sent = waiting(caller, **make("x" * (most + 1)))
        refused(caller.spec, turned_down(caller.call("createTracker", sent), f"{most + 1} characters in {place}"), "invalid")


@promise("createTracker", where=f"{CREATE}/requestBody", source=FILE)
def a_character_counts_once(caller: Caller) -> None:
    """A length counts characters, neither bytes nor halves of them: a hundred signs beyond 16 bits are a hundred."""
    for place, (most, make) in TEXT_LIMITS.items():
        given = make("𝄞" * (most // 2) + "漢" * (most - most // 2))
        echoes(caller, waiting(caller, **given), given, f"a tracker with {most} signs of other scripts in {place}")


@promise("createTracker", "listTrackers", where=f"{CREATE}/requestBody", source=FILE)
def values_at_the_edge_are_taken(caller: Caller) -> None:
    """The smallest value and the longest array are taken and come back."""
    for at, _ in EDGES:
        echoes(caller, waiting(caller, **at), at, "a tracker with a value at the edge")
    for at, _ in UNTOLD:
        taken(caller.call("createTracker", waiting(caller, **at)), f"{at} in a create")


@promise("createTracker", where=f"{CREATE}/requestBody", source=FILE)
def values_beyond_the_edge_are_refused(caller: Caller) -> None:
    """A value just beyond what the document allows is refused, and no tracker is made."""
    for _, beyond in (*EDGES, *UNTOLD):
        sent = waiting(caller, **beyond)
        refused(caller.spec, turned_down(caller.call("createTracker", sent), f"{beyond} in a create"), "invalid")
        absent(caller, sent["trackerExternalId"], "a refused create")


@promise("createTracker", where=f"{SCHEMAS}/Address/properties/countryCode", source=FILE)
def a_sixth_country_is_refused(caller: Caller) -> None:
    """An address in another country than the five is refused, although its code has two letters."""
    for country in ("NL", "DE", "MX", "us", "UK"):
        sent = waiting(caller, deliveryAddress={**ADDRESS, "countryCode": country})
        refused(caller.spec, turned_down(caller.call("createTracker", sent), f"an address in {country}"), "invalid")


@promise("createTracker", where=f"{CREATE}/requestBody", source=FILE)
def words_are_taken_letter_by_letter(caller: Caller) -> None:
    """A type, a country, a unit, a temperature or a content in another letter case, or with a blank, is refused."""
    size, weight = {"height": 1, "width": 1, "length": 1}, {"value": 1}
    misspelt: tuple[dict[str, Any], ...] = (
        {"type": "Delivery"},
        {"type": " delivery"},
        {"type": ""},
        {"deliveryAddress": {**ADDRESS, "countryCode": "Us"}},
        {"packages": [_package(size={**size, "unit": "CM"})]},
        {"packages": [_package(weight={**weight, "unit": "g"})]},
        {"packages": [_package(temperatureControl="Frozen")]},
        {"packages": [_package(content=["fragile", "Alcohol"])]},
    )
    for given in misspelt:
        refused(caller.spec, turned_down(caller.call("createTracker", waiting(caller, **given)), f"{given} in a create"), "invalid")


@promise("createTracker", "updateTracker", where=f"{SCHEMAS}/TrackerChange/properties/locale", source=FILE)
def an_update_is_laxer_with_a_locale(caller: Caller) -> None:
    """A locale of any form is taken by an update, up to five characters; a create wants `xx-XX`."""
    ident = create(caller, waiting(caller)).at("/id")
    for locale in ("fr-CA", "fr", "", "FR_ca"):
        update(caller, ident, {"locale": locale})
    outcome = caller.call("updateTracker", {"locale": "fr-CA1"}, params={"tracker_id": ident})
    refused(caller.spec, turned_down(outcome, "a locale of six characters"), "invalid")


@promise("createTracker", where=f"{SCHEMAS}/ItemMembers/properties/tags", inferred=True)
def an_item_has_twenty_tags_at_most(caller: Caller) -> None:
    """Twenty tags of an item are taken, 21 are refused."""
    for size in (20, 21):
        tags = [str(number) for number in range(size)]
        given = {"packages": [_package(itemList=[{"sku": "1", "tags": tags}])]}
        outcome = caller.call("createTracker", waiting(caller, **given))
        if size == 20:
            members(taken(outcome, "an item with twenty tags").body, given, "a new tracker", outcome)
        else:
            refused(caller.spec, turned_down(outcome, "an item with 21 tags"), "invalid")


@promise("createTracker", where=f"{SCHEMAS}/Package", source=FILE)
def a_package_has_a_thousand_items_at_most(caller: Caller) -> None:
    """A thousand items in a package are taken, one more is refused."""
    items = [{"sku": str(number)} for number in range(1001)]
    sent = waiting(caller, packages=[_package(itemList=items[:1000])])
    outcome = taken(caller.call("createTracker", sent), "a package of a thousand items")
    members(outcome.body, {"packages": sent["packages"]}, "a new tracker", outcome)
    outcome = caller.call("createTracker", waiting(caller, packages=[_package(itemList=items)]))
    refused(caller.spec, turned_down(outcome, "a package of 1001 items"), "invalid")


PROMISES: tuple[Promise, ...] = (
    the_longest_text_comes_back_whole,
    a_longer_text_is_refused,
    a_character_counts_once,
    values_at_the_edge_are_taken,
    values_beyond_the_edge_are_refused,
    a_sixth_country_is_refused,
    words_are_taken_letter_by_letter,
    an_update_is_laxer_with_a_locale,
    an_item_has_twenty_tags_at_most,
    a_package_has_a_thousand_items_at_most,
)
