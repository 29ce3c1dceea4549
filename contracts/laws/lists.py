"""Laws of one list: a filter leaves what matches, a limit is a beginning, pages are a partition, windows are parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from contracts import listing as lists
from contracts.caller import Caller, gives_accounts
from contracts.laws.making import along, count, key_of, made, maker_of, told
from contracts.links import Link
from contracts.listing import Listing, Window, identities, identity, value_at, whole
from contracts.promises import CannotTell, accepted, hold, same
from contracts.ready import create
from sandbox.document import at
from sandbox.spec import Operation

SMALL, MANY = 2, 105
_FEW = 3  # values of a filter that are tried
_DAY_S = 86_400


def what_is_created_is_listed(found: Listing, maker: Operation, caller: Caller) -> None:
    """What was just created is on the list, once."""
    keys = [key_of(caller.spec, maker, outcome) for outcome in made(caller, maker, SMALL)]
    items = whole(caller, found)
    for key in keys:
        same(count(items, key), 1, f"what was created ({told(key)}) is not on the list once")


def what_is_deleted_is_listed_no_longer(found: Listing, link: Link, caller: Caller) -> None:
    """Create, list, delete, list: what was deleted is off the list, and nothing else is."""
    maker = caller.spec.operations[link.operation]
    kept, gone = made(caller, maker, SMALL)
    stays, goes = (key_of(caller.spec, maker, outcome) for outcome in (kept, gone))
    before = whole(caller, found)
    same([count(before, stays), count(before, goes)], [1, 1], "what was created is not on the list")
    accepted(along(caller, link, gone))
    after = whole(caller, found)
    same(count(after, goes), 0, f"what was deleted ({told(goes)}) is still listed")
    same(count(after, stays), 1, f"what was not deleted ({told(stays)}) is listed no longer")
    missing = set(identities(before)) - set(identities(after))
    same(len(missing), 1, "a delete takes more off the list than it names")


def everything_is_listed_once(found: Listing, caller: Caller) -> None:
    """No page has an item that was there before, and two readings tell the same list."""
    made(caller, maker_of(caller.spec, found), SMALL)
    first = identities(whole(caller, found))
    same(len(set(first)), len(first), f"of {len(first)} items some are listed twice")
    again = identities(whole(caller, found))
    same(again, first, "a second reading tells another list")


def a_limit_is_a_prefix(found: Listing, caller: Caller) -> None:
    """A list with a limit is the beginning of the list, of that length."""
    items = _listed(caller, found)
    for limit in (1, SMALL, len(items) - 1, len(items)):
        got = identities(lists.items_of(found, lists.call(caller, found, {found.limit: limit, **({found.page: 1} if found.page else {})})))
        same(got, items[:limit], f"a list with the limit {limit} is not the beginning of the list")


def pages_partition_the_list(found: Listing, caller: Caller) -> None:
    """Page by page everything is there once, in the order of the whole, and each page but the last is full."""
    items = _listed(caller, found)
    for size in (1, SMALL, SMALL + 1):
        pages = [identities(page) for page in lists.walk(caller, found, {found.limit: size})]
        same([one for page in pages for one in page], items, f"pages of {size} are not the list")
        same({len(page) for page in pages[: len(items) // size]} - {size}, set(), f"a page of {size} is not full")


def cursors_partition_the_list(found: Listing, caller: Caller) -> None:
    """Cursor by cursor everything is there once, and what was created is on one of the pages."""
    maker, size = maker_of(caller.spec, found), ({found.limit: SMALL} if found.limit else {})
    keys = [key_of(caller.spec, maker, outcome) for outcome in made(caller, maker)] if maker else []
    pages = list(lists.walk(caller, found, size))
    if len(pages) == 1 and maker and caller.text and gives_accounts(caller.text):
        keys += [key_of(caller.spec, maker, create(caller, maker)) for _ in range(MANY)]
        pages = list(lists.walk(caller, found, size))
    items = [item for page in pages for item in page]
    same(len(set(identities(items))), len(items), f"of {len(items)} items on {len(pages)} pages some are there twice")
    for key in keys:
        same(count(items, key), 1, f"what was created ({told(key)}) is not on one page")
    hold(all(pages[:-1]), "a page before the last is empty", got=[len(page) for page in pages])


def the_total_counts_the_whole(found: Listing, caller: Caller) -> None:
    """The total is the number of items on all pages, whatever the size of a page."""
    items = _listed(caller, found)
    for limit in (1, lists.WIDE) if found.limit else (None,):
        outcome = accepted(lists.call(caller, found, {found.limit: limit} if limit else {}))
        same(int(outcome.at(found.total)), len(items), "the total is not the number of items", outcome)


def the_list_is_sorted_as_declared(found: Listing, caller: Caller) -> None:
    """The list is in the order that the document declares."""
    made(caller, maker_of(caller.spec, found))
    _sorted(whole(caller, found), found.sort, "the list")


def an_order_turns_the_list(found: Listing, caller: Caller) -> None:
    """Each order has the same items, sorted by what it names; with a minus, the other way round."""
    made(caller, maker_of(caller.spec, found))
    items = sorted(identities(whole(caller, found)))
    for value in lists.schema_of(caller.spec, found, found.order).get("enum", ()):
        turned = whole(caller, found, {found.order: value})
        same(sorted(identities(turned)), items, f"in the order {value} other items are listed")
        place = f"/{value.lstrip('-')}"
        if all(value_at(item, place) is not None for item in turned):
            _sorted(turned, ("-" * value.startswith("-") + place,), f"the list in the order {value}")


def a_filter_leaves_what_matches(found: Listing, caller: Caller) -> None:
    """A filtered list is the part of the whole that matches, in the same order; a value that nothing has leaves nothing."""
    made(caller, maker_of(caller.spec, found))
    tried = False
    for name, place in found.filters.items():
        before = whole(caller, found)
        for value in _values(caller, found, name, [value_at(item, place) for item in before]):
            outcome = lists.call(caller, found, {name: value})
            if outcome.accepted or outcome.means == 404:
                tried = True
                _matching(caller, found, (name, place, value), before)
    if not tried:
        raise CannotTell(f"{found.operation.id} takes none of the values that its filters were tried with")


def _matching(caller: Caller, found: Listing, wanted: tuple[str, str, Any], before: list[Any]) -> None:
    """Hold a filtered list to be what matches, but for items whose value moved meanwhile. Raises Broken."""
    name, place, value = wanted
    got = identities(whole(caller, found, {name: value}))
    old = {identity(item): value_at(item, place) for item in before}
    now = {identity(item): value_at(item, place) for item in whole(caller, found)}
    still = [one for one in old if one in now and _plain(now[one]) == _plain(old[one])]
    expected = [one for one in still if _fits(old[one], value)]
    same([one for one in got if one in still], expected, f"{name}={_shown(value)} does not leave the items with that {place}")


def _values(caller: Caller, found: Listing, name: str, there: list[Any]) -> Iterator[Any]:
    """Yield values to filter by: some that items have, and some that none has where the document lets one know them."""
    schema = lists.schema_of(caller.spec, found, name)
    several = schema.get("type") == "array"
    known = list(dict.fromkeys(_plain(value) for value in there if isinstance(value, (str, int))))
    inner = schema.get("items", {}) if several else schema
    if "$ref" in inner:
        inner = at(caller.spec.tree, inner["$ref"][1:])
    truths = ["true", "false"] if any(isinstance(value, bool) for value in there) else []
    absent = [value for value in (*inner.get("enum", ()), *truths) if _plain(value) not in known]
    if not inner.get("enum") and not truths and "pattern" not in inner and inner.get("type") == "string":
        absent = [caller.unique("none-")]
    for value in (*known[:_FEW], *absent[:_FEW]):
        yield [value] if several else value


def _fits(value: Any, wanted: Any) -> bool:
    return _plain(value) in map(_plain, wanted) if isinstance(wanted, list) else _plain(value) == _plain(wanted)


def _plain(value: Any) -> Any:
    """Write a value as a filter does: a truth is a text there, and so may a number be."""
    return str(value).lower() if isinstance(value, bool) else value


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def a_narrower_window_leaves_less(found: Listing, caller: Caller) -> None:
    """A window leaves the items whose time is within it, and a narrower one a part of what a wider one leaves."""
    made(caller, maker_of(caller.spec, found))
    for place, window in found.windows.items():
        items = whole(caller, found)
        times = sorted({_moment(value_at(item, place)) for item in items})
        if not times:
            raise CannotTell(f"{found.operation.id} lists nothing")
        first, middle, last = times[0] - 2, times[len(times) // 2], times[-1] + 2
        wide = _within(caller, found, window, (first, last))
        for low, high in ((first, last), (middle - 2, last), (first, middle + 2), (first, first + 1), (last + _DAY_S, last + 2 * _DAY_S)):
            got = _within(caller, found, window, (low, high))
            same([one for one in got if one not in wide], [], f"a narrower window on {place} leaves more than a wider one")
            for item in items:
                at_s, there = _moment(value_at(item, place)), identity(item) in got
                hold(there or not low < at_s < high, f"a window on {place} leaves out what is within it", expected=item, got=got)
                hold(
                    not there or low - 1 <= at_s <= high + 1,
                    f"a window on {place} has what is not within it",
                    expected=[low, high],
                    got=item,
                )


def _within(caller: Caller, found: Listing, window: Window, span: tuple[float, float]) -> list[str]:
    low, high = (_written(moment, window.unit) for moment in span)
    return identities(whole(caller, found, {window.earliest: low, window.latest: high}))


def _written(moment: float, unit: str) -> Any:
    scale = {"s": 1, "ms": 1000}.get(unit)
    return int(moment * scale) if scale else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def _moment(value: Any) -> float:
    """Read a time of an item, in whole seconds. Raises ValueError for what is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value / 1000 if value > 1e11 else value)
    return int(datetime.fromisoformat(str(value)).timestamp())


def _listed(caller: Caller, found: Listing) -> list[str]:
    """Make some items and name all that are listed. Raises CannotTell where there are too few to tell pages apart."""
    made(caller, maker_of(caller.spec, found))
    items = identities(whole(caller, found))
    if len(items) < SMALL:
        raise CannotTell(f"{found.operation.id} lists {len(items)} items, and nothing can be created to have more")
    return items


def _sorted(items: list[Any], order: tuple[str, ...], what: str) -> None:
    """Hold items to be in an order. Raises Broken, and CannotTell where they lack what it is about."""
    first = order[0]
    values = [value_at(item, first.lstrip("-")) for item in items]
    if any(value is None for value in values) or len(values) < SMALL:
        raise CannotTell(f"{what} has too few items with {first.lstrip('-')}")
    keys = [_sortable(value) for value in values]
    hold(keys == sorted(keys, reverse=first.startswith("-")), f"{what} is not sorted by {first}", expected=first, got=values)


def _sortable(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value).astimezone(UTC).isoformat() if isinstance(value, str) else value
    except ValueError:
        return value


LAWS: tuple[tuple[Callable[..., None], str], ...] = (
    (everything_is_listed_once, "items"),
    (a_limit_is_a_prefix, "limit"),
    (pages_partition_the_list, "page"),
    (cursors_partition_the_list, "cursor"),
    (the_total_counts_the_whole, "total"),
    (the_list_is_sorted_as_declared, "sort"),
    (an_order_turns_the_list, "order"),
    (a_filter_leaves_what_matches, "filters"),
    (a_narrower_window_leaves_less, "windows"),
)
