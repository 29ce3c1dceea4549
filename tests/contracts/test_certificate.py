"""What was not seen is named, what could not be seen says why, and a run that proved nothing is told so."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
from toy import toy_spec

from contracts import documents
from contracts.caller import Outcome
from contracts.constraints import constraints
from contracts.links import links, parameters
from contracts.run.certificate import Certificate, Row, certify, summary, vacuous
from contracts.run.evidence import Evidence
from sandbox.answers import Answer
from sandbox.exchange import Request

SPEC = toy_spec()


def certificate(evidence: Evidence, **excuses: str) -> Certificate:
    return certify(evidence.spec, evidence, evidence.spec.operations, {("operation", name, ""): why for name, why in excuses.items()})


def row(proved: Certificate, kind: str, name: str, operation: str = "createToy") -> Row:
    (found,) = [one for one in proved.rows if (one.kind, one.name, one.operation) == (kind, name, operation)]
    return found


def test_everything_that_the_document_says_has_a_row() -> None:
    proved = certificate(Evidence(SPEC))
    assert {one.operation for one in proved.rows if one.kind == "operation"} == {"createToy", "getToy"}
    assert [one.name for one in proved.rows if one.kind == "response" and one.operation == "getToy"] == ["200", "400", "401", "403", "404"]
    assert [one.name for one in proved.rows if one.kind == "link"] == ["201 read"]
    assert {one.name for one in proved.rows if one.kind == "cause"} == {*SPEC.causes, "nameless", "taken", "unknown-toy"}
    rules = [one.name for one in proved.rows if one.kind == "constraint" and one.operation == "createToy"]
    toy = "/components/schemas/Toy"
    assert rules == [
        f"{toy}/type",
        f"{toy}/required",
        f"{toy}/properties/name/type",
        f"{toy}/properties/name/minLength",
        f"{toy}/properties/name/maxLength",
        f"{toy}/properties/price/type",
    ]


def test_what_was_seen_is_seen_and_the_rest_is_missing() -> None:
    evidence = Evidence(SPEC)
    evidence.accepted["createToy"] += 1
    evidence.answered["createToy", 201] += 1
    evidence.walked("createToy", 201, "read")
    evidence.caused("createToy", "taken")
    evidence.caused("getToy", "bad-key")
    evidence.caused("createToy", "nameless", shown=True)
    evidence.broken.add(("createToy", "/components/schemas/Toy/required"))
    proved = certificate(evidence)
    seen = [
        ("operation", "createToy"),
        ("response", "201"),
        ("link", "201 read"),
        ("cause", "taken"),
        ("constraint", "/components/schemas/Toy/required"),
    ]
    assert {row(proved, *pair).state for pair in seen} == {"seen"}
    assert row(proved, "cause", "bad-key", "").state == "seen", "a cause of the document counts wherever it came"
    assert row(proved, "cause", "nameless").state == "shown"
    assert row(proved, "operation", "getToy", "getToy").state == "missing"
    assert proved.unproved == ("getToy",)
    assert summary(proved)["operation"] == {"seen": 1, "shown": 0, "impossible": 0, "missing": 1}


def test_what_cannot_be_seen_says_why() -> None:
    proved = certificate(Evidence(SPEC))
    assert row(proved, "cause", "forbidden", "").reason == "it takes an account without the right to do this"
    assert (
        row(proved, "constraint", "/paths/~1toys~1{name}/parameters/0/schema/type", "getToy").reason
        == "what is sent here is text, whatever it is"
    )
    left_out = certificate(Evidence(SPEC), getToy="it was left out")
    assert {one.reason for one in left_out.rows if one.operation == "getToy"} == {"it was left out"}
    assert row(left_out, "link", "201 read").reason == "it was left out", "a link leads nowhere then"


def test_a_passing_trouble_of_the_target_is_brought_about_by_no_request() -> None:
    spec = documents.load("parcellab")
    proved = certify(spec, Evidence(spec), spec.operations, {})
    passing = [cause.name for cause in spec.causes.values() if cause.severity == "transient"]
    (unavailable,) = [one for one in proved.rows if one.kind == "cause" and one.name == passing[0]]
    assert (unavailable.state, unavailable.reason) == ("impossible", "it is a passing trouble of the target, which no request brings about")


@pytest.mark.parametrize(
    ("accepted", "why"),
    [
        ([], "no operation answered with success"),
        (["getToy"], "nothing could be created: createToy never answered with success"),
        (["createToy"], ""),
        (["createToy", "getToy"], ""),
    ],
)
def test_a_run_in_which_nothing_succeeded_or_nothing_was_made_proved_nothing(accepted: list[str], why: str) -> None:
    evidence = Evidence(SPEC)
    evidence.accepted.update(accepted)
    assert vacuous(SPEC, certificate(evidence)) == why


def test_a_link_is_filled_in_from_answer_and_request(tmp_path: Path) -> None:
    spec = tiny.spec(tmp_path)
    create = spec.operations["createNote"]
    read, _ = links(spec, create)
    outcome = Outcome(create, Request("POST", "/notes"), Answer(201, {}, b""), {"id": "note-1"}, 201)
    assert (read.leads_to, parameters(spec, read, outcome)) == ("readNote", {"id": "note-1"})
    assert parameters(spec, read, Outcome(create, Request("POST", "/notes"), Answer(201, {}, b""), {}, 201)) is None


def test_replies_that_a_range_allows_need_not_come(tmp_path: Path) -> None:
    path = tiny.document(
        tmp_path,
        lambda tree: tree["paths"]["/notes"]["post"]["responses"].update({"4XX": tree["paths"]["/notes"]["post"]["responses"].pop("400")}),
    )
    spec = documents.load(path)
    proved = certify(spec, Evidence(spec), ["createNote"], {})
    assert [one.name for one in proved.rows if one.kind == "response"] == ["201", "401", "405", "415"]
    assert 400 in spec.operations["createNote"].responses


@pytest.mark.parametrize("name", ["billink", "delivery_solutions", "parcellab", "trackru"])
def test_rules_that_a_request_breaks_are_rules_that_are_listed(name: str) -> None:
    spec = documents.load(name)
    for operation in spec.operations.values():
        listed = constraints(spec, operation)
        for body in ({}, 5, [], [{"a": 1}], dict(zip("abcdef", range(6), strict=True))):
            for check in operation.body.media.values() if operation.body else ():
                rules = {rule for rule in check.broken(body) if not rule.endswith(("/anyOf", "/oneOf", "/allOf"))}
                assert rules <= listed.keys()
