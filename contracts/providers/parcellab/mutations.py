"""Promises of parcelLab: mutations, those that are carried out, those that fail softly, and those that refuse the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.promises import Promise, hold, promise, same
from contracts.proofs import members, moment, turned_down
from contracts.providers.parcellab.orders import (
    CREATING,
    FULL,
    LIVE,
    PUT,
    SCHEMAS,
    absent,
    adding,
    fields,
    made,
    named,
    new,
    pairs,
    parcel,
    parcels,
    put,
    read,
)

LINES: tuple[Mapping[str, Any], ...] = ({"line_item_id": "1", "sku": "TWL-01", "quantity": 3}, {"line_item_id": "2", "quantity": 1})

DONE, NOT_DONE = True, False


def _quantities(caller: Caller, order: Mapping[str, Any]) -> dict[Any, Any]:
    return {line["line_item_id"]: line.get("quantity") for line in read(caller, order)["articles_order"]}


def _mutated(caller: Caller, order: Mapping[str, Any], *mutations: Mapping[str, Any]) -> Outcome:
    return put(caller, named(order, mutations=[*mutations]), "a put with mutations")


def _went(outcome: Outcome, *expected: bool) -> None:
    """Hold that mutations succeeded or failed as expected, one result for each in the order sent."""
    got = [one.get("result", {}).get("success") for one in outcome.at("/mutations", [])]
    same(got, [*expected], "the results of the mutations are not what they should be", outcome)


def _pair(tracking: Mapping[str, Any]) -> tuple[Any, Any]:
    return tracking["courier"], tracking["tracking_number"]


# --- parcels -----------------------------------------------------------------------------------------------------------------


@promise("putOrder", "getOrderInfo", where=f"{SCHEMAS}/AddTracking", source=LIVE)
def a_parcel_is_added(caller: Caller) -> None:
    """`add_tracking` adds a parcel, when the order is made or later, and the status of the order shows it."""
    first, second = parcel(caller), parcel(caller, courier=caller.scene["other_courier"])
    outcome = put(caller, new(caller, mutations=adding(first)))
    _went(outcome, DONE)
    same(pairs(caller, outcome.body), [_pair(first)], "the parcel is not on the order", outcome)
    _went(_mutated(caller, outcome.body, *adding(second)), DONE)
    same(pairs(caller, outcome.body), [_pair(first), _pair(second)], "the parcels are not on the order")


@promise("putOrder", "getOrderInfo", where=PUT, source=LIVE)
def parcels_are_added_in_order(caller: Caller) -> None:
    """Several parcels of one put are added in the order sent, each once and with its own content."""
    sent = [parcel(caller, articles=[{"line_item_id": str(number), "note": f"of {number}"}]) for number in (3, 1, 2)]
    outcome = put(caller, new(caller, has_multiple_shipments=True, mutations=adding(*sent)))
    _went(outcome, DONE, DONE, DONE)
    same(pairs(caller, outcome.body), [_pair(one) for one in sent], "the parcels are not those sent, in their order", outcome)
    contents = [one.get("articles") for one in parcels(caller, outcome.body)]
    same(contents, [one["articles"] for one in sent], "a parcel has another content than was sent")


@promise("putOrder", where=f"{SCHEMAS}/MutationOutcome", source=LIVE)
def a_mutation_is_repeated_with_its_result(caller: Caller) -> None:
    """The answer repeats each mutation as it was sent, in its order, with a result beside it."""
    sent = [*adding(parcel(caller, delivery_number="007", tags=["ä"])), {"type": "cancel_order", "cancelled_reason": "customer"}]
    outcome = put(caller, new(caller, mutations=sent))
    told = outcome.at("/mutations", [])
    same(len(told), len(sent), "the answer has not one result for each mutation", outcome)
    for got, mutation in zip(told, sent, strict=True):
        members(got, mutation, "a mutation that was carried out", outcome)
        members(got.get("result"), {"success": True}, "its result", outcome)


@promise("putOrder", "getOrderInfo", where=f"{SCHEMAS}/AddTracking", source=LIVE)
def an_unknown_courier_fails_softly(caller: Caller) -> None:
    """A parcel of a courier that nobody knows does not refuse the call: its result says no, everything else is done."""
    right, wrong = parcel(caller), parcel(caller, courier=caller.unique("nobody-"))
    body = new(caller, channel="webshop", mutations=adding(wrong, right))
    for status in (201, 200):
        outcome = put(caller, body, "an order with an unknown courier")
        same(outcome.status, status, "an unknown courier changes the status", outcome)
        _went(outcome, NOT_DONE, DONE)
        result = outcome.at("/mutations/0/result", {})
        hold(result.get("warnings") or result.get("errors"), "nothing says why the mutation failed", got=result, outcome=outcome)
    same(pairs(caller, body), [_pair(right)], "the parcels are not those of known couriers", outcome)
    same(read(caller, outcome.body)["channel"], "webshop", "an unknown courier kept the order from being changed", outcome)


@promise("putOrder", "getOrderInfo", where=f"{PUT}/x-causes/tracking-on-another-order", source=LIVE)
def a_parcel_belongs_to_one_order(caller: Caller) -> None:
    """A parcel that another order has refuses the whole call, as `validation_error`, and stays where it is."""
    tracking = parcel(caller)
    first = put(caller, new(caller, mutations=adding(tracking))).body
    second, third = made(caller), new(caller, mutations=adding(parcel(caller), tracking))
    for body in (named(second, channel="after", mutations=adding(tracking)), third):
        outcome = turned_down(caller.call("putOrder", body), "a parcel of another order")
        refused(caller.spec, outcome, "tracking-on-another-order")
        same(outcome.at("/type"), "validation_error", "the refusal is of another type", outcome)
    same(pairs(caller, first), [_pair(tracking)], "a parcel is not on its order any more")
    same(read(caller, second), second, "a refused put changed something")
    same(pairs(caller, second), [], "a refused put added a parcel")
    absent(caller, third, "a refused put")


@promise("putOrder", "getOrderInfo", where=f"{SCHEMAS}/CancelTracking", inferred=True)
def a_parcel_can_be_cancelled(caller: Caller) -> None:
    """`cancel_tracking` stamps the parcel that it names and no other; a date that is sent is taken."""
    first, second = parcel(caller), parcel(caller)
    order = put(caller, new(caller, mutations=adding(first, second))).body
    _went(_mutated(caller, order, {"type": "cancel_tracking", "tracking": first}), DONE)
    told = parcels(caller, order)
    moment(told[0].get("cancelled_date"), "cancelled_date of a cancelled parcel")
    same(told[1].get("cancelled_date"), None, "a parcel was cancelled with another")
    date = "2026-02-03T04:05:06Z"
    _went(_mutated(caller, order, {"type": "cancel_tracking", "tracking": {**second, "cancelled_date": date}}), DONE)
    got = moment(parcels(caller, order)[1].get("cancelled_date"), "cancelled_date of a cancelled parcel")
    same(got, moment(date, "what was sent"), "a parcel was cancelled at another time than was sent")


@promise("putOrder", "getOrderInfo", where=f"{SCHEMAS}/CancelTracking", inferred=True)
def what_is_not_there_is_not_cancelled(caller: Caller) -> None:
    """Cancelling a parcel that the order does not have fails softly, also when another order has it."""
    tracking = parcel(caller)
    holder, order = put(caller, new(caller, mutations=adding(tracking))).body, made(caller)
    for target in (tracking, parcel(caller)):
        _went(_mutated(caller, order, {"type": "cancel_tracking", "tracking": target}), NOT_DONE)
    same(parcels(caller, holder)[0].get("cancelled_date"), None, "a parcel was cancelled through another order")


# --- the order and its lines -------------------------------------------------------------------------------------------------------


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/CancelOrder", source=FULL)
def an_order_can_be_cancelled(caller: Caller) -> None:
    """`cancel_order` sets the status to `Cancelled` and stamps it, with the date that is sent, or else with now."""
    date = "2026-02-03T04:05:06Z"
    for given in ({}, {"cancelled_date": date, "cancelled_reason": "payment"}):
        order = made(caller, articles_order=[*LINES])
        outcome = _mutated(caller, order, {"type": "cancel_order", **given})
        _went(outcome, DONE)
        after = read(caller, order)
        same(after["order_status"], "Cancelled", "a cancelled order has another status", outcome)
        stamped = moment(after["cancelled_date"], "cancelled_date", outcome)
        same(after["cancelled_reason"], given.get("cancelled_reason"), "the reason is another one", outcome)
        if given:
            same(stamped, moment(date, "what was sent"), "an order was cancelled at another time than was sent", outcome)
        same(after["articles_order"], order["articles_order"], "a cancellation changed the lines", outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/ChangeLineItemQuantity", source=FULL)
def a_quantity_is_set(caller: Caller) -> None:
    """`quantity` sets the new quantity of a line, 0 cancels it; other lines and members stay."""
    order = made(caller, articles_order=[*LINES])
    for quantity in (5, 0, 2147483647):
        change = {"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity": quantity}]}
        outcome = _mutated(caller, order, change)
        _went(outcome, DONE)
        same(read(caller, order)["articles_order"], [{**LINES[0], "quantity": quantity}, LINES[1]], "the lines are wrong", outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/QuantityChange", source=CREATING)
def a_quantity_is_cancelled(caller: Caller) -> None:
    """`quantity_to_cancel` takes that many off a line, down to nothing."""
    order = made(caller, articles_order=[*LINES])
    for cancelled, left in ((1, 2), (2, 0)):
        change = {"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity_to_cancel": cancelled}]}
        outcome = _mutated(caller, order, change)
        _went(outcome, DONE)
        same(_quantities(caller, order), {"1": left, "2": 1}, "the quantities are wrong", outcome)


@promise("putOrder", "getOrder", where=f"{PUT}/x-causes/too-much-cancelled", source=CREATING)
def no_more_is_cancelled_than_there_is(caller: Caller) -> None:
    """Cancelling more than there is refuses the call at exactly that place, and nothing is cancelled."""
    order = made(caller, articles_order=[*LINES])
    change = {
        "type": "change_line_item_quantity",
        "line_items": [{"line_item_id": "2", "quantity_to_cancel": 1}, {"line_item_id": "1", "quantity_to_cancel": 4}],
    }
    outcome = turned_down(caller.call("putOrder", named(order, mutations=[change])), "cancelling four of three")
    refused(caller.spec, outcome, "too-much-cancelled")
    same(fields(outcome), ["mutations.0.line_items.1.quantity_to_cancel"], "the refusal names another place", outcome)
    same(read(caller, order), order, "a refused put changed something", outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/ChangeLineItemQuantity", inferred=True)
def a_line_that_is_not_there_is_not_changed(caller: Caller) -> None:
    """Changing a line that the order does not have fails softly, and none of the mutation's lines is changed."""
    order = made(caller, articles_order=[*LINES])
    change = {
        "type": "change_line_item_quantity",
        "line_items": [{"line_item_id": "1", "quantity": 9}, {"line_item_id": "none", "quantity": 1}],
    }
    outcome = _mutated(caller, order, change)
    _went(outcome, NOT_DONE)
    same(_quantities(caller, order), {"1": 3, "2": 1}, "a mutation that failed changed something", outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/AddLineItem", inferred=True)
def a_line_is_added_once(caller: Caller) -> None:
    """`add_line_item` adds a line at the end, with its unknown members; one that is there already fails softly."""
    order = made(caller, articles_order=[*LINES])
    line = {"line_item_id": "9", "sku": "BAG-01", "quantity": 1, "shelfLife": "long"}
    _went(_mutated(caller, order, {"type": "add_line_item", "line_item": line}), DONE)
    outcome = _mutated(caller, order, {"type": "add_line_item", "line_item": {**line, "sku": "other"}})
    _went(outcome, NOT_DONE)
    same(read(caller, order)["articles_order"], [*LINES, line], "the lines are wrong", outcome)


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/ReplaceLineItem", inferred=True)
def a_line_is_replaced(caller: Caller) -> None:
    """`replace_line_item` puts a line in the place of the one with its id; an unknown id fails softly."""
    order = made(caller, articles_order=[*LINES])
    line = {"line_item_id": "1", "sku": "TWL-02"}
    _went(_mutated(caller, order, {"type": "replace_line_item", "line_item": line}), DONE)
    outcome = _mutated(caller, order, {"type": "replace_line_item", "line_item": {"line_item_id": "none"}})
    _went(outcome, NOT_DONE)
    same(read(caller, order)["articles_order"], [line, LINES[1]], "the lines are wrong", outcome)


@promise("putOrder", "getOrder", where=f"{PUT}/requestBody", source=LIVE)
def mutations_are_carried_out_in_order(caller: Caller) -> None:
    """Mutations are carried out one after the other, after the members of the same call are set."""
    order = made(caller)
    steps: list[Mapping[str, Any]] = [
        {"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity": quantity}]} for quantity in (7, 4)
    ]
    outcome = put(caller, named(order, articles_order=[*LINES], mutations=steps))
    _went(outcome, DONE, DONE)
    same(_quantities(caller, order), {"1": 4, "2": 1}, "the last of two mutations is not what stays", outcome)
    less = {"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity_to_cancel": 1}]}
    _went(_mutated(caller, order, less, steps[0]), DONE, DONE)
    same(_quantities(caller, order), {"1": 7, "2": 1}, "the last of two mutations is not what stays")


# --- all or nothing ----------------------------------------------------------------------------------------------------------


@promise("putOrder", "getOrder", "getOrderInfo", where=PUT, source=FULL)
def one_bad_mutation_stops_all(caller: Caller) -> None:
    """If one mutation of several is at fault nothing is done: neither the others nor the members of the call."""
    order = made(caller, articles_order=[*LINES], channel="before")
    good = [*adding(parcel(caller)), {"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity": 9}]}]
    too_much = {"type": "change_line_item_quantity", "line_items": [{"line_item_id": "2", "quantity_to_cancel": 2}]}
    for bad in (too_much, {"type": "no_such_mutation"}, {"type": "add_tracking"}, {"type": "add_tracking", "tracking": {"courier": "x"}}):
        body = named(order, channel="after", mutations=[*good, bad, {"type": "cancel_order"}])
        outcome = turned_down(caller.call("putOrder", body), "a mutation that is at fault")
        same(read(caller, order), order, "a refused put changed something", outcome)
        same(pairs(caller, order), [], "a refused put added a parcel", outcome)
        fresh = new(caller, articles_order=[*LINES], mutations=[*adding(parcel(caller)), bad])
        turned_down(caller.call("putOrder", fresh), "a mutation that is at fault")
        absent(caller, fresh, "a refused put")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/Mutation", inferred=True)
def an_unknown_mutation_is_refused_at_its_place(caller: Caller) -> None:
    """A mutation of an unknown type is refused, and the refusal names where it stands."""
    body = new(caller, mutations=[*adding(parcel(caller)), {"type": "add_trackings"}])
    outcome = turned_down(caller.call("putOrder", body), "a mutation of an unknown type")
    same(outcome.status, 400, "a mutation of an unknown type has another status", outcome)
    same(fields(outcome), ["mutations.1.type"], "the refusal names another place", outcome)


@promise("putOrder", "getOrderInfo", where=f"{PUT}/x-causes/checkpoints-sent", source=LIVE)
def checkpoints_cannot_be_sent(caller: Caller) -> None:
    """A parcel with checkpoints of the caller's is refused, and not added."""
    order = made(caller)
    for checkpoints in ([], [{"status_code": "Delivered"}], None):
        body = named(order, mutations=adding(parcel(caller, checkpoints=checkpoints)))
        same(turned_down(caller.call("putOrder", body), "a parcel with checkpoints").status, 400, "the status is another one")
    same(pairs(caller, order), [], "a parcel with checkpoints was added")


PROMISES: tuple[Promise, ...] = (
    a_parcel_is_added,
    parcels_are_added_in_order,
    a_mutation_is_repeated_with_its_result,
    an_unknown_courier_fails_softly,
    a_parcel_belongs_to_one_order,
    a_parcel_can_be_cancelled,
    what_is_not_there_is_not_cancelled,
    an_order_can_be_cancelled,
    a_quantity_is_set,
    a_quantity_is_cancelled,
    no_more_is_cancelled_than_there_is,
    a_line_that_is_not_there_is_not_changed,
    a_line_is_added_once,
    a_line_is_replaced,
    mutations_are_carried_out_in_order,
    one_bad_mutation_stops_all,
    an_unknown_mutation_is_refused_at_its_place,
    checkpoints_cannot_be_sent,
)
