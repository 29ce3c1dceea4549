"""All checks of all providers: where they stand in the document, and that no answer whatever stops one otherwise than it should."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from breaking import broken, caller, document
from judges import Bug, Send

from contracts import causes, laws
from contracts.promises import Promise
from contracts.providers import PROVIDERS
from sandbox.answers import Answer
from sandbox.document import at
from sandbox.exchange import Request

NUMBERS = itertools.count(1)
providers = pytest.mark.parametrize("provider", PROVIDERS)


def promises(provider: str) -> Iterator[Promise]:
    yield from PROVIDERS[provider].promises
    yield from laws.promises(document(provider))


@providers
def test_each_promise_stands_in_the_document(provider: str) -> None:
    spec = document(provider)
    for promise in promises(provider):
        at(spec.tree, promise.where)
        assert promise.operations, promise.name
        assert set(promise.operations) <= set(spec.operations), promise.name
        assert bool(promise.source) != promise.inferred, promise.name
        assert promise.title.endswith("."), promise.name


@providers
def test_no_two_promises_have_one_name(provider: str) -> None:
    names = [(promise.name, promise.operations[0]) for promise in promises(provider)]
    assert len(set(names)) == len(names)


def always(body: bytes, status: int = 200) -> Bug:
    """Answer everything with the same."""
    return lambda request, send: Answer(status, {"content-type": "application/json"}, body)


def hollow(request: Request, send: Send) -> Answer:
    """Answer as the sandbox does, with everything inside taken out."""
    answer = send(request)
    return Answer(
        answer.status, answer.headers, b'{"meta": {"code": 200}, "data": null, "results": [null], "pagination": 7, "violations": {}}'
    )


GARBAGE: dict[str, Any] = {
    "an-empty-object": always(b"{}"),
    "an-array": always(b"[[1], null, {}]"),
    "a-text": always(b'"x"'),
    "nothing": always(b"", 204),
    "no-json": always(b"<html>"),
    "success-of-null": always(b'{"meta": {"code": 200}, "data": null}'),
    "success-of-texts": always(b'{"meta": {"code": 200}, "data": ["x", "y"], "items": "x", "results": "x"}', 201),
    "errors": always(b'{"errors": [7], "violations": ["x"], "meta": []}', 422),
    "hollow": hollow,
}


@providers
@pytest.mark.parametrize("garbage", GARBAGE)
def test_whatever_is_answered_a_check_says_broken_or_that_it_cannot_tell(provider: str, garbage: str) -> None:
    checks: list[Any] = [*promises(provider), *causes.trials(document(provider), PROVIDERS[provider])]
    told = [broken(check.check, caller(provider, f"sbx_g{next(NUMBERS)}", GARBAGE[garbage], clock=False)) for check in checks]
    assert any(told)  # nothing but Broken and CannotTell came through, and somebody saw it
