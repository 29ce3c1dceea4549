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
