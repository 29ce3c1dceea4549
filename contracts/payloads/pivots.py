"""What makes one schema inside another decide about a value, and what tells a schema after an edit from the one before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.payloads.edits import Edit
from contracts.payloads.facets import Demand, Step
from contracts.payloads.keywords import WAYS
from contracts.payloads.schema import MUTE, WHOLE


def others(node: Mapping[str, Any], *but: str) -> list[Step]:
    """Demand all keywords of a schema but some."""
    return [Demand(node, key, yes=True) for key in node if key not in MUTE and key in WAYS and key not in but]


def pivots(node: Mapping[str, Any], key: str, name: Any) -> list[tuple[list[Step], int]]:  # noqa: PLR0911 - one for each keyword
    """List what makes one schema inside another decide for it, and whether it decides the same or the contrary."""
    rest = others(node, "if" if key in ("then", "else") else key)
    if key in ("allOf", "anyOf", "oneOf"):
        branches = [branch for index, branch in enumerate(node[key]) if index != name]
        if key == "allOf":
            return [([*rest, *(Demand(branch, None, yes=True) for branch in branches)], 1)]
        none = [Demand(branch, None, yes=False) for branch in branches]
        if key == "anyOf":
            return [([*rest, *none], 1)]
        one = [[Demand(branch, None, yes=at == index) for at, branch in enumerate(branches)] for index in range(len(branches))]
        return [([*rest, *none], 1), *(([*rest, *picked], -1) for picked in one)]
    if key == "not":
        return [(rest, -1)]
    if key == "if":
        then, other = node.get("then", True), node.get("else", True)
        return [
            ([*rest, Demand(then, None, yes=True), Demand(other, None, yes=False)], 1),
            ([*rest, Demand(then, None, yes=False), Demand(other, None, yes=True)], -1),
        ]
    if key in ("then", "else"):
        return [([*rest, Demand(node["if"], None, yes=key == "then")], 1)]
    if key == "dependentSchemas":
        left = {one: child for one, child in node[key].items() if one != name}
        more = [Demand({"dependentSchemas": left}, "dependentSchemas", yes=True)] if left else []
        return [([*rest, *more, Demand({"type": "object", "required": [name]}, None, yes=True)], 1)]
    return [(rest, 1)]


_FOLLOW: Mapping[str, tuple[str, ...]] = {
    "properties": ("additionalProperties", "unevaluatedProperties"),
    "patternProperties": ("additionalProperties", "unevaluatedProperties"),
    "additionalProperties": ("unevaluatedProperties",),
    "prefixItems": ("items", "unevaluatedItems"),
    "items": ("unevaluatedItems",),
    "contains": ("unevaluatedItems",),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "if", "dependentSchemas"), ("unevaluatedProperties", "unevaluatedItems")),
}
_RULED_BY = {"minContains": "contains", "maxContains": "contains", "then": "if", "else": "if"}
_ABSENT = object()


def affected(node: Any, after: Any) -> list[str]:
    """List the keywords whose verdict an edit can change."""
    if isinstance(node, bool) or isinstance(after, bool):
        return []
    ruling = [_RULED_BY.get(key, key) for key in (*node, *after) if node.get(key, _ABSENT) is not after.get(key, _ABSENT)]
    touched = dict.fromkeys(one for key in ruling for one in (key, *_FOLLOW.get(key, ())))
    return [key for key in touched if key in WAYS and (key in node or key in after)]


def changes(edit: Edit) -> Iterator[tuple[list[Step], bool]]:
    """Yield what tells the schema after an edit from the one before: accepted only after it, then accepted only before it."""
    node, after = edit.site.node, edit.after
    if isinstance(node, bool) or isinstance(after, bool):
        yield [Demand(node, None, yes=False), Demand(after, None, yes=True)], False
        yield [Demand(node, None, yes=True), Demand(after, None, yes=False)], True
        return
    if edit.keyword in ("allOf", "anyOf", "oneOf") and _is_of_branch(edit):
        yield from _of_branch(edit)
        return
    touched = affected(node, after)
    for key in touched:
        if key in node:
            yield [Demand(after, None, yes=True), Demand(node, key, yes=False)], False
    for key in touched:
        if key in after:
            yield [Demand(node, None, yes=True), Demand(after, key, yes=False)], True


def _is_of_branch(edit: Edit) -> bool:
    """Tell whether an edit is about branches alone. The last one takes its keyword with it, and each what it has looked at."""
    if edit.change.startswith("made "):
        return True
    return edit.change != "dropped" and edit.keyword in edit.after and WHOLE.isdisjoint(edit.site.node)


def _of_branch(edit: Edit) -> Iterator[tuple[list[Step], bool]]:
    """Say outright what shows that a branch is missing, or that two may hold: that is all there is, and quicker than the general way."""
    node, key = edit.site.node, edit.keyword
    branches, rest = list(enumerate(node[key])), others(node, key)
    if edit.change.startswith("made "):
        for (_, one), (_, other) in itertools.combinations(branches, 2):
            yield [*rest, Demand(one, None, yes=True), Demand(other, None, yes=True)], key == "anyOf"
        return
    index = int(edit.change.split()[1])
    if key == "allOf":
        yield [*rest, *(Demand(branch, None, yes=at != index) for at, branch in branches)], False
        return
    yield [*rest, *(Demand(branch, None, yes=at == index) for at, branch in branches)], True
    if key == "oneOf":
        for other, _ in branches:
            if other != index:
                yield [*rest, *(Demand(branch, None, yes=at in (index, other)) for at, branch in branches)], False
