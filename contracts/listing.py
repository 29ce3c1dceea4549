"""Lists as a document declares them (`x-list`): where the items are, and which parameters turn pages, filter, sort and limit.

A parameter is named as it travels: `limit` in the query, `/limit` in the body.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.caller import Caller, Outcome
from contracts.constraints import bodies, follow, named_parameters
from contracts.promises import Broken, CannotTell, accepted
from contracts.ready import play
from contracts.scenarios import Step
from sandbox.document import at, pointer, steps_of
from sandbox.spec import Operation, Spec

MOST_PAGES = 60
_ADDRESS = ("http://", "https://", "/", "?")


@dataclass(frozen=True, slots=True)
class Listing:
    """The roles of a list. `items`, `total` and `next` are JSON pointers into the answer, the others name parameters, empty for none.

    `sort` has pointers into an item, with a minus in front for the largest first; `filters` has the pointer that a parameter
    compares with, `windows` the parameters of the earliest and of the latest time by the pointer that they limit. `inferred` has
    the roles that no page documents, with the reason.
    """

    operation: Operation
    items: str
    page: str = ""
    limit: str = ""
    cursor: str = ""
    next: str = ""
    order: str = ""
    total: str = ""
    sort: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    inferred: Mapping[str, Any] = field(default_factory=dict)


def listing(spec: Spec, operation: Operation) -> Listing | None:
    """Read what the document declares of a list; None for an operation that is none."""
    raw = at(spec.tree, operation.where).get("x-list")
    if not isinstance(raw, Mapping) or not isinstance(raw.get("items"), str):
        return None
    names = {name: str(raw[name]) for name in ("items", "page", "limit", "cursor", "next", "order", "total") if name in raw}
    windows = {place: (str(pair[0]), str(pair[1])) for place, pair in raw.get("windows", {}).items()}
    return Listing(
        operation,
        **names,
        sort=tuple(raw.get("sort", ())),
        filters=raw.get("filters", {}),
        windows=windows,
        inferred=raw.get("x-inferred", {}),
    )


def listings(spec: Spec) -> Iterator[Listing]:
    """Yield the lists of a document."""
    for operation in spec.operations.values():
        if found := listing(spec, operation):
            yield found


# --- calling one -----------------------------------------------------------------------------------------------------------------


def call(caller: Caller, found: Listing, **wanted: Any) -> Outcome:
    """Call a list with parameters by the names of `Listing`. Raises NoAnswer."""
    params = {name: value for name, value in wanted.items() if not name.startswith("/")}
    body: dict[str, Any] | None = {} if found.operation.body and found.operation.body.required else None
    for name, value in wanted.items():
        if name.startswith("/"):
            body = _put(body or {}, steps_of(name), value)
    return play(caller, Step(found.operation.id, params, body))


def _put(tree: dict[str, Any], steps: list[str], value: Any) -> dict[str, Any]:
    first, *rest = steps
    return {**tree, first: _put(tree.get(first, {}), rest, value) if rest else value}


def items_of(found: Listing, outcome: Outcome) -> list[Any]:
    """Take the items of an answer; none where the list refuses because it is empty. Raises Broken, and CannotTell for another refusal."""
    if outcome.means == 404:
        return []
    items = accepted(outcome).at(found.items)
    if not isinstance(items, list):
        raise Broken(f"{found.operation.id} has no items at {found.items}", "an array", items, outcome)
    return items


def items(caller: Caller, found: Listing, **wanted: Any) -> list[Any]:
    """Call a list once and take its items; see `items_of`."""
    return items_of(found, call(caller, found, **wanted))


def walk(caller: Caller, found: Listing, **wanted: Any) -> Iterator[list[Any]]:
    """Turn the pages of a list from the first to the last. Raises Broken for a cursor that leads back, CannotTell for too many pages."""
    seen: set[str] = set()
    for number in range(1, MOST_PAGES + 1):
        outcome = call(caller, found, **wanted, **({found.page: number} if found.page else {}))
        page = items_of(found, outcome)
        yield page
        if found.page:
            size = wanted.get(found.limit)
            if not page or (isinstance(size, int) and len(page) < size):
                return
        elif not (following := _following(found, outcome)):
            return
        elif (mark := json.dumps(following)) in seen:
            raise Broken("a page leads on to one that was there before", "another page", following, outcome)
        else:
            seen.add(mark)
            wanted = {**wanted, **following}
    raise CannotTell(f"{found.operation.id} has more than {MOST_PAGES} pages")


def _following(found: Listing, outcome: Outcome) -> dict[str, Any]:
    """Take what leads to the next page: a cursor, or the parameters of an address that holds one. Nothing on the last page."""
    mark = outcome.at(found.next) if found.next and outcome.accepted else None
    if not mark or not found.cursor:
        return {}
    if isinstance(mark, str) and mark.startswith(_ADDRESS) and not found.cursor.startswith("/"):
        query = parse_qs(urlsplit(mark).query)
        return {found.cursor: query[found.cursor][-1]} if found.cursor in query else {}
    return {found.cursor: mark}


# --- what the document says of a parameter, and what an item is -------------------------------------------------------------------


def schema_of(spec: Spec, found: Listing, name: str) -> Mapping[str, Any]:
    """Find the schema of a parameter of a list; an empty one where the document has none."""
    if not name.startswith("/"):
        for node, where in named_parameters(spec, found.operation):
            if node["name"] == name:
                return _schema(spec, f"{where}/schema")
        return {}
    for _, where in bodies(spec, found.operation):
        node, place = follow(spec, where)
        for step in steps_of(name):
            if step not in node.get("properties", {}):
                return {}
            node, place = follow(spec, f"{place}/properties{pointer(step)}")
        return dict(node)
    return {}


def _schema(spec: Spec, where: str) -> Mapping[str, Any]:
    node, _ = follow(spec, where)
    return node if isinstance(node, Mapping) else {}


def value_at(item: Any, place: str) -> Any:
    """Find a member of an item by pointer; None where it has none."""
    try:
        return at(item, place)
    except KeyError:
        return None


def identities(found: Listing, pages: list[Any]) -> list[str]:
    """Name each item of a list so that two of the same name are the same thing: by its id, else by all that it is."""
    names = [
        name for name in ("id", *_likely(pages)) if pages and all(isinstance(item, Mapping) and _plain(item.get(name)) for item in pages)
    ]
    del found
    return [str(item[names[0]]) if names else json.dumps(item, sort_keys=True) for item in pages]


def _likely(pages: list[Any]) -> list[str]:
    first = pages[0] if pages and isinstance(pages[0], Mapping) else {}
    return [name for name in first if name.lower().replace("_", "").endswith("id")]


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
