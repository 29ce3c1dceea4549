"""What a schema allows and business may refuse is told as either, with the cause that may strike."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import documents
from contracts.payloads import derive
from contracts.payloads.doubts import doubted
from contracts.payloads.payload import Draft, Expected, Payload
from contracts.payloads.recipes import DOUBTS
from sandbox import codec

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


def about(operation: str, **members: Any) -> Payload:
    body = codec.dump({"account": 1, "order_number": "a", "destination_country_iso3": "DEU", "recipient_email": "a@b.example"} | members)
    draft = Draft("PUT", "/v4/track/orders/", "", {"content-type": "application/json"}, body)
    return Payload("one", "One", "valid", operation, draft, "accept", Expected((201,)), f"/{next(iter(members))}", "")


LINES = [{"line_item_id": "1", "quantity": 1}]
CANCELS = [{"type": "change_line_item_quantity", "line_items": [{"line_item_id": "1", "quantity_to_cancel": 2}]}]
ADDS = [{"type": "add_tracking", "tracking": {"courier": "dhl", "tracking_number": "1"}}]


@pytest.mark.parametrize("operation", ["createOrder", "putOrder"])
def test_what_a_body_holds_decides_whether_business_may_refuse_it(operation: str) -> None:
    found = SPEC["parcellab"].operations[operation]
    for members, cause in (
        ({"articles_order": LINES}, None),
        ({"articles_order": LINES * 2}, "duplicate-line-item"),
        ({"mutations": CANCELS}, None),
        ({"mutations": CANCELS, "articles_order": LINES}, "too-much-cancelled"),
        ({"mutations": ADDS}, None),
        ({"articles_order": None}, None),
        ({"mutations": None}, None),
    ):
        assert doubted(SPEC["parcellab"], found, about(operation, **members)).expected.cause == cause, members


def test_an_account_that_took_payloads_before_may_have_the_parcel_on_another_order() -> None:
    found = SPEC["parcellab"].operations["putOrder"]
    told = doubted(SPEC["parcellab"], found, about("putOrder", mutations=ADDS), shared=True)
    assert (told.verdict, told.expected.cause) == ("either", "tracking-on-another-order")


PICKUP = {"type": "pickup", "pickup": {"name": "a"}}


@pytest.mark.parametrize(
    ("place", "body", "cause"),
    [
        ("/pickup", PICKUP, None),
        ("/pickup", PICKUP | {"provider": "Self Delivery", "trackingId": "1"}, None),
        ("/pickup", PICKUP | {"provider": "a", "trackingId": "1"}, "unknown-provider"),
        ("/pickupTime", {"pickupTime": {"startsAt": 2, "endsAt": 1}}, "reversed-window"),
        ("/pickupTime", {"pickupTime": {"startsAt": 1, "endsAt": 1}}, None),
        ("/pickupTime", {"pickupTime": {"startsAt": 1}}, None),
        ("/pickupTime", {"pickupTime": None}, None),
        ("/locationExternalId", {"locationExternalId": "a"}, "unknown-location"),
    ],
)
def test_recipes_tell_more_of_a_cause_than_the_document_does(place: str, body: dict[str, Any], cause: str | None) -> None:
    spec = SPEC["delivery_solutions"]
    draft = Draft("POST", "/tracker/v2/trackers", "", {"content-type": "application/json"}, codec.dump(body))
    payload = Payload("one", "One", "valid", "createTracker", draft, "accept", Expected((201,)), place, "")
    told = doubted(spec, spec.operations["createTracker"], payload)
    assert (told.expected.cause, told.verdict) == (cause, "either" if cause else "accept")
