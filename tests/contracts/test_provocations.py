"""Each provocation breaks what it says and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from breaking import caller, document

from contracts.caller import Outcome
from contracts.constraints import read_body
from contracts.providers import PROVIDERS
from contracts.provocations import GONE, Edit, Provocation, provocations
from contracts.scenarios import Step
from sandbox.exchange import Request


def ways(provider: str, operation: str) -> list[Provocation]:
    spec = document(provider)
    return list(provocations(spec, spec.operations[operation]))


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (Edit("/a", GONE), Step("o", {"p": 1}, {"b": [{"c": 2}]})),
        (Edit("/b/0/c", GONE), Step("o", {"p": 1}, {"a": 1, "b": [{}]})),
        (Edit("/b/0/c", ""), Step("o", {"p": 1}, {"a": 1, "b": [{"c": ""}]})),
        (Edit("", []), Step("o", {"p": 1}, [])),
        (Edit("query:q", "!"), Step("o", {"p": 1, "q": "!"}, {"a": 1, "b": [{"c": 2}]})),
        (Edit("path:p", "x"), Step("o", {"p": "x"}, {"a": 1, "b": [{"c": 2}]})),
    ],
)
def test_an_edit_changes_one_place(edit: Edit, changed: Step) -> None:
    assert edit.apply(Step("o", {"p": 1}, {"a": 1, "b": [{"c": 2}]})) == changed


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_edit_breaks_rules_at_the_places_that_it_says(provider: str) -> None:
    for operation in document(provider).operations.values():
        for number, way in enumerate(provocations(document(provider), operation)):
            if way.places and any(place.startswith("/") or not place for place in way.places):
                outcome = way.make(caller(provider, f"sbx_v{number}", clock=False))
                check = next(iter(operation.body.media.values()))
                assert {problem.place for problem in check.problems(_body(provider, outcome))} == way.places, way.title


def _body(provider: str, outcome: Outcome) -> Any:
    return read_body(document(provider), outcome.operation, outcome.request)


def test_a_batch_is_one_too_long_a_list_of_numbers_too() -> None:
    assert "the body: maxItems" in {way.title for way in ways("trackru", "createTrackings")}
    (many,) = [way for way in ways("trackru", "listTrackings") if way.cause.name == "too-many-items"]
    sent: Request = many.make(caller("trackru", "sbx_many", clock=False)).request
    assert sent.query.count("no-") == 41


def test_an_operation_for_nobody_in_particular_has_no_provocation_by_credential() -> None:
    titles = {way.title for way in ways("billink", "createTracker")}
    assert "no credential" not in titles  # an absent one is a violation there
    assert {"an unknown credential", "/billinkID: required"} <= titles


def test_a_reader_is_not_asked_to_write_where_it_may_not() -> None:
    writes = {way.title for way in ways("parcellab", "putOrder")}
    reads = {way.title for way in ways("parcellab", "listOrders")}
    assert "a readonly credential" in writes
    assert "a readonly credential" not in reads


def test_an_unknown_path_is_unknown_with_and_without_a_slash() -> None:
    spec = document("trackru")
    for operation in spec.operations.values():
        way = next(way for way in provocations(spec, operation) if way.cause.name == "unknown-path")
        path = way.make(caller("trackru", f"sbx_path_{operation.id}", clock=False)).request.path
        assert spec.router.find(path) is None
        assert spec.router.find(f"{path}/") is None


def test_too_large_is_by_one_byte() -> None:
    way = next(way for way in ways("trackru", "createTracking") if way.cause.name == "too-large")
    assert len(way.make(caller("trackru", "sbx_large", clock=False)).request.body) == document("trackru").max_body + 1
