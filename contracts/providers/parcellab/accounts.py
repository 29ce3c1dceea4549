"""Promises of parcelLab: credentials, and that nobody sees or changes what is another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import refused
from contracts.promises import Promise, accepted, hold, promise, same
from contracts.proofs import stranger, taken, turned_down, with_standing
from contracts.providers.parcellab.credentials import WORD, encoded, plain
from contracts.providers.parcellab.orders import CREATING, FULL, PAGE, PUT, SCHEMAS, absent, made, named, new, put, read

AUTH = "https://docs.parcellab.com/docs/developers/v4/getting-started/authentication"
SCHEME = "/components/securitySchemes/HeaderToken"
NOBODY = "/components/responses/Unauthorized"


def _each(caller: Caller, order: dict[str, Any], headers: dict[str, str] | None = None) -> Iterator[Outcome]:
    """Call each operation, as whoever the caller is."""
    account = {"account": order["account"]}
    yield caller.call("putOrder", named(order, channel="666"), headers=headers)
    yield caller.call("createOrder", new(caller), headers=headers)
    yield caller.call("listOrders", headers=headers)
    yield caller.call("getOrder", params={"id": order["external_id"]}, headers=headers)
    yield caller.call("getOrderInfo", params={**account, "order_number": order["order_number"]}, headers=headers)
    yield caller.call("sendEvent", {**account, "order_number": order["order_number"], "event_status": "Loaded"}, headers=headers)


def _in_form(caller: Caller, account: int) -> Caller:
    """Give the caller with the Base64 form of its token, for an account."""
    return caller.as_(encoded(account, plain(caller.text or "")))


@promise("putOrder", "createOrder", "listOrders", "getOrder", "getOrderInfo", "sendEvent", where=NOBODY, source=CREATING)
def nobody_gets_in_without_a_token(caller: Caller) -> None:
    """Without a token each call is refused with 401 and does nothing."""
    order = made(caller)
    for outcome in _each(caller.as_nobody(), order):
        same(turned_down(outcome, "a call without a token").status, 401, "a call without a token has another status", outcome)
    same(read(caller, order), order, "a call without a token changed something")


@promise("putOrder", "createOrder", "listOrders", "getOrder", "getOrderInfo", "sendEvent", where=NOBODY, source=CREATING)
def nobody_gets_in_with_a_bad_token(caller: Caller) -> None:
    """What is no token, or not quite the token, or behind another word, is refused with 401 and does nothing."""
    order = made(caller)
    nobody, token = caller.unique("nobody-"), caller.text or ""
    bad = (
        WORD,
        f"{WORD} ",
        f"{WORD} {nobody}",
        f"{WORD} {encoded(order['account'], nobody)}",
        f"Basic {token}",
        token,
        f"{WORD}{token}",
        "",
    )
    for header in bad:
        for outcome in _each(caller.as_nobody(), order, {"authorization": header}):
            same(turned_down(outcome, f"the header Authorization: {header}").status, 401, "the status is another one", outcome)
    same(read(caller, order), order, "a call with a bad token changed something")


@promise("putOrder", "createOrder", "listOrders", "getOrder", "getOrderInfo", "sendEvent", where=NOBODY, inferred=True)
def no_token_is_told_from_a_bad_one(caller: Caller) -> None:
    """The refusal of a call without a token has another code than that of a call with a bad one."""
    order = made(caller)
    bad = {"authorization": f"{WORD} {caller.unique('nobody-')}"}
    for headers, cause in ((None, "not-authenticated"), (bad, "authentication-failed")):
        for outcome in _each(caller.as_nobody(), order, headers):
            refused(caller.spec, turned_down(outcome, "a call without a good token"), cause)


@promise("putOrder", where=NOBODY, source=CREATING)
def a_put_by_nobody_makes_nothing(caller: Caller) -> None:
    """A put or post without a token leaves no order behind."""
    for operation in ("putOrder", "createOrder"):
        body = new(caller)
        turned_down(caller.as_nobody().call(operation, body), "a call without a token")
        absent(caller, body, "a call without a token")


@promise("putOrder", "getOrder", where=SCHEME, inferred=True)
def a_token_is_good_in_both_its_forms(caller: Caller) -> None:
    """A token works as it is, and in Base64 with the account's number before it."""
    order = made(caller)
    for form in (caller.as_(plain(caller.text or "")), _in_form(caller, caller.scene["account"])):
        put(form, named(order, channel=form.unique()), "a put with the other form of the token")
        same(read(form, order)["external_id"], order["external_id"], "the other form of a token is of another account")


@promise("putOrder", "getOrder", where=f"{PUT}/x-causes/foreign-account", source=FULL)
def a_token_is_for_its_account(caller: Caller) -> None:
    """A token that names an account may not use another one: 403, by a `detail` alone, and nothing is made."""
    bound, body = _in_form(caller, caller.scene["account"]), new(caller)
    foreign = {**body, "account": caller.scene["foreign_account"]}
    outcome = turned_down(bound.call("putOrder", foreign), "an order of another account")
    refused(caller.spec, outcome, "foreign-account")
    same(sorted(outcome.body), ["detail"], "the refusal has another shape", outcome)
    turned_down(bound.call("createOrder", foreign), "an order of another account")
    absent(caller, body, "a put for another account")
    put(bound, body, "an order of the token's own account")


@promise("listOrders", "getOrderInfo", "sendEvent", where=f"{PUT}/x-causes/foreign-account", inferred=True)
def a_token_asks_for_its_account(caller: Caller) -> None:
    """A token that names an account may not ask for another one, nor report to it."""
    bound, number = _in_form(caller, caller.scene["account"]), caller.scene["foreign_account"]
    for outcome in (
        bound.call("listOrders", params={"account": [number]}),
        bound.call("getOrderInfo", params={"account": number, "order_number": caller.unique("ABC-")}),
        bound.call("sendEvent", {"account": number, "order_number": caller.unique("ABC-"), "event_status": "Loaded"}),
    ):
        refused(caller.spec, turned_down(outcome, "a call for another account"), "foreign-account")


@promise("putOrder", "createOrder", "sendEvent", "getOrder", "listOrders", where=f"{PUT}/security", source=CREATING)
def who_may_only_read_does_not_write(caller: Caller) -> None:
    """A token that may only read is refused with 403 by what writes, and changes nothing."""
    reader = caller.as_(with_standing(caller, "readonly"))
    accepted(reader.call("listOrders"))
    body = new(caller)
    for outcome in (
        reader.call("putOrder", body),
        reader.call("createOrder", body),
        reader.call("sendEvent", {"account": body["account"], "order_number": body["order_number"], "event_status": "Loaded"}),
    ):
        same(turned_down(outcome, "a write with a token that may only read").status, 403, "the status is another one", outcome)
    absent(reader, body, "a write with a token that may only read")


@promise("putOrder", "listOrders", where=NOBODY, source=PAGE)
def a_revoked_token_is_no_token(caller: Caller) -> None:
    """A token that was good once is refused like any other."""
    order = made(caller)
    for outcome in _each(caller.as_(with_standing(caller, "revoked")), order):
        same(turned_down(outcome, "a revoked token").status, 401, "a revoked token is refused with another status", outcome)
    same(read(caller, order), order, "a revoked token changed something")


@promise("putOrder", "getOrder", "getOrderInfo", "listOrders", where=f"{SCHEMAS}/Order", source=PAGE)
def an_account_sees_its_own(caller: Caller) -> None:
    """An order is neither read, nor listed, nor found by another account."""
    other = stranger(caller)
    order = made(caller)
    turned_down(other.call("getOrder", params={"id": order["external_id"]}), "another's order")
    params = {"account": order["account"], "order_number": order["order_number"]}
    turned_down(other.call("getOrderInfo", params=params), "the status of another's order")
    listed = accepted(other.call("listOrders")).at("/results", [])
    hold(
        order["external_id"] not in [one.get("external_id") for one in listed], "an account lists another's order", got=order["external_id"]
    )


@promise("putOrder", "getOrder", where=PUT, source=PAGE)
def an_account_changes_its_own(caller: Caller) -> None:
    """A put of another account, by number or by external id, does not change an order."""
    other = stranger(caller)
    order = made(caller)
    for body in (named(order, channel="666"), {"external_id": order["external_id"], "channel": "666"}):
        other.call("putOrder", body)
        same(read(caller, order), order, "an account changed another's order")


@promise("putOrder", "getOrder", where=f"{SCHEMAS}/OrderNumber", source=PAGE)
def numbers_are_an_accounts_own(caller: Caller) -> None:
    """Two accounts may use the same order number; each has an order of its own."""
    other = stranger(caller)
    body = new(caller)
    mine = taken(caller.call("putOrder", body), "a new order")
    yours = taken(other.call("putOrder", {**body, "channel": "yours"}), "an order number that another account has")
    same(yours.status, 201, "an order of another account was found", yours)
    hold(mine.at("/external_id") != yours.at("/external_id"), "two accounts share an order", got=yours.at("/external_id"), outcome=yours)
    same(read(caller, mine.body)["channel"], mine.at("/channel"), "an account changed another's order")


PROMISES: tuple[Promise, ...] = (
    nobody_gets_in_without_a_token,
    nobody_gets_in_with_a_bad_token,
    no_token_is_told_from_a_bad_one,
    a_put_by_nobody_makes_nothing,
    a_token_is_good_in_both_its_forms,
    a_token_is_for_its_account,
    a_token_asks_for_its_account,
    who_may_only_read_does_not_write,
    a_revoked_token_is_no_token,
    an_account_sees_its_own,
    an_account_changes_its_own,
    numbers_are_an_accounts_own,
)
