"""Every single edit of a request's schema: the mistakes that an implementation can make with one rule.

An edit replaces one schema at one site. A set of payloads notices it when some payload is judged otherwise by the edited schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contracts.payloads.scalars import GONE, VALUES, Change, Changes, count, text_classes
from contracts.payloads.schema import RequestSchema, Schema
from contracts.payloads.sites import Site, edited
from sandbox.document import escape, pointer


class Edit(NamedTuple):
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


_Known = dict[Any, Any]  # the changes of schemas, by what they depend on


def edits(site: Site, known: _Known | None = None) -> Iterator[Edit]:
    """Yield the edits of the schema at one site. `known` keeps what can be done to a schema, for the other sites at which it stands."""
    node = site.node
    known = {} if known is None else known
    if not site.where:  # made up here to hold the parameters together: all it says is which of them are required
        yield from (edit for edit in _made(node, site, known) if edit.keyword == "required" and (site.trail or edit.change == "body added"))
        return
    if (
        site.first is None
        and site.above is not None
        and node is not False
        and site.key not in ("contains", "propertyNames", "additionalProperties")
    ):
        yield Edit(site, site.key, "forbidden", site.where, "present", "present", after=False)
    if not isinstance(node, bool):
        yield from _made(node, site, known)


def _made(node: Mapping[str, Any], site: Site, known: _Known) -> Iterator[Edit]:
    key = (id(node), site.plain, bool(site.trail), site.trail[1:2] == ("body",))
    if key not in known:
        known[key] = (node, [*_changes(node, site)])  # the schema is kept so that its id stays its own
    for keyword, step, one, after in known[key][1]:
        yield Edit(site, keyword, one.change, site.where + step, one.passes, one.fails, after, one.probe, one.only)


def _changes(node: Mapping[str, Any], site: Site) -> Iterator[tuple[str, str, Change, Schema]]:
    """Yield what can be done to a schema: the keyword, the step to its rule, the change, and what results."""
    made: set[tuple[str, str]] = set()
    for keyword in (*node, *_ADDED):
        step = f"/{escape(keyword)}" if keyword in node else ""
        for one in (_KEYWORDS if keyword in node else _ADDED).get(keyword, _nothing)(node, site):
            if (keyword, one.change) not in made:
                made.add((keyword, one.change))
                yield keyword, step, one, {key: value for key, value in {**node, **one.members}.items() if value is not GONE}


def _nothing(_: Any, __: Site) -> Iterator[Change]:
    yield from ()


def _without(key: str, *, fails: str, passes: str = "allowed") -> Changes:
    def changes(_: Any, __: Site) -> Iterator[Change]:
        yield Change("dropped", passes, fails, {key: GONE})

    return changes


# --- objects and arrays ------------------------------------------------------------------------------------------------------


def _required(node: Any, _: Site) -> Iterator[Change]:
    for name in node["required"]:
        yield Change(f"{name} dropped", "absent", "missing", {"required": [one for one in node["required"] if one != name]})
    yield from _more_required(node)


def _more_required(node: Any) -> Iterator[Change]:
    held = node.get("required", [])
    for name, child in node.get("properties", {}).items():
        if name not in held and child is not False:
            yield Change(f"{name} added", "absent", "missing", {"required": [*held, name]})


def _add_required(node: Any, _: Site) -> Iterator[Change]:
    yield from _more_required(node)


def _members(key: str, fails: str) -> Changes:
    """Drop single members of a keyword that holds several."""

    def changes(node: Any, _: Site) -> Iterator[Change]:
        for name in node[key]:
            others = {one: value for one, value in node[key].items() if one != name}
            yield Change(f"{name} dropped", "allowed", fails, {key: others or GONE})

    return changes


def _dependent(node: Any, _: Site) -> Iterator[Change]:
    for one, others in node["dependentRequired"].items():
        for name in others:
            left = [other for other in others if other != name]
            yield Change(f"{one}: {name} dropped", "alone", "alone", {"dependentRequired": {**node["dependentRequired"], one: left}})


def _rest(key: str, fails: str) -> Changes:
    def changes(node: Any, _: Site) -> Iterator[Change]:
        if node[key] is not True:
            yield Change("dropped" if node[key] is not False else "opened", "unknown-member", fails, {key: GONE})
        if node[key] is not False:
            yield Change("closed", "unknown-member", fails, {key: False})

    return changes


def _closed(node: Any, site: Site) -> Iterator[Change]:
    wanted = "object" in ([node.get("type")] if isinstance(node.get("type"), str) else node.get("type", ())) or "properties" in node
    if wanted and "unevaluatedProperties" not in node and site.plain and site.trail and site.trail[1:2] == ("body",):
        yield Change("closed", "unknown-member", "unknown-member", {"additionalProperties": False})


def _unique(node: Any, _: Site) -> Iterator[Change]:
    if node["uniqueItems"]:
        yield Change("dropped", "same-twice", "same-twice", {"uniqueItems": False})


def _prefix(node: Any, _: Site) -> Iterator[Change]:
    for index in (index for index, child in enumerate(node["prefixItems"]) if child is not True):
        yield Change(
            f"{index} dropped",
            "any-item",
            "wrong-item",
            {"prefixItems": [True if at == index else child for at, child in enumerate(node["prefixItems"])]},
        )


def _typed(kind: str, key: str, value: Any, passes: str) -> Changes:
    """Add a keyword to schemas of a type that lack it."""

    def changes(node: Any, site: Site) -> Iterator[Change]:
        held = node.get("type", ())
        if site.plain and kind in ([held] if isinstance(held, str) else held) and not {"enum", "const"} & node.keys() and site.trail:
            yield Change(f"{value} added", passes, passes, {key: value})

    return changes


# --- combinations ------------------------------------------------------------------------------------------------------------


def _branches(key: str) -> Changes:
    def changes(node: Any, _: Site) -> Iterator[Change]:
        branches = node[key]
        for index in range(len(branches)):
            left = [branch for at, branch in enumerate(branches) if at != index]
            yield Change(
                f"branch {index} dropped",
                f"branch-{index + 1}",
                f"not-branch-{index + 1}" if key == "allOf" else f"branch-{index + 1}",
                {key: left or GONE},
            )
        if key == "oneOf":
            yield Change(
                "made anyOf", "several-branches", "several-branches", {key: GONE, "allOf": [*node.get("allOf", ()), {"anyOf": branches}]}
            )
        if key == "anyOf" and len(branches) > 1:
            yield Change(
                "made oneOf", "several-branches", "several-branches", {key: GONE, "allOf": [*node.get("allOf", ()), {"oneOf": branches}]}
            )
        if key != "allOf":
            yield Change("dropped", "no-branch", "no-branch", {key: GONE})

    return changes


def _if(node: Any, _: Site) -> Iterator[Change]:
    yield Change("dropped", "condition", "condition", {"if": GONE, "then": GONE, "else": GONE})
    for key in ("then", "else"):
        if key in node and len({"then", "else"} & node.keys()) > 1:
            yield Change(f"{key} dropped", key, f"not-{key}", {key: GONE})


_KEYWORDS: Mapping[str, Changes] = {
    **VALUES,
    **{key: count(key) for key in ("minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains")},
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
_ADDED: Mapping[str, Changes] = {  # what schemas that lack a keyword get
    "required": _add_required,
    "additionalProperties": _closed,
    "minLength": _typed("string", "minLength", 1, "empty"),
    "minItems": _typed("array", "minItems", 1, "empty"),
    "minProperties": _typed("object", "minProperties", 1, "empty"),
    "uniqueItems": _typed("array", "uniqueItems", True, "same-twice"),  # noqa: FBT003
    "text": text_classes,
}
