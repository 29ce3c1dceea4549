"""An operation called by its name is the request that the document describes, and its answer is read as the document means it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from contracts import documents
from contracts.caller import Caller, Outcome
from contracts.providers import PROVIDERS
from contracts.target import WsgiTarget
from sandbox.answers import Answer
from sandbox.exchange import Request
from sandbox.timeline import Clock

from callers import sandbox_app

SPEC = {name: documents.load(name) for name in PROVIDERS}
NEW = {"tracking_number": "7712345678", "carrier_code": "sto"}


@dataclass
class Canned:
    """A target that keeps what it is asked and always answers the same."""

    answer: Answer
    url: str = "http://canned"
    asked: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer


def canned(status: int = 200, body: Any = None) -> Canned:
    return Canned(Answer(status, {"content-type": "application/json"}, json.dumps(body).encode()))


def caller(name: str, clock: Clock, text: str | None = "sbx_caller") -> Caller:
    app = sandbox_app(name, clock=clock)
    return Caller(SPEC[name], WsgiTarget(app, f"/{name}"), text, PROVIDERS[name].show)


def test_parameters_go_where_the_document_has_them() -> None:
    target = canned()
    Caller(SPEC["trackru"], target, "k").call("getTracking", params={"carrier_code": "s t", "tracking_number": "1/2", "lang": "en"})
    assert (target.asked[0].method, target.asked[0].path, target.asked[0].query) == ("GET", "/v1/trackings/s t/1/2", "lang=en")


def test_lists_and_booleans_are_written_as_a_query_writes_them() -> None:
    target = canned()
    Caller(SPEC["trackru"], target, "k").call("listTrackings", params={"archived": True, "numbers": ["1", "2"]})
    assert target.asked[0].query == "archived=true&numbers=1&numbers=2"


@pytest.mark.parametrize(
    ("name", "operation", "text", "header"),
    [
        ("trackru", "listCarriers", "k", ("api-key", "k")),
        ("parcellab", "listOrders", "t", ("authorization", "Parcellab-API-Token t")),
        ("delivery_solutions", "listTrackers", "t", ("authorization", "Bearer t")),
        ("delivery_solutions", "issueToken", "id:secret", ("authorization", "Basic aWQ6c2VjcmV0")),
    ],
)
def test_a_credential_is_shown_in_the_providers_own_form(name: str, operation: str, text: str, header: tuple[str, str]) -> None:
    target = canned()
    Caller(SPEC[name], target, text, PROVIDERS[name].show).call(operation)
    assert target.asked[0].headers.items() >= {header}


def test_a_credential_of_the_body_is_laid_into_it_unless_it_is_there() -> None:
    target = canned()
    merchant = Caller(SPEC["billink"], target, "shop:ann", PROVIDERS["billink"].show)
    merchant.call("createTracker", {"invoice": "1"})
    merchant.call("createTracker", {"billinkID": "other"})
    assert [json.loads(request.body) for request in target.asked] == [
        {"billinkUsername": "ann", "billinkID": "shop", "invoice": "1"},
        {"billinkUsername": "ann", "billinkID": "other"},
    ]


def test_nobody_shows_no_credential() -> None:
    target = canned()
    Caller(SPEC["trackru"], target, "k").as_nobody().call("listCarriers")
    assert "api-key" not in target.asked[0].headers


def test_a_token_is_fetched_once_and_shown_then(clock: Clock) -> None:
    heard: list[Outcome] = []
    shop = caller("delivery_solutions", clock, "sbx_shop:secret")
    shop.heard = heard.append
    for _ in range(2):
        assert shop.call("listTrackers", {"filter": {"statuses": ["DELIVERED"]}}).means in (200, 400)
    assert {outcome.request.headers["authorization"][:10] for outcome in heard} != {"Bearer sbx"}
    assert len({outcome.request.headers["authorization"] for outcome in heard}) == 1


def test_a_client_that_gets_no_token_is_told_so() -> None:
    shop = Caller(SPEC["delivery_solutions"], canned(401, {}), "nobody:x", PROVIDERS["delivery_solutions"].show)
    with pytest.raises(ValueError, match="answered 401 and no token"):
        shop.call("listTrackers", {})


def test_a_refusal_that_comes_with_200_means_what_its_cause_means(clock: Clock) -> None:
    shop = caller("trackru", clock)
    created, again = shop.call("createTracking", NEW), shop.call("createTracking", NEW)
    assert (created.status, created.means, created.accepted) == (200, 200, True)
    assert (again.status, again.means, again.accepted) == (200, 409, False)
    assert again.problems() == ()


def test_a_code_that_no_cause_has_means_418() -> None:
    outcome = Caller(SPEC["trackru"], canned(200, {"meta": {"code": 9999}}), "k").call("listCarriers")
    assert (outcome.means, outcome.accepted) == (418, False)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (Answer(302, {}, b""), "status"),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), "content-type"),
        (Answer(200, {"content-type": "application/json"}, b"not json"), ""),
        (Answer(200, {"content-type": "application/json; charset=utf-8"}, b'{"meta":{"code":200}}'), "/"),
    ],
)
def test_an_answer_is_held_to_the_document(answer: Answer, place: str) -> None:
    problems = Caller(SPEC["trackru"], Canned(answer), "k").call("listCarriers").problems()
    assert problems
    assert problems[0].place.startswith(place)


def test_unique_values_are_new_each_time_and_the_same_in_every_run() -> None:
    first, second = (Caller(SPEC["trackru"], canned(), "k", prefix="S7") for _ in range(2))
    values = [first.unique("A") for _ in range(3)]
    assert len(set(values)) == 3
    assert values == [second.unique("A") for _ in range(3)]


def test_a_lone_sandbox_name_has_a_second_account_that_sees_nothing_of_the_first(clock: Clock) -> None:
    first = caller("trackru", clock, "sbx_empty_first")
    second = first.foreign()
    assert second is not None
    number = first.unique()
    assert first.call("createTracking", {"tracking_number": number, "carrier_code": "sto"}).accepted
    where = {"carrier_code": "sto", "tracking_number": number}
    assert (first.call("getTracking", params=where).accepted, second.call("getTracking", params=where).accepted) == (True, False)


def test_any_other_credential_has_a_second_account_only_where_the_scene_names_one() -> None:
    for text in ("a-real-key", "id:secret", "sbx_name:secret", "", "sbx_", "sbx_a b", None):
        assert Caller(SPEC["trackru"], canned(), text).foreign() is None, text
    other = Caller(SPEC["trackru"], canned(), "a-real-key", scene={"foreign_credential": "b"}).foreign()
    assert other is not None
    assert other.text == "b"
