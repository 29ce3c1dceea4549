"""Payloads that are sent: what comes is held to the label, and what differs is told."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from judges import Spoiled

from contracts import documents
from contracts.payloads import business, wire
from contracts.payloads.payload import Payload
from contracts.payloads.run import Accounts, CannotRun, Result, Run, freshened
from contracts.target import HttpTarget, NoAnswer, Target, WsgiTarget
from sandbox import codec
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.providers import PROVIDERS
from sandbox.spec import Spec
from sandbox.timeline import Clock

from callers import sandbox_app

SPEC = {name: documents.load(name) for name in PROVIDERS}


def of(spec: Spec, *operations: str) -> list[Payload]:
    chosen = [spec.operations[name] for name in operations] or [*spec.operations.values()]
    return [payload for one in chosen for source in (wire.payloads, business.payloads) for payload in source(spec, one)]


def target(name: str, clock: Clock) -> WsgiTarget:
    return WsgiTarget(sandbox_app(*PROVIDERS, clock=clock), f"/{name}")


def run(name: str, here: Target, payloads: list[Payload], credential: str = "sbx_run") -> list[Result]:
    return [*Run(SPEC[name], here, Accounts(credential, "t")).results(payloads)]


def one(clock: Clock, ident: str, **changes: Any) -> Result:
    """Send one payload whose label was changed."""
    name, operation, _ = ident.split(".", 2)
    (payload,) = (payload for payload in of(SPEC[name], operation) if payload.id == ident)
    expected = replace(payload.expected, **{key: changes.pop(key) for key in [*changes] if key not in ("verdict", "before")})
    (result,) = run(name, target(name, clock), [replace(payload, expected=expected, **changes)])
    return result


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_sandbox_answers_every_payload_as_labelled(clock: Clock, name: str) -> None:
    results = run(name, target(name, clock), of(SPEC[name]))
    assert [(result.id, result.reasons) for result in results if result.verdict != "as labelled"] == []


@pytest.mark.parametrize(
    ("ident", "changes", "said"),
    [
        ("trackru.createTracking.body.nan", {"statuses": (400,)}, "the status is 200, not 400"),
        (
            "trackru.createTracking.body.nan",
            {"code": 4013, "cause": "missing-number"},
            "the code of missing-number at /meta/code is 4012, not 4013",
        ),
        ("trackru.createTracking.usual", {"verdict": "reject"}, "it was accepted"),
        ("trackru.createTracking.body.nan", {"verdict": "accept"}, "it was refused with what stands for 4"),
        ("parcellab.putOrder.unknown-method", {"place": "/order_status"}, "the error is told at delivery_method, not at order_status"),
        (
            "parcellab.putOrder.line-twice",
            {"place": "/articles_order/0/line_item_id"},
            "the error is told at articles_order.1.line_item_id",
        ),
        ("delivery_solutions.createTracker.no-number", {"place": "/provider"}, "the error is told at trackingId"),
        ("billink.createTracker.credential.absent", {"place": "/invoiceNumber"}, "the error is told at billinkID, not at invoiceNumber"),
        ("trackru.getTracking.usual", {"before": ()}, "it was refused with what stands for 404"),
    ],
)
def test_a_label_that_is_not_true_is_told(clock: Clock, ident: str, changes: dict[str, Any], said: str) -> None:
    result = one(clock, ident, **changes)
    assert result.verdict == "otherwise"
    assert result.reasons[0].startswith(said)


def test_a_scene_that_cannot_be_set_is_told(clock: Clock) -> None:
    (payload,) = (payload for payload in of(SPEC["trackru"], "getTracking") if payload.id.endswith(".usual"))
    twice = replace(payload, before=(*payload.before, *payload.before))
    (result,) = run("trackru", target("trackru", clock), [twice])
    assert (result.verdict, result.reasons) == ("otherwise", ("its scene could not be set: createTracking was refused with 409",))


def test_a_target_that_takes_the_same_call_now_so_and_now_so_is_told(clock: Clock) -> None:
    turns = itertools.cycle((False, True))

    def moody(request: Request, send: Callable[[Request], Answer]) -> Answer:
        return Answer(400, {"content-type": "application/problem+json"}, b"{}") if next(turns) else send(request)

    payloads = [payload for payload in of(SPEC["billink"]) if payload.id.endswith(".body.prototype")]
    (result,) = run("billink", Spoiled(target("billink", clock), moody), payloads)
    assert (result.verdict, result.reasons) == ("otherwise", ("the same call got 201 and then 400",))


def test_a_fault_of_the_server_is_never_as_labelled() -> None:
    def broken(_: Request, __: Callable[[Request], Answer]) -> Answer:
        return Answer(500, {}, b"")

    results = run("billink", Spoiled(HttpTarget("http://localhost"), broken), of(SPEC["billink"]))
    assert {result.verdict for result in results} == {"otherwise"}


def test_each_payload_has_an_account_of_its_own(clock: Clock) -> None:
    seen: list[str] = []

    def listen(request: Request, send: Callable[[Request], Answer]) -> Answer:
        seen.append(request.headers.get("api-key", ""))
        return send(request)

    payloads = [
        payload for payload in of(SPEC["trackru"], "createTracking") if payload.id.rpartition(".")[2] in ("usual", "twice", "absent")
    ]
    run("trackru", Spoiled(target("trackru", clock), listen), payloads)
    assert seen == ["sbx_run_t_1", "", "sbx_run_t_3", "sbx_run_t_4", "sbx_run_t_4"]  # usual, two kinds of absent, and one with a scene


def test_two_runs_never_have_an_account_in_common() -> None:
    assert Accounts("sbx_a").number(1) != Accounts("sbx_a").number(1)
    assert len(Accounts("sbx_" + "x" * 60).number(12345)) <= 64


def test_a_credential_of_a_real_target_is_shown_as_it_is_and_what_needs_the_sandbox_is_not_tried(clock: Clock) -> None:
    results = run("trackru", target("trackru", clock), of(SPEC["trackru"], "createTracking"), "a-real-key")
    tried = {result.id.rpartition(".")[2]: result.verdict for result in results}
    assert (tried["revoked"], tried["denied"], tried["twice"]) == (
        "not tried",
        "not tried",
        "otherwise",
    )  # the sandbox does not know the key
    reasons = {reason for result in results if result.verdict == "not tried" for reason in result.reasons}
    assert all("give a lone sbx_ name as --credential" in reason for reason in reasons)


def test_one_account_takes_all_payloads_when_what_must_be_unique_is_fresh(clock: Clock) -> None:
    """Hand one account everything, as a real target has to take it; nothing is a duplicate that is not meant to be one."""
    (usual,) = (payload for payload in of(SPEC["trackru"], "createTracking") if payload.id.endswith(".usual"))
    same = [replace(usual, id=f"{usual.id}-{index}") for index in range(3)]
    app = sandbox_app(*PROVIDERS, clock=clock, any_credentials=True)
    first, second = (run("trackru", WsgiTarget(app, "/trackru"), same, credential) for credential in ("a-real-key", "sbx_many"))
    assert {result.verdict for result in (*first, *second)} == {"as labelled"}
    body = json.loads(freshened(SPEC["trackru"].operations["createTracking"], usual, "x").body or b"")
    assert body == json.loads(usual.draft.body or b"") | {"tracking_number": body["tracking_number"]}
    about = replace(usual, place="/tracking_number")
    assert freshened(SPEC["trackru"].operations["createTracking"], about, "x").body == codec.dump(json.loads(usual.draft.body or b""))


def test_nobody_there_is_no_result() -> None:
    with pytest.raises(CannotRun, match="nothing listens there"):
        run("billink", HttpTarget("http://127.0.0.1:1"), of(SPEC["billink"]))


def test_a_target_that_falls_silent_is_asked_no_more(clock: Clock) -> None:
    calls = itertools.count()

    def dies(request: Request, send: Callable[[Request], Answer]) -> Answer:
        if next(calls) >= 3:
            raise NoAnswer("http://localhost", "it said nothing in time")
        return send(request)

    results = []
    with pytest.raises(CannotRun, match="said nothing in time"):
        results += Run(SPEC["billink"], Spoiled(target("billink", clock), dies), Accounts("sbx_a")).results(of(SPEC["billink"]))
    assert next(calls) == 8


def test_a_result_is_data(clock: Clock) -> None:
    result = one(clock, "trackru.createTracking.body.nan", statuses=(400,))
    assert json.loads(result.answer)["meta"]["code"] == 4012
    assert (result.status, result.operation, result.kind, result.rule) == (200, "createTracking", "invalid", "/x-causes/malformed")
