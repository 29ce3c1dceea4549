"""What is told of a value in Python is what the validator tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import documents
from contracts.payloads import derive
from contracts.payloads.judge import same

FOLDER = Path(__file__).parent / "documents"
NAMES = ["trackru", "delivery_solutions", *map(str, sorted(FOLDER.glob("*.yaml")))]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: Path(name).stem)
def test_a_request_holds_where_the_validator_accepts_it(name: str) -> None:
    spec = documents.load(name)
    for operation in spec.operations.values():
        work = derive.derivation(spec, operation)
        told = [(one.payload.id, work.schema.bundle.holds(work.schema.root, one.request), one.request) for one in work.payloads()]
        assert [ident for ident, holds, request in told if holds is not work.schema.ok(request)] == []


def test_values_are_equal_as_json_has_it() -> None:
    assert same(1, 1.0)
    assert same({"a": [1]}, {"a": [1.0]})
    assert not same(1, True)
    assert not same("1", 1)
    assert not same([1], [1, 1])
