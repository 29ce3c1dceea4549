"""What the keywords of arrays and objects ask: the tableau's rules about values that hold others.

See `keywords` for all others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from contracts.payloads.facets import Demand, Facets, Some, Step, Ways, kinds

Rule = Callable[[Any, Any, bool], Ways]


def do(action: Callable[[Facets], Any]) -> Callable[[Facets], bool]:
    """Make a step of something that narrows facets and leaves something in any case."""

    def run(facets: Facets) -> bool:
        action(facets)
        return True

    return run


def more(facet: str, *found: Any) -> Step:
    """Know more of a facet that lists things."""

    def narrow(facets: Facets) -> None:
        setattr(facets, facet, (*getattr(facets, facet), *found))

    return do(narrow)


def _at_least(size: int) -> Step:
    """Demand that an array has some items."""

    def narrow(facets: Facets) -> None:
        facets.count = facets.count.at_least(size)

    return do(narrow)


def only(kind: str) -> Step:
    """Demand a type."""
    held = kinds(kind)

    def narrow(facets: Facets) -> bool:
        facets.types &= held
        return bool(facets.types)

    return narrow


def wanted(node: Any) -> Demand:
    """Demand that a schema holds."""
    return Demand(node, None, yes=True)


def unwanted(node: Any) -> Demand:
    """Demand that a schema does not hold."""
    return Demand(node, None, yes=False)


# --- arrays ------------------------------------------------------------------------------------------------------------------


def _unique(_: Any, node: Any, yes: bool) -> Ways:
    if not node["uniqueItems"]:
        return [[]] if yes else []

    def narrow(facets: Facets) -> bool:
        if facets.distinct is not None and facets.distinct is not yes:
            return False
        facets.distinct = yes
        return True

    return [[narrow] if yes else [only("array"), narrow, _at_least(2)]]


def at(index: int, demand: Step) -> list[Step]:
    """Demand something of the item at a position, and that there is one."""

    def narrow(facets: Facets) -> None:
        facets.slots = {**facets.slots, index: (*facets.slots.get(index, ()), demand)}
        facets.count = facets.count.at_least(index + 1)

    return [only("array"), do(narrow)]


def stretch(start: int, stop: int | None, child: Any) -> Step:
    """Demand something of all items of a stretch, as far as there are any."""

    def narrow(facets: Facets) -> None:
        if child is False:
            facets.count = facets.count.at_most(start)
        elif child is not True:
            facets.rest += ((start, stop, wanted(child)),)

    return do(narrow)


def _items(solver: Any, node: Any, yes: bool) -> Ways:
    start = len(node.get("prefixItems", ()))
    if yes:
        return [[stretch(start, None, node["items"])]]
    return [at(index, unwanted(node["items"])) for index in unlike(solver, start)]


def unlike(solver: Any, start: int) -> range:
    """List the positions from one on at which items may be unlike: behind the longest `prefixItems` all are alike."""
    return range(start, max(start, solver.bundle.longest) + 1)


def _prefix(_: Any, node: Any, yes: bool) -> Ways:
    children = list(enumerate(node["prefixItems"]))
    if yes:
        return [[stretch(index, index + 1, child) for index, child in children]]
    return [at(index, unwanted(child)) for index, child in children]


_FEWER = 8  # numbers of items that are too few, the largest of them


def _contains(_: Any, node: Any, yes: bool) -> Ways:
    child, least, most = node["contains"], int(node.get("minContains", 1)), node.get("maxContains")
    if yes:
        return [[more("contains", (child, least, most))]]
    fewer = sorted({*range(max(0, least - _FEWER), least), *range(min(1, least))}, reverse=True)
    ways = [_fitting(child, count, count) for count in fewer]
    return [*ways, *([_fitting(child, int(most) + 1, None)] if most is not None else [])]


def _fitting(child: Any, least: int, most: int | None) -> list[Step]:
    return [only("array"), more("contains", (child, least, most))]


class Evaluated(NamedTuple):
    """What schemas that apply to the same value evaluate: names, patterns of names, how many first items (-1: all), and which others."""

    names: set[str]
    patterns: set[str]
    first: int
    contained: list[Any]


def evaluated(solver: Any, node: Any, but: Collection[int] = (), *, surely: bool = False, seen: frozenset[int] = frozenset()) -> Evaluated:
    """Collect what schemas that apply to the same value may evaluate; with `surely` only what they do in any case if the first one holds.

    Those with an id in `but` do not hold, and evaluate nothing.
    """
    found = Evaluated(set(), set(), 0, [])
    if isinstance(node, bool) or id(node) in seen or id(node) in but:
        return found
    found.names.update(node.get("properties", ()))
    found.patterns.update(node.get("patternProperties", ()))
    if "additionalProperties" in node or ("unevaluatedProperties" in node and seen):
        found.patterns.add("")  # all
    first = -1 if "items" in node or ("unevaluatedItems" in node and seen) else len(node.get("prefixItems", ()))
    if "contains" in node and not surely:
        found.contained.append(node["contains"])
    inner = [*node.get("allOf", ()), *([solver.bundle.at(node["$ref"])] if "$ref" in node else [])]
    if not surely:
        inner += [*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("dependentSchemas", {}).values()]
        inner += [node[one] for one in ("if", "then", "else") if one in node]
    for child in inner:
        more = evaluated(solver, child, but, surely=surely, seen=seen | {id(node)})
        found.names.update(more.names)
        found.patterns.update(more.patterns)
        found.contained.extend(more.contained)
        first = -1 if -1 in (first, more.first) else max(first, more.first)
    return found._replace(first=first)


def left_items(node: Any, may: Evaluated) -> list[Step]:
    """Demand what holds of all items that no schema may have looked at, and of those that `contains` may have looked at."""
    child = node["unevaluatedItems"]
    return [stretch(may.first, None, {"anyOf": [child, *may.contained]} if may.contained else child)] if may.first >= 0 else []


def _rest_items(solver: Any, node: Any, yes: bool) -> Ways:
    may, child = evaluated(solver, node), node["unevaluatedItems"]
    check = more("checks", Demand(node, "unevaluatedItems", yes=yes))
    if yes:
        return [[check, *left_items(node, may)]]
    least = evaluated(solver, node, surely=True).first  # further ones may be looked at, and are not where a branch does not hold
    return [[*at(index, unwanted(child)), check] for index in unlike(solver, least)] if least >= 0 else []


# --- objects -----------------------------------------------------------------------------------------------------------------


def present(name: str, *demands: Step) -> list[Step]:
    """Demand that a member is there, and something of it."""

    def narrow(facets: Facets) -> bool:
        facets.need = {**facets.need, name: None}
        facets.properties = {**facets.properties, name: (*facets.properties.get(name, ()), *demands)}
        return name not in facets.ban

    return [only("object"), narrow]


def _absent(name: str) -> Step:
    names = frozenset((name,))

    def narrow(facets: Facets) -> bool:
        facets.ban |= names
        return facets.ban.isdisjoint(facets.need)

    return narrow


def _required(_: Any, node: Any, yes: bool) -> Ways:
    need, only_objects = dict.fromkeys(node["required"]), kinds("object")

    def narrow(facets: Facets) -> bool:
        facets.need = {**facets.need, **need}
        return facets.ban.isdisjoint(facets.need) or facets.types != only_objects

    return [[narrow]] if yes else [[only("object"), _absent(name)] for name in node["required"]]


def each(children: Mapping[str, Any], but: Any = None) -> Step:
    """Demand something of members but one, as far as they are there. The last one comes first, as where each is a step of its own."""
    kept = {name: child for name, child in reversed([*children.items()]) if name != but}
    ban = frozenset(name for name, child in kept.items() if child is False)
    demands = {name: (wanted(child),) for name, child in kept.items() if name not in ban}

    def narrow(facets: Facets) -> None:
        facets.ban = facets.ban | ban if ban else facets.ban
        known = facets.properties
        facets.properties = {**known, **{name: (*known.get(name, ()), *asked) for name, asked in demands.items()}} if known else demands

    return do(narrow)


def _properties(_: Any, node: Any, yes: bool) -> Ways:
    children = node["properties"].items()
    if yes:
        return [[each(node["properties"])]]
    telling = sorted(children, key=lambda pair: not tells(pair[1]))
    return [present(name, unwanted(child)) for name, child in telling if child is not True]


def tells(child: Any) -> bool:
    """Tell whether a member has but one value: that is what tells branches apart, and is best looked at first."""
    return isinstance(child, dict) and ("const" in child or len(child.get("enum", ())) == 1)


def _matching(_: Any, node: Any, yes: bool) -> Ways:
    children = node["patternProperties"].items()
    if yes:
        return [[more("matching", *((pattern, wanted(child)) for pattern, child in children))]]
    return [new((), (), [unwanted(child)], [wanted({"pattern": pattern})]) for pattern, child in children]


def new(names: Any, found: Any, values: list[Step], named: list[Step], but: Any = None) -> list[Step]:
    """Demand a member under a name that is not one of these and not found by these patterns (see `Some`)."""
    return [only("object"), more("some", Some(frozenset(names), tuple(found), values, named, but))]


def _additional(_: Any, node: Any, yes: bool) -> Ways:
    names, found, child = frozenset(node.get("properties", ())), tuple(node.get("patternProperties", ())), node["additionalProperties"]
    if yes:
        return [[] if child is True else [more("additional", (names, found, wanted(child)))]]
    return [] if child is True else [new(names, found, [unwanted(child)], [])]


def _rest_properties(solver: Any, node: Any, yes: bool) -> Ways:
    if "additionalProperties" in node:  # has looked at all members
        return [[]] if yes else []
    child = node["unevaluatedProperties"]
    check = more("checks", Demand(node, "unevaluatedProperties", yes=yes))
    if yes:
        return [[more("unseen", (node, wanted(child))), check]]
    if child is True:
        return []
    may, surely = evaluated(solver, node), evaluated(solver, node, surely=True)
    ways = [(one.names, one.patterns) for one in (may, surely)]  # what only may be looked at is not where a branch does not hold
    return [[*new(names, found, [unwanted(child)], []), check] for names, found in (ways if ways[0] != ways[1] else ways[:1])]


def _names(_: Any, node: Any, yes: bool) -> Ways:
    child = node["propertyNames"]
    return [[more("names", wanted(child))] if yes else new((), (), [], [unwanted(child)])]


def _dependent_required(_: Any, node: Any, yes: bool) -> Ways:
    pairs = [(one, other) for one, others in node["dependentRequired"].items() for other in others]
    if yes:
        return [[more("dependent", *pairs)]]
    return [[*present(one), _absent(other)] for one, other in pairs if one != other]


def _dependent_schemas(_: Any, node: Any, yes: bool) -> Ways:
    children = list(node["dependentSchemas"].items())
    if not yes:
        return [[*present(name), unwanted(child)] for name, child in children]
    return [
        [
            Demand(
                {
                    "anyOf": [
                        {"not": {"required": [name]}},
                        {"type": "object", "required": [name], "allOf": [child]},
                        {"not": {"type": "object"}},
                    ]
                },
                "anyOf",
                yes=True,
            )
            for name, child in children
        ]
    ]


PARTS: Mapping[str, Rule] = {
    "uniqueItems": _unique,
    "prefixItems": _prefix,
    "items": _items,
    "contains": _contains,
    "unevaluatedItems": _rest_items,
    "required": _required,
    "properties": _properties,
    "patternProperties": _matching,
    "additionalProperties": _additional,
    "unevaluatedProperties": _rest_properties,
    "propertyNames": _names,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
}
