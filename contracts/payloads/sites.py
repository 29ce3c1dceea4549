"""Where the rules of a request stand: every schema that applies to some part of it, by the way that leads there.

A schema that several references lead to stands at several sites: an implementation may keep its rules at one of them and not at the
other. A schema that contains itself is entered twice and no deeper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.payloads.schema import RequestSchema, Schema
from sandbox.document import escape

PARTS = ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames")
ITEMS = ("prefixItems", "items", "unevaluatedItems", "contains")
MAPS = frozenset(("properties", "patternProperties", "dependentSchemas"))
LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
INNER = frozenset((*PARTS, *ITEMS))  # keywords whose schemas apply to a part of the value
_DEEPER = ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", *PARTS, *ITEMS)
_TWICE = 2
_CONDITIONS = frozenset(("not", "if", "contains", "propertyNames"))


@dataclass(frozen=True, eq=False, slots=True)
class Site:
    """A schema at one end of a way through the others: `trail` are its steps from the request's schema, as validators write them.

    `where` is its JSON pointer in the document. `above` is the schema that holds it, by its keyword `key` at `name` (None where there
    is but one); `start` the first schema on the way that applies to the same part of the request, itself if there is none.
    """

    trail: tuple[str | int, ...]
    node: Schema
    where: str
    above: Site | None = None
    key: str = ""
    name: str | int | None = None
    first: Site | None = None

    @property
    def start(self) -> Site:
        """The first schema on the way that applies to the same part of the request."""
        return self.first or self

    @property
    def plain(self) -> bool:
        """Whether what it says is simply demanded, not a condition or the contrary."""
        return _CONDITIONS.isdisjoint(self.trail)


def sites(schema: RequestSchema) -> Iterator[Site]:
    """Yield every site of an operation's requests, outer ones first."""
    root = Site((), schema.root, "")
    yield root
    for location, group in schema.root["properties"].items():
        top = Site(("properties", location), group, schema.body_where if location == "body" else "", root, "properties", location)
        if location != "body":
            yield top
            for name in group["properties"]:
                where = schema.rules[f"{location}:{name}"]
                child = Site((*top.trail, "properties", name), group["properties"][name], where, top, "properties", name)
                yield from _below(schema, child, {})
        else:
            yield from _below(schema, top, {})


def _below(schema: RequestSchema, site: Site, entered: dict[str, int]) -> Iterator[Site]:
    yield site
    node = site.node
    if isinstance(node, bool):
        return
    for key in _DEEPER:
        if key not in node:
            continue
        value = node[key]
        if key == "$ref":
            where = schema.bundle.where(value)
            if entered.get(where, 0) < _TWICE:
                child = Site((*site.trail, key), schema.bundle.at(value), where, site, key, None, site.start)
                yield from _below(schema, child, {**entered, where: entered.get(where, 0) + 1})
            continue
        for name, inner in _children(key, value):
            step: tuple[Any, ...] = (key,) if name is None else (key, name)
            where = site.where + "".join(f"/{escape(one)}" for one in step)
            first = None if key in INNER else site.start
            yield from _below(schema, Site((*site.trail, *step), inner, where, site, key, name, first), entered)


def _children(key: str, value: Any) -> Iterator[tuple[str | int | None, Schema]]:
    if key in MAPS:
        yield from value.items()
    elif key in LISTS:
        yield from enumerate(value)
    else:
        yield None, value


def edited(schema: RequestSchema, trail: tuple[str | int, ...], after: Schema) -> Schema:
    """Write the request's schema with another schema at a site. References on the way are written out."""
    return _put(schema, schema.root, list(trail), after)


def _put(schema: RequestSchema, node: Any, steps: list[str | int], after: Schema) -> Any:
    if not steps:
        return after
    step, *rest = steps
    if step == "$ref":
        target = _put(schema, schema.bundle.at(node["$ref"]), rest, after)
        others = {key: value for key, value in node.items() if key != "$ref"}
        return {**others, "allOf": [*others.get("allOf", ()), target]} if others else target
    if isinstance(node, list):
        return [_put(schema, value, rest, after) if index == step else value for index, value in enumerate(node)]
    return {**node, step: _put(schema, node[step], rest, after)}
