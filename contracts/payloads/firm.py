"""What is asked of a part of a request whichever branch is taken, and where it counts what a schema has looked at.

A branch decides in two ways where an `unevaluated…` stands around it: by holding or not, and by the members and items that are looked
at when it holds. What its neighbours ask for is firm: no request is accepted without that, before the edit or after it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from contracts.payloads.edits import Edit
from contracts.payloads.facets import Demand, Step
from contracts.payloads.pivots import affected, changes, others
from contracts.payloads.schema import WHOLE
from contracts.payloads.sites import INNER, Site

_CHOOSING = frozenset(("anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas", "contains"))
_KINDS = {"unevaluatedProperties": "object", "unevaluatedItems": "array"}
_LOOKING = INNER | _CHOOSING | {"$ref", "allOf", "minContains", "maxContains"}  # keywords that look at parts, or hold what does


def is_looked_at(site: Site) -> bool:
    """Tell whether an `unevaluated…` in a schema, or around it, may depend on what that looks at."""
    return _has_whole(site) or any(map(_has_whole, _above(site)))


def looks_otherwise(edit: Edit) -> bool:
    """Tell whether an edit changes what its schema looks at, and an `unevaluated…` around that may depend on it."""
    if _LOOKING.isdisjoint(affected(edit.site.node, edit.after)):
        return False
    beside = itertools.takewhile(lambda one: one.key not in INNER, (edit.site, *_above(edit.site)))
    return any(_has_whole(one.above) for one in beside if one.above is not None)


def decides_twice(site: Site) -> bool:
    """Tell whether a schema decides by holding or not, and by what an `unevaluated…` around it takes as looked at then."""
    chosen = False
    for one in (site, *_above(site)):
        if chosen and _has_whole(one):
            return True
        chosen = chosen or one.key in _CHOOSING
    return False


def kinds_seen(site: Site) -> list[str]:
    """List the types of which it matters what the schemas at a site have looked at; empty where it may matter of what is around it, too."""
    found: dict[str, None] = {}
    inside = True
    for one in (site, *_above(site)):
        if _has_whole(one):
            if not inside:
                return []
            found |= dict.fromkeys(kind for key, kind in _KINDS.items() if key in one.node)
        inside = inside and one.key not in INNER
    return [*found]


def _has_whole(site: Site) -> bool:
    return isinstance(site.node, dict) and not site.node.keys().isdisjoint(WHOLE)


def needed(edit: Edit, types: list[str]) -> tuple[Site, list[list[Step]]] | None:
    """Say what an accepted request would hold at a site that chooses, if it showed an edit below; None where that is not worked out.

    The site is the outermost that chooses. What stands beside it is asked for, and that its value has the part which the edit judges
    otherwise, of one of the `types` if there are any: one list of demands for each way in which it may.
    """
    if not _LOOKING.isdisjoint(affected(edit.site.node, edit.after)):
        return None
    outer = [one for one in (edit.site, *_above(edit.site)) if one.key in _CHOOSING]
    if not outer or (top := outer[-1].above) is None:
        return None
    key = outer[-1].key
    firm = [one for one in others(top.node, "if" if key in ("then", "else") else key) if one.key not in WHOLE]
    ways = []
    for changed, _ in changes(edit):
        holder: Any = {"allOf": [*map(_written, changed), *([{"type": types}] if types else [])]}
        for one in (edit.site, *_above(edit.site)):
            if one is top:
                break
            if one.key == "properties":
                holder = {"type": "object", "required": [one.name], "properties": {one.name: holder}}
            elif one.key in INNER:
                return None
        ways.append([*firm, Demand(holder, None, yes=True)])
    return top, ways


def _written(demand: Demand) -> Any:
    said = demand.node if demand.key is None else {demand.key: demand.node[demand.key]}
    return said if demand.yes else {"not": said}


def _above(site: Site) -> Iterator[Site]:
    while site.above is not None:
        site = site.above
        yield site
