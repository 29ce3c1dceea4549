"""What business asks for and no schema does stands around every derived payload, and nothing else does."""

from __future__ import annotations

import json

import pytest

from contracts import documents
from contracts.payloads import derive
from contracts.payloads.doubts import striking
from contracts.payloads.payload import Payload
from contracts.payloads.selection import Selection

PARCELLAB = documents.load("parcellab")
NEEDED = {"account", "order_number", "destination_country_iso3", "recipient_email"}
SET_UP = ("/delivery_method", "/order_status")  # names that an account must have set up


def of(operation: str) -> list[Payload]:
    selection = Selection(PARCELLAB, (operation,), frozenset(("valid", "invalid")))
    return [payload for payload in selection.payloads() if payload.place.startswith("/") and not payload.draft.raw]


@pytest.fixture(scope="module")
def put() -> list[Payload]:
    return of("putOrder")


def test_a_change_of_an_order_that_is_not_there_holds_what_a_new_one_needs(put: list[Payload]) -> None:
    lacking = [payload.id for payload in put if payload.draft.body and not json.loads(payload.draft.body).keys() >= NEEDED]
    about_names = [payload for payload in lacking if "external_id" in payload or "order_number" in payload or "missing" in payload]
    assert len(put) > 9000
    assert len(lacking) < 20, lacking
    assert about_names


def test_so_it_is_accepted_where_its_schema_is_kept(put: list[Payload]) -> None:
    for payload in put:
        if payload.verdict == "either":
            assert payload.place in SET_UP or payload.expected.cause == "duplicate-line-item", payload.id
    assert sum(payload.verdict == "accept" for payload in put) > 6000


@pytest.mark.parametrize("operation", ["createOrder", "putOrder"])
def test_a_member_is_alone_among_those_that_are_needed(operation: str) -> None:
    about = [json.loads(payload.draft.body or b"") for payload in of(operation) if payload.place == "/recipient_name"]
    assert len(about) > 15
    for body in about:
        assert body.keys() == NEEDED | {"recipient_name"}


def test_the_smallest_request_stays_the_smallest() -> None:
    operation = PARCELLAB.operations["putOrder"]
    smallest = next(derive.payloads(PARCELLAB, operation))
    body = json.loads(smallest.draft.body or b"")
    assert body.keys() == {"external_id"}
    assert [cause.name for cause in striking(PARCELLAB, operation, "", smallest.draft, body)] == ["missing-for-create"]
