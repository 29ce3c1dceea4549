"""Delivery Solutions: providers and locations that are not set up, ids that are taken, windows that run backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.payloads.payload import Step
from contracts.payloads.recipe import USUAL, Call, Doubt, Fresh, Named, Recipe

PROVIDER, LOCATION = Named("provider", "Self Delivery"), Named("location", "Self Delivery Store")
START_MS = 1649253600000
DAY_MS = 86_400_000
_CREATE, _LIST, _UPDATE, _TOKEN = "createTracker", "listTrackers", "updateTracker", "issueToken"

Make = Callable[[Fresh], Call]


def _new(fresh: Fresh, **more: Any) -> dict[str, Any]:
    return {
        "provider": PROVIDER,
        "locationExternalId": LOCATION,
        "trackerExternalId": fresh("tb-"),
        "trackingId": fresh("TB"),
        "deliveryTime": None,
        "deliveryContact": {"name": "Ivy Chandler", "phone": "+12025550143"},
        "deliveryAddress": {"street1": "100 Example Parkway West", "city": "Houston", "state": "TX", "postalCode": "77064"},
        **more,
    }


def _but(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def _creates(*left_out: str, **more: Any) -> Make:
    return lambda fresh: Call(_but(_new(fresh, **more), *left_out))


def _window(start: int, end: int) -> dict[str, int]:
    return {"startsAt": start, "endsAt": end}


def _twice(fresh: Fresh) -> Call:
    tracker = _new(fresh)
    return Call(tracker | {"trackingId": fresh("TB")}, before=(Step(_CREATE, {}, tracker),))


def _lists(**filters: Any) -> Make:
    return lambda _: Call(filters)


def _updates(*left_out: str, **change: Any) -> Make:
    """Change a tracker that was made without some of its members."""

    def make(fresh: Fresh) -> Call:
        tracker = _but(_new(fresh), *left_out)
        return Call(change, {"tracker_id": tracker["trackerExternalId"]}, (Step(_CREATE, {}, tracker),))

    return make


def _unknown(fresh: Fresh) -> Call:
    return Call({"groupId": "basket"}, {"tracker_id": fresh("tb-")})


def _grant(name: str) -> Make:
    return lambda _: Call({"grant_type": name})


_WAITING = ("provider", "trackingId")
_NONE = "no such provider"
_NOWHERE = "no such store"
_BACKWARDS = _window(START_MS, START_MS - 1)
_MOMENT = _window(START_MS, START_MS)

RECIPES = (
    Recipe(_TOKEN, USUAL, "A client trades its id and secret for a token", _grant("client_credentials")),
    Recipe(_TOKEN, "other-grant", "Another grant than the one that is offered", _grant("password"), "bad-grant", "/grant_type"),
    Recipe(_CREATE, USUAL, "An order is followed", _creates()),
    Recipe(_CREATE, "delivery", "A delivery with its address", _creates(type="delivery")),
    Recipe(
        _CREATE,
        "delivery-without-address",
        "A delivery to nowhere",
        _creates("deliveryAddress", type="delivery"),
        "missing-address",
        "/deliveryAddress",
        "delivery",
    ),
    Recipe(_CREATE, "no-number", "A provider without its number", _creates("trackingId"), "missing-data", "/trackingId"),
    Recipe(_CREATE, "waiting", "Not yet with a provider", _creates(*_WAITING)),
    Recipe(_CREATE, "unknown-provider", "A provider that is not set up", _creates(provider=_NONE), "unknown-provider", "/provider"),
    Recipe(_CREATE, "served", "A provider at a location that it serves", _creates(provider="Postmates"), needs="scene"),
    Recipe(
        _CREATE,
        "not-served",
        "A provider at a location that it does not serve",
        _creates(provider="Roadie"),
        "unknown-provider",
        "/provider",
        "served",
        needs="scene",
    ),
    Recipe(
        _CREATE,
        "unknown-location",
        "A location that nobody knows",
        _creates(locationExternalId=_NOWHERE),
        "unknown-location",
        "/locationExternalId",
    ),
    Recipe(_CREATE, "twice", "An external id that is taken", _twice, "duplicate-tracker", "/trackerExternalId"),
    *(
        recipe
        for name in ("pickupTime", "deliveryTime")
        for recipe in (
            Recipe(_CREATE, f"{name}-moment", "A window that ends as it starts", _creates(**{name: _MOMENT})),
            Recipe(
                _CREATE,
                f"{name}-reversed",
                "A window that ends before it starts",
                _creates(**{name: _BACKWARDS}),
                "reversed-window",
                f"/{name}",
                f"{name}-moment",
            ),
            Recipe(_UPDATE, f"{name}-moment", "A window that ends as it starts", _updates(**{name: _MOMENT})),
            Recipe(
                _UPDATE,
                f"{name}-reversed",
                "A window that ends before it starts",
                _updates(**{name: _BACKWARDS}),
                "reversed-window",
                f"/{name}",
                f"{name}-moment",
            ),
        )
    ),
    Recipe(_LIST, USUAL, "The last 24 hours", _lists()),
    *(
        recipe
        for name in ("createdAt", "lastUpdatedAt")
        for recipe in (
            Recipe(_LIST, f"{name}-30-days", "The longest window", _lists(**{name: _window(START_MS, START_MS + 30 * DAY_MS)})),
            Recipe(
                _LIST,
                f"{name}-too-long",
                "A window of a millisecond more than 30 days",
                _lists(**{name: _window(START_MS, START_MS + 30 * DAY_MS + 1)}),
                "window-too-long",
                f"/{name}",
                f"{name}-30-days",
            ),
            Recipe(_LIST, f"{name}-moment", "A window that ends as it starts", _lists(**{name: _MOMENT})),
            Recipe(
                _LIST,
                f"{name}-reversed",
                "A window that ends before it starts",
                _lists(**{name: _BACKWARDS}),
                "reversed-window",
                f"/{name}",
                f"{name}-moment",
            ),
        )
    ),
    Recipe(
        _LIST,
        "foreign-page-token",
        "A page token that the service did not give",
        _lists(pagination={"currentToken": "NjJhMDUxYzE3MjliNWRmY2RlYWUxODcw"}),
        "bad-page-token",
        "/pagination/currentToken",
    ),
    Recipe(_UPDATE, USUAL, "An order joins a group", _updates(groupId="basket")),
    Recipe(_UPDATE, "unknown-tracker", "A tracker that nobody created", _unknown, "unknown-tracker", "path:tracker_id"),
    Recipe(_UPDATE, "dispatched", "A waiting tracker gets its provider", _updates(*_WAITING, provider=PROVIDER, trackingId="TB1")),
    Recipe(
        _UPDATE,
        "no-number",
        "A waiting tracker gets a provider without number",
        _updates(*_WAITING, provider=PROVIDER),
        "missing-data",
        "/trackingId",
        "dispatched",
    ),
    Recipe(_UPDATE, "same-provider", "The provider that it has", _updates(provider=PROVIDER)),
    Recipe(
        _UPDATE,
        "unknown-provider",
        "A provider that is not set up",
        _updates(provider=_NONE),
        "unknown-provider",
        "/provider",
        "same-provider",
    ),
    Recipe(_UPDATE, "same-location", "The location that it has", _updates(locationExternalId=LOCATION)),
    Recipe(
        _UPDATE,
        "unknown-location",
        "A location that nobody knows",
        _updates(locationExternalId=_NOWHERE),
        "unknown-location",
        "/locationExternalId",
        "same-location",
    ),
)


def _names_a_provider(body: Any) -> bool:
    """Tell whether a provider is wanted that may not be set up, or may not serve the location."""
    return isinstance(body, dict) and body.get("provider") not in (None, PROVIDER.otherwise)


def _runs_backwards(name: str) -> Callable[[Any], bool]:
    """Tell of a body whether a window of it has an end that is before its start."""

    def runs(body: Any) -> bool:
        window = body.get(name) if isinstance(body, dict) else None
        start, end = (window.get(edge) if isinstance(window, dict) else None for edge in ("startsAt", "endsAt"))
        return start is not None and end is not None and end < start

    return runs


DOUBTS = (
    Doubt(_LIST, "bad-page-token", "/pagination"),
    Doubt(_CREATE, "unknown-provider", when=_names_a_provider),
    *(
        Doubt(operation, "reversed-window", f"/{name}", _runs_backwards(name))
        for operation in (_CREATE, _UPDATE)
        for name in ("pickupTime", "deliveryTime")
    ),
)
