"""Trackru: promises beside its document."""

from __future__ import annotations

from contracts.promises import Promise

PROMISES: tuple[Promise, ...] = ()
