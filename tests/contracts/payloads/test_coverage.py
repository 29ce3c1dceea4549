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
from contracts.payloads.schema import RequestSchema
from contracts.payloads.sites import sites
from sandbox.spec import Operation, Spec
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
    texts = [path.read_text("utf-8") for path in SMALL]
    words = {*KINDS["schema"], "$ref", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$defs", "$comment", "$schema", "contentSchema"}
    wanted = {word for word in words if not word.startswith("x-")}
    assert {word for word in wanted if not any(f"{word}:" in text for text in texts)} == set()
    assert len(SMALL) == 28


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.stem)
def test_what_is_made_to_notice_an_edit_does(path: Path) -> None:
    spec = documents.load(path)
    for operation in spec.operations.values():
        work = derive.derivation(spec, operation)
        requests = {derived.payload.id: derived.request for derived in work.payloads()}
        for edit, name in work.killed:
            edited = work.schema.bundle.compile(edit.schema(work.schema)).is_valid
            assert edited(requests[name]) is not work.schema.ok(requests[name]), (edit.id, requests[name])


def test_an_edit_that_is_said_to_change_nothing_changes_no_payload_either() -> None:
    """The proofs are checked against all that was sent: no payload may tell an equivalent edit from the document."""
    for path in SMALL:
        spec = documents.load(path)
        for operation in spec.operations.values():
            work = derive.derivation(spec, operation)
            requests = [derived.request for derived in work.payloads()]
            for missed in (one for one in work.missed if one.equivalent):
                edited = work.schema.bundle.compile(missed.edit.schema(work.schema)).is_valid
                assert [request for request in requests if edited(request) is not work.schema.ok(request)] == [], missed.edit.id


@pytest.mark.parametrize("seed", range(4))
def test_what_is_said_of_the_edits_of_any_schema_holds_for_all_small_values(seed: int, tmp_path: Path) -> None:
    """No value that is tried may tell an equivalent edit from the document; few may tell others that no payload tells, too."""
    schemas = Schemas(seed)
    held = [untold(schemas.schema(), tmp_path) for _ in range(90)]
    assert sum(missed for missed, _ in held) < sum(made for _, made in held) / 200


ODD: dict[str, Any] = {  # each was a false proof, a payload that showed nothing, or a crash
    "another item than the open one is asked for": {"type": "array", "items": {"not": {"type": "string"}}, "contains": {"type": "integer"}},
    "fewer items than one less": {"type": "array", "maxItems": 0, "contains": True, "minContains": 2},
    "all items that fit must be many": {"type": "array", "items": True, "maxItems": 2, "contains": {}, "maxContains": 2},
    "items that show it together": {"items": {"type": "array", "items": False, "minItems": 2}, "minItems": 2},
    "items in an order of their own": {
        "type": "array",
        "minItems": 2,
        "maxItems": 2,
        "prefixItems": [{"type": "string", "pattern": "^a"}],
        "contains": {"const": 1},
        "maxContains": 2,
    },
    "an open item that two ask for": {
        "anyOf": [
            {"items": {"type": "integer"}, "minItems": 1},
            {
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "prefixItems": [{"type": "boolean"}],
                "contains": {"const": "a"},
                "maxContains": 1,
            },
        ]
    },
    "two equal items beside an open one": {
        "anyOf": [{"type": "array", "items": {"type": "string"}, "minItems": 2}, {"type": "array", "minItems": 2, "uniqueItems": True}]
    },
    "members that are all looked at": {"type": "object", "additionalProperties": {"type": "array"}, "unevaluatedProperties": False},
    "a branch by which a member is looked at": {
        "unevaluatedProperties": False,
        "anyOf": [
            {"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": {"type": "string", "pattern": "^a"}},
            {"type": "object", "required": ["b"]},
        ],
    },
    "a branch that looks at a member no more": {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"b": True},
        "patternProperties": {"^a": True},
        "unevaluatedProperties": False,
        "anyOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"required": ["b"]}],
    },
    "a text that is left when the plainest is not": {"type": "string", "pattern": "^[ab]$", "not": {"const": "a"}},
    "a name that is left when the plainest are not": {"type": "object", "propertyNames": {"pattern": "^[abp]$"}, "minProperties": 2},
    "an item that would come twice": {"minItems": 2, "uniqueItems": True, "contains": {"type": ["string", "null"]}, "maxContains": 1},
    "another name that the edit is about, too": {"type": "object", "required": ["a"], "propertyNames": {"pattern": "^a"}},
    "a member that a branch looks at": {
        "required": ["b", "a"],
        "unevaluatedProperties": False,
        "oneOf": [{"type": "object", "required": ["p"], "additionalProperties": False}, {"propertyNames": {"enum": ["a", "b"]}}],
    },
    "a branch that looks at all and does not hold": {
        "properties": {"b": {}},
        "required": ["b", "a"],
        "unevaluatedProperties": False,
        "if": {"properties": {"a": {"type": "integer", "multipleOf": 2}, "b": False}},
        "then": {"required": ["b"]},
        "else": {"type": "object", "additionalProperties": False},
    },
    "a name that another rule judges, too": {
        "properties": {"b": {"type": "string"}},
        "patternProperties": {"^a": {"type": "integer"}},
        "not": {"properties": {"a": {"type": ["string", "null"]}}, "required": ["b"]},
        "propertyNames": {"maxLength": 1},
    },
    "members that only one branch may look at": {
        "type": "object",
        "properties": {"b": {"type": "string", "maxLength": 1}},
        "unevaluatedProperties": False,
        "allOf": [
            {"additionalProperties": False},
            {"properties": {"a": {"type": "string"}}, "patternProperties": {"^a": {}}, "minProperties": 2},
        ],
    },
    "an item that contains has looked at": {
        "type": "array",
        "maxItems": 1,
        "unevaluatedItems": {"not": {"type": "string"}},
        "anyOf": [
            {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "contains": {"type": "string"}, "minContains": 2},
            {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 1}},
        ],
    },
    "others that nothing has looked at": {"type": "array", "minItems": 2, "unevaluatedItems": {"not": {"type": "string"}}},
    "others that must differ": {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 1},
        "minItems": 2,
        "uniqueItems": True,
    },
    "a member that needs one that is not described": {
        "type": "object",
        "properties": {"a": {"type": "string", "maxLength": 1}, "p": {"type": "string"}},
        "minProperties": 2,
        "dependentRequired": {"p": ["b"]},
    },
    "an item that no branch has looked at": {
        "type": "array",
        "oneOf": [{"prefixItems": [{"type": "integer", "multipleOf": 2}], "contains": False}, {"maxItems": 1}],
        "unevaluatedItems": False,
        "maxItems": 1,
    },
    "an object where the empty one is excluded": {"type": "object", "not": {"enum": [{}]}},
    "the only branch": {
        "required": ["p", "a"],
        "additionalProperties": {"not": {"type": "string"}},
        "anyOf": [{"type": "object", "required": ["p", "a"], "additionalProperties": False}],
    },
    "a branch by which items are looked at": {
        "type": "array",
        "anyOf": [{"type": "array", "minItems": 2, "maxItems": 1}, {"items": {}}],
        "unevaluatedItems": {"type": "string"},
    },
    "an item behind others": {"items": {"type": ["string", "null"]}, "allOf": [{"prefixItems": [{"type": "string"}, {"type": "integer"}]}]},
    "a member that does for two": {
        "properties": {"a": {"type": "integer"}},
        "additionalProperties": {"not": {"enum": ["a", 0]}},
        "maxProperties": 1,
        "oneOf": [{"properties": {"a": {"type": "string"}}, "patternProperties": {"b": False}}, {"type": "object"}],
    },
    "items that only contains looks at": {
        "type": "array",
        "allOf": [{"maxItems": 1, "contains": {}}, {"maxItems": 1}],
        "unevaluatedItems": False,
    },
    "a branch that goes and what it looked at with it": {
        "type": "array",
        "unevaluatedItems": False,
        "oneOf": [{"type": "array", "items": {"type": "string", "minLength": 1}}, {"type": "array", "minItems": 1}],
    },
    "a member that a condition looks at": {
        "type": "object",
        "required": ["a", "p"],
        "unevaluatedProperties": {"type": "string"},
        "if": {"required": ["a", "p"], "additionalProperties": False},
        "then": {"type": "object", "maxProperties": 2},
    },
    "items that each branch looks at as far as it goes": {
        "type": "array",
        "anyOf": [{"prefixItems": [{"type": "string"}]}, {"prefixItems": [{"type": "integer"}, {"type": "integer"}]}],
        "unevaluatedItems": False,
        "minItems": 1,
    },
    "no room for a new member": {"type": "object", "required": ["p"], "additionalProperties": {"type": "string"}, "maxProperties": 1},
    "no other name": {"type": "object", "required": ["p"], "patternProperties": {"^p$": {"const": 1}}, "additionalProperties": False},
    "no other name that a rule is for": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "additionalProperties": False,
        "propertyNames": {"maxLength": 1},
    },
    "names that decide together": {
        "type": "object",
        "required": ["b"],
        "propertyNames": {"enum": ["a", "b"]},
        "dependentSchemas": {"b": {"type": "object", "propertyNames": {"pattern": "^a"}}},
    },
    "a name that must be there": {"propertyNames": {"not": {"const": "aa"}}, "anyOf": [{"required": ["p", "a"]}]},
    "names that two rule, and that must be there": {
        "type": "object",
        "propertyNames": {"enum": ["a", "b"]},
        "allOf": [{"required": ["b", "a"], "propertyNames": {"maxLength": 1}}],
    },
    "a name that must be there in one branch and is forbidden": {
        "type": "object",
        "properties": {"b": {"const": 1}},
        "propertyNames": {"not": {"const": "p"}},
        "anyOf": [
            {"properties": {"a": True}, "propertyNames": {"pattern": "^a"}},
            {"required": ["p", "a"], "propertyNames": {"not": {"const": "aa"}}},
        ],
    },
    "a name that must be there with another": {
        "required": ["a"],
        "minProperties": 2,
        "propertyNames": {"enum": ["a", "b"]},
        "type": "object",
    },
    "one of two members of which as much is asked": {
        "required": ["a", "b"],
        "properties": {"b": {"type": "string"}},
        "patternProperties": {"^a$": {"type": ["null", "string"]}},
        "maxProperties": 2,
        "not": {"required": ["b", "a"], "additionalProperties": {"type": "string"}},
    },
    "an open member beside one that will do": {
        "required": ["a", "b"],
        "properties": {"b": {"type": "string"}},
        "maxProperties": 2,
        "not": {"required": ["b", "a"], "additionalProperties": {"type": "string"}},
    },
    "one of two members that are there": {
        "required": ["a", "b"],
        "patternProperties": {"b": {"type": "string"}},
        "maxProperties": 2,
        "not": {"required": ["b", "a"], "additionalProperties": {"type": "string"}},
    },
    "a name that another schema knows": {
        "type": "object",
        "additionalProperties": {"type": "boolean"},
        "anyOf": [
            {"type": "array"},
            {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
        ],
    },
    "a member that needs another": {
        "type": "object",
        "properties": {"b": {"enum": [0, 1]}, "p": {"enum": [0, 1]}},
        "additionalProperties": {"enum": ["a", "aa", 1]},
        "minProperties": 2,
        "dependentRequired": {"b": ["a"]},
    },
}


LEFT = {  # of these a small value shows some edits that are left unproven
    "items that each branch looks at as far as it goes",
    "items that show it together",
    "an open item that two ask for",
    "a branch by which a member is looked at",
    "a branch by which items are looked at",
    "a name that is left when the plainest are not",
    "a name that another schema knows",
    "names that decide together",
    "one of two members of which as much is asked",
    "a name that must be there in one branch and is forbidden",
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_said_of_the_edits_of_odd_schemas_holds_for_all_small_values(case: str, tmp_path: Path) -> None:
    spec, operation = loaded(ODD[case], tmp_path)
    work = derive.derivation(spec, operation)
    requests = {derived.payload.id: derived.request for derived in work.payloads()}
    judged = [({"body": value}, work.schema.ok({"body": value})) for value in VALUES]
    for missed in work.missed:
        edited = work.schema.bundle.compile(missed.edit.schema(work.schema)).is_valid
        told = [request for request, was in judged if edited(request) is not was]
        assert not told or (case in LEFT and not missed.equivalent), (missed.edit.id, told, missed.reasons)
    for edit, name in work.killed:
        edited = work.schema.bundle.compile(edit.schema(work.schema)).is_valid
        assert edited(requests[name]) is not work.schema.ok(requests[name]), (edit.id, requests[name])


def untold(schema: Any, folder: Path) -> tuple[int, int]:
    """Hold what is said of the edits of a schema to all values; gives how many could be told and are not, and how many there are."""
    spec, operation = loaded(schema, folder)
    score = coverage.score(spec, operation)
    schema_of = RequestSchema(spec, operation)
    judged = [({"body": value}, schema_of.ok({"body": value})) for value in VALUES]
    named = {edit.id: edit for site in sites(schema_of) for edit in edits(site)}
    missing = 0
    for survivor in (*score.equivalent, *score.unproven):
        edited = schema_of.bundle.compile(named[survivor.edit].schema(schema_of)).is_valid
        told = [request for request, was in judged if edited(request) is not was]
        assert not (told and survivor in score.equivalent), (schema, survivor.edit, told, survivor.proof)
        missing += bool(told)
    return missing, score.edits


def loaded(schema: Any, folder: Path) -> tuple[Spec, Operation]:
    path = folder / "any.json"
    path.write_text(json.dumps(document(schema)), "utf-8")
    spec = documents.load(path)
    return spec, spec.operations["send"]


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
