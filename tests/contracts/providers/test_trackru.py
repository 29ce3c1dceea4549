"""The sandbox keeps each promise of Trackru, and something that does not is told."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from breaking import answers, broken, caller, each_name, untold
from judges import Bug, Send, sent

from contracts.promises import Promise
from contracts.providers.trackru import PROMISES
from sandbox.answers import Answer
from sandbox.exchange import Request

NUMBERS = itertools.count(1)
CREATE, CARRIERS, DETECT, LOOK_UP = "trackings/post", "/carriers", "/detect", "/realtime"


def _data(**members: Any) -> Any:
    return lambda body: body["data"].update(members)


def _no_slash(request: Request, send: Send) -> Answer:
    return send(request._replace(path=f"{request.path}none") if request.path.endswith("/") else request)


# What breaks each promise: an implementation of the catalogue by its name, or a bug of its own.
BREAKS: dict[str, Any] = {}


def test_each_promise_has_something_that_breaks_it() -> None:
    assert sorted(BREAKS) == sorted(each_name(PROMISES))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
@pytest.mark.parametrize("account", ["sbx_t{}", "sbx_empty_t{}"])
def test_the_sandbox_keeps_each_promise(promise: Promise, account: str) -> None:
    assert untold(promise.check, caller("trackru", account.format(next(NUMBERS)))) == ""


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_each_promise_can_be_broken(promise: Promise) -> None:
    assert broken(promise.check, caller("trackru", f"sbx_bad{next(NUMBERS)}", BREAKS[promise.name]))


def test_without_a_clock_only_what_needs_one_cannot_be_told() -> None:
    reasons = {promise.name: untold(promise.check, caller("trackru", f"sbx_c{next(NUMBERS)}", clock=False)) for promise in PROMISES}
    assert {name for name, reason in reasons.items() if reason} == {
        "an-update-moves-updated-at",
        "checkpoints-are-added-and-never-changed",
        "a-milestone-that-was-reached-stays",
        "what-is-delivered-stays-delivered",
        "status-and-newest-checkpoint-agree",
        "updated-at-only-moves-forward",
        "an-overruled-status-stays-while-the-parcel-moves",
        "the-status-filter-follows-the-parcel",
    }


def test_where_one_account_is_all_there_is_nothing_is_told_of_others() -> None:
    promise = next(promise for promise in PROMISES if promise.name == "accounts-are-apart")
    who = caller("trackru", "sbx_single")
    object.__setattr__(who, "foreign", lambda: None)
    assert "one account" in untold(promise.check, who)
