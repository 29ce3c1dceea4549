"""Every single edit of a schema is noticed by some payload, or it is proven that nothing can notice it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from random_schemas import VALUES, Schemas

from contracts import documents
from contracts.payloads import coverage, derive
from contracts.payloads.edits import edits
from contracts.payloads.sites import sites
from sandbox.vocabulary import KINDS

FOLDER = Path(__file__).parent / "documents"
SMALL = sorted(FOLDER.glob("*.yaml"))
OPERATIONS = [
    *((name, operation) for name in ("billink", "trackru", "delivery_solutions") for operation in documents.load(name).operations),
    *(("parcellab", operation) for operation in ("createOrder", "listOrders", "getOrderInfo", "getOrder", "sendEvent")),
    *((str(path), operation) for path in SMALL for operation in documents.load(path).operations),
]


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=lambda value: Path(value).stem)
def test_every_edit_is_noticed_or_proven_to_change_nothing(name: str, operation: str) -> None:
    spec = documents.load(name)
    score = coverage.score(spec, spec.operations[operation])
    assert [survivor.edit for survivor in score.unproven] == []
    assert score.percent == 100.0
    assert len(score.kills) + len(score.equivalent) == score.edits
    assert score.payloads <= max(1.5 * score.edits, 3)
    assert all(survivor.proof for survivor in score.equivalent)


def test_the_small_documents_have_every_keyword() -> None:
    held: set[str] = set()
    for path in SMALL:
        text = path.read_text("utf-8")
        held |= {
            word
            for word in [
                *KINDS["schema"],
                "$ref",
                "$id",
                "$anchor",
                "$dynamicRef",
                "$dynamicAnchor",
                "$defs",
                "$comment",
                "$schema",
                "contentSchema",
            ]
            if f"{word}:" in text
        }
    missing = {
        *KINDS["schema"],
        "$ref",
        "$id",
        "$anchor",
        "$dynamicRef",
        "$dynamicAnchor",
        "$defs",
        "$comment",
        "$schema",
        "contentSchema",
    } - held
    assert {name for name in missing if not name.startswith("x-")} == set()
    assert len(SMALL) == 22


def test_an_edit_that_is_said_to_change_nothing_changes_no_payload_either() -> None:
    """The proofs are checked against all that was sent: no payload may tell an equivalent edit from the document."""
    for path in SMALL:
        spec = documents.load(path)
        for operation in spec.operations.values():
            work = derive.derivation(spec, operation)
            requests = [derived.request for derived in work.payloads()]
            for missed in work.missed:
                edited = work.schema.bundle.compile(missed.edit.schema(work.schema)).is_valid
                assert [request for request in requests if edited(request) is not work.schema.ok(request)] == [], missed.edit.id


@pytest.mark.parametrize("seed", range(4))
def test_what_is_said_of_the_edits_of_any_schema_holds_for_all_small_values(seed: int, tmp_path: Path) -> None:
    """No value that is tried may tell an equivalent edit from the document; few may tell others that no payload tells, too."""
    schemas, path = Schemas(seed), tmp_path / "any.json"
    unproven, edits_made = [], 0
    for schema in (schemas.schema() for _ in range(90)):
        path.write_text(json.dumps(document(schema)), "utf-8")
        spec = documents.load(path)
        work = derive.derivation(spec, spec.operations["send"])
        requests = {derived.payload.id: derived.request for derived in work.payloads()}
        judged = [(value, work.schema.ok({"body": value})) for value in VALUES]
        for missed in work.missed:
            edited = work.schema.bundle.compile(missed.edit.schema(work.schema)).is_valid
            told = next((value for value, was in judged if edited({"body": value}) is not was), None)
            assert told is None or not missed.equivalent, (schema, missed.edit.id, told, missed.reasons)
            unproven += [(schema, missed.edit.id)] if told is not None else []
        for edit, name in work.killed:
            edited = work.schema.bundle.compile(edit.schema(work.schema)).is_valid
            unproven += [(schema, edit.id)] if edited(requests[name]) is work.schema.ok(requests[name]) else []
        edits_made += work.edits
    assert len(unproven) < edits_made / 200, unproven


def document(schema: Any) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    operation = {"operationId": "send", "requestBody": body, "responses": {"200": {"description": "Done"}}}
    return {"openapi": "3.1.0", "info": {"title": "Any", "version": "1"}, "paths": {"/any": {"post": operation}}}


def test_a_set_with_a_hole_in_it_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = documents.load(FOLDER / "numbers.yaml")
    operation = spec.operations["check"]
    whole = derive.Derivation.payloads

    def without(self: derive.Derivation) -> Any:
        for derived in whole(self):
            if derived.payload.id.endswith("price.too-small"):
                request = {**derived.request, "body": {"price": 1}}
                yield derive.Derived(derived.payload, request, derived.edit)
            else:
                yield derived

    monkeypatch.setattr(derive.Derivation, "payloads", without)
    score = coverage.score(spec, operation)
    assert score.unproven
    assert score.percent < 100
    assert any("minimum" in survivor.edit for survivor in score.unproven)


def test_the_edits_of_a_rule_are_those_that_people_make() -> None:
    spec = documents.load(FOLDER / "texts.yaml")
    work = derive.derivation(spec, spec.operations["check"])
    made = [edit for site in sites(work.schema) for edit in edits(site)]
    assert len({edit.id for edit in made}) == len(made)
    of_name = {f"{edit.keyword} {edit.change}" for edit in made if edit.site.trail[-1] == "name"}
    assert {
        "maxLength +1",
        "maxLength -1",
        "maxLength dropped",
        "maxLength doubled",
        "type null added",
        "minLength -1",
        "properties forbidden",
    } <= of_name
