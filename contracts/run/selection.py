"""Which part of a document a run is about: operations, promises and kinds of check, by their names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.findings import Kind
from contracts.run.catalogue import Item
from contracts.run.manners import reads
from contracts.run.results import KINDS
from sandbox.spec import Operation, Spec


class UnknownName(Exception):
    """There is nothing of this name; the text says what is near."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run is about. Nothing in `only` is everything; `skip` takes away from it; `read_only` leaves out what may write."""

    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    read_only: bool = False

    def kind(self, kind: Kind) -> bool:
        """Tell whether checks of a kind are wanted. A kind in `only` leaves out the other kinds."""
        wanted = self.only & set(KINDS)
        return kind not in self.skip and (not wanted or kind in wanted)

    def operation(self, spec: Spec, operation: Operation) -> bool:
        """Tell whether an operation is wanted."""
        if self.read_only and not reads(spec, operation):
            return False
        wanted = self.only & spec.operations.keys()
        return operation.id not in self.skip and (not wanted or operation.id in wanted)

    def operations(self, spec: Spec) -> tuple[str, ...]:
        """Name the operations that are wanted, in the order of the document."""
        return tuple(operation.id for operation in spec.operations.values() if self.operation(spec, operation))

    def conforming(self, spec: Spec) -> tuple[str, ...]:
        """Name the operations whose conformance is wanted: none where only promises are named."""
        return self.operations(spec) if self.kind("conformance") and not self._promises_only(spec) else ()

    def about(self, spec: Spec, items: Iterable[Item]) -> tuple[str, ...]:
        """Name the operations that a run has to prove something about: those of the promises, where only promises are named."""
        if not self._promises_only(spec):
            return self.operations(spec)
        named = {name for item in items if self.item(spec, item) for name in item.promise.operations}
        return tuple(name for name in spec.operations if name in named)

    def _promises_only(self, spec: Spec) -> bool:
        return bool(self.only) and not self.only & {*KINDS, *spec.operations}

    def item(self, spec: Spec, item: Item) -> bool:
        """Tell whether a check is wanted: by its name, else by its kind and by all of its operations that are named."""
        kind, promise = item.kind, item.promise
        if promise.name in self.skip or kind in self.skip or (self.read_only and promise.writes):
            return False
        if promise.name in self.only:
            return True
        named = self.only - set(KINDS) - spec.operations.keys()
        wanted = self.only & spec.operations.keys()
        if not self.kind(kind) or (named and not wanted) or self.skip & set(promise.operations):
            return False
        return not wanted or bool(wanted & set(promise.operations))

    @property
    def names(self) -> frozenset[str]:
        """Every name that was given."""
        return self.only | self.skip


def check_names(selection: Selection, spec: Spec, items: Iterable[Item]) -> None:
    """Hold every name that was given to be one that there is. Raises UnknownName with the nearest."""
    known = [*spec.operations, *dict.fromkeys(item.promise.name for item in items), *KINDS]
    for name in sorted(selection.names - set(known)):
        near = difflib.get_close_matches(name, known, 1)
        hint = (
            f"did you mean {near[0]!r}?" if near else f"expected an operation ({', '.join(spec.operations)}), a promise or a kind of check"
        )
        raise UnknownName(f"there is no operation and no promise {name!r}; {hint}")
