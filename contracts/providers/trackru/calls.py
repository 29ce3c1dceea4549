"""Calls that the promises of Trackru have in common, and the places and sources that they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts import causes
from contracts.caller import Caller, Outcome
from contracts.promises import Broken, accepted, hold
from contracts.proofs import taken

CREATE = "/paths/~1v1~1trackings~1post/post"
BATCH = "/paths/~1v1~1trackings~1batch/post"
LIST = "/paths/~1v1~1trackings~1get/get"
LIST_BY_POST = "/paths/~1v1~1trackings~1get/post"
LOOK_UP = "/paths/~1v1~1trackings~1realtime/post"
READ, UPDATE, DELETE = (f"/paths/~1v1~1trackings~1{{carrier_code}}~1{{tracking_number}}/{method}" for method in ("get", "put", "delete"))
CARRIERS = "/paths/~1v1~1carriers/get"
DETECT = "/paths/~1v1~1carriers~1detect/post"
SCHEMAS = "/components/schemas"
PARAMETERS = "/components/parameters"

INDEX = "https://www.trackru.ru/en/api-index.html"
CREATE_PAGE = "https://www.trackru.ru/en/api-track-create-a-tracking-item.html"
BATCH_PAGE = "https://www.trackru.ru/en/api-track-create-multiple-track.html"
LIST_PAGE = "https://www.trackru.ru/en/api-track-list-all-track.html"
UPDATE_PAGE = "https://www.trackru.ru/en/api-track-update-tracking-item.html"
CODES_PAGE = "https://www.tracktry.com/api-status_code.html"
DETECT_PAGE = "https://www.tracktry.com/api-carriers-detect-carrier.html"
PYTHON_CLIENT = "https://github.com/marcoesposito1988/trackingmore-python"
NODE_CLIENT = "https://github.com/martinkooij/MMM-Parcel"
GO_CLIENT = "https://github.com/Tanreon/go-tracktry-api"
TYPES = "https://github.com/jsdvjx/TrackingMore"

# What no call can create: two carriers, and a parcel that has been on its way for some time.
SCENE: Mapping[str, Any] = {
    "carrier_code": "sto",
    "other_carrier_code": "postnl",
    "moving": {"carrier_code": "china-post", "tracking_number": "RN123456789CN"},
    "detectable": "RN123456789CN",
}
NO_CARRIER = "no-such-carrier"


def new(caller: Caller, **given: Any) -> dict[str, Any]:
    """Write the body of a create: a number that nobody has sent, the scene's carrier, and what is given."""
    return {"tracking_number": caller.unique("Ct-"), "carrier_code": caller.scene["carrier_code"], **given}


def create(caller: Caller, **given: Any) -> dict[str, Any]:
    """Create a tracking and give the answer's data. Raises CannotTell where that is refused."""
    outcome = accepted(caller.call("createTracking", new(caller, **given)))
    return an_object(outcome.at("/data"), outcome)


def some(caller: Caller, count: int = 5) -> list[dict[str, Any]]:
    """Create some trackings, oldest first."""
    return [create(caller, title=f"number {index}") for index in range(count)]


def key(tracking: Mapping[str, Any]) -> dict[str, Any]:
    """Name a tracking as the paths do."""
    return {name: tracking[name] for name in ("carrier_code", "tracking_number")}


def read(caller: Caller, tracking: Mapping[str, Any]) -> dict[str, Any]:
    """Read a tracking that must be there. Raises Broken."""
    outcome = taken(caller.call("getTracking", params=key(tracking)), "reading a tracking that is there")
    data = outcome.at("/data")
    hold(isinstance(data, list) and len(data) == 1, "a read is not an array of one", expected="one tracking", got=data, outcome=outcome)
    return an_object(data[0], outcome)


def update(caller: Caller, tracking: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Update a tracking that must be there, and give the answer's data. Raises Broken."""
    outcome = taken(caller.call("updateTracking", change, params=key(tracking)), f"an update with {', '.join(change) or 'nothing'}")
    return an_object(outcome.at("/data"), outcome)


def listed(caller: Caller, **filters: Any) -> list[dict[str, Any]]:
    """List what fits, at most 2000; nothing where the refusal for an empty list comes. Raises Broken for any other refusal."""
    outcome = caller.call("listTrackings", params={"limit": 2000, **filters})
    if not outcome.accepted and outcome.means == 404:
        refused(caller, outcome, "nothing-found")
        return []
    return items(taken(outcome, "a list"))


def items(outcome: Outcome) -> list[dict[str, Any]]:
    """Take the items of a list that was accepted. Raises Broken where there are none."""
    found = outcome.at("/data/items")
    hold(isinstance(found, list), "a list has no items", expected="an array", got=found, outcome=outcome)
    return [an_object(item, outcome) for item in found]


def numbers(trackings: list[dict[str, Any]]) -> list[Any]:
    """Tell the numbers of trackings."""
    return [tracking.get("tracking_number") for tracking in trackings]


def joined(*trackings: Mapping[str, Any]) -> str:
    """Write the numbers of trackings as the filter takes them."""
    return ",".join(tracking["tracking_number"] for tracking in trackings)


def refused(caller: Caller, outcome: Outcome, cause: str) -> None:
    """Hold an outcome to be the refusal for a cause. Raises Broken."""
    causes.refused(caller.spec, outcome, cause)


def gone(caller: Caller, tracking: Mapping[str, Any]) -> None:
    """Hold a tracking not to be there: neither read nor listed. Raises Broken."""
    refused(caller, caller.call("getTracking", params=key(tracking)), "no-such-tracking")
    left = [item for item in listed(caller, numbers=tracking["tracking_number"]) if item.get("carrier_code") == tracking["carrier_code"]]
    hold(not left, "a tracking that is not there is listed", expected=[], got=left)


def an_object(value: Any, outcome: Outcome | None = None) -> dict[str, Any]:
    """Hold something to be an object. Raises Broken."""
    if not isinstance(value, dict):
        raise Broken("an object was to come", "an object", value, outcome)
    return value
