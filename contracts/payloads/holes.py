"""How a value is left open at one part while all else of a keyword holds: the tableau's rules for holes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts.payloads.facets import LOOSE, OPEN, Hole, Order, Step, Ways
from contracts.payloads.parts import at, do, each, evaluated, left_items, more, new, only, present, stretch, unlike, wanted


def _hole_properties(_: Any, hole: Hole) -> Ways:
    return [[each(hole.node["properties"], hole.name), *present(hole.name, OPEN)]]


def _among(keeping: Step, loose: list[Step], child: Any, member: Callable[[list[Step], Any], list[Step]]) -> Ways:
    """Leave a member open among others that keep what it is about; where that can't be, an edit may still show in several at once."""
    if not isinstance(child, Mapping):
        return [[*loose, *member([OPEN], None)]]
    return [[keeping, *member([OPEN], child)], [*loose, *member([OPEN, LOOSE], None)]]


def _hole_matching(_: Any, hole: Hole) -> Ways:
    children, child = hole.node["patternProperties"].items(), hole.node["patternProperties"][hole.name]
    keeping = more("matching", *((pattern, wanted(one)) for pattern, one in children))
    loose = more("matching", *((pattern, wanted(one)) for pattern, one in children if pattern != hole.name))
    return _among(keeping, [loose], child, lambda values, but: new((), (), values, [wanted({"pattern": hole.name})], but))


def _hole_additional(_: Any, hole: Hole) -> Ways:
    return _others(hole.node.get("properties", ()), hole.node.get("patternProperties", ()), hole.node[hole.key])


def _hole_rest_properties(solver: Any, hole: Hole) -> Ways:
    may, surely = evaluated(solver, hole.node), evaluated(solver, hole.node, surely=True)
    ways = _others(may.names, may.patterns, hole.node[hole.key])
    return ways if may == surely else [*ways, *_others(surely.names, surely.patterns, hole.node[hole.key])]


def _others(names: Iterable[str], found: Iterable[str], child: Any) -> Ways:
    keeping = more("additional", (frozenset(names), tuple(found), wanted(child)))
    return _among(keeping, [], child, lambda values, but: new(names, found, values, [], but))


def _hole_names(_: Any, hole: Hole) -> Ways:
    child = hole.node["propertyNames"]
    keeping = more("names", wanted(child))
    return _among(keeping, [], child, lambda named, but: new((), (), [], named, but))


def _ordered(order: Order) -> Step:
    """Choose the items that `contains` asks for: one that is left open may be one of them, or not."""
    return do(lambda facets: setattr(facets, "order", order))


_FAR = do(lambda facets: setattr(facets, "far", True))


def _in_each_order(*steps: Step) -> Ways:
    return [[*steps], [*steps, _ordered("last")], [*steps, _ordered("many")], [*steps, _ordered("apart")], [*steps, _FAR]]


def _hole_items(solver: Any, hole: Hole) -> Ways:
    start, child = len(hole.node.get("prefixItems", ())), hole.node["items"]
    return [
        *_in_each_order(*at(start, OPEN), stretch(start + 1, None, child)),
        *([*at(one, OPEN), stretch(start, one, child), stretch(one + 1, None, child)] for one in unlike(solver, start + 1)),
        [*at(start, OPEN), *at(start, LOOSE)],  # where no other item can be there, an edit may still show in several at once
    ]


def _hole_prefix(_: Any, hole: Hole) -> Ways:
    others = [stretch(index, index + 1, child) for index, child in enumerate(hole.node["prefixItems"]) if index != hole.name]
    return _in_each_order(*others, *at(hole.name, OPEN))


def _hole_contains(_: Any, hole: Hole) -> Ways:
    """Leave an item open on whose fitting it depends whether there are enough (or, at `maxContains`, too many) that fit."""
    child, least, most = hole.node["contains"], int(hole.node.get("minContains", 1)), hole.node.get("maxContains")
    others = int(most or 0) if hole.name == "most" else least - 1
    if others < 0:
        return []
    steps = [only("array"), do(lambda facets: setattr(facets, "spot", (child, others)))]
    return [steps, [*steps, _ordered("last")], [*steps, _FAR], [*at(0, OPEN), *at(0, LOOSE)]]  # the last as above


def _hole_rest_items(solver: Any, hole: Hole) -> Ways:
    may, least = evaluated(solver, hole.node), evaluated(solver, hole.node, surely=True).first
    if least < 0:
        return []  # all are looked at
    others = left_items(hole.node, may._replace(first=may.first + 1)) if may.first >= 0 else []
    return [way for index in reversed(unlike(solver, least)) for way in _in_each_order(*at(index, OPEN), *others)]


HOLES: Mapping[str, Callable[[Any, Hole], Ways]] = {
    "properties": _hole_properties,
    "patternProperties": _hole_matching,
    "additionalProperties": _hole_additional,
    "unevaluatedProperties": _hole_rest_properties,
    "propertyNames": _hole_names,
    "items": _hole_items,
    "prefixItems": _hole_prefix,
    "contains": _hole_contains,
    "unevaluatedItems": _hole_rest_items,
}
