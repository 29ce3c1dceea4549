"""Promises of parcelLab: what the list of orders holds, in which order, and how its pages hang together.

There is no filter that leaves a promise alone with its own orders, so each looks for its own among whatever there is.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.promises import Broken, CannotTell, Promise, accepted, hold, promise, same
from contracts.proofs import once, pages, taken, turned_down
from contracts.providers.parcellab.orders import CLI, LIST, PAGE, SCHEMAS, made, named, new, put, read

MANY = 103  # more than a page holds


def _cursor(outcome: Outcome, direction: str) -> str | None:
    """Take the cursor out of the address of a neighbouring page; None where there is none. Raises Broken."""
    address = outcome.at(f"/{direction}")
    if address is None:
        return None
    parts = urlsplit(address) if isinstance(address, str) else None
    found = parse_qs(parts.query).get("cursor") if parts and parts.scheme and parts.netloc else None
    if not found:
        raise Broken(f"{direction} is no whole address with a cursor", "an address", address, outcome)
    return found[0]


def _turned(caller: Caller, *, direction: str = "next", start: str | None = None, **params: Any) -> list[Outcome]:
    """Turn the pages of the list, from the first one or from a cursor."""

    def turn(mark: str | None) -> Outcome:
        cursor = mark or start
        return accepted(caller.call("listOrders", params=params | ({"cursor": cursor} if cursor else {})))

    return list(pages(turn, lambda page: _cursor(page, direction)))


def _numbers(outcome: Outcome) -> list[Any]:
    found = outcome.at("/results")
    return [order.get("order_number") for order in found] if isinstance(found, list) else []


def _own(caller: Caller, mine: list[str], **params: Any) -> list[Any]:
    """Tell those of a promise's own orders that are in the list, in the list's order."""
    return [number for page in _turned(caller, **params) for number in _numbers(page) if number in mine]


def _many(caller: Caller, size: int, **given: Any) -> list[str]:
    """Make orders; gives their numbers in the order of creation."""
    return [made(caller, **given)["order_number"] for _ in range(size)]


@promise("listOrders", "putOrder", where=LIST, source=PAGE)
def the_list_holds_each_order_once(caller: Caller) -> None:
    """Each order is in the list once, those that were put again too."""
    orders = [made(caller) for _ in range(4)]
    put(caller, named(orders[1], channel="store"))
    numbers = [order["order_number"] for order in orders]
    once(_own(caller, numbers), numbers, "the list of orders")


@promise("listOrders", "createOrder", where=LIST, source=PAGE)
def what_was_posted_is_listed(caller: Caller) -> None:
    """An order that was made by a post is in the list."""
    body = new(caller)
    accepted(caller.call("createOrder", body))
    once(_own(caller, [body["order_number"]]), [body["order_number"]], "the list of orders")


@promise("listOrders", "putOrder", "getOrder", where=f"{SCHEMAS}/OrderPage", source=PAGE)
def the_list_tells_what_a_read_tells(caller: Caller) -> None:
    """An order in the list is the order that a read tells, member by member."""
    order = made(caller, tags=["a"], articles_order=[{"line_item_id": "1", "unknown": True}], order_total_amount="1.10")
    put(caller, named(order, channel="store"))
    listed = [one for page in _turned(caller) for one in page.at("/results", []) if one.get("external_id") == order["external_id"]]
    same(listed, [read(caller, order)], "a listed order differs from what a read tells")


@promise("listOrders", "putOrder", where=LIST, inferred=True)
def the_newest_comes_first(caller: Caller) -> None:
    """Without an ordering the list begins with the order that was made last."""
    numbers = _many(caller, 4)
    same(_own(caller, numbers), numbers[::-1], "the list is not in the order of creation, newest first")


@promise("listOrders", "putOrder", where="/components/parameters/ordering", inferred=True)
def the_list_is_sorted_as_asked(caller: Caller) -> None:
    """The list is sorted by the member that `ordering` names, with a minus in front the other way round."""
    days = ("2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    references = sorted((caller.unique("shop-") for _ in days), reverse=True)
    orders = [made(caller, order_date=day, external_reference=name) for day, name in zip(days, references, strict=True)]
    numbers = [order["order_number"] for order in orders]
    by_date = [numbers[1], numbers[2], numbers[0]]
    expected = {"created_at": numbers, "order_date": by_date, "order_number": sorted(numbers), "external_reference": numbers[::-1]}
    for member, order in expected.items():
        same(_own(caller, numbers, ordering=member), order, f"the list is not sorted by {member}")
        same(_own(caller, numbers, ordering=f"-{member}"), order[::-1], f"the list is not sorted by {member}, backwards")


@promise("listOrders", where="/components/parameters/ordering", inferred=True, writes=False)
def no_other_ordering_is_taken(caller: Caller) -> None:
    """An ordering by something else is refused and not ignored."""
    for ordering in ("colour", "", "--created_at", "Created_at"):
        refused(caller.spec, turned_down(caller.call("listOrders", params={"ordering": ordering}), f"ordering={ordering}"), "invalid")


@promise("listOrders", "putOrder", where=f"{LIST}/x-list", source=PAGE)
def pages_hold_everything_once(caller: Caller) -> None:
    """All pages of the list together have each order once."""
    numbers = _many(caller, MANY)
    once(_own(caller, numbers), numbers, "a list of several pages")


@promise("listOrders", "putOrder", where=f"{LIST}/x-list", inferred=True)
def pages_are_in_order(caller: Caller) -> None:
    """The order of the list goes on from page to page."""
    numbers = _many(caller, MANY)
    same(_own(caller, numbers), numbers[::-1], "a list of several pages is not in the order of creation, newest first")
    same(_own(caller, numbers, ordering="order_number"), sorted(numbers), "a list of several pages is not sorted as asked")


@promise("listOrders", "putOrder", where=f"{SCHEMAS}/OrderPage/properties/previous", source=CLI)
def pages_lead_back(caller: Caller) -> None:
    """The address of the previous page leads back through the same pages to the first, which has none."""
    _many(caller, MANY)
    onwards = _turned(caller)
    same(onwards[0].at("/previous", ""), None, "the first page has a previous one", onwards[0])
    if len(onwards) == 1:
        return
    cursor = _cursor(onwards[-1], "previous")
    hold(cursor, "the last of several pages does not lead back", expected="an address", got=cursor, outcome=onwards[-1])
    back = _turned(caller, direction="previous", start=cursor)
    expected = [_numbers(page) for page in reversed(onwards[:-1])]
    same([_numbers(page) for page in back], expected, "the pages backwards are not those that were passed", back[-1])


@promise("listOrders", "putOrder", where=f"{SCHEMAS}/OrderPage/properties/next", inferred=True)
def the_next_page_is_where_this_one_is(caller: Caller) -> None:
    """The address of the next page is one of the list, at the host that was called."""
    _many(caller, MANY)
    outcome = accepted(caller.call("listOrders"))
    address = outcome.at("/next")
    if address is None:
        return
    here, there = urlsplit(caller.target.url), urlsplit(address)
    same(there.netloc, here.netloc, "the next page is at another host", outcome)
    same(there.path, here.path + outcome.operation.path, "the next page is not of the list", outcome)


@promise("listOrders", "putOrder", where=f"{SCHEMAS}/OrderPage", source=CLI)
def a_page_does_not_count(caller: Caller) -> None:
    """A page has its orders and its neighbours and no count."""
    made(caller)
    outcome = accepted(caller.call("listOrders"))
    same(sorted(outcome.body), ["next", "previous", "results"], "a page has other members", outcome)


@promise("listOrders", "putOrder", where="/components/parameters/accounts", inferred=True)
def the_list_is_of_the_account_asked_for(caller: Caller) -> None:
    """With an account the list has that account's orders and no others."""
    number = made(caller)["order_number"]
    account = caller.scene["account"]
    turned = _turned(caller, account=[account])
    there = {order.get("account") for page in turned for order in page.at("/results", [])}
    same(sorted(there), [account], "the list of an account has orders of another")
    once([one for page in turned for one in _numbers(page) if one == number], [number], "the list of an account")


@promise("listOrders", "putOrder", where="/components/parameters/accounts", inferred=True)
def the_list_of_an_account_leaves_others_out(caller: Caller) -> None:
    """Where a token may use several accounts, the list of one has no order of another."""
    body = new(caller, account=caller.scene["foreign_account"])
    if not caller.call("putOrder", body).accepted:
        raise CannotTell("the token is for one account only")
    number = body["order_number"]
    same(_own(caller, [number], account=[caller.scene["account"]]), [], "the list of an account has orders of another")
    same(_own(caller, [number], account=[caller.scene["foreign_account"]]), [number], "the list of an account lacks its order")
    both = [caller.scene["account"], caller.scene["foreign_account"]]
    same(_own(caller, [number], account=both), [number], "the list of two accounts lacks an order of one")


@promise("listOrders", "putOrder", where=f"{SCHEMAS}/OrderPage/properties/next", inferred=True)
def pages_are_where_the_list_is(caller: Caller) -> None:
    """The address of the next page is that of the list, on the same host, with what was asked for."""
    _many(caller, MANY)
    address = accepted(caller.call("listOrders", params={"ordering": "order_number"})).at("/next")
    if address is None:
        raise CannotTell("the list has one page only")
    expected = caller.target.url + caller.spec.operations["listOrders"].path
    same(str(address).partition("?")[0], expected, "the next page is somewhere else than the list")
    same(parse_qs(urlsplit(address).query).get("ordering"), ["order_number"], "the next page is sorted otherwise")


@promise("listOrders", where=f"{LIST}/x-causes/bad-cursor", inferred=True, writes=False)
def a_cursor_that_was_never_given_is_refused(caller: Caller) -> None:
    """A cursor that no page held is refused with 404."""
    for cursor in ("nonsense", "cD00ODY=", "0"):
        outcome = turned_down(caller.call("listOrders", params={"cursor": cursor}), f"the cursor {cursor!r}")
        refused(caller.spec, outcome, "bad-cursor")


@promise("listOrders", "putOrder", where=f"{LIST}/responses/200", source=PAGE)
def a_list_is_the_same_twice(caller: Caller) -> None:
    """The same page twice is the same."""
    _many(caller, 2)
    first, second = (taken(caller.call("listOrders"), "a list") for _ in range(2))
    hold(_numbers(first), "the list is empty after orders were made", expected="orders", got=first.at("/results"), outcome=first)
    same(second.at("/results"), first.at("/results"), "the same page is another one the second time", second)


PROMISES: tuple[Promise, ...] = (
    the_list_holds_each_order_once,
    what_was_posted_is_listed,
    the_list_tells_what_a_read_tells,
    the_newest_comes_first,
    the_list_is_sorted_as_asked,
    no_other_ordering_is_taken,
    pages_hold_everything_once,
    pages_are_in_order,
    pages_lead_back,
    the_next_page_is_where_this_one_is,
    a_page_does_not_count,
    the_list_is_of_the_account_asked_for,
    the_list_of_an_account_leaves_others_out,
    pages_are_where_the_list_is,
    a_cursor_that_was_never_given_is_refused,
    a_list_is_the_same_twice,
)
