"""Arrays that have as many items as they must, each of which fits where it stands."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from contracts.payloads.facets import FAR, NEAR, OPEN, Demand, Facets, Order, Spot, Step
from contracts.payloads.judge import same

if TYPE_CHECKING:
    from contracts.payloads.solver import Solver


_ASKING: dict[Order | None, int] = {"many": 1, "apart": 2}  # how many must ask for items, for an order to be one of its own


def arrays(solver: Solver, facets: Facets, depth: int) -> Iterator[Any]:
    """Yield arrays that keep the bounds, the shortest first."""
    if (facets.far and not facets.distinct) or len(facets.contains) < _ASKING.get(facets.order, 0):
        return  # all that there is comes without it
    if any(most is not None and least > most for _, least, most in _joined(facets.contains)):
        solver.fail("no array has so many items that fit, and no more")
        return
    wanted = [least + (facets.spot is not None and schema is facets.spot[0]) for schema, least, _ in facets.contains]
    slots = max((index + 1 for index in facets.slots), default=0)
    low = max([facets.count.low, slots, *wanted, _at_end(facets)])
    if facets.order == "last":
        low = max(low, max([slots, *(stop or 0 for _, stop, _ in facets.rest)]) + max([*wanted, _at_end(facets)]))
    if facets.order == "apart":
        low = max(low, slots + sum(wanted))
    low = max(low, 1 if solver.full and facets.count.high != 0 and not facets.slots else 0, 2 if facets.distinct is False else 0)
    high = facets.count.high
    if high is not None and low > high:
        low = max(low - 1, 0) if solver.full and low == 1 else low
    if high is not None and low > high:
        solver.fail(f"no array has at least {low} and at most {high} items")
        return
    last = max(low + 2, sum(wanted))
    for size in range(low, last + 1 if high is None else min(high, last) + 1):
        for order in _orders(facets, size):
            yield from _items(solver, facets, size, order, depth)


def _at_end(facets: Facets) -> int:
    """Say how many items there are up to one that is left open among those that fit."""
    return facets.spot[1] + 1 if facets.spot else 0


def _orders(facets: Facets, size: int) -> Iterator[Order]:
    """Yield the orders that differ in an array of a size."""
    if facets.order is not None:
        yield facets.order
        return
    yield "first"
    if any(size > least > 0 for _, least, _ in facets.contains):
        yield "last"
    if any(most is not None and least < min(most, size) for _, least, most in facets.contains):
        yield "many"
    if len(facets.contains) > 1 and sum(least for _, least, _ in facets.contains) <= size:
        yield "apart"


def _items(solver: Solver, facets: Facets, size: int, order: Order, depth: int) -> Iterator[list[Any]]:
    """Yield arrays of a size."""
    demands = [
        [*facets.slots.get(at, ()), *(one for start, stop, one in facets.rest if at >= start and (stop is None or at < stop))]
        for at in range(size)
    ]
    _counted(facets, demands, order)
    if facets.distinct is False:
        demands[-1] = demands[-2] = [*demands[-1], *demands[-2]]
        if any(one is OPEN for one in demands[-1]):
            solver.exact = False  # one of the two that are the same can't be left open
            return
    values: list[Any] = []
    for at in range(size):
        try:
            values.append(values[-1] if facets.distinct is False and at == size - 1 else _item(solver, demands[at], values, facets, depth))
        except LookupError:
            solver.fail(f"no item fits at position {at}")
            settled = _are_alike(facets) or _is_settled(facets, size)
            solver.exact = solver.exact and settled and len(facets.slots.get(at, ())) < 2  # two might be content with two items
            return
    if any(isinstance(value, Spot) for value in values):
        solver.exact = solver.exact and not _is_shared(facets)
    if facets.distinct and size > 1:
        beside = FAR if facets.far else NEAR
        values = [Spot((*value.demands, beside)) if isinstance(value, Spot) else value for value in values]
    yield values


def _is_shared(facets: Facets) -> bool:
    """Tell whether others ask for the item that is left open, too: they might be content with another one."""
    left_open = [slot for slot in facets.slots.values() if any(one is OPEN for one in slot)]
    return len(_joined(facets.contains)) > 1 or any(one.key != OPEN.key for slot in left_open for one in slot)


def _are_alike(facets: Facets) -> bool:
    """Tell whether it does not matter which item is where: else that none fits is no proof, as another order may be one."""
    if not (facets.contains or facets.spot or facets.distinct or (facets.distinct is False and facets.count.high != 2)):
        return True
    return (
        len(_joined(facets.contains)) + (facets.spot is not None) <= 1
        and not facets.slots
        and all((start, stop) == (0, None) for start, stop, _ in facets.rest)
    )


def _is_settled(facets: Facets, size: int) -> bool:
    """Tell whether all items must be such as `contains` asks for, and nothing else is asked of them together."""
    return facets.spot is None and facets.distinct is None and all(least >= size for _, least, _ in facets.contains)


def _counted(facets: Facets, demands: list[list[Step]], order: Order) -> None:
    """Share out what `contains` demands; where there are bounds the other items do not fit."""
    joined, size = _joined(facets.contains), len(demands)
    start = size - sum(least for _, least, _ in joined) if order == "apart" else 0
    for schema, least, most in joined:
        count = least if order != "many" or most is None else min(most, size)
        fitting = range(size - count, size) if order == "last" else range(start, start + count)
        start += count if order == "apart" else 0
        for at, one in enumerate(demands):
            if at in fitting or most is not None:
                one.append(Demand(schema, None, yes=at in fitting))
    if facets.spot is not None:
        schema, others = facets.spot
        place = size - 1 if order == "last" else others
        for at, one in enumerate(demands):
            one.append(OPEN if at == place else Demand(schema, None, yes=place - others <= at < place))


def _item(solver: Solver, demands: list[Step], before: list[Any], facets: Facets, depth: int) -> Any:
    if any(one is OPEN for one in demands):
        return Spot(tuple(one for one in demands if one is not OPEN))
    if not (facets.distinct and (before or facets.far)):
        return solver.first(demands, depth=depth + 1)
    offered = itertools.islice(solver.solve(demands, plain=True, depth=depth + 1), 2 * len(before) + 8)
    for value in reversed([*offered]) if facets.far else offered:
        if not any(same(value, other) for other in before):
            return value
    raise LookupError


def _joined(found: Sequence[tuple[Any, int, int | None]]) -> list[tuple[Any, int, int | None]]:
    """Join what is demanded of the number of items that fit one and the same schema."""
    joined: dict[int, tuple[Any, int, int | None]] = {}
    for schema, least, most in found:
        _, low, high = joined.get(id(schema), (schema, 0, None))
        joined[id(schema)] = (schema, max(low, least), most if high is None else high if most is None else min(high, most))
    return list(joined.values())
