"""The sandbox keeps each promise of Billink, and something that does not is told."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from breaking import answers, broken, caller, each_name, untold
from judges import Bug, Send, sent

from contracts.promises import Promise
from contracts.providers.billink import PROMISES, places
from sandbox.answers import Answer
from sandbox.exchange import Request

NUMBERS = itertools.count(1)


def _always_the_first() -> Bug:
    """Answer every create as the first one of its invoice."""
    first: dict[str, Answer] = {}

    def bug(request: Request, send: Send) -> Answer:
        answer = send(request)
        return first.setdefault(str(answer.status), answer) if answer.status == 201 else answer

    return bug


def _as_html(request: Request, send: Send) -> Answer:
    answer = send(request)
    return Answer(answer.status, {**answer.headers, "content-type": "text/html"}, answer.body)


# What breaks each promise: an implementation of the catalogue by its name, or a bug of its own.
BREAKS: dict[str, Any] = {}


def test_each_promise_has_something_that_breaks_it() -> None:
    assert sorted(BREAKS) == sorted(each_name(PROMISES))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
@pytest.mark.parametrize("account", ["sbx_b{}", "sbx_empty_b{}"])
def test_the_sandbox_keeps_each_promise(promise: Promise, account: str) -> None:
    assert untold(promise.check, caller("billink", account.format(next(NUMBERS)))) == ""


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_each_promise_can_be_broken(promise: Promise) -> None:
    assert broken(promise.check, caller("billink", f"sbx_bad{next(NUMBERS)}", BREAKS[promise.name]))


def test_without_a_clock_only_what_needs_one_cannot_be_told() -> None:
    reasons = {promise.name: untold(promise.check, caller("billink", f"sbx_c{next(NUMBERS)}", clock=False)) for promise in PROMISES}
    assert {name: reason for name, reason in reasons.items() if reason} == {
        "summer-and-winter-are-told-apart": "the target's clock cannot be moved"
    }


def test_a_place_of_a_violation_is_read_as_a_pointer() -> None:
    who = caller("billink", "sbx_places")
    outcome = who.call("createTracker", {"media": [{"file": "AAAA"}, {"file": "?"}], "carrierCode": "dhl"})
    assert places(outcome) == {"/invoiceNumber", "/trackAndTrace", "/media/1/file"}
    assert places(who.call("createTracker", [])) == {""}
