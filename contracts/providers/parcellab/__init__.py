"""parcelLab: its credential, what a target needs to have, and the promises beside its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.promises import Promise
from contracts.providers.parcellab import accounts, echo, events, info, limits, listing, mutations, refusals, updates
from contracts.providers.parcellab.credentials import show
from contracts.providers.parcellab.recipes import RECIPES

__all__ = ["PROMISES", "RECIPES", "SCENE", "show"]

# What no call can create: the caller's account and one that is not the caller's, two couriers, and what is set up in the account.
SCENE: Mapping[str, Any] = {
    "account": 12345,
    "foreign_account": 54321,
    "courier": "dhl-germany",
    "other_courier": "gls",
    "delivery_method": "standard shipping",
    "order_status": "Open",
}

PROMISES: tuple[Promise, ...] = (
    *echo.PROMISES,
    *updates.PROMISES,
    *mutations.PROMISES,
    *info.PROMISES,
    *events.PROMISES,
    *listing.PROMISES,
    *refusals.PROMISES,
    *limits.PROMISES,
    *accounts.PROMISES,
)
