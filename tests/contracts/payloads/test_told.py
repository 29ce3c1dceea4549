"""What was said of a part of one request is what would be said of it in another: same rule, same place, same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import documents
from contracts.payloads import derive

DOCUMENT = """
openapi: 3.1.0
info: {{title: Parts, version: '1'}}
paths:
  /parts:
    post:
      operationId: send
      parameters:
        - {{name: q, in: query, required: true, schema: {{type: integer}}}}
        - {{name: h, in: header, required: true, schema: {{type: integer}}}}
      requestBody:
        required: true
        content: {{application/json: {{schema: {{type: object, properties: {properties}}}}}}}
      responses: {{'200': {{description: Done}}}}
components:
  schemas:
    Line: {{type: object, required: [sku], properties: {{sku: {{type: string, maxLength: 3}}}}}}
    Cancel: {{type: object, required: [type], properties: {{type: {{type: string, const: cancel}}}}}}
    Add: {{type: object, required: [type], properties: {{type: {{type: string, const: add}}, speed: {{const: fast}}, line: {line}}}}}
    Move: {{type: object, required: [type], properties: {{type: {{type: string, const: move}}, line: {line}}}}}
    Node: {node}
    Choice: {{anyOf: [{{$ref: '#/components/schemas/Line'}}, {{type: object, required: [rate], properties: {{rate: {{type: integer}}}}}}]}}
"""
LINE = "{$ref: '#/components/schemas/Line'}"
NODE = "{anyOf: [{type: object, properties: {next: {$ref: '#/components/schemas/Node'}}}, {type: 'null'}]}"
CHANGE = "{oneOf: [{$ref: '#/components/schemas/Cancel'}, {$ref: '#/components/schemas/Add'}, {$ref: '#/components/schemas/Move'}]}"
CHOICE = f"{{oneOf: [{{type: object, required: [line], properties: {{line: {{type: integer}}}}}}, {{required: [line], properties: {{line: {LINE}}}}}]}}"
SHORT = "{type: string, maxLength: 3}"


def tagged(*branches: str) -> str:
    """Write properties: a short text, and a choice of objects."""
    return f"{{one: {SHORT}, change: {{type: object, oneOf: [{', '.join(branches)}]}}}}"


CASES = {
    "branches that a tag tells apart": f"{{line: {LINE}, change: {CHANGE}}}",
    "a constant beside a tag": f"{{speed: {{const: fast}}, change: {CHANGE}}}",
    "branches without a tag": f"{{line: {LINE}, choice: {CHOICE}}}",
    "schemas that say the same": "{one: {type: string, maxLength: 3}, other: {type: string, maxLength: 3, description: Another}}",
    "names by a pattern": "{one: {type: string}, some: {type: object, patternProperties: {'^x-': {type: string}}}}",
    "a schema that contains itself, and its copy": f"{{first: {{$ref: '#/components/schemas/Node'}}, second: {NODE}}}",
    "names that an address writes in another way": f"{{'a b': {SHORT}, 'c%d': {SHORT}, e: {SHORT}}}",
    "what unevaluatedProperties sees": (
        f"{{one: {SHORT}, two: {{type: object, allOf: [{{properties: {{x: {SHORT}}}}}], unevaluatedProperties: false}}}}"
    ),
    "a choice that stands twice": "{one: {$ref: '#/components/schemas/Choice'}, two: {$ref: '#/components/schemas/Choice'}}",
    "a branch without a tag": tagged(
        f"{{required: [kind], properties: {{kind: {{const: a}}, x: {SHORT}}}}}",
        "{required: [kind, y], properties: {kind: {type: string}, y: {type: string}}}",
    ),
    "tags that need not be there": tagged(
        f"{{maxProperties: 1, properties: {{kind: {{const: a}}, x: {SHORT}}}}}",
        "{required: [y], properties: {kind: {const: b}, y: {type: string}}}",
    ),
    "tags that are no texts": tagged(
        f"{{required: [kind], properties: {{kind: {{const: {{a: 1}}}}, x: {SHORT}}}}}",
        "{required: [kind], properties: {kind: {const: []}}}",
    ),
    "a member that has one of two names": (
        f"{{one: {SHORT}}}, additionalProperties: {SHORT}, maxProperties: 1, anyOf: [{{required: [p]}}, {{required: [q]}}]"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_label_says_what_is_wrong_with_its_own_request(case: str, tmp_path: Path) -> None:
    path = tmp_path / "parts.yaml"
    path.write_text(DOCUMENT.format(properties=CASES[case], line=LINE, node=NODE), "utf-8")
    spec = documents.load(path)
    work = derive.derivation(spec, spec.operations["send"])
    refused = [(one.payload, work.schema.problems(one.request)) for one in work.payloads() if one.payload.verdict == "reject"]
    assert len(refused) > 8
    for payload, problems in refused:
        named = [
            problem
            for problem in problems
            if (problem.place, problem.rule, problem.keyword) == (payload.place, payload.rule, payload.keyword)
        ]
        assert named, payload.id
        assert (named[0].message or named[0].keyword) in payload.title
        assert {problem.keyword for problem in problems if problem is not named[0]} == {*payload.beside}, payload.id


def test_a_part_of_a_tagged_branch_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "parts.yaml"
    path.write_text(DOCUMENT.format(properties=CASES["branches that a tag tells apart"], line=LINE, node=NODE), "utf-8")
    spec = documents.load(path)
    work = derive.derivation(spec, spec.operations["send"])
    looked, plain = [], work.schema.problems
    monkeypatch.setattr(work.schema, "problems", lambda request: looked.append(request) or plain(request))
    refused = [one for one in work.payloads() if one.payload.verdict == "reject"]
    about_lines = [one for one in refused if "/line/sku" in one.payload.place]
    assert len(about_lines) > 20
    assert len([request for request in looked if "sku" in str(request)]) <= len(about_lines) // 2
