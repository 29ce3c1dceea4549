"""Trackru: what a target needs to have, and the promises beside its document."""

from __future__ import annotations

from contracts.promises import Promise
from contracts.providers.trackru import access, batches, echo, filters, keys, lists, times, updates
from contracts.providers.trackru.calls import SCENE

__all__ = ["PROMISES", "SCENE"]

PROMISES: tuple[Promise, ...] = (
    *echo.PROMISES,
    *updates.PROMISES,
    *keys.PROMISES,
    *lists.PROMISES,
    *filters.PROMISES,
    *batches.PROMISES,
    *access.PROMISES,
    *times.PROMISES,
)
