"""Promises of Delivery Solutions: what a list holds, how it is narrowed, and how its pages hang together."""

from __future__ import annotations

from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.promises import Broken, Promise, accepted, hold, promise, same
from contracts.proofs import once, pages, taken, turned_down
from contracts.providers.delivery_solutions.trackers import FILE, LIST, SCHEMAS, create, dispatched, listed, update, waiting

MANY = 103  # more than a page holds
DAYS_30_MS = 30 * 86_400_000
LONG_AGO = {"startsAt": 0, "endsAt": DAYS_30_MS}


def _group(caller: Caller, size: int, **given: Any) -> tuple[str, list[str]]:
    """Create trackers of a group of their own; gives the group and their external ids, in the order of creation."""
    group = caller.unique("Group-")
    bodies = [waiting(caller, groupId=group, **given) for _ in range(size)]
    for body in bodies:
        create(caller, body)
    return group, [body["trackerExternalId"] for body in bodies]


def _orders(trackers: Any) -> list[Any]:
    return [tracker.get("orderExternalId") for tracker in trackers or () if isinstance(tracker, dict)]


def _turned(caller: Caller, filters: dict[str, Any], towards: str, start: str | None = None) -> list[Outcome]:
    """Turn the pages of a list in one direction, from the first one or from a token."""

    def turn(mark: str | None) -> Outcome:
        token = mark or start
        return accepted(caller.call("listTrackers", filters | ({"pagination": {"currentToken": token}} if token else {})))

    return list(pages(turn, lambda page: page.at(f"/pagination/{towards}")))


def _only(caller: Caller, filters: dict[str, Any], expected: list[str], what: str) -> None:
    outcome = taken(caller.call("listTrackers", filters), what)
    once(_orders(outcome.at("/data")), expected, what, outcome)


# --- what is there -----------------------------------------------------------------------------------------------------------


@promise("createTracker", "listTrackers", where=LIST, source=FILE)
def a_list_holds_everything_once(caller: Caller) -> None:
    """A list of a group has each of its trackers once, and nothing else."""
    group, orders = _group(caller, 5)
    _group(caller, 2)
    _only(caller, {"groupId": group}, orders, "the list of a group")


@promise("createTracker", "listTrackers", where=LIST, source=FILE)
def a_new_tracker_is_in_the_list_without_filters(caller: Caller) -> None:
    """Without any filter the list has what was created in the last 24 hours."""
    order = waiting(caller)["trackerExternalId"]
    create(caller, waiting(caller, trackerExternalId=order))
    there = [one for page in _turned(caller, {}, "nextToken") for one in _orders(page.at("/data"))]
    hold(there.count(order) == 1, "a new tracker is not once in the list without filters", expected=1, got=there.count(order))


@promise("createTracker", "listTrackers", where=LIST, inferred=True)
def the_newest_comes_first(caller: Caller) -> None:
    """A list begins with the tracker that was created last."""
    group, orders = _group(caller, 5)
    same(_orders(listed(caller, groupId=group)), orders[::-1], "a list is not in the order of creation, newest first")


@promise("createTracker", "updateTracker", "listTrackers", where=LIST, inferred=True)
def an_update_does_not_move_a_tracker(caller: Caller) -> None:
    """An update leaves a tracker at its place in the list."""
    group, orders = _group(caller, 3)
    update(caller, orders[0], {"orderValue": 5})
    same(_orders(listed(caller, groupId=group)), orders[::-1], "an update moved a tracker within the list")


@promise("createTracker", "listTrackers", where=LIST, source=FILE)
def reading_changes_nothing(caller: Caller) -> None:
    """The same list twice is the same, page and tokens included."""
    group, _ = _group(caller, 3)
    first, second = (accepted(caller.call("listTrackers", {"groupId": group})) for _ in range(2))
    same(second.body, first.body, "the same list is another one the second time", second)


# --- pages -------------------------------------------------------------------------------------------------------------------


@promise("createTracker", "listTrackers", where=f"{LIST}/x-list", source=FILE)
def pages_hold_everything_once(caller: Caller) -> None:
    """All pages of a list together have each tracker once."""
    group, orders = _group(caller, MANY)
    there = [order for page in _turned(caller, {"groupId": group}, "nextToken") for order in _orders(page.at("/data"))]
    once(there, orders, "a list of several pages")


@promise("createTracker", "listTrackers", where=f"{LIST}/x-list", inferred=True)
def pages_are_in_order(caller: Caller) -> None:
    """The order of a list goes on from page to page."""
    group, orders = _group(caller, MANY)
    there = [order for page in _turned(caller, {"groupId": group}, "nextToken") for order in _orders(page.at("/data"))]
    same(there, orders[::-1], "a list of several pages is not in the order of creation, newest first")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerPage/properties/pagination", source=FILE)
def pages_lead_back(caller: Caller) -> None:
    """The token for the page before leads back through the same pages to the first."""
    group, _ = _group(caller, MANY)
    onwards = _turned(caller, {"groupId": group}, "nextToken")
    if len(onwards) == 1:
        return
    token = onwards[-1].at("/pagination/previousToken")
    hold(token, "the last of several pages does not lead back", expected="a token", got=token, outcome=onwards[-1])
    back = _turned(caller, {"groupId": group}, "previousToken", token)
    expected = [_orders(page.at("/data")) for page in reversed(onwards[:-1])]
    same([_orders(page.at("/data")) for page in back], expected, "the pages backwards are not those that were passed", back[-1])


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerPage/properties/pagination", source=FILE)
def a_single_page_leads_nowhere(caller: Caller) -> None:
    """A list that fits into one page, or is empty, has null for both tokens."""
    group, _ = _group(caller, 2)
    for filters in ({"groupId": group}, {"groupId": caller.unique("nothing-")}):
        outcome = accepted(caller.call("listTrackers", filters))
        same(outcome.at("/pagination"), {"nextToken": None, "previousToken": None}, "a single page has tokens", outcome)


@promise("listTrackers", where=f"{LIST}/x-causes/bad-page-token", inferred=True, writes=False)
def a_token_that_was_never_given_is_refused(caller: Caller) -> None:
    """A page token that no answer held is refused."""
    for token in ("", "bm90IGEgdG9rZW4=", "not Base64 at all", "_next"):
        outcome = caller.call("listTrackers", {"pagination": {"currentToken": token}})
        refused(caller.spec, turned_down(outcome, f"the page token {token!r}"), "bad-page-token")


# --- filters -----------------------------------------------------------------------------------------------------------------


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerFilters/properties/groupId", source=FILE)
def the_letter_case_of_a_group_matters(caller: Caller) -> None:
    """A list of a group has no tracker of a group that differs in letter case, or that only begins alike."""
    group, orders = _group(caller, 1)
    others = (group.upper(), group.lower(), f"{group}x", group[:-1], f"{group} ")
    for other in others:
        _only(caller, {"groupId": other}, [], "the list of a group that nothing is in")
    for other in others:
        create(caller, waiting(caller, groupId=other))
    _only(caller, {"groupId": group}, orders, "the list of a group")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerFilters/properties/orderExternalIds", source=FILE)
def orders_are_found_by_their_ids(caller: Caller) -> None:
    """A list by external ids has exactly the trackers with one of them."""
    _, orders = _group(caller, 4)
    wanted = [orders[2], orders[0], caller.unique("nobody-")]
    _only(caller, {"orderExternalIds": wanted}, [orders[0], orders[2]], "a list by external ids")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerFilters/properties/locationExternalIds", source=FILE)
def orders_are_found_by_their_locations(caller: Caller) -> None:
    """A list by locations has exactly the trackers that are picked up at one of them."""
    one, other = caller.scene["location"], caller.scene["other_location"]
    group, here = _group(caller, 2, locationExternalId=one)
    there = waiting(caller, groupId=group, locationExternalId=other)
    create(caller, there)
    order = there["trackerExternalId"]
    for places, expected in (([one], here), ([other], [order]), ([one, other], [*here, order]), ([caller.unique("no-")], [])):
        _only(caller, {"groupId": group, "locationExternalIds": places}, expected, f"a list of {len(places)} locations")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerFilters/properties/statuses", source=FILE)
def orders_are_found_by_their_statuses(caller: Caller) -> None:
    """A list by statuses has exactly the trackers in one of them."""
    group, still = _group(caller, 2)
    sent = dispatched(caller, groupId=group)
    create(caller, sent)
    gone = sent["trackerExternalId"]
    _only(caller, {"groupId": group, "statuses": ["PENDING_DISPATCH"]}, still, "a list of what waits")
    _only(caller, {"groupId": group, "statuses": ["ORDER_CANCELLED", "ESTIMATES_FAILED"]}, [], "a list of what failed")
    told = listed(caller, orderExternalIds=[gone])[0]["status"]
    _only(caller, {"groupId": group, "statuses": [told, "PENDING_DISPATCH"]}, [*still, gone], "a list of two statuses")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerFilters/properties/sourceIds", inferred=True)
def orders_are_found_by_their_sources(caller: Caller) -> None:
    """A list by sources has exactly the trackers from one of them."""
    group, orders = _group(caller, 2)
    source = listed(caller, groupId=group)[0]["source"]["id"]
    _only(caller, {"groupId": group, "sourceIds": [source]}, orders, "a list of a source")
    _only(caller, {"groupId": group, "sourceIds": [f"{source}-not"]}, [], "a list of a source that nothing is from")


@promise("createTracker", "listTrackers", where=LIST, source=FILE)
def filters_must_all_hold(caller: Caller) -> None:
    """Of several filters all must hold."""
    group, orders = _group(caller, 3)
    _, others = _group(caller, 1)
    _only(caller, {"groupId": group, "orderExternalIds": [orders[1], *others]}, [orders[1]], "a list with two filters")
    three = {"groupId": group, "orderExternalIds": orders[:2], "statuses": ["ORDER_DELIVERED"]}
    _only(caller, three, [], "a list with three filters")


@promise("createTracker", "listTrackers", where=LIST, inferred=True)
def an_empty_filter_filters_nothing(caller: Caller) -> None:
    """A filter that is an empty array leaves everything in the list."""
    group, orders = _group(caller, 2)
    nothing: dict[str, list[str]] = {"orderExternalIds": [], "locationExternalIds": [], "statuses": [], "sourceIds": []}
    _only(caller, {"groupId": group, **nothing}, orders, "a list with empty filters")


# --- windows -----------------------------------------------------------------------------------------------------------------


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/TrackerFilters/properties/createdAt", source=FILE)
def a_window_of_long_ago_has_nothing_new(caller: Caller) -> None:
    """A window that ended before a tracker was created or changed does not have it."""
    group, _ = _group(caller, 2)
    for name in ("createdAt", "lastUpdatedAt"):
        _only(caller, {"groupId": group, name: LONG_AGO}, [], f"a list by {name} of 1970")


@promise("createTracker", "listTrackers", where=f"{SCHEMAS}/ListWindow", inferred=True)
def an_open_window_ends_now(caller: Caller) -> None:
    """A window without ends has what is new; one with an end alone begins 30 days before it."""
    group, orders = _group(caller, 2)
    for name in ("createdAt", "lastUpdatedAt"):
        for window in ({}, {"startsAt": None, "endsAt": None}):
            _only(caller, {"groupId": group, name: window}, orders, f"a list by {name} without ends")
        _only(caller, {"groupId": group, name: {"endsAt": DAYS_30_MS}}, [], f"a list by {name} with an end in 1970")


@promise("listTrackers", where=f"{LIST}/x-causes/window-too-long", source=FILE, writes=False)
def a_window_lasts_thirty_days_at_most(caller: Caller) -> None:
    """A window of 30 days is taken, one of a millisecond more is refused as too long."""
    for name in ("createdAt", "lastUpdatedAt"):
        taken(caller.call("listTrackers", {name: LONG_AGO}), f"a window of 30 days in {name}")
        longer = {"startsAt": 0, "endsAt": DAYS_30_MS + 1}
        outcome = turned_down(caller.call("listTrackers", {name: longer}), f"a window of more than 30 days in {name}")
        refused(caller.spec, outcome, "window-too-long")
        same(outcome.at("/errors/0/parameter"), name, "a refusal names another member than the one at fault", outcome)


@promise("listTrackers", where=f"{LIST}/x-causes/reversed-window", inferred=True, writes=False)
def a_window_does_not_end_before_it_starts(caller: Caller) -> None:
    """A window that ends before it starts is refused; one of a single moment is taken."""
    for name in ("createdAt", "lastUpdatedAt"):
        taken(caller.call("listTrackers", {name: {"startsAt": 7, "endsAt": 7}}), f"a window of one moment in {name}")
        outcome = turned_down(caller.call("listTrackers", {name: {"startsAt": 8, "endsAt": 7}}), f"a reversed window in {name}")
        refused(caller.spec, outcome, "reversed-window")


@promise("listTrackers", where=f"{SCHEMAS}/TrackerFilters", source=FILE, writes=False)
def filters_have_limits(caller: Caller) -> None:
    """A hundred external ids or locations and ten statuses are taken, one more of them is refused."""
    for name, most in (("orderExternalIds", 100), ("locationExternalIds", 100), ("statuses", 10)):
        values = [f"NOBODY_{number}" for number in range(most + 1)]
        taken(caller.call("listTrackers", {name: values[:most]}), f"{most} values of {name}")
        outcome = turned_down(caller.call("listTrackers", {name: values}), f"{most + 1} values of {name}")
        same(outcome.status, 400, "a filter with too many values is refused with another status", outcome)


@promise("listTrackers", where=LIST, source=FILE, writes=False)
def a_list_is_answered_with_200(caller: Caller) -> None:
    """A list answers 200 although it is a POST, and 400 to a filter it can't read; it has no 422."""
    same(accepted(caller.call("listTrackers", {})).status, 200, "a list has another status than 200")
    outcome = turned_down(caller.call("listTrackers", {"statuses": "ORDER_DELIVERED"}), "a filter of the wrong kind")
    if outcome.status != 400:
        raise Broken("a filter of the wrong kind is refused with another status", 400, outcome.status, outcome)


PROMISES: tuple[Promise, ...] = (
    a_list_holds_everything_once,
    a_new_tracker_is_in_the_list_without_filters,
    the_newest_comes_first,
    an_update_does_not_move_a_tracker,
    reading_changes_nothing,
    pages_hold_everything_once,
    pages_are_in_order,
    pages_lead_back,
    a_single_page_leads_nowhere,
    a_token_that_was_never_given_is_refused,
    the_letter_case_of_a_group_matters,
    orders_are_found_by_their_ids,
    orders_are_found_by_their_locations,
    orders_are_found_by_their_statuses,
    orders_are_found_by_their_sources,
    filters_must_all_hold,
    an_empty_filter_filters_nothing,
    a_window_of_long_ago_has_nothing_new,
    an_open_window_ends_now,
    a_window_lasts_thirty_days_at_most,
    a_window_does_not_end_before_it_starts,
    filters_have_limits,
    a_list_is_answered_with_200,
)
