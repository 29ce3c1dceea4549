"""What can be done to a keyword about single values: types, listed values, bounds, texts. `edits` has those about what holds others.

Each change is a mistake that people make; a table says which there are for which keyword.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.payloads import patterns, syntax, texts
from contracts.payloads.facets import exact
from contracts.payloads.judge import same
from contracts.payloads.sites import Site

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
GONE = object()  # in the place of a keyword's value: the keyword is taken away


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one keyword: its new value, None for none; `beside` are other keywords that change with it."""

    change: str
    passes: str
    fails: str
    members: Mapping[str, Any]
    probe: tuple[Any, ...] = ()  # a value that shows it, where one is known
    only: bool = False  # no other value does


Changes = Callable[[Any, Site], Iterator[Change]]


# --- types and values --------------------------------------------------------------------------------------------------------


def _type(node: Any, site: Site) -> Iterator[Change]:
    held = node["type"] if isinstance(node["type"], list) else [node["type"]]
    for kind in TYPES:
        if kind not in held and not (kind == "integer" and "number" in held):
            yield Change(
                f"{kind} added",
                kind,
                f"{kind}-instead" if kind != "number" or "integer" not in held else "fraction-instead",
                {"type": [*held, kind]},
            )
    for kind in held:
        others = [one for one in held if one != kind]
        if others:
            yield Change(f"{kind} removed", kind, f"{kind}-instead", {"type": others})
        if kind == "number":
            yield Change("number made integer", "fraction", "fraction-instead", {"type": [*others, "integer"]})
    yield Change("dropped", "any-type", "wrong-type", {"type": GONE})
    if site.plain:
        yield from _values(node, held)


def _values(node: Any, held: list[str]) -> Iterator[Change]:
    """Refuse single values of a type that are easily forgotten."""
    if "enum" in node or "const" in node:
        return
    offered: list[tuple[str, Any]] = []
    if "boolean" in held:
        offered += [("true", True), ("false", False)]
    if {"integer", "number"} & set(held):
        offered += [("zero", 0), ("negative", -1), ("beyond-32-bits", 2**31), ("beyond-exact-doubles", 2**53 + 1)]
    if "number" in held:
        offered += [("last-cent", 19.99), ("one-cent", 0.01), ("seven-decimals", 0.1234567)]
    for name, value in offered:
        yield Change(f"{value} refused", name, name, {"allOf": [*node.get("allOf", ()), {"not": {"const": value}}]}, (value,), only=True)


def _enum(node: Any, _: Site) -> Iterator[Change]:
    values = node["enum"]
    for index, value in enumerate(values):
        others = [*values[:index], *values[index + 1 :]]
        name = _slug(value) or "value"
        members = {"enum": others} if others else {"enum": GONE, "not": {}}
        yield Change(f"{json.dumps(value)} removed", name, name, members, (value,), only=True)
    for name, value in _beside(values):
        yield Change(f"{name} {json.dumps(value)} added", name, name, {"enum": [*values, value]}, (value,), only=True)
    yield Change("dropped", "not-listed", "not-listed", {"enum": GONE})


def _const(node: Any, _: Site) -> Iterator[Change]:
    for name, value in _beside([node["const"]]):
        yield Change(f"{name} {json.dumps(value)} added", name, name, {"const": GONE, "enum": [node["const"], value]}, (value,), only=True)
    yield Change("dropped", "another-value", "another-value", {"const": GONE})


def _beside(values: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield values that are nearly listed."""
    given = [value for value in values if isinstance(value, str) and value]
    offered: list[tuple[str, Any]] = []
    if given:
        cased = next((value for value in given if value.swapcase() not in values and value.swapcase() != value), None)
        offered += [("other-case", cased.swapcase())] if cased else []
        offered += [
            ("blank-before", f" {given[0]}"),
            ("blank-after", f"{given[0]} "),
            ("unknown-value", "unknown"),
            ("cut-short", given[0][:-1]),
        ]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if numbers:
        offered += [("next-number", max(numbers) + 1), ("number-as-text", json.dumps(numbers[0]))]
    for name, value in offered:
        if not any(same(value, one) for one in values):
            yield name, value


# --- bounds ------------------------------------------------------------------------------------------------------------------

_SIDES = {  # what is at the bound, and what is just beyond it
    "minLength": ("shortest", "too-short"),
    "maxLength": ("longest", "too-long"),
    "minItems": ("fewest-items", "too-few-items"),
    "maxItems": ("most-items", "too-many-items"),
    "minProperties": ("fewest-members", "too-few-members"),
    "maxProperties": ("most-members", "too-many-members"),
    "minContains": ("fewest-matching-items", "too-few-matching-items"),
    "maxContains": ("most-matching-items", "too-many-matching-items"),
    "minimum": ("smallest-number", "too-small"),
    "maximum": ("greatest-number", "too-great"),
    "exclusiveMinimum": ("smallest-number", "too-small"),
    "exclusiveMaximum": ("greatest-number", "too-great"),
}


_Moved = tuple[str, float]  # a change, and the bound after it


def count(key: str) -> Changes:
    """Make the changes of a bound of how many characters, items or members there are."""
    passes, fails = _SIDES[key]

    def changes(node: Any, site: Site) -> Iterator[Change]:
        bound = int(node[key])
        for change, value in (*_inwards(key, ("+1", bound + 1), ("-1", bound - 1)), ("doubled", 2 * bound)):
            if value >= 0 and value != bound:
                yield Change(change, passes, fails, {key: value})
        if key == "maxLength" and not {"pattern", "format", "enum", "const"} & node.keys() and site.plain and bound > 1:
            half = {"not": {"minLength": bound // 2 + 1, "pattern": f"[{texts.ASTRAL}\U00010000-\U0010ffff]"}}
            members = {"allOf": [*node.get("allOf", ()), half]}
            yield Change("counted in UTF-16", "longest-four-byte", "longest-four-byte", members, (texts.ASTRAL * bound,))
            wide = {key: value for key, value in node.items() if key != "maxLength"} | {"pattern": "^(?:e\u0301)+e?$"}
            members = dict.fromkeys(node, GONE) | {"anyOf": [node, wide]}
            probe = (texts.COMBINED * bound)[: bound + 1]
            yield Change("counted in letters as seen", "too-long-combining", "too-long-combining", members, (probe,))
        yield Change("dropped", passes, fails, {key: GONE})

    return changes


def _limit(key: str) -> Changes:
    passes, fails = _SIDES[key]
    other = key.replace("exclusiveM", "m") if key.startswith("exclusive") else f"exclusive{key[0].upper()}{key[1:]}"

    def changes(node: Any, _: Site) -> Iterator[Change]:
        bound = node[key]
        thousandths = (("+0.001", _plus(bound, 1)), ("-0.001", _plus(bound, -1)))
        for change, value in (
            *_inwards(key, *thousandths),
            *_inwards(key, ("+1", bound + 1), ("-1", bound - 1)),
            ("doubled", 2 * bound),
        ):
            if value != bound:
                yield Change(change, passes, fails, {key: value})
        if other not in node:
            yield Change("made inclusive" if key.startswith("exclusive") else "made exclusive", passes, fails, {key: GONE, other: bound})
        yield Change("dropped", passes, fails, {key: GONE})

    return changes


def _inwards(key: str, more: _Moved, less: _Moved) -> tuple[_Moved, _Moved]:
    """Put the change first that refuses what is at the bound: that is then there, accepted, when what is just beyond it wants a twin."""
    return (less, more) if "max" in key.lower() else (more, less)


def _plus(bound: float, thousandths: int) -> float:
    return float(exact(bound) + exact(thousandths) / 1000)


def _multiple(node: Any, _: Site) -> Iterator[Change]:
    step = exact(node["multipleOf"])
    for change, value in (("doubled", step * 2), ("halved", step / 2), ("tenfold", step * 10), ("one tenth", step / 10)):
        yield Change(change, "multiple", "between-multiples", {"multipleOf": int(value) if value.denominator == 1 else float(value)})
    yield Change("dropped", "multiple", "between-multiples", {"multipleOf": GONE})


# --- texts -------------------------------------------------------------------------------------------------------------------


def _pattern(node: Any, _: Site) -> Iterator[Change]:
    for one in patterns.edits(node["pattern"]):
        yield Change(f"{one.change}: {one.pattern}", one.name, one.name, {"pattern": one.pattern})
    yield Change("dropped", "matching", "not-matching", {"pattern": GONE})


def _format(node: Any, site: Site) -> Iterator[Change]:
    yield Change("dropped", "any-text", f"no-{node['format']}", {"format": GONE})
    if not site.plain:
        return
    for name, value in syntax.GOOD.get(node["format"], ()):
        yield Change(
            f"{json.dumps(value)} refused", name, name, {"allOf": [*node.get("allOf", ()), {"not": {"const": value}}]}, (value,), only=True
        )
    for name, value in syntax.BAD.get(node["format"], ()):
        yield Change(
            f"{json.dumps(value)} accepted",
            name,
            name,
            dict.fromkeys(node, GONE) | {"anyOf": [node, {"const": value}]},
            (value,),
            only=True,
        )


def text_classes(node: Any, site: Site) -> Iterator[Change]:
    """Refuse the texts of one class, where a schema takes any."""
    held = node.get("type", ())
    if (
        not site.plain
        or "string" not in ([held] if isinstance(held, str) else held)
        or {"pattern", "format", "enum", "const", "contentEncoding"} & node.keys()
    ):
        return
    for one in texts.CLASSES:
        yield Change(
            f"{one.title} refused",
            one.name,
            one.name,
            {"allOf": [*node.get("allOf", ()), {"not": {"type": "string", "pattern": one.pattern}}]},
            (one.example,),
        )


def _slug(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:40]


VALUES: Mapping[str, Changes] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    **{key: count(key) for key in ("minLength", "maxLength")},
    **{key: _limit(key) for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")},
    "multipleOf": _multiple,
    "pattern": _pattern,
    "format": _format,
}
