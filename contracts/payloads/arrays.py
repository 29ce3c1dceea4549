"""Arrays that have as many items as they must, each of which fits where it stands."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from contracts.payloads.facets import OPEN, Demand, Facets, Spot, Step
from contracts.payloads.judge import same

if TYPE_CHECKING:
    from contracts.payloads.solver import Solver


def arrays(solver: Solver, facets: Facets, depth: int) -> Iterator[Any]:
    """Yield arrays that keep the bounds, the shortest first."""
    if any(most is not None and least > most for _, least, most in _joined(facets.contains)):
        solver.fail("no array has so many items that fit, and no more")
        return
    wanted = [least + (facets.spot is not None and schema is facets.spot[0]) for schema, least, _ in facets.contains]
    low = max([facets.count.low, *(index + 1 for index in facets.slots), *wanted, (facets.spot[1] + 1) if facets.spot else 0])
    low = max(low, 1 if solver.full and facets.count.high != 0 and not facets.slots else 0, 2 if facets.distinct is False else 0)
    high = facets.count.high
    if high is not None and low > high:
        low = max(low - 1, 0) if solver.full and low == 1 else low
    if high is not None and low > high:
        solver.fail(f"no array has at least {low} and at most {high} items")
        return
    for size in range(low, low + 3 if high is None else min(high, low + 2) + 1):
        yield from _items(solver, facets, size, depth)


def _items(solver: Solver, facets: Facets, size: int, depth: int) -> Iterator[list[Any]]:
    demands = [
        [*facets.slots.get(at, ()), *(one for start, stop, one in facets.rest if at >= start and (stop is None or at < stop))]
        for at in range(size)
    ]
    _counted(facets, demands)
    if facets.distinct is False:
        demands[-1] = demands[-2] = [*demands[-1], *demands[-2]]
    values: list[Any] = []
    for at in range(size):
        try:
            values.append(values[-1] if facets.distinct is False and at == size - 1 else _item(solver, demands[at], values, facets, depth))
        except LookupError:
            solver.fail(f"no item fits at position {at}")
            # Which items fit is a choice of ours where several `contains` share an array, so that is no proof.
            solver.exact = solver.exact and len(_joined(facets.contains)) + (facets.spot is not None) <= 1
            return
    yield values


def _counted(facets: Facets, demands: list[list[Step]]) -> None:
    """Share out what `contains` demands: the first items fit, and where there are bounds the others do not."""
    for schema, least, most in _joined(facets.contains):
        for at, one in enumerate(demands):
            if at < least or most is not None:
                one.append(Demand(schema, None, yes=at < least))
    if facets.spot is not None:
        schema, others = facets.spot
        for at, one in enumerate(demands):
            one.append(OPEN if at == others else Demand(schema, None, yes=at < others))


def _item(solver: Solver, demands: list[Step], before: list[Any], facets: Facets, depth: int) -> Any:
    if any(one is OPEN for one in demands):
        return Spot(tuple(one for one in demands if one is not OPEN))
    if not (facets.distinct and before):
        return solver.first(demands, depth=depth + 1)
    for value in itertools.islice(solver.solve(demands, plain=True, depth=depth + 1), 2 * len(before) + 8):
        if not any(same(value, other) for other in before):
            return value
    raise LookupError


def _joined(found: list[tuple[Any, int, int | None]]) -> list[tuple[Any, int, int | None]]:
    """Join what is demanded of the number of items that fit one and the same schema."""
    joined: dict[int, tuple[Any, int, int | None]] = {}
    for schema, least, most in found:
        _, low, high = joined.get(id(schema), (schema, 0, None))
        joined[id(schema)] = (schema, max(low, least), most if high is None else high if most is None else min(high, most))
    return list(joined.values())
