"""Calls that the promises of Billink have in common, how its credential is shown, and the places and sources that they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from contracts import causes
from contracts.caller import Caller, Outcome
from contracts.credentials import Send, Shown
from contracts.promises import accepted, same
from sandbox.spec import Operation, Spec

CREATE = "/paths/~1/post"
SCHEMAS = "/components/schemas"
PAGE = "https://developers.billink.nl/order-management/create-tracker"
VERSIONS = "https://developers.billink.nl/api-versions"
FRAMEWORK = "https://github.com/api-platform/core"

# What no call can create: two orders, and invoices that stand for none and for another merchant's.
SCENE: Mapping[str, Any] = {
    "invoice": "INVOICE1234",
    "other_invoice": "KRKND-0001",
    "unknown_invoice": "MISSING-1",
    "foreign_invoice": "FOREIGN-1",
    "carrier_code": "postnl",
    "other_carrier_code": "dhl",
}
PDF, PNG = "JVBERi0xLjQK", "iVBORw0KGgo="
REQUIRED = ("carrierCode", "invoiceNumber", "trackAndTrace")  # beside the two credentials
RENAMED = {"carrierCode": "carrier", "trackAndTrace": "trackingCode"}  # what the answer calls them


def show(_spec: Spec, _operation: Operation, text: str, _send: Send) -> Shown:
    """Write `billinkID:billinkUsername` into the body; a lone id gets a user name of its own."""
    merchant, _, user = text.partition(":")
    return Shown(body={"billinkUsername": user or "trackbed", "billinkID": merchant})


def new(caller: Caller, **given: Any) -> dict[str, Any]:
    """Write the body of a create, without its credentials: the scene's order, a code that nobody has sent, and what is given."""
    scene = caller.scene
    return {
        "carrierCode": scene["carrier_code"],
        "invoiceNumber": scene["invoice"],
        "trackAndTrace": caller.unique("3S"),
        **given,
    }


def send(caller: Caller, **given: Any) -> Outcome:
    """Send a create with what is given."""
    return caller.call("createTracker", new(caller, **given))


def create(caller: Caller, **given: Any) -> dict[str, Any]:
    """Create a tracker and give the answer. Raises CannotTell where that is refused."""
    return dict(accepted(send(caller, **given)).body)


def signed(caller: Caller, body: Mapping[str, Any], *without: str) -> dict[str, Any]:
    """Write the credentials into a body, so that they can be taken out again one by one."""
    shown = show(caller.spec, caller.spec.operations["createTracker"], caller.text or "", caller.target.send).body
    return {name: value for name, value in {**shown, **body}.items() if name not in without}


def refused(caller: Caller, outcome: Outcome, cause: str) -> None:
    """Hold an outcome to be the refusal for a cause. Raises Broken."""
    causes.refused(caller.spec, outcome, cause)


def places(outcome: Outcome) -> frozenset[str]:
    """Tell where a refusal says that the fault is, as JSON pointers: `media[0].file` is `/media/0/file`."""
    paths = [str(violation["propertyPath"]) for violation in outcome.at("/violations", ())]
    return frozenset(f"/{path.replace('[', '.').replace(']', '').replace('.', '/')}" if path else "" for path in paths)


def violations(caller: Caller, outcome: Outcome, places: Iterable[str], what: str) -> list[dict[str, Any]]:
    """Hold a refusal to tell violations at these places and no others, and give them. Raises Broken."""
    refused(caller, outcome, "invalid")
    found = list(outcome.at("/violations"))
    same(
        sorted({violation["propertyPath"] for violation in found}), sorted(places), f"{what}: other places are told than are wrong", outcome
    )
    return found
