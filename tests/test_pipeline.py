"""The life of one request: each fault has its cause, and nothing is ever hidden."""

from __future__ import annotations

import json
import logging

import pytest
from toy import send, toy_api

from sandbox import codec
from sandbox.store import SHARED
from sandbox.timeline import Clock

BEAR = '{"name": "bear"}'


def test_a_good_call_is_answered_by_the_providers_method(clock: Clock) -> None:
    answer = send(toy_api(clock), "POST", "/toys", '{"name": "bear", "price": 1.50}')
    body = codec.load(answer.body)
    assert (answer.status, answer.headers["location"], answer.headers["content-type"]) == (201, "/toys/bear", "application/json")
    assert body == {"name": "bear", "price": 1.5, "id": body["id"]}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "cause"),
    [
        ("GET", "/nothing", "", {}, 404, "unknown-path"),
        ("PATCH", "/toys", BEAR, {}, 405, "wrong-method"),
        ("POST", "/toys", "{", {}, 400, "bad-request"),
        ("POST", "/toys", "", {"content_type": "text/plain"}, 400, "bad-request"),
        ("POST", "/toys", BEAR, {"content_type": "text/plain"}, 415, "media-type"),
        ("POST", "/toys", BEAR, {"content_type": ""}, 415, "media-type"),
        ("POST", "/toys", BEAR, {"content_type": "application/json; charset=latin-1"}, 415, "media-type"),
        ("POST", "/toys", BEAR, {"content_encoding": "gzip"}, 415, "media-type"),
        ("POST", "/toys", BEAR, {"x_key": "nonsense"}, 401, "bad-key"),
        ("POST", "/toys", BEAR, {"x_key": "sbx_denied_1"}, 403, "forbidden"),
        ("POST", "/toys", "{}", {}, 422, "nameless"),
        ("POST", "/toys", '{"name": ""}', {}, 400, "bad-request"),
        ("GET", "/toys/nobody", "", {}, 404, "unknown-toy"),
    ],
)
def test_each_fault_has_its_cause(
    clock: Clock, method: str, path: str, body: str, headers: dict[str, str], status: int, cause: str
) -> None:
    answer = send(toy_api(clock), method, path, body, **headers)
    assert (answer.status, answer.headers["trackbed-cause"], codec.load(answer.body)["error"]) == (status, cause, cause)


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON ; charset=UTF-8", 'application/json; charset="utf-8"; v=1', "application/json;"]
)
def test_a_media_type_is_read_as_rfc_9110_says(clock: Clock, content_type: str) -> None:
    assert send(toy_api(clock), "POST", "/toys", BEAR, content_type=content_type).status == 201


def test_a_wrong_method_is_told_the_right_ones(clock: Clock) -> None:
    assert send(toy_api(clock), "DELETE", "/toys/bear").headers["allow"] == "GET"


def test_all_problems_are_told_at_once_each_at_its_place(clock: Clock) -> None:
    answer = send(toy_api(clock), "POST", "/toys", '{"name": "", "price": "much"}')
    assert sorted(codec.load(answer.body)["places"]) == ["/name", "/price"]


def test_an_empty_body_where_one_is_required_is_malformed(clock: Clock) -> None:
    answer = send(toy_api(clock), "POST", "/toys", "")
    assert (answer.status, answer.headers["trackbed-cause"]) == (400, "bad-request")


def test_a_body_on_a_get_is_ignored(clock: Clock) -> None:
    assert send(toy_api(clock, scene={"toys": ["bear"]}), "GET", "/toys/bear", b"\xff{", x_key="sbx_demo").status == 200


def test_security_comes_before_validation_and_after_parsing(clock: Clock) -> None:
    api = toy_api(clock)
    assert send(api, "POST", "/toys", "{}", x_key="").status == 401
    assert send(api, "POST", "/toys", "{", x_key="").status == 400


def test_a_refused_call_changes_nothing_even_after_it_wrote(clock: Clock) -> None:
    api = toy_api(clock)
    first = codec.load(send(api, "POST", "/toys", BEAR).body)["id"]
    assert send(api, "POST", "/toys", '{"name": "late"}').status == 409
    assert send(api, "GET", "/toys/late").status == 404
    fresh = toy_api(clock)
    send(fresh, "POST", "/toys", BEAR)
    expected = codec.load(send(fresh, "POST", "/toys", '{"name": "next"}').body)["id"]
    assert codec.load(send(api, "POST", "/toys", '{"name": "next"}').body)["id"] == expected != first


@pytest.mark.parametrize("name", ["crash", "broken", "silent", "split", "teapot"])
def test_a_bug_of_ours_is_a_loud_500_and_changes_nothing(clock: Clock, caplog: pytest.LogCaptureFixture, name: str) -> None:
    api = toy_api(clock)
    with caplog.at_level(logging.ERROR):
        answer = send(api, "POST", "/toys", json.dumps({"name": name}))
    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "fault of Trackbed" in codec.load(answer.body)["detail"]
    assert b"Traceback" not in answer.body
    assert caplog.records[0].exc_info is not None
    assert send(api, "GET", f"/toys/{name}").status == 404


def test_a_bug_says_what_the_document_does_not_allow(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    api = toy_api(clock)
    for name, words in (
        ("broken", "/name: must be of type string"),
        ("silent", "header location: is missing"),
        ("split", "not printable"),
        ("teapot", "418, which the document does not have"),
    ):
        send(api, "POST", "/toys", json.dumps({"name": name}))
        assert words in caplog.text


def test_every_answer_is_in_the_journal_under_its_id(clock: Clock) -> None:
    api = toy_api(clock)
    answers = [send(api, "POST", "/toys", BEAR), send(api, "GET", "/nothing"), send(api, "POST", "/toys", "{}", x_key="bad")]
    entries = list(api.shared.journal.entries())
    assert [entry.id for entry in entries] == [answer.headers["trackbed-id"] for answer in answers]
    assert [(entry.operation, entry.account, entry.cause, entry.decided_by) for entry in entries] == [
        ("createToy", "sbx_empty_toy", None, "/paths/~1toys/post"),
        (None, "-", "unknown-path", "/x-causes/unknown-path"),
        ("createToy", "-", "bad-key", "/x-causes/bad-key"),
    ]


@pytest.mark.parametrize(
    ("prefer", "status", "applied"),
    [
        ("code=409", 409, "code=409"),
        ("example=taken", 409, "example=taken"),
        ('example="taken"; foo=bar, respond-async', 409, "example=taken"),
        ("code=201, example=made", 201, "code=201, example=made"),
        ("Code=422", 422, "code=422"),
        ("return=minimal, wait=10", 201, None),
        ("=", 201, None),
    ],
)
def test_a_caller_may_prefer_a_documented_reply(clock: Clock, prefer: str, status: int, applied: str | None) -> None:
    api = toy_api(clock)
    answer = send(api, "POST", "/toys", BEAR, prefer=prefer)
    assert (answer.status, answer.headers.get("preference-applied")) == (status, applied)
    assert send(api, "GET", "/toys/bear").status == (404 if applied else 200)


@pytest.mark.parametrize(
    ("prefer", "known"),
    [
        ("code=418", "201, 400, 401, 403, 409, 415, 422"),
        ("example=nobody", "made, bad-request, bad-key, forbidden, taken, media-type, nameless"),
        ("code=409, example=made", "taken"),
        ("code=", "201, 400"),
    ],
)
def test_an_unknown_preference_is_answered_with_the_known_ones(clock: Clock, prefer: str, known: str) -> None:
    answer = send(toy_api(clock), "POST", "/toys", BEAR, prefer=prefer)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert f"Send one of: {known}" in codec.load(answer.body)["detail"]


def test_a_preference_is_heard_after_security_and_validation_only(clock: Clock) -> None:
    api = toy_api(clock)
    assert send(api, "POST", "/toys", BEAR, prefer="code=201", x_key="bad").status == 401
    assert send(api, "POST", "/toys", "{}", prefer="code=201").status == 422


def test_same_seed_clock_and_requests_give_the_same_bytes(clock: Clock) -> None:
    def story(seed: int) -> list[tuple[int, dict[str, str], bytes]]:
        api = toy_api(clock, seed=seed)
        answers = [
            send(api, "POST", "/toys", BEAR),
            send(api, "POST", "/toys", BEAR),
            send(api, "GET", "/toys/bear"),
            send(api, "GET", "/x"),
        ]
        return [(answer.status, answer.headers, answer.body) for answer in answers]

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_what_is_shared_is_found_under_its_code(clock: Clock) -> None:
    api = toy_api(clock)
    with api.shared.store.transaction("sbx_a") as transaction:
        api.world("sbx_a", transaction).share("code", {"id": 1})
    with api.shared.store.transaction(SHARED) as transaction:
        found = transaction.get("links", "code")
    assert found is not None
    assert codec.load(found) == {"world": "sbx_a", "provider": "toys", "id": 1}
