"""Promises of Trackru: what the list has, in which order and on which page; the list as a POST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contracts.caller import Caller
from contracts.promises import CannotTell, Promise, accepted, hold, promise, same
from contracts.proofs import later, moment, once, taken, without
from contracts.providers.trackru.calls import (
    CODES_PAGE,
    LIST,
    LIST_BY_POST,
    LIST_PAGE,
    NODE_CLIENT,
    PARAMETERS,
    SCHEMAS,
    create,
    items,
    joined,
    key,
    listed,
    new,
    numbers,
    read,
    refused,
    some,
    update,
)

MOST, MOST_NUMBERS = 2000, 40


@promise("listTrackings", where=f"{LIST}/x-causes/nothing-found", source=CODES_PAGE)
def an_empty_list_is_a_refusal(caller: Caller) -> None:
    """When nothing is left the answer has code 4031, not an empty list; a page beyond the last is such a case."""
    made = create(caller)
    for filters in ({"numbers": caller.unique("none-")}, {"numbers": made["tracking_number"], "page": 2}):
        refused(caller, caller.call("listTrackings", params=filters), "nothing-found")


@promise("listTrackings", where=f"{SCHEMAS}/Page/properties/total", source=NODE_CLIENT)
def the_total_is_a_text_and_counts_all_pages(caller: Caller) -> None:
    """`total` is a string with the number of all that fits; `count` is a number and of this page, `page` and `limit` as asked."""
    wanted = {"numbers": joined(*some(caller)), "limit": 2}
    for page, count in ((1, 2), (2, 2), (3, 1)):
        outcome = taken(caller.call("listTrackings", params={**wanted, "page": page}), f"page {page} of three")
        expected = {"page": page, "limit": 2, "total": "5", "count": count}
        same(without(outcome.at("/data"), "items"), expected, "the page tells wrong numbers", outcome)
        same(len(items(outcome)), count, "count is not the number of items", outcome)


@promise("listTrackings", where=LIST, source=LIST_PAGE)
def pages_have_everything_once(caller: Caller) -> None:
    """Page by page everything that fits is there once, whatever the size of a page, in the order of the whole."""
    made = some(caller, 7)
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
    made = some(caller, 2)
    later(caller)
    made += some(caller, 2)
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
    for limit in (MOST + 1, 2**31 - 1):
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
    more = some(caller, 2)
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
    made = some(caller, 2)
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
    two_thousand_are_the_most,
    a_larger_limit_is_read_as_two_thousand,
    pages_and_limits_start_at_one,
    the_whole_list_counts_what_comes_and_goes,
    a_post_lists_the_same,
    a_post_without_filters_lists_everything,
    a_post_that_finds_nothing_is_refused,
)
