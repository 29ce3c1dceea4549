"""Each cause of a document is brought about, shown, or impossible for a reason; and a refusal that is not as it must be is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from breaking import broken, caller, document, untold
from judges import Bug, Send, body_of

from contracts import causes, documents
from contracts.causes import Trial
from contracts.providers import PROVIDERS
from sandbox import codec
from sandbox.answers import Answer
from sandbox.exchange import Request

NUMBERS = itertools.count(1)

# Causes that no call brings about: a target that knows `Prefer` shows them.
ONLY_SHOWN = {
    "trackru": {"quota", "read-quota", "server-error", "too-many-requests", "unavailable"},
    "billink": {"server-error"},
    "delivery_solutions": {"server-error", "too-many-requests"},
    "parcellab": {"server-error", "too-many-requests"},
}
providers = pytest.mark.parametrize("provider", PROVIDERS)


@cache
def trials(provider: str) -> tuple[Trial, ...]:
    return causes.trials(document(provider), PROVIDERS[provider])


def tried(provider: str, trial: Trial, account: str = "sbx_k{}", bug: Bug | None = None) -> str:
    return untold(trial.check, caller(provider, account.format(next(NUMBERS)), bug, clock=False))


@providers
def test_no_cause_of_a_document_is_left_out(provider: str) -> None:
    spec = document(provider)
    rows = {row.where for row in spec.causes.values()} | {row.where for one in spec.operations.values() for row in one.causes.values()}
    assert rows == {trial.cause.where for trial in trials(provider)}
    for operation in spec.operations.values():
        there = {trial.cause.name for trial in trials(provider) if trial.operation == operation.id}
        assert operation.refusals.keys() <= there


@providers
@pytest.mark.parametrize("account", ["sbx_k{}", "sbx_empty_k{}"])
def test_the_sandbox_refuses_as_each_cause_says(provider: str, account: str) -> None:
    reasons = {trial.name: tried(provider, trial, account) for trial in trials(provider)}
    impossible = {trial.name: trial.reason for trial in trials(provider) if trial.how == "impossible"}
    assert {name: reason for name, reason in reasons.items() if reason} == impossible
    assert all("takes no body" in reason for reason in impossible.values())


@providers
def test_what_calls_can_bring_about_is_not_just_shown(provider: str) -> None:
    seen = {trial.cause.where for trial in trials(provider) if trial.how == "seen"}
    assert {trial.cause.name for trial in trials(provider) if trial.cause.where not in seen} == ONLY_SHOWN[provider]


@providers
def test_a_trial_is_named_the_same_in_every_run(provider: str) -> None:
    again = causes.trials(document(provider), PROVIDERS[provider])
    assert [trial.name for trial in again] == [trial.name for trial in trials(provider)]
    assert len({trial.name for trial in again}) == len(again)


# --- refusals that are not as they must be ------------------------------------------------------------------------------------


def refusals(change: Callable[[Answer, Any], Answer]) -> Bug:
    """Change what is a refusal by its status or by its code."""

    def bug(request: Request, send: Send) -> Answer:
        answer = send(request)
        body = body_of(answer)
        good = body["meta"]["code"] in (200, 201) if isinstance(body, dict) and "meta" in body else answer.status < 300
        return answer if good else change(answer, body)

    return bug


def _wrong_status(answer: Answer, _: Any) -> Answer:
    return Answer(answer.status + 1, answer.headers, answer.body)


def _one_member_more(answer: Answer, body: Any) -> Answer:
    return Answer(answer.status, answer.headers, codec.dump({**body, "extra": 1}) if isinstance(body, dict) else b"extra")


def _accepts_everything(answer: Answer, _: Any) -> Answer:
    return Answer(
        200,
        {**answer.headers, "content-type": "application/json"},
        b'{"meta": {"code": 200, "type": "Success", "message": "Success"}, "data": []}',
    )


def _as_text(answer: Answer, _: Any) -> Answer:
    return Answer(answer.status, {**answer.headers, "content-type": "text/html"}, answer.body + b" ")


@providers
@pytest.mark.parametrize("change", [_wrong_status, _one_member_more, _accepts_everything, _as_text])
def test_a_refusal_that_is_not_as_it_must_be_is_told(provider: str, change: Any) -> None:
    """Of each cause one trial is made; all of them must see it."""
    first = {(trial.operation, trial.cause.name): trial for trial in reversed(trials(provider)) if trial.how != "impossible"}
    for trial in first.values():
        assert broken(trial.check, caller(provider, f"sbx_w{next(NUMBERS)}", refusals(change), clock=False)), trial.name


@pytest.mark.parametrize(("old", "new"), [(4001, 4002), (4016, 4017), (4031, 4032)])
def test_another_code_is_told(old: int, new: int) -> None:
    def change(answer: Answer, body: Any) -> Answer:
        code = body["meta"]["code"]
        return Answer(answer.status, answer.headers, codec.dump({**body, "meta": {**body["meta"], "code": new if code == old else code}}))

    hit = [trial for trial in trials("trackru") if trial.cause.code == old and trial.how == "seen"]
    assert hit
    for trial in hit:
        assert broken(trial.check, caller("trackru", f"sbx_w{next(NUMBERS)}", refusals(change), clock=False)), trial.name


def test_a_fault_that_is_told_at_another_place_is_told() -> None:
    def elsewhere(answer: Answer, body: Any) -> Answer:
        moved = [{**one, "propertyPath": "media"} for one in body.get("violations", ())]
        return Answer(answer.status, answer.headers, codec.dump({**body, "violations": moved} if moved else body))

    hit = [trial for trial in trials("billink") if trial.cause.name == "invalid"]
    assert len(hit) > 1
    for trial in hit:
        assert broken(trial.check, caller("billink", f"sbx_w{next(NUMBERS)}", refusals(elsewhere), clock=False)), trial.name


def test_a_method_that_is_refused_without_telling_the_right_ones_is_told() -> None:
    def without(answer: Answer, _: Any) -> Answer:
        return Answer(answer.status, {name: value for name, value in answer.headers.items() if name != "allow"}, answer.body)

    for trial in trials("trackru"):
        if trial.cause.name == "wrong-method" and trial.how == "seen":
            assert broken(trial.check, caller("trackru", f"sbx_w{next(NUMBERS)}", refusals(without), clock=False))


@pytest.mark.parametrize("value", [None, "soon"])
def test_a_header_that_is_missing_or_wrong_is_told(value: str | None) -> None:
    def change(answer: Answer, _: Any) -> Answer:
        headers = {name: text for name, text in answer.headers.items() if name != "retry-after"}
        return Answer(answer.status, headers if value is None else {**headers, "retry-after": value}, answer.body)

    hit = next(trial for trial in trials("parcellab") if trial.cause.name == "too-many-requests")
    told = broken(hit.check, caller("parcellab", f"sbx_w{next(NUMBERS)}", refusals(change), clock=False))
    assert "retry-after" in str(told)


def test_a_redirect_that_leads_elsewhere_is_told() -> None:
    def elsewhere(answer: Answer, _: Any) -> Answer:
        return Answer(answer.status, {**answer.headers, "location": "/elsewhere/"}, answer.body)

    hit = [trial for trial in trials("parcellab") if trial.cause.name == "missing-slash" and trial.how == "seen"]
    assert len(hit) == 3
    for trial in hit:
        assert broken(trial.check, caller("parcellab", f"sbx_w{next(NUMBERS)}", refusals(elsewhere), clock=False))


def test_a_target_that_never_recovers_is_told() -> None:
    struck: set[str] = set()

    def bug(request: Request, send: Send) -> Answer:
        key = request.headers.get("api-key", "")
        if "prefer" in request.headers:
            struck.add(key)
        return send(request._replace(headers={**request.headers, "prefer": "cause=unavailable"}) if key in struck else request)

    hit = [trial for trial in trials("trackru") if trial.cause.name == "unavailable"]
    for trial in hit:
        told = broken(trial.check, caller("trackru", f"sbx_w{next(NUMBERS)}", bug, clock=False))
        assert told
        assert "same call does not succeed" in str(told)


def test_what_a_target_does_not_let_be_tried_has_a_reason() -> None:
    def deaf(request: Request, send: Send) -> Answer:
        return send(request._replace(headers={name: value for name, value in request.headers.items() if name != "prefer"}))

    hit = next(trial for trial in trials("trackru") if trial.how == "shown" and trial.cause.name == "quota")
    assert "Prefer" in tried("trackru", hit, bug=deaf)
    revoked = next(trial for trial in trials("trackru") if trial.cause.name == "key-deleted")
    who = caller("trackru", "a-real-key", lambda request, send: send(request._replace(headers={**request.headers, "api-key": "sbx_real"})))
    assert "revoked credential" in untold(revoked.check, who)


def test_a_cause_that_an_operation_does_not_have_is_our_own_mistake() -> None:
    who = caller("billink", "sbx_mine")
    with pytest.raises(KeyError):
        causes.refused(who.spec, who.call("createTracker", {}), "no-such-cause")


def test_a_document_without_causes_has_no_trials() -> None:
    assert causes.trials(documents.load(Path(__file__).parent / "documents" / "old.yaml")) == ()
