"""Billink: its credential, what a target needs to have, and the promises beside its document."""

from __future__ import annotations

from contracts.promises import Promise
from contracts.providers.billink import refusals, trackers
from contracts.providers.billink.calls import SCENE, places, show

__all__ = ["PROMISES", "SCENE", "places", "show"]

PROMISES: tuple[Promise, ...] = (*trackers.PROMISES, *refusals.PROMISES)
