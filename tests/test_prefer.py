"""`Prefer`: one call goes as its sender wishes, and only that one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from moments import NOW
from samples import SPEC, Sample, first_samples, sample_of
from toy import Toys, send, toy_api, toy_spec

from sandbox import codec, prefer
from sandbox.assembly import Sandbox
from sandbox.causes import Cause
from sandbox.faults import Effect
from sandbox.pipeline import Api
from sandbox.store import State
from sandbox.timeline import Clock

from callers import sandbox_app

SAMPLES = first_samples()
CAUSES = [(sample, cause) for sample in SAMPLES for cause in sample.operation.refusals.values()]
BEAR = '{"name": "bear"}'


@pytest.fixture(scope="module")
def app() -> Flask:
    """All four providers; no test of this module that uses it changes what they hold."""
    return sandbox_app(clock=Clock(NOW))


def sandbox(app: Flask) -> Sandbox:
    found: Sandbox = app.extensions["sandbox"]
    return found


def state(app: Flask, account: str = "sbx_demo") -> State:
    with sandbox(app).shared.store.transaction(account) as transaction:
        return transaction.export()


def reset(app: Flask) -> None:
    assert app.test_client().delete("/_sandbox/workspaces/sbx_demo").status_code == 204


def label(value: Any) -> str:
    return value.name if isinstance(value, Cause) else str(value)


# --- causes ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sample", "cause"), CAUSES, ids=label)
def test_every_cause_of_every_operation_comes_when_it_is_preferred(app: Flask, sample: Sample, cause: Cause) -> None:
    before = state(app)
    answer = sample.send(app, Prefer=f"cause={cause.name}")
    assert (answer.status_code, answer.headers.get("Trackbed-Cause")) == (cause.status, cause.name)
    assert answer.headers["Preference-Applied"] == f"cause={cause.name}"
    response = SPEC[sample.provider].response(cause, sample.operation)
    assert response is not None
    assert answer.headers.get("Content-Type") == response.media_type
    assert response.check is None or response.check.problems(json.loads(answer.data)) == ()
    for name, header in response.headers.items():
        assert not header.required or header.check.problems(answer.headers[name]) == ()
    assert state(app) == before


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_after_every_cause_the_call_is_answered_as_if_there_had_been_none(sample: Sample) -> None:
    app = sandbox_app(sample.provider, clock=Clock(NOW))
    expected = sample.send(app)
    reset(app)
    for name in sample.operation.refusals:
        sample.send(app, Prefer=f"cause={name}")
    answer = sample.send(app)
    assert (answer.status_code, answer.data, answer.headers.get("Trackbed-Cause")) == (expected.status_code, expected.data, None)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_credential_expires_on_request(app: Flask, sample: Sample) -> None:
    answer = sample.send(app, Prefer="expire-token")
    cause = sample.operation.refusals[answer.headers["Trackbed-Cause"]]
    assert cause.when is not None
    assert cause.when.kinds & {"unauthenticated", "forbidden"}
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (cause.status, "expire-token")


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_documented_limit_is_exceeded_on_request(app: Flask, sample: Sample) -> None:
    answer = sample.send(app, Prefer="rate-limit")
    if sample.operation.limit_cause is None:
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
        assert "its document has no reply for it" in answer.get_json()["detail"]
        return
    cause = sample.operation.limit_cause
    assert (answer.status_code, answer.headers["Trackbed-Cause"], cause.means) == (cause.status, cause.name, 429)


# --- bytes -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_the_bytes_of_any_answer_can_be_spoiled(sample: Sample) -> None:
    app = sandbox_app(sample.provider, clock=Clock(NOW))
    plain = sample.send(app)
    for preference, header, body in (
        ("truncate=5", plain.content_type, plain.data[:5]),
        ("truncate=0", plain.content_type, b""),
        ("content-type=text/html", "text/html", plain.data),
        ("cut=7", plain.content_type, plain.data[:7]),
        ("dribble=16/0", plain.content_type, plain.data),
        ("latency=1", plain.content_type, plain.data),
        ("truncate=9, cut=3, dribble=2/0, content-type=image/png", "image/png", plain.data[:3]),
    ):
        reset(app)
        answer = sample.send(app, Prefer=preference)
        if plain.data:
            assert (answer.status_code, answer.content_type, answer.data) == (plain.status_code, header, body)
        assert answer.headers["Preference-Applied"] == preference
        assert "Trackbed-Cause" not in answer.headers


def test_an_answer_that_is_spoiled_was_given_all_the_same(clock: Clock) -> None:
    """The caller can't know; that is what it should learn to live with."""
    app, sample = sandbox_app("trackru", clock=clock), sample_of("trackru", "createTracking")
    assert sample.send(app, Prefer="cut=1").data == b"{"
    assert sample.send(app).headers["Trackbed-Cause"] == "duplicate"


def test_a_cause_and_a_spoiled_body_go_together(app: Flask) -> None:
    answer = sample_of("trackru", "listCarriers").send(app, Prefer="cause=server-error; truncate=10; content-type=text/html")
    assert (answer.headers["Trackbed-Cause"], answer.content_type, len(answer.data)) == ("server-error", "text/html", 10)
    assert answer.headers["Content-Length"] == "10"


def test_a_chosen_example_can_be_spoiled_too(app: Flask) -> None:
    answer = sample_of("trackru", "createTracking").send(app, Prefer="example=duplicate, truncate=3")
    assert (answer.data, answer.headers["Preference-Applied"]) == (b'{"m', "example=duplicate, truncate=3")


# --- how it is read ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "effect", "applied"),
    [
        ("cause=taken", Effect(cause="taken"), "cause=taken"),
        ('CAUSE="taken"', Effect(cause="taken"), "cause=taken"),
        ("latency=0", Effect(), "latency=0"),
        ("latency=60000", Effect(latency_ms=60_000), "latency=60000"),
        ("truncate=0", Effect(truncate_at=0), "truncate=0"),
        ("cut=1", Effect(cut_after=1), "cut=1"),
        ("dribble=16", Effect(dribble=(16, 100)), "dribble=16"),
        ("dribble=16/5", Effect(dribble=(16, 5)), "dribble=16/5"),
        ("content-type=text/html", Effect(content_type="text/html"), "content-type=text/html"),
        ("expire-token", Effect(expire_token=True), "expire-token"),
        ("rate-limit", Effect(exceed_limit=True), "rate-limit"),
        ("cut=1, cut=2", Effect(cut_after=1), "cut=1"),
        ("respond-async; wait=5, cut=3 , latency = 2", Effect(cut_after=3, latency_ms=2), "cut=3, latency=2"),
    ],
)
def test_effects_are_read_as_rfc_7240_writes_preferences(header: str, effect: Effect, applied: str) -> None:
    assert prefer.read({"prefer": header}) == prefer.Preference(None, None, effect, applied)


@pytest.mark.parametrize("header", ["", "return=minimal", "respond-async, wait=100", "=", ";;,,", "cause:taken", "latencyy=1"])
def test_what_is_no_preference_of_ours_is_ignored(header: str) -> None:
    assert prefer.read({"prefer": header}) is None


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ("latency=60001", "latency=0 to latency=60000"),
        ("latency=-1", "latency=0 to latency=60000"),
        ("latency=soon", "latency=0 to latency=60000"),
        ("latency", "latency=0 to latency=60000"),
        ("latency=٣", "latency=0 to latency=60000"),
        ("latency=0000000001", "latency=0 to latency=60000"),
        ("cut=0", "cut=1 to cut=10000000"),
        ("truncate=10000001", "truncate=0 to truncate=10000000"),
        ("dribble=0/1", "dribble=BYTES/MILLISECONDS"),
        ("dribble=1/10001", "dribble=BYTES/MILLISECONDS"),
        ("dribble=1/", "dribble=BYTES/MILLISECONDS"),
        ("dribble=/5", "dribble=BYTES/MILLISECONDS"),
        ("content-type=html", "content-type=text/html"),
        ('content-type="text/html\r\nx: y"', "content-type=text/html"),
        ("cause=", "bad-key, forbidden, bad-request, media-type"),
        ("cause=nobody", "bad-key, forbidden, bad-request, media-type"),
        ("rate-limit", "no rate-limit: its document has no reply for it"),
        ("rate-limit=false", "Send one of: rate-limit."),
        ("expire-token=\x1b[31m", "Send one of: expire-token."),
    ],
)
def test_a_value_that_cannot_be_is_answered_with_those_that_can(clock: Clock, header: str, known: str) -> None:
    api = toy_api(clock)
    answer = send(api, "POST", "/toys", BEAR, prefer=header)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert known in codec.load(answer.body)["detail"]
    assert "preference-applied" not in answer.headers
    assert send(api, "GET", "/toys/bear").status == 404


def test_the_nearest_name_is_told(clock: Clock) -> None:
    for header, nearest in (("cause=take", "taken"), ("cause=Forbiden", "forbidden"), ("example=nameles", "nameless")):
        detail = codec.load(send(toy_api(clock), "POST", "/toys", BEAR, prefer=header).body)["detail"]
        assert f"did you mean {nearest!r}?" in detail


def toys(clock: Clock, change: Callable[[dict[str, Any]], Any]) -> Api:
    return Api(toy_spec(change), Toys(), toy_api(clock).shared, {})


def test_a_public_operation_has_no_token_that_could_expire(clock: Clock) -> None:
    answer = send(toys(clock, lambda tree: tree.update(security=[])), "POST", "/toys", BEAR, prefer="expire-token")
    assert answer.status == 400
    assert "it asks for no credential" in codec.load(answer.body)["detail"]


def test_an_expired_token_is_refused_as_one_where_the_document_tells_it_from_others(clock: Clock) -> None:
    def change(tree: dict[str, Any]) -> None:
        row = {**tree["x-causes"]["bad-key"], "when": {"problem": "unauthenticated", "reason": ["expired"]}}
        tree["x-causes"] = {"expired": row, **tree["x-causes"]}

    api = toys(clock, change)
    assert send(api, "POST", "/toys", BEAR, prefer="expire-token").headers["trackbed-cause"] == "expired"
    assert send(api, "POST", "/toys", BEAR, x_key="bad").headers["trackbed-cause"] == "bad-key"


def test_security_and_validation_come_before_any_effect(clock: Clock) -> None:
    api = toy_api(clock)
    for preference in ("cause=taken", "cut=1", "truncate=0", "latency=1", "expire-token", "cause=nobody"):
        assert send(api, "POST", "/toys", BEAR, prefer=preference, x_key="bad").headers["trackbed-cause"] == "bad-key"
        refused = send(api, "POST", "/toys", "{}", prefer=preference)
        assert (refused.status, refused.effect, "preference-applied" in refused.headers) == (422, None, False)


def preferences() -> Iterator[st.SearchStrategy[str]]:
    names = ["cause", "code", "example", "latency", "truncate", "content-type", "cut", "dribble", "expire-token", "rate-limit", "wait"]
    yield st.sampled_from(names)
    yield st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=12)


@given(st.lists(st.tuples(*preferences()), max_size=4))
def test_no_preference_whatever_makes_the_sandbox_fail(pairs: list[tuple[str, str]]) -> None:
    header = ", ".join(f"{name}={value}" for name, value in pairs)
    answer = send(toy_api(Clock(NOW)), "POST", "/toys", BEAR, prefer=header)
    assert answer.status in (201, 400, 401, 403, 409, 413, 415, 422, 404, 405)
    assert answer.headers.get("preference-applied", "x").isprintable()


def test_a_preference_is_written_down_as_the_fault_of_its_exchange(clock: Clock) -> None:
    api = toy_api(clock)
    send(api, "POST", "/toys", BEAR, prefer="cause=taken")
    send(api, "POST", "/toys", BEAR, prefer="code=409")
    assert [(entry.fault, entry.cause, entry.status) for entry in api.shared.journal.entries()] == [
        ("prefer", "taken", 409),
        (None, None, 409),
    ]
