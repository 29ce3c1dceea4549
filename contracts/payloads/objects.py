"""Objects with the members they must have, each with a value that fits: named ones, and new ones where only names have a rule."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from contracts.payloads import ecma
from contracts.payloads.facets import OPEN, Demand, Facets, Some, Spot, Step
from contracts.payloads.parts import evaluated
from sandbox.validation import larger

if TYPE_CHECKING:
    from contracts.payloads.solver import Solver

_TEXT = Demand({"type": "string"}, None, yes=True)
_ANY = Some(frozenset(), (), [], [])


def objects(solver: Solver, facets: Facets, depth: int) -> Iterator[Any]:
    """Yield the object that keeps the bounds: with the members that must be there, or with all for a solver that is full."""
    names = names_of(solver, facets)
    if names is None:
        return
    for node, child in facets.unseen:
        may = evaluated(solver, node, facets.broken)
        facets.additional += ((frozenset(may.names), tuple(may.patterns), child),)
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
    if (_has_some(solver, result, facets, depth) or solver.full) and _filled(solver, result, facets, depth):
        yield result


def names_of(solver: Solver, facets: Facets) -> dict[str, None] | None:
    """Collect the members that must be there; None where that cannot be."""
    names = dict(facets.need)
    changed = True
    while changed:
        changed = False
        for one, other in facets.dependent:
            if one in names and other not in names:
                names[other] = None
                changed = True
    facets.need = dict(names)
    if bad := next((name for name in names if name in facets.ban), None):
        solver.fail(f"the member {bad!r} is both required and forbidden")
        return None
    high = facets.members.high
    if high is not None and len(names) > high:
        solver.fail(f"{len(names)} members are required and {high} allowed")
        return None
    return names


def _of_member(name: str, facets: Facets) -> list[Step]:
    demands = list(facets.properties.get(name, ()))
    demands += [one for pattern, one in facets.matching if ecma.finder(pattern)(name)]
    demands += [
        one
        for known, patterned, one in facets.additional
        if name not in known and not any(ecma.finder(pattern)(name) for pattern in patterned)
    ]
    return demands


def _member(solver: Solver, name: str, facets: Facets, depth: int) -> Any:
    if facets.names and not solver.satisfies(name, facets.names):
        solver.exact = solver.exact and not any(one is OPEN for some in facets.some for one in some.named)  # it may be the open one
        raise LookupError
    return _made(solver, _of_member(name, facets), depth)


def _made(solver: Solver, demands: list[Step], depth: int) -> Any:
    """Make a value, or leave it open. Raises LookupError."""
    if any(one is OPEN for one in demands):
        return Spot(tuple(one for one in demands if one is not OPEN))
    return solver.first(demands, depth=depth + 1)


def _has_some(solver: Solver, result: dict[Any, Any], facets: Facets, depth: int) -> bool:
    """Add what must be there under some name. Where nothing new can be added, a member that must be there is it."""
    taken: frozenset[str] = frozenset()
    for some in sorted(facets.some, key=lambda one: not one.named):  # any name will do for the others
        if len(result) == facets.members.high:
            solver.fail(f"{len(result)} members are required and {len(result)} allowed")
        elif _added(solver, result, facets, some, depth):
            continue
        name = _taken(solver, result, facets, some._replace(names=some.names | taken), depth)
        if name is None:
            solver.exact = solver.exact and len(facets.some) == 1  # under another name one may do for two
            return False
        taken |= {name}
    return True


def _is_for(some: Some, name: str) -> bool:
    return name not in some.names and not any(ecma.finder(pattern)(name) for pattern in some.patterns)


def _name(facets: Facets, some: Some, *more: Step) -> Spot:
    """Leave a name open."""
    others = [one for one in facets.names if some.but is None or one.node is not some.but]
    return Spot((_TEXT, *others, *(one for one in some.named if one is not OPEN), *more))


def _value(solver: Solver, name: str, facets: Facets, some: Some, depth: int) -> Any:
    """Make the value of a member that is wanted under a name, or leave it open. Raises LookupError."""
    demands = [*some.values, *(one for one in _of_member(name, facets) if some.but is None or one.node is not some.but)]
    if any(one.node is False and one.yes for one in demands):
        raise LookupError
    return _made(solver, demands, depth)


def _taken(solver: Solver, result: dict[Any, Any], facets: Facets, some: Some, depth: int) -> str | None:
    """Let one of the members that are there be the one that is wanted, and name it; None where none can be."""
    names = [name for name in result if isinstance(name, str) and _is_for(some, name)]
    if any(one is OPEN for one in some.named):
        left_open = names[0] if names else _optional(solver, result, facets, depth)
        if left_open is not None:
            solver.exact = False  # others are not left open
            spot = _name(facets, some, Demand({"enum": [left_open]}, None, yes=True))
            members = [((spot if name == left_open else name), value) for name, value in result.items()]
            result.clear()
            result.update(members)
        return left_open
    names = [name for name in names if solver.satisfies(name, some.named)]
    if any(one is OPEN for one in some.values):
        solver.exact = solver.exact and len(names) < 2  # others are not left open
        names.sort(key=lambda name: len(_of_member(name, facets)))  # of which least is asked shows most
    for name in sorted(names, key=lambda name: isinstance(result[name], Spot)):  # an open one is free as long as another will do
        if isinstance(value := result[name], Spot):
            solver.exact = solver.exact and len(names) < 2
            result[name] = Spot((*value.demands, *some.values))
            return name
        with contextlib.suppress(LookupError):
            result[name] = _value(solver, name, facets, some, depth)
            return name
    return None


def _optional(solver: Solver, result: dict[Any, Any], facets: Facets, depth: int) -> str | None:
    """Add a member that can be there, and name it; None where there is none."""
    for name in facets.properties if len(result) != facets.members.high else ():
        if name not in result and name not in facets.ban:
            with contextlib.suppress(LookupError):
                result[name] = _member(solver, name, facets, depth)
                return name
    return None


def _stands_alone(name: str, result: dict[Any, Any], facets: Facets) -> bool:
    """Tell whether a member needs no other one that is not there."""
    return all(other in result for one, other in facets.dependent if one == name)


def _added(solver: Solver, result: dict[Any, Any], facets: Facets, some: Some, depth: int) -> bool:
    """Add a member under a new name; tells whether one was found."""
    if any(one is OPEN for one in some.named):
        unlike = Demand({"enum": sorted(some.names | {name for name in result if isinstance(name, str)})}, None, yes=False)
        with contextlib.suppress(LookupError):
            result[_name(facets, some, unlike)] = solver.first([one for _, _, one in facets.additional], depth=depth + 1)
            return True
        solver.exact = solver.exact and not facets.matching  # the name may be one that a pattern finds
        return False
    if any(one is OPEN for one in some.values):  # under a name that another schema knows, other values may fit
        solver.exact = solver.exact and not any(_is_for(some, name) for name in facets.properties)
        solver.exact = solver.exact and all(pattern in some.patterns for pattern, _ in facets.matching)
    for name in _offered(solver, result, facets, [_TEXT, *some.named, *facets.names], depth):
        if _is_for(some, name) and solver.satisfies(name, [*some.named, *facets.names]):
            if not _stands_alone(name, result, facets):
                solver.exact = False
                continue
            with contextlib.suppress(LookupError):
                result[name] = _value(solver, name, facets, some, depth)
                return True
    solver.exact = solver.exact and any(one.node is False and not found for _, found, one in facets.additional)
    solver.fail("no name is left for a new member")
    return False


def _offered(solver: Solver, result: dict[Any, Any], facets: Facets, named: list[Step], depth: int) -> Iterator[str]:
    """Offer names for a new member: plain ones, such as patterns ask for, and those that are described elsewhere."""
    matching = [pattern for pattern, _ in facets.matching] + [pattern for _, found, _ in facets.additional for pattern in found]
    words = (itertools.islice(solver.solve([Demand({"pattern": one}, None, yes=True)], depth=depth + 1), 3) for one in matching)
    known = list(facets.properties)
    used = Demand({"enum": sorted({name for name in result if isinstance(name, str)} | facets.ban)}, None, yes=False)
    new = itertools.chain(("other", "unexpected", "0", "-"), *words, itertools.islice(solver.solve([*named, used], depth=depth + 1), 40))
    for name in itertools.chain((name for name in new if name not in known), known):
        if isinstance(name, str) and name not in result and name not in facets.ban:
            yield name


def _filled(solver: Solver, result: dict[Any, Any], facets: Facets, depth: int) -> bool:
    """Add members until there are enough, those that are described first."""
    if len(result) >= facets.members.low:
        return True
    offered = [name for name in facets.properties if name not in result and name not in facets.ban]
    for name in [*offered, *offered]:  # what needs another member may find it the second time
        if len(result) < facets.members.low and name not in result and _stands_alone(name, result, facets):
            with contextlib.suppress(LookupError):
                result[name] = _member(solver, name, facets, depth)
    numbered = 0
    while len(result) < facets.members.low and numbered < facets.members.low + 4:
        numbered += 1
        if not _added(solver, result, facets, _ANY, depth):
            break
    if len(result) < facets.members.low:
        solver.fail(f"no object has {facets.members.low} members here")
        solver.exact = solver.exact and not facets.dependent
        return False
    return True
