"""What each keyword of JSON Schema asks of a value, when it is to hold and when it is to be broken: the tableau's rules.

A rule gives ways, each a list of further demands and of functions that narrow facets; no way at all means that it cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.payloads.facets import ALL, OPEN, Demand, Facets, Hole, Step, Ways, exact, kinds
from contracts.payloads.judge import listed

Rule = Callable[[Any, Any, bool], Ways]


def _do(action: Callable[[Facets], Any]) -> Callable[[Facets], bool]:
    def run(facets: Facets) -> bool:
        action(facets)
        return True

    return run


def _only(kind: str) -> Step:
    def narrow(facets: Facets) -> bool:
        facets.types &= kinds(kind)
        return bool(facets.types)

    return narrow


def _yes(node: Any) -> Demand:
    return Demand(node, None, yes=True)


def _no(node: Any) -> Demand:
    return Demand(node, None, yes=False)


# --- any value ---------------------------------------------------------------------------------------------------------------


def _type(_: Any, node: Any, yes: bool) -> Ways:
    wanted = kinds(node["type"])

    def narrow(facets: Facets) -> bool:
        facets.types &= wanted if yes else ALL - wanted
        return bool(facets.types)

    return [[narrow]]


def _listed(key: str) -> Rule:
    def ways(_: Any, node: Any, yes: bool) -> Ways:
        values = node[key] if key == "enum" else [node[key]]

        def narrow(facets: Facets) -> None:
            if not yes:
                facets.nots.extend(values)
            elif facets.values is None:
                facets.values = list(values)
            else:
                facets.values = [value for value in facets.values if listed(value, values)]

        return [[_do(narrow)]]

    return ways


# --- bounds ------------------------------------------------------------------------------------------------------------------


def _count(key: str, kind: str, span: str, *, least: bool) -> Rule:
    def ways(solver: Any, node: Any, yes: bool) -> Ways:
        bound = int(node[key])
        if not yes and least and bound <= 0:
            solver.fail(f"nothing has fewer than {bound} parts")
            return []

        def narrow(facets: Facets) -> None:
            found = getattr(facets, span)
            if yes:
                (found.at_least if least else found.at_most)(bound)
            else:
                (found.at_most if least else found.at_least)(bound - 1 if least else bound + 1)

        return [[_do(narrow)] if yes else [_only(kind), _do(narrow)]]

    return ways


def _limit(key: str, *, least: bool, open_: bool) -> Rule:
    def ways(_: Any, node: Any, yes: bool) -> Ways:
        bound = exact(node[key])

        def narrow(facets: Facets) -> None:
            if yes is least:
                facets.number.at_least(bound, more=open_ is yes)
            else:
                facets.number.at_most(bound, less=open_ is yes)

        return [[_do(narrow)] if yes else [_only("number"), _do(narrow)]]

    return ways


def _multiple(_: Any, node: Any, yes: bool) -> Ways:
    narrow = _do(lambda facets: facets.multiples.append((exact(node["multipleOf"]), yes)))
    return [[narrow] if yes else [_only("number"), narrow]]


def _text(key: str, name: str) -> Rule:
    def ways(_: Any, node: Any, yes: bool) -> Ways:
        narrow = _do(lambda facets: getattr(facets, name).append((node[key], yes)))
        return [[narrow] if yes else [_only("string"), narrow]]

    return ways


# --- arrays ------------------------------------------------------------------------------------------------------------------


def _unique(_: Any, node: Any, yes: bool) -> Ways:
    if not node["uniqueItems"]:
        return [[]] if yes else []

    def narrow(facets: Facets) -> bool:
        if facets.distinct is not None and facets.distinct is not yes:
            return False
        facets.distinct = yes
        return True

    return [[narrow] if yes else [_only("array"), narrow, _do(lambda facets: facets.count.at_least(2))]]


def _at(index: int, demand: Step) -> list[Step]:
    """Demand something of the item at a position, and that there is one."""

    def narrow(facets: Facets) -> None:
        facets.slots.setdefault(index, []).append(demand)
        facets.count.at_least(index + 1)

    return [_only("array"), _do(narrow)]


def _stretch(start: int, stop: int | None, child: Any) -> Step:
    """Demand something of all items of a stretch, as far as there are any."""

    def narrow(facets: Facets) -> None:
        if child is False:
            facets.count.at_most(start)
        elif child is not True:
            facets.rest.append((start, stop, _yes(child)))

    return _do(narrow)


def _items(_: Any, node: Any, yes: bool) -> Ways:
    start = len(node.get("prefixItems", ()))
    return [[_stretch(start, None, node["items"])] if yes else _at(start, _no(node["items"]))]


def _prefix(_: Any, node: Any, yes: bool) -> Ways:
    children = list(enumerate(node["prefixItems"]))
    return [[_stretch(at, at + 1, child) for at, child in children]] if yes else [_at(at, _no(child)) for at, child in children]


def _contains(_: Any, node: Any, yes: bool) -> Ways:
    child, least, most = node["contains"], int(node.get("minContains", 1)), node.get("maxContains")
    if yes:
        return [[_do(lambda facets: facets.contains.append((child, least, most)))]]
    ways: Ways = []
    if least > 0:
        ways.append([_only("array"), _do(lambda facets: facets.contains.append((child, least - 1, least - 1)))])
    if most is not None:
        ways.append([_only("array"), _do(lambda facets: facets.contains.append((child, int(most) + 1, None)))])
    return ways


def evaluated(solver: Any, node: Any, key: str, seen: frozenset[int] = frozenset()) -> tuple[set[str], set[str], int]:
    """Collect what schemas that apply to the same value may evaluate: names, patterns of names, and how many first items (-1: all)."""
    if isinstance(node, bool) or id(node) in seen:
        return set(), set(), 0
    names, found, first = set(node.get("properties", ())), set(node.get("patternProperties", ())), len(node.get("prefixItems", ()))
    first = -1 if "items" in node else first
    inner = [*node.get("allOf", ()), *node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("dependentSchemas", {}).values()]
    inner += [node[one] for one in ("if", "then", "else") if one in node] + ([solver.bundle.at(node["$ref"])] if "$ref" in node else [])
    for child in inner:
        more = evaluated(solver, child, key, seen | {id(node)})
        names |= more[0]
        found |= more[1]
        first = -1 if -1 in (first, more[2]) else max(first, more[2])
    return names, found, first


def _rest_items(solver: Any, node: Any, yes: bool) -> Ways:
    first = evaluated(solver, node, "unevaluatedItems")[2]
    child = node["unevaluatedItems"]
    if yes:
        return [
            [
                _do(lambda facets: facets.checks.append(Demand(node, "unevaluatedItems", yes=True))),
                *([_stretch(first, None, child)] if first >= 0 and "contains" not in node else []),
            ]
        ]
    check = _do(lambda facets: facets.checks.append(Demand(node, "unevaluatedItems", yes=False)))
    return [[*_at(max(first, 0), _no(child)), check]]


# --- objects -----------------------------------------------------------------------------------------------------------------


def _present(name: str, *demands: Step) -> list[Step]:
    def narrow(facets: Facets) -> bool:
        facets.need[name] = None
        facets.properties.setdefault(name, []).extend(demands)
        return name not in facets.ban

    return [_only("object"), narrow]


def _absent(*names: str) -> Step:
    def narrow(facets: Facets) -> bool:
        facets.ban.update(names)
        return not facets.ban & facets.need.keys()

    return narrow


def _required(_: Any, node: Any, yes: bool) -> Ways:
    def narrow(facets: Facets) -> bool:
        facets.need.update(dict.fromkeys(node["required"]))
        return not facets.ban & facets.need.keys() or facets.types != kinds("object")

    return [[narrow]] if yes else [[_only("object"), _absent(name)] for name in node["required"]]


def _each(children: Mapping[str, Any], but: Any = None) -> Step:
    """Demand something of members but one, as far as they are there. The last one comes first, as where each is a step of its own."""

    def narrow(facets: Facets) -> bool:
        for name, child in reversed(children.items()):
            if child is False and name != but:
                facets.ban.add(name)
            elif name != but:
                facets.properties.setdefault(name, []).append(_yes(child))
        return True

    return narrow


def _properties(_: Any, node: Any, yes: bool) -> Ways:
    children = node["properties"].items()
    if yes:
        return [[_each(node["properties"])]]
    telling = sorted(children, key=lambda pair: not (isinstance(pair[1], dict) and "const" in pair[1]))  # what tells branches apart first
    return [_present(name, _no(child)) for name, child in telling if child is not True]


def _matching(_: Any, node: Any, yes: bool) -> Ways:
    children = node["patternProperties"].items()
    if yes:
        return [[_do(lambda facets: facets.matching.extend((pattern, _yes(child)) for pattern, child in children))]]
    return [_new((), (), [_no(child)], [_yes({"pattern": pattern})]) for pattern, child in children]


def _new(names: Any, found: Any, values: list[Step], named: list[Step]) -> list[Step]:
    """Demand a member under a name that is not one of these and not found by these patterns."""
    return [_only("object"), _do(lambda facets: facets.fresh.append((frozenset(names), tuple(found), values, named)))]


def _additional(_: Any, node: Any, yes: bool) -> Ways:
    names, found, child = frozenset(node.get("properties", ())), tuple(node.get("patternProperties", ())), node["additionalProperties"]
    if yes:
        return [[] if child is True else [_do(lambda facets: facets.additional.append((names, found, _yes(child))))]]
    return [] if child is True else [_new(names, found, [_no(child)], [])]


def _rest_properties(solver: Any, node: Any, yes: bool) -> Ways:
    names, found, _ = evaluated(solver, node, "unevaluatedProperties")
    child = node["unevaluatedProperties"]
    check = _do(lambda facets: facets.checks.append(Demand(node, "unevaluatedProperties", yes=yes)))
    if yes:
        return [[_do(lambda facets: facets.additional.append((frozenset(names), tuple(found), _yes(child)))), check]]
    return [] if child is True else [[*_new(names, found, [_no(child)], []), check]]


def _names(_: Any, node: Any, yes: bool) -> Ways:
    child = node["propertyNames"]
    return [[_do(lambda facets: facets.names.append(_yes(child)))] if yes else _new((), (), [], [_no(child)])]


def _dependent_required(_: Any, node: Any, yes: bool) -> Ways:
    pairs = [(one, other) for one, others in node["dependentRequired"].items() for other in others]
    if yes:
        return [[_do(lambda facets: facets.dependent.extend(pairs))]]
    return [[*_present(one), _absent(other)] for one, other in pairs if one != other]


def _dependent_schemas(_: Any, node: Any, yes: bool) -> Ways:
    children = list(node["dependentSchemas"].items())
    if not yes:
        return [[*_present(name), _no(child)] for name, child in children]
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


# --- combinations ------------------------------------------------------------------------------------------------------------


def _all_of(_: Any, node: Any, yes: bool) -> Ways:
    return [[_yes(child) for child in node["allOf"]]] if yes else [[_no(child)] for child in node["allOf"]]


def _any_of(_: Any, node: Any, yes: bool) -> Ways:
    return [[_yes(child)] for child in node["anyOf"]] if yes else [[_no(child) for child in node["anyOf"]]]


def _one_of(_: Any, node: Any, yes: bool) -> Ways:
    children = list(enumerate(node["oneOf"]))
    if yes:
        return [[_yes(child), *(_no(other) for at, other in children if at != index)] for index, child in children]
    pairs = [[_yes(one), _yes(other)] for index, one in children for at, other in children if index < at]
    return [*pairs, [_no(child) for _, child in children]]


def _not(_: Any, node: Any, yes: bool) -> Ways:
    return [[Demand(node["not"], None, yes=not yes)]]


def _ref(solver: Any, node: Any, yes: bool) -> Ways:
    return [[Demand(solver.bundle.at(node["$ref"]), None, yes=yes)]]


def _if(_: Any, node: Any, yes: bool) -> Ways:
    condition, then, other = node["if"], node.get("then", True), node.get("else", True)
    return [[_yes(condition), Demand(then, None, yes=yes)], [_no(condition), Demand(other, None, yes=yes)]]


WAYS: Mapping[str, Rule] = {
    "type": _type,
    "enum": _listed("enum"),
    "const": _listed("const"),
    "minLength": _count("minLength", "string", "length", least=True),
    "maxLength": _count("maxLength", "string", "length", least=False),
    "pattern": _text("pattern", "languages"),
    "format": _text("format", "formats"),
    "minimum": _limit("minimum", least=True, open_=False),
    "exclusiveMinimum": _limit("exclusiveMinimum", least=True, open_=True),
    "maximum": _limit("maximum", least=False, open_=False),
    "exclusiveMaximum": _limit("exclusiveMaximum", least=False, open_=True),
    "multipleOf": _multiple,
    "minItems": _count("minItems", "array", "count", least=True),
    "maxItems": _count("maxItems", "array", "count", least=False),
    "uniqueItems": _unique,
    "prefixItems": _prefix,
    "items": _items,
    "contains": _contains,
    "unevaluatedItems": _rest_items,
    "minProperties": _count("minProperties", "object", "members", least=True),
    "maxProperties": _count("maxProperties", "object", "members", least=False),
    "required": _required,
    "properties": _properties,
    "patternProperties": _matching,
    "additionalProperties": _additional,
    "unevaluatedProperties": _rest_properties,
    "propertyNames": _names,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "$ref": _ref,
}


# --- holes -------------------------------------------------------------------------------------------------------------------


def _hole_properties(_: Any, hole: Hole) -> Ways:
    return [[_each(hole.node["properties"], hole.name), *_present(hole.name, OPEN)]]


def _hole_matching(_: Any, hole: Hole) -> Ways:
    children = hole.node["patternProperties"].items()
    others = _do(lambda facets: facets.matching.extend((pattern, _yes(child)) for pattern, child in children if pattern != hole.name))
    return [[others, *_new((), (), [OPEN], [_yes({"pattern": hole.name})])]]


def _hole_additional(_: Any, hole: Hole) -> Ways:
    names, found = hole.node.get("properties", ()), hole.node.get("patternProperties", ())
    return [_new(names, found, [OPEN], [])]


def _hole_rest_properties(solver: Any, hole: Hole) -> Ways:
    names, found, _ = evaluated(solver, hole.node, hole.key)
    return [_new(names, found, [OPEN], [])]


def _hole_names(_: Any, __: Hole) -> Ways:
    return [_new((), (), [], [OPEN])]


def _hole_items(_: Any, hole: Hole) -> Ways:
    start = len(hole.node.get("prefixItems", ()))
    return [[*_at(start, OPEN), _stretch(start + 1, None, hole.node["items"])]]


def _hole_prefix(_: Any, hole: Hole) -> Ways:
    others = [_stretch(at, at + 1, child) for at, child in enumerate(hole.node["prefixItems"]) if at != hole.name]
    return [[*others, *_at(hole.name, OPEN)]]


def _hole_contains(_: Any, hole: Hole) -> Ways:
    """Leave an item open on whose fitting it depends whether there are enough (or, at `maxContains`, too many) that fit."""
    child, least, most = hole.node["contains"], int(hole.node.get("minContains", 1)), hole.node.get("maxContains")
    others = int(most or 0) if hole.name == "most" else least - 1
    return [[_only("array"), _do(lambda facets: setattr(facets, "spot", (child, others)))]] if others >= 0 else []


def _hole_rest_items(solver: Any, hole: Hole) -> Ways:
    first = evaluated(solver, hole.node, hole.key)[2]
    return [_at(first, OPEN)] if first >= 0 else []


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
