"""The sandbox keeps each promise of Trackru, and something that does not is told."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from breaking import answers, broken, caller, each_name, untold
from judges import Send, sent

from contracts.promises import Promise
from contracts.providers.trackru import PROMISES
from sandbox.answers import Answer
from sandbox.exchange import Request

NUMBERS = itertools.count(1)
CREATE, CARRIERS, DETECT, LOOK_UP = "trackings/post", "/carriers", "/detect", "/realtime"


def _data(**members: Any) -> Any:
    return lambda body: body["data"].update(members)


def _spelt(body: Any) -> Any:
    for item in body["data"]:
        item["signed_by"] = item.pop("singed_by")


def _no_slash(request: Request, send: Send) -> Answer:
    return send(request._replace(path=f"{request.path}none") if request.path.endswith("/") else request)


# What breaks each promise: an implementation of the catalogue by its name, or a bug of its own.
BREAKS: dict[str, Any] = {
    "a-create-repeats-what-was-sent": "trackru-number-raised",
    "a-create-adds-id-status-and-time-and-no-more": answers(_data(comment=""), to=CREATE),
    "the-language-is-not-repeated": answers(_data(lang="en"), to=CREATE),
    "a-new-tracking-is-pending": answers(_data(status="transit"), to=CREATE),
    "a-create-is-a-bare-object": answers(lambda body: {**body, "data": [body["data"]]}, to=CREATE),
    "what-was-created-can-be-read": "trackru-email-lowered",
    "the-country-is-read-as-it-was-sent": "trackru-read-is-object",
    "texts-come-back-as-they-were-written": "trackru-astral-crash",
    "blanks-come-back": "trackru-title-trimmed",
    "texts-that-look-like-values-stay-texts": "trackru-read-is-object",
    "what-is-unset-is-empty-or-null": "trackru-read-is-object",
    "members-keep-their-odd-names": answers(_spelt, of="GET"),
    "a-read-is-an-array-of-one": "trackru-read-is-object",
    "a-read-changes-nothing": "trackru-read-is-object",
    "a-look-up-tells-the-one-parcel": "trackru-number-raised",
    "a-look-up-keeps-nothing": "trackru-look-up-creates",
    "a-look-up-leaves-a-tracking-as-it-is": "trackru-read-is-object",
    "empty-texts-of-a-look-up-count-as-absent": sent(
        lambda body: {name: 7 if value == "" else value for name, value in body.items()}, to=LOOK_UP
    ),
    "an-update-is-answered-with-what-it-sent": "trackru-email-lowered",
    "an-update-can-be-read": "trackru-email-lowered",
    "an-update-changes-what-it-names-and-nothing-else": "trackru-update-clobbers",
    "an-update-without-a-body-changes-nothing": "trackru-empty-update-refused",
    "texts-are-updated-as-they-were-written": "trackru-title-cut",
    "the-same-update-twice-is-the-same-as-once": "trackru-id-changes",
    "archived-is-a-text-in-updates-and-a-truth-in-reads": "trackru-stale-read",
    "another-text-archives-nothing": "trackru-anything-archives",
    "a-caller-can-overrule-the-status": "trackru-stale-read",
    "a-status-can-be-taken-back": "trackru-undo-lost",
    "a-status-may-be-a-number-in-a-text": "trackru-update-lost",
    "other-statuses-are-refused-and-change-nothing": "trackru-refused-update-writes",
    "a-refused-update-changes-nothing": "trackru-honest-status",
    "an-update-creates-nothing": "trackru-honest-status",
    "an-update-touches-one-tracking": "trackru-read-is-object",
    "the-same-number-twice-is-refused": "trackru-duplicate-code",
    "letter-case-makes-no-other-number": "trackru-number-case-matters",
    "letter-case-matters-to-no-path": "trackru-deleted-in-list",
    "the-same-number-at-another-carrier-is-another-tracking": "trackru-read-is-object",
    "ids-are-unique": "trackru-id-shared",
    "an-id-stays": "trackru-id-changes",
    "a-deleted-tracking-is-gone": "trackru-deleted-in-list",
    "a-deleted-number-can-be-created-again": "trackru-delete-lost",
    "a-delete-has-no-data": "trackru-create-lost",
    "a-delete-takes-one-tracking": "trackru-read-is-object",
    "a-refused-create-makes-nothing": "trackru-day-unchecked",
    "a-number-has-five-signs-or-more": "trackru-short-number-refused",
    "number-and-carrier-are-enough": "trackru-missing-carrier-accepted",
    "a-carrier-that-is-listed-can-be-named": "trackru-honest-status",
    "a-carrier-is-listed-once": answers(lambda body: body["data"].append(body["data"][0]), to=CARRIERS),
    "a-guess-is-a-carrier-of-the-list": answers(lambda body: body["data"][0].update(code="another"), to=DETECT),
    "a-number-like-no-other-belongs-to-nobody": "trackru-data-null",
    "what-was-never-created-is-not-there": "trackru-honest-status",
    "an-empty-list-is-a-refusal": "trackru-empty-page",
    "the-total-is-a-text-and-counts-all-pages": "trackru-total-is-number",
    "pages-have-everything-once": "trackru-oldest-first",
    "the-newest-comes-first": "trackru-oldest-first",
    "a-list-tells-what-a-read-tells": "trackru-read-is-object",
    "two-thousand-are-the-most": "trackru-create-lost",
    "a-larger-limit-is-read-as-two-thousand": "trackru-limit-ignored",
    "pages-and-limits-start-at-one": "trackru-limit-cut-to-whole",
    "the-whole-list-counts-what-comes-and-goes": "trackru-total-of-page",
    "a-post-lists-the-same": "trackru-archived-ignored",
    "a-post-without-filters-lists-everything": "trackru-archived-ignored",
    "a-post-that-finds-nothing-is-refused": "trackru-archived-ignored",
    "numbers-choose-trackings": "trackru-id-shared",
    "orders-choose-trackings": "trackru-last-missing",
    "an-order-that-was-changed-chooses": "trackru-update-lost",
    "forty-numbers-are-taken-and-no-more": "trackru-honest-status",
    "a-status-chooses-trackings": "trackru-undo-lost",
    "a-status-that-is-none-is-refused": "trackru-filter-in-any-case",
    "archived-chooses-trackings": "trackru-last-missing",
    "creation-chooses-trackings": "trackru-honest-status",
    "change-chooses-trackings": "trackru-honest-status",
    "the-order-time-chooses-trackings": "trackru-honest-status",
    "all-filters-must-hold": "trackru-update-clobbers",
    "a-filter-goes-before-pages": "trackru-pages-overlap",
    "a-batch-creates-all-that-is-good": "trackru-number-raised",
    "a-batch-succeeds-although-elements-fail": "trackru-number-raised",
    "a-bad-element-has-the-code-of-a-create": "trackru-missing-carrier-accepted",
    "a-bad-element-is-not-created": "trackru-duplicate-accepted",
    "a-number-twice-in-a-batch-is-created-once": "trackru-duplicate-accepted",
    "forty-are-taken-and-no-more": "trackru-batch-of-41",
    "a-batch-that-is-none-creates-nothing": "trackru-honest-status",
    "ids-in-a-batch-are-unique": "trackru-id-shared",
    "without-a-key-nothing-is-done": "trackru-honest-status",
    "without-a-key-nothing-is-told": "trackru-json-as-html",
    "accounts-are-apart": "trackru-id-shared",
    "a-key-may-come-by-any-of-its-names": "trackru-read-is-object",
    "the-second-generation-is-the-same": "trackru-read-is-object",
    "carriers-may-have-a-slash": _no_slash,
    "a-refusal-comes-with-status-200": "trackru-bad-status-ignored",
    "a-success-has-a-code-of-success": "trackru-delete-lost",
    "created-at-never-moves": "trackru-created-at-moves",
    "times-are-in-order": "trackru-updated-at-stands",
    "an-update-moves-updated-at": "trackru-updated-at-stands",
    "no-checkpoints-are-null": "trackru-read-is-object",
    "without-a-second-carrier-all-is-null": "trackru-read-is-object",
    "checkpoints-have-the-newest-first": "trackru-read-is-object",
    "the-last-event-is-the-newest-checkpoint": "trackru-read-is-object",
    "a-milestone-has-the-time-of-its-checkpoint": "trackru-read-is-object",
    "a-milestone-has-a-checkpoint": "trackru-history-forgotten",
    "the-first-carrier-is-that-of-the-tracking": "trackru-read-is-object",
    "checkpoints-are-added-and-never-changed": "trackru-read-is-object",
    "a-milestone-that-was-reached-stays": "trackru-read-is-object",
    "what-is-delivered-stays-delivered": "trackru-read-is-object",
    "status-and-newest-checkpoint-agree": "trackru-read-is-object",
    "updated-at-only-moves-forward": "trackru-read-is-object",
    "an-overruled-status-stays-while-the-parcel-moves": "trackru-undo-lost",
    "the-status-filter-follows-the-parcel": "trackru-filter-ignored",
}


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
        "checkpoints-are-added-and-never-changed",
        "a-milestone-that-was-reached-stays",
        "what-is-delivered-stays-delivered",
        "status-and-newest-checkpoint-agree",
        "updated-at-only-moves-forward",
        "an-overruled-status-stays-while-the-parcel-moves",
        "the-status-filter-follows-the-parcel",
    }


def test_a_target_that_wants_a_pause_is_accused_of_nothing() -> None:
    def pausing(request: Request, send: Send) -> Answer:
        return send(request._replace(headers={**request.headers, "prefer": "cause=too-many-requests"}))

    reasons = {
        promise.name: untold(promise.check, caller("trackru", f"sbx_p{next(NUMBERS)}", pausing, clock=False)) for promise in PROMISES
    }
    assert [name for name, reason in reasons.items() if not reason] == ["a-status-that-is-none-is-refused"]


def test_where_one_account_is_all_there_is_nothing_is_told_of_others() -> None:
    promise = next(promise for promise in PROMISES if promise.name == "accounts-are-apart")
    who = caller("trackru", "sbx_single")
    object.__setattr__(who, "foreign", lambda: None)
    assert "one account" in untold(promise.check, who)
