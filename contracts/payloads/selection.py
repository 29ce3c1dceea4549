"""Which payloads of a document are wanted: of which operations, kinds and places, and how many."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from contracts import bodies
from contracts.payloads import bases, business, derive, doubts, wire
from contracts.payloads.payload import Payload
from contracts.payloads.recipe import USUAL, World
from sandbox.spec import Operation, Spec

KINDS = ("valid", "invalid", "business", "random")

Source = Callable[[Spec, Operation, World], Iterator[Payload]]


def _derived(spec: Spec, operation: Operation, _: World) -> Iterator[Payload]:
    payloads = derive.payloads(spec, operation, partial(doubts.striking, spec, operation))
    if "{" in operation.path:
        payloads = (payload for payload in payloads if _answers(spec, operation.id, payload.draft.method, payload.draft.path))
    return payloads


@lru_cache(maxsize=64)
def _answers(spec: Spec, name: str, method: str, path: str) -> bool:
    """Tell whether an operation answers at a path that was filled in: another may have that as its fixed path."""
    methods, _ = spec.router.find(path) or ({}, {})
    return method not in methods or methods[method].id == name


def _drawn(spec: Spec, operation: Operation, count: int, seed: int) -> Iterator[Payload]:
    """Draw payloads; where the accepted one of a pair is doubted, the usual call is the twin of the other."""
    from contracts.payloads import sampling  # noqa: PLC0415 - brings Hypothesis, which takes longer than many a document

    doubted = None
    for drawn in sampling.payloads(spec, operation, count, seed):
        payload = doubts.doubted(spec, operation, drawn)
        doubted = payload.id if payload.verdict == "either" else doubted
        yield replace(payload, twin=bases.ident(spec, operation, USUAL)) if payload.twin and payload.twin == doubted else payload


# Where payloads come from, and of which kinds they are: what nobody wants is not made.
SOURCES: tuple[tuple[Source, frozenset[str]], ...] = (
    (_derived, frozenset(("valid", "invalid"))),
    (wire.payloads, frozenset(("valid", "invalid"))),
    (business.payloads, frozenset(("business",))),
)


class Unknown(Exception):
    """Something was named that is not there; the text says what is."""


@dataclass(frozen=True)
class Selection:
    """What is wanted. No operations means all; `kinds` empty means all; `most` None means all; `random` more are drawn of each kind.

    For `scene` see `contracts.payloads.recipe.World`.
    """

    spec: Spec
    operations: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    place: str | None = None
    most: int | None = None
    seed: int = 0
    random: int = 0
    scene: Mapping[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set, repr=False, compare=False)

    def payloads(self) -> Iterator[Payload]:
        """Give the wanted payloads. Raises Unknown for an operation that is not there, and at the end for a place that no payload has."""
        return self._held(islice(self._wanted(self.chosen()), self.most))

    def chosen(self) -> list[Operation]:
        """Give the wanted operations that we can call. Raises Unknown for one that is not there."""
        return [operation for operation in self._named() if bodies.can_be_called(operation)]

    def left_out(self) -> list[Operation]:
        """Give the wanted operations of which there are no payloads, as we do not write what they take."""
        return [operation for operation in self._named() if not bodies.can_be_called(operation)]

    def _named(self) -> list[Operation]:
        return [self._operation(name) for name in self.operations] or [*self.spec.operations.values()]

    def _operation(self, name: str) -> Operation:
        if name in self.spec.operations:
            return self.spec.operations[name]
        raise Unknown(f"{self.spec.name} has no operation {name!r}; {_hint(name, self.spec.operations)}")

    def _wanted(self, operations: list[Operation]) -> Iterator[Payload]:
        for operation in operations:
            for source in (source for source, kinds in SOURCES if not self.kinds or self.kinds & kinds):
                made = source(self.spec, operation, World(self.seed, self.scene))
                yield from filter(self._is_wanted, made) if self.kinds or self.place is not None else made
            if self.random and (not self.kinds or "random" in self.kinds):
                yield from filter(self._is_wanted, _drawn(self.spec, operation, self.random, self.seed))

    def _is_wanted(self, payload: Payload) -> bool:
        if self.kinds and payload.kind not in self.kinds:
            return False
        return self.place is None or self._is_there(payload.place, self.place)

    def _is_there(self, place: str, wanted: str) -> bool:
        self.seen.add(place)
        return place == wanted or place.startswith(f"{wanted}/") or _last(place) == wanted

    def _held(self, payloads: Iterator[Payload]) -> Iterator[Payload]:
        first = next(payloads, None)
        if first is not None:
            yield first
            yield from payloads
        elif self.place is not None:
            raise Unknown(f"no payload is about the place {self.place!r}; {_hint(self.place, self.seen | set(map(_last, self.seen)))}")


def _last(place: str) -> str:
    return place.rpartition("/")[2].rpartition(":")[2]


def _hint(name: str, known: Iterable[str]) -> str:
    names = sorted(filter(None, known))
    near = difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(names)}"
