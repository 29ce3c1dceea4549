"""Where documents are kept: as bytes, in named collections, one set of collections per workspace.

A transaction sees one workspace and holds it alone until it ends; one that ends with an exception leaves nothing behind. Keys
are unique within a collection; a scan follows the order of creation.

`SHARED` is the one workspace that belongs to nobody: addresses of public pages are looked up there. What is here is what every
store promises; `memory` and `sql` keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

SHARED = "-"


@dataclass(frozen=True, slots=True)
class State:
    """All that one workspace holds: its documents by collection, as serial number, key and bytes, oldest first; its counters."""

    collections: Mapping[str, list[tuple[int, str, bytes]]]
    counters: Mapping[str, int]


@dataclass
class StoreError(Exception):
    """A store can't be used as it is: where it is, why, and what to do."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class StoreUnavailable(Exception):
    """The store does not answer, or takes nothing more, just now. Nothing was half-written; the text says what happened."""


class Transaction(Protocol):
    """One workspace, for the time of one call: a context that holds it alone.

    What it writes it sees at once, and nobody else before its end. An exception takes everything back. Everything here may
    raise StoreUnavailable.
    """

    workspace: str

    def __enter__(self) -> Self:
        """Wait until nobody else holds the workspace."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object, /) -> None:
        """Keep everything, or nothing."""

    def get(self, collection: str, key: str) -> bytes | None:
        """Read one document; None when there is none."""

    def put(self, collection: str, key: str, body: bytes) -> None:
        """Create or replace one document. A replaced one keeps its place in the order."""

    def delete(self, collection: str, key: str) -> None:
        """Delete one document, if it is there."""

    def share(self, collection: str, key: str, body: bytes) -> None:
        """Put one document into the workspace that belongs to nobody, at the end of the transaction."""

    def count(self, collection: str) -> int:
        """Count the documents of a collection."""

    def next(self, counter: str) -> int:
        """Count one up and return the number, from 1. Numbers of a transaction that fails are used again."""

    def scan(self, collection: str, *, newest_first: bool = False, after: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Yield serial number, key and document in order of creation, or the other way round.

        `after` continues behind a serial number where an earlier scan in the same direction ended.
        """

    def export(self) -> State:
        """Take everything that the workspace holds."""

    def restore(self, state: State) -> None:
        """Put something else in the place of everything that the workspace holds."""

    def reset(self) -> None:
        """Leave the workspace as fresh as one that nobody used."""


class Store(Protocol):
    """Workspaces by name. With `waits` a transaction may wait for a disk or a network, so it belongs in a thread.

    `made` counts the workspaces that this process was the first to write to.
    """

    waits: bool
    made: int

    def set_scene(self, fill: Callable[[Transaction], None], *, empty: bool = False) -> None:
        """Define what a fresh workspace finds, or with `empty` one that starts without a scene: `fill` writes it."""

    def transaction(self, workspace: str, *, uses: bool = True) -> Transaction:
        """Open a workspace, as a context. Nobody else sees or changes it until the block ends.

        Who only looks around (not `uses`) does not make it last longer.
        """

    def workspaces(self) -> list[str]:
        """Name the workspaces that were written to, oldest first."""

    def end_unused(self, *, most: int | None, ttl: timedelta | None) -> list[str]:
        """Reset workspaces until no more than `most` are left, and all that nobody used for `ttl`; name them.

        What is unused longest comes first; None is no limit. Not to be called within a transaction.
        """
