"""Finds a value that satisfies some schemas and breaks others: a tableau over the keywords of JSON Schema.

Demands (see `facets`) are taken apart until only bounds are left; where there is a choice each way is tried in turn. Then a value is
built, as small as it may be. When nothing is found and `exact` is still true, there is nothing to be found: `reasons` says what stood
in the way.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from contracts.payloads import strings
from contracts.payloads.arrays import arrays
from contracts.payloads.facets import OPEN, Demand, Facets, Hole, Spot, Step, Ways, kind_of
from contracts.payloads.holes import HOLES
from contracts.payloads.judge import Test, listed
from contracts.payloads.keywords import WAYS
from contracts.payloads.numbers import TRIES, numbers
from contracts.payloads.objects import names_of, objects
from contracts.payloads.parts import tells
from contracts.payloads.schema import MUTE, WHOLE, Bundle
from sandbox.validation import MANY

MAX_STEPS = 20_000
MAX_DEPTH = 24
_PATIENCE = 500  # steps after which a search looks ahead into objects
_NONE_LISTED = "of the values that are listed none is left"
_OBJECT = frozenset(("object",))
_COUNTED = frozenset(("integer", "boolean", "null"))  # kinds of which all values are tried, or more than are excluded
_CHEAP = {"required": -1, "const": 0, "enum": 0, "type": 0, "properties": 2, "allOf": 2}  # which keyword is best broken first


class Solver:
    """Searches for values within one document.

    `full` gives objects the members they may have: all of them, until a value has `most` parts (schemas that are used again and again
    describe values of millions). With a pattern in `quick` texts are only guessed, near that one. Without `whole` nobody asks what has
    been looked at: of `unevaluated…` only that holds which does not depend on the value.
    """

    def __init__(self, bundle: Bundle, *, full: bool = False, most: int = MANY, whole: bool = True) -> None:
        self.bundle = bundle
        self.full = full
        self.most = most
        self.quick: str | None = None
        self.whole = whole
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
        for facets in self._open(list(demands), Facets(), depth=depth):
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
        key = (*[(id(one[0]), *one[1:]) if isinstance(one, tuple) else id(one) for one in demands],)
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

    def _open(self, todo: list[Step], facets: Facets, forks: tuple[Ways, ...] = (), depth: int = 0) -> Iterator[Facets]:
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
        if self._is_hopeless(facets, depth):
            return
        ways = min(waiting, key=len)
        waiting = [other for other in waiting if other is not ways]
        for left, way in zip(range(len(ways) - 1, -1, -1), ways, strict=True):
            yield from self._open(list(way), facets.copy() if left else facets, tuple(waiting), depth)

    def _is_hopeless(self, facets: Facets, depth: int) -> bool:
        """Tell whether nothing is left, whichever way is taken elsewhere. Objects are looked into when a search goes on for long."""
        if facets.values is not None and not any(kind_of(value) in facets.types for value in facets.values):
            self.fail(_NONE_LISTED)
            return True
        if self._steps <= _PATIENCE or facets.types != _OBJECT:
            return False
        if names_of(self, facets) is None:
            return True
        return any(self._has_none(name, facets.properties.get(name, ()), depth) for name in facets.need)

    def _has_none(self, name: str, demands: Sequence[Step], depth: int) -> bool:
        if len(demands) < 2 or any(one is OPEN for one in demands):
            return False
        exact, self.exact = self.exact, True
        try:
            self.first(demands, depth=depth + 1)
        except LookupError:
            if self.exact:
                self.fail(f"no value fits the member {name!r}")
            return self.exact
        finally:
            self.exact = exact
        return False

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
        if key is None and not yes:
            facets.broken |= {id(node)}
        if key is None and yes:
            facets.examples += (*node.get("examples", ()), *((node["default"],) if "default" in node else ()))
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
        cheap = {**_CHEAP, "properties": -2} if any(map(tells, node.get("properties", {}).values())) else _CHEAP
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
            yield from self._not_excluded(kind, facets, depth, excluded)

    def _not_excluded(self, kind: str, facets: Facets, depth: int, excluded: Test) -> Iterator[Any]:
        """Yield the values of a kind that a list does not exclude; where it excludes all arrays or objects, larger ones."""
        for _ in range(1 + len(facets.nots)):
            left_out = found = False
            for value in self._of(kind, facets, depth):
                if excluded(value):
                    left_out = True
                elif self._checked(value, facets):
                    found = True
                    yield value
            if found or not left_out:
                return
            if kind not in ("array", "object"):
                break
            if kind == "array":
                facets.count = facets.count.at_least(facets.count.low + 1)
            else:
                facets.members = facets.members.at_least(facets.members.low + 1)
        self.fail(f"of the {kind} values that are tried none is left")
        self.exact = self.exact and kind in _COUNTED and len(facets.nots) < TRIES

    def _checked(self, value: Any, facets: Facets) -> bool:
        decided = not (facets.checks and self.whole and isinstance(value, (dict, list))) or _open_in(value)
        if not (decided or self.satisfies(value, facets.checks)):
            self.exact = False
            self.fail("what is evaluated decides, and no value is found for it")
            return False
        return True

    def _chosen(self, facets: Facets, demands: tuple[Step, ...]) -> Iterator[Any]:
        found = False
        tests = [*self._tests(sorted(demands, key=lambda one: one[1] is None))]  # single keywords first: they soon say no
        for value in facets.values or ():
            if kind_of(value) in facets.types and all(test(value) is yes for test, yes in tests):
                found = True
                yield value
        if not found:
            self.fail(_NONE_LISTED)

    def _shown(self, facets: Facets, demands: tuple[Step, ...]) -> Iterator[Any]:
        for value in facets.examples:
            if not isinstance(value, (dict, list)) and self.satisfies(value, demands):
                yield value

    def satisfies(self, value: Any, demands: Iterable[Step]) -> bool:
        """Tell whether a value meets demands without holes."""
        for test, yes in self._tests(demands):  # noqa: SIM110 - called so often that a generator more would tell
            if test(value) is not yes:
                return False
        return True

    def _tests(self, demands: Iterable[Step]) -> Iterator[tuple[Test, bool]]:
        """Yield the test of each demand, and what it must say: every value keeps a keyword that is not there."""
        for node, key, yes in demands:
            if key is None:
                yield partial(self.bundle.holds, node), yes
            elif key != "open" and (self.whole or key not in WHOLE):
                yield (self.bundle.kept(node, key) if key in node else None) or _true, yes

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
            yield from arrays(self, facets, depth)
        else:
            yield from objects(self, facets, depth)


def _true(_: Any) -> bool:
    return True


def _open_in(value: Any) -> bool:
    """Tell whether a value has an open place."""
    if isinstance(value, dict):
        return any(isinstance(key, Spot) or _open_in(inner) for key, inner in value.items())
    return isinstance(value, Spot) or (isinstance(value, list) and any(map(_open_in, value)))
