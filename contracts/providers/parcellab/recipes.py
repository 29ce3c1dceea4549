"""Causes of parcelLab that take a credential of a special form: one that names an account, with a call for another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.caller import Caller, Outcome
from contracts.causes import Recipe
from contracts.providers.parcellab.credentials import encoded, plain
from contracts.providers.parcellab.orders import new

Call = Callable[[Caller, dict[str, Any]], Outcome]


def _for_another(call: Call) -> Recipe:
    """Let a caller whose token is for the scene's account make a call for an account that is not theirs."""

    def recipe(caller: Caller) -> Outcome:
        own = caller.as_(encoded(caller.scene["account"], plain(caller.text or "")))
        return call(own, {"account": caller.scene["foreign_account"]})

    return recipe


_CALLS: Mapping[str, Call] = {
    "putOrder": lambda caller, account: caller.call("putOrder", new(caller, **account)),
    "createOrder": lambda caller, account: caller.call("createOrder", new(caller, **account)),
    "listOrders": lambda caller, account: caller.call("listOrders", params=account),
    "getOrderInfo": lambda caller, account: caller.call("getOrderInfo", params={**account, "order_number": caller.unique()}),
    "sendEvent": lambda caller, account: caller.call("sendEvent", {**account, "order_number": caller.unique(), "event_status": "Loaded"}),
}

RECIPES: Mapping[tuple[str, str], Recipe] = {(name, "foreign-account"): _for_another(call) for name, call in _CALLS.items()}
