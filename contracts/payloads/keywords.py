"""What each keyword of JSON Schema asks of a value, when it is to hold and when it is to be broken: the tableau's rules.

A rule gives ways, each a list of further demands and of functions that narrow facets; no way at all means that it cannot be. Those
about arrays and objects are in `parts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.payloads.facets import ALL, Demand, Facets, Ways, exact, kinds
from contracts.payloads.judge import listed
from contracts.payloads.parts import PARTS, Rule, do, more, only, unwanted, wanted

# --- any value ---------------------------------------------------------------------------------------------------------------


def _type(_: Any, node: Any, yes: bool) -> Ways:
    held = kinds(node["type"])

    def narrow(facets: Facets) -> bool:
        facets.types &= held if yes else ALL - held
        return bool(facets.types)

    return [[narrow]]


def _listed(key: str) -> Rule:
    def ways(_: Any, node: Any, yes: bool) -> Ways:
        values = tuple(node[key]) if key == "enum" else (node[key],)

        def narrow(facets: Facets) -> None:
            if not yes:
                facets.nots += values
            elif facets.values is None:
                facets.values = values
            else:
                facets.values = (*filter(listed(values), facets.values),)

        return [[do(narrow)]]

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
            narrowed = found.at_least if yes is least else found.at_most
            setattr(facets, span, narrowed(bound if yes else bound - 1 if least else bound + 1))

        return [[do(narrow)] if yes else [only(kind), do(narrow)]]

    return ways


def _limit(key: str, *, least: bool, open_: bool) -> Rule:
    def ways(_: Any, node: Any, yes: bool) -> Ways:
        bound = exact(node[key])

        def narrow(facets: Facets) -> None:
            if yes is least:
                facets.number = facets.number.at_least(bound, more=open_ is yes)
            else:
                facets.number = facets.number.at_most(bound, less=open_ is yes)

        return [[do(narrow)] if yes else [only("number"), do(narrow)]]

    return ways


def _multiple(_: Any, node: Any, yes: bool) -> Ways:
    narrow = more("multiples", (exact(node["multipleOf"]), yes))
    return [[narrow] if yes else [only("number"), narrow]]


def _text(key: str, name: str) -> Rule:
    def ways(_: Any, node: Any, yes: bool) -> Ways:
        narrow = more(name, (node[key], yes))
        return [[narrow] if yes else [only("string"), narrow]]

    return ways


# --- combinations ------------------------------------------------------------------------------------------------------------


def _all_of(_: Any, node: Any, yes: bool) -> Ways:
    return [[wanted(child) for child in node["allOf"]]] if yes else [[unwanted(child)] for child in node["allOf"]]


def _any_of(_: Any, node: Any, yes: bool) -> Ways:
    return [[wanted(child)] for child in node["anyOf"]] if yes else [[unwanted(child) for child in node["anyOf"]]]


def _one_of(_: Any, node: Any, yes: bool) -> Ways:
    children = list(enumerate(node["oneOf"]))
    if yes:
        return [[wanted(child), *(unwanted(other) for at, other in children if at != index)] for index, child in children]
    pairs = [[wanted(one), wanted(other)] for index, one in children for at, other in children if index < at]
    return [*pairs, [unwanted(child) for _, child in children]]


def _not(_: Any, node: Any, yes: bool) -> Ways:
    return [[Demand(node["not"], None, yes=not yes)]]


def _ref(solver: Any, node: Any, yes: bool) -> Ways:
    return [[Demand(solver.bundle.at(node["$ref"]), None, yes=yes)]]


def _if(_: Any, node: Any, yes: bool) -> Ways:
    condition, then, other = node["if"], node.get("then", True), node.get("else", True)
    return [[wanted(condition), Demand(then, None, yes=yes)], [unwanted(condition), Demand(other, None, yes=yes)]]


WAYS: Mapping[str, Rule] = {
    **PARTS,
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
    "minProperties": _count("minProperties", "object", "members", least=True),
    "maxProperties": _count("maxProperties", "object", "members", least=False),
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "$ref": _ref,
}
