"""Billink: invoices that nobody has, or somebody else."""

from __future__ import annotations

from typing import Any

from contracts.payloads.payload import Step
from contracts.payloads.recipe import USUAL, Call, Fresh, Named, Recipe

_CREATE = "createTracker"


def _tracker(fresh: Fresh, invoice: str = "TB-") -> dict[str, Any]:
    return {"carrierCode": Named("carrier_code", "postnl"), "invoiceNumber": fresh(invoice), "trackAndTrace": fresh("3S")}


def _repeated(fresh: Fresh) -> Call:
    tracker = _tracker(fresh)
    return Call(tracker, before=(Step(_CREATE, {}, tracker),))


def _second(fresh: Fresh) -> Call:
    tracker = _tracker(fresh)
    return Call(tracker | {"trackAndTrace": fresh("3S")}, before=(Step(_CREATE, {}, tracker),))


RECIPES = (
    Recipe(_CREATE, USUAL, "A tracker for an invoice", lambda fresh: Call(_tracker(fresh))),
    Recipe(_CREATE, "repeated", "The same request again adds a second tracker", _repeated),
    Recipe(_CREATE, "second-parcel", "Another parcel of the same invoice", _second),
    Recipe(
        _CREATE,
        "unknown-invoice",
        "An invoice that no order has",
        lambda fresh: Call(_tracker(fresh, "MISSING-")),
        "unknown-invoice",
        "/invoiceNumber",
        needs="sandbox",
    ),
    Recipe(
        _CREATE,
        "foreign-invoice",
        "An invoice of another merchant",
        lambda fresh: Call(_tracker(fresh, "FOREIGN-")),
        "foreign-invoice",
        "/invoiceNumber",
        needs="sandbox",
    ),
)
