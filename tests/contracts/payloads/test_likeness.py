"""What was found for one schema is good for all that are like it, and for no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import documents
from contracts.payloads import coverage, derive, likeness
from contracts.payloads.likeness import Memory
from contracts.payloads.payload import Payload
from sandbox.spec import Spec


def derived(spec: Spec, name: str) -> list[Payload]:
    return list(derive.payloads(spec, spec.operations[name]))


@pytest.mark.parametrize("name", ["trackru", "delivery_solutions"])
def test_what_was_learnt_at_other_operations_changes_no_payload(name: str) -> None:
    spec = documents.load(name)
    alone = {}
    for operation in spec.operations:
        likeness.memory.cache_clear()
        alone[operation] = derived(spec, operation)
    likeness.memory.cache_clear()
    assert {operation: derived(spec, operation) for operation in reversed(spec.operations)} == alone


CODES = """
openapi: 3.1.0
info: {title: Codes, version: '1'}
paths:
  /codes:
    post:
      operationId: send
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties: {code: {$ref: '#/components/schemas/Code'}}
              additionalProperties: {$ref: '#/components/schemas/Code'}
      responses: {'200': {description: Done}}
components:
  schemas:
    Code: {type: string, maxLength: 3}
"""


def test_a_plan_is_not_followed_where_other_values_are_there_already(tmp_path: Path) -> None:
    """The member `code` has a payload before its reference is followed, that it may be there at all; any other member has none."""
    (tmp_path / "codes.yaml").write_text(CODES, "utf-8")
    spec = documents.load(tmp_path / "codes.yaml")
    score = coverage.score(spec, spec.operations["send"])
    assert [survivor.edit for survivor in score.unproven] == []
    killers = {kill.edit: kill.payload for kill in score.kills}
    longer = {edit: payload for edit, payload in killers.items() if edit.endswith("maxLength dropped")}
    assert len(longer) == 2
    assert len({*longer.values()}) == 2


def test_schemas_have_one_number_if_they_say_the_same() -> None:
    memory = Memory()
    text = {"type": "string", "maxLength": 3}
    assert memory.number(text) == memory.number({"type": "string", "description": "A name", "maxLength": 3, "x-source": "a page"})
    assert memory.number(text) != memory.number({"type": "string", "maxLength": 4})
    assert memory.number(text) != memory.number({"type": "string", "maxLength": 3.0})
    assert memory.number(True) != memory.number({})
