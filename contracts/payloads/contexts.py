"""Ways to put a value at a place of a request: what stands around it, and what is asked of it there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any, NamedTuple

from contracts.payloads.facets import Spot, Step


@dataclass(frozen=True, eq=False, slots=True)
class Context:
    """One way to put a value at a place of a request so that it decides alone.

    `demands` is what else must hold of the value; with `sign` -1 the request is refused when the value is good. `steps` lead to the open
    place in `request`; a step that is a Spot is the name of a member. `number` counts the contexts of a place. In one that is `shared`
    an edit is about other parts of the request, too, or these must be unlike the value.
    """

    demands: tuple[Step, ...]
    sign: int
    request: Any
    steps: tuple[Any, ...]
    number: int = 0
    shared: bool = False

    def fill(self, value: Any) -> Any:
        """Write the request with a value in the open place."""
        return _put(self.request, self.steps, value)

    def names(self) -> tuple[list[str], Any]:
        """Where a name is open: list the members beside it, and write the request with these alone."""
        beside = {name: value for name, value in reduce(getitem, self.steps[:-1], self.request).items() if not isinstance(name, Spot)}
        return [*beside], _put(self.request, self.steps[:-1], beside)


@dataclass(frozen=True, eq=False, slots=True)
class Opening:
    """A way to leave a place open within the value of the schema above it, which comes to its context with the number `outer`."""

    demands: tuple[Step, ...]
    sign: int
    outer: int
    value: Any
    steps: tuple[Any, ...]

    def within(self, outer: Context, number: int, key: str, *, looked_at: bool) -> Context:
        """Put it into its context. `key` is the keyword that holds the schema of the place; for `looked_at` see `firm`."""
        others = key != "properties" and len(reduce(getitem, self.steps[:-1], self.value)) > 1
        shared = outer.shared or others or key == "propertyNames" or looked_at
        return Context(self.demands, self.sign, outer.fill(self.value), (*outer.steps, *self.steps), number, shared)


class Found(NamedTuple):
    """A request, the value that matters in it and where that stands, and whether the document accepts it."""

    request: Any
    value: Any
    steps: tuple[Any, ...]
    context: Context
    accepted: bool


def _put(node: Any, steps: tuple[Any, ...], value: Any) -> Any:
    """Write a value with another one at a place; what is not on the way there is not copied. The last step may be an open name."""
    if not steps:
        return value
    whole = holder = node.copy()
    for step in steps[:-1]:
        inner = holder[step].copy()
        holder[step] = inner
        holder = inner
    last = steps[-1]
    if isinstance(last, Spot):
        members = [((value if key is last else key), inner) for key, inner in holder.items()]
        holder.clear()
        holder.update(members)
    else:
        holder[last] = value
    return whole


def find_spot(node: Any, steps: tuple[Any, ...] = ()) -> tuple[Spot, tuple[Any, ...]] | None:
    """Find the open place of a value, and the steps that lead there."""
    if isinstance(node, Spot):
        return node, steps
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in pairs:
        if isinstance(key, Spot):
            return key, (*steps, key)
        if (found := find_spot(inner, (*steps, key))) is not None:
            return found
    return None


def keep(found: list[tuple[frozenset[Any], Opening]], new: Opening) -> None:
    """Keep an opening unless one that is kept asks for no more than it does; drop those that ask for more."""
    asked = frozenset((id(one[0]), *one[1:]) for one in new.demands)
    if any(other.sign == new.sign and less <= asked for less, other in found):
        return
    found[:] = [(more, other) for more, other in found if not (other.sign == new.sign and asked <= more)]
    found.append((asked, new))
