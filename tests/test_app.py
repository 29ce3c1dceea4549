"""The Flask door: every operation is a rule, a provider can be mounted elsewhere, and nothing but the pipeline answers."""

from __future__ import annotations

import subprocess
import sys
import urllib.request

import pytest
import tiny
from flask import Flask

from sandbox.app import blueprint
from sandbox.assembly import Settings, assemble
from sandbox.providers import PROVIDERS
from sandbox.resources import SPECS
from sandbox.spec import Spec
from sandbox.timeline import Clock

from callers import Caller, sandbox_app

NEW = {"tracking_number": "7712345678", "carrier_code": "sto"}


@pytest.mark.parametrize("name", PROVIDERS)
def test_flask_lists_every_operation_under_its_id(clock: Clock, name: str) -> None:
    app = sandbox_app(name, clock=clock)
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {f"{name}.{operation}" for operation in Spec.load(SPECS / f"{name}.yaml").operations} <= endpoints


def test_the_command_of_flask_finds_the_application() -> None:
    result = subprocess.run([sys.executable, "-m", "flask", "--app", "sandbox.app", "routes"], capture_output=True, text=True, check=True)
    assert "trackru.createTracking" in result.stdout


def test_a_provider_can_be_mounted_in_another_application(clock: Clock) -> None:
    host = Flask("host")

    @host.get("/")
    def home() -> str:
        return "home"

    host.register_blueprint(blueprint(assemble(Settings(("trackru",)), clock=clock).apis["trackru"]), url_prefix="/fakes/trackru")
    caller = Caller(host, "fakes/trackru", {"Api-Key": "sbx_demo"})
    assert caller.post("/v1/trackings/post", NEW).body["meta"]["code"] == 200
    assert caller.get("/v2/trackings/sto/7712345678").body["data"][0]["tracking_number"] == "7712345678"
    assert (caller.get("/nothing").status, caller.get("/").status, caller.send("PATCH", "/v1/carriers").status) == (404, 404, 405)
    assert host.test_client().get("/").text == "home"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "", 404),
        ("GET", "/v1", 404),
        ("GET", "//v1/carriers", 404),
        ("GET", "/v1//carriers", 404),
        ("HEAD", "/v1/carriers", 405),
        ("OPTIONS", "/v1/carriers", 405),
        ("TRACE", "/v1/carriers", 405),
        ("GET", "/v1/carriers", 200),
    ],
)
def test_every_path_below_a_provider_is_the_pipelines(clock: Clock, method: str, path: str, status: int) -> None:
    result = Caller(sandbox_app("trackru", clock=clock), "trackru", {"Api-Key": "sbx_demo"}).send(method, path)
    assert result.status == status
    assert (status == 200) == (result.cause is None)


def test_flasks_own_server_answers_what_has_no_body(clock: Clock) -> None:
    """It leaves the connection open, where reading for a body that was not announced would never end."""
    with tiny.served(sandbox_app("trackru", clock=clock)) as url, urllib.request.urlopen(f"{url}/_sandbox/workspaces", timeout=3) as answer:
        assert answer.status == 200


def test_a_vendors_own_host_name_selects_its_provider(clock: Clock) -> None:
    client = sandbox_app("trackru", clock=clock).test_client()
    for host in ("api.trackru.ru", "API.trackru.ru:8080", "trackru.localhost"):
        answer = client.get("/v1/carriers", headers={"Host": host, "Api-Key": "sbx_demo"})
        assert answer.get_json()["meta"]["code"] == 200
    assert client.get("/v1/carriers", headers={"Api-Key": "sbx_demo"}).status_code == 404


@pytest.mark.parametrize("path", ["/", "/healthz", "/trackru/v1/carriers", "/_sandbox/outbox", "/nothing"])
@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_refused_on_every_route(clock: Clock, path: str, host: str) -> None:
    answer = sandbox_app("trackru", clock=clock).test_client().get(path, headers={"Host": host})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert "--allow-host" in answer.get_json()["detail"]


def test_a_further_host_can_be_admitted(clock: Clock) -> None:
    app = sandbox_app("trackru", clock=clock, hosts=("team.example",))
    assert app.test_client().get("/healthz", headers={"Host": "team.example:80"}).status_code == 200


def test_what_is_served_nowhere_is_a_problem_document(clock: Clock) -> None:
    client = sandbox_app("trackru", clock=clock).test_client()
    missing, wrong = client.get("/nothing"), client.delete("/healthz")
    assert (missing.status_code, missing.get_json()["detail"]) == (404, "Nothing is served here. GET / lists what is.")
    assert (wrong.status_code, wrong.content_type) == (405, "application/problem+json")
    assert "GET" in wrong.headers["Allow"]
