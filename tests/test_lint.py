"""A document that disagrees with itself or with its provider stops the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from toy import Toys, toy_spec

from sandbox import lint
from sandbox.errors import SpecError

POST = "/paths/~1toys/post"
GET = "/paths/~1toys~1{name}/get"
SLOW = {"when": {"problem": "rate-limited"}, "status": 429, "example": "slow", "severity": "transient", "x-inferred": "made up"}


def post(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tree["paths"]["/toys"]["post"]
    return found


def toy(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tree["components"]["schemas"]["Toy"]["properties"]
    return found


def test_the_toy_document_agrees_with_itself() -> None:
    lint.check(toy_spec(), Toys())


@pytest.mark.parametrize(
    ("change", "where", "reason"),
    [
        (lambda t: toy(t)["price"].update(type="integer"), "/components/schemas/Toy/properties/price", "integer without minimum"),
        (lambda t: toy(t)["parts"].update(type=["array", "null"]), "/components/schemas/Toy/properties/parts", "array without items"),
        (lambda t: t["x-causes"].pop("unknown-path"), "/x-causes", "no row for unknown-path"),
        (lambda t: t["x-causes"]["wrong-method"].pop("response"), "/x-causes", "no row for wrong-method"),
        (lambda t: t["x-causes"]["too-large"].update(example="large"), "/x-causes/too-large", "names the example 'large'"),
        (lambda t: t["x-causes"].pop("media-type"), POST, "can be refused as media-type"),
        (lambda t: post(t).update({"x-rate-limit": {"calls": 1, "per_s": 1}}), POST, "can be refused as rate-limited"),
        (
            lambda t: (post(t).update({"x-rate-limit": {"calls": 1, "per_s": 1}}), t["x-causes"].update(slow=SLOW)),
            "/x-causes/slow",
            "answers createToy with 429, which is not among its responses",
        ),
        (
            lambda t: (post(t).update({"x-rate-limit": {"calls": 1, "per_s": 1}}), t["x-causes"].update(slow=SLOW | {"status": 409})),
            "/x-causes/slow",
            "names the example 'slow'",
        ),
        (lambda t: t["x-causes"].pop("bad-key"), POST, "can be refused as unauthenticated"),
        (lambda t: t["x-causes"]["bad-request"].update(when={"problem": "malformed"}), POST, "can be refused as invalid"),
        (lambda t: post(t)["responses"].pop("415"), "/x-causes/media-type", "answers createToy with 415"),
        (lambda t: post(t)["responses"].pop("409"), f"{POST}/x-causes/taken", "answers createToy with 409"),
        (lambda t: post(t)["x-causes"]["taken"].update(example="took"), f"{POST}/x-causes/taken", "names the example 'took'"),
        (lambda t: post(t)["x-causes"]["taken"].update(unique="/nam"), f"{POST}/x-causes/taken/unique", "names '/nam', which no example"),
        (
            lambda t: post(t)["x-causes"]["taken"].update(avoid=["/name", "/x"]),
            f"{POST}/x-causes/taken/avoid",
            "names '/x', which no example",
        ),
        (
            lambda t: post(t)["requestBody"]["content"]["application/json"]["examples"]["bear"].update(value={"name": ""}),
            f"{POST}/requestBody",
            "example 'bear', in which /name: must have at least 1",
        ),
        (lambda t: post(t)["requestBody"]["content"]["application/json"].pop("examples"), f"{POST}/requestBody", "no named example"),
        (lambda t: post(t)["responses"]["201"]["content"]["application/json"].pop("examples"), f"{POST}/responses/201", "no named example"),
        (
            lambda t: post(t)["responses"]["201"]["content"]["application/json"]["examples"]["made"]["value"].update(id="X"),
            f"{POST}/responses/201",
            "in which /id",
        ),
        (lambda t: post(t)["responses"]["201"]["headers"]["Location"].pop("example"), f"{POST}/responses/201", "no example of it"),
        (
            lambda t: post(t)["responses"]["201"]["links"]["read"].update(operationId="readToy"),
            f"{POST}/responses/201/links/read",
            "'readToy'",
        ),
        (
            lambda t: post(t)["responses"]["201"]["links"]["read"].update(parameters={"toy": "$response.body#/name"}),
            f"{POST}/responses/201/links/read",
            "'toy', which getToy does not have",
        ),
    ],
)
def test_a_disagreement_is_found_with_its_place(change: Callable[[dict[str, Any]], Any], where: str, reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        lint.check(toy_spec(change), Toys())
    assert caught.value.pointer == where
    assert reason in caught.value.reason


def test_a_limit_with_a_documented_reply_is_well() -> None:
    def change(tree: dict[str, Any]) -> None:
        post(tree)["x-rate-limit"] = {"calls": 1, "per_s": 1}
        tree["x-causes"]["slow"] = SLOW | {"status": 409, "example": "taken"}

    lint.check(toy_spec(change), Toys())


def test_the_methods_of_a_provider_stand_in_the_documents_order() -> None:
    class Swapped(Toys):
        get_toy = Toys.get_toy
        create_toy = Toys.create_toy

    class Missing:
        create_toy = Toys.create_toy

    class Extra(Toys):
        create_toy = Toys.create_toy
        get_toy = Toys.get_toy
        delete_toy = Toys.get_toy

    for provider, odd in (
        (Swapped(), "'create_toy' where the class has 'get_toy'"),
        (Missing(), "'get_toy' where the class has 'nothing'"),
        (Extra(), "'nothing' where the class has 'delete_toy'"),
    ):
        with pytest.raises(SpecError, match=odd):
            lint.check(toy_spec(), provider)
