"""Parameters: text on the wire, types behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from toy import send, toy_api

from sandbox import codec, parameters
from sandbox.exchange import Request
from sandbox.spec import Spec
from sandbox.timeline import Clock


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {"times": 1}),
        ("times=9", {"times": 9}),
        ("times=2&times=3", {"times": 3}),
        ("tags=1&tags=2", {"times": 1, "tags": [1, 2]}),
        ("loud=true", {"times": 1, "loud": True}),
        ("loud=false", {"times": 1, "loud": False}),
        ("size=1.5", {"times": 1, "size": 1.5}),
        ("size=-3", {"times": 1, "size": -3.0}),
        ("unknown=1&times=2", {"times": 2}),
    ],
)
def test_a_query_is_typed_as_the_document_says(clock: Clock, query: str, seen: dict[str, Any]) -> None:
    answer = send(toy_api(clock, scene={"toys": ["bear"]}), "GET", f"/toys/bear?{query}", x_key="sbx_demo")
    assert codec.load(answer.body)["seen"] == seen


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("times=x", "query:times"),
        ("times=0", "query:times"),
        ("times=10", "query:times"),
        ("times=01", "query:times"),
        ("times=1.0", "query:times"),
        ("times=+1", "query:times"),
        ("times=", "query:times"),
        ("times=%D9%A1", "query:times"),
        ("tags=1&tags=x", "query:tags/1"),
        ("loud=True", "query:loud"),
        ("size=NaN", "query:size"),
        ("size=1e5", "query:size"),
        ("size=" + "9" * 400, "query:size"),
        ("a=%ff", "query:"),
        ("loud=%00", "query:loud"),
    ],
)
def test_a_text_of_another_type_is_refused_at_its_place(clock: Clock, query: str, place: str) -> None:
    answer = send(toy_api(clock, scene={"toys": ["bear"]}), "GET", f"/toys/bear?{query}", x_key="sbx_demo")
    assert (answer.status, codec.load(answer.body)) == (400, {"error": "bad-request", "places": [place]})


def test_headers_and_paths_are_held_to_the_document_too(clock: Clock) -> None:
    api = toy_api(clock, scene={"toys": ["bear"]})
    assert codec.load(send(api, "GET", "/toys/bear", x_key="sbx_demo", x_mood="good").body)["seen"] == {"times": 1, "x-mood": "good"}
    assert codec.load(send(api, "GET", "/toys/bear", x_key="sbx_demo", x_mood="mixed").body)["places"] == ["header:x-mood"]
    assert codec.load(send(api, "GET", "/toys/" + "x" * 21, x_key="sbx_demo").body)["places"] == ["path:name"]


def test_what_is_required_in_a_query_is_missed_where_there_is_no_query_at_all(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: One, version: '1'}\npaths:\n  /one:\n    get:\n      operationId: one\n"
        "      parameters: [{name: size, in: query, required: true, schema: {type: string}}]\n"
        "      responses: {'200': {description: Good}}\n"
    )
    operation = Spec.load(tmp_path / "one.yaml").operations["one"]
    assert operation.check_parameters is not None
    found = parameters.read(operation, {}, Request("GET", "/one"))
    assert [problem.place for problem in operation.check_parameters.problems(found)] == ["query:size"]
