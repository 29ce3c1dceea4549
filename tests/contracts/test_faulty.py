"""The implementations that everything else is measured with: what is called faulty is, and what is called right is something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from faulty import FAULTY, RIGHT, App, Difference, Faulty, Right, build

from contracts import documents
from contracts.caller import Caller
from contracts.promises import Broken, CannotTell
from contracts.providers import PROVIDERS
from contracts.run.catalogue import Item, items
from contracts.run.worlds import control_of
from contracts.target import WsgiTarget
from sandbox.spec import Spec
from sandbox.timeline import Clock

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = frozenset("validation envelope state identity echo listing security batch time journey method transient crash".split())

# One or two of each kind, and the check that must tell of it. tests/benchmarks/catch.py lets the whole command judge all of them.
TOLD = {
    "trackru-limit-zero-accepted": "pages-and-limits-start-at-one",
    "billink-carrier-in-any-case": "a-rule-has-one-code",
    "billink-snake-case-paths": "invalid",
    "billink-plain-json": "access-denied",
    "trackru-update-clobbers": "an-update-changes-what-it-names-and-nothing-else",
    "parcellab-refused-put-writes": "a-parcel-belongs-to-one-order",
    "trackru-id-shared": "ids-are-unique",
    "trackru-title-trimmed": "blanks-come-back",
    "trackru-pages-overlap": "the-total-is-a-text-and-counts-all-pages",
    "delivery_solutions-group-in-any-case": "the-letter-case-of-a-group-matters",
    "delivery_solutions-old-token-good": "a-new-token-revokes-the-old",
    "parcellab-no-second-proof": "a-second-proof-must-match",
    "trackru-batch-drops-errors": "a-bad-element-has-the-code-of-a-create",
    "trackru-wrong-zone": "creation-chooses-trackings",
    "trackru-delivered-and-back": "the-same-update-twice-is-the-same-as-once",
    "trackru-no-allow": "wrong-method",
    "trackru-never-recovers": "server-error",
    "billink-html-for-bad-json": "malformed",
    "trackru-day-unchecked": "values-end-where-the-schema-supposes",
    "delivery_solutions-city-of-100-refused": "values-end-where-the-schema-says",
    "parcellab-no-retry-after": "too-many-requests",
}
SELECTED = [faulty for faulty in FAULTY if faulty.name in TOLD]


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


# A slow one differs in nothing that can be read.
@pytest.mark.parametrize("right", [right for right in RIGHT if not right.name.endswith("-slow")], ids=lambda right: right.name)
def test_what_is_called_right_is_not_just_the_sandbox_again(right: Right) -> None:
    account = right.credential or f"sbx_{right.name}"
    usual = told(sandbox(right.provider), right.provider, account, right.show)
    own = told(right.build(Clock(NOW)), right.provider, account, right.show)
    assert own != usual


# --- they are told ------------------------------------------------------------------------------------------------------------


@cache
def checks(provider: str, name: str) -> tuple[Item, ...]:
    """List the checks of a name: a cause is one for each operation and way."""
    return tuple(item for item in items(document(provider)) if item.promise.name == name)


def accused(app: App, provider: str, names: list[str], credential: str = "") -> Iterator[str]:
    """Say which checks of these names find something wrong."""
    target, known = WsgiTarget(app, f"/{provider}"), PROVIDERS[provider]
    control = control_of(target, None)
    for number, item in enumerate(item for name in names for item in checks(provider, name)):
        account = credential or f"sbx_faulty_{number}"
        caller = Caller(document(provider), target, account, known.show, prefix=f"F{number}x", scene=known.scene, control=control)
        try:
            item.promise.check(caller)
        except Broken as told:
            yield f"{item.part}: {told}"
        except CannotTell:
            continue


@pytest.mark.parametrize("faulty", SELECTED, ids=lambda faulty: faulty.name)
def test_what_is_faulty_is_told(faulty: Faulty) -> None:
    assert next(accused(faulty.build(), faulty.provider, [TOLD[faulty.name]]), "")


def test_the_selection_has_every_kind_and_every_provider() -> None:
    assert {faulty.kind for faulty in SELECTED} == KINDS
    assert {faulty.provider for faulty in SELECTED} == {*PROVIDERS}
    assert len(SELECTED) == len(TOLD)


@pytest.mark.parametrize("right", RIGHT, ids=lambda right: right.name)
def test_what_is_right_is_accused_of_nothing(right: Right) -> None:
    names = [
        TOLD[faulty.name] for faulty in SELECTED if faulty.provider == right.provider and not TOLD[faulty.name].startswith("values-end")
    ]
    assert list(accused(right.build(), right.provider, names, right.credential)) == []
