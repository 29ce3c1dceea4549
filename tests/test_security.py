"""Who is calling, and what each credential opens."""

from __future__ import annotations

import base64

import pytest
from toy import send, toy_api

from sandbox import codec, security
from sandbox.errors import Rejection
from sandbox.timeline import Clock


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "standing"),
    [("sbx_a", "good"), ("sbx_A.b-c_1", "good"), ("sbx_readonly_x", "readonly"), ("sbx_denied_x", "denied"), ("sbx_" + "x" * 60, "good")],
)
def test_a_good_credential_is_the_account_of_its_name(text: str, standing: str) -> None:
    account = security.sandbox_account(text)
    assert (account.name, account.standing) == (text, standing)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unknown"),
        ("sbx_", "unknown"),
        ("SBX_a", "unknown"),
        ("key", "unknown"),
        ("sbx_é", "unknown"),
        ("sbx_a\n", "unknown"),
        ("sbx_a/b", "unknown"),
        ("sbx_" + "x" * 61, "unknown"),
        ("sbx_revoked_x", "revoked"),
    ],
)
def test_any_other_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Rejection) as caught:
        security.sandbox_account(text)
    assert (caught.value.kind, caught.value.reason) == ("unauthenticated", reason)


def test_with_any_credentials_each_text_is_an_account_of_its_own() -> None:
    names = {security.any_account(text).name for text in ("a", "b", "sbx_a", "", "é" * 500)}
    assert len(names) == 5
    assert "sbx_a" in names


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_key": "sbx_demo"}, 200),
        ({"x_key": "", "authorization": "Bearer sbx_demo"}, 200),
        ({"x_key": "", "authorization": "bearer  sbx_demo "}, 200),
        ({"x_key": "", "authorization": basic("sbx_demo:any")}, 200),
        ({"x_key": "nonsense", "authorization": "Bearer sbx_demo"}, 200),
        ({"x_key": ""}, 401),
        ({"x_key": "", "authorization": "Bearer"}, 401),
        ({"x_key": "", "authorization": "Bearer "}, 401),
        ({"x_key": "", "authorization": "Basic !!!"}, 401),
        ({"x_key": "", "authorization": basic("sbx_demo")}, 401),
        ({"x_key": "", "authorization": "Basic " + base64.b64encode(b"\xff:").decode()}, 401),
        ({"x_key": "", "authorization": "Digest sbx_demo"}, 401),
        ({"x_key": "sbx_revoked_1"}, 401),
        ({"x_key": "sbx_denied_1"}, 403),
        ({"x_key": "sbx_readonly_1"}, 200),
    ],
)
def test_each_scheme_of_the_document_opens_the_door(clock: Clock, headers: dict[str, str], status: int) -> None:
    assert send(toy_api(clock, scene={"toys": ["bear"]}), "GET", "/toys/bear", **headers).status == status


def test_a_role_that_the_document_asks_for_is_needed(clock: Clock) -> None:
    api = toy_api(clock)
    answer = send(api, "POST", "/toys", '{"name": "bear"}', x_key="sbx_readonly_1")
    assert (answer.status, codec.load(answer.body)["error"]) == (403, "forbidden")
    assert send(api, "POST", "/toys", '{"name": "bear"}', x_key="sbx_writer").status == 201
