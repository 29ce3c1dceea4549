"""Objects with the members they must have, each with a value that fits: named ones, and new ones where only names have a rule."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from contracts.payloads import patterns
from contracts.payloads.facets import OPEN, Demand, Facets, Spot, Step
from sandbox.validation import larger

if TYPE_CHECKING:
    from contracts.payloads.solver import Solver


def objects(solver: Solver, facets: Facets, depth: int) -> Iterator[Any]:
    """Yield the object that keeps the bounds: with the members that must be there, or with all for a solver that is full."""
    names = names_of(solver, facets)
    if names is None:
        return
    if facets.members.empty:
        solver.fail(f"no object has at least {facets.members.low} and at most {facets.members.high} members")
        return
    if solver.full and facets.members.high is None:
        names.update(dict.fromkeys(name for name in facets.properties if name not in facets.ban))
    result: dict[Any, Any] = {}
    for name in [*(name for name in facets.properties if name in names), *(name for name in names if name not in facets.properties)]:
        if solver.full and name not in facets.need and larger(result, solver.most):
            continue
        try:
            result[name] = _member(solver, name, facets, depth)
        except LookupError:
            if name in facets.need or not solver.full:
                solver.fail(f"no value fits the member {name!r}")
                return
    for excluded, patterned, values, named in facets.fresh:
        _fresh(solver, result, facets, (excluded | set(names), patterned, values, named), depth)
    if not _filled(solver, result, facets, depth):
        return
    yield result


def names_of(solver: Solver, facets: Facets) -> dict[str, None] | None:
    """Collect the members that must be there; None where that cannot be."""
    names = dict(facets.need)
    changed = True
    while changed:
        changed = False
        for one, other in facets.dependent:
            if one in names and other not in names:
                names[other] = facets.need[other] = None
                changed = True
    if bad := next((name for name in names if name in facets.ban), None):
        solver.fail(f"the member {bad!r} is both required and forbidden")
        return None
    high = facets.members.high
    if high is not None and len(names) + len(facets.fresh) > high:
        solver.fail(f"{len(names)} members are required and {high} allowed")
        return None
    return names


def _of_member(name: str, facets: Facets) -> list[Step]:
    demands = list(facets.properties.get(name, ()))
    demands += [one for pattern, one in facets.matching if patterns.compiled(pattern).search(name)]
    demands += [
        one
        for known, patterned, one in facets.additional
        if name not in known and not any(patterns.compiled(pattern).search(name) for pattern in patterned)
    ]
    return demands


def _member(solver: Solver, name: str, facets: Facets, depth: int) -> Any:
    if facets.names and not solver.satisfies(name, facets.names):
        raise LookupError
    demands = _of_member(name, facets)
    if any(one is OPEN for one in demands):
        return Spot(tuple(one for one in demands if one is not OPEN))
    return solver.first(demands, depth=depth + 1)


def _fresh(solver: Solver, result: dict[Any, Any], facets: Facets, wanted: tuple[Any, ...], depth: int) -> None:
    """Add a member under a new name; where none is found nothing is added."""
    excluded, patterned, values, named = wanted
    text = Demand({"type": "string"}, None, yes=True)
    if any(one is OPEN for one in named):
        unlike = Demand({"enum": sorted(excluded)}, None, yes=False)
        spot = Spot((text, *facets.names, *(one for one in named if one is not OPEN), unlike))
        result[spot] = solver.first([one for _, _, one in facets.additional], depth=depth + 1)
        return
    for name in _offered(solver, result, facets, [text, *named, *facets.names], depth):
        if name in excluded or any(patterns.compiled(pattern).search(name) for pattern in patterned):
            continue
        if not solver.satisfies(name, [*named, *facets.names]):
            continue
        demands = [*values, *_of_member(name, facets)]
        if any(one is OPEN for one in demands):
            result[name] = Spot(tuple(one for one in demands if one is not OPEN))
            return
        with contextlib.suppress(LookupError):
            result[name] = solver.first(demands, depth=depth + 1)
            return
    solver.exact = solver.exact and any(one.node is False and not found for _, found, one in facets.additional)
    solver.fail("no name is left for a new member")


def _offered(solver: Solver, result: dict[Any, Any], facets: Facets, named: list[Step], depth: int) -> Iterator[str]:
    """Offer names for a new member: plain ones, such as patterns ask for, and those that are described elsewhere."""
    matching = [pattern for pattern, _ in facets.matching] + [pattern for _, found, _ in facets.additional for pattern in found]
    words = (itertools.islice(solver.solve([Demand({"pattern": one}, None, yes=True)], depth=depth + 1), 3) for one in matching)
    known = list(facets.properties)
    new = itertools.chain(("other", "unexpected", "0", "-"), *words, itertools.islice(solver.solve(named, depth=depth + 1), 40))
    for name in itertools.chain((name for name in new if name not in known), known):
        if isinstance(name, str) and name not in result and name not in facets.ban:
            yield name


def _filled(solver: Solver, result: dict[Any, Any], facets: Facets, depth: int) -> bool:
    """Add members until there are enough, those that are described first."""
    if len(result) >= facets.members.low:
        return len(result) - len(facets.need) >= len(facets.fresh) or solver.full
    offered = [name for name in facets.properties if name not in result and name not in facets.ban]
    for name in offered[: facets.members.low - len(result)]:
        try:
            result[name] = _member(solver, name, facets, depth)
        except LookupError:
            continue
    numbered = 0
    while len(result) < facets.members.low and numbered < facets.members.low + 4:
        numbered += 1
        before = len(result)
        _fresh(solver, result, facets, (frozenset(result), (), [], []), depth)
        if len(result) == before:
            break
    if len(result) < facets.members.low:
        solver.fail(f"no object has {facets.members.low} members here")
        return False
    return True
