"""Billink: what its document can't say.

An order is found by its invoice number, and each call adds a tracker to it. Nothing can be read back: what is kept of a
tracker is what was answered. Refusals are problem details in the words of API Platform and Symfony, the framework that the
published error bodies give away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.errors import Refused
from sandbox.exchange import Account, Call, Credential, Problem, Refusal, Reply
from sandbox.outbox import Message
from sandbox.pipeline import Accounts
from sandbox.workspace import World

ZONE = ZoneInfo("Europe/Amsterdam")  # of createdAt and updatedAt, as of the vendor's webhooks
MISSING = "MISSING-"  # so starts an invoice without an order, and
FOREIGN = "FOREIGN-"  # so one of another merchant; both are the sandbox's own convention
TRACKERS, FILES, ORDERS = 7300, 914, 48214  # what new numbers count on from: a fresh account's first are those of the examples


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule as Symfony's validator tells it: its sentence, with a gap for what is expected, and its constant code."""

    message: str
    code: str


NOT_BLANK = Constraint("This value should not be blank.", "c1051bb4-d103-4f74-8988-acbcafc7fdc3")
CONSTRAINTS: Mapping[str, Constraint] = {
    "required": NOT_BLANK,
    "minLength": NOT_BLANK,
    "enum": Constraint("The value you selected is not a valid choice.", "8e179f1b-97aa-4560-a02f-2a8b42e49df7"),
    "pattern": Constraint("This value is not valid.", "de1e3db3-5ed4-4941-aae4-59f3667cc3a3"),
    "type": Constraint("This value should be of type {}.", "ba785a8c-82cb-4283-967c-3cf342181b40"),
    "maxLength": Constraint("This value is too long. It should have {} characters or less.", "d94b19cc-114f-4f44-9cc4-4138e80a87b9"),
}
KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "an object",
    type(None): "null",
}
WANTED = {"string": "a string", "array": "an array", "object": "an object"}


class Billink:
    """The provider `billink`."""

    credential_header = ""

    def identify(self, credential: Credential, accounts: Accounts) -> Account:
        """Take the merchant's id for what it is; any user name goes with it."""
        return accounts.known(credential.text)

    def refuse(self, refusal: Refusal) -> Reply:
        """Say no in problem details, with all that is wrong with the request as violations."""
        headers = {"allow": refusal.values["allow"]} if "allow" in refusal.values else {}
        return Reply(refusal.cause.status, {**refusal.example, **_told(refusal)}, headers)

    def set_scene(self, world: World) -> None:
        """Put the scene's orders into a fresh world."""
        for order in world.scene["orders"]:
            world.put("orders", order["invoiceNumber"], order["orderId"])

    def messages(self, world: World) -> Iterator[Message]:  # noqa: ARG002 - nobody is written to
        """Tell nothing: no page knows of a message to the recipient."""
        yield from ()

    def page(self, world: World, link: Mapping[str, Any]) -> None:
        """Show nothing: no answer of this API carries a link."""

    # --- operations ------------------------------------------------------------------------------------------------------

    def create_tracker(self, call: Call) -> Reply:
        """Add a tracker to the order of an invoice; the same request again adds one more."""
        world, sent = call.world, call.body
        order = _order(world, sent["invoiceNumber"])
        at = world.now.astimezone(ZONE).isoformat(timespec="seconds")
        tracker = {
            "id": TRACKERS + world.next("tracker"),
            "orderId": order,
            "invoiceNumber": sent["invoiceNumber"],
            "carrier": sent["carrierCode"],
            "trackingCode": sent["trackAndTrace"],
            "media": [_stored(world, file) for file in sent.get("media", ())],
            "createdAt": at,
            "updatedAt": at,
        }
        world.put("trackers", str(tracker["id"]), tracker)
        return Reply(201, tracker)


# --- orders and files --------------------------------------------------------------------------------------------------------


def _order(world: World, invoice: str) -> int:
    """Find the number of an invoice's order; one that was never named before gets its number now."""
    if invoice.startswith(MISSING):
        raise Refused("unknown-invoice", place="/invoiceNumber")
    if invoice.startswith(FOREIGN):
        raise Refused("foreign-invoice", place="/invoiceNumber")
    known: int | None = world.get("orders", invoice)
    if known is not None:
        return known
    number = _new_order(world)
    world.put("orders", invoice, number)
    return number


def _new_order(world: World) -> int:
    """Count on to a number that no order of the scene has."""
    taken = {order["orderId"] for order in world.scene["orders"]}
    number = ORDERS + world.next("order")
    while number in taken:
        number = ORDERS + world.next("order")
    return number


def _stored(world: World, file: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what is kept of a file: all but its content."""
    kept: dict[str, Any] = {"id": FILES + world.next("file")}
    return kept | {"fileName": file["fileName"]} if "fileName" in file else kept


# --- refusals ----------------------------------------------------------------------------------------------------------------


def _told(refusal: Refusal) -> dict[str, Any]:
    """Tell what a body says of this very request; nothing where the example says it all."""
    if not refusal.problems:
        return {}
    match refusal.cause.name:
        case "invalid":
            return _violated([_violation(problem) for problem in _once(refusal.problems)])
        case "media-type":
            return {"detail": " ".join(f"The {problem.place.removeprefix('header:')} {problem.message}." for problem in refusal.problems)}
        case _:
            return {}


def _once(problems: tuple[Problem, ...]) -> Iterator[Problem]:
    """Leave out what else is wrong with a value of the wrong type: it never reaches Symfony's other rules."""
    mistyped = {problem.place for problem in problems if problem.keyword == "type"}
    return (problem for problem in problems if problem.keyword == "type" or problem.place not in mistyped)


def _violated(violations: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum violations up as API Platform does: codes numbered and joined once there are several, one line for each."""
    codes = [violation["code"] for violation in violations]
    joined = codes[0] if len(codes) == 1 else ";".join(f"{index}={code}" for index, code in enumerate(codes))
    lines = [f"{violation['propertyPath']}: {violation['message']}".removeprefix(": ") for violation in violations]
    return {"type": f"/validation_errors/{joined}", "detail": "\n".join(lines), "violations": violations}


def _violation(problem: Problem) -> dict[str, Any]:
    constraint, path = CONSTRAINTS[problem.keyword], _path(problem.place)
    if problem.keyword != "type":
        return {"propertyPath": path, "message": constraint.message.format(problem.expected), "code": constraint.code}
    wanted = problem.expected[0]
    hint = f"{path or 'The body'} must be {WANTED[wanted]}, not {KINDS[type(problem.value)]}."
    return {"propertyPath": path, "message": constraint.message.format(wanted), "code": constraint.code, "hint": hint}


def _path(place: str) -> str:
    """Write a place as Symfony does: `/media/0/file` is `media[0].file`."""
    return re.sub(r"/([0-9]+)(?=/|$)", r"[\1]", place).removeprefix("/").replace("/", ".")
