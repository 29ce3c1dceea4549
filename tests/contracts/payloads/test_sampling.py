"""Random payloads: the same seed gives the same ones, each judged as its label says, and none is drawn before it is asked for."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from contracts import documents
from contracts.payloads import sampling
from contracts.payloads.schema import RequestSchema
from sandbox import codec

FOLDER = Path(__file__).parent / "documents"
CASES = [
    ("trackru", "createTracking"),
    ("trackru", "listTrackings"),
    ("delivery_solutions", "createTracker"),
    ("billink", "createTracker"),
    (str(FOLDER / "objects.yaml"), "check"),
    (str(FOLDER / "numbers.yaml"), "check"),
]


@pytest.mark.parametrize(("name", "operation"), CASES, ids=lambda value: Path(value).stem)
def test_each_is_judged_as_its_label_says(name: str, operation: str) -> None:
    spec = documents.load(name)
    found = spec.operations[operation]
    schema = RequestSchema(spec, found)
    payloads = list(sampling.payloads(spec, found, 40, 3))
    accepted = {payload.id for payload in payloads if payload.verdict == "accept"}
    assert len(accepted) == 40
    assert len(payloads) > (50 if found.body else 40)  # a query that was drawn without parameters has nothing to break
    for payload in payloads:
        assert payload.kind == "random"
        if payload.draft.body is not None:
            problems = schema.problems({"body": codec.read_json(payload.draft.body)})
            in_body = [problem for problem in problems if problem.place.startswith("/") or not problem.place]
            assert bool(in_body) is (payload.verdict == "reject"), payload.id
        if payload.verdict == "reject":
            assert payload.twin in accepted
            assert payload.keyword


def test_the_same_seed_gives_the_same_bytes_and_another_others() -> None:
    spec = documents.load("trackru")
    operation = spec.operations["createTracking"]
    first, again, other = (list(sampling.payloads(spec, operation, 30, seed)) for seed in (1, 1, 2))
    assert first == again
    assert [payload.draft for payload in first] != [payload.draft for payload in other]
    assert len({payload.draft.body for payload in first}) > 30


def test_more_of_them_begin_as_fewer_do() -> None:
    spec = documents.load("trackru")
    operation = spec.operations["updateTracking"]
    few, many = (list(itertools.islice(sampling.payloads(spec, operation, count, 5), 20)) for count in (10, 120))
    assert few[:20] == many[: len(few)]


def test_a_million_are_not_drawn_before_they_are_taken() -> None:
    spec = documents.load("trackru")
    drawn = sampling.payloads(spec, spec.operations["updateTracking"], 1_000_000, 1)
    assert len(list(itertools.islice(drawn, 2 * sampling.BATCH))) == 2 * sampling.BATCH


def test_an_operation_with_nothing_to_vary_has_none() -> None:
    spec = documents.load("trackru")
    assert list(sampling.payloads(spec, spec.operations["listCarriers"], 10, 1)) == []
