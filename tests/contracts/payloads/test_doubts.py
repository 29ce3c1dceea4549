"""What a schema allows and business may refuse is told as either, with the cause that may strike."""

from __future__ import annotations

import pytest

from contracts import documents
from contracts.payloads import derive
from contracts.payloads.doubts import doubted
from contracts.payloads.payload import Payload
from contracts.payloads.recipes import DOUBTS

SPEC = {name: documents.load(name) for name in ("delivery_solutions", "parcellab", "trackru")}


def of(name: str, operation: str) -> dict[str, tuple[Payload, Payload]]:
    spec = SPEC[name]
    found = derive.payloads(spec, spec.operations[operation])
    return {payload.id: (payload, doubted(spec, spec.operations[operation], payload)) for payload in found}


def test_a_cause_that_the_document_says_how_to_avoid_may_strike_what_is_about_its_member_only() -> None:
    found = of("trackru", "lookUpTracking")
    changed = {before.place for before, after in found.values() if after != before}
    assert changed == {"/carrier_code"}
    for before, after in found.values():
        if after != before:
            assert (before.verdict, after.verdict) == ("accept", "either")
            assert (after.expected.cause, after.expected.code, after.expected.statuses) == ("bad-carrier", 4015, (200,))


@pytest.mark.parametrize(
    ("name", "operation"), [("parcellab", "getOrderInfo"), ("parcellab", "listOrders"), ("delivery_solutions", "listTrackers")]
)
def test_a_refused_payload_keeps_its_label(name: str, operation: str) -> None:
    found = of(name, operation)
    assert all(after == before for before, after in found.values() if before.verdict == "reject")
    assert all(max(after.expected.statuses) < 500 for _, after in found.values())


def test_the_fullest_list_holds_the_page_that_nobody_gave() -> None:
    found = of("delivery_solutions", "listTrackers")
    assert found["delivery_solutions.listTrackers.fullest"][1].verdict == "either"
    assert found["delivery_solutions.listTrackers.smallest"][1].verdict == "accept"


@pytest.mark.parametrize("name", DOUBTS)
def test_every_doubt_is_of_an_operation_and_of_a_cause_that_it_has(name: str) -> None:
    for doubt in DOUBTS[name]:
        assert doubt.cause in SPEC[name].operations[doubt.operation].causes
