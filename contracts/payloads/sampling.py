"""More payloads of each kind than the derived ones, drawn by Hypothesis: the same seed gives the same ones, however many are asked for.

They come in pairs: a request that the document accepts, and the same one with a single value changed so that it breaks one rule. Nothing
but a small batch is ever held.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from contracts.payloads import ecma, syntax
from contracts.payloads.contexts import Context
from contracts.payloads.draws import draw
from contracts.payloads.facets import Demand, Facets
from contracts.payloads.payload import Payload
from contracts.payloads.schema import RequestSchema
from contracts.payloads.sites import sites
from contracts.payloads.solver import Solver
from contracts.payloads.witness import Finder
from contracts.payloads.writer import Writer
from sandbox.idents import number
from sandbox.spec import Operation, Spec

BATCH = 100
_FRUITLESS = 3  # batches without a single draw after which an operation has nothing more to give
_LONGEST = 40
_WAYS = 4
_WITH = 4  # fewer values than this go into a request beside the one that it is made for
_TRIES = 8
_TEXT = st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029\ufeff")

_JSON = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(_TEXT, max_size=_LONGEST)
    | st.lists(st.integers(0, 9), max_size=3)
    | st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 9), max_size=2)
)


@dataclass(frozen=True, eq=False, slots=True)
class _Place:
    """A place of a request, and values that it may have."""

    context: Context
    good: st.SearchStrategy[Any]


def payloads(spec: Spec, operation: Operation, count: int, seed: int) -> Iterator[Payload]:
    """Yield `count` accepted payloads, each followed by a refused one where a change of one value breaks one rule.

    Nothing comes where an operation takes nothing that could vary. What is named in a path and who is calling do not vary.
    """
    schema = RequestSchema(spec, operation)
    writer = Writer(schema)
    places = [place for place in _places(schema) if place.context.steps[0] != "path" and place.context.steps != writer.credential]
    base = _smallest(schema)
    if not places or base is None:
        return
    values = _values(places)
    given = fruitless = 0
    for index in itertools.count():
        if given >= count or fruitless >= _FRUITLESS:
            return
        batch = _Batch(schema, base, draw(values, BATCH, (seed, operation.id, index)), (seed, operation.id, index))
        fruitless = 0 if batch.values else fruitless + 1
        for at in range(min(len(batch.values), count - given)):
            given += 1
            yield from _labelled(writer, given, batch.pair(at))


def _labelled(writer: Writer, count: int, drawn: tuple[Any, Any, tuple[Any, ...]]) -> Iterator[Payload]:
    good, bad, steps = drawn
    accepted = writer.drawn_good(good, count)
    yield accepted
    if bad is not None:
        yield writer.drawn_bad(bad, steps, count, accepted.id)


def _smallest(schema: RequestSchema) -> Mapping[str, Any] | None:
    demands = [Demand(schema.root, None, yes=True), Demand(schema.world, None, yes=True)]
    return next((request for request in Solver(schema.bundle).solve(demands, plain=True) if schema.ok(request)), None)


def _places(schema: RequestSchema) -> Iterator[_Place]:
    """Yield the places of a request that may have more than one value."""
    finder = Finder(schema)
    solver = Solver(schema.bundle)
    for site in sites(schema):
        if site.first is not None or site.above is None or not site.plain or not site.where:
            continue
        for context in finder.contexts(site.start)[0][:1]:
            if context.sign < 0 or any(not isinstance(step, (str, int)) for step in context.steps):
                continue
            solver.start()
            ways = []
            for facets in solver.ways([*context.demands, Demand(site.node, None, yes=True)]):
                ways.append(_strategy(facets))
                if len(ways) >= _WAYS:
                    break
            kept = [way for way in ways if way is not None]
            if kept:
                yield _Place(context, st.one_of(kept))


def _strategy(facets: Facets) -> st.SearchStrategy[Any] | None:
    """Make a strategy of what is known of a value; None where there is nothing to vary."""
    if facets.values is not None:
        return st.sampled_from(facets.values) if facets.values else None
    found: list[st.SearchStrategy[Any]] = []
    if "string" in facets.types:
        found.append(_texts(facets))
    if {"integer", "fraction"} & facets.types:
        found.append(_numbers(facets))
    if "boolean" in facets.types:
        found.append(st.booleans())
    if "null" in facets.types and len(facets.types) < _WAYS:
        found.append(st.none())
    return st.one_of(found) if found else None


def _texts(facets: Facets) -> st.SearchStrategy[str]:
    low, high = facets.length.low, facets.length.high
    named = [name for name, yes in facets.formats if yes and name in syntax.GOOD]
    if named:
        return st.sampled_from([text for _, text in syntax.GOOD[named[0]]])
    wanted = [pattern for pattern, yes in facets.languages if yes]
    if wanted:
        try:
            return st.from_regex(ecma.compiled(wanted[0]), alphabet=_TEXT).map(lambda text: text[: _LONGEST * 4])
        except ecma.Unknown:
            return st.just("")
    longest = max(low, _LONGEST) if high is None else min(high, max(low, _LONGEST))
    return st.text(_TEXT, min_size=min(low, longest), max_size=longest)


def _numbers(facets: Facets) -> st.SearchStrategy[Any]:
    inside = facets.number
    steps = [one for one, yes in facets.multiples if yes]
    grid = steps[0] if steps else Fraction(1) if "integer" in facets.types else Fraction(1, 100)
    low = None if inside.low is None else math.ceil(inside.low / grid)
    high = None if inside.high is None else math.floor(inside.high / grid)
    if low is not None and high is not None and low > high:
        return st.just(float(inside.low or 0))
    wide = 10**12
    start = low if low is not None else -wide if high is None else high - wide
    return st.integers(start, high if high is not None else start + 2 * wide).map(lambda index: _plain(grid * index))


def _plain(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)


@dataclass(frozen=True, eq=False, slots=True)
class _Drawn:
    """A value that fits a place, and one of any kind that probably does not."""

    place: _Place
    good: Any
    any: Any


def _values(places: list[_Place]) -> st.SearchStrategy[_Drawn]:
    @st.composite
    def values(draw: st.DrawFn) -> _Drawn:
        place = draw(st.sampled_from(places))
        return _Drawn(place, draw(place.good), draw(_JSON))

    return values()


@dataclass(frozen=True, eq=False, slots=True)
class _Batch:
    """Values of which requests are made. Which go together follows from `seed`."""

    schema: RequestSchema
    base: Mapping[str, Any]
    values: list[_Drawn]
    seed: tuple[Any, ...]

    def pair(self, at: int) -> tuple[Any, Any, tuple[Any, ...]]:
        """Put up to three values and then the one at a position into a request; break it with another where that breaks one rule alone.

        The third value says where it was broken.
        """
        good: Any = self.base
        used = [*(self._any(at, "good", step) for step in range(number(_WITH, *self.seed, at))), self.values[at]]
        for drawn in used:
            tried = _merged(good, drawn.place.context.fill(drawn.good))
            good = tried if _sound(self.schema, tried) else good
        used.append(self._any(at, "where"))
        for step in range(_TRIES):
            steps = used[step % len(used)].place.context.steps
            bad = _set(good, steps, self._any(at, "bad", step).any)
            if bad is not None and not self.schema.ok(bad) and _travels(self.schema, bad) and len(self.schema.problems(bad)) == 1:
                return good, bad, steps
        return good, None, ()

    def _any(self, *use: object) -> _Drawn:
        return self.values[number(len(self.values), *self.seed, *use)]


def _sound(schema: RequestSchema, request: Any) -> bool:
    return schema.ok(request) and _travels(schema, request)


def _travels(schema: RequestSchema, request: Any) -> bool:
    return schema.bundle.holds(schema.world, request)


def _merged(one: Any, other: Any) -> Any:
    """Lay one request over another: what both have is taken from the second."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{name: _merged(one[name], value) if name in one else value for name, value in other.items()}}
    return other


def _set(node: Any, steps: tuple[Any, ...], value: Any) -> Any:
    """Write a request with one value changed; None where it has no such place."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(node, dict) and step in node:
        inner = _set(node[step], rest, value)
        return None if inner is None and rest else {**node, step: inner}
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        inner = _set(node[step], rest, value)
        return None if inner is None and rest else [*node[:step], inner, *node[step + 1 :]]
    return None
