"""What the sandbox says about itself, and what it shows to recipients."""

from __future__ import annotations

import shlex

import pytest
from flask.testing import FlaskClient

from sandbox.providers import PROVIDERS
from sandbox.resources import SPECS
from sandbox.timeline import Clock

from callers import sandbox_app


@pytest.fixture
def client(clock: Clock) -> FlaskClient:
    return sandbox_app(clock=clock).test_client()


def test_the_start_page_says_where_everything_is_as_json_or_to_a_browser(client: FlaskClient) -> None:
    about = client.get("/").get_json()
    assert [provider["name"] for provider in about["providers"]] == list(PROVIDERS)
    assert "sbx_" in about["credentials"]
    page = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.content_type == "text/html; charset=utf-8"
    for provider in about["providers"]:
        assert provider["url"] in page.text
        assert provider["document"] in page.text


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_first_curl_line_of_each_provider_works(client: FlaskClient, name: str) -> None:
    provider = next(p for p in client.get("/").get_json()["providers"] if p["name"] == name)
    words = iter(shlex.split(provider["try"]))
    assert next(words) == "curl"
    method, url, headers, data = "POST", "", {}, b""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            key, _, value = next(words).partition(": ")
            headers[key] = value
        elif word == "-d":
            data = next(words).encode()
        elif word != "-i":
            url = word
    answer = client.open(url.removeprefix("http://localhost"), method=method, headers=headers, data=data)
    assert answer.status_code in (200, 201)
    assert "Trackbed-Cause" not in answer.headers


@pytest.mark.parametrize("name", [*PROVIDERS, "control"])
def test_the_documents_are_served_as_they_are(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/_sandbox/specs/{name}.yaml")
    assert (answer.content_type, answer.data) == ("application/yaml", (SPECS / f"{name}.yaml").read_bytes())


@pytest.mark.parametrize("path", ["nobody.yaml", "redocly.yaml", "..%2Fpyproject.yaml", "../trackru.yaml", "trackru"])
def test_no_other_file_is(client: FlaskClient, path: str) -> None:
    assert client.get(f"/_sandbox/specs/{path}").status_code == 404


def test_health_is_told(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["status"] == "ok"


def test_a_document_of_a_provider_that_is_not_served_is_not_there(clock: Clock) -> None:
    client = sandbox_app("trackru", clock=clock).test_client()
    assert [client.get(f"/_sandbox/specs/{name}.yaml").status_code for name in ("trackru", "control", "billink")] == [200, 200, 404]


def test_the_start_page_asks_for_no_token_and_shows_none(clock: Clock) -> None:
    client = sandbox_app(clock=clock, token="very-secret").test_client()
    for accept in ("application/json", "text/html"):
        answer = client.get("/", headers={"Accept": accept})
        assert answer.status_code == 200
        assert "very-secret" not in answer.text
    assert client.get("/_sandbox/specs/control.yaml").status_code == 200
    assert client.get("/_sandbox/workspaces").status_code == 401


def test_what_the_sandbox_shows_has_no_cors_header(client: FlaskClient) -> None:
    for path in ("/", "/healthz", "/_sandbox/specs/control.yaml", "/t/nothing", "/nothing"):
        answer = client.get(path, headers={"Origin": "https://evil.example"})
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_an_outbox_that_holds_nothing_is_empty(client: FlaskClient) -> None:
    assert client.get("/_sandbox/outbox?workspace=sbx_empty_x").get_json() == {"messages": []}


def test_the_outbox_is_in_order(client: FlaskClient) -> None:
    times = [message["at"] for message in client.get("/_sandbox/outbox").get_json()["messages"]]
    assert times
    assert times == sorted(times)


def test_an_unknown_page_is_not_there(client: FlaskClient) -> None:
    assert client.get("/t/nothing").status_code == 404
