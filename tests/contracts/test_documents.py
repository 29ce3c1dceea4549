"""Any OpenAPI 3.0 or 3.1 document is read; one that cannot be says which file, where in it, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts import documents
from sandbox.errors import SpecError
from sandbox.providers import PROVIDERS

FOLDER = Path(__file__).parent / "documents"


def written(folder: Path, tree: Any, name: str = "mine.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(tree), "utf-8")
    return path


def minimal(**members: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}} | members


def operation(**members: Any) -> dict[str, Any]:
    return {"/a": {"post": {"responses": {"200": {"description": "fine"}}} | members}}


@pytest.mark.parametrize("name", PROVIDERS)
def test_our_own_documents_go_by_their_providers_name(name: str) -> None:
    assert documents.load(name).name == name


def test_a_name_that_nobody_has_says_which_there_are() -> None:
    with pytest.raises(documents.UnknownDocument, match="did you mean 'trackru'") as told:
        documents.load("tracru")
    assert f"expected one of {', '.join(sorted(PROVIDERS))}, or the path" in str(told.value)
    for name in ("control", "redocly"):  # what else lies beside the documents of providers
        with pytest.raises(documents.UnknownDocument):
            documents.load(name)


def test_a_document_of_30_means_what_30_says() -> None:
    spec = documents.load(FOLDER / "old.yaml")
    thing = spec.tree["components"]["schemas"]["Thing"]["properties"]
    assert thing["nullable"] == {"type": ["string", "null"], "maxLength": 3}
    assert thing["example"] == {"type": "string", "examples": ["a"]}
    assert thing["depth"] == {"$ref": "#/components/schemas/Depth"}  # what stands beside a reference has no meaning in 3.0
    assert thing["same"] == thing["again"] == {"type": ["integer", "null"]}
    check = spec.operations["getThingsId"].check_parameters
    assert check is not None
    assert check.ok({"path": {"id": 1}, "query": {"depth": 9.4}})
    assert [problem.keyword for problem in check.problems({"path": {"id": 0}, "query": {"depth": 9.5}})] == [
        "exclusiveMinimum",
        "exclusiveMaximum",
    ]


def test_an_operation_without_a_name_gets_one() -> None:
    assert list(documents.load(FOLDER / "old.yaml").operations) == ["getThingsId", "putThingsId", "deletePlainAB"]


def test_what_we_have_no_word_for_is_passed_over() -> None:
    spec = documents.load(FOLDER / "old.yaml")
    assert list(spec.schemes) == ["Key"]
    assert [need.scheme.name for need in spec.operations["getThingsId"].needs] == ["x-key"]
    assert {parameter.name for parameter in spec.operations["getThingsId"].parameters} == {"id", "session", "filter", "depth"}
    assert [parameter.location for parameter in spec.operations["deletePlainAB"].parameters] == ["path", "path"]
    responses = list(spec.operations["getThingsId"].responses)
    assert responses[:4] == [200, 201, 202, 204]  # a range speaks of these
    assert {404, 422, 500} < set(responses)  # and default of all others
    assert {200, 400, 404, 409, 422} <= set(spec.operations["putThingsId"].responses)


def test_schemas_may_go_by_names_of_their_own(tmp_path: Path) -> None:
    schemas = {
        "Leaf": {"$id": "https://example.com/leaf", "$defs": {"x": {"$anchor": "short", "maxLength": 1}}, "type": "string"},
        "Tree": {
            "$dynamicAnchor": "tree",
            "properties": {"leaf": {"$ref": "https://example.com/leaf"}, "tree": {"$dynamicRef": "#tree"}, "short": {"$ref": "#short"}},
        },
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}}
    spec = documents.load(written(tmp_path, minimal(paths=operation(requestBody=body), components={"schemas": schemas})))
    check = spec.check("/components/schemas/Tree")
    assert check.ok({"leaf": "a", "tree": {"leaf": "b"}, "short": "c"})
    problems = check.problems({"leaf": 1, "tree": {"tree": {"leaf": 2}}, "short": "cc"})
    assert sorted(problem.place for problem in problems) == ["/leaf", "/short", "/tree/tree/leaf"]


@pytest.mark.parametrize(
    ("tree", "pointer", "reason"),
    [
        ({"swagger": "2.0"}, "/swagger", "OpenAPI 3.0 and 3.1"),
        ({"openapi": "4.0.0"}, "/openapi", "OpenAPI 3.0 and 3.1"),
        ({"openapi": 3.1}, "/openapi", "OpenAPI 3.0 and 3.1"),
        (minimal(paths=[]), "/paths", "not an object"),
        (minimal(paths={"/a": {"get": []}}), "/paths/~1a/get", "not an object"),
        (minimal(paths=operation(parameters={})), "/paths/~1a/post/parameters", "not a list"),
        (minimal(paths=operation(parameters=[{"name": "x"}])), "/paths/~1a/post/parameters/0", "is no parameter"),
        (minimal(paths=operation(parameters=[{"$ref": "#/components/parameters/X"}])), "/paths/~1a/post/parameters/0/$ref", "nothing is there"),
        (minimal(paths=operation(requestBody={"content": {"application/json": {"schema": {"$ref": "other.yaml#/x"}}}})), "/paths/~1a/post/requestBody/content/application~1json/schema/$ref", "outside"),
        (minimal(paths=operation(requestBody={"content": {"application/json": {"schema": {"pattern": "("}}}})), "/paths/~1a/post/requestBody/content/application~1json/schema/pattern", "not a usable schema"),
        (minimal(paths=operation(requestBody={"content": {"application/json": {"schema": {"type": "sting"}}}})), "/paths/~1a/post/requestBody/content/application~1json/schema/type", "not a usable schema"),
        (minimal(paths=operation(operationId="x") | {"/b": operation(operationId="x")["/a"]}), "/paths/~1b/post/operationId", "one of its own"),
        (minimal(paths=operation(security="Key")), "", "is not built as"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where_and_why(tmp_path: Path, tree: Any, pointer: str, reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        documents.load(written(tmp_path, tree))
    assert (caught.value.file, caught.value.pointer) == ("mine.json", pointer)
    assert reason in caught.value.reason


def test_a_file_that_is_not_there_or_is_no_document_says_so(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be read"):
        documents.load(tmp_path / "absent.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("openapi: 3.1.0\n  paths: [", "utf-8")
    with pytest.raises(SpecError, match="not YAML"):
        documents.load(broken)
