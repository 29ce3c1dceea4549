"""A whole workspace as one JSON document, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sandbox import codec
from sandbox.document import pointer
from sandbox.errors import Refused
from sandbox.exchange import Problem
from sandbox.store import SHARED, State, Store, Transaction
from sandbox.workspace import LINKS

FORMAT = "trackbed-workspace-1"


def take(store: Store, transaction: Transaction, at: datetime) -> dict[str, Any]:
    """Write down everything that the workspace of a transaction holds, and what it published. `at` is the time there."""
    state = transaction.export()
    collections = {
        name: [{"serial": serial, "key": key, "value": codec.load(body)} for serial, key, body in documents]
        for name, documents in state.collections.items()
        if documents
    }
    pages = {code: codec.load(body) for code, body in published(store, transaction.workspace)}
    return {
        "format": FORMAT,
        "workspace": transaction.workspace,
        "taken_at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "collections": collections,
        "counters": dict(state.counters),
        "published": pages,
    }


def restore(store: Store, transaction: Transaction, snapshot: Mapping[str, Any]) -> None:
    """Put a snapshot in the place of everything that the workspace of a transaction holds.

    Pages are published again for this workspace, but for those that another one has published in the meantime. Raises Refused.
    """
    if problems := tuple(_flaws(snapshot["collections"])):
        raise Refused("invalid", problems=problems)
    collections = {
        name: [(int(document["serial"]), document["key"], codec.dump(document["value"])) for document in documents]
        for name, documents in snapshot["collections"].items()
    }
    transaction.restore(State(collections, {name: int(count) for name, count in snapshot["counters"].items()}))
    withdraw(store, transaction.workspace)
    with store.transaction(SHARED) as shared:
        for code, page in snapshot["published"].items():
            if shared.get(LINKS, code) is None:
                shared.put(LINKS, code, codec.dump({"world": transaction.workspace} | page | {"world": transaction.workspace}))


def _flaws(collections: Mapping[str, Any]) -> Iterator[Problem]:
    """Find what no schema sees: a key that comes twice, a serial number out of order."""
    for name, documents in collections.items():
        keys: set[str] = set()
        last = 0
        for index, document in enumerate(documents):
            where = pointer("collections", name, index)
            if document["key"] in keys:
                yield Problem(f"{where}/key", "unique", "comes twice in its collection")
            if document["serial"] <= last:
                yield Problem(f"{where}/serial", "order", "must be greater than the one before")
            keys.add(document["key"])
            last = document["serial"]


def published(store: Store, workspace: str) -> list[tuple[str, bytes]]:
    """List what a workspace has published, by code."""
    with store.transaction(SHARED) as shared:
        return _published(shared, (workspace,))


def _published(shared: Transaction, workspaces: Iterable[str]) -> list[tuple[str, bytes]]:
    begins = tuple(codec.dump({"world": workspace})[:-1] + b"," for workspace in workspaces)
    return [(code, body) for _, code, body in shared.scan(LINKS) if body.startswith(begins)]


def withdraw(store: Store, *workspaces: str) -> None:
    """Take back everything that workspaces have published."""
    with store.transaction(SHARED) as shared:
        for code, _ in _published(shared, workspaces):
            shared.delete(LINKS, code)
