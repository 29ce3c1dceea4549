"""Promises of Trackru: what each filter leaves of the list, and that all of them hold together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller
from contracts.promises import Promise, promise, same
from contracts.proofs import moment, once
from contracts.providers.trackru.calls import (
    CODES_PAGE,
    LIST,
    LIST_PAGE,
    PARAMETERS,
    TYPES,
    UPDATE_PAGE,
    create,
    joined,
    listed,
    numbers,
    read,
    refused,
    some,
    update,
)

MOST_NUMBERS = 40
DAY_S = 86_400


@promise("listTrackings", where=f"{PARAMETERS}/numbers", source=TYPES)
def numbers_choose_trackings(caller: Caller) -> None:
    """`numbers` leaves those with one of these numbers, at every carrier, and no others."""
    made = some(caller, 4)
    other = create(caller, tracking_number=made[0]["tracking_number"], carrier_code=caller.scene["other_carrier_code"])
    found = listed(caller, numbers=f"{joined(made[0], made[2])},{caller.unique('none-')}")
    once([item["id"] for item in found], [made[0]["id"], made[2]["id"], other["id"]], "the list of two numbers")
    part = made[1]["tracking_number"][:-1]
    same([item for item in listed(caller, numbers=part) if item["tracking_number"] != part], [], "a part of a number chooses too")


@promise("listTrackings", where=f"{PARAMETERS}/orders", source=TYPES)
def orders_choose_trackings(caller: Caller) -> None:
    """`orders` leaves the trackings of these orders, several of one order too."""
    one, two, three = (caller.unique("Order-") for _ in range(3))
    made = [create(caller, order_id=order) for order in (one, two, one, three)]
    create(caller)
    found = listed(caller, orders=f"{one},{three}")
    once(numbers(found), numbers([made[0], made[2], made[3]]), "the list of two orders")
    same(listed(caller, orders=caller.unique("none-")), [], "an order that nobody has chooses something")


@promise("listTrackings", where=f"{PARAMETERS}/orders", source=UPDATE_PAGE)
def an_order_that_was_changed_chooses(caller: Caller) -> None:
    """After an update the new order chooses the tracking and the old one no longer does."""
    old, changed = caller.unique("Order-"), caller.unique("Order-")
    made = create(caller, order_id=old)
    update(caller, made, {"order_id": changed})
    same(numbers(listed(caller, orders=changed)), numbers([made]), "the new order does not choose the tracking")
    same(listed(caller, orders=old), [], "the old order still chooses the tracking")


@promise("listTrackings", where=f"{PARAMETERS}/numbers", source=TYPES)
def forty_numbers_are_taken_and_no_more(caller: Caller) -> None:
    """40 numbers or orders are taken, 41 are refused."""
    made = create(caller)
    forty = [made["tracking_number"], *(f"none-{index}" for index in range(MOST_NUMBERS - 1))]
    same(numbers(listed(caller, numbers=",".join(forty))), numbers([made]), "of 40 numbers the one that is there is not found")
    same(listed(caller, orders=",".join(caller.unique("o") for _ in range(MOST_NUMBERS))), [], "40 orders find something")
    for name in ("numbers", "orders"):
        refused(caller, caller.call("listTrackings", params={name: ",".join([*forty, "none-x"])}), "too-many-items")


@promise("listTrackings", where=f"{PARAMETERS}/status", source=LIST_PAGE)
def a_status_chooses_trackings(caller: Caller) -> None:
    """`status` leaves the trackings that are read with that status."""
    made = some(caller, 3)
    for tracking, number in ((made[0], 4), (made[1], 7)):
        update(caller, tracking, {"status": number})
    fits = {"delivered": [made[0]], "exception": [made[1]], "expired": []}
    for status, expected in fits.items():
        once(numbers(listed(caller, numbers=joined(*made), status=status)), numbers(expected), f"the list of {status}")
    update(caller, made[0], {"status": 8})
    same(listed(caller, numbers=joined(*made), status="delivered"), [], "a status that was taken back still chooses")


@promise("listTrackings", where=f"{LIST}/x-causes/bad-status", source=CODES_PAGE)
def a_status_that_is_none_is_refused(caller: Caller) -> None:
    """A word that is no status is refused, also a status in other letters or as a number."""
    for bad in ("lost", "Delivered", "4"):
        refused(caller, caller.call("listTrackings", params={"status": bad}), "bad-status")


@promise("listTrackings", where=f"{PARAMETERS}/archived", source=TYPES)
def archived_chooses_trackings(caller: Caller) -> None:
    """`true` leaves the archived ones, `false` the others, anything else both."""
    made = some(caller, 3)
    update(caller, made[1], {"archived": "true"})
    for text, fits in (("true", [made[1]]), ("false", [made[0], made[2]]), ("any", made), ("", made)):
        once(numbers(listed(caller, numbers=joined(*made), archived=text)), numbers(fits), f"the list with archived={text}")


@promise("listTrackings", where=f"{PARAMETERS}/created_at_min", source=LIST_PAGE)
def creation_chooses_trackings(caller: Caller) -> None:
    """`created_at_min` and `_max` leave what was created within, both seconds included."""
    made = create(caller)
    _window(caller, made, "created_at", moment(read(caller, made)["created_at"], "created_at").timestamp())


@promise("listTrackings", where=f"{PARAMETERS}/update_time_min", source=LIST_PAGE)
def change_chooses_trackings(caller: Caller) -> None:
    """`update_time_min` and `_max` leave what was updated within, both seconds included."""
    made = create(caller)
    update(caller, made, {"title": "changed"})
    _window(caller, made, "update_time", moment(read(caller, made)["updated_at"], "updated_at").timestamp())


def _window(caller: Caller, made: Mapping[str, Any], name: str, at: float) -> None:
    """Try both edges of a window around a tracking's time, in whole seconds since 1970."""
    second, low, high = int(at), f"{name}_min", f"{name}_max"
    top = math.ceil(at)
    inside: tuple[dict[str, int], ...] = ({low: second}, {high: top}, {low: second, high: top}, {low: second - 1, high: top + 1})
    outside: tuple[dict[str, int], ...] = (
        {low: top + 1},
        {high: second - 1},
        {low: top + 1, high: top + DAY_S},
        {low: 0, high: second - 1},
    )
    for window in inside:
        found = listed(caller, numbers=made["tracking_number"], **window)
        same(numbers(found), numbers([dict(made)]), f"{_told(window, second)} leaves the tracking out")
    for window in outside:
        found = listed(caller, numbers=made["tracking_number"], **window)
        same(numbers(found), [], f"{_told(window, second)} has the tracking")


def _told(window: Mapping[str, int], second: int) -> str:
    return " and ".join(f"{name} {value - second:+d} s" if value else f"{name} 0" for name, value in window.items())


@promise("listTrackings", where=f"{PARAMETERS}/order_created_time_min", source=LIST_PAGE)
def the_order_time_chooses_trackings(caller: Caller) -> None:
    """`order_created_time_min` and `_max` leave what was ordered within; a tracking without an order time never fits."""
    made, unset = create(caller, order_create_time="2017/8/27 16:51"), create(caller)
    at = int(moment("2017-08-27T16:51:00+00:00", "the order time").timestamp())  # the text has no zone: a day about it is sure
    low, high, both = "order_created_time_min", "order_created_time_max", joined(made, unset)
    for window, fits in (
        ({low: at - DAY_S, high: at + DAY_S}, [made]),
        ({low: at - DAY_S}, [made]),
        ({high: at + DAY_S}, [made]),
        ({low: at + DAY_S}, []),
        ({high: at - DAY_S}, []),
    ):
        same(numbers(listed(caller, numbers=both, **window)), numbers(fits), f"{_told(window, at)} is wrong")


@promise("listTrackings", where=LIST, source=LIST_PAGE)
def all_filters_must_hold(caller: Caller) -> None:
    """Of several filters each narrows what the others leave."""
    order = caller.unique("Order-")
    made = [create(caller, order_id=order) for _ in range(3)]
    update(caller, made[0], {"archived": "true", "status": 4})
    update(caller, made[1], {"archived": "true"})
    found = listed(caller, orders=order, archived="true", status="delivered", numbers=joined(*made))
    same(numbers(found), numbers([made[0]]), "filters are not laid together")
    same(listed(caller, orders=order, numbers=caller.unique("none-")), [], "two filters find what only one of them leaves")


@promise("listTrackings", where=LIST, source=LIST_PAGE)
def a_filter_goes_before_pages(caller: Caller) -> None:
    """A page is cut from what the filters leave, not the other way round."""
    made = some(caller, 4)
    wanted = joined(made[0], made[1])
    found = [numbers(listed(caller, numbers=wanted, limit=1, page=page)) for page in (1, 2)]
    once([number for page in found for number in page], numbers(made[:2]), "two pages of one each")


PROMISES: tuple[Promise, ...] = (
    numbers_choose_trackings,
    orders_choose_trackings,
    an_order_that_was_changed_chooses,
    forty_numbers_are_taken_and_no_more,
    a_status_chooses_trackings,
    a_status_that_is_none_is_refused,
    archived_chooses_trackings,
    creation_chooses_trackings,
    change_chooses_trackings,
    the_order_time_chooses_trackings,
    all_filters_must_hold,
    a_filter_goes_before_pages,
)
