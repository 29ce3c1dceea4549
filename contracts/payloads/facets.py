"""What is demanded of a value, and what is known of it before there is one.

A `Demand` asks that a keyword of a schema (None: the whole schema) holds or does not hold; a `Hole` that all of a keyword holds but
one part of it, which is left open: a `Spot` stands there. `Facets` are what remains when demands are taken apart: possible types and,
for each of them, bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
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


@dataclass(slots=True)
class Interval:
    """A stretch of numbers; an open end leaves its bound out."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False

    def at_least(self, bound: Fraction, *, more: bool = False) -> None:
        """Raise the lower end."""
        if self.low is None or bound > self.low or (bound == self.low and more):
            self.low, self.low_open = bound, more

    def at_most(self, bound: Fraction, *, less: bool = False) -> None:
        """Lower the upper end."""
        if self.high is None or bound < self.high or (bound == self.high and less):
            self.high, self.high_open = bound, less

    def has(self, value: Fraction) -> bool:
        """Tell whether a number lies inside."""
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        return above and (self.high is None or value < self.high or (value == self.high and not self.high_open))

    def __str__(self) -> str:
        ends = [("-∞" if self.low is None else f"{float(self.low):.12g}"), ("∞" if self.high is None else f"{float(self.high):.12g}")]
        return f"{'(' if self.low_open or self.low is None else '['}{', '.join(ends)}{')' if self.high_open or self.high is None else ']'}"


@dataclass(slots=True)
class Span:
    """How many characters, items or members; `high` None is without end."""

    low: int = 0
    high: int | None = None

    def at_least(self, bound: int) -> None:
        """Raise the lower end."""
        self.low = max(self.low, bound)

    def at_most(self, bound: int) -> None:
        """Lower the upper end."""
        self.high = bound if self.high is None else min(self.high, bound)

    @property
    def empty(self) -> bool:
        """Whether no count is left."""
        return self.high is not None and self.high < self.low


# Which items of an array `contains` asks for: as few as can be at the beginning or at the end, or as many as may be at the beginning;
# or where several ask, those of each apart from those of the others, at the end.
Order = Literal["first", "last", "many", "apart"]


@dataclass(slots=True)
class Facets:
    """What a value must be. Lists of pairs end in what is demanded of the part: see `solver`."""

    types: frozenset[str] = ALL
    values: list[Any] | None = None  # one of these, None for any
    nots: list[Any] = field(default_factory=list)
    examples: list[Any] = field(default_factory=list)
    length: Span = field(default_factory=Span)
    languages: list[tuple[str, bool]] = field(default_factory=list)  # pattern, whether it is to be found
    formats: list[tuple[str, bool]] = field(default_factory=list)
    number: Interval = field(default_factory=Interval)
    multiples: list[tuple[Fraction, bool]] = field(default_factory=list)
    count: Span = field(default_factory=Span)
    distinct: bool | None = None
    slots: dict[int, list[Any]] = field(default_factory=dict)
    rest: list[tuple[int, int | None, Any]] = field(default_factory=list)  # from a position on, to before another
    contains: list[tuple[Any, int, int | None]] = field(default_factory=list)  # schema, at least, at most
    order: Order | None = None  # which items are those that `contains` asks for; None for any
    far: bool = False  # whether items beside an open one that must differ are not the plainest ones
    spot: tuple[Any, int] | None = None  # schema, how many others satisfy it: an item that is left open among them
    members: Span = field(default_factory=Span)
    need: dict[str, None] = field(default_factory=dict)
    ban: set[str] = field(default_factory=set)
    properties: dict[str, list[Any]] = field(default_factory=dict)
    matching: list[tuple[str, Any]] = field(default_factory=list)  # pattern of names
    additional: list[tuple[frozenset[str], tuple[str, ...], Any]] = field(default_factory=list)  # names and patterns it is not for
    unseen: list[tuple[Any, Any]] = field(default_factory=list)  # schema, and what it demands of members that nothing looked at
    broken: set[int] = field(default_factory=set)  # ids of schemas that must not hold: these have looked at nothing
    names: list[Any] = field(default_factory=list)
    some: list[Some] = field(default_factory=list)
    dependent: list[tuple[str, str]] = field(default_factory=list)
    checks: list[Demand] = field(default_factory=list)  # what can only be told of a whole value

    def copy(self) -> Facets:
        """Copy all that can change."""
        return Facets(
            self.types,
            self.values,
            [*self.nots],
            [*self.examples],
            Span(self.length.low, self.length.high),
            [*self.languages],
            [*self.formats],
            Interval(self.number.low, self.number.high, self.number.low_open, self.number.high_open),
            [*self.multiples],
            Span(self.count.low, self.count.high),
            self.distinct,
            {index: [*demands] for index, demands in self.slots.items()},
            [*self.rest],
            [*self.contains],
            self.order,
            self.far,
            self.spot,
            Span(self.members.low, self.members.high),
            {**self.need},
            {*self.ban},
            {name: [*demands] for name, demands in self.properties.items()},
            [*self.matching],
            [*self.additional],
            [*self.unseen],
            {*self.broken},
            [*self.names],
            [*self.some],
            [*self.dependent],
            [*self.checks],
        )


Step = Any  # a demand, a hole, or a function that narrows facets and says whether anything is left
Ways = list[list[Step]]  # alternatives, each a list of steps
