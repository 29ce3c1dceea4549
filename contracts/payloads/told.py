"""What is wrong with a request, found out once for each part that is judged alone; where the part comes again that is only moved there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any

from contracts.payloads.contexts import Found
from contracts.payloads.label import place_of
from contracts.payloads.likeness import rules
from contracts.payloads.schema import Bundle
from contracts.payloads.sites import Site
from contracts.payloads.witness import Finder
from sandbox import codec
from sandbox.exchange import Problem

_DIRECT = frozenset(("properties", "patternProperties", "additionalProperties", "prefixItems", "items", "$ref", "allOf"))
_SEEING = frozenset(("unevaluatedProperties", "unevaluatedItems"))
_LONGEST = 10_000  # bytes of a part that is worth keeping


@dataclass(frozen=True, eq=False, slots=True)
class _Base:
    """A place whose schema at `where` alone decides what is wrong with what comes there. Schemas with one `key` find the same wrong."""

    where: str
    key: str | int
    steps: tuple[Any, ...]
    place: str


class Told:
    """Tells what is wrong with the requests of one operation."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._bases: dict[Site, _Base | None] = {}

    def problems(self, start: Site, found: Found, written: bytes) -> tuple[Problem, ...]:
        """Say what is wrong with a request that was found for a place; `written` is the JSON of the value there."""
        if start not in self._bases:
            self._bases[start] = self._base(start)
        base, plain = self._bases[start], self._finder.schema.problems
        if base is None or found.steps[: len(base.steps)] != base.steps:
            return plain(found.request)
        part = written if found.steps == base.steps else codec.dump(reduce(getitem, base.steps, found.request))
        told, place = self._finder.memory.told, base.place
        if (known := told.get((base.key, part))) is not None:
            return tuple(_moved(problem, "", place, known[0], base.where) for problem in known[1])
        problems = plain(found.request)
        if len(part) <= _LONGEST and all(problem.keyword != "const" for problem in problems):  # of a wrong tag what is around decides
            told[base.key, part] = base.where, tuple(_moved(problem, place, "", "", "") for problem in problems)
        return problems

    def _base(self, start: Site) -> _Base | None:
        """Find the part around a place that is judged alone; None where there is none that any value may be put into."""
        bundle = self._finder.schema.bundle
        site = base_of(start, bundle)
        if not site.where:  # made up to hold parameters together
            return None
        node, where = site.node, site.where
        while isinstance(node, dict) and rules(node).keys() == {"$ref"}:
            node, where = bundle.at(node["$ref"]), bundle.where(node["$ref"])
        moves = b'"$ref"' not in codec.dump(node)  # a rule goes with its schema, unless it may stand elsewhere
        steps = self._finder.contexts(site)[0][0].steps
        return _Base(where, self._finder.memory.number(node) if moves else where, steps, place_of(steps))


def base_of(start: Site, bundle: Bundle) -> Site:
    """Find the innermost place which alone decides what is wrong with one: further out no schema chooses, or sees what others saw."""
    site = found = start
    while site.above is not None:
        direct = site.key in _DIRECT or (site.key in ("anyOf", "oneOf") and _are_tagged(site.above.node[site.key], bundle))
        if not direct or _SEEING & site.above.node.keys():
            found = site.above.start
        site = site.above
    return found


def _are_tagged(branches: list[Any], bundle: Bundle) -> bool:
    """Tell whether a member that must be there says with its `const` which branch is meant, so that no other is looked at."""
    nodes = [bundle.at(branch["$ref"]) if isinstance(branch, dict) and branch.keys() == {"$ref"} else branch for branch in branches]
    if not all(isinstance(node, dict) for node in nodes):
        return False
    shared = set.intersection(*({*node.get("required", ())} for node in nodes))
    return any(len(_tags(name, nodes)) == len(nodes) for name in shared)


def _tags(name: str, nodes: list[dict[str, Any]]) -> set[str]:
    members = (node.get("properties", {}).get(name) for node in nodes)
    return {member["const"] for member in members if isinstance(member, dict) and isinstance(member.get("const"), str)}


def _moved(problem: Problem, place: str, to_place: str, where: str, to_where: str) -> Problem:
    """Write a problem at another place, and with its rule in another schema that says the same, unless the rule stands elsewhere."""
    rule = to_where + problem.rule[len(where) :] if problem.rule.startswith(where) else problem.rule
    place = to_place + problem.place[len(place) :]
    return Problem(place, problem.keyword, problem.message, problem.expected, problem.value, rule, problem.values)
