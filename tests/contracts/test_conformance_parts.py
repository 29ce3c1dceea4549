"""The parts of conformance on their own: the projected document, the shape of a case, fewer members, where a promise comes from."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import wide
from notes import TREE, Notes, caller, spec

from contracts import documents
from contracts.caller import Caller
from contracts.conformance import PROFILES, Settings, judge, thinning
from contracts.conformance.client import Client
from contracts.conformance.config import configuration
from contracts.conformance.events import Lost, Made, Sent
from contracts.conformance.shaping import Shaper
from contracts.provenance import provenance
from contracts.providers import PROVIDERS
from contracts.target import WsgiTarget
from sandbox.document import at
from sandbox.spec import Spec

# --- the document as a judge reads it -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trackru() -> Spec:
    return documents.load("trackru")


def test_a_refusal_that_comes_with_200_stands_under_what_it_means(trackru: Spec) -> None:
    responses = judge.project(trackru)["paths"]["/v1/trackings/post"]["post"]["responses"]
    assert {"200", "400", "401", "402", "403", "409", "413", "415", "429", "500", "503"} == set(responses)
    accepted = responses["200"]["content"]["application/json"]["schema"]["allOf"][1]
    assert at(accepted, "/properties/meta/properties/code/enum") == [200, 201]
    refused = responses["409"]["content"]["application/json"]["schema"]["allOf"][1]
    assert at(refused, "/properties/meta/properties/code/enum") == [4016]


def test_links_are_followed_from_what_was_accepted_alone(trackru: Spec) -> None:
    responses = judge.project(trackru)["paths"]["/v1/trackings/post"]["post"]["responses"]
    assert [status for status, response in responses.items() if "links" in response] == ["200"]


def test_the_document_itself_stays_as_it_is(trackru: Spec) -> None:
    before = deepcopy(trackru.tree)
    judge.project(trackru)
    assert trackru.tree == before


def test_oauth_is_a_bearer_token_for_the_judge() -> None:
    assert at(judge.project(spec()), "/components/securitySchemes/Token") == {"type": "http", "scheme": "bearer"}


def test_a_quick_run_looks_at_a_few_operations_and_each_is_looked_at_by_some_seed(trackru: Spec) -> None:
    samples = [Settings(seed=seed, profile="quick").sampled(trackru) for seed in range(len(trackru.operations))]
    assert all(len(sample) <= 4 for sample in samples)
    assert frozenset().union(*samples) == trackru.operations.keys()
    assert Settings(seed=3).sampled(trackru) == trackru.operations.keys()
    config = configuration(trackru, Settings(seed=0, profile="quick"), "http://localhost", anonymous=False)
    off = {one["include-operation-id"] for one in config["operations"] if "phases" in one}
    assert off == trackru.operations.keys() - samples[0]


# --- what Schemathesis is told --------------------------------------------------------------------------------------------------


def told(mine: Spec, operation: str) -> Mapping[str, Any]:
    config = configuration(mine, Settings(), "http://localhost", anonymous=False)
    return next(dict(entry["checks"]) for entry in config["operations"] if entry["include-operation-id"] == operation)


def test_valid_data_may_be_refused_for_what_the_document_names_and_for_nothing_else(trackru: Spec) -> None:
    allowed = told(trackru, "createTracking")["positive_data_acceptance"]["expected-statuses"]
    assert allowed == ["2xx", "400", "402", "409", "429", "500", "503"]
    assert told(spec(), "readNote")["positive_data_acceptance"]["expected-statuses"] == ["2xx", "404"]


def test_a_crash_is_no_refusal(trackru: Spec) -> None:
    refusing = told(trackru, "createTracking")["negative_data_rejection"]["expected-statuses"]
    assert "409" in refusing
    assert not [status for status in refusing if status.startswith("5")]


# --- the shape of a case --------------------------------------------------------------------------------------------------------


def shaped(body: Any, *, positive: bool = True, location: str = "", scenario: str = "", phase: str = "coverage") -> Any:
    kept = [body]
    made = Made("1", "createNote", positive, False, phase, scenario, location, "", {}, body, kept.append)
    Shaper(caller(Notes())).shape(made)
    return kept[-1]


def test_what_must_be_new_is_new_and_as_long_as_before() -> None:
    one = shaped({"name": "aaaaaaaaaaaaaaaaaaaa"})["name"]
    assert one != "aaaaaaaaaaaaaaaaaaaa"
    assert len(one) == 20


def test_what_must_exist_is_that_of_an_example() -> None:
    assert shaped({"name": "abcdef", "shelf": "attic"})["shelf"] == "kitchen"


def test_a_valid_case_about_a_member_keeps_it() -> None:
    case = {"name": "abcdef", "shelf": "attic"}
    assert shaped(case, location="/properties/shelf/maxLength", scenario="maximum_length_string")["shelf"] == "attic"


@pytest.mark.parametrize("wrong", [{"name": "x" * 21, "shelf": "kitchen"}, {"name": 1}, {"shelf": ["attic"], "name": "abc"}, {}])
def test_what_is_wrong_stays_wrong(wrong: dict[str, Any]) -> None:
    check = spec().operations["createNote"].body.media["application/json"]  # type: ignore[union-attr]
    before = {problem.place for problem in check.problems(wrong)}
    assert before
    assert {problem.place for problem in check.problems(shaped(dict(wrong), positive=False))} == before


def test_a_credential_is_laid_into_a_body_that_has_a_sound_one() -> None:
    billink = documents.load("billink")
    shaper = Shaper(Caller(billink, WsgiTarget(Notes()), "sbx_me", PROVIDERS["billink"].show))
    for sent, expected in (("anyone", "sbx_me"), (5, 5)):
        body = {"billinkID": sent, "billinkUsername": "x"}
        kept = [body]
        made = Made("1", "createTracker", False, False, "coverage", "", "", "", {}, body, kept.append)
        shaper.shape(made)
        assert kept[-1]["billinkID"] == expected


# --- fewer members --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "operation"), [("delivery_solutions", "createTracker"), ("parcellab", "createOrder")])
def test_what_fits_fewer_members_fits_all(name: str, operation: str) -> None:
    mine = documents.load(name)
    body = mine.operations[operation].body
    assert body is not None
    kept = set()
    for seed in range(3):
        tree = judge.project(mine)
        thinning.thin(tree, mine.operations[operation], seed, PROFILES["quick"].members)
        assert thinning.members(tree, mine.operations[operation]) < thinning.members(mine.tree, mine.operations[operation])
        thin = Spec(mine.name, mine.file, tree).operations[operation].body
        assert thin is not None
        check = next(iter(thin.media.values()))
        assert all(check.ok(example) for example in body.examples.values())
        assert not check.ok({})
        kept.add(thinning.members(tree, mine.operations[operation]))
    assert len(kept) > 1


def test_a_small_body_keeps_all_its_members() -> None:
    tree = deepcopy(TREE)
    thinning.thin(tree, spec().operations["createNote"], 1, 4)
    assert tree == TREE


def test_a_body_of_millions_of_members_is_neither_counted_to_its_end_nor_written_out(tmp_path: Path) -> None:
    huge = wide.spec(tmp_path)
    tree = deepcopy(huge.tree)
    thinning.thin(tree, huge.operations["make"], 1, 4)
    assert tree == huge.tree
    assert thinning.members(tree, huge.operations["make"]) == thinning.HUGE + 1


# --- an engine that was given up ------------------------------------------------------------------------------------------------


def test_a_client_that_is_closed_sends_nothing_more() -> None:
    app = Notes()
    client = Client(caller(app, 1), lambda _: None)
    sent = Sent("1", "readNote", "GET", f"{client.caller.target.url}/notes/n1", {}, b"")
    assert client.send(sent).status == 401
    client.closed = True
    with pytest.raises(Lost):
        client.send(sent)
    assert (len(app.seen), client.sent) == (1, 1)


# --- where a promise comes from -------------------------------------------------------------------------------------------------


def test_a_document_without_any_note_is_its_own_source() -> None:
    books = documents.load(Path(__file__).parent / "documents" / "books31.yaml")
    assert provenance(books, "/components/schemas/NewBook/properties/price", books.operations["addBook"]) == ("", False)


def test_the_nearest_note_says_where_a_promise_comes_from(trackru: Spec) -> None:
    mine = spec()
    rule = "/paths/~1notes/post/requestBody/content/application~1json/schema/properties"
    assert provenance(mine, f"{rule}/name/maxLength") == ("", True)
    assert provenance(mine, f"{rule}/name/minLength") == ("https://notes.example", False)
    cause = trackru.operations["createTracking"].causes["missing-carrier"]
    assert provenance(trackru, cause.where) == ("", True)
    assert provenance(trackru, "/components/schemas/NewTracking/type", trackru.operations["createTracking"])[1] is False
