"""Small schemas at random, of all keywords together, and values small enough to try them all: what is said of edits can be held to them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

NAMES = ("a", "b", "p")
SCALARS: tuple[Any, ...] = (
    {}, True, False, {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": ["string", "null"]}, {"const": 1},
    {"enum": ["a", "aa", 1]}, {"type": "string", "maxLength": 1}, {"type": "string", "minLength": 1, "maxLength": 2},
    {"type": "string", "pattern": "^a"}, {"type": "integer", "minimum": 0, "maximum": 1}, {"type": "integer", "multipleOf": 2},
    {"type": "number", "exclusiveMinimum": 0}, {"not": {"type": "string"}}, {"not": {"enum": ["a", 0]}},
    {"type": "string", "pattern": "^[ab]$", "not": {"const": "a"}}, {"type": "string", "pattern": "^a{0,2}$", "not": {"enum": ["a", ""]}},
)  # fmt: skip
PLAIN: tuple[Any, ...] = (None, True, 0, 1, 2, -1, 0.5, "", "a", "b", "aa", "ab", "p", "aaa", [], {})
FEW: tuple[Any, ...] = (None, 0, 1, "a", "aa", {})
MEMBERS = ("a", "b", "p", "pp", "x", "ab")
VALUES: tuple[Any, ...] = (
    *PLAIN,
    *([one] for one in PLAIN),
    *map(list, itertools.product(FEW, repeat=2)),
    *([0, 0, 0], ["a", "a", "a"], [0, 1, "a"], [[0]], [["a"]]),
    *({name: one} for name in MEMBERS for one in (*PLAIN, ["a"], [0], {"a": 1}, {"a": "a"}, {"b": 0})),
    *({one: x, other: y} for one, other in itertools.combinations(MEMBERS, 2) for x in FEW for y in (*FEW, True)),
    *({"a": x, "b": y, "p": z} for x in FEW for y in (0, "a", None) for z in (0, "a", "aa")),
)


class Schemas:
    """Makes schemas; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def schema(self, depth: int = 2) -> Any:
        """Make one that holds others down to a depth."""
        if depth <= 0:
            return self._random.choice(SCALARS)
        kinds: list[Callable[[int], Any]] = [self._object, self._array, self._scalar, self._joined]
        return self._random.choices(kinds, (4, 2, 2, 2))[0](depth)

    def _scalar(self, _: int) -> Any:
        return self._random.choice(SCALARS)

    def _some(self, **members: tuple[float, Callable[[], Any]]) -> dict[str, Any]:
        return {name: make() for name, (chance, make) in members.items() if self._random.random() < chance}

    def _names(self) -> list[str]:
        return self._random.sample(NAMES, self._random.randint(1, 2))

    def _object(self, depth: int) -> dict[str, Any]:
        choice, number = self._random.choice, self._random.randint
        return self._some(
            type=(0.8, lambda: "object"),
            properties=(0.7, lambda: {name: self.schema(depth - 1) for name in self._names()}),
            required=(0.5, self._names),
            additionalProperties=(0.3, lambda: choice([False, self.schema(depth - 1)])),
            patternProperties=(0.2, lambda: {choice(["^a", "^p$", "b"]): self.schema(depth - 1)}),
            maxProperties=(0.25, lambda: number(0, 2)),
            minProperties=(0.2, lambda: number(1, 2)),
            propertyNames=(0.15, lambda: choice([{"maxLength": 1}, {"pattern": "^a"}, {"enum": ["a", "b"]}])),
            dependentRequired=(0.15, lambda: {choice(NAMES): [choice(NAMES)]}),
            dependentSchemas=(0.1, lambda: {choice(NAMES): self.schema(depth - 1)}),
            unevaluatedProperties=(0.12, lambda: choice([False, False, self._scalar(0)])),
        )

    def _array(self, depth: int) -> dict[str, Any]:
        choice, number = self._random.choice, self._random.randint
        made = self._some(
            type=(0.8, lambda: "array"),
            items=(0.6, lambda: self.schema(depth - 1)),
            maxItems=(0.4, lambda: number(0, 2)),
            minItems=(0.4, lambda: number(1, 2)),
            uniqueItems=(0.3, lambda: True),
            prefixItems=(0.2, lambda: [self.schema(depth - 1)]),
            contains=(0.25, lambda: self._scalar(0)),
            unevaluatedItems=(0.1, lambda: choice([False, self._scalar(0)])),
        )
        counts = self._some(minContains=(0.4, lambda: number(0, 2)), maxContains=(0.4, lambda: number(1, 2)))
        return made | (counts if "contains" in made else {})

    def _joined(self, depth: int) -> dict[str, Any]:
        keyword = self._random.choice(["allOf", "anyOf", "oneOf", "not", "if"])
        if keyword == "if":
            made = {"if": self.schema(depth - 1), "then": self.schema(depth - 1)}
            made |= self._some(**{"else": (0.5, lambda: self.schema(depth - 1))})
        else:
            made = {keyword: self.schema(depth - 1) if keyword == "not" else [self.schema(depth - 1) for _ in range(2)]}
        return (self._random.choice([self._object, self._array])(depth) if self._random.random() < 0.4 else {}) | made
