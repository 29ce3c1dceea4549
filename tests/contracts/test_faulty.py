"""The implementations that everything else is measured with: what is called faulty is, and what is called right is something else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from faulty import FAULTY, RIGHT, App, Difference, Faulty, Right, build

from contracts import documents
from contracts.caller import Caller
from contracts.providers import PROVIDERS
from contracts.target import WsgiTarget
from sandbox.spec import Spec
from sandbox.timeline import Clock

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = frozenset("validation envelope state identity echo listing security batch time journey method transient crash".split())


@cache
def document(provider: str) -> Spec:
    return documents.load(provider)


@cache
def sandbox(provider: str) -> App:
    return build(provider, Difference(), Clock(NOW))


def told(app: App, provider: str, text: str, show: Callable[[Caller], object]) -> list[tuple[Any, ...]]:
    """Say what an application answers to an exchange, as one account: status, headers and the pieces of the body."""
    heard: list[tuple[Any, ...]] = []

    def listening(environ: Any, start_response: Any) -> list[bytes]:
        line: list[Any] = []
        pieces = list(app(environ, lambda status, headers: line.extend((status, headers))))
        heard.append((*line, pieces))
        start_response(*line)
        return pieces

    show(Caller(document(provider), WsgiTarget(listening, f"/{provider}"), text, PROVIDERS[provider].show))
    return heard


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda faulty: faulty.name)
def test_what_is_called_faulty_answers_otherwise_than_the_sandbox(faulty: Faulty) -> None:
    account = f"sbx_{faulty.name}"[:60]
    right = told(sandbox(faulty.provider), faulty.provider, account, faulty.show)
    wrong = told(faulty.build(Clock(NOW)), faulty.provider, account, faulty.show)
    assert wrong != right


def test_the_catalogue_has_each_fault_once_and_says_what_kind_it_is() -> None:
    assert len({faulty.name for faulty in FAULTY}) == len(FAULTY)
    assert {faulty.kind for faulty in FAULTY} == KINDS
    assert all(faulty.sentence.endswith(".") and faulty.breaks for faulty in FAULTY)
    assert {faulty.provider for faulty in FAULTY} == {*PROVIDERS}


def test_the_ten_faults_of_the_papers_are_among_them() -> None:
    assert {faulty.paper for faulty in FAULTY} - {0} == {*range(1, 11)}


@pytest.mark.parametrize("right", RIGHT, ids=lambda right: right.name)
def test_what_is_called_right_is_not_just_the_sandbox_again(right: Right) -> None:
    if right.name.endswith("-slow"):
        return  # it differs in nothing that can be read
    account = right.credential or f"sbx_{right.name}"
    usual = told(sandbox(right.provider), right.provider, account, right.show)
    own = told(right.build(Clock(NOW)), right.provider, account, right.show)
    assert own != usual
