"""The links of an answer and what they open: the page of an order, of a group of orders, and of returns."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sandbox.pages import Page, PageEvent
from sandbox.providers.delivery_solutions import story
from sandbox.workspace import World

LIMITS = {"trackingUrl": 100, "hostedTrackingUrl": 100, "customerWebflowUrl": 1000, "returnsUrl": 100}
SHOWS = {"trackingUrl": "order", "hostedTrackingUrl": "order", "returnsUrl": "returns"}


def addresses(world: World, tracker: Mapping[str, Any], site: str) -> dict[str, str | None]:
    """Write the links of a tracker; None for a page that it does not have or whose address is too long for its member."""
    codes = _codes(world, tracker)
    links = {name: f"{site}/t/{codes[name]}" if name in codes else None for name in LIMITS}
    return {name: link if link and len(link) <= LIMITS[name] else None for name, link in links.items()}


def publish(world: World, tracker: Mapping[str, Any]) -> None:
    """Let the links of a tracker be opened."""
    for name, code in _codes(world, tracker).items():
        shown = {"page": SHOWS[name], "id": tracker["id"]} if name in SHOWS else {"page": "group", "id": tracker["sent"]["groupId"]}
        world.share(code, shown)


def show(world: World, link: Mapping[str, Any]) -> Page | None:
    """Show what a link stands for; None when it is gone."""
    if link["page"] == "group":
        return _group(world, link["id"])
    tracker = world.get("trackers", link["id"])
    if tracker is None:
        return None
    return _returns(world, tracker) if link["page"] == "returns" else _order(world, tracker)


def _codes(world: World, tracker: Mapping[str, Any]) -> dict[str, str]:
    names = ["hostedTrackingUrl", "returnsUrl", *(["trackingUrl"] if tracker["provider"] else [])]
    codes = {name: _code(world, f"{name} {tracker['id']}") for name in names}
    if group := tracker["sent"].get("groupId"):
        codes["customerWebflowUrl"] = _code(world, f"group {group}")
    return codes


def _code(world: World, what: str) -> str:
    """Make a code of 11 letters and digits, as long as in the published samples: Base64 with letters for its two other signs."""
    return base64.b64encode(bytes.fromhex(world.hex_of(what, 18)), b"xX").decode()[:11]


# --- pages -------------------------------------------------------------------------------------------------------------------


def _order(world: World, tracker: Mapping[str, Any]) -> Page:
    events = story.events_of(world, tracker)
    told = [PageEvent(event.at, story.WORDS[event.milestone].line, event.place.city) for event in reversed(events)]
    returns = _codes(world, tracker)["returnsUrl"]
    return Page(
        f"Order {tracker['sent']['trackerExternalId']}",
        f"Your order {_sentence(world, tracker)}.",
        tuple(_facts(world, tracker)),
        tuple(told),
        (("Send something back", f"/t/{returns}"),),
    )


def _facts(world: World, tracker: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    sent, events = tracker["sent"], story.events_of(world, tracker)
    if tracker["provider"]:
        yield "Carrier", tracker["provider"]["displayName"] or tracker["provider"]["name"]
        yield "Number", sent["trackingId"]
    if address := sent.get("deliveryAddress"):
        yield "Goes to", f"{address['city']}, {address['state']}"
    window = story.expected(world, tracker, events)
    if window and story.status(tracker, events) not in story.TERMINAL:
        yield "Expected", _span(*window)
    if sent.get("deliveryInstructions"):
        yield "Instructions", sent["deliveryInstructions"]


def _sentence(world: World, tracker: Mapping[str, Any]) -> str:
    events = story.events_of(world, tracker)
    if not tracker["provider"]:
        return "is being prepared"
    return story.WORDS[events[-1].milestone].sentence if events else "will soon be with the carrier"


def _span(start: datetime, end: datetime) -> str:
    return f"{start:%A, %-d %B %Y, %H:%M} to {end:%H:%M %Z}"


def _group(world: World, group: str) -> Page | None:
    trackers = [tracker for _, tracker in world.values("trackers") if tracker["sent"].get("groupId") == group]
    if not trackers:
        return None
    links = []
    for tracker in trackers:
        if tracker["linked"] != world.name:
            publish(world, tracker)
        name, code = tracker["sent"]["trackerExternalId"], _codes(world, tracker)["hostedTrackingUrl"]
        links.append((f"Order {name} {_sentence(world, tracker)}", f"/t/{code}"))
    return Page("Your orders", "All that belongs together, each with its own page.", links=tuple(links))


def _returns(world: World, tracker: Mapping[str, Any]) -> Page:
    items = tuple(_items(tracker["sent"]))
    here = story.status(tracker, story.events_of(world, tracker)) == "ORDER_DELIVERED"
    when = "These items can be sent back." if here else "These items can be sent back when they have arrived."
    return Page(
        f"Returns for order {tracker['sent']['trackerExternalId']}",
        f"{when if items else 'The order does not say what is in it.'} This sandbox takes no returns: nothing will be fetched.",
        items,
        links=(("Where the order is", f"/t/{_codes(world, tracker)['hostedTrackingUrl']}"),),
    )


def _items(sent: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Tell the items of an order as (name, how many); the packages where no items are named."""
    packages = sent.get("packages", ())
    for item in sent.get("itemList") or [item for package in packages for item in package.get("itemList", ())]:
        yield item.get("title") or item["sku"], str(item.get("quantity", 1))
    if not sent.get("itemList") and not any(package.get("itemList") for package in packages):
        for package in packages:
            yield package.get("description") or package.get("name", "custom"), str(package.get("quantity", 1))
