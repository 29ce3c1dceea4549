"""The journal is bounded, and holds no secret."""

from __future__ import annotations

import copy
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from moments import NOW
from samples import SPEC, first_samples, sample_of
from toy import DOCUMENT, Toys, send, toy_api

from sandbox.journal import MAX_BODY, MAX_ENTRIES, Entry, Journal, Query, weight
from sandbox.pipeline import Api
from sandbox.spec import Spec
from sandbox.timeline import Clock

from callers import sandbox_app


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


# --- through the control plane -------------------------------------------------------------------------------------------------

SAMPLES = first_samples()
KEY = {"Api-Key": "sbx_demo"}


@pytest.fixture
def app(clock: Clock) -> Flask:
    return sandbox_app(clock=clock)


def read(app: Flask, **query: Any) -> dict[str, Any]:
    answer = app.test_client().get("/_sandbox/journal", query_string=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def ids(app: Flask, **query: Any) -> list[str]:
    return [entry["id"] for entry in read(app, **query)["entries"]]


def test_an_exchange_is_written_down_with_all_that_decided_it(app: Flask) -> None:
    sample = sample_of("trackru", "createTracking")
    first, again = sample.send(app), sample.send(app)
    entry = read(app)["entries"][1]
    assert entry == {
        "id": again.headers["Trackbed-Id"],
        "number": 2,
        "at": "2026-03-02T09:00:00.000000Z",
        "workspace": "sbx_demo",
        "provider": "trackru",
        "operation": "createTracking",
        "request": {
            "method": "POST",
            "path": "/v1/trackings/post",
            "query": "",
            "headers": entry["request"]["headers"],
            "body": sample.body.decode(),
        },
        "reply": {"status": 200, "headers": entry["reply"]["headers"], "body": again.text},
        "took_us": entry["took_us"],
        "decided_by": "/paths/~1v1~1trackings~1post/post/x-causes/duplicate",
        "cause": "duplicate",
        "fault": None,
        "problems": entry["problems"],
        "curl": entry["curl"],
    }
    assert entry["request"]["headers"]["api-key"] == "[redacted]"
    assert entry["reply"]["headers"]["trackbed-cause"] == "duplicate"
    assert first.headers["Trackbed-Id"] != again.headers["Trackbed-Id"]


def test_each_question_finds_just_what_fits(app: Flask) -> None:
    sent = [*first_samples(account="sbx_one"), *first_samples(account="sbx_two"), *first_samples(account="nonsense")]
    answers = [sample.send(app) for sample in sent]
    answers += [app.test_client().get(path, headers=KEY) for path in ("/trackru/v1/nowhere", "/parcellab/nowhere")]
    everything = read(app, limit=1000)["entries"]
    assert [entry["id"] for entry in everything] == [answer.headers["Trackbed-Id"] for answer in answers]
    for query, fits in (
        ({"provider": "parcellab"}, lambda entry: entry["provider"] == "parcellab"),
        ({"operation": "listCarriers"}, lambda entry: entry["operation"] == "listCarriers"),
        ({"operation": "createTracker"}, lambda entry: entry["operation"] == "createTracker"),
        ({"operation": "createTracker", "provider": "billink"}, lambda entry: entry["provider"] == "billink"),
        ({"status": "404"}, lambda entry: entry["reply"]["status"] == 404),
        ({"status": "4xx"}, lambda entry: 400 <= entry["reply"]["status"] < 500),
        ({"status": "2xx"}, lambda entry: 200 <= entry["reply"]["status"] < 300),
        ({"cause": "bad-key"}, lambda entry: entry["cause"] == "bad-key"),
        ({"workspace": "sbx_two"}, lambda entry: entry["workspace"] == "sbx_two"),
        ({"workspace": "-"}, lambda entry: entry["workspace"] == "-"),
        (
            {"workspace": "sbx_one", "status": "2xx", "provider": "trackru"},
            lambda entry: (entry["workspace"], entry["provider"]) == ("sbx_one", "trackru"),
        ),
        ({"text": "/V1/CARRIERS"}, lambda entry: "/v1/carriers" in entry["request"]["path"]),
        ({"text": "order_number=abc-0990"}, lambda entry: "ABC-0990" in entry["request"]["query"]),
        ({"text": "grant_TYPE"}, lambda entry: "grant_type" in entry["request"]["body"] + entry["reply"]["body"]),
        ({"text": '"TOKEN_type"'}, lambda entry: '"token_type"' in entry["reply"]["body"]),
        ({"provider": "trackru", "operation": "putOrder"}, lambda entry: False),
    ):
        expected = [entry["id"] for entry in everything if fits(entry)]
        assert ids(app, limit=1000, **query) == expected, query
        assert expected or query.get("operation") == "putOrder", query


def test_calls_without_an_account_are_shown_unless_one_is_named(app: Flask) -> None:
    app.test_client().get("/trackru/v1/nowhere")
    sample_of("trackru", "listCarriers", account="nonsense").send(app)
    sample_of("trackru", "listCarriers").send(app)
    assert [entry["workspace"] for entry in read(app)["entries"]] == ["-", "-", "sbx_demo"]
    assert [entry["workspace"] for entry in read(app, workspace="-")["entries"]] == ["-", "-"]
    assert [entry["workspace"] for entry in read(app, workspace="sbx_demo")["entries"]] == ["sbx_demo"]


@pytest.mark.parametrize(
    "query",
    [
        "status=600",
        "status=4x",
        "status=",
        "workspace=demo",
        "limit=0",
        "limit=1001",
        "after=-1",
        "after=x",
        "text=",
        "cause=A",
        "provider=../x",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(app: Flask, query: str) -> None:
    answer = app.test_client().get(f"/_sandbox/journal?{query}")
    assert (answer.status_code, answer.headers["Trackbed-Cause"]) == (422, "invalid")


def test_without_a_beginning_the_newest_are_shown(app: Flask) -> None:
    sent = [sample_of("trackru", "listCarriers").send(app).headers["Trackbed-Id"] for _ in range(7)]
    assert ids(app, limit=3) == sent[-3:]
    assert ids(app, limit=3, after=2) == sent[2:5]
    assert read(app, limit=3)["next"] == 7


def test_of_an_empty_journal_there_is_nothing_to_follow_yet(app: Flask) -> None:
    assert read(app) == {"entries": [], "next": 0}
    assert read(app, after=5) == {"entries": [], "next": 5}


def test_the_control_plane_writes_nothing_down(app: Flask) -> None:
    for path in ("/_sandbox/workspaces", "/_sandbox/journal", "/_sandbox/nowhere", "/_sandbox/workspaces/sbx_demo/clock"):
        app.test_client().get(path)
    assert read(app)["entries"] == []


def test_a_reset_forgets_the_exchanges_of_its_workspace_only(app: Flask) -> None:
    for account in ("sbx_one", "sbx_two", "sbx_one", "nonsense"):
        sample_of("trackru", "listCarriers", account=account).send(app)
    app.test_client().delete("/_sandbox/workspaces/sbx_one")
    assert [entry["workspace"] for entry in read(app)["entries"]] == ["sbx_two", "-"]


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3_000)), max_size=40),
    bounds=st.tuples(st.integers(1, 12), st.integers(5_000, 30_000)),
)
def test_what_is_kept_are_the_last_exchanges_that_nobody_forgot(steps: list[tuple[str, int]], bounds: tuple[int, int]) -> None:
    """Each step is an exchange with a body of a size; size 0 forgets the account."""
    journal = Journal(max_entries=bounds[0], max_bytes=bounds[1])
    kept: list[tuple[str, int, int]] = []
    number = 0
    for account, size in steps:
        if size:
            number += 1
            journal.add(exchange(account, bytes(size)))
            kept.append((account, number, weight(journal.entries()[-1])))
        else:
            journal.forget(account)
            kept = [entry for entry in kept if entry[0] != account]
        while len(kept) > bounds[0] or sum(entry[2] for entry in kept) > bounds[1]:
            del kept[0]
        for wanted in (None, "a", "b", "c"):
            told = [(entry.account, entry.number, weight(entry)) for entry in journal.entries(Query(workspace=wanted))]
            assert told == [entry for entry in kept if wanted in (None, entry[0])]
        assert journal.last() == (kept[-1][1] if kept else 0)
        assert set(journal._of) == {entry[0] for entry in kept}  # who has nothing takes no memory


def test_to_forget_an_account_is_no_more_work_where_others_have_many_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    journal, weighed = Journal(), list[str]()
    for number in range(2_000):
        journal.add(exchange("sbx_mine" if number % 500 == 0 else "sbx_other", b""))
    monkeypatch.setattr("sandbox.journal.weight", lambda entry: weighed.append(entry.account) or 0)
    journal.forget("sbx_mine")
    assert weighed == ["sbx_mine"] * 4


def exchange(account: str, body: bytes) -> tuple[Any, ...]:
    """Make what is known of an exchange: all of an Entry between its id and its number."""
    known = {"account": account, "status": 200, "request_body": body, "reply_body": b""}
    return tuple(known.get(name) for name in Entry._fields[1:-1])


def test_what_is_shown_is_bounded_like_what_is_kept(app: Flask) -> None:
    api = app.extensions["sandbox"].apis["trackru"]
    for _ in range(MAX_ENTRIES + 5):
        api.answer(sample_of("trackru", "listCarriers").request())
    kept, after = [], 0
    while (told := read(app, limit=1000, after=after))["entries"]:
        kept += [entry["number"] for entry in told["entries"]]
        after = told["next"]
    assert kept == list(range(6, MAX_ENTRIES + 6))
    assert [entry["number"] for entry in read(app, limit=1000)["entries"]] == kept[-1000:]


def test_bytes_that_are_no_text_are_shown_as_such(app: Flask) -> None:
    for target in ("/trackru/v1/%ff%fe", "/trackru/v1/trackings/get?page=%ff", "/trackru/%00"):
        app.test_client().get(target, headers=KEY)
    app.test_client().post("/trackru/v1/trackings/post", data=b"\xff\xfe\0", headers=KEY)
    assert len(read(app)["entries"]) == 4


@pytest.fixture(scope="module")
def followed() -> Flask:
    return sandbox_app("trackru", clock=Clock(NOW))


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(st.integers(0, 6), max_size=20), bound=st.integers(1, 30), mine=st.booleans())
def test_who_follows_misses_nothing_that_is_kept_and_sees_nothing_twice(followed: Flask, steps: list[int], bound: int, mine: bool) -> None:
    """Calls (0 to 3 at once) and looks (for 1 to 3) come in any order; each look is at the `next` of the one before."""
    api = followed.extensions["sandbox"].apis["trackru"]
    journal = api.shared.journal
    journal._max_entries = bound
    requests = [sample_of("trackru", "listCarriers", account=account).request() for account in ("sbx_one", "sbx_two")]
    query = {"workspace": "sbx_one"} if mine else {}
    after = read(followed, limit=1)["next"]
    seen: list[int] = []

    def kept() -> list[int]:
        return [entry.number for entry in journal.entries(Query(**query)) if entry.number > first]

    first = after
    for step in [*steps, *[4] * (bound + 1)]:
        if step < 4:
            for number in range(step):
                api.answer(requests[number % 2])
            continue
        unseen = [number for number in kept() if number > after]
        answer = read(followed, after=after, limit=step - 3, **query)
        assert [entry["number"] for entry in answer["entries"]] == unseen[: step - 3]
        seen += unseen[: step - 3]
        after = answer["next"]
    assert seen == sorted(set(seen))
    assert set(kept()) <= set(seen)
    assert read(followed, after=after, **query)["entries"] == []


def test_exchanges_are_kept_in_the_order_of_their_numbers_whoever_writes(clock: Clock) -> None:
    """One that is added behind a later one would never be seen by who follows."""
    api = toy_api(clock)
    api = Api(api.spec, api.provider, replace(api.shared, journal=Journal(max_entries=100_000, max_bytes=10**9)), {})
    threads = [Thread(target=lambda: [send(api, "GET", "/nowhere") for _ in range(300)]) for _ in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert [entry.number for entry in api.shared.journal.entries()] == list(range(1, 2401))


# --- secrets -------------------------------------------------------------------------------------------------------------------

SECRET = "S3CRET"  # never part of an account's name here
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def base64_of(text: str) -> str:
    return b64encode(text.encode()).decode()


def telling_headers() -> Iterator[tuple[str, str, str, dict[str, str], bytes]]:
    """Secrets in every header that opens an API, in every form, as method, provider, path, headers and body."""
    texts = (SECRET, base64_of(f"sbx_demo:{SECRET}"), base64_of(f"12345:{SECRET}"), f"sbx_demo:{SECRET}", f"{SECRET} x")
    words = ("", "Basic ", "Bearer ", "bearer ", "Parcellab-API-Token ", "Token ")
    for sample in SAMPLES:
        for scheme, word, text in product(SPEC[sample.provider].schemes.values(), words, texts):
            yield sample.operation.method, sample.provider, sample.path, {**sample.headers, scheme.name: word + text}, sample.body
    for header in ("Cookie", "X-Api-Key", "X-Auth-Token", "Client-Secret", "Proxy-Authorization", "Api-Key", "Trackru-Api-Key"):
        yield "GET", "trackru", "/v1/carriers", {header: SECRET}, b""


def telling_bodies() -> Iterator[tuple[str, str, str, dict[str, str], bytes]]:
    """Secrets in the body that opens an API, in every form and at wrong places too."""
    values = (f'"{SECRET}"', f'["{SECRET}"]', f'{{"a": "{SECRET}"}}', f'"{SECRET}', '"S3CRE\\u0054"')
    bodies = (
        '{"billinkID": %s, "billinkUsername": "x"}',
        '{"billinkID": %s}',
        '[{"billinkID": %s}]',
        '{"data": {"billinkID": %s}}',
        '{"billinkID": %s, "billinkID": "sbx_demo"}',
        '{"billinkID": %s, "media": [{"file": 5}]}',
    )
    for value, body, headers in product(values, bodies, (JSON, FORM, {}, {"Content-Type": "text/plain"})):
        for method, path in (("POST", "/"), ("GET", "/"), ("PATCH", "/"), ("POST", "/nowhere")):
            yield method, "billink", path, headers, (body % value).encode()
    yield "POST", "billink", "/", FORM, f"billinkID={SECRET}".encode()


def telling_forms() -> Iterator[tuple[str, str, str, dict[str, str], bytes]]:
    """Secrets as clients of OAuth send them in a body, where this API doesn't want them."""
    token, basic = "/ent-services/security/v1/oauth/token", {"Authorization": f"Basic {base64_of(f'sbx_demo:{SECRET}')}"}
    for body, headers in product(
        (
            f"grant_type=client_credentials&client_id=sbx_demo&client_secret={SECRET}",
            f"client_secret={SECRET}",
            f"grant_type=password&username=x&password={SECRET}",
            f"grant_type=refresh_token&refresh_token={SECRET}",
            f"grant_type=client_credentials&client%5Fsecret={SECRET}",
            f'{{"grant_type": "client_credentials", "client_secret": "{SECRET}"}}',
            f"client_assertion={SECRET}&%",
        ),
        (FORM, JSON, {}, {**FORM, **basic}),
    ):
        yield "POST", "delivery_solutions", token, headers, body.encode()


def test_no_secret_is_kept_however_it_comes(app: Flask) -> None:
    client, journal = app.test_client(), app.extensions["sandbox"].shared.journal
    for method, name, path, headers, body in [*telling_headers(), *telling_bodies(), *telling_forms()]:
        answer = client.open(f"/{name}{path}", method=method, headers=headers, data=body)
        entry = journal.entries()[-1]
        label = f"{method} {name}{path} {headers} {body!r}"
        assert entry.id == answer.headers["Trackbed-Id"]
        told = repr(entry) + client.get(f"/_sandbox/explain/{entry.id}").text
        assert SECRET not in told, label
        assert base64_of(SECRET).rstrip("=")[1:-1] not in told, label


def test_no_token_that_was_bought_is_kept(app: Flask) -> None:
    client = app.test_client()
    bought = sample_of("delivery_solutions", "issueToken").send(app)
    tokens = {value for name, value in bought.get_json().items() if name.endswith("_token")}
    assert tokens
    for token in tokens:
        for sample in SAMPLES:
            for word in ("Bearer", "Basic", "bearer", ""):
                sample.send(app, Authorization=f"{word} {token}")
    sample_of("delivery_solutions", "issueToken").send(app, Prefer="truncate=200")
    kept = repr(app.extensions["sandbox"].shared.journal.entries())
    told = client.get("/_sandbox/journal.har").text + client.get("/_sandbox/journal?limit=1000").text
    assert not [token for token in tokens if token in kept + told]


@pytest.mark.parametrize("length", range(0, 400, 7))
def test_a_token_in_an_answer_that_was_cut_short_is_taken_out_too(app: Flask, length: int) -> None:
    token = sample_of("delivery_solutions", "issueToken").send(app, Prefer=f"truncate={length}").data.partition(b'"access_token":"')[2][:20]
    assert len(token) < 3 or token not in app.extensions["sandbox"].shared.journal.entries()[-1].reply_body


def test_the_name_of_an_account_is_no_secret(app: Flask) -> None:
    sample_of("trackru", "listCarriers", account="sbx_ivy").send(app)
    (entry,) = read(app)["entries"]
    assert entry["workspace"] == "sbx_ivy"
    assert "Api-Key: sbx_ivy" in entry["curl"]
