"""The operations of Delivery Solutions, and who may call them.

Trackers live under their id; `names` leads from an external id to it. Locations that calls made are kept, all others and
the providers are those of the scene.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sandbox.errors import Refused
from sandbox.exchange import Account, Call, Credential, Problem, Refusal, Reply, Request
from sandbox.outbox import Message
from sandbox.pages import Page
from sandbox.pipeline import Accounts
from sandbox.providers.delivery_solutions import listing, pages, refusals, story, tokens
from sandbox.providers.delivery_solutions.trackers import CHANGE, PROVIDER, WINDOWS, epoch_ms, kept, made_location, only, record, told
from sandbox.workspace import World

CHOSEN = {"provider", "locationExternalId"}  # what has to be found


class DeliverySolutions:
    """The provider `delivery_solutions`."""

    credential_header = "Authorization: Bearer sbx_demo"

    def identify(self, credential: Credential, accounts: Accounts) -> Account:
        """Take a client's id with any secret, a token that was issued, or the client's id in place of a token.

        The last is the sandbox's own convenience.
        """
        if credential.scheme == "ClientBasic":
            return accounts.known(credential.text.partition(":")[0])
        name = tokens.holder(credential.text)
        if name is None:
            return accounts.known(credential.text)
        standing = accounts.peek(Account(name), lambda world: tokens.check(credential.text, world.get("tokens", "current"), world.now))
        return Account(name, standing)

    def refuse(self, refusal: Refusal) -> Reply:
        """Say no as the gateway or the platform does."""
        return refusals.reply(refusal)

    def set_scene(self, world: World) -> None:
        """Put the scene's trackers into a fresh world, oldest first. Raises ValueError for one that no call could have made."""
        for given in sorted(world.scene["trackers"], key=lambda given: int(given["began_s"])):
            created_at = world.now + timedelta(seconds=given["began_s"])
            try:
                location, provider = _chosen(world, given, _location(world, given["locationExternalId"]), given.get("provider"))
            except Refused as refused:
                raise ValueError(f"the tracker {given['id']}: {refused}") from refused
            if provider:
                world.begin(given["trackingId"], created_at)
            _add(world, record(given["id"], given, location, provider, created_at) | {"linked": ""})

    def messages(self, world: World) -> Iterator[Message]:
        """Tell the customers how their orders are, by e-mail and text message."""
        for _, tracker in world.values("trackers"):
            yield from story.alerts(world, tracker)

    def page(self, world: World, link: Mapping[str, Any]) -> Page | None:
        """Show the page of an order, of a group of orders, or of returns."""
        return pages.show(world, link)

    # --- operations ------------------------------------------------------------------------------------------------------

    def issue_token(self, call: Call) -> Reply:
        """Issue a token and forget the one before. All members are strings."""
        token = tokens.issue(call.world, call.account)
        return Reply(
            200,
            {
                "token_type": "Bearer",
                "issued_at": str(epoch_ms(call.world.now)),
                "client_id": _client_id(call.request),
                "access_token": token,
                "scope": "",
                "expires_in": str(tokens.LIFE_S),
                "refresh_count": "0",
                "status": "approved",
            },
        )

    def create_tracker(self, call: Call) -> Reply:
        """Follow an order, from a known location or from one that this call makes; the known one wins."""
        world, sent = call.world, call.body
        known = "locationExternalId" in sent
        sought = _location(world, sent["locationExternalId"]) if known else made_location(world, sent["pickup"])
        location, provider = _chosen(world, sent, sought, sent.get("provider"))
        if not known:
            world.put("locations", location["locationExternalId"], location)
        tracker = record(world.new_hex("tracker", 24), sent, location, provider, world.now) | {"linked": world.name}
        if provider:
            world.parcel(sent["trackingId"])
        _add(world, tracker)
        warnings = {"warnings": [_ignored(location)]} if known and "pickup" in sent else {}
        return Reply(201, _answer(call, tracker, news=False) | warnings)

    def list_trackers(self, call: Call) -> Reply:
        """List one page, newest first."""
        start, keep = listing.cursor(call.world, call.body), listing.tests(call.world, call.body)
        page = listing.page(call.world, keep, start)
        neighbours = {"nextToken": page.following and str(page.following), "previousToken": page.preceding and str(page.preceding)}
        return Reply(200, {"data": [_answer(call, tracker) for tracker in page.trackers], "pagination": neighbours})

    def update_tracker(self, call: Call) -> Reply:
        """Change what is sent, each member as a whole; another number begins another story."""
        world, change, before = call.world, call.body or {}, _find(call)
        sought = _location(world, change["locationExternalId"]) if "locationExternalId" in change else before["location"]
        location, provider = _chosen(world, change, sought, _wanted(before, change), new=False)
        if not change.keys() & {*CHOSEN, *CHANGE}:
            return Reply(201, _answer(call, before))
        now_ms = epoch_ms(world.now)
        tracker = before | {
            "updated_ms": now_ms,
            "linked": call.world.name,
            "location": location,
            "provider": only(provider, PROVIDER) or before["provider"],
            "sent": before["sent"] | kept(change, CHANGE),
        }
        dispatched = tracker["sent"].get("trackingId") != before["sent"].get("trackingId")
        if dispatched:
            tracker["dispatched_ms"] = now_ms
            world.parcel(tracker["sent"]["trackingId"])
        _keep(world, tracker)
        return Reply(201, _answer(call, tracker, news=not dispatched))


# --- what a call means -------------------------------------------------------------------------------------------------------


def _problems(
    world: World, sent: Mapping[str, Any], location: Mapping[str, Any] | None, provider: str | None, *, new: bool = True
) -> Iterator[Problem]:
    """Find what no schema can: it depends on what is set up and on what is there."""
    if location is None:
        yield Problem("/locationExternalId", "unknown-location", values={"entity_id": sent["locationExternalId"]})
    if provider is not None and _provider(world, provider, location) is None:
        yield Problem("/provider", "unknown-provider", values={"entity_id": world.scene["business"]["id"]})
    for name in WINDOWS:
        start, end = ((sent.get(name) or {}).get(edge) for edge in ("startsAt", "endsAt"))
        if start is not None and end is not None and end < start:
            yield Problem(f"/{name}", "reversed-window")
    if new and (ident := sent.get("trackerExternalId")) and world.get("names", ident) is not None:
        yield Problem("/trackerExternalId", "duplicate-tracker", values={"entity_id": ident})


def _chosen(
    world: World, sent: Mapping[str, Any], location: Mapping[str, Any] | None, provider: str | None, *, new: bool = True
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """Settle on location and provider, if nothing speaks against the call. Raises Refused."""
    problems = tuple(_problems(world, sent, location, provider, new=new))
    if problems or location is None:
        raise Refused(problems[0].keyword, problems=problems)
    return location, _provider(world, provider, location)


def _wanted(tracker: Mapping[str, Any], change: Mapping[str, Any]) -> str | None:
    """Name the provider that an update has to find; None when it leaves provider and location alone. Raises Refused."""
    name = change.get("provider", tracker["provider"] and tracker["provider"]["name"])
    number = change.get("trackingId", tracker["sent"].get("trackingId"))
    if (name is None) != (number is None):
        raise Refused("missing-data", place="/provider" if name is None else "/trackingId")
    return name if change.keys() & CHOSEN else None


def _location(world: World, ident: str) -> Mapping[str, Any] | None:
    """Find a location that a call made, or else one of the scene."""
    made: Mapping[str, Any] | None = world.get("locations", ident)
    return made or next((location for location in world.scene["locations"] if location["locationExternalId"] == ident), None)


def _provider(world: World, name: str | None, location: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Find the provider of this name if it serves the location. A location that names its own providers is served by these."""
    provider: Mapping[str, Any]
    for provider in world.scene["providers"]:
        if provider["name"] == name:
            if location is None:
                return provider
            own = location.get("providers")
            served = name in own if own else location["locationExternalId"] in provider.get("locations", (location["locationExternalId"],))
            return provider if served else None
    return None


# --- trackers ----------------------------------------------------------------------------------------------------------------


def _find(call: Call) -> dict[str, Any]:
    """Find a tracker by its own id or else by its external one. Raises Refused."""
    ident = call.params["tracker_id"]
    tracker: dict[str, Any] | None = call.world.get("trackers", ident) or call.world.get("trackers", call.world.get("names", ident) or "")
    if tracker is None:
        raise Refused("unknown-tracker", place="path:tracker_id", entity_id=ident)
    return tracker


def _add(world: World, tracker: Mapping[str, Any]) -> None:
    world.put("names", tracker["sent"]["trackerExternalId"], tracker["id"])
    _keep(world, tracker)


def _keep(world: World, tracker: Mapping[str, Any]) -> None:
    world.put("trackers", tracker["id"], tracker)
    if tracker["linked"] == world.name:
        pages.publish(world, tracker)


def _answer(call: Call, tracker: Mapping[str, Any], *, news: bool = True) -> dict[str, Any]:
    """Tell a tracker; without `news` as it is at the moment of dispatch, when the provider has told nothing yet."""
    world = call.world
    if tracker["linked"] != world.name:
        pages.publish(world, tracker)
    events = story.events_of(world, tracker) if news else ()
    links = pages.addresses(world, tracker, call.request.site)
    return told(world, tracker, story.status(tracker, events), story.estimate(world, tracker, events), links)


def _ignored(location: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "IGNORED_DATA",
        "message": "pickup is ignored because locationExternalId is given.",
        "parameter": "pickup",
        "entityId": location["locationExternalId"],
        "entity": "location",
    }


def _client_id(request: Request) -> str:
    """Take the client's id as it was sent; under `--any-credentials` the account has another name."""
    return base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode().partition(":")[0]
