"""Trackru: parcels that are there twice, gone or never were, and what a batch holds."""

from __future__ import annotations

from typing import Any

from contracts.payloads.payload import Step
from contracts.payloads.recipe import USUAL, Call, Doubt, Fresh, Named, Recipe

CARRIER, OTHER = Named("carrier_code", "sto"), Named("other_carrier_code", "postnl")


def _new(fresh: Fresh, **more: Any) -> dict[str, Any]:
    return {"tracking_number": fresh("TB"), "carrier_code": CARRIER, **more}


def _create(parcel: dict[str, Any]) -> Step:
    return Step("createTracking", {}, parcel)


def _path(parcel: dict[str, Any]) -> dict[str, Any]:
    return {name: parcel[name] for name in ("carrier_code", "tracking_number")}


def _delete(parcel: dict[str, Any]) -> Step:
    return Step("deleteTracking", _path(parcel), None)


# --- createTracking ----------------------------------------------------------------------------------------------------------


def _create_usual(fresh: Fresh) -> Call:
    return Call(_new(fresh, title="Garden shears"))


def _create_twice(fresh: Fresh) -> Call:
    parcel = _new(fresh, title="Garden shears")
    return Call(parcel, before=(_create(parcel),))


def _create_other_case(fresh: Fresh) -> Call:
    parcel = _new(fresh, title="Garden shears")
    return Call(parcel | {"tracking_number": parcel["tracking_number"].lower()}, before=(_create(parcel),))


def _create_other_carrier(fresh: Fresh) -> Call:
    parcel = _new(fresh, title="Garden shears")
    return Call(parcel | {"carrier_code": OTHER}, before=(_create(parcel),))


def _create_again(fresh: Fresh) -> Call:
    parcel = _new(fresh, title="Garden shears")
    return Call(parcel, before=(_create(parcel), _delete(parcel)))


def _create_unknown_carrier(fresh: Fresh) -> Call:
    return Call(_new(fresh, title="Garden shears") | {"carrier_code": "no-such-carrier"})


# --- createTrackings ---------------------------------------------------------------------------------------------------------


def _batch(count: int) -> Any:
    return lambda fresh: Call([_new(fresh) for _ in range(count)])


def _batch_known(fresh: Fresh) -> Call:
    parcel = _new(fresh)
    return Call([parcel, _new(fresh)], before=(_create(parcel),))


def _batch_repeated(fresh: Fresh) -> Call:
    parcel = _new(fresh)
    return Call([parcel, parcel])


def _batch_flawed(fresh: Fresh) -> Call:
    return Call([_new(fresh), {"tracking_number": fresh("TB")}])


# --- lists -------------------------------------------------------------------------------------------------------------------


def _list(**params: Any) -> Any:
    return lambda fresh: Call(None, params, (_create(_new(fresh)),))


def _list_by_post(**filters: Any) -> Any:
    return lambda fresh: Call({"page": 1, "limit": 10} | filters, {}, (_create(_new(fresh)),))


def _numbers(count: int) -> str:
    return ",".join(f"OTHER{index:04}" for index in range(count))


def _list_of(count: int) -> Any:
    def make(fresh: Fresh) -> Call:
        parcel = _new(fresh)
        numbers = ",".join([parcel["tracking_number"], _numbers(count - 1)])
        return Call(None, {"numbers": numbers}, (_create(parcel),))

    return make


def _list_by_post_of(count: int) -> Any:
    def make(fresh: Fresh) -> Call:
        parcel = _new(fresh)
        numbers = ",".join([parcel["tracking_number"], _numbers(count - 1)])
        return Call({"page": 1, "limit": 10, "numbers": numbers}, {}, (_create(parcel),))

    return make


# --- one parcel --------------------------------------------------------------------------------------------------------------


def _there(**change: Any) -> Any:
    def make(fresh: Fresh) -> Call:
        parcel = _new(fresh)
        return Call(change or None, _path(parcel), (_create(parcel),))

    return make


def _never(**change: Any) -> Any:
    return lambda fresh: Call(change or None, _path(_new(fresh)))


def _gone(**change: Any) -> Any:
    def make(fresh: Fresh) -> Call:
        parcel = _new(fresh)
        return Call(change or None, _path(parcel), (_create(parcel), _delete(parcel)))

    return make


def _other_carrier(**change: Any) -> Any:
    def make(fresh: Fresh) -> Call:
        parcel = _new(fresh)
        return Call(change or None, _path(parcel) | {"carrier_code": OTHER}, (_create(parcel),))

    return make


def _look_up(fresh: Fresh) -> Call:
    return Call(_new(fresh))


def _look_up_unknown_carrier(fresh: Fresh) -> Call:
    return Call(_new(fresh) | {"carrier_code": "no-such-carrier"})


_CREATE, _BATCH, _GET, _POST = "createTracking", "createTrackings", "listTrackings", "listTrackingsByPost"
_GONE = "no-such-tracking"
_NUMBER = "path:tracking_number"

RECIPES = (
    Recipe(_CREATE, USUAL, "A parcel is registered", _create_usual),
    Recipe(_CREATE, "twice", "The same parcel again", _create_twice, "duplicate", "/tracking_number"),
    Recipe(_CREATE, "twice-other-case", "The same number in small letters", _create_other_case, "duplicate", "/tracking_number"),
    Recipe(_CREATE, "other-carrier", "A number that another carrier has too", _create_other_carrier),
    Recipe(_CREATE, "after-delete", "A parcel that was deleted may come again", _create_again),
    Recipe(_CREATE, "unknown-carrier", "A carrier that nobody knows", _create_unknown_carrier, "bad-carrier", "/carrier_code"),
    Recipe(_BATCH, USUAL, "Two parcels at once", _batch(2)),
    Recipe(_BATCH, "forty", "As many parcels as a batch holds", _batch(40)),
    Recipe(_BATCH, "forty-one", "One parcel too many for a batch", _batch(41), "too-many-items", "", "forty"),
    Recipe(_BATCH, "one-known", "One of two parcels is there already; the batch as a whole succeeds", _batch_known),
    Recipe(_BATCH, "one-twice", "The same parcel twice in a batch; the batch as a whole succeeds", _batch_repeated),
    Recipe(_BATCH, "one-flawed", "One of two parcels has no carrier; the batch as a whole succeeds", _batch_flawed),
    Recipe(_GET, USUAL, "The first page", _list()),
    Recipe(_GET, "far-page", "A page behind the last one", _list(page=1000), "nothing-found"),
    Recipe(_GET, "nothing-left", "A filter that nothing passes", _list(status="expired"), "nothing-found"),
    Recipe(_GET, "unknown-status", "A status that is none", _list(status="lost"), "bad-status", "query:status"),
    Recipe(_GET, "forty-numbers", "As many numbers as a call may name", _list_of(40)),
    Recipe(_GET, "forty-one-numbers", "One number too many", _list_of(41), "too-many-items", "query:numbers", "forty-numbers"),
    Recipe(_POST, USUAL, "The first page, the filters in a body", _list_by_post()),
    Recipe(_POST, "far-page", "A page behind the last one", _list_by_post(page=1000), "nothing-found"),
    Recipe(_POST, "nothing-left", "A filter that nothing passes", _list_by_post(status="expired"), "nothing-found"),
    Recipe(_POST, "unknown-status", "A status that is none", _list_by_post(status="lost"), "bad-status", "/status"),
    Recipe(_POST, "forty-numbers", "As many numbers as a call may name", _list_by_post_of(40)),
    Recipe(_POST, "forty-one-numbers", "One number too many", _list_by_post_of(41), "too-many-items", "/numbers", "forty-numbers"),
    Recipe("lookUpTracking", USUAL, "A parcel that the account never created", _look_up),
    Recipe("lookUpTracking", "unknown-carrier", "A carrier that nobody knows", _look_up_unknown_carrier, "bad-carrier", "/carrier_code"),
    Recipe("getTracking", USUAL, "A parcel that was created", _there()),
    Recipe("getTracking", "never-created", "A parcel that nobody created", _never(), _GONE, _NUMBER),
    Recipe("getTracking", "after-delete", "A parcel that was deleted", _gone(), _GONE, _NUMBER),
    Recipe("getTracking", "other-carrier", "The number of a parcel of another carrier", _other_carrier(), _GONE, _NUMBER),
    Recipe("updateTracking", USUAL, "A new title", _there(title="new title")),
    Recipe("updateTracking", "status-7", "A status that may be set", _there(status=7)),
    Recipe("updateTracking", "status-5", "A status that can't be set", _there(status=5), "bad-status", "/status", "status-7"),
    Recipe("updateTracking", "never-created", "A parcel that nobody created", _never(title="new title"), _GONE, _NUMBER),
    Recipe("updateTracking", "after-delete", "A parcel that was deleted", _gone(title="new title"), _GONE, _NUMBER),
    Recipe("deleteTracking", USUAL, "A parcel that was created", _there()),
    Recipe("deleteTracking", "never-created", "A parcel that nobody created", _never(), _GONE, _NUMBER),
    Recipe("deleteTracking", "twice", "A parcel that was deleted already", _gone(), _GONE, _NUMBER),
    Recipe("listCarriers", USUAL, "The carriers", lambda _: Call()),
    Recipe("detectCarriers", USUAL, "A number in the form of the postal union", lambda _: Call({"tracking_number": "RN123456789CN"})),
    Recipe(
        "detectCarriers",
        "undetectable",
        "A number of a form that no carrier uses",
        lambda _: Call({"tracking_number": "ZZZZZ"}),
        "not-detected",
        "/tracking_number",
    ),
)

DOUBTS = (
    Doubt(_GET, "nothing-found"),
    Doubt(_POST, "nothing-found"),
    Doubt("detectCarriers", "not-detected", "/tracking_number"),
)
