"""What is wrong with a request, found out once for each part that is judged alone; where the part comes again that is only moved there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any

from contracts.payloads.label import place_of
from contracts.payloads.schema import Bundle
from contracts.payloads.sites import Site
from contracts.payloads.witness import Finder, Found
from sandbox import codec
from sandbox.exchange import Problem

_DIRECT = frozenset(("properties", "patternProperties", "additionalProperties", "prefixItems", "items", "$ref", "allOf"))
_SEEING = frozenset(("unevaluatedProperties", "unevaluatedItems"))
_LONGEST = 10_000  # bytes of a part that is worth keeping


@dataclass(frozen=True, eq=False, slots=True)
class _Base:
    """A place whose schema at `where` alone decides what is wrong with what comes there."""

    where: str
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
        if (known := told.get((base.where, part))) is not None:
            return tuple(_at(problem, place + problem.place) for problem in known)
        problems = plain(found.request)
        if len(part) <= _LONGEST and all(_is_its_own(problem, place) for problem in problems):
            told[base.where, part] = tuple(_at(problem, problem.place[len(place) :]) for problem in problems)
        return problems

    def _base(self, start: Site) -> _Base | None:
        """Find the part around a place that is judged alone; None where there is none that any value may be put into."""
        site = base_of(start, self._finder.schema.bundle)
        contexts, _ = self._finder.contexts(site)
        if not site.where or len(contexts) > 1 or contexts[0].sign < 0 or contexts[0].demands:
            return None
        return _Base(site.where, contexts[0].steps, place_of(contexts[0].steps))


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


def _is_its_own(problem: Problem, place: str) -> bool:
    """Tell whether a problem lies in a part, and is no wrong tag: of those the branches around the part decide which is told."""
    return f"{problem.place}/".startswith(f"{place}/") and problem.keyword != "const"


def _at(problem: Problem, place: str) -> Problem:
    return Problem(place, problem.keyword, problem.message, problem.expected, problem.value, problem.rule, problem.values)
