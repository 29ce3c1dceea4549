"""What was found for one schema is good for all that are like it, and for no other."""

from __future__ import annotations

import pytest

from contracts import documents
from contracts.payloads import derive, likeness
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


def test_schemas_have_one_number_if_they_say_the_same() -> None:
    memory = Memory()
    text = {"type": "string", "maxLength": 3}
    assert memory.number(text) == memory.number({"type": "string", "description": "A name", "maxLength": 3, "x-source": "a page"})
    assert memory.number(text) != memory.number({"type": "string", "maxLength": 4})
    assert memory.number(text) != memory.number({"type": "string", "maxLength": 3.0})
    assert memory.number(True) != memory.number({})
