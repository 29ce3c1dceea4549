"""Every single edit of a request's schema: the mistakes that an implementation can make with one rule.

An edit replaces one schema at one site. A set of payloads notices it when some payload is judged otherwise by the edited schema.
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
from contracts.payloads.schema import RequestSchema, Schema
from contracts.payloads.sites import Site, edited
from sandbox.document import escape, pointer

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


@dataclass(frozen=True, eq=False, slots=True)
class Edit:
    """One edit: what was done to which rule.

    `rule` is the rule's JSON pointer in the document (of the schema, where the edit adds one), `change` says what was done. A payload
    that shows it is called `passes` where the document accepts it, `fails` where it does not. `after` is the schema that results,
    `probe` values to try first; with `only` no other can show it.
    """

    site: Site
    keyword: str
    change: str
    rule: str
    passes: str
    fails: str
    after: Schema
    probe: tuple[Any, ...] = ()
    only: bool = False

    @property
    def id(self) -> str:
        """A name that no other edit of the operation has."""
        return f"{pointer(*self.site.trail)} {self.keyword} {self.change}"

    def schema(self, schema: RequestSchema) -> Schema:
        """Write the request's schema after the edit, ready to be compiled."""
        return edited(schema, self.site.trail, self.after)


@dataclass(frozen=True, slots=True)
class _Change:
    """What happens to one keyword: its new value, None for none; `beside` are other keywords that change with it."""

    change: str
    passes: str
    fails: str
    members: Mapping[str, Any]
    probe: tuple[Any, ...] = ()  # a value that shows it, where one is known
    only: bool = False  # no other value does


_GONE = object()


def edits(site: Site) -> Iterator[Edit]:
    """Yield the edits of the schema at one site."""
    node = site.node
    if not site.where:  # made up here to hold the parameters together: all it says is which of them are required
        yield from (edit for edit in _made(node, site) if edit.keyword == "required" and (site.trail or edit.change == "body added"))
        return
    if (
        site.first is None
        and site.above is not None
        and node is not False
        and site.key not in ("contains", "propertyNames", "additionalProperties")
    ):
        yield Edit(site, site.key, "forbidden", site.where, "present", "present", after=False)
    if not isinstance(node, bool):
        yield from _made(node, site)


def _made(node: Mapping[str, Any], site: Site) -> Iterator[Edit]:
    made: set[tuple[str, str]] = set()
    for keyword in (*node, *_ADDED):
        rule = f"{site.where}/{escape(keyword)}"
        for one in (_KEYWORDS if keyword in node else _ADDED).get(keyword, _nothing)(node, site):
            if (keyword, one.change) in made:
                continue
            made.add((keyword, one.change))
            after = {key: value for key, value in {**node, **one.members}.items() if value is not _GONE}
            at = rule if keyword in node else site.where
            yield Edit(site, keyword, one.change, at, one.passes, one.fails, after, one.probe, one.only)


def _nothing(_: Any, __: Site) -> Iterator[_Change]:
    yield from ()


def _without(key: str, *, fails: str, passes: str = "allowed") -> Callable[[Any, Site], Iterator[_Change]]:
    def changes(_: Any, __: Site) -> Iterator[_Change]:
        yield _Change("dropped", passes, fails, {key: _GONE})

    return changes


# --- types and values --------------------------------------------------------------------------------------------------------


def _type(node: Any, site: Site) -> Iterator[_Change]:
    held = node["type"] if isinstance(node["type"], list) else [node["type"]]
    for kind in TYPES:
        if kind not in held and not (kind == "integer" and "number" in held):
            yield _Change(
                f"{kind} added",
                kind,
                f"{kind}-instead" if kind != "number" or "integer" not in held else "fraction-instead",
                {"type": [*held, kind]},
            )
    for kind in held:
        others = [one for one in held if one != kind]
        if others:
            yield _Change(f"{kind} removed", kind, f"{kind}-instead", {"type": others})
        if kind == "number":
            yield _Change("number made integer", "fraction", "fraction-instead", {"type": [*others, "integer"]})
    yield _Change("dropped", "any-type", "wrong-type", {"type": _GONE})
    if site.plain:
        yield from _values(node, held)


def _values(node: Any, held: list[str]) -> Iterator[_Change]:
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
        yield _Change(f"{value} refused", name, name, {"allOf": [*node.get("allOf", ()), {"not": {"const": value}}]}, (value,), only=True)


def _enum(node: Any, _: Site) -> Iterator[_Change]:
    values = node["enum"]
    for index, value in enumerate(values):
        others = [*values[:index], *values[index + 1 :]]
        name = _slug(value) or "value"
        members = {"enum": others} if others else {"enum": _GONE, "not": {}}
        yield _Change(f"{json.dumps(value)} removed", name, name, members, (value,), only=True)
    for name, value in _beside(values):
        yield _Change(f"{name} {json.dumps(value)} added", name, name, {"enum": [*values, value]}, (value,), only=True)
    yield _Change("dropped", "not-listed", "not-listed", {"enum": _GONE})


def _const(node: Any, _: Site) -> Iterator[_Change]:
    for name, value in _beside([node["const"]]):
        yield _Change(
            f"{name} {json.dumps(value)} added", name, name, {"const": _GONE, "enum": [node["const"], value]}, (value,), only=True
        )
    yield _Change("dropped", "another-value", "another-value", {"const": _GONE})


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


def _count(key: str) -> Callable[[Any, Site], Iterator[_Change]]:
    passes, fails = _SIDES[key]

    def changes(node: Any, site: Site) -> Iterator[_Change]:
        bound = int(node[key])
        for change, value in (("+1", bound + 1), ("-1", bound - 1), ("doubled", 2 * bound)):
            if value >= 0 and value != bound:
                yield _Change(change, passes, fails, {key: value})
        if key == "maxLength" and not {"pattern", "format", "enum", "const"} & node.keys() and site.plain and bound > 1:
            half = {"not": {"minLength": bound // 2 + 1, "pattern": f"[{texts.ASTRAL}\U00010000-\U0010ffff]"}}
            members = {"allOf": [*node.get("allOf", ()), half]}
            yield _Change("counted in UTF-16", "longest-four-byte", "longest-four-byte", members, (texts.ASTRAL * bound,))
            wide = {key: value for key, value in node.items() if key != "maxLength"} | {"pattern": "^(?:e\u0301)+e?$"}
            members = dict.fromkeys(node, _GONE) | {"anyOf": [node, wide]}
            probe = (texts.COMBINED * bound)[: bound + 1]
            yield _Change("counted in letters as seen", "too-long-combining", "too-long-combining", members, (probe,))
        yield _Change("dropped", passes, fails, {key: _GONE})

    return changes


def _limit(key: str) -> Callable[[Any, Site], Iterator[_Change]]:
    passes, fails = _SIDES[key]
    other = key.replace("exclusiveM", "m") if key.startswith("exclusive") else f"exclusive{key[0].upper()}{key[1:]}"

    def changes(node: Any, _: Site) -> Iterator[_Change]:
        bound = node[key]
        for change, value in (
            ("+0.001", _plus(bound, 1)),
            ("-0.001", _plus(bound, -1)),
            ("+1", bound + 1),
            ("-1", bound - 1),
            ("doubled", 2 * bound),
        ):
            if value != bound:
                yield _Change(change, passes, fails, {key: value})
        if other not in node:
            yield _Change("made inclusive" if key.startswith("exclusive") else "made exclusive", passes, fails, {key: _GONE, other: bound})
        yield _Change("dropped", passes, fails, {key: _GONE})

    return changes


def _plus(bound: float, thousandths: int) -> float:
    return float(exact(bound) + exact(thousandths) / 1000)


def _multiple(node: Any, _: Site) -> Iterator[_Change]:
    step = exact(node["multipleOf"])
    for change, value in (("doubled", step * 2), ("halved", step / 2), ("tenfold", step * 10), ("one tenth", step / 10)):
        yield _Change(change, "multiple", "between-multiples", {"multipleOf": int(value) if value.denominator == 1 else float(value)})
    yield _Change("dropped", "multiple", "between-multiples", {"multipleOf": _GONE})


# --- texts -------------------------------------------------------------------------------------------------------------------


def _pattern(node: Any, _: Site) -> Iterator[_Change]:
    for one in patterns.edits(node["pattern"]):
        yield _Change(f"{one.change}: {one.pattern}", one.name, one.name, {"pattern": one.pattern})
    yield _Change("dropped", "matching", "not-matching", {"pattern": _GONE})


def _format(node: Any, site: Site) -> Iterator[_Change]:
    yield _Change("dropped", "any-text", f"no-{node['format']}", {"format": _GONE})
    if not site.plain:
        return
    for name, value in syntax.GOOD.get(node["format"], ()):
        yield _Change(
            f"{json.dumps(value)} refused", name, name, {"allOf": [*node.get("allOf", ()), {"not": {"const": value}}]}, (value,), only=True
        )
    for name, value in syntax.BAD.get(node["format"], ()):
        yield _Change(
            f"{json.dumps(value)} accepted",
            name,
            name,
            dict.fromkeys(node, _GONE) | {"anyOf": [node, {"const": value}]},
            (value,),
            only=True,
        )


def _text_classes(node: Any, site: Site) -> Iterator[_Change]:
    held = node.get("type", ())
    if (
        not site.plain
        or "string" not in ([held] if isinstance(held, str) else held)
        or {"pattern", "format", "enum", "const", "contentEncoding"} & node.keys()
    ):
        return
    for one in texts.CLASSES:
        yield _Change(
            f"{one.title} refused",
            one.name,
            one.name,
            {"allOf": [*node.get("allOf", ()), {"not": {"type": "string", "pattern": one.pattern}}]},
            (one.example,),
        )


# --- objects and arrays ------------------------------------------------------------------------------------------------------


def _required(node: Any, _: Site) -> Iterator[_Change]:
    for name in node["required"]:
        yield _Change(f"{name} dropped", "absent", "missing", {"required": [one for one in node["required"] if one != name]})
    yield from _more_required(node)


def _more_required(node: Any) -> Iterator[_Change]:
    held = node.get("required", [])
    for name, child in node.get("properties", {}).items():
        if name not in held and child is not False:
            yield _Change(f"{name} added", "absent", "missing", {"required": [*held, name]})


def _add_required(node: Any, _: Site) -> Iterator[_Change]:
    yield from _more_required(node)


def _members(key: str, fails: str) -> Callable[[Any, Site], Iterator[_Change]]:
    """Drop single members of a keyword that holds several."""

    def changes(node: Any, _: Site) -> Iterator[_Change]:
        for name in node[key]:
            others = {one: value for one, value in node[key].items() if one != name}
            yield _Change(f"{name} dropped", "allowed", fails, {key: others or _GONE})

    return changes


def _dependent(node: Any, _: Site) -> Iterator[_Change]:
    for one, others in node["dependentRequired"].items():
        for name in others:
            left = [other for other in others if other != name]
            yield _Change(f"{one}: {name} dropped", "alone", "alone", {"dependentRequired": {**node["dependentRequired"], one: left}})


def _rest(key: str, fails: str) -> Callable[[Any, Site], Iterator[_Change]]:
    def changes(node: Any, _: Site) -> Iterator[_Change]:
        if node[key] is not True:
            yield _Change("dropped" if node[key] is not False else "opened", "unknown-member", fails, {key: _GONE})
        if node[key] is not False:
            yield _Change("closed", "unknown-member", fails, {key: False})

    return changes


def _closed(node: Any, site: Site) -> Iterator[_Change]:
    wanted = "object" in ([node.get("type")] if isinstance(node.get("type"), str) else node.get("type", ())) or "properties" in node
    if wanted and "unevaluatedProperties" not in node and site.plain and site.trail and site.trail[1:2] == ("body",):
        yield _Change("closed", "unknown-member", "unknown-member", {"additionalProperties": False})


def _unique(node: Any, _: Site) -> Iterator[_Change]:
    if node["uniqueItems"]:
        yield _Change("dropped", "same-twice", "same-twice", {"uniqueItems": False})


def _prefix(node: Any, _: Site) -> Iterator[_Change]:
    for index in range(len(node["prefixItems"])):
        yield _Change(
            f"{index} dropped",
            "any-item",
            "wrong-item",
            {"prefixItems": [True if at == index else child for at, child in enumerate(node["prefixItems"])]},
        )


def _typed(kind: str, key: str, value: Any, passes: str) -> Callable[[Any, Site], Iterator[_Change]]:
    """Add a keyword to schemas of a type that lack it."""

    def changes(node: Any, site: Site) -> Iterator[_Change]:
        held = node.get("type", ())
        if site.plain and kind in ([held] if isinstance(held, str) else held) and not {"enum", "const"} & node.keys() and site.trail:
            yield _Change(f"{value} added", passes, passes, {key: value})

    return changes


# --- combinations ------------------------------------------------------------------------------------------------------------


def _branches(key: str) -> Callable[[Any, Site], Iterator[_Change]]:
    def changes(node: Any, _: Site) -> Iterator[_Change]:
        branches = node[key]
        for index in range(len(branches)):
            left = [branch for at, branch in enumerate(branches) if at != index]
            yield _Change(
                f"branch {index} dropped",
                f"branch-{index + 1}",
                f"not-branch-{index + 1}" if key == "allOf" else f"branch-{index + 1}",
                {key: left or _GONE},
            )
        if key == "oneOf":
            yield _Change(
                "made anyOf", "several-branches", "several-branches", {key: _GONE, "allOf": [*node.get("allOf", ()), {"anyOf": branches}]}
            )
        if key == "anyOf" and len(branches) > 1:
            yield _Change(
                "made oneOf", "several-branches", "several-branches", {key: _GONE, "allOf": [*node.get("allOf", ()), {"oneOf": branches}]}
            )
        if key != "allOf":
            yield _Change("dropped", "no-branch", "no-branch", {key: _GONE})

    return changes


def _if(node: Any, _: Site) -> Iterator[_Change]:
    yield _Change("dropped", "condition", "condition", {"if": _GONE, "then": _GONE, "else": _GONE})
    for key in ("then", "else"):
        if key in node and len({"then", "else"} & node.keys()) > 1:
            yield _Change(f"{key} dropped", key, f"not-{key}", {key: _GONE})


_KEYWORDS: Mapping[str, Callable[[Any, Site], Iterator[_Change]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    **{
        key: _count(key)
        for key in ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains")
    },
    **{key: _limit(key) for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")},
    "multipleOf": _multiple,
    "pattern": _pattern,
    "format": _format,
    "required": _required,
    "patternProperties": _members("patternProperties", "wrong-member"),
    "additionalProperties": _rest("additionalProperties", "unknown-member"),
    "unevaluatedProperties": _rest("unevaluatedProperties", "unknown-member"),
    "propertyNames": _without("propertyNames", fails="bad-name"),
    "dependentRequired": _dependent,
    "dependentSchemas": _members("dependentSchemas", "dependent"),
    "contains": _without("contains", fails="nothing-matching"),
    "uniqueItems": _unique,
    "prefixItems": _prefix,
    "items": _rest("items", "unknown-item"),
    "unevaluatedItems": _rest("unevaluatedItems", "unknown-item"),
    "allOf": _branches("allOf"),
    "anyOf": _branches("anyOf"),
    "oneOf": _branches("oneOf"),
    "not": _without("not", fails="contrary"),
    "if": _if,
}
_ADDED: Mapping[str, Callable[[Any, Site], Iterator[_Change]]] = {  # what schemas that lack a keyword get
    "required": _add_required,
    "additionalProperties": _closed,
    "minLength": _typed("string", "minLength", 1, "empty"),
    "minItems": _typed("array", "minItems", 1, "empty"),
    "minProperties": _typed("object", "minProperties", 1, "empty"),
    "uniqueItems": _typed("array", "uniqueItems", True, "same-twice"),  # noqa: FBT003
    "text": _text_classes,
}


def _slug(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:40]
