"""Lists as a document declares them (`x-list`): where the items are, and which parameters turn pages, filter, sort and limit.

A parameter is named as it travels: `limit` in the query, `/limit` in the body. A list that refuses because it is empty, with a cause
that means 404, is an empty list here.
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
WIDE = 100  # items on a page where a list may be asked for so many
_ADDRESS = ("http://", "https://", "/", "?")
_ROLES = ("items", "page", "limit", "cursor", "next", "order", "total")


@dataclass(frozen=True, slots=True)
class Window:
    """Two parameters that limit a time: the earliest and the latest, in seconds (`s`) or milliseconds (`ms`) since 1970, or as text."""

    earliest: str
    latest: str
    unit: str = "text"


@dataclass(frozen=True, slots=True)
class Listing:
    """The roles of a list. `items`, `total` and `next` are JSON pointers into the answer, the others name parameters, empty for none.

    `sort` has pointers into an item, with a minus in front for the largest first; `filters` has the pointer that a parameter
    compares with, `windows` what limits the time at a pointer. `inferred` has the roles that no page documents, with the reason.
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
    windows: Mapping[str, Window] = field(default_factory=dict)
    inferred: Mapping[str, Any] = field(default_factory=dict)


def listing(spec: Spec, operation: Operation) -> Listing | None:
    """Read what the document declares of a list; None for an operation that is none."""
    raw = at(spec.tree, operation.where).get("x-list")
    if not isinstance(raw, Mapping) or not isinstance(raw.get("items"), str):
        return None
    windows = {place: Window(one["from"], one["to"], one.get("unit", "text")) for place, one in raw.get("windows", {}).items()}
    return Listing(
        operation,
        **{name: str(raw[name]) for name in _ROLES if name in raw},
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


def call(caller: Caller, found: Listing, wanted: Mapping[str, Any]) -> Outcome:
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


def walk(caller: Caller, found: Listing, wanted: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Turn the pages of a list from the first to the last. Raises Broken for one that comes again, CannotTell for too many."""
    hosts = frozenset((urlsplit(caller.target.url).hostname, *caller.spec.hosts))
    seen: set[str] = set()
    before: list[str] = []
    more: Mapping[str, Any] = {found.page: 1} if found.page else {}
    for number in range(2, MOST_PAGES + 2):
        outcome = call(caller, found, {**wanted, **more})
        page = items_of(found, outcome)
        if before and identities(page) == before:
            raise Broken("a page is the one before it again", "other items", dict(more), outcome)
        before = identities(page)
        yield page
        more = _next_page(found, wanted, page, number) if found.page else _following(found, outcome, hosts)
        if not more:
            return
        if (mark := json.dumps(more)) in seen:
            raise Broken("a page leads on to one that was there before", "another page", dict(more), outcome)
        seen.add(mark)
    raise CannotTell(f"{found.operation.id} has more than {MOST_PAGES} pages")


def _next_page(found: Listing, wanted: Mapping[str, Any], page: list[Any], number: int) -> Mapping[str, Any]:
    """Tell what to ask for the page with the next number; nothing on the last."""
    size = wanted.get(found.limit)
    return {} if not page or (isinstance(size, int) and len(page) < size) else {found.page: number}


def _following(found: Listing, outcome: Outcome, hosts: frozenset[str | None]) -> Mapping[str, Any]:
    """Tell what to ask for what follows a page; nothing on the last. An address must be that of one of `hosts`. Raises Broken."""
    mark = outcome.at(found.next) if found.next and outcome.accepted else None
    if not mark or not found.cursor:
        return {}
    if isinstance(mark, str) and mark.startswith(_ADDRESS[:2]) and urlsplit(mark).hostname not in hosts:
        raise Broken("the address of the next page is that of another host", " or ".join(map(str, hosts)), mark, outcome)
    if isinstance(mark, str) and mark.startswith(_ADDRESS) and not found.cursor.startswith("/"):
        query = parse_qs(urlsplit(mark).query)
        return {found.cursor: query[found.cursor][-1]} if found.cursor in query else {}
    return {found.cursor: mark}


def whole(caller: Caller, found: Listing, wanted: Mapping[str, Any] | None = None) -> list[Any]:
    """Read all pages of a list, as few as it admits; see `walk`."""
    wide = {found.limit: WIDE} if found.limit else {}
    return [item for page in walk(caller, found, {**wide, **(wanted or {})}) for item in page]


# --- what the document says of a parameter, and what an item is -------------------------------------------------------------------


def schema_of(spec: Spec, found: Listing, name: str) -> Mapping[str, Any]:
    """Find the schema of a parameter of a list; an empty one where the document has none."""
    if not name.startswith("/"):
        for node, where in named_parameters(spec, found.operation):
            if node["name"] == name:
                return _mapping(follow(spec, f"{where}/schema")[0])
        return {}
    node, where = next(((node, place) for _, at_ in bodies(spec, found.operation) for node, place in [follow(spec, at_)]), ({}, ""))
    for step in steps_of(name):
        if step not in _mapping(node).get("properties", {}):
            return {}
        node, where = follow(spec, f"{where}/properties{pointer(step)}")
    return _mapping(node)


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}


def value_at(item: Any, place: str) -> Any:
    """Find a member of an item by pointer; None where it has none."""
    try:
        return at(item, place)
    except KeyError:
        return None


def identity(item: Any) -> str:
    """Name an item so that two of the same name are the same thing: by its id, else by all that it is."""
    names = ["id", *(name for name in _mapping(item) if name.lower().replace("_", "") in ("uuid", "externalid"))]
    found = next((item[name] for name in names if isinstance(item, Mapping) and isinstance(item.get(name), (str, int))), None)
    return json.dumps(item, sort_keys=True) if found is None else str(found)


def identities(items: list[Any]) -> list[str]:
    """Name the items of a list; see `identity`."""
    return [identity(item) for item in items]
