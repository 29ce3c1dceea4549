"""A document may only say what the engine hears."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from toy import DOCUMENT

from sandbox import vocabulary
from sandbox.errors import SpecError

TOY = "/components/schemas/Toy"


def check(change: Callable[[dict[str, Any]], Any], *, own: bool = True) -> None:
    tree = copy.deepcopy(DOCUMENT)
    change(tree)
    vocabulary.check("toys.yaml", tree, own=own)


def toy(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tree["components"]["schemas"]["Toy"]
    return found


def test_the_toy_document_passes() -> None:
    check(lambda tree: None)


@pytest.mark.parametrize(
    ("change", "pointer", "reason"),
    [
        (lambda t: toy(t).update(maxLenght=3), f"{TOY}/maxLenght", "did you mean 'maxLength'"),
        (lambda t: toy(t)["properties"]["name"].update(nullable=True), f"{TOY}/properties/name/nullable", "does not implement in a schema"),
        (lambda t: t.update({"x-casues": {}}), "/x-casues", "did you mean 'x-causes'"),
        (lambda t: t.update(webhooks={}), "/webhooks", "does not implement in a document"),
        (lambda t: t["paths"]["/toys"].update(servers=[]), "/paths/~1toys/servers", "does not implement in a path"),
        (lambda t: t["paths"]["/toys"]["post"].update(callbacks={}), "/paths/~1toys/post/callbacks", "in a operation"),
        (
            lambda t: t["paths"]["/toys"]["post"]["x-causes"]["taken"].update(sverity="hard"),
            "/paths/~1toys/post/x-causes/taken/sverity",
            "did you mean 'severity'",
        ),
        (lambda t: toy(t).update(properties={"a": 5}), f"{TOY}/properties/a", "is not an object"),
        (lambda t: toy(t).update(anyOf=[{"$ref": "https://example.com/x.json"}]), f"{TOY}/anyOf/0/$ref", "points outside the document"),
        (lambda t: toy(t).update(anyOf=[{"$ref": "../secret.yaml#/a"}]), f"{TOY}/anyOf/0/$ref", "points outside the document"),
        (lambda t: toy(t).update(anyOf=[{"$ref": "file:///etc/passwd"}]), f"{TOY}/anyOf/0/$ref", "points outside the document"),
        (lambda t: toy(t).update(anyOf=[{"$ref": 5}]), f"{TOY}/anyOf/0/$ref", "points outside the document"),
        (
            lambda t: t["paths"]["/toys"]["post"]["responses"].update(
                {"500": {"$ref": "#/components/responses/TooLarge", "x-inferred": "x"}}
            ),
            "/paths/~1toys/post/responses/500",
            "beside a $ref",
        ),
        (lambda t: toy(t)["properties"]["name"].update(pattern="^(a+)+$"), f"{TOY}/properties/name/pattern", "repeat inside a repeat"),
        (lambda t: toy(t).update(patternProperties={"(a|a)*": {}}), f"{TOY}/patternProperties/(a|a)*", "branches can begin alike"),
        (lambda t: toy(t)["properties"]["price"].update(pattern="^(?!a)b$"), f"{TOY}/properties/price/pattern", "give it a maxLength"),
        (lambda t: toy(t)["properties"]["name"].update(format="datetime"), f"{TOY}/properties/name/format", "'datetime', a format"),
    ],
)
def test_what_the_engine_would_ignore_stops_the_start(change: Callable[[dict[str, Any]], Any], pointer: str, reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        check(change)
    assert caught.value.pointer == pointer
    assert reason in caught.value.reason


def test_a_pattern_that_looks_around_is_fine_with_a_maximum_length() -> None:
    check(lambda t: toy(t)["properties"]["name"].update(pattern="^(?!a)b$"))


def test_foreign_extensions_are_ignored_in_a_document_of_a_user_and_nothing_else_is() -> None:
    check(lambda t: t.update({"x-logo": {}}), own=False)
    with pytest.raises(SpecError):
        check(lambda t: t.update(logo={}), own=False)


def test_every_schema_is_found_wherever_it_stands() -> None:
    found = {where for where, _ in vocabulary.schemas(DOCUMENT)}
    assert {
        "/components/schemas/Toy/properties/name",
        "/paths/~1toys~1{name}/parameters/0/schema",
        "/paths/~1toys~1{name}/get/parameters/1/schema/items",
        "/paths/~1toys/post/responses/201/headers/Location/schema",
        "/paths/~1toys/post/requestBody/content/application~1json/schema",
    } <= found
