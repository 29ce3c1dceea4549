"""What there is to check of a document: all of it, or a sample, and nothing that could never be tried."""

from __future__ import annotations

import pytest

from contracts import documents
from contracts.providers import PROVIDERS
from contracts.run.catalogue import items

SPEC = {name: documents.load(name) for name in PROVIDERS}


def rows(name: str, **how: int) -> set[str]:
    return {item.trial.cause.where for item in items(SPEC[name], sample=bool(how), **how) if item.trial}


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_row_of_the_table_of_causes_is_an_item_in_a_sample_too(name: str) -> None:
    spec = SPEC[name]
    tables = [spec.causes, *(operation.causes for operation in spec.operations.values())]
    whole = {cause.where for table in tables for cause in table.values()}
    assert rows(name) == rows(name, seed=1) == whole


def test_what_one_operation_cannot_be_refused_for_is_no_item_when_another_can() -> None:
    told = [(item.trial.operation, item.trial.cause.name) for item in items(SPEC["trackru"]) if item.trial]
    assert ("createTracking", "malformed") in told
    assert ("getTracking", "malformed") not in told


def test_three_samples_are_all_promises() -> None:
    whole = {item.promise.name for item in items(SPEC["trackru"]) if item.kind == "promise"}
    parts = [{item.promise.name for item in items(SPEC["trackru"], sample=True, seed=seed) if item.kind == "promise"} for seed in range(3)]
    assert set.union(*parts) == whole
    assert all(len(part) < len(whole) / 2 for part in parts)


def test_what_spoils_an_account_comes_last() -> None:
    alone = [item.promise.alone for item in items(SPEC["delivery_solutions"])]
    assert any(alone)
    assert alone == sorted(alone)
