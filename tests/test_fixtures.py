"""Every fixture holds what its document promises, and the sandbox gives exactly its reply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.providers import PROVIDERS
from sandbox.resources import FIXTURES, SPECS
from sandbox.spec import Spec
from sandbox.timeline import Clock, Journeys

from callers import Caller, sandbox_app

EXCHANGES = sorted(path for name in PROVIDERS for path in (FIXTURES / name).glob("*-*.json"))
SPEC = {name: Spec.load(SPECS / f"{name}.yaml") for name in PROVIDERS}


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def label(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", EXCHANGES, ids=label)
def test_a_fixture_conforms_to_its_document(path: Path) -> None:
    fixture, spec = read(path), SPEC[path.parent.name]
    operation = spec.operations[path.stem.partition("-")[0]]
    request, reply = fixture["request"], fixture["reply"]
    methods, _ = spec.router.find(request["path"].partition("?")[0]) or ({}, {})
    assert methods.get(request["method"]) is operation, "the file's name says another operation"
    if operation.body and "body" in request and reply["status"] < 300 and "trackbed-cause" not in reply.get("headers", {}):
        assert next(iter(operation.body.media.values())).problems(request["body"]) == ()
    response = operation.responses[reply["status"]]
    assert response.check is None or response.check.problems(reply["body"]) == ()


@pytest.mark.parametrize("path", EXCHANGES, ids=label)
def test_the_sandbox_gives_the_reply_of_the_fixture(path: Path, clock: Clock) -> None:
    fixture, name = read(path), path.parent.name
    caller = Caller(sandbox_app(name, clock=clock), name, {})
    for step in [*fixture.get("before", []), fixture["request"]]:
        form = step["headers"].get("Content-Type") == "application/x-www-form-urlencoded"
        body: dict[str, Any] = {"data": "&".join(f"{k}={v}" for k, v in step["body"].items())} if form else {"json": step.get("body")}
        result = caller.send(step["method"], step["path"], headers=step["headers"], **body)
    expected = fixture["reply"]
    assert (result.status, result.body) == (expected["status"], expected.get("body"))
    assert expected.get("headers", {}).items() <= result.headers.items()


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_operation_has_a_fixture(name: str) -> None:
    shown = {path.stem.partition("-")[0] for path in EXCHANGES if path.parent.name == name}
    assert shown == set(SPEC[name].operations)


def test_every_journey_is_one() -> None:
    assert {"standard", "delivered", "express", "customs", "lost"} <= set(Journeys.load(FIXTURES / "journeys"))
