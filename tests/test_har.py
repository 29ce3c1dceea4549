"""The archive is HAR 1.2, as its published format says, and holds no secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from moments import NOW
from samples import first_samples, sample_of, samples

from sandbox import __version__, har
from sandbox.journal import MAX_BODY, REDACTED
from sandbox.timeline import Clock

from callers import sandbox_app

# The members of each object in http://www.softwareishard.com/blog/har-12-spec/, with their types; those marked `?` are optional.
FORMAT: Mapping[str, Mapping[str, Any]] = {
    "log": {"version": str, "creator": "creator", "browser?": "creator", "pages?": list, "entries": ["entry"], "comment?": str},
    "creator": {"name": str, "version": str, "comment?": str},
    "entry": {
        "pageref?": str,
        "startedDateTime": datetime,
        "time": float,
        "request": "request",
        "response": "response",
        "cache": "cache",
        "timings": "timings",
        "serverIPAddress?": str,
        "connection?": str,
        "comment?": str,
    },
    "request": {
        "method": str,
        "url": str,
        "httpVersion": str,
        "cookies": ["cookie"],
        "headers": ["pair"],
        "queryString": ["pair"],
        "postData?": "postData",
        "headersSize": int,
        "bodySize": int,
        "comment?": str,
    },
    "response": {
        "status": int,
        "statusText": str,
        "httpVersion": str,
        "cookies": ["cookie"],
        "headers": ["pair"],
        "content": "content",
        "redirectURL": str,
        "headersSize": int,
        "bodySize": int,
        "comment?": str,
    },
    "cookie": {"name": str, "value": str, "path?": str, "domain?": str, "expires?": datetime, "httpOnly?": bool, "secure?": bool},
    "pair": {"name": str, "value": str, "comment?": str},
    "postData": {"mimeType": str, "params?": ["pair"], "text?": str, "comment?": str},
    "content": {"size": int, "compression?": int, "mimeType": str, "text?": str, "encoding?": str, "comment?": str},
    "cache": {"beforeRequest?": dict, "afterRequest?": dict, "comment?": str},
    "timings": {
        "blocked?": float,
        "dns?": float,
        "connect?": float,
        "send": float,
        "wait": float,
        "receive": float,
        "ssl?": float,
        "comment?": str,
    },
}


def hold(value: Any, kind: Any, where: str) -> None:
    """Hold a value to the format."""
    if isinstance(kind, list):
        assert isinstance(value, list), where
        for index, item in enumerate(value):
            hold(item, kind[0], f"{where}/{index}")
    elif isinstance(kind, str):
        members = {name.removesuffix("?"): (wanted, not name.endswith("?")) for name, wanted in FORMAT[kind].items()}
        assert value.keys() <= members.keys(), where
        for name, (wanted, required) in members.items():
            assert name in value or not required, f"{where}/{name} is missing"
            if name in value:
                hold(value[name], wanted, f"{where}/{name}")
    elif kind is datetime:
        assert datetime.fromisoformat(value).utcoffset() == timedelta(0), where
    elif kind is float:
        assert isinstance(value, (int, float)), where
        assert value >= -1, where
    else:
        assert type(value) is kind, f"{where}: {value!r}"


@pytest.fixture
def app(clock: Clock) -> Flask:
    return sandbox_app(clock=clock)


def export(app: Flask, query: str = "") -> list[dict[str, Any]]:
    """Export the journal, hold the archive to the format, and return its entries."""
    answer = app.test_client().get(f"/_sandbox/journal.har{query}")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    archive = answer.get_json()
    assert archive.keys() == {"log"}
    hold(archive["log"], "log", "/log")
    assert (archive["log"]["version"], archive["log"]["creator"]) == ("1.2", {"name": "Trackbed", "version": __version__})
    entries: list[dict[str, Any]] = archive["log"]["entries"]
    return entries


def test_an_empty_journal_is_an_archive_too(app: Flask) -> None:
    assert export(app) == []


def test_every_exchange_is_in_the_archive_in_order(app: Flask) -> None:
    sent = [*samples(), *samples(account="nonsense")]
    answers = [sample.send(app) for sample in sent]
    entries = export(app)
    assert len(entries) == len(sent)
    for sample, answer, entry in zip(sent, answers, entries, strict=True):
        request, response = entry["request"], entry["response"]
        assert request["method"] == sample.operation.method
        assert request["url"] == f"http://localhost{sample.target}"
        assert request["bodySize"] == len(request.get("postData", {"text": ""})["text"].encode())
        assert (response["status"], response["content"]["mimeType"]) == (answer.status_code, answer.content_type or "")
        assert {pair["name"]: pair["value"] for pair in response["headers"]}["trackbed-id"] == answer.headers["Trackbed-Id"]
        assert answer.headers["Trackbed-Id"] in entry["comment"]
        assert entry["startedDateTime"] == "2026-03-02T09:00:00.000+00:00"
        assert entry["time"] == sum(part for part in entry["timings"].values() if part > 0)


def test_a_body_that_was_sent_and_one_that_came_back_are_there(app: Flask) -> None:
    sample = sample_of("trackru", "createTracking")
    answer = sample.send(app)
    (entry,) = export(app)
    assert entry["request"]["postData"] == {"mimeType": "application/json", "text": sample.body.decode()}
    assert entry["response"]["content"]["text"] == answer.text
    assert entry["response"]["content"]["size"] == entry["response"]["bodySize"] == len(answer.data)


def test_a_get_has_no_posted_data_and_its_query_is_taken_apart(app: Flask) -> None:
    app.test_client().get("/trackru/v1/trackings/get?page=1&a=&b=x%20y+z&page=2&c", headers={"Api-Key": "sbx_demo"})
    (entry,) = export(app)
    assert "postData" not in entry["request"]
    pairs = [(pair["name"], pair["value"]) for pair in entry["request"]["queryString"]]
    assert pairs == [("page", "1"), ("a", ""), ("b", "x y z"), ("page", "2"), ("c", "")]
    assert parse_qsl(urlsplit(entry["request"]["url"]).query, keep_blank_values=True) == pairs


def test_a_path_of_any_letters_is_written_as_an_address(app: Flask) -> None:
    app.test_client().get("/trackru/v1/trackings/sto/Gr%C3%B6%C3%9Fe%20%3F%23%22", headers={"Api-Key": "sbx_demo"})
    (entry,) = export(app)
    assert entry["request"]["url"] == "http://localhost/trackru/v1/trackings/sto/Gr%C3%B6%C3%9Fe%20%3F%23%22"


def test_a_redirect_says_where_to(app: Flask) -> None:
    app.test_client().get("/parcellab/v4/track/orders", headers={"Authorization": "Parcellab-API-Token sbx_demo"})
    (entry,) = export(app)
    assert (entry["response"]["status"], entry["response"]["redirectURL"]) == (301, "/parcellab/v4/track/orders/")


def test_bytes_that_are_no_text_do_not_break_the_archive(app: Flask) -> None:
    for body in (b"\xff\xfe\0", b"", b'{"a": "\\ud800"}', bytes(range(256))):
        app.test_client().post("/trackru/v1/trackings/post", data=body, headers={"Api-Key": "sbx_demo", "Content-Type": "application/json"})
    assert len(export(app)) == 4


def test_a_long_body_is_there_as_far_as_it_is_known(app: Flask) -> None:
    body = json.dumps({"tracking_number": "1", "carrier_code": "sto", "title": "x" * 9000})
    app.test_client().post("/trackru/v1/trackings/post", data=body, headers={"Api-Key": "sbx_demo", "Content-Type": "application/json"})
    (entry,) = export(app)
    assert entry["request"]["postData"]["text"] == body[:MAX_BODY]


def test_an_archive_is_of_the_exchanges_that_were_asked_for(app: Flask) -> None:
    for sample in [*first_samples(account="sbx_one"), *first_samples(account="sbx_two")]:
        sample.send(app)
    assert len(export(app, "?workspace=sbx_one")) == len(first_samples())
    assert {urlsplit(entry["request"]["url"]).path for entry in export(app, "?operation=listCarriers")} == {"/trackru/v1/carriers"}
    assert export(app, "?workspace=sbx_one&provider=billink&status=5xx") == []
    assert {entry["response"]["status"] for entry in export(app, "?status=2xx")} <= {200, 201, 204}


def test_no_secret_is_in_the_archive(app: Flask) -> None:
    token = sample_of("delivery_solutions", "issueToken").send(app).get_json()["access_token"]
    for sample in first_samples():
        sample.send(app)
    sample_of("delivery_solutions", "listTrackers").send(app, Authorization=f"Bearer {token}")
    text = json.dumps(export(app))
    assert "S3CRET" not in text
    assert token not in text
    assert "UzNDUkVU" not in text  # the end of the Base64 of the secret
    headers = [pair for entry in export(app) for pair in entry["request"]["headers"]]
    assert {pair["value"] for pair in headers if pair["name"] in ("authorization", "api-key")} == {REDACTED}


def test_the_archive_of_nothing_is_one() -> None:
    assert har.archive(()) == {"log": {"version": "1.2", "creator": {"name": "Trackbed", "version": __version__}, "entries": []}}


def test_times_are_those_of_the_sandbox_and_not_of_a_world(clock: Clock) -> None:
    app = sandbox_app("trackru", clock=clock)
    app.test_client().put("/_sandbox/workspaces/sbx_demo/clock", json={"now": "1999-01-01T00:00:00Z", "frozen": True})
    sample_of("trackru", "listCarriers").send(app)
    assert datetime.fromisoformat(export(app)[0]["startedDateTime"]) == NOW
