"""Whether a value keeps a keyword, told in Python as far as that is quick and sure; the rest is compiled (`schema.Bundle.keeps`).

Nothing that is published rests on this alone: whole requests are judged by the validators.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from contracts.payloads import patterns
from contracts.payloads.facets import exact


def is_a(kind: str, value: Any) -> bool:
    """Tell whether a value is of a JSON type."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, (int, float)):
        return kind == "number" or (kind == "integer" and value == math.floor(value))
    return {"null": type(None), "string": str, "array": list, "object": dict}.get(kind, ()) is type(value)


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def listed(value: Any, values: list[Any]) -> bool:
    """Tell whether a value is among others."""
    return value in values if isinstance(value, str) else any(same(value, one) for one in values)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _found(pattern: str, value: Any) -> bool:
    return not isinstance(value, str) or patterns.compiled(pattern).search(value) is not None


QUICK: Mapping[str, Any] = {
    "type": lambda wanted, value: any(is_a(kind, value) for kind in (wanted if isinstance(wanted, list) else (wanted,))),
    "enum": lambda values, value: listed(value, values),
    "const": same,
    "minLength": lambda bound, value: not isinstance(value, str) or len(value) >= bound,
    "maxLength": lambda bound, value: not isinstance(value, str) or len(value) <= bound,
    "minimum": lambda bound, value: not _number(value) or value >= bound,
    "maximum": lambda bound, value: not _number(value) or value <= bound,
    "exclusiveMinimum": lambda bound, value: not _number(value) or value > bound,
    "exclusiveMaximum": lambda bound, value: not _number(value) or value < bound,
    "minItems": lambda bound, value: not isinstance(value, list) or len(value) >= bound,
    "maxItems": lambda bound, value: not isinstance(value, list) or len(value) <= bound,
    "minProperties": lambda bound, value: not isinstance(value, dict) or len(value) >= bound,
    "maxProperties": lambda bound, value: not isinstance(value, dict) or len(value) <= bound,
    "required": lambda names, value: not isinstance(value, dict) or all(name in value for name in names),
    "multipleOf": lambda step, value: not _number(value) or (exact(value) / exact(step)).denominator == 1,
    "pattern": _found,
    "dependentRequired": lambda pairs, value: (
        not isinstance(value, dict) or all(other in value for one, others in pairs.items() if one in value for other in others)
    ),
}


# --- keywords that hold schemas: `judge.holds(schema, value)` judges those ------------------------------------------------------------


def _properties(judge: Any, node: Any, value: Any) -> bool:
    return not isinstance(value, dict) or all(
        judge.holds(child, value[name]) for name, child in node["properties"].items() if name in value
    )


def _matching(judge: Any, node: Any, value: Any) -> bool:
    if not isinstance(value, dict):
        return True
    pairs = [(patterns.compiled(pattern), child) for pattern, child in node["patternProperties"].items()]
    return all(judge.holds(child, inner) for name, inner in value.items() for pattern, child in pairs if pattern.search(name))


def _additional(judge: Any, node: Any, value: Any) -> bool:
    if not isinstance(value, dict) or node["additionalProperties"] is True:
        return True
    known, found = node.get("properties", ()), [patterns.compiled(pattern) for pattern in node.get("patternProperties", ())]
    rest = [inner for name, inner in value.items() if name not in known and not any(pattern.search(name) for pattern in found)]
    return all(judge.holds(node["additionalProperties"], inner) for inner in rest)


def _names(judge: Any, node: Any, value: Any) -> bool:
    return not isinstance(value, dict) or all(judge.holds(node["propertyNames"], name) for name in value)


def _dependent(judge: Any, node: Any, value: Any) -> bool:
    return not isinstance(value, dict) or all(
        judge.holds(child, value) for name, child in node["dependentSchemas"].items() if name in value
    )


def _items(judge: Any, node: Any, value: Any) -> bool:
    start = len(node.get("prefixItems", ()))
    return not isinstance(value, list) or all(judge.holds(node["items"], inner) for inner in value[start:])


def _prefix(judge: Any, node: Any, value: Any) -> bool:
    return not isinstance(value, list) or all(judge.holds(child, inner) for child, inner in zip(node["prefixItems"], value, strict=False))


def _contains(judge: Any, node: Any, value: Any) -> bool:
    if not isinstance(value, list):
        return True
    count = sum(judge.holds(node["contains"], inner) for inner in value)
    return bool(node.get("minContains", 1) <= count <= node.get("maxContains", count))


def _if(judge: Any, node: Any, value: Any) -> bool:
    return bool(judge.holds(node.get("then" if judge.holds(node["if"], value) else "else", True), value))


INNER: Mapping[str, Callable[[Any, Any, Any], bool]] = {
    "$ref": lambda judge, node, value: judge.holds(judge.at(node["$ref"]), value),
    "allOf": lambda judge, node, value: all(judge.holds(child, value) for child in node["allOf"]),
    "anyOf": lambda judge, node, value: any(judge.holds(child, value) for child in node["anyOf"]),
    "oneOf": lambda judge, node, value: sum(judge.holds(child, value) for child in node["oneOf"]) == 1,
    "not": lambda judge, node, value: not judge.holds(node["not"], value),
    "if": _if,
    "properties": _properties,
    "patternProperties": _matching,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "dependentSchemas": _dependent,
    "items": _items,
    "prefixItems": _prefix,
    "contains": _contains,
}
CHECKED = frozenset(("format", "uniqueItems", "unevaluatedItems", "unevaluatedProperties"))
