"""Mutations: what a call does to an order beside setting its members, one after the other.

A mutation that can't be carried out for a soft reason says so in its result and changes nothing. A hard reason is a problem
of the draft, which is then never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.exchange import Problem
from sandbox.providers.parcellab import orders
from sandbox.workspace import World

Pair = tuple[str, str]


@dataclass(slots=True)
class Draft:
    """An order on its way from one state to the next: nothing of it is kept yet.

    Lines stand under their ids and parcels under courier and number, so that thousands of mutations take no longer than
    as many members; `close` lays them back into the order.
    """

    world: World
    record: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, dict[str, Any]] = field(init=False)
    trackings: dict[Pair, dict[str, Any]] = field(init=False)
    _numbers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = {line["line_item_id"]: line for line in self.members.get("articles_order", ())}
        self.trackings = {_pair(tracking): tracking for tracking in self.record["trackings"]}

    @property
    def members(self) -> dict[str, Any]:
        """The order's members as they are now, but for its lines."""
        members: dict[str, Any] = self.record["members"]
        return members

    def close(self) -> None:
        """Lay lines and parcels back into the order."""
        if self.lines:
            self.members["articles_order"] = [*self.lines.values()]
        self.record["trackings"] = [*self.trackings.values()]

    def holder(self, tracking: Mapping[str, Any]) -> str | None:
        """Tell the number of the order of the account that has a parcel."""
        account = str(self.members["account"])
        external_id = orders.holders(self.world, tracking["courier"], tracking["tracking_number"]).get(account)
        if external_id is not None and external_id not in self._numbers:
            holder = orders.by_id(self.world, external_id) or {}
            self._numbers[external_id] = holder["members"]["order_number"]
        return None if external_id is None else self._numbers[external_id]


Result = dict[str, Any]


def carry_out(draft: Draft, mutations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Carry mutations out in their order, and repeat each with its result."""
    outcomes = [_carry_out(draft, mutation, f"/mutations/{index}") for index, mutation in enumerate(mutations)]
    draft.close()
    return outcomes


def _carry_out(draft: Draft, mutation: Mapping[str, Any], place: str) -> dict[str, Any]:
    members, handle = TYPES[mutation["type"]]
    echo = {name: value for name, value in mutation.items() if name in members}
    return {"type": mutation["type"], **echo, "result": handle(draft, mutation, place)}


def _done(message: str) -> Result:
    return {"success": True, "message": message, "errors": [], "warnings": []}


def _failed(message: str, *warnings: str) -> Result:
    return {"success": False, "message": message, "errors": [], "warnings": list(warnings)}


# --- parcels -----------------------------------------------------------------------------------------------------------------


def _add_tracking(draft: Draft, mutation: Mapping[str, Any], place: str) -> Result:
    """Add a parcel. Another order's is refused before anybody looks at the courier; one of our own stays as it is."""
    sent, name = mutation["tracking"], _name(mutation["tracking"])
    if _pair(sent) in draft.trackings:
        return _done(f"{name} is on the order already")
    if (holder := draft.holder(sent)) is not None:
        message = f"{name} is on order {holder} already."
        draft.problems.append(Problem(f"{place}/tracking/tracking_number", "tracking-on-another-order", message))
        return _failed(message)
    if not any(courier["courier"] == sent["courier"] for courier in draft.world.scene["couriers"]):
        return _failed("The tracking was not added.", f"There is no courier with the code {sent['courier']}.")
    draft.trackings[_pair(sent)] = {**sent, "added_at": orders.iso(draft.world.now)}
    return _done(f"{name} added")


def _cancel_tracking(draft: Draft, mutation: Mapping[str, Any], _: str) -> Result:
    """Mark a parcel as cancelled; a second time changes no more than what it gives."""
    sent, name = mutation["tracking"], _name(mutation["tracking"])
    before = draft.trackings.get(_pair(sent))
    if before is None:
        return _failed("The tracking was not cancelled.", f"{name} is not on this order.")
    draft.trackings[_pair(sent)] = before | _cancelled(draft, before, sent)
    return _done(f"{name} cancelled")


def _cancelled(draft: Draft, before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Tell date and reason of a cancellation: what is sent, else what there was, else now."""
    date = sent.get("cancelled_date") or before.get("cancelled_date") or orders.iso(draft.world.now)
    return {"cancelled_date": date, "cancelled_reason": sent.get("cancelled_reason") or before.get("cancelled_reason")}


def _pair(tracking: Mapping[str, Any]) -> Pair:
    return tracking["courier"], tracking["tracking_number"].upper()


def _name(tracking: Mapping[str, Any]) -> str:
    return f"Tracking {tracking['tracking_number']} of {tracking['courier']}"


# --- the order and its lines -------------------------------------------------------------------------------------------------------


def _cancel_order(draft: Draft, mutation: Mapping[str, Any], _: str) -> Result:
    draft.members.update(order_status="Cancelled", **_cancelled(draft, draft.members, mutation))
    return _done("Order cancelled")


def _change_quantities(draft: Draft, mutation: Mapping[str, Any], place: str) -> Result:
    """Change quantities, or none of them when the order lacks one of the lines."""
    changes = mutation["line_items"]
    if unknown := [change["line_item_id"] for change in changes if change["line_item_id"] not in draft.lines]:
        return _failed("No quantity was changed.", *(f"There is no line item {one} in this order." for one in unknown))
    return _done("; ".join(_change_quantity(draft, change, f"{place}/line_items/{index}") for index, change in enumerate(changes)))


def _change_quantity(draft: Draft, change: Mapping[str, Any], place: str) -> str:
    ident = change["line_item_id"]
    line = draft.lines[ident]
    there = int(line.get("quantity") or 0)
    if "quantity" in change:
        quantity = int(change["quantity"])
    elif (quantity := there - int(change["quantity_to_cancel"])) < 0:
        message = f"Cannot cancel {int(change['quantity_to_cancel'])} of item {ident}. Only {there} available."
        draft.problems.append(Problem(f"{place}/quantity_to_cancel", "too-much-cancelled", message))
        return message
    draft.lines[ident] = line | {"quantity": quantity}
    return f"Line item {ident} changed from {there} to {quantity}"


def _add_line_item(draft: Draft, mutation: Mapping[str, Any], _: str) -> Result:
    line = mutation["line_item"]
    if line["line_item_id"] in draft.lines:
        return _failed("The line item was not added.", f"There is a line item {line['line_item_id']} in this order already.")
    draft.lines[line["line_item_id"]] = line
    return _done(f"Line item {line['line_item_id']} added")


def _replace_line_item(draft: Draft, mutation: Mapping[str, Any], _: str) -> Result:
    line = mutation["line_item"]
    if line["line_item_id"] not in draft.lines:
        return _failed("The line item was not replaced.", f"There is no line item {line['line_item_id']} in this order.")
    draft.lines[line["line_item_id"]] = line
    return _done(f"Line item {line['line_item_id']} replaced")


# What a type is called, the members of it that an answer repeats, and who carries it out.
TYPES: Mapping[str, tuple[tuple[str, ...], Callable[[Draft, Mapping[str, Any], str], Result]]] = {
    "add_tracking": (("tracking",), _add_tracking),
    "cancel_tracking": (("tracking",), _cancel_tracking),
    "cancel_order": (("cancelled_date", "cancelled_reason"), _cancel_order),
    "change_line_item_quantity": (("line_items",), _change_quantities),
    "add_line_item": (("line_item",), _add_line_item),
    "replace_line_item": (("line_item",), _replace_line_item),
}
