"""What is demanded of a value, and what is known of it before there is one.

A `Demand` asks that a keyword of a schema (None: the whole schema) holds or does not hold; a `Hole` that all of a keyword holds but
one part of it, which is left open: a `Spot` stands there. `Facets` are what remains when demands are taken apart: possible types and,
for each of them, bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, NamedTuple


class Demand(NamedTuple):
    """That a keyword of a schema holds, or does not; None stands for the whole schema."""

    node: Any
    key: str | None
    yes: bool


class Hole(NamedTuple):
    """That a keyword holds with one part left open: the schema below `key` at `name` (None where there is but one)."""

    node: Any
    key: str
    name: Any


@dataclass(frozen=True, eq=False, slots=True)
class Spot:
    """An open place in a value, and what the rest of the schemas demand of what comes there."""

    demands: tuple[Any, ...]


class Some(NamedTuple):
    """That there is a member whose name is none of these and is found by none of these patterns; what its value and its name must keep.

    `but` is a schema that others of the kind must keep and this one need not.
    """

    names: frozenset[str]
    patterns: tuple[str, ...]
    values: list[Any]
    named: list[Any]
    but: Any = None


OPEN = Demand(node=True, key="open", yes=True)  # what a hole leaves where its value goes
# Beside it, where what is around need not hold: it shows that there is such a place, and no more.
LOOSE = Demand(node=True, key="open", yes=True)
# With it, where items must differ: the others are the plainest that fit, or are not. What can't come beside the ones can beside the others.
NEAR = Demand(node={"title": "beside the plainest items"}, key="open", yes=True)
FAR = Demand(node={"title": "beside other items"}, key="open", yes=True)

KINDS = ("string", "integer", "fraction", "boolean", "object", "array", "null")  # a number is an integer or a fraction
ALL = frozenset(KINDS)


def kinds(wanted: Any) -> frozenset[str]:
    """Read a `type`."""
    names = wanted if isinstance(wanted, list) else [wanted]
    return frozenset(kind for name in names for kind in (("integer", "fraction") if name == "number" else (name,)))


_KIND_OF: dict[type, str] = {str: "string", int: "integer", bool: "boolean", dict: "object", list: "array", type(None): "null"}


def kind_of(value: Any) -> str:
    """Name the kind of a value."""
    kind = _KIND_OF.get(type(value))
    return kind if kind is not None else "integer" if value == int(value) else "fraction"


def exact(number: float) -> Fraction:
    """Read a JSON number as it is written in decimals."""
    return Fraction(number) if isinstance(number, int) else Fraction(Decimal(repr(number)))


class Interval(NamedTuple):
    """A stretch of numbers; an open end leaves its bound out."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False

    def at_least(self, bound: Fraction, *, more: bool = False) -> Interval:
        """Raise the lower end."""
        if self.low is None or bound > self.low or (bound == self.low and more):
            return self._replace(low=bound, low_open=more)
        return self

    def at_most(self, bound: Fraction, *, less: bool = False) -> Interval:
        """Lower the upper end."""
        if self.high is None or bound < self.high or (bound == self.high and less):
            return self._replace(high=bound, high_open=less)
        return self

    def has(self, value: Fraction) -> bool:
        """Tell whether a number lies inside."""
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        return above and (self.high is None or value < self.high or (value == self.high and not self.high_open))

    def __str__(self) -> str:
        ends = [("-∞" if self.low is None else f"{float(self.low):.12g}"), ("∞" if self.high is None else f"{float(self.high):.12g}")]
        return f"{'(' if self.low_open or self.low is None else '['}{', '.join(ends)}{')' if self.high_open or self.high is None else ']'}"


class Span(NamedTuple):
    """How many characters, items or members; `high` None is without end."""

    low: int = 0
    high: int | None = None

    def at_least(self, bound: int) -> Span:
        """Raise the lower end."""
        return Span(max(self.low, bound), self.high)

    def at_most(self, bound: int) -> Span:
        """Lower the upper end."""
        return Span(self.low, bound if self.high is None else min(self.high, bound))

    @property
    def empty(self) -> bool:
        """Whether no count is left."""
        return self.high is not None and self.high < self.low


# Which items of an array `contains` asks for: as few as can be at the beginning or at the end, or as many as may be at the beginning;
# or where several ask, those of each apart from those of the others, at the end.
Order = Literal["first", "last", "many", "apart"]


_NONE: Mapping[Any, Any] = MappingProxyType({})


class Facets:
    """What a value must be. Tuples of tuples end in what is demanded of the part: see `solver`.

    What is in it is never changed, only replaced: so copies share it, and hold no more than what is known.
    """

    types: frozenset[str] = ALL
    values: tuple[Any, ...] | None = None  # one of these, None for any
    nots: tuple[Any, ...] = ()
    examples: tuple[Any, ...] = ()
    length: Span = Span()
    languages: tuple[tuple[str, bool], ...] = ()  # pattern, whether it is to be found
    formats: tuple[tuple[str, bool], ...] = ()
    number: Interval = Interval()
    multiples: tuple[tuple[Fraction, bool], ...] = ()
    count: Span = Span()
    distinct: bool | None = None
    slots: Mapping[int, tuple[Any, ...]] = _NONE
    rest: tuple[tuple[int, int | None, Any], ...] = ()  # from a position on, to before another
    contains: tuple[tuple[Any, int, int | None], ...] = ()  # schema, at least, at most
    order: Order | None = None  # which items are those that `contains` asks for; None for any
    far: bool = False  # whether items beside an open one that must differ are not the plainest ones
    spot: tuple[Any, int] | None = None  # schema, how many others satisfy it: an item that is left open among them
    members: Span = Span()
    need: Mapping[str, None] = _NONE
    ban: frozenset[str] = frozenset()
    properties: Mapping[str, tuple[Any, ...]] = _NONE
    matching: tuple[tuple[str, Any], ...] = ()  # pattern of names
    additional: tuple[tuple[frozenset[str], tuple[str, ...], Any], ...] = ()  # names and patterns it is not for
    unseen: tuple[tuple[Any, Any], ...] = ()  # schema, and what it demands of members that nothing looked at
    broken: frozenset[int] = frozenset()  # ids of schemas that must not hold: these have looked at nothing
    names: tuple[Any, ...] = ()
    some: tuple[Some, ...] = ()
    dependent: tuple[tuple[str, str], ...] = ()
    checks: tuple[Demand, ...] = ()  # what can only be told of a whole value

    def copy(self) -> Facets:
        """Copy it."""
        made = Facets()
        made.__dict__.update(self.__dict__)
        return made


Step = Any  # a demand, a hole, or a function that narrows facets and says whether anything is left
Ways = list[list[Step]]  # alternatives, each a list of steps
