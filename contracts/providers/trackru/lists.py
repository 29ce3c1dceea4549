"""Promises of Trackru: what the list has, in which order, on which page, and what each filter leaves of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contracts.caller import Caller
from contracts.promises import CannotTell, Promise, accepted, hold, promise, same
from contracts.proofs import moment, once, taken, without
from contracts.providers.trackru.calls import (
    CODES_PAGE,
    LIST,
    LIST_BY_POST,
    LIST_PAGE,
    NODE_CLIENT,
    PARAMETERS,
    SCHEMAS,
    TYPES,
    UPDATE_PAGE,
    create,
    items,
    joined,
    key,
    later,
    listed,
    new,
    numbers,
    read,
    refused,
    update,
)

MOST, MOST_NUMBERS = 2000, 40
DAY_S = 86_400


def _some(caller: Caller, count: int = 5) -> list[dict[str, Any]]:
    return [create(caller, title=f"number {index}") for index in range(count)]


@promise("listTrackings", where=f"{LIST}/x-causes/nothing-found", source=CODES_PAGE)
def an_empty_list_is_a_refusal(caller: Caller) -> None:
    """When nothing is left the answer has code 4031, not an empty list; a page beyond the last is such a case."""
    made = create(caller)
    for filters in ({"numbers": caller.unique("none-")}, {"numbers": made["tracking_number"], "page": 2}):
        refused(caller, caller.call("listTrackings", params=filters), "nothing-found")


@promise("listTrackings", where=f"{SCHEMAS}/Page/properties/total", source=NODE_CLIENT)
def the_total_is_a_text_and_counts_all_pages(caller: Caller) -> None:
    """`total` is a string with the number of all that fits; `count` is a number and of this page, `page` and `limit` as asked."""
    wanted = {"numbers": joined(*_some(caller)), "limit": 2}
    for page, count in ((1, 2), (2, 2), (3, 1)):
        outcome = taken(caller.call("listTrackings", params={**wanted, "page": page}), f"page {page} of three")
        expected = {"page": page, "limit": 2, "total": "5", "count": count}
        same(without(outcome.at("/data"), "items"), expected, "the page tells wrong numbers", outcome)
        same(len(items(outcome)), count, "count is not the number of items", outcome)


@promise("listTrackings", where=LIST, source=LIST_PAGE)
def pages_have_everything_once(caller: Caller) -> None:
    """Page by page everything that fits is there once, whatever the size of a page, in the order of the whole."""
    made = _some(caller, 7)
    whole = numbers(listed(caller, numbers=joined(*made)))
    once(whole, numbers(made), "the list")
    for limit in (1, 2, 3, 7, 8):
        found: list[Any] = []
        for page in range(1, -(-7 // limit) + 1):
            wanted = {"numbers": joined(*made), "limit": limit, "page": page}
            found += numbers(items(taken(caller.call("listTrackings", params=wanted), f"page {page} of {limit} each")))
        same(found, whole, f"pages of {limit} are not the list")


@promise("listTrackings", where=LIST, inferred=True)
def the_newest_comes_first(caller: Caller) -> None:
    """The list is in the order of creation, the newest first."""
    made = [create(caller, title=f"number {index}") for index in range(4) if later(caller)]
    for found in (listed(caller, numbers=joined(*reversed(made))), listed(caller, limit=100)):
        times = [moment(item["created_at"], "created_at") for item in found]
        same(
            [str(time) for time in times], [str(time) for time in sorted(times, reverse=True)], "the list is not in the order of created_at"
        )
    hold(times[0] >= moment(made[-1]["created_at"], "created_at"), "the list does not begin with the newest", got=str(times[0]))


@promise("listTrackings", "getTracking", where=LIST, source=LIST_PAGE)
def a_list_tells_what_a_read_tells(caller: Caller) -> None:
    """An item of a list is the tracking just as a read shows it."""
    made = create(caller, title="One", order_id="A 1", comment="two")
    update(caller, made, {"archived": "true", "status": 7})
    found = listed(caller, numbers=made["tracking_number"])
    same(found, [read(caller, made)], "the list tells another tracking than a read")


# --- filters -----------------------------------------------------------------------------------------------------------------


@promise("listTrackings", where=f"{PARAMETERS}/numbers", source=TYPES)
def numbers_choose_trackings(caller: Caller) -> None:
    """`numbers` leaves those with one of these numbers, at every carrier, and no others."""
    made = _some(caller, 4)
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
    made = _some(caller, 3)
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
    made = _some(caller, 3)
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
    inside: tuple[dict[str, int], ...] = ({low: second}, {high: second}, {low: second, high: second}, {low: second - 1, high: second + 1})
    outside: tuple[dict[str, int], ...] = (
        {low: second + 1},
        {high: second - 1},
        {low: second + 1, high: second + DAY_S},
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
    made = _some(caller, 4)
    wanted = joined(made[0], made[1])
    found = [numbers(listed(caller, numbers=wanted, limit=1, page=page)) for page in (1, 2)]
    once([number for page in found for number in page], numbers(made[:2]), "two pages of one each")


# --- pages -------------------------------------------------------------------------------------------------------------------


@promise("listTrackings", where=f"{PARAMETERS}/limit", source=LIST_PAGE)
def two_thousand_are_the_most(caller: Caller) -> None:
    """A limit from 1 to 2000 is taken as it is; the default is 100."""
    made = create(caller)
    for limit in (1, MOST - 1, MOST, None):
        wanted = {"numbers": made["tracking_number"]} | ({} if limit is None else {"limit": limit})
        outcome = taken(caller.call("listTrackings", params=wanted), f"a list with the limit {limit}")
        same(outcome.at("/data/limit"), limit or 100, "the limit is not told as it was asked", outcome)


@promise("listTrackings", where=f"{PARAMETERS}/limit", inferred=True)
def a_larger_limit_is_read_as_two_thousand(caller: Caller) -> None:
    """A limit of 2001 or more is no error and means 2000."""
    made = create(caller)
    for limit in (MOST + 1, 1_000_000):
        outcome = taken(caller.call("listTrackings", params={"numbers": made["tracking_number"], "limit": limit}), f"the limit {limit}")
        same(outcome.at("/data/limit"), MOST, "the limit is not cut to 2000", outcome)


@promise("listTrackings", where=f"{PARAMETERS}/page", source=LIST_PAGE)
def pages_and_limits_start_at_one(caller: Caller) -> None:
    """The first page is 1 and the default; 0, less, and what is no whole number are refused."""
    made = create(caller)
    for name in ("page", "limit"):
        for bad in ("0", "-1", "1.5", "one"):
            refused(caller, caller.call("listTrackings", params={name: bad}), "invalid")
    outcome = accepted(caller.call("listTrackings", params={"numbers": made["tracking_number"]}))
    same(outcome.at("/data/page"), 1, "the first page is not the default", outcome)


@promise("listTrackings", "createTracking", "deleteTracking", where=LIST, source=LIST_PAGE)
def the_whole_list_counts_what_comes_and_goes(caller: Caller) -> None:
    """Without a filter, what is created comes on top of the total, and what is deleted goes off it."""
    made = create(caller)
    before = _total(caller)
    more = _some(caller, 2)
    same(_total(caller), before + 2, "two that were created are not counted")
    accepted(caller.call("deleteTracking", params=key(more[0])))
    same(_total(caller), before + 1, "one that was deleted is still counted")
    refused(caller, caller.call("createTracking", new(caller, **key(made))), "duplicate")
    same(_total(caller), before + 1, "a refused create is counted")


def _total(caller: Caller) -> int:
    outcome = accepted(caller.call("listTrackings", params={"limit": 1}))
    if not str(outcome.at("/data/total", "")).isdecimal():
        raise CannotTell("the list tells no total")
    return int(outcome.at("/data/total"))


# --- the list as a POST --------------------------------------------------------------------------------------------------------


@promise("listTrackingsByPost", "listTrackings", where=LIST_BY_POST, inferred=True)
def a_post_lists_the_same(caller: Caller) -> None:
    """Filters in a body list what the same filters in a query list."""
    order = caller.unique("Order-")
    made = [create(caller, order_id=order) for _ in range(3)]
    update(caller, made[0], {"archived": "true", "status": 7})
    since = int((moment(made[0]["created_at"], "created_at") - timedelta(minutes=1)).timestamp())
    narrow = {"numbers": joined(made[0], made[2])}
    for wanted in (
        {"page": 1, "limit": 2},
        {"page": 2, "limit": 2},
        {"limit": MOST, "archived": "true"},
        {"limit": MOST, "status": "exception"},
        narrow,
        {"created_at_min": since},
        {"created_at_max": since},
        {**narrow, "archived": "false"},
    ):
        whole = {**wanted, "orders": order}
        by_query, by_body = caller.call("listTrackings", params=whole), caller.call("listTrackingsByPost", whole)
        same(_by_id(by_body.body), _by_id(by_query.body), f"a body with {', '.join(wanted)} lists something else", by_body)


def _by_id(body: Any) -> Any:
    """Take of an answer what does not move with the time of the call."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        return [body.get("meta", {}).get("code"), data] if isinstance(body, dict) else body
    return {**data, "items": [item.get("id") for item in data.get("items", ())]}


@promise("listTrackingsByPost", where=f"{LIST_BY_POST}/requestBody", inferred=True)
def a_post_without_filters_lists_everything(caller: Caller) -> None:
    """No body, or an empty one, filters nothing."""
    made = _some(caller, 2)
    newest = accepted(caller.call("listTrackings")).at("/data/total")
    for outcome in (caller.call("listTrackingsByPost"), caller.call("listTrackingsByPost", {})):
        same(taken(outcome, "a list by POST without a filter").at("/data/total"), newest, "not everything is listed", outcome)
    found = accepted(caller.call("listTrackingsByPost", {"numbers": joined(*made)}))
    once(numbers(items(found)), numbers(made), "the list by POST")


@promise("listTrackingsByPost", where=f"{LIST_BY_POST}/x-causes/nothing-found", source=CODES_PAGE)
def a_post_that_finds_nothing_is_refused(caller: Caller) -> None:
    """An empty list is a refusal here too, and so are a bad status and more than 40 numbers."""
    many = ",".join(f"none-{index}" for index in range(MOST_NUMBERS + 1))
    for wanted, cause in (
        ({"numbers": caller.unique("none-")}, "nothing-found"),
        ({"status": "lost"}, "bad-status"),
        ({"numbers": many}, "too-many-items"),
        ({"orders": many}, "too-many-items"),
        ({"limit": 0}, "invalid"),
    ):
        refused(caller, caller.call("listTrackingsByPost", wanted), cause)


PROMISES: tuple[Promise, ...] = (
    an_empty_list_is_a_refusal,
    the_total_is_a_text_and_counts_all_pages,
    pages_have_everything_once,
    the_newest_comes_first,
    a_list_tells_what_a_read_tells,
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
    two_thousand_are_the_most,
    a_larger_limit_is_read_as_two_thousand,
    pages_and_limits_start_at_one,
    the_whole_list_counts_what_comes_and_goes,
    a_post_lists_the_same,
    a_post_without_filters_lists_everything,
    a_post_that_finds_nothing_is_refused,
)
