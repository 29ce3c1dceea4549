"""A call that a target will take is made of what the document shows, and new each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from breaking import caller, document

from contracts import documents, ready
from contracts.caller import Caller
from contracts.promises import CannotTell
from contracts.providers import PROVIDERS
from contracts.scenarios import Step
from sandbox.answers import Answer
from sandbox.exchange import Request

DOCUMENTS = Path(__file__).parent / "documents"
OPERATIONS = [(provider, name) for provider in PROVIDERS for name in document(provider).operations]


class Deaf:
    """A target that takes everything and tells nothing."""

    url = "http://localhost"

    def send(self, _: Request) -> Answer:
        return Answer(201, {"content-type": "application/json"}, b"{}")


@pytest.mark.parametrize(("provider", "name"), OPERATIONS)
def test_the_sandbox_takes_the_call_of_each_operation_again_and_again(provider: str, name: str) -> None:
    who = caller(provider, f"sbx_ready_{name}")
    operation = who.spec.operations[name]
    if name.startswith("list") and provider == "trackru":
        ready.create(who, who.spec.operations["createTracking"])  # an empty list is refused
    for _ in range(3):
        outcome = ready.play(who, ready.ready(who, operation))
        assert outcome.accepted or outcome.means == 404, outcome.body


@pytest.mark.parametrize(("provider", "name"), [pair for pair in OPERATIONS if document(pair[0]).operations[pair[1]].creates])
def test_what_makes_something_new_is_new_each_time(provider: str, name: str) -> None:
    who = caller(provider, "sbx_fresh")
    operation = who.spec.operations[name]
    places = list(ready.unique_places(operation))
    one, two = (ready.ready(who, operation).body for _ in range(2))
    found = [place for place in places if isinstance(ready._at(one, place), str)]
    assert all(ready._at(one, place) != ready._at(two, place) for place in found)
    assert next(iter(operation.body.media.values())).problems({**who.shown(operation).body, **one} if isinstance(one, dict) else one) == ()


def test_a_body_is_made_of_the_schema_where_no_example_is_shown() -> None:
    spec = documents.load(DOCUMENTS / "notes.yaml")
    del spec.tree["paths"]["/notes"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    reread = type(spec)(spec.name, spec.file, spec.tree)
    operation = reread.operations["write"]
    (body,) = ready.examples(reread, operation)
    assert next(iter(operation.body.media.values())).ok(body)
    assert set(body) == {"text", "tag", "kept"}


def test_where_nothing_leads_to_an_operation_it_says_so() -> None:
    spec = documents.load(DOCUMENTS / "notes.yaml")
    del spec.tree["paths"]["/notes"]["post"]["responses"]["201"]["links"]
    reread = type(spec)(spec.name, spec.file, spec.tree)
    with pytest.raises(CannotTell, match="nobody knows its id"):
        ready.ready(Caller(reread, Deaf(), None), reread.operations["read"])


def test_an_answer_without_what_a_link_needs_says_so() -> None:
    spec = documents.load(DOCUMENTS / "notes.yaml")
    with pytest.raises(CannotTell, match="has not what its link"):
        ready.ready(Caller(spec, Deaf(), None), spec.operations["read"])


def test_a_scenario_is_renewed_throughout() -> None:
    who = caller("trackru", "sbx_renewed")
    scenario = next(one for one in ready.known(who.spec) if one.name == "createTracking-duplicate")
    *before, call = ready.renewed(who, scenario)
    numbers = {step.body["tracking_number"].upper() for step in (*before, call)}
    assert len(numbers) == 1
    assert numbers.isdisjoint({scenario.call.body["tracking_number"].upper()})


@pytest.mark.parametrize(
    ("tree", "place", "value", "changed"),
    [
        ({"a": {"b": [1, 2]}}, "/a/b/1", 3, {"a": {"b": [1, 3]}}),
        ({"a~/b": 1}, "/a~0~1b", 2, {"a~/b": 2}),
        ([1], "", {}, {}),
        ({}, "/new", None, {"new": None}),
    ],
)
def test_a_value_is_put_at_a_place_of_a_copy(tree: Any, place: str, value: Any, changed: Any) -> None:
    before = repr(tree)
    assert ready.put(tree, place, value) == changed
    assert repr(tree) == before


def test_a_number_stays_a_number_of_that_length() -> None:
    who = caller("trackru", "sbx_digits")
    assert len(ready._digits(who, "12345678")) == 8
    assert ready._digits(who, "ABC") == "ABC"


def test_a_step_without_a_body_sends_none() -> None:
    who = caller("trackru", "sbx_none")
    outcome = ready.play(who, Step("listCarriers", {}, None))
    assert (outcome.request.body, "content-type" in outcome.request.headers) == (b"", False)
