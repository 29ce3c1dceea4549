"""How long workspaces last that nobody deletes: until nobody used them for a time, or until there are too many.

Nothing runs in the background. Before a call is answered, what is due ends: at most once a second, and after each workspace that
was made. What is unused longest ends first, by the sandbox's own clock: that of a workspace is for its users to move.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sandbox import snapshot
from sandbox.journal import Kept
from sandbox.store import Store, StoreUnavailable
from sandbox.timeline import Clock

_EVERY = timedelta(seconds=1)


class Lifetime:
    """Ends workspaces of which there are more than `most`, or that nobody used for `ttl`; None for no such limit."""

    def __init__(self, store: Store, journal: Kept, clock: Clock, *, most: int | None, ttl: timedelta | None) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._most = most
        self._ttl = ttl
        self._made = 0
        self._swept_at: datetime | None = None

    def sweep(self) -> None:
        """End what is due. One that ends is as fresh as one that nobody used; so are its pages and its journal."""
        now = self._clock.now()
        is_early = self._swept_at is not None and self._swept_at <= now < self._swept_at + _EVERY
        if is_early and self._made == self._store.made:
            return
        self._swept_at, self._made = now, self._store.made
        with suppress(StoreUnavailable):  # whoever calls will be told
            ended = self._store.end_unused(most=self._most, ttl=self._ttl)
            if ended:
                snapshot.withdraw(self._store, *ended)
            for name in ended:
                self._journal.forget(name)
