"""The journal is bounded, and holds no secret."""

from __future__ import annotations

import copy
from dataclasses import replace

from toy import DOCUMENT, Toys, send, toy_api

from sandbox.journal import MAX_BODY, Journal, Query
from sandbox.pipeline import Api
from sandbox.spec import Spec
from sandbox.timeline import Clock


def everything(journal: Journal) -> str:
    return repr([entry._asdict() for entry in journal.entries()])


def test_secrets_are_taken_out_before_anything_is_kept(clock: Clock) -> None:
    api = toy_api(clock)
    for headers in (
        {"x_api_key": "S3CRET"},
        {"authorization": "Bearer S3CRET"},
        {"cookie": "S3CRET"},
        {"x_auth_token": "S3CRET"},
        {"client_secret": "S3CRET"},
    ):
        send(api, "GET", "/toys/bear", **headers)
    assert "S3CRET" not in everything(api.shared.journal)
    assert "application/json" in everything(api.shared.journal)


def test_the_key_header_of_a_document_is_a_secret_whatever_its_name(clock: Clock) -> None:
    api = toy_api(clock)
    send(api, "GET", "/toys/bear", x_key="sbx_S3CRET")
    assert "sbx_S3CRET" not in repr([entry.request_headers for entry in api.shared.journal.entries()])


def test_a_credential_in_the_body_is_blanked_out_however_it_is_written(clock: Clock) -> None:
    tree = copy.deepcopy(DOCUMENT) | {"x-credential": {"in": "body", "pointer": "/key"}, "security": []}
    shared = toy_api(clock).shared
    api = Api(Spec("toys", "toys.yaml", tree), Toys(), shared, {})
    send(api, "POST", "/toys", '{"name": "bear", "key": "sbx_S3CRET"}')
    send(api, "POST", "/toys", '{"name": "bear", "key": "sbx_\\u0053\\u0033CRET", "name2": 1}')
    send(api, "POST", "/toys", '{"name": "bear", "key": "sbx_S3CRET"')
    kept = [entry.request_body for entry in shared.journal.entries()]
    assert b"S3CRET" not in b"".join(kept)
    assert kept[0] == b'{"name":"bear","key":"[redacted]"}'
    assert kept[2] == b""


def test_the_journal_keeps_the_latest_within_its_bounds(clock: Clock) -> None:
    base, small = toy_api(clock), Journal(max_entries=3)
    api = Api(base.spec, base.provider, replace(base.shared, journal=small), {})
    answers = [send(api, "GET", f"/toys/{number}") for number in range(5)]
    assert [entry.id for entry in small.entries()] == [answer.headers["trackbed-id"] for answer in answers[-3:]]


def test_the_journal_is_bounded_in_bytes_too(clock: Clock) -> None:
    base, small = toy_api(clock), Journal(max_bytes=20_000)
    api = Api(base.spec, base.provider, replace(base.shared, journal=small), {})
    for number in range(50):
        send(api, "POST", "/toys", '{"name": "' + "x" * 5000 + f'{number}"}}')
    kept = list(small.entries())
    assert 0 < len(kept) < 10
    assert all(len(entry.request_body) <= MAX_BODY for entry in kept)


def test_of_a_problem_the_place_is_kept_and_not_the_value(clock: Clock) -> None:
    api = toy_api(clock)
    send(api, "POST", "/toys", '{"name": ["S3CRET"], "price": "S3CRET"}')
    (entry,) = api.shared.journal.entries()
    assert sorted((problem.place, problem.keyword) for problem in entry.problems) == [("/name", "type"), ("/price", "type")]
    assert "S3CRET" not in repr(entry.problems)


def test_entries_of_one_account_are_found(clock: Clock) -> None:
    api = toy_api(clock)
    send(api, "GET", "/toys/bear", x_key="sbx_a")
    send(api, "GET", "/toys/bear", x_key="sbx_b")
    assert [entry.account for entry in api.shared.journal.entries(Query(workspace="sbx_b"))] == ["sbx_b"]
    assert len(list(api.shared.journal.entries())) == 2
