"""Promises of Trackru: a batch accounts for each of its elements, and succeeds whatever becomes of them."""

from __future__ import annotations

from typing import Any

from contracts.caller import Caller, Outcome
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import members, taken, without
from contracts.providers.trackru.calls import (
    BATCH,
    BATCH_PAGE,
    NO_CARRIER,
    PYTHON_CLIENT,
    SCHEMAS,
    TYPES,
    create,
    gone,
    joined,
    key,
    listed,
    new,
    numbers,
    read,
    refused,
)
from contracts.providers.trackru.echo import EVERYTHING

MOST = 40


def _batch(caller: Caller, elements: list[Any]) -> Outcome:
    """Send a batch that must be taken, and hold its counts to be those of its lists. Raises Broken."""
    outcome = taken(caller.call("createTrackings", elements), f"a batch of {len(elements)}")
    data = outcome.at("/data")
    same(data["submitted"], len(elements), "submitted is not the number of elements", outcome)
    same(data["added"], len(data["trackings"]), "added is not the number of those created", outcome)
    same(len(data["trackings"]) + len(data["errors"]), len(elements), "not each element is accounted for", outcome)
    return outcome


def _flawed(caller: Caller) -> list[dict[str, Any]]:
    """Write elements each of which would be refused alone, and for another reason each."""
    known = create(caller)
    return [
        without(new(caller), "tracking_number"),
        without(new(caller), "carrier_code"),
        new(caller, tracking_number="1234"),
        new(caller, tracking_number=caller.unique("a b ")),
        new(caller, carrier_code=NO_CARRIER),
        key(known),
        new(caller, title=7),
        new(caller, lang="english"),
    ]


@promise("createTrackings", "getTracking", where=BATCH, source=BATCH_PAGE)
def a_batch_creates_all_that_is_good(caller: Caller) -> None:
    """Each good element is created and answered as if it had come alone, in the order sent."""
    elements = [new(caller, **EVERYTHING), new(caller), new(caller, carrier_code=caller.scene["other_carrier_code"], title=" Tulip bulbs ")]
    outcome = _batch(caller, elements)
    same(outcome.at("/data/errors"), [], "good elements are listed as errors", outcome)
    for element, made in zip(elements, outcome.at("/data/trackings"), strict=True):
        members(made, without(element, "lang"), "an element", outcome)
        same(
            sorted(made),
            sorted({*element, "id", "status", "created_at"} - {"lang"}),
            "an element has other members than it should",
            outcome,
        )
        members(read(caller, made), {"id": made["id"], "title": element.get("title", ""), "created_at": made["created_at"]}, "the tracking")


@promise("createTrackings", where=f"{SCHEMAS}/Batch", source=PYTHON_CLIENT)
def a_batch_succeeds_although_elements_fail(caller: Caller) -> None:
    """Of four elements with one bad, three are added and one is an error; the call succeeds."""
    elements = [new(caller), new(caller, tracking_number="1234"), new(caller), new(caller)]
    outcome = _batch(caller, elements)
    expected = {"submitted": 4, "added": 3}
    members(outcome.at("/data"), expected, "the answer", outcome)
    same(numbers(outcome.at("/data/trackings")), numbers([elements[0], *elements[2:]]), "others were created than are good", outcome)
    same(numbers(outcome.at("/data/errors")), ["1234"], "another element is an error than the bad one", outcome)


@promise("createTrackings", "createTracking", where=f"{SCHEMAS}/BatchError/properties/code", source=TYPES)
def a_bad_element_has_the_code_of_a_create(caller: Caller) -> None:
    """An error has the code that the element alone would have got, and what was sent as number and carrier, in the order sent."""
    elements = _flawed(caller)
    alone = [caller.call("createTracking", element).at("/meta/code") for element in elements]
    outcome = _batch(caller, elements)
    expected = [
        {"tracking_number": element.get("tracking_number"), "carrier_code": element.get("carrier_code"), "code": code}
        for element, code in zip(elements, alone, strict=True)
    ]
    same(
        [without(error, "message") for error in outcome.at("/data/errors")], expected, "errors are not told as a create tells them", outcome
    )


@promise("createTrackings", "getTracking", where=BATCH, source=BATCH_PAGE)
def a_bad_element_is_not_created(caller: Caller) -> None:
    """What is an error is not there, and what was there before stays as it is."""
    known = create(caller, title="kept")
    bad = [new(caller, carrier_code=NO_CARRIER), new(caller, title=7), new(caller, **key(known), title="changed")]
    same(_batch(caller, bad).at("/data/added"), 0, "bad elements are added")
    for element in bad[:2]:
        gone(caller, element)
    same(read(caller, known)["title"], "kept", "a duplicate in a batch changes what is there")


@promise("createTrackings", "listTrackings", where=BATCH, source=TYPES)
def a_number_twice_in_a_batch_is_created_once(caller: Caller) -> None:
    """Of an element that comes twice, in other letters too, the first is created and the others are duplicates."""
    first = new(caller, tracking_number=caller.unique("aBc-"), title="first")
    others = [{**first, "title": "second"}, {**first, "tracking_number": first["tracking_number"].upper()}]
    outcome = _batch(caller, [first, *others, new(caller)])
    same([error["code"] for error in outcome.at("/data/errors")], [4016, 4016], "the copies are not refused as duplicates", outcome)
    found = listed(caller, numbers=first["tracking_number"])
    same([item["title"] for item in found], ["first"], "the number is not listed once, as the first told it")


@promise("createTrackings", "listTrackings", where=f"{BATCH}/requestBody", source=BATCH_PAGE)
def forty_are_taken_and_no_more(caller: Caller) -> None:
    """40 elements are taken; of 41 none is."""
    forty = [new(caller) for _ in range(MOST)]
    same(_batch(caller, forty).at("/data/added"), MOST, "of 40 good elements not all are added")
    same(len(listed(caller, numbers=joined(*forty))), MOST, "of 40 elements not all are listed")
    many = [new(caller) for _ in range(MOST + 1)]
    refused(caller, caller.call("createTrackings", many), "too-many-items")
    same(listed(caller, numbers=joined(*many[:MOST])), [], "a batch that was refused creates something")


@promise("createTrackings", "listTrackings", where=f"{BATCH}/requestBody", inferred=True)
def a_batch_that_is_none_creates_nothing(caller: Caller) -> None:
    """A body that is no array of objects is refused as a whole, its good elements too; so is an empty array."""
    good = new(caller)
    for bad in ([good, "a text"], [good, 7], [good, None], [[good]], good, []):
        refused(caller, caller.call("createTrackings", bad), "invalid")
        gone(caller, good)


@promise("createTrackings", where=f"{SCHEMAS}/Id", source=TYPES)
def ids_in_a_batch_are_unique(caller: Caller) -> None:
    """Each element of a batch gets an id that no other tracking has."""
    made = [create(caller), *_batch(caller, [new(caller) for _ in range(5)]).at("/data/trackings"), create(caller)]
    ids = [tracking["id"] for tracking in made]
    hold(len(set(ids)) == len(ids), "two trackings have the same id", got=ids)


PROMISES: tuple[Promise, ...] = (
    a_batch_creates_all_that_is_good,
    a_batch_succeeds_although_elements_fail,
    a_bad_element_has_the_code_of_a_create,
    a_bad_element_is_not_created,
    a_number_twice_in_a_batch_is_created_once,
    forty_are_taken_and_no_more,
    a_batch_that_is_none_creates_nothing,
    ids_in_a_batch_are_unique,
)
