"""How the promises make trackers and find them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.promises import Broken, accepted
from contracts.proofs import members, taken, without

PAGE = "https://developer.lynkup.com/tag/Tracker"
FILE = "https://github.com/UPS-API/api-documentation/blob/06854314d0c8a18ea5f9a1dee3f61804bc91cb09/Tracker-API.yml"
OLDER = "https://docs.deliverysolutions.co/reference/create-tracker"
CREATE = "/paths/~1tracker~1v2~1trackers/post"
LIST = "/paths/~1tracker~1v2~1trackers~1list/post"
UPDATE = "/paths/~1tracker~1v2~1trackers~1{tracker_id}/put"
TOKEN = "/paths/~1ent-services~1security~1v1~1oauth~1token/post"  # noqa: S105 - a place in the document
SCHEMAS = "/components/schemas"
LEFT_OUT = object()
NEWS = (  # what changes without a call
    "status",
    "estimatedPickupTime",
    "estimatedDeliveryTime",
    "tips",
    "lastLocation",
    "driver",
    "vehicle",
    "feedback",
    "warnings",
)
ADDRESS: Mapping[str, Any] = {
    "street1": "100 Example Parkway West",
    "city": "Houston",
    "state": "TX",
    "postalCode": "77064",
    "countryCode": "US",
}
CONTACT: Mapping[str, Any] = {
    "name": "Ivy Chandler",
    "phone": "+1 202-555-0143",
    "email": "Ivy@example.com",
    "userExternalId": "Customer-9",
}
WINDOW: Mapping[str, Any] = {"startsAt": 1649253600000, "endsAt": 1649268000000}


def waiting(caller: Caller, **given: Any) -> dict[str, Any]:
    """Write a new tracker that has no provider yet; `LEFT_OUT` leaves a member out."""
    whole = {
        "locationExternalId": caller.scene["location"],
        "trackerExternalId": caller.unique("tracker-"),
        "deliveryAddress": dict(ADDRESS),
        **given,
    }
    return {name: value for name, value in whole.items() if value is not LEFT_OUT}


def dispatched(caller: Caller, **given: Any) -> dict[str, Any]:
    """Write a new tracker that its provider has."""
    return waiting(caller, **{"provider": caller.scene["provider"], "trackingId": caller.unique("del_"), **given})


def create(caller: Caller, body: Mapping[str, Any]) -> Outcome:
    """Create a tracker that is needed. Raises CannotTell."""
    return accepted(caller.call("createTracker", body))


def update(caller: Caller, ident: str, change: Mapping[str, Any]) -> Outcome:
    """Change a tracker in a way that the document allows. Raises Broken for a refusal."""
    return taken(caller.call("updateTracker", change, params={"tracker_id": ident}), f"an update of {', '.join(change) or 'nothing'}")


def listed(caller: Caller, **filters: Any) -> list[dict[str, Any]]:
    """List the first page of what filters leave. Raises CannotTell for a refusal."""
    outcome = accepted(caller.call("listTrackers", filters))
    found = outcome.at("/data")
    if not isinstance(found, list):
        raise Broken("a list has no data", [], found, outcome)
    return found


def found(caller: Caller, order: str) -> dict[str, Any]:
    """Read one tracker by its external id: only a list tells it. Raises Broken unless it is there once."""
    outcome = accepted(caller.call("listTrackers", {"orderExternalIds": [order]}))
    data = outcome.at("/data", [])
    if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
        raise Broken("a tracker that was created is not listed once", [order], [_order(one) for one in data], outcome)
    return data[0]


def absent(caller: Caller, order: str, why: str) -> None:
    """Hold that no tracker has an external id. Raises Broken."""
    outcome = accepted(caller.call("listTrackers", {"orderExternalIds": [order]}))
    if outcome.at("/data") != []:
        raise Broken(f"{why} left a tracker behind", [], outcome.at("/data"), outcome)


def lasting(tracker: Mapping[str, Any], *but: str) -> dict[str, Any]:
    """Give what only a call changes, without some members more."""
    return without(tracker, *NEWS, *but)


def echoes(caller: Caller, body: Mapping[str, Any], expected: Mapping[str, Any], what: str) -> None:
    """Hold that a create answers members as expected, and that a list tells them so too."""
    outcome = taken(caller.call("createTracker", body), what)
    members(outcome.body, expected, what, outcome)
    members(found(caller, outcome.body.get("trackerExternalId", "")), expected, f"{what}, read back")


def _order(tracker: Any) -> Any:
    return tracker.get("orderExternalId") if isinstance(tracker, dict) else tracker
