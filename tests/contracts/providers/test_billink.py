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
BREAKS: dict[str, Any] = {
    "a-create-is-answered-without-an-envelope": "billink-request-names",
    "carrier-and-code-come-back-under-other-names": answers(lambda body: body.update(carrier=body["carrier"].upper())),
    "a-code-comes-back-as-it-was-written": "billink-astral-crash",
    "unknown-members-are-ignored": "billink-extra-refused",
    "ids-are-numbers-and-unique": "billink-id-is-text",
    "an-order-has-one-number": "billink-new-order-each-time",
    "the-same-request-again-adds-one-more": "billink-repeat-is-merged",
    "both-times-are-the-same-at-first": "billink-updated-before-created",
    "times-are-real-and-in-order": "billink-naive-times",
    "summer-and-winter-are-told-apart": "billink-naive-times",
    "files-may-be-absent-none-or-many": "billink-second-file-lost",
    "a-file-is-listed-without-its-content": "billink-content-leaked",
    "a-file-name-has-a-known-ending": "billink-extension-unanchored",
    "a-file-is-base64": "billink-base64-unchecked",
    "ten-mebibytes-are-the-most": "billink-small-files-only",
    "an-id-may-have-any-form": sent(lambda body: {**body, "billinkID": "wrong"}),
    "an-invoice-has-letters-digits-underscore-and-hyphen": "billink-innocent-accused",
    "merchants-do-not-share-ids": _always_the_first(),
    "a-create-is-answered-in-json": _as_html,
    "each-required-member-is-missed": "billink-username-not-needed",
    "a-blank-member-counts-as-missing": "billink-blank-accepted",
    "all-violations-are-told-at-once": "billink-base64-unchecked",
    "violations-of-type-come-with-the-others": "billink-first-violation-only",
    "a-text-is-a-text": "billink-innocent-accused",
    "a-place-in-a-list-is-told-by-its-index": "billink-first-violation-only",
    "a-rule-has-one-code": "billink-carrier-in-any-case",
    "the-detail-has-a-line-for-each-violation": "billink-blank-accepted",
    "the-type-is-made-of-the-codes": "billink-blank-accepted",
    "names-are-case-sensitive": "billink-other-spelling",
    "wrong-credentials-are-denied": "billink-any-merchant",
    "credentials-count-in-the-body-only": "billink-username-not-needed",
    "wrong-credentials-go-before-violations": "billink-any-merchant",
    "an-unknown-invoice-is-a-violation": "billink-unknown-invoice",
    "the-invoice-of-another-merchant-is-denied": "billink-wrong-credentials-401",
    "a-refused-create-leaves-the-next-alone": "billink-base64-unchecked",
    "a-refusal-is-a-problem-whatever-is-accepted": "billink-html-for-bad-json",
    "status-and-body-agree": "billink-html-for-bad-json",
    "a-trace-never-tells-arguments": "billink-html-for-bad-json",
    "one-object-is-one-tracker": "billink-detail-missing",
}


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
