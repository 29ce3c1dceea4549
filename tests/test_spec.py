"""A document, indexed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import toy_spec

from sandbox.errors import SpecError
from sandbox.providers import PROVIDERS
from sandbox.resources import SPECS
from sandbox.spec import Spec


def test_an_operation_knows_all_that_the_document_says_of_it() -> None:
    spec = toy_spec()
    operation = spec.operations["getToy"]
    assert (operation.method, operation.path, operation.where) == ("GET", "/toys/{name}", "/paths/~1toys~1{name}/get")
    assert [(p.name, p.location, p.kind) for p in operation.parameters] == [
        ("name", "path", "string"),
        ("x-mood", "header", "string"),
        ("size", "query", "number"),
        ("loud", "query", "boolean"),
        ("tags", "query", "array"),
        ("times", "query", "integer"),
    ]
    assert [(need.scheme.kind, need.scheme.name, need.roles) for need in operation.needs] == [
        ("basic", "authorization", {"read"}),
        ("bearer", "authorization", {"read"}),
        ("apiKey", "x-key", {"read"}),
    ]
    assert (spec.title, spec.hosts, spec.max_body) == ("Toys", ("toys.example",), 1000)
    assert spec.operations["createToy"].creates
    assert not operation.creates


@pytest.mark.parametrize(
    ("name", "method"), [("createToy", "create_toy"), ("getV2Order", "get_v2_order"), ("getURL", "get_url"), ("ping", "ping")]
)
def test_a_method_is_named_by_the_operation_in_snake_case(name: str, method: str) -> None:
    def change(tree: dict[str, Any]) -> None:
        tree["paths"]["/toys"]["post"]["operationId"] = name
        tree["paths"]["/toys"]["post"]["responses"]["201"].pop("links")

    assert toy_spec(change).operations[name].method_name == method


@pytest.mark.parametrize(
    ("change", "where", "reason"),
    [
        (lambda t: t["paths"]["/toys"]["post"].pop("operationId"), "/paths/~1toys/post", "no operationId"),
        (
            lambda t: t["components"]["securitySchemes"]["Key"].update({"in": "cookie"}),
            "/components/securitySchemes/Key",
            "does not implement",
        ),
        (
            lambda t: t["components"]["securitySchemes"]["Token"].update(type="mutualTLS"),
            "/components/securitySchemes/Token",
            "does not implement",
        ),
        (lambda t: t.update(security=[{"Key": [], "Token": []}]), "/paths/~1toys/post/security", "two schemes at once"),
        (lambda t: t.update(security=[{"Door": []}]), "/paths/~1toys/post/security", "'Door'"),
        (
            lambda t: t["paths"]["/toys"]["post"]["responses"].update({"500": {"$ref": "#/components/responses/Boom"}}),
            "/components/responses/Boom",
            "nothing is there",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(change: Callable[[dict[str, Any]], Any], where: str, reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        toy_spec(change)
    assert caught.value.pointer == where
    assert reason in caught.value.reason


LIMITED = {"when": {"problem": "rate-limited"}, "status": 429, "example": "slow", "severity": "transient", "x-inferred": "made up"}


def with_limit(tree: dict[str, Any]) -> None:
    """Give one operation a limit, and the reply of a call beyond it."""
    post = tree["paths"]["/toys"]["post"]
    post["x-rate-limit"] = {"calls": 2, "per_s": 0.5, "group": "writes", "x-inferred": "made up"}
    post["x-causes"]["slow"] = LIMITED
    post["responses"]["429"] = {
        "description": "Slow.",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "examples": {"slow": {"value": {"error": "slow"}}}}
        },
    }


def test_an_operation_knows_its_limit_and_what_is_said_beyond_it() -> None:
    limited, free = (toy_spec(with_limit).operations[name] for name in ("createToy", "getToy"))
    assert limited.rate_limit == {"calls": 2, "per_s": 0.5, "group": "writes", "x-inferred": "made up"}
    assert limited.limit_cause is not None
    assert (limited.limit_cause.name, limited.limit_cause.where) == ("slow", "/paths/~1toys/post/x-causes/slow")
    assert (free.rate_limit, free.limit_cause) == (None, None)


def test_a_limit_that_an_operation_cannot_tell_is_none_of_its_own() -> None:
    """A cause at the root speaks for the operations that document its reply, and for no others."""

    def change(tree: dict[str, Any]) -> None:
        with_limit(tree)
        tree["x-causes"]["slow"] = tree["paths"]["/toys"]["post"]["x-causes"].pop("slow")

    spec = toy_spec(change)
    assert spec.operations["createToy"].limit_cause is spec.causes["slow"]
    assert spec.operations["getToy"].limit_cause is None


@pytest.mark.parametrize(
    "limit", [{"calls": 1}, {"per_s": 1}, {"calls": 1, "per_s": 1, "burst": 5}, {}], ids=["no time", "no number", "a stranger", "nothing"]
)
def test_a_limit_has_calls_and_a_time(limit: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        toy_spec(lambda tree: tree["paths"]["/toys"]["post"].update({"x-rate-limit": limit}))
    assert (caught.value.pointer, caught.value.reason[:24]) == ("/paths/~1toys/post/x-rate-limit", "must have calls and per_s"[:24])


def test_an_operation_knows_every_cause_that_it_can_tell_and_no_other() -> None:
    spec = toy_spec()
    create, get = spec.operations["createToy"].refusals, spec.operations["getToy"].refusals
    common = ["bad-key", "forbidden", "bad-request", "too-large", "unknown-path", "wrong-method"]
    assert sorted(create) == sorted([*common, "media-type", "nameless", "taken"])
    assert "taken" not in get
    assert "media-type" not in get  # it has no reply of this status
    assert {"bad-key", "unknown-toy"} <= get.keys()


def test_a_cause_that_an_operation_shows_no_example_of_is_none_that_it_can_tell() -> None:
    row = {"status": 404, "example": "lost", "severity": "hard", "x-inferred": "made up"}
    spec = toy_spec(lambda tree: tree["x-causes"].update(lost=row, strange=row | {"example": "unknown-toy"}))
    assert "lost" not in spec.operations["getToy"].refusals
    assert "strange" in spec.operations["getToy"].refusals


def test_a_cause_of_an_operation_comes_before_that_of_the_document() -> None:
    def change(tree: dict[str, Any]) -> None:
        own = tree["paths"]["/toys"]["post"]
        own["x-causes"]["bad-key"] = {**tree["x-causes"]["bad-key"], "status": 409, "example": "taken"}

    spec = toy_spec(change)
    assert spec.operations["createToy"].refusals["bad-key"].where == "/paths/~1toys/post/x-causes/bad-key"
    assert spec.operations["getToy"].refusals["bad-key"].where == "/x-causes/bad-key"


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_cause_of_our_documents_is_told_by_some_operation(name: str) -> None:
    spec = Spec.load(SPECS / f"{name}.yaml")
    told = {cause.where for operation in spec.operations.values() for cause in operation.refusals.values()}
    assert {cause.where for cause in spec.causes.values()} <= told
    assert {cause.where for operation in spec.operations.values() for cause in operation.causes.values()} <= told


@pytest.mark.parametrize("name", PROVIDERS)
def test_our_own_documents_load(name: str) -> None:
    spec = Spec.load(SPECS / f"{name}.yaml")
    assert spec.name == name
    assert spec.operations


def test_only_openapi_3_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text("openapi: 3.0.3\npaths: {}\n")
    with pytest.raises(SpecError, match=r"Trackbed reads OpenAPI 3\.1"):
        Spec.load(path)
