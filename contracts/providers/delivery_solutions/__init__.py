"""Delivery Solutions: its credential, what a target needs to have, and the promises beside its document."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.promises import Promise
from contracts.providers.delivery_solutions import accounts, echo, journey, limits, listing, places, refusals, updates
from contracts.providers.delivery_solutions.credentials import show

__all__ = ["PROMISES", "SCENE", "show"]

# What no call can create: two locations of the account, the first one's instructions, two providers that serve both, and the number
# of a parcel that has arrived.
SCENE: Mapping[str, str] = {
    "location": "Self Delivery Store",
    "instructions": "Park in the yard and ask at the counter",
    "other_location": "100983",
    "provider": "Self Delivery",
    "other_provider": "FedEx",
    "delivered": "SBX-DELIVERED-1",
}

PROMISES: tuple[Promise, ...] = (
    *echo.PROMISES,
    *places.PROMISES,
    *updates.PROMISES,
    *listing.PROMISES,
    *refusals.PROMISES,
    *limits.PROMISES,
    *journey.PROMISES,
    *accounts.PROMISES,
)
