"""Whether a value keeps a keyword, told in Python as far as that is quick and sure; the rest is compiled (`schema.Bundle.test`).

A keyword of a schema is made into a test once, and then asked about many values. Nothing that is published rests on this alone: whole
requests are judged by the validators.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import NoneType
from typing import Any, Protocol

from contracts.payloads import ecma
from contracts.payloads.facets import exact

Test = Callable[[Any], bool]  # tells of a value whether it keeps a keyword


class Judge(Protocol):
    """Who judges schemas inside others."""

    def holds(self, node: Any, value: Any, /) -> bool:
        """Tell whether a value satisfies a schema."""

    def at(self, reference: str, /) -> Any:
        """Find the schema at an address."""


_CLASSES: Mapping[str, frozenset[type]] = {
    "null": frozenset((NoneType,)),
    "boolean": frozenset((bool,)),
    "integer": frozenset((int,)),
    "number": frozenset((int, float)),
    "string": frozenset((str,)),
    "array": frozenset((list,)),
    "object": frozenset((dict,)),
}
_NUMBERS = _CLASSES["number"]


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def listed(values: Collection[Any]) -> Test:
    """Make what tells whether a value is among others. Lists of hundreds are lists of texts: a text is looked up, all else compared."""
    try:
        texts = frozenset(values)
    except TypeError:  # there are lists or objects among them
        texts = frozenset(one for one in values if isinstance(one, str))
    return lambda value: value in texts if isinstance(value, str) else any(same(value, one) for one in values if not isinstance(one, str))


# --- keywords that say all by themselves ----------------------------------------------------------------------------------------------


def _type(wanted: Any) -> Test:
    names = wanted if isinstance(wanted, list) else [wanted]
    classes = frozenset().union(*(_CLASSES.get(name, ()) for name in names))
    whole = "integer" in names and "number" not in names
    return lambda value: type(value) in classes or (whole and type(value) is float and value.is_integer())


def _about(classes: frozenset[type], test: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    """Ask a test about values of some types only."""
    return lambda bound: lambda value: type(value) not in classes or test(bound, value)


def _multiple(step: float) -> Test:
    unit = exact(step)
    return lambda value: type(value) not in _NUMBERS or (exact(value) / unit).denominator == 1


def _pattern(pattern: str) -> Test:
    return lambda value: not isinstance(value, str) or bool(ecma.finder(pattern)(value))


def _pairs(pairs: Mapping[str, list[str]]) -> Test:
    wanted = [(one, other) for one, others in pairs.items() for other in others]
    return lambda value: not isinstance(value, dict) or all(other in value for one, other in wanted if one in value)


_TEXT, _LIST, _OBJECT = _CLASSES["string"], _CLASSES["array"], _CLASSES["object"]
QUICK: Mapping[str, Callable[[Any], Test]] = {
    "type": _type,
    "enum": listed,
    "const": lambda wanted: lambda value: same(wanted, value),
    "minLength": _about(_TEXT, lambda bound, value: len(value) >= bound),
    "maxLength": _about(_TEXT, lambda bound, value: len(value) <= bound),
    "minimum": _about(_NUMBERS, lambda bound, value: bool(value >= bound)),
    "maximum": _about(_NUMBERS, lambda bound, value: bool(value <= bound)),
    "exclusiveMinimum": _about(_NUMBERS, lambda bound, value: bool(value > bound)),
    "exclusiveMaximum": _about(_NUMBERS, lambda bound, value: bool(value < bound)),
    "minItems": _about(_LIST, lambda bound, value: len(value) >= bound),
    "maxItems": _about(_LIST, lambda bound, value: len(value) <= bound),
    "minProperties": _about(_OBJECT, lambda bound, value: len(value) >= bound),
    "maxProperties": _about(_OBJECT, lambda bound, value: len(value) <= bound),
    "required": _about(_OBJECT, lambda names, value: all(name in value for name in names)),
    "multipleOf": _multiple,
    "pattern": _pattern,
    "dependentRequired": _pairs,
}


# --- keywords that hold schemas -------------------------------------------------------------------------------------------------------


def _properties(judge: Judge, node: Any) -> Test:
    children, holds = node["properties"], judge.holds

    def test(value: Any) -> bool:
        return not isinstance(value, dict) or all(holds(children[name], inner) for name, inner in value.items() if name in children)

    return test


def _matching(judge: Judge, node: Any) -> Test:
    pairs = node["patternProperties"].items()

    def test(value: Any) -> bool:
        return not isinstance(value, dict) or all(
            judge.holds(child, inner) for name, inner in value.items() for pattern, child in pairs if ecma.finder(pattern)(name)
        )

    return test


def _additional(judge: Judge, node: Any) -> Test:
    child, known = node["additionalProperties"], node.get("properties", ())
    found = [*node.get("patternProperties", ())]

    def test(value: Any) -> bool:
        return (
            child is True
            or not isinstance(value, dict)
            or all(
                judge.holds(child, inner)
                for name, inner in value.items()
                if name not in known and not any(ecma.finder(pattern)(name) for pattern in found)
            )
        )

    return test


def _names(judge: Judge, node: Any) -> Test:
    return lambda value: not isinstance(value, dict) or all(judge.holds(node["propertyNames"], name) for name in value)


def _dependent(judge: Judge, node: Any) -> Test:
    children = node["dependentSchemas"].items()
    return lambda value: not isinstance(value, dict) or all(judge.holds(child, value) for name, child in children if name in value)


def _items(judge: Judge, node: Any) -> Test:
    start = len(node.get("prefixItems", ()))
    return lambda value: not isinstance(value, list) or all(judge.holds(node["items"], inner) for inner in value[start:])


def _prefix(judge: Judge, node: Any) -> Test:
    children = node["prefixItems"]
    return lambda value: not isinstance(value, list) or all(judge.holds(*pair) for pair in zip(children, value, strict=False))


def _contains(judge: Judge, node: Any) -> Test:
    child, least, most = node["contains"], node.get("minContains", 1), node.get("maxContains")

    def test(value: Any) -> bool:
        if not isinstance(value, list):
            return True
        count = sum(judge.holds(child, inner) for inner in value)
        return bool(count >= least and (most is None or count <= most))

    return test


def _if(judge: Judge, node: Any) -> Test:
    return lambda value: judge.holds(node.get("then" if judge.holds(node["if"], value) else "else", True), value)


def _ref(judge: Judge, node: Any) -> Test:
    target = judge.at(node["$ref"])
    return lambda value: judge.holds(target, value)


def _one_of(judge: Judge, node: Any) -> Test:
    return lambda value: sum(judge.holds(child, value) for child in node["oneOf"]) == 1


INNER: Mapping[str, Callable[[Judge, Any], Test]] = {
    "$ref": _ref,
    "allOf": lambda judge, node: lambda value: all(judge.holds(child, value) for child in node["allOf"]),
    "anyOf": lambda judge, node: lambda value: any(judge.holds(child, value) for child in node["anyOf"]),
    "oneOf": _one_of,
    "not": lambda judge, node: lambda value: not judge.holds(node["not"], value),
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
