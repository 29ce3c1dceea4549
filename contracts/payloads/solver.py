"""Finds a value that satisfies some schemas and breaks others: a tableau over the keywords of JSON Schema.

Demands (see `facets`) are taken apart until only bounds are left; where there is a choice each way is tried in turn. Then a value is
built, as small as it may be. When nothing is found and `exact` is still true, there is nothing to be found: `reasons` says what stood
in the way.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.payloads import patterns, strings
from contracts.payloads.facets import OPEN, Demand, Facets, Hole, Spot, Step, Ways, kind_of
from contracts.payloads.holes import HOLES
from contracts.payloads.judge import listed, same
from contracts.payloads.keywords import WAYS
from contracts.payloads.numbers import numbers
from contracts.payloads.schema import MUTE, Bundle

MAX_STEPS = 20_000
MAX_DEPTH = 24
_CHEAP = {"required": -1, "const": 0, "enum": 0, "type": 0, "properties": 2, "allOf": 2}  # which keyword is best broken first


class Solver:
    """Searches for values within one document.

    `full` gives objects all the members they may have; with a pattern in `quick`
    texts are only guessed, near that one.
    """

    def __init__(self, bundle: Bundle, *, full: bool = False) -> None:
        self.bundle = bundle
        self.full = full
        self.quick: str | None = None
        self.exact = True
        self.reasons: dict[str, None] = {}
        self._steps = 0
        self._known: dict[Any, tuple[Any, Any]] = {}

    def start(self) -> None:
        """Forget what the last search could not find."""
        self.exact, self.reasons, self._steps = True, {}, 0

    def solve(self, demands: Iterable[Step], *, plain: bool = False, depth: int = 0) -> Iterator[Any]:
        """Yield values, the plainest first. With `plain` the examples of the document are tried before anything else."""
        demands = tuple(demands)
        if depth > MAX_DEPTH:
            self.exact = False
            return
        for facets in self._open(list(demands), Facets()):
            yield from self._build(facets, demands, plain=plain, depth=depth)

    def ways(self, demands: Iterable[Step]) -> Iterator[Facets]:
        """Yield what is known of a value for each way in which demands can be taken apart."""
        return self._open(list(demands), Facets())

    def each_way(self, demands: Iterable[Step]) -> Iterator[Any]:
        """Yield one value for each way in which demands can be taken apart."""
        demands = tuple(demands)
        for facets in self._open(list(demands), Facets()):
            yield from itertools.islice(self._build(facets, demands, plain=True, depth=0), 1)

    def first(self, demands: Iterable[Step], *, depth: int = 0) -> Any:
        """Find the plainest value; raises LookupError where there is none. What was found once is not searched for again."""
        demands = tuple(demands)
        key = tuple((id(one[0]), *one[1:]) if isinstance(one, tuple) else id(one) for one in demands)
        if key not in self._known:
            value = next(self.solve(demands, plain=True, depth=depth), OPEN)
            if value is OPEN and not self.exact:
                raise LookupError
            self._known[key] = (value, demands)  # the demands are kept so that their ids stay theirs
        value = self._known[key][0]
        if value is OPEN:
            raise LookupError
        return value

    def fail(self, reason: str) -> None:
        """Note why a way is closed."""
        self.reasons[reason] = None

    # --- taking demands apart ------------------------------------------------------------------------------------------------

    def _open(self, todo: list[Step], facets: Facets, forks: tuple[Ways, ...] = ()) -> Iterator[Facets]:
        waiting = list(forks)
        while todo:
            self._steps += 1
            if self._steps > MAX_STEPS:
                self.exact = False
                return
            step = todo.pop()
            if callable(step):
                if step(facets) is False or not facets.types:
                    self.fail("no type is left")
                    return
                continue
            ways = self._ways(step, facets)
            if not ways:
                return
            if len(ways) == 1:
                todo.extend(ways[0])
            else:
                waiting.append(ways)
        if not waiting:
            yield facets
            return
        ways = min(waiting, key=len)
        waiting = [other for other in waiting if other is not ways]
        for left, way in zip(range(len(ways) - 1, -1, -1), ways, strict=True):
            yield from self._open(list(way), facets.copy() if left else facets, tuple(waiting))

    def _ways(self, step: Demand | Hole, facets: Facets) -> Ways:
        if isinstance(step, Hole):
            return HOLES[step.key](self, step)
        node, key, yes = step
        if key == "open":
            return [[]]
        if isinstance(node, bool):
            if node is not yes:
                self.fail("a schema forbids it")
            return [[]] if node is yes else []
        if key is None and yes:
            facets.examples += [*node.get("examples", ()), *((node["default"],) if "default" in node else ())]
        known = self.bundle.ways(node)
        ways = known.get((key, yes))
        if ways is None:
            ways = self._apart(node, key, yes=yes)
            if ways:  # where there are none, the reason is to be told every time
                known[key, yes] = ways
        return ways

    def _apart(self, node: Mapping[str, Any], key: str | None, *, yes: bool) -> Ways:
        """Take a schema apart, or one keyword of it: what it comes to does not depend on the value."""
        if key is not None:
            return WAYS[key](self, node, yes) if key in WAYS else ([[]] if yes else [])
        if yes:
            return [[Demand(node, key, yes=True) for key in node if key not in MUTE and key in WAYS]]
        telling = any(isinstance(child, dict) and "const" in child for child in node.get("properties", {}).values())
        cheap = {**_CHEAP, "properties": -2} if telling else _CHEAP
        keys = sorted((key for key in node if key not in MUTE and key in WAYS), key=lambda key: cheap.get(key, 1))
        return [way for key in keys for way in WAYS[key](self, node, yes)]

    # --- building values -----------------------------------------------------------------------------------------------------

    def _build(self, facets: Facets, demands: tuple[Step, ...], *, plain: bool, depth: int) -> Iterator[Any]:
        if facets.values is not None:
            yield from self._chosen(facets, demands)
            return
        if plain:
            yield from self._shown(facets, demands)
        excluded = listed(facets.nots)
        for kind in ("string", "integer", "fraction", "boolean", "object", "array", "null"):
            if kind not in facets.types:
                continue
            for value in self._of(kind, facets, depth):
                if not excluded(value) and self._checked(value, facets):
                    yield value
                elif kind in ("boolean", "null"):
                    self.fail(f"{value!r} is excluded")

    def _checked(self, value: Any, facets: Facets) -> bool:
        if facets.checks and isinstance(value, (dict, list)) and not _open_in(value) and not self.satisfies(value, facets.checks):
            self.exact = False
            self.fail("what is evaluated decides, and no value is found for it")
            return False
        return True

    def _chosen(self, facets: Facets, demands: tuple[Step, ...]) -> Iterator[Any]:
        found = False
        demands = tuple(sorted(demands, key=lambda one: one[1] is None))  # single keywords first: they soon say no
        for value in facets.values or ():
            if kind_of(value) in facets.types and self.satisfies(value, demands):
                found = True
                yield value
        if not found:
            self.fail("of the values that are listed none is left")

    def _shown(self, facets: Facets, demands: tuple[Step, ...]) -> Iterator[Any]:
        for value in facets.examples:
            if not isinstance(value, (dict, list)) and self.satisfies(value, demands):
                yield value

    def satisfies(self, value: Any, demands: Iterable[Step]) -> bool:
        """Tell whether a value meets demands without holes."""
        for node, key, yes in demands:
            if key == "open":
                continue
            held = self.bundle.holds(node, value) if key is None else self.bundle.keeps(node, key, value) if key in node else True
            if held is not yes:
                return False
        return True

    def _of(self, kind: str, facets: Facets, depth: int) -> Iterator[Any]:
        if kind == "string":
            yield from strings.strings(self, facets)
        elif kind in ("integer", "fraction"):
            yield from numbers(self, facets, whole=kind == "integer")
        elif kind == "boolean":
            yield from (True, False)
        elif kind == "null":
            yield None
        elif kind == "array":
            yield from self._arrays(facets, depth)
        else:
            yield from self._objects(facets, depth)

    # --- arrays --------------------------------------------------------------------------------------------------------------

    def _arrays(self, facets: Facets, depth: int) -> Iterator[Any]:
        if any(most is not None and least > most for _, least, most in _joined(facets.contains)):
            self.fail("no array has so many items that fit, and no more")
            return
        wanted = [least + (facets.spot is not None and schema is facets.spot[0]) for schema, least, _ in facets.contains]
        low = max([facets.count.low, *(index + 1 for index in facets.slots), *wanted, (facets.spot[1] + 1) if facets.spot else 0])
        low = max(low, 1 if self.full and facets.count.high != 0 and not facets.slots else 0, 2 if facets.distinct is False else 0)
        high = facets.count.high
        if high is not None and low > high:
            low = max(low - 1, 0) if self.full and low == 1 else low
        if high is not None and low > high:
            self.fail(f"no array has at least {low} and at most {high} items")
            return
        for size in range(low, low + 3 if high is None else min(high, low + 2) + 1):
            yield from self._items(facets, size, depth)

    def _items(self, facets: Facets, size: int, depth: int) -> Iterator[list[Any]]:
        demands = [
            [*facets.slots.get(at, ()), *(one for start, stop, one in facets.rest if at >= start and (stop is None or at < stop))]
            for at in range(size)
        ]
        self._counted(facets, demands)
        if facets.distinct is False:
            demands[-1] = demands[-2] = [*demands[-1], *demands[-2]]
        values: list[Any] = []
        for at in range(size):
            try:
                values.append(values[-1] if facets.distinct is False and at == size - 1 else self._item(demands[at], values, facets, depth))
            except LookupError:
                self.fail(f"no item fits at position {at}")
                # Which items fit is a choice of ours where several `contains` share an array, so that is no proof.
                self.exact = self.exact and len(_joined(facets.contains)) + (facets.spot is not None) <= 1
                return
        yield values

    @staticmethod
    def _counted(facets: Facets, demands: list[list[Step]]) -> None:
        """Share out what `contains` demands: the first items fit, and where there are bounds the others do not."""
        for schema, least, most in _joined(facets.contains):
            for at, one in enumerate(demands):
                if at < least or most is not None:
                    one.append(Demand(schema, None, yes=at < least))
        if facets.spot is not None:
            schema, others = facets.spot
            for at, one in enumerate(demands):
                one.append(OPEN if at == others else Demand(schema, None, yes=at < others))

    def _item(self, demands: list[Step], before: list[Any], facets: Facets, depth: int) -> Any:
        if any(one is OPEN for one in demands):
            return Spot(tuple(one for one in demands if one is not OPEN))
        if not (facets.distinct and before):
            return self.first(demands, depth=depth + 1)
        for value in itertools.islice(self.solve(demands, plain=True, depth=depth + 1), 2 * len(before) + 8):
            if not any(same(value, other) for other in before):
                return value
        raise LookupError

    # --- objects -------------------------------------------------------------------------------------------------------------

    def _objects(self, facets: Facets, depth: int) -> Iterator[Any]:
        names = self._names(facets)
        if names is None:
            return
        if facets.members.empty:
            self.fail(f"no object has at least {facets.members.low} and at most {facets.members.high} members")
            return
        if self.full and facets.members.high is None:
            names.update(dict.fromkeys(name for name in facets.properties if name not in facets.ban))
        result: dict[Any, Any] = {}
        for name in [*(name for name in facets.properties if name in names), *(name for name in names if name not in facets.properties)]:
            try:
                result[name] = self._member(name, facets, depth)
            except LookupError:
                if name in facets.need or not self.full:
                    self.fail(f"no value fits the member {name!r}")
                    return
        for excluded, patterned, values, named in facets.fresh:
            self._fresh(result, facets, (excluded | set(names), patterned, values, named), depth)
        if not self._filled(result, facets, depth):
            return
        yield result

    def _names(self, facets: Facets) -> dict[str, None] | None:
        """Collect the members that must be there; None where that cannot be."""
        names = dict(facets.need)
        changed = True
        while changed:
            changed = False
            for one, other in facets.dependent:
                if one in names and other not in names:
                    names[other] = facets.need[other] = None
                    changed = True
        if bad := next((name for name in names if name in facets.ban), None):
            self.fail(f"the member {bad!r} is both required and forbidden")
            return None
        high = facets.members.high
        if high is not None and len(names) + len(facets.fresh) > high:
            self.fail(f"{len(names)} members are required and {high} allowed")
            return None
        return names

    def _of_member(self, name: str, facets: Facets) -> list[Step]:
        demands = list(facets.properties.get(name, ()))
        demands += [one for pattern, one in facets.matching if patterns.compiled(pattern).search(name)]
        demands += [
            one
            for known, patterned, one in facets.additional
            if name not in known and not any(patterns.compiled(pattern).search(name) for pattern in patterned)
        ]
        return demands

    def _member(self, name: str, facets: Facets, depth: int) -> Any:
        if facets.names and not self.satisfies(name, facets.names):
            raise LookupError
        demands = self._of_member(name, facets)
        if any(one is OPEN for one in demands):
            return Spot(tuple(one for one in demands if one is not OPEN))
        return self.first(demands, depth=depth + 1)

    def _fresh(self, result: dict[Any, Any], facets: Facets, wanted: tuple[Any, ...], depth: int) -> None:
        """Add a member under a new name; where none is found nothing is added."""
        excluded, patterned, values, named = wanted
        text = Demand({"type": "string"}, None, yes=True)
        if any(one is OPEN for one in named):
            unlike = Demand({"enum": sorted(excluded)}, None, yes=False)
            spot = Spot((text, *facets.names, *(one for one in named if one is not OPEN), unlike))
            result[spot] = self.first([one for _, _, one in facets.additional], depth=depth + 1)
            return
        for name in self._offered(result, facets, [text, *named, *facets.names], depth):
            if name in excluded or any(patterns.compiled(pattern).search(name) for pattern in patterned):
                continue
            if not self.satisfies(name, [*named, *facets.names]):
                continue
            demands = [*values, *self._of_member(name, facets)]
            if any(one is OPEN for one in demands):
                result[name] = Spot(tuple(one for one in demands if one is not OPEN))
                return
            with contextlib.suppress(LookupError):
                result[name] = self.first(demands, depth=depth + 1)
                return
        self.exact = self.exact and any(one.node is False and not found for _, found, one in facets.additional)
        self.fail("no name is left for a new member")

    def _offered(self, result: dict[Any, Any], facets: Facets, named: list[Step], depth: int) -> Iterator[str]:
        """Offer names for a new member: plain ones, such as patterns ask for, and those that are described elsewhere."""
        matching = [pattern for pattern, _ in facets.matching] + [pattern for _, found, _ in facets.additional for pattern in found]
        words = (itertools.islice(self.solve([Demand({"pattern": one}, None, yes=True)], depth=depth + 1), 3) for one in matching)
        known = list(facets.properties)
        new = itertools.chain(("other", "unexpected", "0", "-"), *words, itertools.islice(self.solve(named, depth=depth + 1), 40))
        for name in itertools.chain((name for name in new if name not in known), known):
            if isinstance(name, str) and name not in result and name not in facets.ban:
                yield name

    def _filled(self, result: dict[Any, Any], facets: Facets, depth: int) -> bool:
        """Add members until there are enough, those that are described first."""
        if len(result) >= facets.members.low:
            return len(result) - len(facets.need) >= len(facets.fresh) or self.full
        offered = [name for name in facets.properties if name not in result and name not in facets.ban]
        for name in offered[: facets.members.low - len(result)]:
            try:
                result[name] = self._member(name, facets, depth)
            except LookupError:
                continue
        numbered = 0
        while len(result) < facets.members.low and numbered < facets.members.low + 4:
            numbered += 1
            before = len(result)
            self._fresh(result, facets, (frozenset(result), (), [], []), depth)
            if len(result) == before:
                break
        if len(result) < facets.members.low:
            self.fail(f"no object has {facets.members.low} members here")
            return False
        return True


def _joined(found: list[tuple[Any, int, int | None]]) -> list[tuple[Any, int, int | None]]:
    """Join what is demanded of the number of items that fit one and the same schema."""
    joined: dict[int, tuple[Any, int, int | None]] = {}
    for schema, least, most in found:
        _, low, high = joined.get(id(schema), (schema, 0, None))
        joined[id(schema)] = (schema, max(low, least), most if high is None else high if most is None else min(high, most))
    return list(joined.values())


def _open_in(value: Any) -> bool:
    """Tell whether a value has an open place."""
    if isinstance(value, dict):
        return any(isinstance(key, Spot) or _open_in(inner) for key, inner in value.items())
    return isinstance(value, Spot) or (isinstance(value, list) and any(map(_open_in, value)))
